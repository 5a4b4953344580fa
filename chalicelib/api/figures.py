"""Figures: of the whole service for operators, of their own for sellers."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.figures.figures import Figures
from chalicelib.edge.answer_types import FiguresAnswer
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.boundary import answer_json, boundary, call
from chalicelib.edge.cors import CORS, READ
from chalicelib.workflow import figures

bp = Blueprint(__name__)


@bp.route("/v1/sellers/{seller_id}/metrics", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def seller_metrics(seller_id: str) -> Response:
    """The figures of one seller's latest cases."""
    actor = call(bp.current_request).actor()
    return answer_json(200, figures_shape(figures.figures_of_seller(wiring.ports(), actor, seller_id)))


@bp.route("/v1/metrics", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def metrics() -> Response:
    """What is open, and how the last two weeks ended."""
    found = figures.overview(wiring.ports(), call(bp.current_request).actor())
    by_state = {str(state): len(cases) for state, cases in found.open.items()}
    return answer_json(200, {**figures_shape(found.figures), "open_by_state": by_state, "stuck": len(found.stuck)})


def figures_shape(found: Figures) -> FiguresAnswer:
    """Figures as JSON."""
    return {
        "asked": found.asked,
        "open": found.open,
        "closed": found.closed,
        "outcomes": found.outcomes,
        "by_day": [{"day": day, "outcomes": outcomes} for day, outcomes in found.by_day],
        "seconds_to_decision": {"p50": found.p50, "p90": found.p90},
        "lapsed": found.lapsed,
        "counts_against_seller": found.counted,
        "refunded": found.refunded,
    }
