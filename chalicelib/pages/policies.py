"""For operators: the policies as sentences: read, changed, looked at before they count, and brought back."""

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.merging import carried_over
from chalicelib.domain.policies.policy import Policy
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_SOURCE
from chalicelib.edge.queries import PolicyQuery
from chalicelib.edge.reading import policy_of, read_json, taken
from chalicelib.locales import say
from chalicelib.pages.page import FORM, Form, Visit, go, page
from chalicelib.pages.policy_blanks import UNITS, Kind, drawn, filled_in, plain_of, span_in_words
from chalicelib.pages.policy_changes import changed_sentences, differences, flat, unsaid_differences
from chalicelib.pages.policy_sentences import sentences
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import policies as profiles
from chalicelib.workflow.policy_examples import examples

bp = Blueprint(__name__)

# Of a history, as many versions as one page holds.
_VERSIONS = 20
# What a form carries of a policy is all that its writers decide.
_NOT_WRITTEN = frozenset({"version", "published"})


@bp.route("/operations/policies", methods=READ)
@page(bp)
def policies(visit: Visit) -> Response:
    """Every profile."""
    return visit.page(
        "policies.html.j2",
        policies=profiles.policies(wiring.ports(), visit.signed_in()),
        span=lambda span: span_in_words(span.amount, span.unit, visit.locale),
    )


@bp.route("/operations/policies/{name}", methods=READ)
@page(bp)
def policy(visit: Visit, name: str) -> Response:
    """One profile, against an earlier version where one is chosen."""
    actor = visit.signed_in()
    current = profiles.policy(wiring.ports(), actor, name)
    shown = profiles.policy(wiring.ports(), actor, name, _version(visit.query, "version"))
    against = _version(visit.query, "against")
    other = profiles.policy(wiring.ports(), actor, name, against) if against else None
    return _show(visit, current, shown, other=other, source=_source(_plain(current)))


@bp.route("/operations/policies/{name}/history", methods=READ)
@page(bp)
def history(visit: Visit, name: str) -> Response:
    """The latest versions: who made each, when, why, and what it changed."""
    found = profiles.history(wiring.ports(), visit.signed_in(), name, _VERSIONS + 1)
    changes = {after.version: changed_sentences(before, after, visit.locale) for after, before in pairwise(found)}
    return visit.page("policy_history.html.j2", current=found[0], versions=found[:_VERSIONS], changes=changes)


@bp.route("/operations/policies/{name}/change", methods=READ)
@page(bp)
def change_in_sentences(visit: Visit, name: str) -> Response:
    """The policy as a form in sentences."""
    actor = _writer(visit)
    current = profiles.policy(wiring.ports(), actor, name)
    return _show_form(visit, current, _plain(current))


@bp.route("/operations/policies/{name}/change", methods=["POST"], content_types=[FORM])
@page(bp)
def look_at_sentences(visit: Visit, name: str) -> Response:
    """What was filled in, looked at before it counts. What cannot be meant is said at its field, and all else stays."""
    actor, form = _writer(visit), visit.form()
    current = profiles.policy(wiring.ports(), actor, name)
    try:
        ground = _read(form)
        if form.get("what") == "edit":
            return _show_form(visit, current, ground, base=_base(form, current))
        said = sentences(policy_of(name, ground | {"version": current.version}), visit.locale)
        blanks = [blank for each in said.values() for sentence in each for blank in sentence.blanks.values()]
        draft, wrong = filled_in(ground, blanks, form, visit.locale)
        if wrong:
            return _show_form(visit, current, ground, base=_base(form, current), typed=form, wrong=wrong)
        return _look(visit, form, actor, current, draft)
    except Invalid as refused:
        ground = _plain(current) if refused.code == "malformed_json" else _read(form)
        return _show_form(visit, current, ground, base=_base(form, current), typed=form, problem=_words(refused))


@bp.route("/operations/policies/{name}", methods=["POST"], content_types=[FORM])
@page(bp)
def change(visit: Visit, name: str) -> Response:
    """Look at a change, or at an earlier version to bring back; keep it when asked to. A draft that says something
    wrong is shown again with why."""
    actor, form = _writer(visit), visit.form()
    current = profiles.policy(wiring.ports(), actor, name)
    try:
        if form.get("what") == "restore":
            earlier = _version(form, "restored")
            wanted = profiles.policy(wiring.ports(), actor, name, earlier)
            note = say("page.policy.history.restored", visit.locale, version=earlier)
            return _look(visit, form, actor, current, _plain(wanted), note=note)
        if form.get("what") == "keep":
            return _keep(visit, form, actor, current)
        return _look(visit, form, actor, current, _read(form))
    except Invalid as refused:
        source = form.get("source", "")[:LONGEST_SOURCE]
        return _show(visit, current, current, source=source, problem=_words(refused), status=422)


