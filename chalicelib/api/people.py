"""A person's right to a copy of all that is known of them, and to be forgotten."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Role
from chalicelib.edge.jobs import JobAnswer, job_shape
from chalicelib.edge.route import Call, route
from chalicelib.workflow import erasing, person_exports

bp = Blueprint(__name__)


@route(
    bp, "POST", "/v1/people/{role}/{person_id}/export", roles=erasing.ERASERS, status=201, made_at="/v1/jobs/{job_id}"
)
def export_person(call: Call, role: str, person_id: str) -> JobAnswer:
    """Have all that is known of a buyer written down as NDJSON, for them. It is worked on within a minute or two."""
    _is_buyer(role)
    job = person_exports.begin(wiring.ports(), call.actor, person_id)
    return job_shape(wiring.ports(), job, call.locale)


@route(
    bp, "POST", "/v1/people/{role}/{person_id}/erase", roles=erasing.ERASERS, status=201, made_at="/v1/jobs/{job_id}"
)
def erase_person(call: Call, role: str, person_id: str) -> JobAnswer:
    """Have a buyer erased: words, contacts, files, accounts and clues go; ids, amounts and chains of hashes stay.
    Requests that run are finished first. Asked again while it goes on, it is the same job. It cannot be undone."""
    _is_buyer(role)
    job = erasing.begin(wiring.ports(), call.actor, person_id)
    return job_shape(wiring.ports(), job, call.locale)


def _is_buyer(role: str) -> None:
    """Raises Invalid `validation_failed` for anybody else: what is known of sellers and staff is the marketplace's."""
    if role != Role.BUYER:
        raise Invalid("validation_failed", errors=[{"field": "role", "message": "only buyers, by now"}])
