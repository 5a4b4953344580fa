"""Refunds and wallets."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.edge.answer_types import RefundAnswer
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import RefundEventPost
from chalicelib.edge.boundary import answer_json, boundary, call, once
from chalicelib.edge.commands import refund_word_of
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.shapes import refund_shape, wallet_shape
from chalicelib.workflow import access, decisions

bp = Blueprint(__name__)


@bp.route("/v1/refunds/{refund_id}", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_refund(refund_id: str) -> Response:
    """One refund."""
    case = access.case_for(wiring.ports(), _case_of(refund_id), call(bp.current_request).actor())
    return answer_json(200, _refund(case))


@bp.route("/v1/refunds/{refund_id}/events", methods=["POST"], cors=CORS)
@boundary
def post_refund_event(refund_id: str) -> Response:
    """A payment provider's word; repeated and out-of-order events are harmless."""
    this = call(bp.current_request)
    actor = this.actor(signed=True)
    said = refund_word_of(this.read(RefundEventPost))
    return once(
        this,
        actor,
        lambda remember: decisions.refund_event(wiring.ports(), _case_of(refund_id), said, actor, remember),
        lambda case: (200, _refund(case)),
    )


@bp.route("/v1/wallets/{buyer_id}", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_wallet(buyer_id: str) -> Response:
    """A buyer's built-in wallet, in `currency` (IDR unless said)."""
    this = call(bp.current_request)
    currency = this.query.get("currency", "IDR")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise Invalid("validation_failed", errors=[{"field": "currency", "message": "ISO 4217"}])
    return answer_json(200, wallet_shape(access.wallet_for(wiring.ports(), buyer_id, currency, this.actor())))


def _case_of(refund_id: str) -> str:
    if not refund_id.startswith("rf_"):
        raise NotFound("refund")
    return refund_id.removeprefix("rf_")


def _refund(case: Case) -> RefundAnswer:
    if case.refund is None:
        raise NotFound("refund")
    return {**refund_shape(case.refund), "case_id": case.case_id, "order_id": case.order_id}
