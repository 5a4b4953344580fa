"""What every Store must keep of wallets and of the ledger."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.commands import Approve, OrderMoved, RefundFailed, RefundSucceeded
from chalicelib.domain.errors import Conflict, Invalid, Refused
from chalicelib.domain.money.ledger import Holding, LedgerAccount, LedgerEntry, Occasion, entry_of_debit, sums_of
from chalicelib.domain.money.wallet import Credit, Debit, Wallet
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.ports import DAYS_OF_LEDGER, Page, Store, every
from infra.sandbox.builders import NOW, SYSTEM
from tests.contract.rows import answer, opened
from tests.proofs.figures import FULL

LONG_AGO, FAR_AHEAD = NOW - timedelta(days=DAYS_OF_LEDGER), NOW + timedelta(days=DAYS_OF_LEDGER)
DAY = timedelta(days=1)


def a_debit(amount: int = 40_000, event_id: str = "e1", **more: object) -> Debit:
    plain = {"buyer_id": "budi", "currency": "IDR", "reason": "order LZD-9", "at": NOW + timedelta(minutes=1)}
    return Debit(amount=amount, event_id=event_id, **{**plain, **more})  # type: ignore[arg-type]


def debited(debit: Debit) -> Change:
    return Change(debit=debit, ledger=entry_of_debit(debit))


def a_credit(number: int = 0, amount: int = 1, **more: object) -> Credit:
    plain = {"buyer_id": "budi", "currency": "IDR", "part": "wallet", "case_id": "c", "order_id": "o"}
    own = {"refund_id": f"rf_{number}", "at": NOW + timedelta(seconds=number)}
    return Credit(amount=amount, **{**plain, **own, **more})  # type: ignore[arg-type]


def refunded(store: Store) -> None:
    """Rp150.000 come into Budi's wallet."""
    opened(store)
    store.commit(answer(store, Approve()))


def booked(store: Store, currency: str = "IDR") -> list[LedgerEntry]:
    """The whole ledger of these weeks."""
    return list(every(lambda cursor: store.ledger(currency, LONG_AGO, FAR_AHEAD, limit=100, cursor=cursor)))


def of(account: LedgerAccount, owner: str) -> tuple[Holding, str]:
    return Holding(account=account, owner=owner), "IDR"


BUDIS = of(LedgerAccount.BUYER_WALLET, "budi")


def adds_up(store: Store) -> bool:
    """Whether balance, the wallet's own entries, and the ledger say the same."""
    wallet = store.wallet("budi", "IDR")
    entries = sum(each.amount if isinstance(each, Credit) else -each.amount for each in wallet.entries)
    return wallet.balance == entries == sums_of(booked(store)).get(BUDIS, 0)


# --- wallets


def test_a_debit_takes_money_out_of_a_wallet_and_stands_among_its_entries(store: Store) -> None:
    refunded(store)
    store.commit(debited(a_debit(40_000)))
    wallet = store.wallet("budi", "IDR")
    assert wallet.balance == 110_000
    assert wallet.entries[0] == a_debit(40_000)
    assert isinstance(wallet.entries[1], Credit)
    assert store.debit("budi", "IDR", "e1") == a_debit(40_000)
    assert store.debit("budi", "IDR", "e2") is None
    assert store.debit("ani", "IDR", "e1") is None
    assert adds_up(store)


def test_a_wallet_can_be_emptied_and_never_holds_less_than_nothing(store: Store) -> None:
    refunded(store)
    with pytest.raises(Conflict):
        store.commit(debited(a_debit(150_001)))
    assert store.debit("budi", "IDR", "e1") is None
    store.commit(debited(a_debit(150_000)))
    assert store.wallet("budi", "IDR").balance == 0
    with pytest.raises(Conflict):
        store.commit(debited(a_debit(1, "e2")))
    assert store.wallet("budi", "IDR").balance == 0
    assert adds_up(store)


def test_nothing_is_taken_out_of_a_wallet_that_nobody_ever_filled(store: Store) -> None:
    with pytest.raises(Conflict):
        store.commit(debited(a_debit(1)))
    assert store.wallet("budi", "IDR") == Wallet(buyer_id="budi", currency="IDR", balance=0, entries=[])
    assert booked(store) == []


def test_one_event_counts_once_and_the_same_commit_again_is_success(store: Store) -> None:
    refunded(store)
    store.commit(debited(a_debit(40_000)))
    store.commit(debited(a_debit(40_000)))
    with pytest.raises(Conflict):
        store.commit(debited(a_debit(40_000, at=NOW + timedelta(hours=1))))
    with pytest.raises(Conflict):
        store.commit(debited(a_debit(30_000)))
    assert store.wallet("budi", "IDR").balance == 110_000
    assert adds_up(store)


