"""What the ledger must say (I12), checked from outside: against wallets, refunds and fees as their rows have them.

Where the money of a part is, by its state, is typed here by hand, not taken from the code under proof.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.dynamodb.money import ledger_entry_of
from chalicelib.domain.cases.case import Case
from chalicelib.domain.money.ledger import LedgerEntry
from chalicelib.domain.money.wallet import Credit, Wallet

WHERE = {
    **dict.fromkeys(("due", "sent", "pending"), "providers_in_transit"),
    **dict.fromkeys(("failed", "reversed", "held", "needs_account"), "refunds_due"),
    "given_back": "promotions",
}
ON_ITS_WAY = ("providers_in_transit", "providers_paid", "refunds_due")


def ledger_of(store: Any) -> Sequence[LedgerEntry]:
    """Every entry that a store has."""
    if isinstance(store, DynamoStore):
        row = store.tables.ledger
        return [ledger_entry_of(each) for each in row.scan(row.z.exists())]
    return list(store.ledger_rows.values())


def adds_up(store: Any, buyer_id: str, currency: str) -> bool:
    """Whether a wallet's balance, its own entries and the ledger are one sum, and not below zero."""
    wallet = store.wallet(buyer_id, currency)
    entries = sum(each.amount if isinstance(each, Credit) else -each.amount for each in wallet.entries)
    booked = sum(
        leg.amount
        for entry in ledger_of(store)
        for leg in entry.legs
        if (leg.holding.account, leg.holding.owner, entry.currency) == ("buyer_wallet", buyer_id, currency)
    )
    return bool(wallet.balance == entries == booked >= 0)


def ledger_violations(store: Any, wallet: Wallet, cases: Sequence[Case]) -> Iterator[str]:
    """What the ledger says wrongly of these cases, or of the wallet of their buyer."""
    entries = ledger_of(store)
    if len({entry.entry_id for entry in entries}) != len(entries):
        yield "I12: one entry stands twice"
    yield from (f"I12: {entry.entry_id} is out of balance" for entry in entries if _sum(entry))
    for case in cases:
        mine = [entry for entry in entries if entry.case_id == case.case_id and entry.what != "opening"]
        yield from _of_refund(case, mine)
    yield from _of_wallet(wallet, entries, cases)


def _sum(entry: LedgerEntry) -> int:
    return sum(leg.amount for leg in entry.legs)


def _of_refund(case: Case, entries: Sequence[LedgerEntry]) -> Iterator[str]:
    found, wanted, refund = Counter[str](), Counter[str](), case.refund
    for entry in entries:
        for leg in entry.legs:
            found[leg.holding.account] += leg.amount
    # A refund from before there was a ledger, of which nothing was said since, is not in it.
    for part in refund.parts if refund and refund.in_ledger else ():
        if part.state in ("redirected", "charged_back"):
            continue
        into_wallet = part.method in ("wallet", "cod") and case.policy.built_in_wallet
        account = ("buyer_wallet" if into_wallet else "providers_paid") if part.state == "paid" else WHERE[part.state]
        if part.state == "paid" and part.method in ("voucher", "coins", "store_credit"):
            account = "promotions"
        account = "store_credits" if account == "promotions" and part.method == "store_credit" else account
        wanted[account] += part.amount
    if refund and refund.in_ledger:
        wanted["fees"] = case.quote.fees_total
    wanted["seller_reversals"] = -wanted.total()
    if opened := found.pop("opening", 0):
        if any(entry.what == "refund_recalled" for entry in entries):
            wanted["seller_reversals"] -= opened
        else:
            # Only what was still on its way was opened: the rest of it lies before the ledger.
            wanted = Counter({name: amount for name, amount in wanted.items() if name in ON_ITS_WAY})
    if +found != +wanted or -found != -wanted:
        yield f"I12: of {case.case_id} the ledger says {dict(found)}, its refund {dict(wanted)}"


def _of_wallet(wallet: Wallet, entries: Sequence[LedgerEntry], cases: Sequence[Case]) -> Iterator[str]:
    old: set[str | None] = {case.refund_id for case in cases if case.refund and not case.refund.in_ledger}
    old |= {entry.refund_id for entry in entries if any(leg.holding.account == "opening" for leg in entry.legs)}
    opened = {(entry.refund_id, move.part) for entry in entries if entry.what == "opening" for move in entry.moves}
    booked, known = Counter[tuple[str | None, str | None]](), Counter[tuple[str | None, str | None]]()
    for entry in entries:
        for leg in entry.legs:
            if (leg.holding.account, leg.holding.owner) == ("buyer_wallet", wallet.buyer_id):
                booked[entry.refund_id or "debit", leg.part or entry.event_id] += leg.amount
    for each in wallet.entries:
        if isinstance(each, Credit):
            known[each.refund_id, each.part] += each.amount
        else:
            known["debit", each.event_id] -= each.amount
    for key in {*booked, *known}:
        before_the_ledger = key[0] in old and key not in opened
        if booked[key] != (0 if before_the_ledger else known[key]):
            yield f"I12: of {key} the wallet says {known[key]}, the ledger {booked[key]}"
