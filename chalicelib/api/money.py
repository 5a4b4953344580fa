"""Refunds, wallets, and the ledger."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.transitions import speakers
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.orders.order import REFUND
from chalicelib.edge.answer_types import Listed, RefundAnswer
from chalicelib.edge.bodies import DebitPost, RefundEventPost
from chalicelib.edge.commands import refund_word_of
from chalicelib.edge.queries import LedgerQuery, WalletQuery
from chalicelib.edge.route import EVERYBODY, Call, route
from chalicelib.edge.shapes import explained_refund, page_shape, refund_shape
from chalicelib.edge.wallets import (
    DebitAnswer,
    LedgerEntryAnswer,
    WalletAnswer,
    debit_shape,
    ledger_entry_shape,
    wallet_shape,
)
from chalicelib.workflow import access, decisions, wallets

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/refunds/{refund_id}", roles=EVERYBODY)
def get_refund(call: Call, refund_id: str) -> RefundAnswer:
    """One refund."""
    case = access.case_for(wiring.ports(), _case_of(refund_id), call.actor)
    answer = _refund(case)
    if case.refund:
        order = access.order_for(wiring.ports(), case.order_id, call.actor)
        answer |= explained_refund(case, case.refund, order, call.locale)
    return answer


@route(bp, "POST", "/v1/refunds/{refund_id}/events", roles=speakers(Command.REFUND_SUCCEEDED), signed=True)
def post_refund_event(call: Call, refund_id: str, body: RefundEventPost) -> RefundAnswer:
    """A payment provider's word; repeated and late words are harmless."""
    said = refund_word_of(body)
    return call.once(
        lambda keep: decisions.refund_event(wiring.ports(), _case_of(refund_id), said, call.actor, keep), _refund
    )


@route(bp, "GET", "/v1/wallets/{buyer_id}", roles=access.SEES_WALLETS)
def get_wallet(call: Call, buyer_id: str, query: WalletQuery) -> WalletAnswer:
    """A buyer's built-in wallet."""
    return wallet_shape(
        access.wallet_for(wiring.ports(), buyer_id, query.currency, call.actor, query.limit, query.cursor)
    )


@route(bp, "POST", "/v1/wallets/{buyer_id}/debits", roles=wallets.DEBITORS, status=201, signed=True)
def post_debit(call: Call, buyer_id: str, body: DebitPost) -> DebitAnswer:
    """Take money out of a buyer's built-in wallet, never below zero; the same event again counts once."""
    if body.buyer_id not in (None, buyer_id):
        raise Invalid("validation_failed", errors=[{"field": "buyer_id", "message": "must be the one in the path"}])
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


def _case_of(refund_id: str) -> str:
    if not refund_id.startswith(REFUND):
        raise NotFound("refund")
    return refund_id.removeprefix(REFUND)


def _refund(case: Case) -> RefundAnswer:
    if case.refund is None:
        raise NotFound("refund")
    return {**refund_shape(case.refund), "case_id": case.case_id, "order_id": case.order_id}