def test_wallets_of_two_currencies_know_nothing_of_each_other(store: Store) -> None:
    refunded(store)
    store.commit(Change(credits=(a_credit(amount=900, currency="USD"),)))
    store.commit(debited(a_debit(900, currency="USD")))
    with pytest.raises(Conflict):
        store.commit(debited(a_debit(1, "e2", currency="USD")))
    assert (store.wallet("budi", "IDR").balance, store.wallet("budi", "USD").balance) == (150_000, 0)
    assert [entry.what for entry in booked(store, "USD")] == [Occasion.WALLET_DEBITED]


def test_the_answer_to_a_debit_is_kept_with_it_or_not_at_all(store: Store) -> None:
    refunded(store)
    kept = Answered(key="k", fingerprint="f", status=201, body="{}", expires_at=NOW + timedelta(days=2))
    with pytest.raises(Conflict):
        store.commit(replace(debited(a_debit(150_001)), answered=kept))
    assert store.answered("k", NOW) is None
    store.commit(replace(debited(a_debit()), answered=kept))
    assert store.answered("k", NOW) == kept
    with pytest.raises(Refused) as refused:
        store.commit(replace(debited(a_debit(event_id="e2")), answered=kept))
    assert refused.value.code == "idempotency_in_progress"
    assert store.wallet("budi", "IDR").balance == 110_000


def test_ids_of_debits_are_of_any_kind_and_as_long_as_ids_may_be(store: Store) -> None:
    long = "\U0001f600" * 128
    for buyer_id, event_id in ((long, long), ("a#IDR", "b"), ("a", "IDR#b"), ("a%23IDR", "b")):
        credit = a_credit(buyer_id=buyer_id, refund_id=f"rf_{buyer_id[:7]}", amount=5)
        store.commit(Change(credits=(credit,)))
        store.commit(debited(a_debit(5, event_id, buyer_id=buyer_id)))
        assert store.wallet(buyer_id, "IDR").balance == 0
    assert len({entry.entry_id for entry in booked(store)}) == 4


def test_credits_and_debits_are_paged_together_the_newest_first(store: Store) -> None:
    for number in (0, 2, 4):
        store.commit(Change(credits=(a_credit(number),)))
    for number in (1, 3):
        at = NOW + timedelta(seconds=number)
        store.commit(debited(a_debit(1, f"e{number}", at=at)))
    read, cursor = [], None
    while True:
        wallet = store.wallet("budi", "IDR", limit=2, cursor=cursor)
        assert wallet.balance == 1
        read.append([(entry.at - NOW).seconds for entry in wallet.entries])
        if (cursor := wallet.next_cursor) is None:
            break
    assert read == [[4, 3], [2, 1], [0]]


# --- the ledger


def test_a_refund_into_the_wallet_is_an_entry_of_its_decision(store: Store) -> None:
    change = opened(store)
    approval = answer(store, Approve())
    assert change.ledger is None
    store.commit(approval)
    store.commit(approval)
    assert booked(store) == [approval.ledger]
    (entry,) = booked(store)
    assert (entry.entry_id, entry.what, entry.refund_id) == ("c1:2", Occasion.REFUND_GRANTED, "rf_c1")
    assert sums_of([entry]) == {of(LedgerAccount.SELLER_REVERSALS, "toko-baju"): -150_000, BUDIS: 150_000}
    assert adds_up(store)


def test_a_decision_that_was_not_committed_is_in_no_ledger(store: Store) -> None:
    opened(store)
    approval, other = answer(store, Approve()), answer(store, Approve(), decision_id="d-other")
    store.commit(approval)
    with pytest.raises(Conflict):
        store.commit(other)
    assert booked(store) == [approval.ledger]


def test_a_providers_part_goes_from_account_to_account(store: Store) -> None:
    opened(store, tenders={"card": 150_000})
    card, seller = of(LedgerAccount.PROVIDERS_IN_TRANSIT, "card"), of(LedgerAccount.SELLER_REVERSALS, "toko-baju")
    due = of(LedgerAccount.REFUNDS_DUE, "rf_c1")
    paid = of(LedgerAccount.PROVIDERS_PAID, "card")
    steps = (
        (Approve(), card),
        (RefundFailed(event_id="e1", amount=150_000), due),
        (RefundSucceeded(event_id="e2", amount=150_000), paid),
    )
    for number, (said, where) in enumerate(steps):
        more = {} if number == 0 else {"actor": SYSTEM}
        store.commit(answer(store, said, now=NOW + timedelta(minutes=number), **more))  # type: ignore[arg-type]
        assert {key: amount for key, amount in sums_of(booked(store)).items() if amount} == {
            seller: -150_000,
            where: 150_000,
        }


def test_a_refund_that_is_recalled_leaves_nothing_but_its_entries(store: Store) -> None:
    opened(store, tenders={"card": 150_000})
    store.commit(answer(store, Approve()))
    store.commit(answer(store, OrderMoved(order_status=OrderStatus.SHIPPED), actor=SYSTEM, now=NOW + DAY / 24))
    assert [entry.what for entry in booked(store)] == [Occasion.REFUND_GRANTED, Occasion.REFUND_RECALLED]
    assert set(sums_of(booked(store)).values()) == {0}


