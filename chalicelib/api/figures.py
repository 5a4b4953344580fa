"""Figures: of the whole service for operators, of their own for sellers."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.figures.figures import Figures
from chalicelib.domain.policies.policy import Rating
from chalicelib.edge.answer_types import FiguresAnswer
from chalicelib.edge.route import Call, route
from chalicelib.workflow import figures
from chalicelib.workflow.access import SEES_SELLERS

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
            {"reading": reading, "cases": found.counts.get(reading, 0), "rate": _rounded(found.rate(reading))}
            for reading in Rating
        ],
        "refunded": found.refunded,
    }


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
