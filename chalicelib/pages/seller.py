"""The seller's inbox: requests by deadline, found and answered, one or many at once; and what their own figures say."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.card import Card
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.errors import BatalError, Forbidden
from chalicelib.domain.figures.ranges import LONGEST, last_days
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.ports import Cards
from chalicelib.edge.commands import command_in
from chalicelib.edge.cors import READ
from chalicelib.edge.figures_file import written as figures_written
from chalicelib.edge.keys import Key
from chalicelib.edge.limits import LONGEST_OWN_ID
from chalicelib.edge.sheets import named, sheet_headers
from chalicelib.locales import has, say
from chalicelib.pages.inbox_fields import CASE, TAB, WITHIN, Fields, addressed, fields_of, filled_in
from chalicelib.pages.inbox_file import written
from chalicelib.pages.page import FORM, Form, Visit, go, go_instead, page
from chalicelib.pages.pressing import key_in, made_once
from chalicelib.workflow import access, decisions, figures
from chalicelib.workflow.dashboard import figures_in
from chalicelib.workflow.inbox import Desk, Tab, View, cards_of, desk, forget_view, keep_view, standing, sums_of, views

bp = Blueprint(__name__)

# How many stand on a page, and how many are answered by one request: each is a transaction of its own.
_MANY = 50
# How many may be named by one form, which holds no more fields.
_MOST_NAMED = 500
_LONGEST_NAME = 40
_TOGETHER = {"approve": Command.APPROVE, "reject": Command.REJECT}
# Those that need nothing but a word; a parcel that has left needs its number.
_REFUSING = [code for code in RefusingReason if code is not RefusingReason.ALREADY_SHIPPED]
# Ways of looking that everybody has.
_BUILT_IN: Mapping[str, tuple[Tab, Mapping[str, str]]] = {
    "today": (Tab.ANSWER, {"within": "today"}),
    "large": (Tab.ANSWER, {"from": "500000"}),
    "returns": (Tab.ANSWER, {"kind": "return"}),
    "expired": (Tab.CLOSED, {"status": "expired"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One of many that was not taken: which, how people call its order, and why in words."""

    case_id: str
    name: str
    why: str


@bp.route("/seller", methods=READ)
@page(bp)
def inbox(visit: Visit) -> Response:
    """What waits for an answer, the most urgent first; or what else is looked for."""
    return _inbox(visit, seller(visit))


@bp.route("/seller/answer", methods=READ)
@page(bp)
def look_again(visit: Visit) -> Response:
    """What was selected, with its count and its sum, before anything is answered."""
    actor = seller(visit)
    cards = cards_of(wiring.ports(), actor)
    fields = fields_of(visit.query, cards.items, wiring.now(), visit.zone)
    answer, ticked = visit.query.get("answer", ""), visit.request.query_params
    ids = set(ticked.getlist(CASE)) if ticked and CASE in ticked else set()
    everything = desk(cards, fields.sought).on(Tab.ANSWER)
    chosen = everything if "all" in visit.query else [card for card in cards.items if card.case_id in ids]
    if answer not in _TOGETHER or not chosen:
        return _inbox(visit, actor, cards, note=say("page.seller.bulk.nothing", visit.locale), status=422)
    return _confirm(visit, fields, answer, chosen, reason=visit.query.get("reason_code", ""))


@bp.route("/seller", methods=["POST"], content_types=[FORM])
@page(bp)
def answer_many(visit: Visit) -> Response:
    """The same answer to all that were selected; one that fails does not stop the rest."""
    actor = seller(visit)
    form = visit.form()
    answer, named = form.get("answer", ""), list(dict.fromkeys(form.many.get(CASE, [])))
    if answer not in _TOGETHER or not named:
        return _inbox(visit, actor, note=say("page.seller.bulk.nothing", visit.locale), status=422)
    chosen, rest = named[:_MANY], named[_MANY:]
    # The same press sends many in several requests, so that the key is of what is said, and each case has its part.
    key = key_in(visit, form, actor, said=f"{answer} {form.get('reason_code', '')}")
    cards = cards_of(wiring.ports(), actor)
    fields = fields_of(visit.query, cards.items, wiring.now(), visit.zone)
    if answer == "reject" and form.get("reason_code") not in set(_REFUSING):
        return _confirm(visit, fields, answer, _named(cards, named), missing=True)
    answers = ((case_id, key.part(case_id) if key else None) for case_id in chosen)
    answered = (_answer(visit, actor, case_id, _TOGETHER[answer], form, part) for case_id, part in answers)
    failed = [why for why in answered if why is not None]
    told = say("page.seller.bulk.done", visit.locale, done=len(chosen) - len(failed), count=len(chosen))
    if rest:
        left = _named(cards, rest)
        return _confirm(visit, fields, answer, left, reason=form.get("reason_code", ""), note=told, failed=failed)
    return _inbox(visit, actor, note=told, failed=failed, besides=chosen)


@bp.route("/seller/file", methods=READ)
@page(bp)
def as_file(visit: Visit) -> Response:
    """What was found on this tab, all of it, as CSV."""
    cards = cards_of(wiring.ports(), seller(visit))
    fields = fields_of(visit.query, cards.items, wiring.now(), visit.zone)
    found = desk(cards, fields.sought).on(fields.tab)
    headers = sheet_headers(named(str(fields.tab), wiring.now(), visit.zone))
    return Response(body=written(found, visit.locale, visit.zone), headers=headers)


@bp.route("/seller/views", methods=READ)
@page(bp)
def views_on(visit: Visit) -> Response:
    """They stand over the inbox."""
    return go_instead(visit, "/seller")


