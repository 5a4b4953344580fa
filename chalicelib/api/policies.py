"""For operators: policies, version by version."""

from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.policies.policy import Policy
from chalicelib.edge.answer_types import Listed
from chalicelib.edge.jobs import JOB, JobAnswer, job_shape
from chalicelib.edge.queries import PageQuery, PolicyQuery, SimulateQuery
from chalicelib.edge.reading import policy_of
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.workflow import policies, simulating

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/policies", roles=policies.READERS)
def list_policies(call: Call, query: PageQuery) -> Listed[Policy]:
    """The current version of every policy profile."""
    page = policies.policies_page(wiring.ports(), call.actor, query.limit, query.cursor)
    return page_shape(page, lambda policy: policy)


@route(bp, "GET", "/v1/policies/{name}", roles=policies.READERS)
def get_policy(call: Call, name: str, query: PolicyQuery) -> Policy:
    """One policy profile; `version` names an earlier one."""
    return policies.policy(wiring.ports(), call.actor, name, query.version)


@route(bp, "PUT", "/v1/policies/{name}", roles=policies.WRITERS, takes=Policy)
def put_policy(call: Call, name: str, body: dict[str, Any]) -> Policy:
    """Keep the next version of a profile; running cases keep the version they began with."""
    return policies.publish_policy(wiring.ports(), call.actor, policy_of(name, body))


@route(bp, "POST", "/v1/policies/{name}/simulate", roles=policies.WRITERS, takes=Policy, status=201, made_at=JOB)
def simulate_policy(call: Call, name: str, query: SimulateQuery, body: dict[str, Any]) -> JobAnswer:
    """Try a draft of a profile on all its past requests, and keep nothing of it: the job's `outlook` says what would
    have changed. It is worked on within a minute or two; `version` may be any. With `suggest` a lever
    is moved in steps, too, and the step is told that reaches the target and changes least."""
    job = simulating.begin(wiring.ports(), call.actor, policy_of(name, body), query.target)
    return job_shape(wiring.ports(), job, call.locale)
