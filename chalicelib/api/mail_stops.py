"""For operators: addresses that get no mail any more."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.orders import paging
from chalicelib.domain.errors import Invalid
from chalicelib.domain.people.mail_stops import MailStop
from chalicelib.edge.answer_types import LiftedAnswer, MailStopAnswer
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.boundary import answer_json, boundary, call
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.shapes import page_shape
from chalicelib.workflow import mail_stops

bp = Blueprint(__name__)


@bp.route("/v1/mail-stops", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def list_mail_stops() -> Response:
    """All stopped addresses."""
    this = call(bp.current_request)
    actor = this.actor()
    return answer_json(200, page_shape(mail_stops.stops(wiring.ports(), actor, *paging(this)), _shape))


@bp.route("/v1/mail-stops", methods=["DELETE"], authorizer=authorize, cors=CORS)
@boundary
def delete_mail_stop() -> Response:
    """Let an address have mail again. Named by its stop's id, since addresses have no place in addresses."""
    this = call(bp.current_request)
    actor, stop_id = this.actor(), this.query.get("id", "")
    if not 0 < len(stop_id) <= 64:
        raise Invalid("validation_failed", errors=[{"field": "id", "message": "the stop's id"}])
    mail_stops.lift(wiring.ports(), actor, stop_id)
    answer: LiftedAnswer = {"stop_id": stop_id}
    return answer_json(200, answer)


def _shape(stop: MailStop) -> MailStopAnswer:
    return {
        "stop_id": stop.stop_id,
        "address": stop.address,
        "why": stop.why,
        "at": stop.at,
        "case_id": stop.case_id,
    }
