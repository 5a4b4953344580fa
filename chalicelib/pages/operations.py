"""For operators: how the service stands, each number with its list, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.figures.figures import Figure, seconds_taken
from chalicelib.domain.figures.ranges import (
    LONGEST,
    PRESETS,
    USUAL,
    DateRange,
    last_days,
    range_between,
)
from chalicelib.domain.money.chargebacks import waits_for
from chalicelib.domain.ports import LONGEST_PAGE
from chalicelib.edge.cors import READ
from chalicelib.edge.figures_file import outcome_name, written
from chalicelib.edge.limits import LONGEST_OWN_ID
from chalicelib.edge.sheets import named, sheet_headers
from chalicelib.pages import charts
from chalicelib.pages.page import FORM, Form, Visit, address, go, go_instead, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import dashboard, figures, held, mail_stops
from chalicelib.workflow.dashboard import Concern, Listed, Wanting
from chalicelib.workflow.held import Released, Which, effect_of, helps, kind_of

bp = Blueprint(__name__)

# Of the lists on the dashboard itself; and of a list's own page, where a row is a line or has buttons of its own.
_FIRST, _ROWS, _ROWS_WITH_BUTTONS = 5, 100, 20


@bp.route("/operations", methods=READ)
@page(bp)
def overview(visit: Visit) -> Response:
    """What wants a look, what is open, and how some days went beside those before. Where a range of dates cannot be,
    the page says so and shows the usual one."""
    try:
        dates, wrong = _dates(visit), {}
    except Invalid as refused:
        dates, wrong = last_days(USUAL, _today(visit), visit.zone), _wrong(refused)
    found = dashboard.dashboard(wiring.ports(), visit.signed_in(), dates)
    asked, asked_for = _asked(visit, dates, bool(wrong)), address("/operations/figures/{}", Figure.ASKED)
    return visit.page(
        "operations.html.j2",
        422 if wrong else 200,
        found=found,
        told=found.comparison.figures,
        before=found.comparison.before,
        drawn=found.drawn,
        name_of_series=lambda each: outcome_name(each, visit.locale),
        link_of=lambda each: f"{asked_for}?{asked}&{urlencode({'ended': each})}",
        due=[*found.concerns[Concern.OVERDUE].items, *found.concerns[Concern.DUE_SOON].items][:_FIRST],
        most=figures.MOST,
        first=_FIRST,
        presets=PRESETS,
        usual=USUAL,
        longest=LONGEST,
        asked=asked,
        typed=visit.query if wrong else {},
        wrong=wrong,
    )


@bp.route("/operations/figures-file", methods=READ)
@page(bp)
def figures_as_file(visit: Visit) -> Response:
    """The figures of a range of dates as CSV. Raises Invalid for what is no range."""
    found = dashboard.figures_in(wiring.ports(), visit.signed_in(), _dates(visit))
    headers = sheet_headers(named("figures", wiring.now(), visit.zone))
    return Response(body=written(found, visit.locale), headers=headers)


@bp.route("/operations/open/{state}", methods=READ)
@page(bp)
def open_cases(visit: Visit, state: str) -> Response:
    """The requests of one state. Raises NotFound for what is no state of an open case."""
    if state not in set(State) - {State.CLOSED}:
        raise NotFound("page")
    listed = dashboard.open_in(wiring.ports(), visit.signed_in(), State(state))
    return visit.page(
        "counted.html.j2",
        name="state",
        heading=State(state),
        listed=listed,
        shown=shown(visit, listed, _ROWS),
        figure=None,
        asked="",
    )


@bp.route("/operations/lists/{name}", methods=READ)
@page(bp)
def concern(visit: Visit, name: str) -> Response:
    """All that is of one concern, with what can be done about it. Raises NotFound for what is none."""
    if name not in set(Concern):
        raise NotFound("page")
    if name == Concern.HELD:
        return go_instead(visit, "/operations/held")
    listed = dashboard.concern(wiring.ports(), visit.signed_in(), Concern(name))
    page_shown = shown(visit, listed, _ROWS_WITH_BUTTONS if name == Concern.STUCK else _ROWS)
    ours = [case for case in page_shown.items if isinstance(case, Case)] if name == Concern.STUCK else []
    orders = dashboard.orders_of(wiring.ports(), ours)
    return visit.page(
        "concern.html.j2",
        name=name,
        listed=listed,
        shown=page_shown,
        asked="",
        orders=orders,
        waits={order_id: waits_for(order) for order_id, order in orders.items()},
    )


@bp.route("/operations/figures/{name}", methods=READ)
@page(bp)
def figure(visit: Visit, name: str) -> Response:
    """The requests that a figure of a range of dates counts. Raises NotFound for what is no figure, Invalid for what is
    no range."""
    ended = visit.query.get("ended")
    if name not in set(Figure) or ended not in (None, *charts.PATTERNS):
        raise NotFound("page")
    dates = _dates(visit)
    listed = dashboard.cases_of_figure(wiring.ports(), visit.signed_in(), Figure(name), dates, ended)
    took = Figure(name) in (Figure.P50, Figure.P90)
    return visit.page(
        "counted.html.j2",
        name=name,
        ended=outcome_name(ended, visit.locale) if ended else None,
        heading=None,
        listed=listed,
        shown=shown(visit, listed, _ROWS),
        figure=Figure(name),
        dates=dates,
        asked=_asked(visit, dates) + (f"&{urlencode({'ended': ended})}" if ended else ""),
        took=seconds_taken if took else None,
    )


@bp.route("/operations/mail-stops", methods=["POST"], content_types=[FORM])
@page(bp)
def lift_mail_stop(visit: Visit) -> Response:
    """Let an address have mail again."""
    actor, form = visit.signed_in(), visit.form()
    stop = form.get("stop_id", "")[:LONGEST_OWN_ID]
    kept_beside(key_in(visit, form, actor), lambda: mail_stops.lift(wiring.ports(), actor, stop), lambda done: stop)
    return go(f"/operations/lists/{Concern.STOPPED}")


@bp.route("/operations/mail-stops", methods=READ)
@page(bp)
def mail_stops_on(visit: Visit) -> Response:
    """They have a list of their own."""
    return go_instead(visit, f"/operations/lists/{Concern.STOPPED}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The part of a list that one page shows: its rows, which of how many pages it is."""

    items: Sequence[Wanting]
    page: int
    pages: int