@bp.route("/seller/views", methods=["POST"], content_types=[FORM])
@page(bp)
def change_views(visit: Visit) -> Response:
    """Keep what is looked for under a name, or forget one that was kept."""
    actor, form, ports = seller(visit), visit.form(), wiring.ports()
    name, filled = (form.text("name", _LONGEST_NAME) or "").strip(), filled_in(form)
    tab = form.get("tab", "")
    tab = tab if tab in set(Tab) else Tab.ANSWER
    if form.get("what") == "forget":
        forget_view(ports, actor, name)
    elif name:
        keep_view(ports, actor, name, {"tab": tab, **filled})
    return go(f"/seller?{addressed(tab, filled)}")


@bp.route("/seller/figures", methods=READ)
@page(bp)
def own_figures(visit: Visit) -> Response:
    """How this shop answers, and what of it counts."""
    actor = seller(visit)
    ports = wiring.ports()
    found, told = figures.seller_figures(ports, actor, actor.id), figures.odds_of_seller(ports, actor, actor.id)
    return visit.page("figures.html.j2", found=found, told=told, most=figures.MOST)


@bp.route("/seller/figures-file", methods=READ)
@page(bp)
def own_figures_as_file(visit: Visit) -> Response:
    """The figures of this shop as CSV, of as many days as figures go back at the most. Raises Forbidden."""
    actor, now = seller(visit), wiring.now()
    dates = last_days(LONGEST, now.astimezone(visit.zone.clock).date(), visit.zone)
    found = figures_in(wiring.ports(), actor, dates, actor.id)
    return Response(body=figures_written(found, visit.locale), headers=sheet_headers(named("figures", now, visit.zone)))


def seller(visit: Visit) -> Actor:
    """The seller who is signed in. Raises Forbidden for everyone else."""
    actor = visit.signed_in()
    if actor.role is not Role.SELLER:
        raise Forbidden(actor.role, "see_inbox")
    return actor


def _inbox(
    visit: Visit,
    actor: Actor,
    cards: Cards | None = None,
    *,
    note: str | None = None,
    failed: Sequence[Failed] = (),
    status: int = 200,
    besides: Collection[str] = (),
) -> Response:
    ports = wiring.ports()
    cards = cards or cards_of(ports, actor)
    fields = fields_of(visit.query, cards.items, wiring.now(), visit.zone)
    found = desk(cards, fields.sought, besides)
    mine = found.on(fields.tab)
    pages = max(1, -(-len(mine) // _MANY))
    number = min(fields.page, pages)
    return visit.page(
        "inbox.html.j2",
        status,
        fields=fields,
        kept=fields.kept,
        desk=found,
        tabs=list(Tab),
        cards=mine[(number - 1) * _MANY : number * _MANY],
        count=len(mine),
        first=(number - 1) * _MANY + 1,
        number=number,
        pages=pages,
        choices=_choices(found, fields),
        built_in={name: addressed(*view) for name, view in _BUILT_IN.items()},
        views={view.name: _address(view) for view in views(ports, actor)},
        refusing=_REFUSING,
        longest_name=_LONGEST_NAME,
        standing=standing,
        note=note,
        failed=failed,
    )


def _address(view: View) -> str:
    return addressed(view.fields.get(TAB, Tab.ANSWER), filled_in(view.fields))


def _choices(found: Desk, fields: Fields) -> Mapping[str, Sequence[str]]:
    """What may be chosen of each field: what there is, and what was chosen."""
    there: Mapping[str, Collection[str | None]] = {
        "status": {standing(card) for card in found.all},
        "reason": {card.reason_code for card in found.all},
        "kind": {card.kind.value for card in found.all},
        "platform": {card.platform for card in found.all},
    }
    told = {name: sorted(filter(None, {*values, fields.filled.get(name)})) for name, values in there.items()}
    return {**told, "within": list(WITHIN)}


def _confirm(
    visit: Visit,
    fields: Fields,
    answer: str,
    chosen: Sequence[Card],
    *,
    reason: str = "",
    missing: bool = False,
    note: str | None = None,
    failed: Sequence[Failed] = (),
) -> Response:
    named = chosen[:_MOST_NAMED]
    return visit.page(
        "inbox_answer.html.j2",
        422 if missing else 200,
        kept=fields.kept,
        answer=answer,
        cards=named,
        more=len(chosen) - len(named),
        sums=sums_of(named),
        refusing=_REFUSING,
        reason=reason,
        missing=missing,
        note=note,
        failed=failed,
        at_once=_MANY,
    )


def _named(cards: Cards, ids: Sequence[str]) -> Sequence[Card]:
    known = {card.case_id: card for card in cards.items}
    return [known[case_id] for case_id in ids if case_id in known]


def _answer(visit: Visit, actor: Actor, case_id: str, command: Command, form: Form, key: Key | None) -> Failed | None:
    """What went wrong with one of many, in words; None where it was taken."""
    # Both buttons may stand in one form, so that the reason comes along with a yes as well.
    fields = form.filled("answer", CASE, *(["reason_code"] if command is Command.APPROVE else []))
    try:
        said = command_in(command, fields)
        made_once(
            key, lambda keep: decisions.say(wiring.ports(), case_id, said, actor, keep), lambda case: case.case_id
        )
    except BatalError as error:
        text = f"refusal.{error.code}" if has(f"refusal.{error.code}", visit.locale) else "page.error.422"
        return Failed(case_id=case_id, name=_order_of(actor, case_id), why=say(text, visit.locale))
    return None


def _order_of(actor: Actor, case_id: str) -> str:
    try:
        return access.case_for(wiring.ports(), case_id, actor).name_for_people
    except BatalError:
        return case_id[:LONGEST_OWN_ID]
