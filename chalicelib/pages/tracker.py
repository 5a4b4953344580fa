"""A request's way on its page, and whether that page is still true."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.mail_fates import ASKING, MailFate, asks
from chalicelib.domain.money.refund import OPEN_PARTS
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.edge.cors import READ
from chalicelib.pages.page import Visit, page
from chalicelib.workflow import access
from chalicelib.workflow.mail_stops import fate_of

bp = Blueprint(__name__)


@bp.route("/cases/{case_id}/now", methods=READ)
@page(bp)
def still_true(visit: Visit, case_id: str) -> Response:
    """Whether a page of this case shows what is: 304 for the mark that it was drawn with, else the new one."""
    actor = visit.signed_in()
    ports = wiring.ports()
    found = access.case_for(ports, case_id, actor)
    mark = mark_of(visit, found, access.order_for(ports, found.order_id, actor), fate_of(ports, found))
    given = {each.strip().removeprefix("W/") for each in str(visit.request.headers.get("if-none-match", "")).split(",")}
    headers: dict[str, str | list[str]] = {"ETag": f'"{mark}"'}
    if f'"{mark}"' in given:
        return Response(body="", status_code=304, headers=headers)
    return Response(body=mark, headers={**headers, "Content-Type": "text/plain; charset=utf-8"})


def mark_of(visit: Visit, case: Case, order: Order, fate: MailFate | None) -> str:
    """By which a page tells that it shows what is: of the rows it is made of, of who reads it in which language, and of
    the days that pass by themselves."""
    actor, now = visit.signed_in(), wiring.now()
    over = [each <= now for each in _turning_points(case)]
    # Not of the row's own revision: it rises with every promise that is kept.
    mailed = asked_by_mail(case, order, fate)
    case_is = (case.head, case.entries, case.state, case.deadline_at, case.parcel, mailed)
    made_of = (case_is, order.rev, actor.role, actor.id, visit.locale, visit.zone, over)
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:24]


def asked_by_mail(
    case: Case, order: Order, fate: MailFate | None, stopped: Sequence[Role] = ()
) -> tuple[str, datetime | None] | None:
    """How the mail fares that asks whom this case waits for, as the end of a text's name, and when that was told; None
    where no mail asks anybody. `fate` is what the mail service told of it."""
    if case.state not in ASKING:
        return None
    reader = order.body.seller if case.waiting_for is Role.SELLER else order.body.buyer
    if reader.mailbox is None:
        return "marketplace", None
    if case.waiting_for in stopped:
        return "stopped", None
    promised = [pending for promise, pending in case.outbox.items() if asks(promise, case)]
    if promised:
        return "held" if any(each.held for each in promised) else "sending", None
    return (fate.fate.value, fate.at) if fate else ("sent", None)


def _turning_points(case: Case) -> list[datetime]:
    """When what the page says changes without that anybody does anything."""
    parts = case.refund.going if case.refund else ()
    days = [part.arrives_by for part in parts if part.state in OPEN_PARTS or part.report]
    return [*days, *([case.deadline_at] if case.deadline_at else [])]
