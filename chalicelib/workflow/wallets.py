"""Money in and out of buyers' built-in wallets: what the marketplace takes out of one, and the ledger of it all.

What comes into a wallet is a part of the decision that grants it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, Refused
from chalicelib.domain.money.ledger import LedgerEntry, entry_of_debit
from chalicelib.domain.money.wallet import Debit
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import DAYS_OF_LEDGER, Page, Ports
from chalicelib.workflow.committing import ATTEMPTS

# Only the marketplace's own systems spend what is in a wallet; only its operators and finance read the
# ledger.
DEBITORS = frozenset({Role.SYSTEM})
READS_LEDGER = frozenset({Role.OPERATOR, Role.FINANCE})

# Keeps an answer under the caller's Idempotency-Key.
Remember = Callable[[Debit], Answered]


def debit(
    ports: Ports,
    buyer_id: str,
    currency: str,
    amount: int,
    event_id: str,
    reason: str,
    actor: Actor,
    remember: Remember | None = None,
) -> Debit:
    """Take `amount` (minor units, above zero) out of a wallet, once per event; the same event again is answered with
    what it did the first time.

    Raises Forbidden, Refused `balance_too_low` with the balance, Invalid `event_differs` where the event came with
    another amount before.
    """
    if actor.role not in DEBITORS:
        raise Forbidden(actor.role, "debit_wallet")
    wanted = Debit(
        buyer_id=buyer_id, currency=currency, amount=amount, event_id=event_id, reason=reason, at=ports.now()
    )
    change = Change(
        debit=wanted, ledger=entry_of_debit(wanted), answered=remember(wanted) if remember is not None else None
    )
    for _ in range(ATTEMPTS):
        if (known := ports.store.debit(buyer_id, currency, event_id)) is not None:
            if not known.is_told_as(wanted):
                raise Invalid("event_differs", amount=known.amount, currency=currency)
            return known
        try:
            ports.store.commit(change)
            return wanted
        except Conflict:
            # Either the same event came first, which the next look tells, or there is too little.
            balance = ports.store.wallet(buyer_id, currency, limit=1).balance
        if balance < amount and ports.store.debit(buyer_id, currency, event_id) is None:
            raise Refused("balance_too_low", balance=balance, currency=currency)
    raise Conflict("wallet")


def ledger(
    ports: Ports,
    currency: str,
    since: datetime | None,
    until: datetime | None,
    actor: Actor,
    limit: int,
    cursor: str | None,
) -> Page[LedgerEntry]:
    """The ledger's entries in a currency from `since` on and before `until` (the last days where neither is said),
    oldest first, page by page. Raises Forbidden but for operators and finance, Invalid `bad_cursor`."""
    if actor.role not in READS_LEDGER:
        raise Forbidden(actor.role, "read_ledger")
    until = until or ports.now()
    since = since or until - timedelta(days=DAYS_OF_LEDGER)
    return ports.store.ledger(currency, since, until, limit=limit, cursor=cursor)
