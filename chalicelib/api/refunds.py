"""Refunds and their parts: what became of them, what is told of each, and what people do with one that is stuck."""

from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.cases.commands import Command, PartTold, RedirectPart, ResolvePart, RetryPart, Said
from chalicelib.domain.cases.transitions import speakers
from chalicelib.domain.errors import NotFound
from chalicelib.domain.money.goodwill import Gesture
from chalicelib.domain.money.refund import Report
from chalicelib.domain.orders.order import REFUND
from chalicelib.edge.answer_types import Listed
from chalicelib.edge.bodies import (
    GoodwillPost,
    NotePost,
    PartEventPost,
    PayoutAccountPut,
    RedirectPost,
    RefundEventPost,
    ResolvePost,
)
from chalicelib.edge.commands import refund_word_of
from chalicelib.edge.payouts import PayoutAccountAnswer, account_in, payout_shape
from chalicelib.edge.queries import RefundsQuery
from chalicelib.edge.refunds import (
    GoodwillAnswer,
    RefundAnswer,
    TakenAnswer,
    explained_refund,
    first_wish_shape,
    refund_shape,
)
from chalicelib.edge.route import EVERYBODY, Answer, Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.edge.signatures import Sender
from chalicelib.workflow import decisions, goodwill, payouts, refund_calls, refunds

bp = Blueprint(__name__)

_REFUND = "/v1/refunds/{refund_id}"
_PART = _REFUND + "/parts/{part}"


@route(bp, "GET", "/v1/refunds", roles=refunds.READERS)
def list_refunds(call: Call, query: RefundsQuery) -> Listed[RefundAnswer]:
    """Refunds by how they stand, those that are looked at next first. A page may be short and have a cursor all the
    same."""
    page = refunds.refunds(wiring.ports(), call.actor, query.state, query.order_id, query.limit, query.cursor)
    return page_shape(page, lambda case: _refund(case, call))


@route(bp, "GET", "/v1/refunds/{refund_id}", roles=EVERYBODY)
def get_refund(call: Call, refund_id: str) -> RefundAnswer:
    """One refund."""
    ports = wiring.ports()
    case, order = refunds.refund_for(ports, _case_of(refund_id), call.actor)
    answer = _refund(case, call)
    if case.refund:
        answer |= explained_refund(case, case.refund, order, call.locale, staff=call.staff)
        if call.actor.role in refunds.READERS:
            answer["to_book"] = refunds.booked(ports, case, call.actor)
    return answer


@route(bp, "POST", "/v1/orders/{order_id}/refunds", roles=goodwill.GIVERS, status=(201, 202), made_at=_REFUND)
def post_goodwill(call: Call, order_id: str, body: GoodwillPost) -> Answer[GoodwillAnswer]:
    """Give money back without a request. 202 where a second person has to say the same before it moves."""
    wish = Gesture(amount=body.amount, reason=body.reason, note=body.note, tender_id=body.tender_id)

    def kept(keep: Callable[[goodwill.GivenOrWaiting], Answered] | None) -> goodwill.GivenOrWaiting:
        return goodwill.give_goodwill(wiring.ports(), order_id, wish, call.actor, keep)

    return call.once(kept, lambda told: _goodwill(told, call))


@route(bp, "POST", _REFUND + "/events", roles=speakers(Command.REFUND_SUCCEEDED), signed=(Sender.PAYMENTS,))
def post_refund_event(call: Call, refund_id: str, body: RefundEventPost) -> RefundAnswer:
    """A payment provider's word about all that is open of a refund, or about the one part of this amount. Repeated and
    late words are harmless."""
    said = refund_word_of(body)
    return call.once(
        lambda keep: decisions.refund_event(wiring.ports(), _case_of(refund_id), said, call.actor, keep),
        lambda case: _refund(case, call),
    )