def shown(visit: Visit, listed: Listed[Wanting], rows: int) -> Shown:
    """The rows of the page that the address names; where there is none such, of the nearest."""
    asked = visit.query.get("page", "")
    pages = max(1, -(-len(listed.items) // rows))
    page = min(max(1, int(asked)), pages) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    return Shown(items=listed.items[(page - 1) * rows : page * rows], page=page, pages=pages)


def _dates(visit: Visit) -> DateRange:
    """The range that the address names: two days, or so many days up to today. Raises Invalid as range_between."""
    given = visit.query
    today = _today(visit)
    if "from" in given or "to" in given:
        return range_between(given.get("from", ""), given.get("to", today.isoformat()), today, visit.zone)
    days = given.get("days", str(USUAL))
    if days not in map(str, PRESETS):
        raise Invalid("validation_failed", errors=[{"field": "days", "message": "no_preset"}])
    return last_days(int(days), today, visit.zone)


def _asked(visit: Visit, dates: DateRange, usual: bool = False) -> str:
    """How the address of a list names the same dates: one that goes up to today goes on doing so."""
    if not usual and ("from" in visit.query or "to" in visit.query):
        return urlencode({"from": dates.first.isoformat(), "to": dates.last.isoformat()})
    return urlencode({"days": dates.days})


def _today(visit: Visit) -> date:
    return wiring.now().astimezone(visit.zone.clock).date()


def _wrong(refused: Invalid) -> dict[str, str]:
    errors: Any = refused.details.get("errors", [])
    return {each["field"]: each["message"] for each in errors}


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
        effect_of=effect_of,
        kind_of=kind_of,
        helps=helps,
    )
