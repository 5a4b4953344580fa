"""For finance and operators: money that was promised and has not arrived, refund by refund."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.money.outstanding import Hangs, hanging
from chalicelib.edge.cors import READ
from chalicelib.pages.page import Visit, page
from chalicelib.workflow import figures, refunds

bp = Blueprint(__name__)

# Rows of one table; the sums above it are of all that was read.
_ROWS = 50


@bp.route("/finance", methods=READ)
@page(bp)
def open_money(visit: Visit) -> Response:
    """What has not arrived: sums by currency, what is stuck, what is on its way. Each sum leads to the refunds that it
    adds up: `at` names the place and `currency` the currency."""
    found = refunds.open_refunds(wiring.ports(), visit.signed_in())
    place, currency = visit.query.get("at", ""), visit.query.get("currency", "")
    only = (currency, Hangs(place)) if place in set(Hangs) else None

    def there(case: Case) -> int:
        """What of this refund the lists are about, in minor units."""
        if case.refund is None or (only and case.refund.currency != only[0]):
            return 0
        return hanging(case.refund).get(only[1], 0) if only else case.refund.due

    return visit.page(
        "finance.html.j2",
        found=found,
        stuck=[case for case in found.stuck if only is None or there(case)],
        going=[case for case in found.going if only is None or there(case)],
        oldest=min((*found.stuck, *found.going), key=refunds.waiting_since, default=None),
        only=only,
        there=there,
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
