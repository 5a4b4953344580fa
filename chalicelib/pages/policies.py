"""For operators: the policies: read, compared version by version, changed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.policies.policy import Policy
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_SOURCE
from chalicelib.edge.queries import PolicyQuery
from chalicelib.edge.reading import policy_of, read_json, taken
from chalicelib.pages.page import FORM, Visit, go, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import policies as profiles

bp = Blueprint(__name__)


@bp.route("/operations/policies", methods=READ)
@page(bp)
def policies(visit: Visit) -> Response:
    """Every profile."""
    return visit.page("policies.html.j2", policies=profiles.policies(wiring.ports(), visit.signed_in()))


@bp.route("/operations/policies/{name}", methods=READ)
@page(bp)
def policy(visit: Visit, name: str) -> Response:
    """One profile, against an earlier version where one is chosen."""
    actor = visit.signed_in()
    current = profiles.policy(wiring.ports(), actor, name)
    shown = profiles.policy(wiring.ports(), actor, name, _version(visit, "version"))
    against = _version(visit, "against")
    other = profiles.policy(wiring.ports(), actor, name, against) if against else None
    return _show(visit, current, shown, other=other, source=_source(current))


@bp.route("/operations/policies/{name}", methods=["POST"], content_types=[FORM])
@page(bp)
def change(visit: Visit, name: str) -> Response:
    """Look at a change first; keep it when asked to. A draft that says something wrong is shown again with why."""
    actor = visit.signed_in()
    form = visit.form()
    current = profiles.policy(wiring.ports(), actor, name)
    source = form.get("source", "")[:LONGEST_SOURCE]
    try:
        draft = policy_of(name, read_json(source, dict[str, Any]) | {"version": current.version + 1})
        if form.get("what") == "keep":
            against = kept_beside(
                key_in(visit, form, actor),
                lambda: profiles.publish_policy(wiring.ports(), actor, draft),
                lambda kept: str(kept.version - 1),
            )
            return go(f"/operations/policies/{name}?against={against}")
    except (Invalid, Refused) as refused:
        return _show(visit, current, current, source=source, problem=_words(refused), status=422)
    return _show(visit, current, draft, other=current, source=source, draft=True)


def differences(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    """What differs between two versions: the place, the value before and after (empty where there was none)."""
    old, new = dict(_flat(msgspec.to_builtins(before))), dict(_flat(msgspec.to_builtins(after)))
    places = sorted(old.keys() | new.keys())
    return [(at, old.get(at, ""), new.get(at, "")) for at in places if old.get(at) != new.get(at) and at != "version"]


def _show(
    visit: Visit,
    current: Policy,
    shown: Policy,
    *,
    other: Policy | None = None,
    source: str,
    problem: str | None = None,
    draft: bool = False,
    status: int = 200,
) -> Response:
    return visit.page(
        "policy.html.j2",
        status,
        current=current,
        shown=shown,
        settings=list(_flat(msgspec.to_builtins(shown))),
        other=other,
        differences=differences(other, shown) if other else [],
        source=source,
        problem=problem,
        draft=draft,
        versions=_versions(current),
    )


def _versions(current: Policy) -> list[int]:
    return list(range(current.version, max(0, current.version - 20), -1))


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _flat(each, f"{place}.{name}" if place else str(name))
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        for number, each in enumerate(value, start=1):
            yield from _flat(each, f"{place}[{number}]")
    else:
        yield place, json.dumps(value, ensure_ascii=False).strip('"')


def _source(of: Policy) -> str:
    plain = msgspec.to_builtins(of)
    return json.dumps({name: plain[name] for name in plain if name != "version"}, indent=2, ensure_ascii=False)


def _words(refused: Invalid | Refused) -> str:
    errors: Any = refused.details.get("errors", [])
    return "; ".join(f"{each['field']}: {each['message']}" for each in errors) or refused.code


def _version(visit: Visit, name: str) -> int | None:
    """A version named in the address; None where none is. Raises Invalid `validation_failed`."""
    given = visit.query.get(name)
    return taken({"version": given}, PolicyQuery, typed=True).version if given else None
