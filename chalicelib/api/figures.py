"""Figures: of the whole service for operators, of their own for sellers."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.figures.figures import Figures
from chalicelib.domain.figures.ranges import USUAL, last_days, range_between
from chalicelib.edge.answer_types import FiguresAnswer, FiguresFileAnswer
from chalicelib.edge.figures_file import written
from chalicelib.edge.queries import FiguresFileQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.sheets import named
from chalicelib.workflow import figures
from chalicelib.workflow.access import SEES_SELLERS
from chalicelib.workflow.dashboard import figures_in

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/sellers/{seller_id}/metrics", roles=SEES_SELLERS)
def seller_metrics(call: Call, seller_id: str) -> FiguresAnswer:
    """Figures of one seller's latest cases."""
    return _shape(figures.figures_of_seller(wiring.ports(), call.actor, seller_id))


@route(bp, "GET", "/v1/metrics", roles=figures.OVERSEERS)
def metrics(call: Call) -> FiguresAnswer:
    """What is open, and how the last two weeks ended."""
    found = figures.overview(wiring.ports(), call.actor)
    by_state = {str(state): len(cases) for state, cases in found.open.items()}
    return {**_shape(found.figures), "open_by_state": by_state, "stuck": len(found.stuck)}


@route(bp, "GET", "/v1/sellers/{seller_id}/metrics/file", roles=SEES_SELLERS)
def seller_metrics_file(call: Call, seller_id: str, query: FiguresFileQuery) -> FiguresFileAnswer:
    """Figures of one seller in a range of days, as CSV."""
    return _file(call, query, seller_id)


@route(bp, "GET", "/v1/metrics/file", roles=figures.OVERSEERS)
def metrics_file(call: Call, query: FiguresFileQuery) -> FiguresFileAnswer:
    """Figures of the whole service in a range of days, as CSV."""
    return _file(call, query, None)


def _file(call: Call, query: FiguresFileQuery, seller_id: str | None) -> FiguresFileAnswer:
    ports = wiring.ports()
    today = ports.now().astimezone(ports.zone.clock).date()
    last = query.last or today.isoformat()
    upto = range_between(last, last, today, ports.zone).last
    first = query.first or last_days(USUAL, upto, ports.zone).first.isoformat()
    dates = range_between(first, last, today, ports.zone)
    found = figures_in(ports, call.actor, dates, seller_id)
    return {"filename": named("figures", ports.now(), ports.zone), "csv": written(found, call.locale)}


def _shape(found: Figures) -> FiguresAnswer:
    return {
        "asked": found.asked,
        "open": found.open,
        "closed": found.closed,
        "outcomes": found.outcomes,
        "by_day": [{"day": day, "outcomes": outcomes} for day, outcomes in found.by_day],
        "seconds_to_decision": {"p50": found.p50, "p90": found.p90},
        "lapsed": found.lapsed,
        "counts_against_seller": found.counted,
        "rating": [
            {"reading": reading, "cases": cases, "rate": _rounded(rate)} for reading, cases, rate in found.readings
        ],
        "refunded": found.refunded,
    }


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
