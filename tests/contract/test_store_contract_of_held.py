"""What every Store must keep of the list of held effects: never less than the rows hold, never more is shown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.cases.case import Case, Pending
from chalicelib.domain.cases.effects import Promise, encode
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ports import Held, Store
from infra.sandbox.builders import NOW
from tests.contract.rows import opened
from tests.contract.test_store_contract_of_pages import all_of


def a_case(store: Store, case_id: str, order_id: str) -> Case:
    case = opened(store, case_id, order_id=order_id).case
    assert case
    return case


def holding(store: Store, case: Case, since: int = 0) -> list[Promise]:
    """The row as it is when everything that it promised was given up, so many minutes after NOW."""
    promises = list(case.outbox)
    store.list_held(case.case_id, promises, NOW + timedelta(minutes=since))
    after = replace(case, outbox=dict.fromkeys(promises, Pending(tries=80, held=True)), rev=case.rev + 1)
    assert store.save_outbox(case, after)
    return promises


def every(held: Held) -> bool:
    return True


def names(found: list[list[Held]]) -> list[list[tuple[str, str]]]:
    return [[(one.case.case_id, encode(one.promise)) for one in page] for page in found]


def test_what_is_held_is_listed_the_longest_held_first_each_once(store: Store) -> None:
    later = holding(store, a_case(store, "c1", "LZD-1"), since=5)
    sooner = holding(store, a_case(store, "c2", "LZD-2"), since=1)
    pages = all_of(lambda cursor: store.held(every, limit=3, cursor=cursor))
    assert {len(page) for page in pages[:-1]} == {3}
    flat = [each for page in names(pages) for each in page]
    assert len(flat) == len(set(flat)) == len(later) + len(sooner)
    assert [case_id for case_id, _ in flat] == ["c2"] * len(sooner) + ["c1"] * len(later)
    assert {one.since for one in pages[0]} == {NOW + timedelta(minutes=1)}


def test_only_what_the_row_still_holds_is_shown(store: Store) -> None:
    case = a_case(store, "c1", "LZD-1")
    store.list_held("c1", list(case.outbox), NOW)
    assert store.held(every).items == []
    promises = holding(store, case)
    held = store.case("c1")
    assert held
    again = replace(held, outbox={**held.outbox, promises[0]: Pending()}, rev=held.rev + 1)
    assert store.save_outbox(held, again)
    assert promises[0] not in [one.promise for one in store.held(every).items]
    store.unlist_held("c1", promises)
    store.unlist_held("c1", promises)
    assert store.held(every).items == []


def test_a_span_and_a_kind_of_it(store: Store) -> None:
    holding(store, a_case(store, "c1", "LZD-1"), since=5)
    holding(store, a_case(store, "c2", "LZD-2"), since=1)
    late = store.held(every, NOW + timedelta(minutes=2))
    assert {one.case.case_id for one in late.items} == {"c1"}
    starts = store.held(lambda one: one.promise.wakes)
    assert [encode(one.promise) for one in starts.items] == ["1:start", "1:start"]


def test_no_foreign_cursor(store: Store) -> None:
    with pytest.raises(Invalid):
        store.held(every, cursor="eyJ4IjoieSJ9")


def test_what_was_struck_and_never_went_out_is_held_anew(store: Store) -> None:
    case = a_case(store, "c1", "LZD-1")
    first, *_ = case.outbox
    struck = replace(case, outbox={key: each for key, each in case.outbox.items() if key != first}, rev=case.rev + 1)
    assert store.save_outbox(case, struck)
    store.list_held("c1", [first], NOW)
    after = replace(struck, outbox={**struck.outbox, first: Pending(tries=1, held=True)}, rev=struck.rev + 1)
    assert store.save_outbox(struck, after)
    assert store.case("c1") == replace(case, outbox=after.outbox, rev=after.rev)
    assert [one.promise for one in store.held(every).items] == [first]
