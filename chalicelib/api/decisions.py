"""What parties say to a case: one route per command, all of one shape, and many decisions in one call."""

from typing import Any

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.commands import Command, Said
from chalicelib.domain.cases.transitions import speakers
from chalicelib.domain.errors import BatalError
from chalicelib.edge.answer_types import BulkItem, CaseAnswer, Listed
from chalicelib.edge.bodies import (
    AppealPost,
    ApprovePost,
    BulkDecision,
    BulkPost,
    CommentPost,
    ContestGoodsPost,
    ExtendPost,
    NotePost,
    OfferPost,
    ParcelPost,
    RejectPost,
    RemarkPost,
    ReturnLabelPost,
    SettleParcelPost,
    ShippedBackPost,
)
from chalicelib.edge.boundary import refusal
from chalicelib.edge.commands import command_in, command_of
from chalicelib.edge.route import Answer, Call, route
from chalicelib.edge.shapes import case_shape
from chalicelib.edge.signatures import Sender
from chalicelib.workflow import decisions as deciding

bp = Blueprint(__name__)


@route(bp, "POST", "/v1/cases/{case_id}/approve", roles=speakers(Command.APPROVE))
def approve(call: Call, case_id: str, body: ApprovePost) -> CaseAnswer:
    """The seller (or customer service, with a note) says yes."""
    return _say(call, case_id, command_of(Command.APPROVE, body))


@route(bp, "POST", "/v1/cases/{case_id}/reject", roles=speakers(Command.REJECT))
def reject(call: Call, case_id: str, body: RejectPost) -> CaseAnswer:
    """The seller (or customer service, with a note) says no, and why."""
    return _say(call, case_id, command_of(Command.REJECT, body))


@route(bp, "POST", "/v1/cases/{case_id}/offer", roles=speakers(Command.OFFER))
def offer(call: Call, case_id: str, body: OfferPost) -> CaseAnswer:
    """The seller (or customer service, with a note) would cancel against a fee, offers another way, or money back for
    goods that the buyer keeps."""
    return _say(call, case_id, command_of(Command.OFFER, body))


@route(bp, "POST", "/v1/cases/{case_id}/accept-offer", roles=speakers(Command.ACCEPT_OFFER))
def accept_offer(call: Call, case_id: str, body: CommentPost) -> CaseAnswer:
    """The buyer agrees to the offer."""
    return _say(call, case_id, command_of(Command.ACCEPT_OFFER, body))


@route(bp, "POST", "/v1/cases/{case_id}/decline-offer", roles=speakers(Command.DECLINE_OFFER))
def decline_offer(call: Call, case_id: str, body: CommentPost) -> CaseAnswer:
    """The buyer does not agree to the offer; what follows is the policy's."""
    return _say(call, case_id, command_of(Command.DECLINE_OFFER, body))


@route(bp, "POST", "/v1/cases/{case_id}/withdraw", roles=speakers(Command.WITHDRAW))
def withdraw(call: Call, case_id: str, body: CommentPost) -> CaseAnswer:
    """The buyer takes the request back."""
    return _say(call, case_id, command_of(Command.WITHDRAW, body))


@route(bp, "POST", "/v1/cases/{case_id}/appeal", roles=speakers(Command.APPEAL))
def appeal(call: Call, case_id: str, body: AppealPost) -> CaseAnswer:
    """The buyer asks customer service to look again, and says why."""
    return _say(call, case_id, command_of(Command.APPEAL, body))


@route(bp, "POST", "/v1/cases/{case_id}/extend", roles=speakers(Command.EXTEND))
def extend(call: Call, case_id: str, body: ExtendPost) -> CaseAnswer:
    """Customer service gives more time."""
    return _say(call, case_id, command_of(Command.EXTEND, body))


@route(bp, "POST", "/v1/cases/{case_id}/claim", roles=speakers(Command.CLAIM))
def claim(call: Call, case_id: str, body: NotePost) -> CaseAnswer:
    """One of customer service takes the case."""
    return _say(call, case_id, command_of(Command.CLAIM, body))


@route(bp, "POST", "/v1/cases/{case_id}/confirm", roles=speakers(Command.CONFIRM))
def confirm(call: Call, case_id: str, body: NotePost) -> CaseAnswer:
    """The second person of customer service agrees."""
    return _say(call, case_id, command_of(Command.CONFIRM, body))


