"""What limits rest on, fake and real alike: what was granted of an order; by whom, on which day, in which currency."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.change import NOTHING_YET, Change, Granted, GrantedToday, Push
from chalicelib.domain.cases.commands import Approve, OrderMoved
from chalicelib.domain.errors import Conflict
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import with_body
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.ports import Store
from infra.sandbox.builders import NOW, SELLER, SUPPORT, SYSTEM, a_body, a_policy, an_asking
from tests.contract.rows import answer, opened, pushed

TODAY = NOW.date()


def order_in(store: Store, order_id: str = "LZD-1") -> Order:
    found = store.order(order_id)
    assert found
    return found


def test_an_order_remembers_the_list_price_of_what_was_granted(store: Store) -> None:
    two = (Line(line_id="1", name="Kaus", quantity=2, unit_price=100_000),)
    seen, patient = pushed(store, lines=two, tenders={"cod": 200_000}, paid=False), a_policy(max_attempts=9)
    store.commit(an_asking(seen, lines={"1": 1}, policy=patient))
    assert order_in(store).granted_worth == 0
    store.commit(answer(store, Approve()))
    assert order_in(store).granted_worth == 100_000
    at_once = an_asking(order_in(store), case_id="c2", reason_code="out_of_stock", actor=SELLER, accept_terms=False)
    store.commit(at_once)
    assert order_in(store).granted_worth == 200_000


def test_no_push_makes_it_less(store: Store) -> None:
    opened(store)
    store.commit(answer(store, Approve()))
    before = order_in(store)
    cheaper = a_body(version=2, lines=(Line(line_id="2", name="Topi", quantity=1, unit_price=1),))
    after = with_body(before, cheaper, NOW)
    assert after
    store.commit(Change(push=Push(before=before, after=replace(after, granted_worth=0))))
    assert order_in(store).worth({"2": 1}) == Money(150_001, "IDR")


def test_what_is_recalled_was_not_granted(store: Store) -> None:
    opened(store, tenders={"card": 150_000})
    store.commit(answer(store, Approve()))
    assert order_in(store).granted_worth == 150_000
    store.commit(answer(store, OrderMoved(order_status=OrderStatus.SHIPPED), actor=SYSTEM))
    assert order_in(store).granted_worth == 0


def a_grant(store: Store, number: int, worth: Money, seen: GrantedToday, person: str = "sari") -> Change:
    """An approval that counts so much; not committed yet."""
    case_id = f"c{number}"
    opened(store, case_id, order_id=f"O-{number}")
    granted = Granted(person=person, day=TODAY, worth=worth, seen=seen)
    return replace(answer(store, Approve(), case_id, SUPPORT), granted=granted)


def test_what_a_person_grants_on_a_day_is_counted_by_currency(store: Store) -> None:
    assert store.granted("sari", TODAY) == NOTHING_YET
    for number, worth in enumerate((Money(100, "IDR"), Money(99_900, "USD"), Money(50, "IDR"), Money(0, "KWD"))):
        store.commit(a_grant(store, number, worth, store.granted("sari", TODAY)))
    found = store.granted("sari", TODAY)
    assert [found.so_far(each) for each in ("IDR", "USD", "KWD", "JPY")] == [
        Money(150, "IDR"),
        Money(99_900, "USD"),
        Money(0, "KWD"),
        Money(0, "JPY"),
    ]
    assert store.granted("rini", TODAY) == store.granted("sari", TODAY + timedelta(days=1)) == NOTHING_YET


def test_a_grant_that_did_not_see_the_one_before_conflicts_and_changes_nothing(store: Store) -> None:
    first, second = (a_grant(store, number, Money(100, "IDR"), NOTHING_YET) for number in (1, 2))
    store.commit(first)
    with pytest.raises(Conflict):
        store.commit(second)
    assert store.granted("sari", TODAY).so_far("IDR") == Money(100, "IDR")
    assert order_in(store, "O-2").open_case == "c2"
    again = replace(
        second, granted=Granted(person="sari", day=TODAY, worth=Money(100, "IDR"), seen=store.granted("sari", TODAY))
    )
    store.commit(again)
    store.commit(again)
    assert store.granted("sari", TODAY).so_far("IDR") == Money(200, "IDR")


def test_a_grant_in_another_currency_is_seen_as_well(store: Store) -> None:
    first, second = (a_grant(store, n, Money(100, currency), NOTHING_YET) for n, currency in enumerate(("IDR", "USD")))
    store.commit(first)
    with pytest.raises(Conflict):
        store.commit(second)