def filled(store: Store, days: int, a_day: int) -> list[str]:
    """Entries on so many days from NOW on; their events, oldest first."""
    for number in range(days * a_day):
        store.commit(Change(credits=(a_credit(number),)))
    names = []
    for day in range(days):
        for number in range(a_day):
            at = NOW + day * DAY + timedelta(seconds=number)
            names.append(f"e{day}-{number}")
            store.commit(debited(a_debit(1, names[-1], at=at)))
    return names


def pages_of(store: Store, since: datetime, until: datetime, limit: int = 2) -> list[list[str | None]]:
    """The events on every page, at most 200 pages."""
    read, cursor = [], None
    for _ in range(200):
        page = store.ledger("IDR", since, until, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        read.append([entry.event_id for entry in page.items])
        if (cursor := page.next_cursor) is None:
            return read
    raise AssertionError("the ledger has no end")


def test_the_ledger_is_read_page_by_page_the_oldest_first_over_days(store: Store) -> None:
    names = filled(store, days=3, a_day=3)
    for limit in (1, 2, 3, 4, 100):
        read = pages_of(store, NOW - DAY, NOW + 3 * DAY, limit)
        assert [name for page in read for name in page] == names, limit
        assert all(len(page) == limit for page in read[:-1]), limit


def test_the_ledger_begins_with_since_and_ends_before_until(store: Store) -> None:
    filled(store, days=2, a_day=3)
    second = timedelta(seconds=1)
    assert pages_of(store, NOW + second, NOW + 2 * second) == [["e0-1"]]
    assert pages_of(store, NOW + second, NOW + DAY + second) == [["e0-1", "e0-2"], ["e1-0"]]
    assert pages_of(store, NOW, NOW) == [[]]
    assert pages_of(store, NOW + second, NOW) == [[]]
    assert pages_of(store, NOW + DAY, NOW) == [[]]


def test_a_ledger_of_years_is_looked_through_in_bounded_steps(store: Store) -> None:
    names = filled(store, days=1, a_day=3)
    days = 400 if FULL else 2 * DAYS_OF_LEDGER
    read = pages_of(store, NOW - days * DAY, NOW + days * DAY)
    assert [name for page in read for name in page] == names
    assert len(read) <= 2 + -(-2 * days // DAYS_OF_LEDGER)


def test_a_currency_has_a_ledger_of_its_own(store: Store) -> None:
    store.commit(Change(credits=(a_credit(0), a_credit(1, currency="USD"))))
    store.commit(debited(a_debit(1, "e1")))
    store.commit(debited(a_debit(1, "e1", currency="USD")))
    assert [entry.currency for entry in booked(store)] == ["IDR"]
    assert [entry.currency for entry in booked(store, "USD")] == ["USD"]
    assert len({entry.entry_id for entry in (*booked(store), *booked(store, "USD"))}) == 2


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "WyJhIl0"])
def test_a_cursor_of_no_ledger_is_refused(store: Store, cursor: str) -> None:
    filled(store, days=1, a_day=3)
    with pytest.raises(Invalid) as invalid:
        store.ledger("IDR", LONG_AGO, FAR_AHEAD, cursor=cursor)
    assert invalid.value.code == "bad_cursor"


def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    filled(store, days=1, a_day=3)
    of_wallet = store.wallet("budi", "IDR", limit=1).next_cursor
    of_dollars: Page[LedgerEntry] = store.ledger("IDR", LONG_AGO, FAR_AHEAD, limit=1)
    assert of_wallet
    for currency, cursor in (("IDR", of_wallet), ("USD", of_dollars.next_cursor)):
        with pytest.raises(Invalid):
            store.ledger(currency, LONG_AGO, FAR_AHEAD, cursor=cursor)


# --- what came into wallets before there was a ledger


def test_old_credits_become_opening_entries_once(store: Store) -> None:
    old = (a_credit(0, 30_000, buyer_id="ani"), a_credit(1, 20_000), a_credit(2, 5, currency="USD"))
    for credit in old:
        store.commit(Change(credits=(credit,)))
    refunded(store)
    assert not adds_up(store)
    assert (store.open_ledger(), store.open_ledger()) == (3, 0)
    assert adds_up(store)
    opening = [entry for entry in booked(store) if entry.what is Occasion.OPENING]
    assert [(entry.at, entry.refund_id, entry.order_id) for entry in opening] == [
        (NOW, "rf_0", "o"),
        (NOW + timedelta(seconds=1), "rf_1", "o"),
    ]
    assert sums_of(opening)[of(LedgerAccount.OPENING, "marketplace")] == -50_000
    assert [entry.what for entry in booked(store, "USD")] == [Occasion.OPENING]
    store.commit(Change(credits=(a_credit(3, 7),)))
    assert store.open_ledger() == 1
    assert adds_up(store)