@route(bp, "POST", _PART + "/events", roles=speakers(Command.PART_TOLD), signed=(Sender.PAYMENTS,))
def post_part_event(call: Call, refund_id: str, part: str, body: PartEventPost) -> RefundAnswer:
    """A word of whoever pays a part of a refund. What is late, doubled, out of order or of another amount changes
    nothing, and is listed under `not_taken`."""
    report = Report(
        event_id=body.event_id,
        part=part,
        told=body.state,
        amount=body.amount,
        at=body.at,
        reference=body.reference,
        code=body.code,
    )
    return call.once(
        lambda keep: decisions.part_event(
            wiring.ports(), _case_of(refund_id), PartTold(report=report), call.actor, keep
        ),
        lambda case: _refund(case, call),
    )


@route(bp, "POST", _PART + "/retry", roles=speakers(Command.RETRY_PART))
def retry_part(call: Call, refund_id: str, part: str, body: NotePost) -> RefundAnswer:
    """Ask for a part again: after a failure by a further try, else under the same key."""
    return _say(call, refund_id, RetryPart(part=part, note=body.note))


@route(bp, "POST", _PART + "/redirect", roles=speakers(Command.REDIRECT_PART))
def redirect_part(call: Call, refund_id: str, part: str, body: RedirectPost) -> RefundAnswer:
    """Send a part that failed another way."""
    return _say(call, refund_id, RedirectPart(part=part, note=body.note, to=body.to))


@route(bp, "POST", _PART + "/resolve", roles=speakers(Command.RESOLVE_PART))
def resolve_part(call: Call, refund_id: str, part: str, body: ResolvePost) -> RefundAnswer:
    """A part went by hand."""
    return _say(call, refund_id, ResolvePart(part=part, reference=body.reference, note=body.note))


@route(bp, "GET", "/v1/refunds/{refund_id}/payout-account", roles=payouts.READERS)
def get_payout_account(call: Call, refund_id: str) -> PayoutAccountAnswer:
    """Where the refund's money is paid out to, masked; in full for the system that has to pay it there, for as long as
    it has to."""
    return payout_shape(payouts.paid_out(wiring.ports(), _case_of(refund_id), call.actor))


@route(bp, "PUT", "/v1/refunds/{refund_id}/payout-account", roles=speakers(Command.PAY_OUT))
def put_payout_account(call: Call, refund_id: str, body: PayoutAccountPut) -> PayoutAccountAnswer:
    """Say where money goes that cannot go the way it came."""
    account, case_id = account_in(body), _case_of(refund_id)
    return call.once(
        lambda keep: payouts.name_account(wiring.ports(), case_id, account, body.note, call.actor, keep),
        lambda case: payout_shape(payouts.seen_in(case)),
    )


@route(bp, "POST", "/v1/providers/{name}/notifications", takes=dict[str, Any])
def post_notification(call: Call, name: str) -> TakenAnswer:
    """A payment provider's own word, under its own signature. `refunds` says how many of its words were about refunds
    of ours; what they say is acted on within a minute."""
    return {"refunds": refund_calls.hear(wiring.ports(), name, call.headers, call.raw)}


def _goodwill(told: goodwill.GivenOrWaiting, call: Call) -> Answer[GoodwillAnswer]:
    if told.case:
        refund = _refund(told.case, call)
        answer: GoodwillAnswer = {
            "order_id": told.order_id,
            "needs_second_person": False,
            "first_yes": None,
            "case_id": told.case.case_id,
            "refund_id": refund["refund_id"],
            "state": refund["state"],
            "currency": refund["currency"],
            "total": refund["total"],
            "parts": refund["parts"],
            "not_taken": refund["not_taken"],
        }
        return Answer(answer, status=201)
    return Answer(
        {"order_id": told.order_id, "needs_second_person": True, "first_yes": first_wish_shape(told.wish)}, status=202
    )


def _say(call: Call, refund_id: str, said: Said) -> RefundAnswer:
    return call.once(
        lambda keep: decisions.say(wiring.ports(), _case_of(refund_id), said, call.actor, keep),
        lambda case: _refund(case, call),
    )


def _case_of(refund_id: str) -> str:
    if not refund_id.startswith(REFUND):
        raise NotFound("refund")
    return refund_id.removeprefix(REFUND)


def _refund(case: Case, call: Call) -> RefundAnswer:
    if case.refund is None:
        raise NotFound("refund")
    answer = refund_shape(case, case.refund, staff=call.staff)
    return {**answer, "case_id": case.case_id, "order_id": case.order_id}
