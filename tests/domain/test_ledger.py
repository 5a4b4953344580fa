"""The ledger: entries balance because nothing else can be said, and accounts come to where the money is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import Approve, Expire, OrderMoved, RefundFailed, RefundSucceeded, Said
from chalicelib.domain.cases.money_moves import moved_money
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.money.ledger import (
    Holding,
    LedgerAccount,
    LedgerEntry,
    Move,
    Occasion,
    entry_of_debit,
    moves_of,
    sums_of,
)
from chalicelib.domain.money.refund import PartState, Refund, RefundPart
from chalicelib.domain.money.wallet import Credit, Debit
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor
from infra.sandbox.builders import NOW, SELLER, SYSTEM, a_case, a_context, a_policy, an_act, an_asking, an_order
from tests.domain.money_orders import MANY

WALLET, TRANSIT, PAID, DUE, PROMOTIONS, FEES, SELLERS, OPENING = (
    LedgerAccount.BUYER_WALLET,
    LedgerAccount.PROVIDERS_IN_TRANSIT,
    LedgerAccount.PROVIDERS_PAID,
    LedgerAccount.REFUNDS_DUE,
    LedgerAccount.PROMOTIONS,
    LedgerAccount.FEES,
    LedgerAccount.SELLER_REVERSALS,
    LedgerAccount.OPENING,
)


def held(entries: Sequence[LedgerEntry]) -> dict[tuple[LedgerAccount, str], int]:
    """What each owner has in each account, where that is anything."""
    sums = sums_of(entries)
    return {(holding.account, holding.owner): amount for (holding, _), amount in sums.items() if amount}


def a_holding(owner: str = "a", account: LedgerAccount = WALLET) -> Holding:
    return Holding(account=account, owner=owner)


# --- entries


@pytest.mark.parametrize(("target", "amount"), [("b", 0), ("b", -1), ("a", 5)])
def test_what_moves_nothing_is_no_move(target: str, amount: int) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        Move(source=a_holding("a"), target=a_holding(target), amount=amount)


def moves() -> st.SearchStrategy[Move]:
    holdings = st.builds(a_holding, st.sampled_from("abc"), st.sampled_from(list(LedgerAccount)))
    pairs = st.tuples(holdings, holdings).filter(lambda pair: pair[0] != pair[1])
    return st.builds(lambda pair, amount: Move(source=pair[0], target=pair[1], amount=amount), pairs, st.integers(1))


@MANY
@given(st.lists(moves(), max_size=8))
def test_whatever_moves_an_entry_balances(given_moves: list[Move]) -> None:
    entry = LedgerEntry(entry_id="e", at=NOW, what=Occasion.OPENING, currency="IDR", moves=tuple(given_moves))
    assert sum(leg.amount for leg in entry.legs) == 0
    assert sum(abs(leg.amount) for leg in entry.legs) == 2 * sum(move.amount for move in given_moves)
    assert sum(sums_of([entry]).values()) == 0


def test_currencies_are_never_added_to_each_other() -> None:
    move = Move(source=a_holding("a"), target=a_holding("b"), amount=5)
    entries = [
        LedgerEntry(entry_id=currency, at=NOW, what=Occasion.OPENING, currency=currency, moves=(move,))
        for currency in ("IDR", "USD")
    ]
    assert sums_of(entries) == {
        (a_holding(owner), currency): amount for currency in ("IDR", "USD") for owner, amount in (("a", -5), ("b", 5))
    }


# --- a refund, wherever its parts go


Parts = dict[str, tuple[Method, int, PartState]]


def a_refund(parts: Parts, *, in_ledger: bool = True) -> Refund:
    """A refund of these parts, by the ids of their tenders."""
    made = tuple(
        RefundPart(method=method, amount=amount, state=state, arrives_by=NOW, tender_id=tender_id)
        for tender_id, (method, amount, state) in parts.items()
    )
    total = sum(part.amount for part in made)
    return Refund(refund_id="rf_c1", currency="IDR", total=total, parts=made, in_ledger=in_ledger)


def a_credit(amount: int, part: str = "wallet") -> Credit:
    return Credit(
        buyer_id="budi",
        currency="IDR",
        amount=amount,
        refund_id="rf_c1",
        part=part,
        case_id="c1",
        order_id="LZD-1",
        at=NOW,
    )


# Where a part's money is, typed by hand.
IS_IN = {
    PartState.PAID: (PAID, None),
    **dict.fromkeys((PartState.DUE, PartState.SENT, PartState.PENDING), (TRANSIT, None)),
    PartState.GIVEN_BACK: (PROMOTIONS, None),
    **dict.fromkeys((PartState.FAILED, PartState.REVERSED, PartState.HELD), (DUE, "rf_c1")),
    PartState.NEEDS_ACCOUNT: (DUE, "rf_c1"),
}


@st.composite
def lives_of_a_refund(draw: st.DrawFn) -> list[tuple[Refund | None, tuple[Credit, ...]]]:
    """Refunds as they follow each other in a case, with what each step puts into the wallet: parts come, go, change
    their state and their amount; several share a method. What a wallet got stays there."""
    states, amounts = st.sampled_from(list(PartState)), st.integers(0, 10**9)
    methods = {tender_id: draw(st.sampled_from(list(Method))) for tender_id in "abcdef"}
    life: list[tuple[Refund | None, tuple[Credit, ...]]] = []
    in_wallet: Parts = {}
    for _ in range(draw(st.integers(1, 6))):
        if not in_wallet and draw(st.integers(0, 4)) == 0:
            life.append((None, ()))
            continue
        last = life[-1][0] if life else None
        before = {part.tender_id: (part.method, part.amount, part.state) for part in (last.going if last else ())}
        parts: Parts = {
            tender_id: draw(st.sampled_from([before.get(tender_id), None]))
            or (methods[tender_id], draw(amounts), draw(states))
            for tender_id in draw(st.lists(st.sampled_from("abcdef"), unique=True))
        }
        parts |= in_wallet
        credits = tuple(
            a_credit(amount, tender_id)
            for tender_id, (method, amount, state) in parts.items()
            if state is PartState.PAID
            and before.get(tender_id) != (method, amount, state)
            and amount
            and draw(st.booleans())
        )
        in_wallet |= {credit.part: parts[credit.part] for credit in credits}
        life.append((a_refund(parts), credits))
    return life


@MANY
@given(lives_of_a_refund())
def test_accounts_come_to_where_the_parts_of_a_refund_are(life: list[tuple[Refund | None, tuple[Credit, ...]]]) -> None:
    before, entries, credited = None, list[LedgerEntry](), Counter[str]()
    for after, credits in life:
        moved = moves_of(before, after, credits, "toko-baju")
        entries.append(LedgerEntry(entry_id="e", at=NOW, what=Occasion.REFUND_MOVED, currency="IDR", moves=moved))
        credited.update({credit.part: credit.amount for credit in credits})
        wanted = Counter[tuple[LedgerAccount, str]]({(WALLET, "budi"): credited.total()})
        for part in after.going if after else ():
            account, owner = IS_IN[part.state]
            # What the marketplace gives back itself is where it was once it says so.
            if part.state is PartState.PAID and part.method in ("voucher", "coins"):
                account = PROMOTIONS
            elif part.state in (PartState.PAID, PartState.GIVEN_BACK) and part.method not in ("voucher", "coins"):
                theirs = part.state is PartState.GIVEN_BACK or part.method == "store_credit"
                account, owner = (LedgerAccount.STORE_CREDITS, "marketplace") if theirs else (account, owner)
            if part.tender_id not in credited:
                wanted[account, owner or part.method] += part.amount
        wanted[SELLERS, "toko-baju"] = -wanted.total()
        assert held(entries) == {key: amount for key, amount in wanted.items() if amount}
        before = after


def test_a_refund_from_before_the_ledger_is_opened_with_what_was_on_its_way() -> None:
    parts: Parts = {
        "w": (Method.WALLET, 40, PartState.PAID),
        "k": (Method.COINS, 30, PartState.GIVEN_BACK),
        "c": (Method.CARD, 20, PartState.DUE),
        "b": (Method.BANK, 10, PartState.FAILED),
    }
    old = a_refund(parts, in_ledger=False)
    paid = a_refund({**parts, "c": (Method.CARD, 20, PartState.PAID), "b": (Method.BANK, 10, PartState.PAID)})
    entry = LedgerEntry(
        entry_id="e", at=NOW, what=Occasion.REFUND_MOVED, currency="IDR", moves=moves_of(old, paid, (), "toko-baju")
    )
    assert held([entry]) == {(OPENING, "marketplace"): -30, (PAID, "card"): 20, (PAID, "bank"): 10}


# --- decisions


def entries_of(*changes: Change) -> list[LedgerEntry]:
    return [change.ledger for change in changes if change.ledger]


CARD = an_order(tenders={"card": 150_000})
PACKED = an_order(status="ready_to_ship", tenders={"card": 150_000})


def decided(
    case: Case, said: Said, actor: Actor = SELLER, *, of: Order = CARD, now: datetime = NOW
) -> tuple[Case, Change]:
    change = advance(case, an_act(said, actor, now=now), a_context(order=of))
    assert change.case
    return change.case, change


def test_every_kind_of_part_and_the_fee_are_in_the_entry_of_the_yes() -> None:
    order = an_order(
        status="ready_to_ship", tenders={"card": 60_000, "wallet": 50_000, "coins": 25_000, "voucher": 15_000}
    )
    case, change = decided(a_case(order), Approve(), of=order)
    assert case.refund
    kept = case.quote.fees_total
    assert kept > 0
    (entry,) = entries_of(change)
    assert (entry.what, entry.entry_id, entry.at) == (Occasion.REFUND_GRANTED, f"{case.case_id}:2", NOW)
    assert (entry.order_id, entry.case_id, entry.refund_id) == ("LZD-1", "c1", "rf_c1")
    by_method = {part.method: part.amount for part in case.refund.parts}
    accounts = {"card": TRANSIT, "coins": PROMOTIONS, "voucher": PROMOTIONS}
    assert held([entry]) == {
        (SELLERS, "toko-baju"): -150_000,
        (WALLET, "budi"): by_method[Method.WALLET],
        (FEES, "lazada"): kept,
        **{(account, name): by_method[Method(name)] for name, account in accounts.items() if Method(name) in by_method},
    }
    assert [(leg.part, leg.amount) for leg in entry.legs if leg.holding.account is WALLET] == [
        ("wallet", by_method[Method.WALLET])
    ]


def test_a_decision_that_moves_no_money_is_in_no_ledger() -> None:
    _, moved = decided(a_case(CARD), OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM)
    assert moved.ledger is None
    unpaid = an_asking(an_order(status="unpaid", paid=False))
    assert unpaid.case
    assert (unpaid.case.outcome, unpaid.ledger) == (Outcome.CANCELLED, None)


def test_a_further_try_is_on_its_way_again() -> None:
    case, granted = decided(a_case(CARD), Approve())
    assert case.deadline_at
    case, failed = decided(case, RefundFailed(event_id="e1", amount=150_000), SYSTEM)
    assert held(entries_of(granted, failed)) == {(SELLERS, "toko-baju"): -150_000, (DUE, "rf_c1"): 150_000}
    assert case.deadline_at
    case, again = decided(case, Expire(), SYSTEM, now=case.deadline_at)
    assert again.ledger
    assert held(entries_of(granted, failed, again)) == {(SELLERS, "toko-baju"): -150_000, (TRANSIT, "card"): 150_000}
    case, paid = decided(case, RefundSucceeded(event_id="e2", amount=150_000), SYSTEM)
    assert held(entries_of(granted, failed, again, paid)) == {
        (SELLERS, "toko-baju"): -150_000,
        (PAID, "card"): 150_000,
    }


def test_a_recalled_refund_leaves_nothing_behind_not_even_its_fee() -> None:
    case, granted = decided(a_case(PACKED), Approve(), of=PACKED)
    assert case.quote.fees_total
    moved = OrderMoved(order_status=OrderStatus.SHIPPED)
    promised = replace(PACKED, books=granted.slot.books, cancelled={"1": 1}) if granted.slot else PACKED
    case, recalled = decided(case, moved, SYSTEM, of=promised, now=NOW + timedelta(minutes=1))
    assert (case.state, case.refund) == (State.AWAITING_SUPPORT, None)
    assert [entry.what for entry in entries_of(granted, recalled)] == [
        Occasion.REFUND_GRANTED,
        Occasion.REFUND_RECALLED,
    ]
    assert held(entries_of(granted, recalled)) == {}


def test_an_old_refund_that_is_recalled_gives_back_no_fee_that_was_never_booked() -> None:
    case, _ = decided(a_case(PACKED), Approve(), of=PACKED)
    assert case.refund
    old = replace(case, refund=replace(case.refund, in_ledger=False))
    _, entry = moved_money(old, replace(old, refund=None), (), 3, NOW)
    assert entry
    assert held([entry]) == {(OPENING, "marketplace"): -case.refund.total, (SELLERS, "toko-baju"): case.refund.total}


def test_an_old_refund_is_opened_by_whatever_is_next_said_of_it_and_only_once() -> None:
    case, _ = decided(a_case(CARD), Approve())
    assert case.refund
    assert case.deadline_at
    old = replace(case, refund=replace(case.refund, in_ledger=False))
    asked, first = decided(old, Expire(), SYSTEM, now=case.deadline_at)
    assert held(entries_of(first)) == {(OPENING, "marketplace"): -150_000, (TRANSIT, "card"): 150_000}
    _, second = decided(asked, RefundSucceeded(event_id="e1", amount=150_000), SYSTEM)
    assert held(entries_of(first, second)) == {(OPENING, "marketplace"): -150_000, (PAID, "card"): 150_000}


# --- a marketplace with a wallet of its own


@pytest.mark.parametrize("method", [Method.WALLET, Method.COD])
def test_without_the_built_in_wallet_a_provider_pays_what_would_have_gone_into_it(method: Method) -> None:
    policy = a_policy(built_in_wallet=False)
    case = a_case(policy=policy)
    tender = replace(case.quote.tenders[0], method=method, tender_id=method.value)
    order = an_order(tenders={method.value: 150_000}, status="delivered" if method is Method.COD else "processing")
    change = advance(
        replace(case, quote=replace(case.quote, tenders=(tender,))), an_act(Approve()), a_context(policy, order=order)
    )
    assert change.case
    assert change.case.refund
    assert (change.case.state, change.credits) == (State.REFUNDING, ())
    assert [part.state for part in change.case.refund.parts] == [PartState.DUE]
    assert change.entry
    assert "refund.requested" in (change.entry.events or {})
    paid = RefundSucceeded(event_id="e1", amount=150_000)
    closed = advance(change.case, an_act(paid, SYSTEM), a_context(policy))
    assert closed.case
    assert closed.case.outcome is Outcome.CANCELLED
    assert held(entries_of(change, closed)) == {(SELLERS, "toko-baju"): -150_000, (PAID, method): 150_000}


def test_cases_from_before_the_switch_have_the_built_in_wallet() -> None:
    case = a_case()
    assert case.policy.built_in_wallet
    change = advance(case, an_act(Approve(), SELLER), a_context(a_policy(built_in_wallet=False)))
    assert [credit.amount for credit in change.credits] == [150_000]


# --- debits


def a_debit(**more: Any) -> Debit:
    plain = {"buyer_id": "budi", "currency": "IDR", "amount": 5, "event_id": "e1", "reason": "LZD-9", "at": NOW}
    return Debit(**{**plain, **more})


def test_a_debit_is_an_entry_that_takes_from_the_wallet() -> None:
    entry = entry_of_debit(a_debit())
    assert held([entry]) == {(WALLET, "budi"): -5, (LedgerAccount.WALLET_DEBITS, "marketplace"): 5}
    assert (entry.what, entry.event_id, entry.order_id) == (Occasion.WALLET_DEBITED, "e1", None)


def test_debits_of_different_events_never_have_one_name() -> None:
    debits = [
        a_debit(buyer_id=buyer_id, event_id=event_id, currency=currency)
        for buyer_id, event_id in (("a", "b"), ("a#IDR", "b"), ("a", "IDR#b"), ("a%23IDR", "b"), ("b", "a"))
        for currency in ("IDR", "USD")
    ]
    assert len({entry_of_debit(debit).entry_id for debit in debits}) == len(debits)
    assert entry_of_debit(a_debit()).entry_id == entry_of_debit(a_debit(amount=6, at=NOW + timedelta(1))).entry_id


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"reason": "another word"}, True),
        ({"at": NOW + timedelta(hours=1)}, True),
        ({"amount": 6}, False),
        ({"event_id": "e2"}, False),
        ({"currency": "USD"}, False),
        ({"buyer_id": "ani"}, False),
    ],
)
def test_two_words_of_one_event_are_the_same_where_they_are_about_the_same_money(
    change: dict[str, Any], *, same: bool
) -> None:
    assert a_debit().is_told_as(a_debit(**change)) is same
