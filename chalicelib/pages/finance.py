"""For finance and operators: money that was promised and has not arrived, refund by refund."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.money.outstanding import Hangs
from chalicelib.edge.cors import READ
from chalicelib.pages.page import Visit, page
from chalicelib.workflow import figures, refunds

bp = Blueprint(__name__)

# Rows of one table; the sums above it are of all that was read.
_ROWS = 50


@bp.route("/finance", methods=READ)
@page(bp)
def open_money(visit: Visit) -> Response:
    """What has not arrived: sums by currency, what is stuck, what is on its way."""
    found = refunds.open_refunds(wiring.ports(), visit.signed_in())
    return visit.page(
        "finance.html.j2",
        found=found,
        places=list(Hangs),
        most=figures.MOST,
        rows=_ROWS,
        since=refunds.waiting_since,
    )


@bp.route("/finance/refunds/{case_id}", methods=READ)
@page(bp)
def one_refund(visit: Visit, case_id: str) -> Response:
    """One refund, part by part."""
    actor = visit.signed_in()
    if actor.role not in refunds.OVERSEERS:
        raise Forbidden(actor.role, "see_open_refunds")
    case, order = refunds.refund_for(wiring.ports(), case_id, actor)
    return visit.page("refund.html.j2", case=case, order=order, refund=case.refund, since=refunds.waiting_since)
