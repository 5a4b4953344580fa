"""Money that customer service gives back without a request, on a page: how much there is, what was given, what waits
for a second person."""

import hashlib
import json

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib import wiring
from chalicelib.domain.errors import BatalError, Forbidden, Invalid, Refused
from chalicelib.domain.money.books import books_of
from chalicelib.domain.money.goodwill import Gesture, parts_of, room_by
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.books import FirstWish
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.reasons import GivenFor
from chalicelib.edge.bodies import Id, Text, Words
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.reading import taken
from chalicelib.locales.amounts import read_amount
from chalicelib.pages.page import FORM, Form, Visit, named_in, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import access
from chalicelib.workflow.goodwill import GIVERS, GivenOrWaiting, give_goodwill

bp = Blueprint(__name__)


class GoodwillForm(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """How much is given, as people type it, by which tender (none: by all money that is left), for what, and why.
    `agrees` says instead that it is what a first person wants, as the page told it."""

    agrees: Text = ""
    amount: Text = ""
    tender_id: Id | None = None
    reason: GivenFor = GivenFor.GOODWILL
    note: Words = ""


@bp.route("/orders/{order_id}/goodwill", methods=READ)
@page(bp)
def look(visit: Visit, order_id: str) -> Response:
    """What there is to give, and what waits."""
    actor = _giver(visit)
    return _show(visit, access.order_for(wiring.ports(), order_id, actor))


@bp.route("/orders/{order_id}/goodwill", methods=["POST"], content_types=[FORM])
@page(bp)
def give(visit: Visit, order_id: str) -> Response:
    """The amount is shown as it was understood, and counts when it is said again."""
    actor, form = _giver(visit), visit.form()
    order = access.order_for(wiring.ports(), order_id, actor)
    try:
        wish = _wish(form, order)
        if "agrees" not in form and form.get("sure") != str(wish.amount):
            parts_of(_known(order), wish)
            return _show(visit, order, typed=form, echo=wish.amount)
        return act_once(
            key_in(visit, form, actor),
            lambda keep: give_goodwill(wiring.ports(), order_id, wish, actor, keep),
            _onward,
        )
    except (Refused, Invalid) as refused:
        now = access.order_for(wiring.ports(), order_id, actor)
        return _show(visit, now, PROBLEMS[refused.code][0], typed=form, refused=refused)


def _onward(told: GivenOrWaiting) -> str:
    if told.case:
        return f"/cases/{told.case.case_id}?did={told.case.decision_id}"
    return f"/orders/{told.order_id}/goodwill"


def _giver(visit: Visit) -> Actor:
    actor = visit.signed_in()
    if actor.role not in GIVERS:
        raise Forbidden(actor.role, "give_goodwill")
    return actor


def _wish(form: Form, order: Order) -> Gesture:
    """What was filled in. Raises Invalid `amount_not_understood`, `note_required`, `validation_failed`, Refused
    `nothing_to_confirm` where what a first person wanted does not wait any more."""
    said, first = taken(form.filled("sure"), GoodwillForm, typed=True), books_of(order).wish
    if not said.note.strip():
        raise Invalid("note_required")
    if said.agrees:
        if first is None or said.agrees != _named(first):
            raise Refused("nothing_to_confirm")
        reason = GivenFor(first.reason)
        return Gesture(amount=first.amount, reason=reason, note=said.note, tender_id=first.tender_id)
    amount = read_amount(said.amount, order.body.currency)
    return Gesture(amount=amount, reason=said.reason, note=said.note, tender_id=said.tender_id)


def _named(first: FirstWish) -> str:
    """What a first person wants, as one word by which a form says what was on the page."""
    wanted = json.dumps([first.amount, first.tender_id, first.reason, first.by])
    return hashlib.sha256(wanted.encode()).hexdigest()


def _known(order: Order) -> Order:
    """The order with its books: those that it has, or what follows from what it says. Refunds of an order without books
    are filled as its policy says, which no amount here depends on."""
    return with_books(order, None)


def _show(
    visit: Visit,
    order: Order,
    status: int = 200,
    *,
    typed: Form | None = None,
    echo: int | None = None,
    refused: BatalError | None = None,
) -> Response:
    known = _known(order)
    room, books = room_by(known), books_of(known)
    return visit.page(
        "goodwill.html.j2",
        status,
        order=order,
        tenders=[tender for tender in order.body.valid_tenders if room.get(tender.tender_id)],
        room=room,
        most=sum(room.values()),
        given=books.goodwill,
        waits=books.wish,
        agreeing=_named(books.wish) if books.wish else None,
        reasons=list(GivenFor),
        typed=typed or Form({}, {}),
        echo=echo,
        refused=refused.code if refused else None,
        wrong=named_in(refused),
    )
