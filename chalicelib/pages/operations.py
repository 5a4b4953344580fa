"""For operators: how the service stands, and the policies: read, compared version by version, changed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid, NotFound, Refused
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.ports import LONGEST_PAGE
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_OWN_ID, LONGEST_SOURCE
from chalicelib.edge.queries import PolicyQuery
from chalicelib.edge.reading import policy_of, read_json, taken
from chalicelib.pages.page import FORM, Form, Visit, go, go_instead, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import chargebacks, figures, held, mail_stops
from chalicelib.workflow import policies as profiles
from chalicelib.workflow.held import Released, Which, effect_id, effect_of, helps, kind_of

bp = Blueprint(__name__)

# How many stopped addresses, and how many orders that banks dispute, are listed.
_STOPS = 50


@bp.route("/operations", methods=READ)
@page(bp)
def dashboard(visit: Visit) -> Response:
    """Open by state, due soon, how it ended, how long it took, what is stuck."""
    found = figures.overview(wiring.ports(), visit.signed_in())
    stops = mail_stops.stops(wiring.ports(), visit.signed_in(), limit=_STOPS)
    waiting = held.held_effects(wiring.ports(), visit.signed_in(), Which(), limit=LONGEST_PAGE)
    return visit.page(
        "operations.html.j2",
        overview=found,
        figures=found.figures,
        most=figures.MOST,
        stops=stops,
        waiting=waiting,
        late=mail_stops.delays(wiring.ports(), visit.signed_in()),
        most_late=mail_stops.MOST_DELAYS,
        disputed=chargebacks.open_chargebacks(wiring.ports(), visit.signed_in(), _STOPS),
    )


@bp.route("/operations/open/{state}", methods=READ)
@page(bp)
def open_cases(visit: Visit, state: str) -> Response:
    """What one of the dashboard's numbers counts. Raises NotFound for what is no state of an open case."""
    found = figures.overview(wiring.ports(), visit.signed_in())
    known = next((each for each in found.open if each == state), None)
    if known is None:
        raise NotFound("page")
    return visit.page("open_cases.html.j2", state=known, cases=found.open[known], more=known in found.more)


@bp.route("/operations/mail-stops", methods=["POST"], content_types=[FORM])
@page(bp)
def lift_mail_stop(visit: Visit) -> Response:
    """Let an address have mail again."""
    actor, form = visit.signed_in(), visit.form()
    stop = form.get("stop_id", "")[:LONGEST_OWN_ID]
    kept_beside(key_in(visit, form, actor), lambda: mail_stops.lift(wiring.ports(), actor, stop), lambda done: stop)
    return go("/operations")


@bp.route("/operations/mail-stops", methods=READ)
@page(bp)
def mail_stops_on(visit: Visit) -> Response:
    """They stand on the dashboard."""
    return go_instead(visit, "/operations")


@bp.route("/operations/held", methods=READ)
@page(bp)
def held_effects(visit: Visit) -> Response:
    """What was tried in vain, the longest held first."""
    return _show_held(visit)


@bp.route("/operations/held", methods=["POST"], content_types=[FORM])
@page(bp)
def deliver_held(visit: Visit) -> Response:
    """Let go out again what was ticked, or all that is listed of one kind."""
    actor, form = visit.signed_in(), visit.form()
    try:
        note = (form.text("note") or "").strip()
    except Invalid as refused:
        return _show_held(visit, typed=form, missing=refused.code, status=422)
    ids, kind = form.many.get("id"), form.get("kind", "")[:LONGEST_OWN_ID] or None
    which = Which(ids=ids) if form.get("what") == "ticked" else Which(kind=kind)
    if not note or (which.ids is None and form.get("what") == "ticked"):
        missing = "note_required" if not note else "nothing_ticked"
        return _show_held(visit, typed=form, missing=missing, status=422)
    told = kept_beside(
        key_in(visit, form, actor),
        lambda: held.release(wiring.ports(), actor, which, note),
        lambda released: msgspec.json.encode(released).decode(),
    )
    return _show_held(visit, released=msgspec.json.decode(told, type=Released))


def _show_held(
    visit: Visit,
    *,
    released: Released | None = None,
    typed: Form | None = None,
    missing: str | None = None,
    status: int = 200,
) -> Response:
    kind = visit.query.get("kind", "")[:LONGEST_OWN_ID] or None
    listed = held.held_effects(wiring.ports(), visit.signed_in(), Which(kind=kind), limit=LONGEST_PAGE)
    return visit.page(
        "held.html.j2",
        status,
        listed=listed,
        kind=kind,
        kinds=sorted({kind_of(one.promise) for one in listed.items}),
        released=released,
        typed=typed or {},
        ticked=typed.many.get("id", []) if typed else [],
        missing=missing,
        effect_id=effect_id,
        effect_of=effect_of,
        kind_of=kind_of,
        helps=helps,
    )


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
