"""A request's way on its page, and whether that page is still true."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.effects import Mail, MailKind
from chalicelib.domain.money.refund import OPEN_PARTS
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.edge.cors import READ
from chalicelib.pages.page import Visit, page
from chalicelib.workflow import access

bp = Blueprint(__name__)

# The mails that somebody is waited for after.
_ASKING = {
    State.AWAITING_SELLER: (Role.SELLER, (MailKind.DECISION_NEEDED, MailKind.OFFER_DECLINED)),
    State.AWAITING_BUYER: (Role.BUYER, (MailKind.OFFER_MADE,)),
}


@bp.route("/cases/{case_id}/now", methods=READ)
@page(bp)
def still_true(visit: Visit, case_id: str) -> Response:
    """Whether a page of this case shows what is: 304 for the mark that it was drawn with, else the new one."""
    actor = visit.signed_in()
    ports = wiring.ports()
    found = access.case_for(ports, case_id, actor)
    mark = mark_of(visit, found, access.order_for(ports, found.order_id, actor))
    given = {each.strip().removeprefix("W/") for each in str(visit.request.headers.get("if-none-match", "")).split(",")}
    headers: dict[str, str | list[str]] = {"ETag": f'"{mark}"'}
    if f'"{mark}"' in given:
        return Response(body="", status_code=304, headers=headers)
    return Response(body=mark, headers={**headers, "Content-Type": "text/plain; charset=utf-8"})


def mark_of(visit: Visit, case: Case, order: Order) -> str:
    """By which a page tells that it shows what is: of the rows it is made of, of who reads it in which language, and of
    the days that pass by themselves."""
    actor, now = visit.signed_in(), wiring.now()
    over = [each <= now for each in _turning_points(case)]
    # Not of the row's own revision: it rises with every promise that is kept.
    case_is = (case.head, case.entries, case.state, case.deadline_at, case.parcel, asked_by_mail(case, ()))
    made_of = (case_is, order.rev, actor.role, actor.id, visit.locale, visit.zone, over)
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:24]


def asked_by_mail(case: Case, stopped: Sequence[Role]) -> str | None:
    """How the mail fares that asks whom this case waits for: `sent`, or `sending`; None where no mail asks anybody."""
    to, kinds = _ASKING.get(case.state, (None, ()))
    if to is None or to in stopped:
        return None
    waiting = (promise.effect for promise in case.outbox if isinstance(promise.effect, Mail))
    return "sending" if any(mail.to is to and mail.kind in kinds for mail in waiting) else "sent"


def _turning_points(case: Case) -> list[datetime]:
    """When what the page says changes without that anybody does anything."""
    parts = case.refund.going if case.refund else ()
    days = [part.arrives_by for part in parts if part.state in OPEN_PARTS or part.report]
    return [*days, *([case.deadline_at] if case.deadline_at else [])]
