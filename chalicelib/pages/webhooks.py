"""For operators: where events are posted to, how that goes, and telling things again."""

from datetime import timedelta

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.webhooks import EVERY, OVERLAP, TEST, Webhook
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Actor
from chalicelib.edge.bodies import WebhookPost
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_LINK
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.reading import read_json
from chalicelib.edge.webhooks import delivery_shape, webhook_shape
from chalicelib.pages.page import FORM, Form, Visit, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import webhooks

bp = Blueprint(__name__)

_ATTEMPTS = 20
_DAY = timedelta(days=1)


@bp.route("/operations/webhooks", methods=READ)
@page(bp)
def all_webhooks(visit: Visit) -> Response:
    """Every receiver, and the form for another one."""
    return _list(visit, visit.signed_in())


@bp.route("/operations/webhooks", methods=["POST"], content_types=[FORM])
@page(bp)
def make(visit: Visit) -> Response:
    """A new one; its secret is shown here."""
    actor, form = visit.signed_in(), visit.form()
    key = key_in(visit, form, actor)
    try:
        said = read_json(msgspec.json.encode(_said(form)), WebhookPost)
        made = kept_beside(
            key,
            lambda: webhooks.create(wiring.ports(), actor, said.url, said.types, said.contact or ""),
            lambda webhook: webhook.webhook_id,
        )
    except (Invalid, Refused) as refused:
        return _list(visit, actor, typed=form, problem=refused.code, status=PROBLEMS[refused.code][0])
    return _one(visit, actor, made, secret=True, done="made")


@bp.route("/operations/webhooks/{webhook_id}", methods=READ)
@page(bp)
def one(visit: Visit, webhook_id: str) -> Response:
    """How it goes with one: what waits, what was tried, and what the receiver said."""
    return _one(visit, visit.signed_in(), webhook_id)


@bp.route("/operations/webhooks/{webhook_id}", methods=["POST"], content_types=[FORM])
@page(bp)
def act(visit: Visit, webhook_id: str) -> Response:
    """Try it out, go on, tell again, change its secret, remove it."""
    actor, form = visit.signed_in(), visit.form()
    key, what = key_in(visit, form, actor), form.get("what", "")
    try:
        done = kept_beside(key, lambda: _acted(actor, webhook_id, what, form), lambda said: said)
    except (Invalid, Refused) as refused:
        return _one(visit, actor, webhook_id, problem=refused.code, typed=form, status=PROBLEMS[refused.code][0])
    if what == "remove":
        return _list(visit, actor, removed=True)
    return _one(visit, actor, webhook_id, done=done, secret=what == "rotate")


def _said(form: Form) -> dict[str, object]:
    named = {name: text for name in ("url", "contact") if (text := form.text(name, LONGEST_LINK))}
    return {**named, "types": form.many.get("types") or [EVERY]}


def _acted(actor: Actor, webhook_id: str, what: str, form: Form) -> str:
    """Do it; what there is to say of it. Raises Invalid, Refused."""
    ports = wiring.ports()
    if what == "test":
        return "test_taken" if webhooks.try_out(ports, actor, webhook_id).reply.taken else "test_failed"
    if what == "enable":
        webhooks.switch_on(ports, actor, webhook_id)
    elif what == "rotate":
        webhooks.rotate(ports, actor, webhook_id, OVERLAP)
    elif what == "again":
        webhooks.replay_one(ports, actor, webhook_id, form.get("event_id", ""))
    elif what == "day":
        webhooks.replay_since(ports, actor, webhook_id, ports.now() - _DAY)
    elif what == "remove":
        webhooks.remove(ports, actor, webhook_id)
    else:
        raise Invalid("validation_failed")
    return what


def _list(
    visit: Visit,
    actor: Actor,
    *,
    typed: Form | None = None,
    problem: str | None = None,
    removed: bool = False,
    status: int = 200,
) -> Response:
    found = [webhook_shape(each) for each in webhooks.webhooks(wiring.ports(), actor)]
    return visit.page(
        "webhooks.html.j2",
        status=status,
        webhooks=found,
        types=[str(name) for name in EventName],
        typed=typed or {},
        chosen=typed.many.get("types", []) if typed else [],
        problem=problem,
        removed=removed,
        longest=LONGEST_LINK,
    )


def _one(
    visit: Visit,
    actor: Actor,
    webhook_id: str,
    *,
    secret: bool = False,
    done: str = "",
    typed: Form | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    ports = wiring.ports()
    found: Webhook = webhooks.webhook(ports, actor, webhook_id)
    attempts = webhooks.attempts(ports, actor, webhook_id, _ATTEMPTS, visit.query.get("cursor"))
    return visit.page(
        "webhook.html.j2",
        status=status,
        webhook=webhook_shape(found),
        secret=webhooks.secret(ports, found) if secret else None,
        attempts=[delivery_shape(each) for each in attempts.items],
        test=TEST,
        older=attempts.next_cursor,
        done=done,
        typed=typed or {},
        problem=problem,
    )
