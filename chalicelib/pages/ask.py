"""Asking to cancel an order or to return goods, on one screen: what it would bring stands beside the form, and is
worked out anew as it changes. Customer service asks for buyers on the phone; sellers, for what they cannot deliver."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.asking import Options
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.choices import Channel
from chalicelib.domain.cases.commands import Ask
from chalicelib.domain.cases.evidence import MOST_BYTES as MOST_FILE_BYTES
from chalicelib.domain.cases.evidence import MOST_FILES, TYPES
from chalicelib.domain.errors import BatalError, Invalid, Refused
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.parcels import Group
from chalicelib.domain.orders.statuses import ARRIVED
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.policies.reasons import Kind, wants_evidence
from chalicelib.edge.bodies import AskPost
from chalicelib.edge.commands import ask_of
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.quotas import count_use
from chalicelib.edge.reading import taken
from chalicelib.links import path
from chalicelib.pages.instead import instead_of
from chalicelib.pages.page import FORM, OURS, Form, Visit, go, named_in, page
from chalicelib.pages.pieces import fields_of, line_field, named, pieces_in
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.pages.undelivered import undelivered
from chalicelib.workflow import access, asking
from chalicelib.workflow.committing import Remember

bp = Blueprint(__name__)

# Through which doors customer service hears a buyer; everybody else is here on the web.
_HEARD_BY = (Channel.PHONE, Channel.CHAT, Channel.EMAIL)
# What a form says beside the wish: the button, what stood on the screen, and what was confirmed of it.
_WHAT, _QUOTED, _CONFIRMED = "what", "quoted", "confirmed"


class _NotAsQuotedError(Exception):
    """What is on the screen is not what was worked out."""


class _AskedOnceError(Exception):
    """It cannot be undone, and was pressed once. Carries what would be done."""

    def __init__(self, wish: "_Wish") -> None:
        super().__init__()
        self.wish = wish


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What is wished for, and what it would bring; `wrong` where the quantities are none, which are then all."""

    order: Order
    kind: Kind
    reason: str | None
    lines: Mapping[str, int] | None
    options: Options
    wrong: Invalid | None = None

    def word(self, reason: str | None) -> str:
        """The quantities and all that the screen told of them as one word, by which a form says what was seen."""
        verdict = self.options.verdict
        told = [
            reason,
            sorted((self.lines or self.order.remaining).items()),
            self.options.quote.quote_id,
            [verdict.needs_seller, verdict.if_silent, self.options.odds.level],
            self.options.consequences,
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @property
    def chosen(self) -> str | None:
        """The reason, where it is one that may be given."""
        return self.reason if any(each.code == self.reason for each in self.options.reasons) else None

    @property
    def was_seen(self) -> frozenset[str]:
        """The words of the screens on which all of this stood: with this reason chosen, or before one was."""
        return frozenset({self.word(self.reason), self.word(None)})


@bp.route("/orders/{order_id}/cancel", methods=READ)
@page(bp)
def before_cancelling(visit: Visit, order_id: str) -> Response:
    """Odds, price and wait, before anything is asked; with `part=quote` these alone, for a page that is open."""
    return _before(visit, order_id, Kind.CANCELLATION)


@bp.route("/orders/{order_id}/return", methods=READ)
@page(bp)
def before_returning(visit: Visit, order_id: str) -> Response:
    """The same for goods that were delivered."""
    return _before(visit, order_id, Kind.RETURN)


@bp.route("/orders/{order_id}/cancel", methods=["POST"], content_types=[FORM])
@page(bp)
def cancel(visit: Visit, order_id: str) -> Response:
    """Asks, or where the order would be cancelled at once lets it be confirmed. Pressed twice it leads to the same
    case; changed after the money was worked out, it shows the new quote."""
    return _ask(visit, order_id, Kind.CANCELLATION)


@bp.route("/orders/{order_id}/return", methods=["POST"], content_types=[FORM])
@page(bp)
def give_back(visit: Visit, order_id: str) -> Response:
    """The same for a return."""
    return _ask(visit, order_id, Kind.RETURN)


def _before(
    visit: Visit,
    order_id: str,
    kind: Kind,
    *,
    given: Mapping[str, str] | None = None,
    changed: bool = False,
    refused: BatalError | None = None,
    status: int = 200,
) -> Response:
    actor = visit.signed_in()
    if actor.role is Role.SELLER:
        return go(path("/orders/{}", order_id) + "#cannot-deliver")
    given = given or visit.query
    found = access.order_for(wiring.ports(), order_id, actor)
    if found.open_case:
        return _open_already(visit, found, status)
    wish = _wish(found, kind, actor, given)
    whole = wish.options
    if wish.lines and not whole.verdict.eligible:
        whole = asking.options(wiring.ports(), order_id, kind, actor, wish.reason)
    refused = refused or wish.wrong
    facts: dict[str, Any] = {
        "order": found,
        "kind": kind,
        "options": wish.options,
        "chosen": wish.chosen,
        "quoted": "" if wish.wrong else wish.word(wish.chosen),
        "wrong": named_in(refused),
        "instead": instead_of(wish.chosen, kind, order_id),
        "behalf": actor.role is Role.SUPPORT,
    }
    if visit.query.get("part") == "quote":
        return visit.page("quote.html.j2", refused=wish.wrong.code if wish.wrong else None, **facts)
    return visit.page(
        "ask.html.j2" if whole.verdict.eligible else "not_possible.html.j2",
        422 if wish.wrong and status == 200 else status,
        given=given,
        changed=changed,
        reasons=whole.reasons,
        terms=whole.terms_version,
        named_lines=wish.lines is not None,
        lines=wish.lines or found.remaining,
        parts=[_part(found, kind, group) for group in wish.options.groups],
        file_types=TYPES,
        most_of_file=MOST_FILE_BYTES,
        most_files=MOST_FILES,
        channels=_HEARD_BY if actor.role is Role.SUPPORT else (),
        refused=refused.code if refused else None,
        **facts,
    )


def _wish(found: Order, kind: Kind, actor: Actor, given: Mapping[str, str]) -> _Wish:
    """What is wished for. Raises NotFound."""
    reason, lines, wrong = given.get("reason_code") or None, None, None
    try:
        lines = pieces_in(given, found.remaining)
        options = asking.options(wiring.ports(), found.order_id, kind, actor, reason, lines)
    except Invalid as error:
        lines, wrong = None, error
        options = asking.options(wiring.ports(), found.order_id, kind, actor, reason)
    return _Wish(order=found, kind=kind, reason=reason, lines=lines, options=options, wrong=wrong)


def _part(found: Order, kind: Kind, group: Group) -> dict[str, Any]:
    """Pieces that can be asked for together, and where one does: what has arrived is returned."""
    way = "return" if kind is Kind.RETURN or group.status in ARRIVED else "cancel"
    asked = urlencode({line_field(line_id): count for line_id, count in group.lines.items()})
    lines = [(line.name, group.lines[line.line_id]) for line in found.body.lines if line.line_id in group.lines]
    return {"status": group.status, "lines": lines, "way": way, "asked": asked}


def _ask(visit: Visit, order_id: str, kind: Kind) -> Response:
    """What is on the screen is asked for, or nothing is: where it is not what was quoted, the new quote is shown."""
    actor = visit.signed_in()
    form = visit.form()
    found = access.order_for(wiring.ports(), order_id, actor)
    if form.get(_WHAT) == "quote":
        return _before(visit, order_id, kind, given=form)

    def ask(keep: Remember | None) -> Case:
        said = _said(form, kind, found, pieces_in(form, found.remaining), actor)
        _was_seen_and_meant(_wish(found, kind, actor, form), said, form, actor)
        count_use(Counted.ASKS, actor)
        return asking.ask(wiring.ports(), order_id, said, actor, keep)

    try:
        key = key_in(visit, form, actor, said=_chosen(form))
        return act_once(key, ask, lambda case: _onward(case, actor))
    except _NotAsQuotedError:
        return _before(visit, order_id, kind, given=form, changed=True)
    except _AskedOnceError as once:
        return _confirm(visit, once.wish, form, actor)
    except (Refused, Invalid) as refused:
        status = PROBLEMS[refused.code][0]
        if status == PROBLEMS["too_many_requests"][0]:
            raise
        now = access.order_for(wiring.ports(), order_id, actor)
        if now.open_case:
            return _open_already(visit, now, status)
        if actor.role is Role.SELLER:
            raise
        return _before(visit, order_id, kind, given=form, refused=refused, status=status)


def _onward(case: Case, actor: Actor) -> str:
    """To the case; where its reason wants photos, by the page that takes them."""
    photos = actor.role is Role.BUYER and case.open and wants_evidence(case.asked.reason_code, case.kind)
    return f"/cases/{case.case_id}{'/evidence' if photos else ''}?did={case.decision_id}"


def _was_seen_and_meant(wish: _Wish, said: Ask, form: Form, actor: Actor) -> None:
    """Raises _NotAsQuotedError where another quote was on the screen, and _AskedOnceError where nobody would have to
    agree: then it is done, and cannot be undone."""
    verdict = wish.options.verdict
    if actor.role is Role.SELLER:
        at_once = said.reason_code in undelivered(wish.order, actor).reasons
    elif wish.wrong or not verdict.eligible:
        return  # which is refused
    elif form.get(_QUOTED) not in wish.was_seen:
        raise _NotAsQuotedError
    else:
        at_once = not verdict.needs_seller and said.accept_terms and wish.chosen is not None
    if at_once and form.get(_CONFIRMED) != wish.word(wish.reason):
        raise _AskedOnceError(wish)


def _confirm(visit: Visit, wish: _Wish, form: Form, actor: Actor) -> Response:
    """What is about to be done at once and for good, to be pressed once more."""
    pieces = wish.lines or wish.order.remaining
    return visit.page(
        "confirm.html.j2",
        order=wish.order,
        reason=wish.reason,
        quote=wish.options.quote,
        lines=[(line.name, pieces[line.line_id]) for line in wish.order.body.lines if line.line_id in pieces],
        a_part=pieces != wish.order.remaining,
        by_seller=actor.role is Role.SELLER,
        typed={name: text for name, text in form.items() if name not in (*OURS, _WHAT, _QUOTED, _CONFIRMED)},
        quoted=wish.word(wish.reason),
    )


def _chosen(form: Form) -> str:
    """What was chosen, as it was typed. Words that were changed since make no second request."""
    return json.dumps(sorted(each for each in form.items() if each[0] == "reason_code" or each[0].startswith("line-")))


def _open_already(visit: Visit, found: Order, status: int) -> Response:
    """An order has one request at a time: what is in the one that is open, and the way to it."""
    actor = visit.signed_in()
    return visit.page(
        "open_already.html.j2",
        status,
        order=found,
        case=access.case_for(wiring.ports(), found.open_case or "", actor),
        sent=visit.request.method == "POST",
    )


def _said(form: Form, kind: Kind, found: Order, lines: Mapping[str, int] | None, actor: Actor) -> Ask:
    """What was filled in."""
    fields = form.filled("channel", _WHAT, _QUOTED, _CONFIRMED, *fields_of(found.remaining))
    fields |= {
        "channel": _channel(form, actor),
        "accept_terms": fields.get("accept_terms") == "yes",
        "lines": named(lines),
        "on_behalf_of": found.body.buyer.id if actor.role is Role.SUPPORT else None,
    }
    return ask_of(kind, taken(fields, AskPost))


def _channel(form: Form, actor: Actor) -> Channel:
    heard_by = form.get("channel", "")
    return Channel(heard_by) if actor.role is Role.SUPPORT and heard_by in _HEARD_BY else Channel.WEB
