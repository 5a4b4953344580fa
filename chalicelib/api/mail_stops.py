"""For operators: addresses that get no mail any more."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.people.mail_stops import MailStop
from chalicelib.edge.answer_types import LiftedAnswer, Listed, MailStopAnswer
from chalicelib.edge.queries import MailStopQuery, PageQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.workflow import mail_stops

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/mail-stops", roles=mail_stops.READERS)
def list_mail_stops(call: Call, query: PageQuery) -> Listed[MailStopAnswer]:
    """Addresses that get no mail: it came back, or was called spam."""
    return page_shape(mail_stops.stops(wiring.ports(), call.actor, query.limit, query.cursor), _shape)


@route(bp, "DELETE", "/v1/mail-stops", roles=mail_stops.LIFTERS)
def delete_mail_stop(call: Call, query: MailStopQuery) -> LiftedAnswer:
    """Let the address of stop `id` have mail again; addresses themselves have no place in an address."""
    mail_stops.lift(wiring.ports(), call.actor, query.id)
    return {"stop_id": query.id}


def _shape(stop: MailStop) -> MailStopAnswer:
    return {
        "stop_id": stop.stop_id,
        "address": stop.address,
        "why": stop.why,
        "at": stop.at,
        "case_id": stop.case_id,
    }
