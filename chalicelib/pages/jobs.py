"""For operators: long work, how far it is and where its result lies; everything taken out, a job called off."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.jobs import Exported, Job
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import PAGE
from chalicelib.edge.cors import READ
from chalicelib.edge.jobs import message_of, what_of
from chalicelib.edge.limits import LONGEST_CURSOR, LONGEST_ID, LONGEST_OWN_ID
from chalicelib.edge.problems import PROBLEMS
from chalicelib.pages.page import FORM, Form, Visit, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import erasing, exporting, jobs, person_exports

bp = Blueprint(__name__)


@bp.route("/operations/jobs", methods=READ)
@page(bp)
def all_of_them(visit: Visit) -> Response:
    """What was asked for lately, by whomever."""
    return _show(visit, _operator(visit))


@bp.route("/operations/jobs", methods=["POST"], content_types=[FORM])
@page(bp)
def begin_or_end(visit: Visit) -> Response:
    """Have something written down, or call a job off."""
    actor, form = _operator(visit), visit.form()
    key = key_in(visit, form, actor)
    try:
        if form.get("what") == "call_off":
            kept_beside(key, lambda: _called_off(actor, form), lambda job: job.job_id)
            return _show(visit, actor, said="called_off")
        person = form.get("person", "").strip()[:LONGEST_ID]
        if form.get("what") == "copy" and person:
            role = _role(form)
            kept_beside(key, lambda: person_exports.begin(wiring.ports(), actor, person, role), lambda job: job.job_id)
            return _show(visit, actor, said="begun")
        if form.get("what") == "erase" and person:
            if form.get("again", "").strip() != person:
                return _show(visit, actor, problem="person.differs", status=400, person=person, role=_role(form))
            role = _role(form)
            kept_beside(key, lambda: erasing.begin(wiring.ports(), actor, person, role), lambda job: job.job_id)
            return _show(visit, actor, said="begun")
        kept_beside(key, lambda: exporting.begin(wiring.ports(), actor, _kind(form)), lambda job: job.job_id)
    except (Invalid, NotFound, Refused) as refused:
        return _show(visit, actor, problem=refused.code, status=PROBLEMS[refused.code][0])
    return _show(visit, actor, said="begun")


def _operator(visit: Visit) -> Actor:
    """Raises Forbidden for everyone who is none."""
    actor = visit.signed_in()
    if actor.role not in exporting.EXPORTERS:
        raise Forbidden(actor.role, "list_jobs")
    return actor


def _called_off(actor: Actor, form: Form) -> Job:
    return jobs.call_off(wiring.ports(), actor, form.get("job", "")[:LONGEST_OWN_ID])


def _role(form: Form) -> Role:
    """Whose data it is; buyers ask most, and pages of the version before say nothing."""
    told = form.get("role", "")
    return Role(told) if told in erasing.ERASED else Role.BUYER


def _kind(form: Form) -> Exported:
    try:
        return Exported(form.get("kind", ""))
    except ValueError as error:
        raise Invalid("validation_failed", errors=[{"field": "kind", "message": "not one of them"}]) from error


def _show(
    visit: Visit,
    actor: Actor,
    *,
    said: str | None = None,
    problem: str | None = None,
    status: int = 200,
    person: str = "",
    role: Role = Role.BUYER,
) -> Response:
    ports = wiring.ports()
    cursor = visit.query.get("cursor", "")[:LONGEST_CURSOR] or None
    found = jobs.jobs_for(ports, actor, PAGE, cursor)
    return visit.page(
        "jobs.html.j2",
        status,
        jobs=found,
        results={job.job_id: jobs.result_url(ports, job) for job in found.items},
        what_of=what_of,
        message_of=message_of,
        kinds=list(Exported),
        said=said,
        problem=problem,
        person=person,
        role=role,
        roles=erasing.ERASED,
    )