def _keep(visit: Visit, form: Form, actor: Actor, current: Policy) -> Response:
    """Make a draft the next version. Without a reason, or where somebody else was faster, it is shown again with all
    that was typed. Raises Invalid."""
    draft, base, note = _read(form), _base(form, current), form.text("note")
    if note is None:
        return _look(visit, form, actor, current, draft, missing="note")
    wanted = policy_of(current.name, draft | {"version": base + 1})
    try:
        against = kept_beside(
            key_in(visit, form, actor),
            lambda: profiles.publish_policy(wiring.ports(), actor, wanted, note),
            lambda kept: str(kept.version - 1),
        )
    except Refused as refused:
        if refused.code != "superseded":
            raise
        # Somebody may have come between our reading and our writing.
        return _look(visit, form, actor, profiles.policy(wiring.ports(), actor, current.name), draft)
    return go(f"/operations/policies/{current.name}?against={against}")


def _look(
    visit: Visit,
    form: Form,
    actor: Actor,
    current: Policy,
    draft: Mapping[str, Any],
    *,
    note: str | None = None,
    missing: str | None = None,
) -> Response:
    """A draft beside the current version. Where that is not the one that it was written on, what was changed is carried
    over to it, and the page says so (409). Raises Invalid."""
    base, clashes = _base(form, current), list[str]()
    if base != current.version:
        written_on = profiles.policy(wiring.ports(), actor, current.name, base)
        draft, clashes = carried_over(_plain(written_on), draft, _plain(current))
    wanted = policy_of(current.name, dict(draft) | {"version": current.version + 1})
    now, then = (examples(wiring.ports(), actor, each) for each in (current, wanted))
    return visit.page(
        "policy_draft.html.j2",
        409 if base != current.version else 422 if missing else 200,
        current=current,
        draft=wanted,
        changes=changed_sentences(current, wanted, visit.locale),
        differences=differences(current, wanted),
        unsaid=unsaid_differences(current, wanted, visit.locale),
        examples=_beside(now, then),
        span=lambda span: span_in_words(span.amount, span.unit, visit.locale),
        source=_source(draft),
        note=form.get("note") or note or "",
        missing=missing,
        overtaken=base if base != current.version else None,
        clashes=clashes,
    )


def _beside(now: Any, then: Any) -> list[tuple[Any, Any]]:
    """Examples of both versions by status, None where one has none."""
    by_status = [{each.status: each for each in found} for found in (now, then)]
    return [(by_status[0].get(status), by_status[1].get(status)) for status in {**by_status[0], **by_status[1]}]


def _show_form(
    visit: Visit,
    current: Policy,
    ground: Mapping[str, Any],
    *,
    base: int | None = None,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    problem: str | None = None,
) -> Response:
    shown = policy_of(current.name, dict(ground) | {"version": current.version})
    return visit.page(
        "policy_form.html.j2",
        422 if wrong or problem else 200,
        current=current,
        base=base or current.version,
        subjects=sentences(shown, visit.locale),
        drawn=lambda blank: drawn(blank, ground, visit.locale),
        pieces=lambda sentence: sentence.pieces(visit.locale),
        kinds=Kind,
        units=UNITS,
        source=_source(ground),
        typed=typed or {},
        wrong=wrong or {},
        problem=problem,
    )


def _show(
    visit: Visit,
    current: Policy,
    shown: Policy,
    *,
    other: Policy | None = None,
    source: str,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    plain = _plain(shown)
    subjects = {
        subject: [sentence.in_words(plain, visit.locale) for sentence in said]
        for subject, said in sentences(shown, visit.locale).items()
    }
    return visit.page(
        "policy.html.j2",
        status,
        current=current,
        shown=shown,
        subjects=subjects,
        settings=list(flat(plain)),
        other=other,
        changes=changed_sentences(other, shown, visit.locale) if other else [],
        differences=differences(other, shown) if other else [],
        unsaid=unsaid_differences(other, shown, visit.locale) if other else [],
        source=source,
        problem=problem,
        versions=list(range(current.version, max(0, current.version - _VERSIONS), -1)),
    )


def _writer(visit: Visit) -> Actor:
    actor = visit.signed_in()
    if actor.role not in profiles.WRITERS:
        raise Forbidden(actor.role, "keep_policy")
    return actor


def _plain(of: Policy) -> dict[str, Any]:
    """What a policy says, as its writers wrote it."""
    return {name: value for name, value in plain_of(of).items() if name not in _NOT_WRITTEN}


def _read(form: Form) -> dict[str, Any]:
    """The policy that a form carries as JSON. Raises Invalid."""
    given = read_json(form.get("source", "")[:LONGEST_SOURCE], dict[str, Any])
    return {name: value for name, value in given.items() if name not in _NOT_WRITTEN}


def _source(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, indent=2, ensure_ascii=False)


def _base(form: Form, current: Policy) -> int:
    """The version that a form was drawn with; a page of the release before this one named none."""
    return _version(form, "version") or current.version


def _words(refused: Invalid) -> str:
    errors: Any = refused.details.get("errors", [])
    return "; ".join(f"{each['field']}: {each['message']}" for each in errors) or refused.code


def _version(given: Mapping[str, str], name: str) -> int | None:
    """A version that is named; None where none is. Raises Invalid `validation_failed`."""
    text = given.get(name)
    return taken({"version": text}, PolicyQuery, typed=True).version if text else None