@route(bp, "POST", "/v1/cases/{case_id}/reopen", roles=speakers(Command.REOPEN))
def reopen(call: Call, case_id: str, body: NotePost) -> CaseAnswer:
    """Customer service looks again."""
    return _say(call, case_id, command_of(Command.REOPEN, body))


@route(bp, "POST", "/v1/cases/{case_id}/shipped-back", roles=speakers(Command.SHIPPED_BACK))
def shipped_back(call: Call, case_id: str, body: ShippedBackPost) -> CaseAnswer:
    """The buyer sent the goods back."""
    return _say(call, case_id, command_of(Command.SHIPPED_BACK, body))


@route(bp, "POST", "/v1/cases/{case_id}/settle-parcel", roles=speakers(Command.SETTLE_PARCEL))
def settle_parcel(call: Call, case_id: str, body: SettleParcelPost) -> CaseAnswer:
    """A parcel left although its order was cancelled: recall it, let the buyer keep and pay, or have it sent back."""
    return _say(call, case_id, command_of(Command.SETTLE_PARCEL, body))


@route(bp, "POST", "/v1/cases/{case_id}/goods-received", roles=speakers(Command.GOODS_RECEIVED))
def goods_received(call: Call, case_id: str, body: RemarkPost) -> CaseAnswer:
    """The seller (or customer service, with a note) has the goods back."""
    return _say(call, case_id, command_of(Command.GOODS_RECEIVED, body))


@route(bp, "POST", "/v1/cases/{case_id}/contest-goods", roles=speakers(Command.CONTEST_GOODS))
def contest_goods(call: Call, case_id: str, body: ContestGoodsPost) -> CaseAnswer:
    """The seller (or customer service, with a note) says that goods did not come back, or not as they were sent."""
    return _say(call, case_id, command_of(Command.CONTEST_GOODS, body))


@route(bp, "POST", "/v1/cases/{case_id}/return-label", roles=speakers(Command.RETURN_LABEL), signed=(Sender.ORDERS,))
def return_label(call: Call, case_id: str, body: ReturnLabelPost) -> CaseAnswer:
    """The marketplace's systems give the buyer a label, a pick-up code or an address to send goods back with."""
    return _say(call, case_id, command_of(Command.RETURN_LABEL, body))


@route(bp, "POST", "/v1/cases/{case_id}/parcel", roles=speakers(Command.PARCEL_ANSWERED), signed=(Sender.ORDERS,))
def parcel(call: Call, case_id: str, body: ParcelPost) -> CaseAnswer:
    """The order system answers the request to hold the parcel, or says how far goods on their way back have come."""
    return _say(call, case_id, command_of(Command.PARCEL_ANSWERED, body))


@route(bp, "POST", "/v1/cases/bulk-decisions", roles=speakers(Command.APPROVE), in_parts=True)
def bulk_decisions(call: Call, body: BulkPost) -> Answer[Listed[BulkItem]]:
    """Many decisions, an answer for each in order; one that is refused does not stop the rest."""
    answers = [_one_of_many(call, number, decision) for number, decision in enumerate(body.decisions)]
    replayed = all("Idempotent-Replayed" in answer.headers for answer in answers)
    items = [_item(decision, answer) for decision, answer in zip(body.decisions, answers, strict=True)]
    return Answer({"items": items, "next_cursor": None}, headers={"Idempotent-Replayed": "true"} if replayed else {})


def _one_of_many(call: Call, number: int, decision: BulkDecision) -> Response:
    fields = {name: getattr(decision, name) for name in decision.__struct_fields__ if name not in ("case_id", "action")}
    try:
        said = command_in(Command(decision.action), fields)
        return call.part(f"{number}", lambda part: _say(part, decision.case_id, said))
    except BatalError as error:
        return refusal(error, call.locale)


def _item(decision: BulkDecision, answer: Response) -> BulkItem:
    body: Any = msgspec.json.decode(answer.body)
    item: BulkItem = {"case_id": decision.case_id, "action": decision.action, "status": answer.status_code}
    if answer.status_code < 400:
        item["case"] = body
    else:
        item["problem"] = body
    return item


def _say(call: Call, case_id: str, said: Said) -> CaseAnswer:
    return call.once(
        lambda keep: deciding.say(wiring.ports(), case_id, said, call.actor, keep),
        lambda case: case_shape(case, call.locale, staff=call.staff),
    )
