"""Wallets, and the ledger."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.edge.answer_types import Listed
from chalicelib.edge.bodies import DebitPost
from chalicelib.edge.queries import LedgerQuery, WalletQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.edge.signatures import Sender
from chalicelib.edge.wallets import (
    DebitAnswer,
    LedgerEntryAnswer,
    WalletAnswer,
    debit_shape,
    ledger_entry_shape,
    wallet_shape,
)
from chalicelib.workflow import access, wallets

bp = Blueprint(__name__)

_WALLET = "/v1/wallets/{buyer_id}"


@route(bp, "GET", _WALLET, roles=access.SEES_WALLETS)
def get_wallet(call: Call, buyer_id: str, query: WalletQuery) -> WalletAnswer:
    """A buyer's built-in wallet."""
    return wallet_shape(
        access.wallet_for(wiring.ports(), buyer_id, query.currency, call.actor, query.limit, query.cursor)
    )


@route(
    bp,
    "POST",
    f"{_WALLET}/debits",
    roles=wallets.DEBITORS,
    status=201,
    signed=(Sender.PAYMENTS,),
    made_at=_WALLET,
)
def post_debit(call: Call, buyer_id: str, body: DebitPost) -> DebitAnswer:
    """Take money out of a buyer's built-in wallet, never below zero; the same event again counts once."""
    return call.once(
        lambda keep: wallets.debit(
            wiring.ports(), buyer_id, body.currency, body.amount, body.event_id, body.reason, call.actor, keep
        ),
        debit_shape,
    )


@route(bp, "GET", "/v1/ledger", roles=wallets.READS_LEDGER)
def list_ledger(call: Call, query: LedgerQuery) -> Listed[LedgerEntryAnswer]:
    """The ledger, oldest entry first. A page looks through at most 31 days: it may be short, or empty, and have a
    cursor all the same."""
    page = wallets.ledger(
        wiring.ports(), query.currency, query.since, query.until, call.actor, query.limit, query.cursor
    )
    return page_shape(page, ledger_entry_shape)
