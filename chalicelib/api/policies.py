"""For operators: policies version by version, and figures; sellers read their own figures."""

from typing import Any, TypeVar

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.policy import Policy
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.boundary import answer_json, boundary, call
from chalicelib.edge.cors import CORS, READ
from chalicelib.workflow import policies

bp = Blueprint(__name__)

T = TypeVar("T")


@bp.route("/v1/policies", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def list_policies() -> Response:
    """The current version of every profile."""
    found = policies.policies(wiring.ports(), call(bp.current_request).actor())
    return answer_json(200, {"items": found, "next_cursor": None})


@bp.route("/v1/policies/{name}", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_policy(name: str) -> Response:
    """One profile; `version` names an earlier one."""
    this = call(bp.current_request)
    given = this.query.get("version")
    if given is not None and not (given.isascii() and given.isdigit() and len(given) < 8):
        raise Invalid("validation_failed", errors=[{"field": "version", "message": "a number"}])
    found = policies.policy(wiring.ports(), this.actor(), name, int(given) if given else None)
    return answer_json(200, found)


@bp.route("/v1/policies/{name}", methods=["PUT"], authorizer=authorize, cors=CORS)
@boundary
def put_policy(name: str) -> Response:
    """Keep the next version of a profile."""
    this = call(bp.current_request)
    actor = this.actor()
    return answer_json(200, policies.publish_policy(wiring.ports(), actor, policy_of(name, this.read(dict[str, Any]))))


def policy_of(name: str, given: dict[str, Any]) -> Policy:
    """A profile as somebody wrote it. Raises Invalid `validation_failed` naming what is wrong, or unknown."""
    if given.setdefault("name", name) != name or not (name.isidentifier() and name.isascii() and name.islower()):
        raise Invalid("validation_failed", errors=[{"field": "name", "message": "must be the one in the path"}])
    return strictly(given, Policy)


def strictly(given: dict[str, Any], kind: type[T]) -> T:
    """A type of the domain from what somebody wrote. Raises Invalid `validation_failed` as policy_of does."""
    try:
        made = msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        raise Invalid("validation_failed", errors=[{"field": place.strip("`.") or "body", "message": text}]) from error
    unknown = _unknown(given, msgspec.to_builtins(made), "")
    if unknown:
        errors = [{"field": field, "message": "unknown field"} for field in unknown]
        raise Invalid("validation_failed", errors=errors)
    return made


def _unknown(given: Any, known: Any, path: str) -> list[str]:
    """The fields of `given` that were read into nothing."""
    if isinstance(given, dict) and isinstance(known, dict):
        found = [f"{path}{name}" for name in given if name not in known]
        return found + [
            each for name in given if name in known for each in _unknown(given[name], known[name], f"{path}{name}.")
        ]
    if isinstance(given, list) and isinstance(known, (list, tuple)):
        return [each for one, other in zip(given, known, strict=True) for each in _unknown(one, other, path)]
    return []
