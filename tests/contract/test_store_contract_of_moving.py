"""What every Store must do where orders and cases move in and out: guard fields that come along, timelines that are
there already, every order found."""

from dataclasses import replace

import pytest

from chalicelib.domain.cases.change import Change, Push, Slot
from chalicelib.domain.cases.commands import Withdraw
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Conflict
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Line
from chalicelib.domain.ports import Store, every
from infra.sandbox.builders import BUDI, a_context, an_act, an_asking, an_order


def test_every_order_is_found_page_by_page(store: Store) -> None:
    for number in range(7):
        store.commit(Change(push=Push(before=None, after=an_order(order_id=f"O-{number}"))))
    pages = every(lambda cursor: store.all_orders(limit=3, cursor=cursor))
    assert sorted(order.order_id for order in pages) == [f"O-{number}" for number in range(7)]


def test_an_order_of_another_house_brings_its_guard_fields_along_but_not_its_slot(store: Store) -> None:
    guard = {
        "cases": ("c1", "c2"),
        "attempts": 2,
        "return_attempts": 1,
        "granted_worth": 75_000,
        "cancelled": {"1": 1},
        "returned": {"2": 1},
    }
    lines = tuple(Line(line_id=name, name="Kemeja", quantity=2, unit_price=50_000) for name in ("1", "2"))
    kept = with_books(an_order(lines=lines, guard=guard), None)
    store.commit(Change(push=Push(before=None, after=kept, whole=True)))
    found = store.order(kept.order_id)
    assert found == replace(kept, rev=1)
    with pytest.raises(Conflict):
        store.commit(Change(push=Push(before=None, after=kept, whole=True)))


def test_a_case_of_another_house_comes_with_its_timeline_and_its_revision(store: Store) -> None:
    order = an_order()
    asked = an_asking(order)
    assert asked.case
    assert asked.entry
    ended = advance(asked.case, an_act(Withdraw(), BUDI), a_context(order=order))
    assert ended.case
    assert ended.entry
    case = replace(ended.case, rev=7, outbox={}, wake_at=None, lease_until=None)
    store.commit(Change(push=Push(before=None, after=replace(order, cases=(case.case_id,)), whole=True)))
    entries = [replace(entry, events=None) for entry in (asked.entry, ended.entry)]
    seen = store.order(order.order_id)
    slot = Slot(order_id=order.order_id, case_id=case.case_id, seen=seen, opens=True, beside=True)
    change = Change(case=case, earlier=(entries[0],), entry=entries[1], slot=slot)
    store.commit(change)
    found = store.case(case.case_id)
    assert found
    assert (found.rev, found.outcome, found.head) == (7, case.outcome, case.head)
    assert list(store.timeline(case.case_id)) == entries
    after = store.order(order.order_id)
    assert after
    assert (after.cases, after.open_case) == ((case.case_id,), None)
    # This very change again is success, and another one under its id is not.
    store.commit(change)
    other = replace(change, entry=replace(entries[1], decision_id="other"))
    with pytest.raises(Conflict):
        store.commit(other)
