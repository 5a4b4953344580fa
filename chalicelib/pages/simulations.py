"""For operators: a draft of a policy tried on past requests before it counts, followed, and read."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_SOURCE
from chalicelib.edge.reading import policy_of, read_json
from chalicelib.edge.simulations import outlook_shape
from chalicelib.pages.page import FORM, Visit, go, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import simulating

bp = Blueprint(__name__)


@bp.route("/operations/policies/{name}/simulate", methods=["POST"], content_types=[FORM])
@page(bp)
def begin(visit: Visit, name: str) -> Response:
    """Try a draft, which the form carries as JSON. Raises Invalid where it says something wrong."""
    actor, form = visit.signed_in(), visit.form()
    given = read_json(form.get("source", "")[:LONGEST_SOURCE], dict[str, object])
    draft = policy_of(name, {**given, "version": _version(form.get("version", ""))})
    job_id = kept_beside(
        key_in(visit, form, actor),
        lambda: simulating.begin(wiring.ports(), actor, draft),
        lambda job: job.job_id,
    )
    return go(f"/operations/simulations/{job_id}")


@bp.route("/operations/simulations/{job_id}", methods=READ)
@page(bp)
def simulation(visit: Visit, job_id: str) -> Response:
    """How far a trial is, and what would have changed."""
    job = simulating.simulation(wiring.ports(), visit.signed_in(), job_id)
    return visit.page("simulation.html.j2", job=job, outlook=outlook_shape(job))


def _version(typed: str) -> int:
    """The version that the draft would have. Raises Invalid."""
    if not (typed.isdecimal() and len(typed) < 10):
        raise Invalid("validation_failed", errors=[{"field": "version", "message": "a whole number"}])
    return int(typed) + 1
