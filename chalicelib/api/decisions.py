"""What parties say to a case: one route per command, all of one shape, and many decisions in one call."""

from typing import Any

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.errors import BatalError, Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import (
    ApprovePost,
    BulkDecision,
    BulkPost,
    CommentPost,
    ExtendPost,
    GoodsReceivedPost,
    NotePost,
    OfferPost,
    ParcelPost,
    RejectPost,
    ShippedBackPost,
    WithdrawPost,
)
from chalicelib.edge.boundary import Call, answer_json, boundary, call, case_answer, once, refusal
from chalicelib.edge.commands import command_in, command_of
from chalicelib.edge.cors import CORS
from chalicelib.workflow import decisions as deciding

bp = Blueprint(__name__)


@bp.route("/v1/cases/{case_id}/approve", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def approve(case_id: str) -> Response:
    """The seller (or customer service, with a note) says yes."""
    return _say(case_id, Command.APPROVE, ApprovePost)


@bp.route("/v1/cases/{case_id}/reject", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def reject(case_id: str) -> Response:
    """The seller (or customer service, with a note) says no, and why."""
    return _say(case_id, Command.REJECT, RejectPost)


@bp.route("/v1/cases/{case_id}/offer", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def offer(case_id: str) -> Response:
    """The seller (or customer service) would cancel against a fee, or offers another way."""
    return _say(case_id, Command.OFFER, OfferPost)


@bp.route("/v1/cases/{case_id}/accept-offer", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def accept_offer(case_id: str) -> Response:
    """The buyer agrees."""
    return _say(case_id, Command.ACCEPT_OFFER, CommentPost)


@bp.route("/v1/cases/{case_id}/decline-offer", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def decline_offer(case_id: str) -> Response:
    """The buyer does not agree; what follows is the policy's."""
    return _say(case_id, Command.DECLINE_OFFER, CommentPost)


@bp.route("/v1/cases/{case_id}/withdraw", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def withdraw(case_id: str) -> Response:
    """The buyer takes the request back."""
    return _say(case_id, Command.WITHDRAW, WithdrawPost)


@bp.route("/v1/cases/{case_id}/appeal", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def appeal(case_id: str) -> Response:
    """The buyer asks customer service to look again, and says why."""
    return _say(case_id, Command.APPEAL, CommentPost)


@bp.route("/v1/cases/{case_id}/extend", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def extend(case_id: str) -> Response:
    """Customer service gives more time."""
    return _say(case_id, Command.EXTEND, ExtendPost)


@bp.route("/v1/cases/{case_id}/claim", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def claim(case_id: str) -> Response:
    """One of customer service takes the case."""
    return _say(case_id, Command.CLAIM, NotePost)


@bp.route("/v1/cases/{case_id}/confirm", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def confirm(case_id: str) -> Response:
    """The second person of customer service agrees."""
    return _say(case_id, Command.CONFIRM, NotePost)


@bp.route("/v1/cases/{case_id}/reopen", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def reopen(case_id: str) -> Response:
    """Customer service looks again."""
    return _say(case_id, Command.REOPEN, NotePost)


@bp.route("/v1/cases/{case_id}/shipped-back", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def shipped_back(case_id: str) -> Response:
    """The buyer sent the goods back."""
    return _say(case_id, Command.SHIPPED_BACK, ShippedBackPost)


@bp.route("/v1/cases/{case_id}/goods-received", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def goods_received(case_id: str) -> Response:
    """The seller has the goods."""
    return _say(case_id, Command.GOODS_RECEIVED, GoodsReceivedPost)


@bp.route("/v1/cases/{case_id}/parcel", methods=["POST"], cors=CORS)
@boundary
def parcel(case_id: str) -> Response:
    """The order system answers the request to hold the parcel."""
    return _say(case_id, Command.PARCEL_ANSWERED, ParcelPost, signed=True)


@bp.route("/v1/cases/bulk-decisions", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def bulk_decisions() -> Response:
    """Many decisions, an answer for each in order; one that is refused does not stop the rest."""
    this = call(bp.current_request)
    actor = this.actor()
    if actor.role not in (Role.SELLER, Role.SUPPORT):
        raise Forbidden(actor.role, "decide_in_bulk")
    decisions = this.read(BulkPost).decisions
    answers = [_one_of_many(this, actor, number, decision) for number, decision in enumerate(decisions)]
    replayed = bool(answers) and all("Idempotent-Replayed" in answer.headers for answer in answers)
    items = [_item(decision, answer) for decision, answer in zip(decisions, answers, strict=True)]
    return answer_json(200, {"items": items}, {"Idempotent-Replayed": "true"} if replayed else {})


def _one_of_many(this: Call, actor: Actor, number: int, decision: BulkDecision) -> Response:
    fields = {name: getattr(decision, name) for name in decision.__struct_fields__ if name not in ("case_id", "action")}
    try:
        said = command_in(Command(decision.action), fields)
        return once(
            this,
            actor,
            lambda remember: deciding.say(wiring.ports(), decision.case_id, said, actor, remember),
            case_answer(200, this.locale, actor),
            part=f"{number}",
        )
    except BatalError as error:
        return refusal(error)


def _item(decision: BulkDecision, answer: Response) -> dict[str, Any]:
    body = msgspec.json.decode(answer.body)
    name = "case" if answer.status_code < 400 else "problem"
    return {"case_id": decision.case_id, "action": decision.action, "status": answer.status_code, name: body}


def _say(case_id: str, command: Command, shape: type[Any], *, signed: bool = False) -> Response:
    this = call(bp.current_request)
    actor = this.actor(signed=signed)
    said = command_of(command, this.read(shape))
    return once(
        this,
        actor,
        lambda remember: deciding.say(wiring.ports(), case_id, said, actor, remember),
        case_answer(200, this.locale, actor),
    )
