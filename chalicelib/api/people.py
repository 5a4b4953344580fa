"""A person's right to a copy of all that is known of them, and to be forgotten."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Role
from chalicelib.edge.jobs import JOB, JobAnswer, job_shape
from chalicelib.edge.route import Call, route
from chalicelib.workflow import erasing, person_exports

bp = Blueprint(__name__)


@route(bp, "POST", "/v1/people/{role}/{person_id}/export", roles=erasing.ERASERS, status=201, made_at=JOB)
def export_person(call: Call, role: str, person_id: str) -> JobAnswer:
    """Have all that is known of a buyer or a seller written down as NDJSON, for them. It is worked on within a minute
    or two."""
    job = person_exports.begin(wiring.ports(), call.actor, person_id, _role(role))
    return job_shape(wiring.ports(), job, call.locale)


@route(bp, "POST", "/v1/people/{role}/{person_id}/erase", roles=erasing.ERASERS, status=201, made_at=JOB)
def erase_person(call: Call, role: str, person_id: str) -> JobAnswer:
    """Have a buyer or a seller erased: words, contacts, files, a buyer's accounts and clues, a seller's rules go; ids,
    amounts and chains of hashes stay. Requests that run are finished first. Asked again while it goes on, it is the
    same job. It cannot be undone."""
    job = erasing.begin(wiring.ports(), call.actor, person_id, _role(role))
    return job_shape(wiring.ports(), job, call.locale)


def _role(told: str) -> Role:
    """Whose data it is. Raises Invalid `validation_failed` for anybody else: what is known of staff is the
    marketplace's."""
    if told not in erasing.ERASED:
        raise Invalid("validation_failed", errors=[{"field": "role", "message": "buyer or seller"}])
    return Role(told)
