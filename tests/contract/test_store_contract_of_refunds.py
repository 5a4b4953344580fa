"""What every Store must keep of refunds on their way: what providers are asked for, and which cases wait for money."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.commands import Approve, PartTold
from chalicelib.domain.money.books import books_of
from chalicelib.domain.money.chargebacks import ChargebackOf, with_chargeback
from chalicelib.domain.money.dispatch import Dispatch, DispatchId
from chalicelib.domain.money.payout import AccountSealed
from chalicelib.domain.money.providers import Became, ProviderAnswer
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.money.sending import Sending
from chalicelib.domain.orders.books import FirstWish
from chalicelib.domain.orders.chargebacks import ChargebackState, ChargebackWord
from chalicelib.domain.ports import OPEN_REFUND, Filter, Store
from infra.sandbox.builders import NOW, SYSTEM, an_order
from tests.contract.rows import answer, opened

HOUR = timedelta(hours=1)
CARD = {"card": 150_000}


def a_dispatch(case_id: str = "c1", part: str = "1", tries: int = 1, **more: object) -> Dispatch:
    sending = Sending(part=f"rf_{case_id}-{part}-{tries}", amount=150_000)
    plain = {"provider": "stripe", "sending": sending, "next_at": NOW}
    return Dispatch(id=DispatchId(case_id=case_id, part=part, tries=tries), **{**plain, **more})  # type: ignore[arg-type]


def told(store: Store, how: Told, hours: int, case_id: str = "c1") -> None:
    at = NOW + timedelta(hours=hours)
    report = Report(event_id=f"{how}-{hours}", part="1", told=how, amount=150_000, at=at)
    store.commit(answer(store, PartTold(report=report), case_id, SYSTEM, now=at))


def test_a_dispatch_is_written_once_and_then_from_revision_to_revision(store: Store) -> None:
    first = a_dispatch()
    assert store.dispatch(first.id) is None
    assert store.put_dispatch(first)
    assert not store.put_dispatch(a_dispatch(provider="xendit"))
    assert store.dispatch(first.id) == first
    answered = replace(
        first.sending, number=1, sent_at=NOW, answer=ProviderAnswer(became=Became.PENDING, reference="re")
    )
    second = replace(first, sending=answered, rev=2)
    assert store.put_dispatch(second)
    assert not store.put_dispatch(replace(second, next_at=None))
    assert store.dispatch(first.id) == second


def test_dispatches_are_due_by_their_moment_the_longest_first(store: Store) -> None:
    late, soon, later, done = (
        a_dispatch("c1", next_at=NOW - HOUR),
        a_dispatch("c2", next_at=NOW),
        a_dispatch("c3", next_at=NOW + HOUR),
        a_dispatch("c4", next_at=None),
    )
    for each in (soon, later, done, late):
        assert store.put_dispatch(each)
    assert list(store.due_dispatches(NOW, 10)) == [late.id, soon.id]
    assert list(store.due_dispatches(NOW, 1)) == [late.id]
    assert store.put_dispatch(replace(late, next_at=None, rev=2))
    assert list(store.due_dispatches(NOW + HOUR, 10)) == [soon.id, later.id]


@pytest.mark.parametrize("reference", ["re_1", "a#b%c", "x" * 256])
def test_a_dispatch_is_found_by_what_its_provider_knows_it_by(store: Store, reference: str) -> None:
    known = ProviderAnswer(became=Became.PENDING, reference=reference)
    dispatch = a_dispatch(sending=Sending(part="rf_c1-1-1", amount=1, number=1, sent_at=NOW, answer=known))
    assert store.put_dispatch(dispatch)
    assert store.dispatch_known_as("stripe", reference) == dispatch.id
    assert store.dispatch_known_as("xendit", reference) is None
    assert store.dispatch_known_as("stripe", "another") is None


def test_cases_are_found_by_how_their_refund_stands_also_when_they_are_closed(store: Store) -> None:
    def found(word: str, **more: str) -> list[str]:
        return [case.case_id for case in store.cases(Filter(refund=word, **more)).items]  # type: ignore[arg-type]

    opened(store, tenders=CARD)
    assert found("any") == []
    store.commit(answer(store, Approve()))
    assert found("pending") == found("due") == found("any") == found(OPEN_REFUND) == ["c1"]
    told(store, Told.FAILED, 1)
    assert (found("failed"), found("pending")) == (["c1"], [])
    told(store, Told.SUCCEEDED, 2)
    assert (found(OPEN_REFUND), found("succeeded")) == ([], ["c1"])
    told(store, Told.REVERSED, 3)
    assert found("reversed") == found("failed") == found(OPEN_REFUND) == ["c1"]
    # Among all that are closed it still stands.
    assert [case.case_id for case in store.cases(Filter(state="closed")).items] == ["c1"]
    assert found("failed", order_id="LZD-1") == ["c1"]


def test_coins_that_nobody_confirmed_are_found_though_their_case_is_closed(store: Store) -> None:
    opened(store, tenders={"coins": 150_000})
    store.commit(answer(store, Approve()))
    assert [case.case_id for case in store.cases(Filter(state="closed")).items] == ["c1"]

    def found(word: str) -> list[str]:
        return [case.case_id for case in store.cases(Filter(refund=word)).items]

    assert (found("sent"), found(OPEN_REFUND)) == (["c1"], [])
    told(store, Told.SUCCEEDED, 1)
    assert (found("sent"), found("succeeded")) == ([], ["c1"])


def an_account_row(case_id: str = "c1", account_id: str = "a1", fingerprint: str = "f1") -> AccountSealed:
    return AccountSealed(
        case_id=case_id,
        account_id=account_id,
        fingerprint=fingerprint,
        sealed=b"\x00not to be read\xff",
        kept_until=NOW + timedelta(days=3653),
    )


def test_an_account_lies_beside_its_case_as_it_was_sealed(store: Store) -> None:
    assert store.account("c1", "a1") is None
    store.put_account(an_account_row())
    store.put_account(an_account_row(account_id="a2", fingerprint="f2"))
    assert store.account("c1", "a1") == an_account_row()
    assert store.account("c2", "a1") is None


def test_the_same_account_is_found_again_by_its_fingerprint(store: Store) -> None:
    for each in (
        an_account_row(),
        an_account_row("c2", "a2"),
        an_account_row("c2", "a3"),
        an_account_row("c3", "a4", "f2"),
    ):
        store.put_account(each)
    assert sorted(store.cases_with_account("f1")) == ["c1", "c2"]
    assert store.cases_with_account("nobodys") in ([], ())


def disputed(store: Store, order_id: str, *states: ChargebackState, due_by: datetime | None = None) -> None:
    """The order, as its system told of a chargeback, listed as the workflow lists it."""
    order = store.order(order_id)
    for number, state in enumerate(states, start=1):
        word = ChargebackWord(event_id=f"e{number}", state=state, amount=150_000, due_by=due_by, at=NOW)
        told = ChargebackOf(tender_id="card", word=word)
        before = store.order(order_id) or order
        assert before
        after = with_chargeback(with_books(before, None), told, built_in_wallet=True)
        assert after
        store.list_chargeback(order_id, due_by)
        store.commit(Change(push=Push(before=before, after=after)))


def test_orders_that_banks_dispute_are_listed_by_the_day_of_the_answer(store: Store) -> None:
    days = {"INV/1#2": 3, "B": 1, "C%23": None, "D": 2}
    for order_id, day in days.items():
        store.commit(Change(push=Push(before=None, after=an_order(order_id=order_id, tenders=CARD))))
        ends = (ChargebackState.OPENED, ChargebackState.WON) if order_id == "D" else (ChargebackState.INQUIRY,)
        disputed(store, order_id, *ends, due_by=NOW + timedelta(days=day) if day else None)
    assert [order.order_id for order in store.open_chargebacks().items] == ["B", "INV/1#2", "C%23"]
    first = store.open_chargebacks(limit=1)
    assert [order.order_id for order in first.items] == ["B"]
    second = store.open_chargebacks(limit=1, cursor=first.next_cursor)
    assert [order.order_id for order in second.items] == ["INV/1#2"]
    store.list_chargeback("INV/1#2", NOW)
    assert [order.order_id for order in store.open_chargebacks().items] == ["INV/1#2", "B", "C%23"]
    for _ in range(2):
        store.unlist_chargeback("B")
    assert [order.order_id for order in store.open_chargebacks().items] == ["INV/1#2", "C%23"]
    (known,) = books_of(store.order("INV/1#2") or an_order()).chargebacks
    assert (known.state, known.amount, known.due_by) == (ChargebackState.INQUIRY, 150_000, NOW + timedelta(days=3))


def test_orders_that_want_a_second_person_are_listed_the_longest_waiting_first(store: Store) -> None:
    first = FirstWish(amount=10_000, tender_id="card", reason="goodwill", by="sari")
    for number, order_id in enumerate(("INV/1#2", "B", "C%23")):
        before = an_order(order_id=order_id, tenders=CARD)
        store.commit(Change(push=Push(before=None, after=before)))
        wish = None if order_id == "B" else first
        known = with_books(before, None)
        after = replace(known, books=replace(books_of(known), wish=wish))
        store.list_second_person(order_id, NOW - timedelta(hours=number))
        store.commit(Change(push=Push(before=store.order(order_id), after=after)))
    assert [order.order_id for order in store.wanting_second_person().items] == ["C%23", "INV/1#2"]
    page = store.wanting_second_person(limit=1)
    assert [order.order_id for order in page.items] == ["C%23"]
    rest = store.wanting_second_person(limit=1, cursor=page.next_cursor)
    assert [order.order_id for order in rest.items] == ["INV/1#2"]
    for _ in range(2):
        store.unlist_second_person("C%23")
    assert [order.order_id for order in store.wanting_second_person().items] == ["INV/1#2"]
