"""For operators: a draft of a policy tried on past requests before it counts, followed, and read."""

from collections.abc import Sequence

from chalice.app import Blueprint, Response
from markupsafe import Markup

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.simulation.suggesting import Step
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_SOURCE
from chalicelib.edge.queries import SimulateQuery
from chalicelib.edge.reading import policy_of, read_json, taken
from chalicelib.edge.simulations import SuggestionAnswer, outlook_shape
from chalicelib.locales import say
from chalicelib.pages.charts import Point, trade_off
from chalicelib.pages.page import FORM, Visit, go, go_instead, page
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
    asked = {field: form.get(field, "") for field in ("suggest", "decided", "within", "more_fees")}
    target = taken({field: said for field, said in asked.items() if said}, SimulateQuery, typed=True).target
    job_id = kept_beside(
        key_in(visit, form, actor),
        lambda: simulating.begin(wiring.ports(), actor, draft, target),
        lambda job: job.job_id,
    )
    return go(f"/operations/simulations/{job_id}")


@bp.route("/operations/policies/{name}/simulate", methods=READ)
@page(bp)
def form_of(visit: Visit, name: str) -> Response:
    """Where a draft comes from, for whoever opens what is only posted to."""
    visit.signed_in()
    return go_instead(visit, f"/operations/policies/{name}/change")


@bp.route("/operations/simulations/{job_id}", methods=READ)
@page(bp)
def simulation(visit: Visit, job_id: str) -> Response:
    """How far a trial is, and what would have changed."""
    job = simulating.simulation(wiring.ports(), visit.signed_in(), job_id)
    outlook = outlook_shape(job)
    chart = _trade_off(job.steps, outlook["suggestion"], visit) if job.steps and job.found.cases else None
    return visit.page("simulation.html.j2", job=job, outlook=outlook, chart=chart)


def _trade_off(found: Sequence[Step], told: SuggestionAnswer, visit: Visit) -> Markup:
    """The steps by how many more requests they change and how many are decided in time."""
    points = [
        Point(
            name=str(each.hours),
            across=each.changed.mean,
            up=each.decided,
            chosen=each.hours == told["hours"],
        )
        for each in found
    ]
    title = say("page.simulation.trade_off", visit.locale)
    return trade_off(points, told["decided"], title, lambda count: f"{count:.0f}")


def _version(typed: str) -> int:
    """The version that the draft would have. Raises Invalid."""
    if not (typed.isdecimal() and len(typed) < 10):
        raise Invalid("validation_failed", errors=[{"field": "version", "message": "a whole number"}])
    return int(typed) + 1
