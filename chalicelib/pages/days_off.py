"""For operators: the days that no deadline counts, those that Batal knows and those that were announced later."""

from collections.abc import Sequence
from datetime import date

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.days_off import DayOff, PublicDay
from chalicelib.edge.bodies import OUR_TIME
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_LINE
from chalicelib.edge.problems import PROBLEMS
from chalicelib.pages.page import FORM, Form, Visit, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import days_off

bp = Blueprint(__name__)

# How many years the page looks ahead.
_AHEAD = 2


@bp.route("/operations/days-off", methods=READ)
@page(bp)
def coming(visit: Visit) -> Response:
    """The days off of a year, from today on."""
    return _show(visit, _operator(visit))


@bp.route("/operations/days-off", methods=["POST"], content_types=[FORM])
@page(bp)
def change(visit: Visit) -> Response:
    """Add a day, or take away one that had been added. What cannot be taken is shown again with why."""
    actor, form = _operator(visit), visit.form()
    key = key_in(visit, form, actor)
    try:
        day = _day_of(form)
        if form.get("what") == "remove":
            kept_beside(key, lambda: days_off.take_day_off_away(wiring.ports(), actor, day), lambda kept: str(day))
            return _show(visit, actor, year=day.year, removed=day)
        added = _day_off(form, day)
        kept_beside(key, lambda: days_off.add_day_off(wiring.ports(), actor, added), lambda kept: str(day))
    except (Invalid, Refused) as refused:
        return _show(visit, actor, typed=form, problem=refused.code, status=PROBLEMS[refused.code][0])
    return _show(visit, actor, year=day.year, added=day)


def _operator(visit: Visit) -> Actor:
    """Who may change them. Raises Forbidden for everyone else."""
    actor = visit.signed_in()
    if actor.role not in days_off.WRITERS:
        raise Forbidden(actor.role, "save_days_off")
    return actor


def _day_of(form: Form) -> date:
    """The day that was chosen. Raises Invalid `day_not_understood`."""
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError as error:
        raise Invalid("day_not_understood") from error
    if not OUR_TIME[0].date() <= day < OUR_TIME[1].date():
        raise Invalid("day_not_understood")
    return day


def _day_off(form: Form, day: date) -> DayOff:
    """What was filled in. Raises Invalid `day_off_incomplete`."""
    name, note = form.text("name", LONGEST_LINE), form.text("note")
    if name is None or note is None:
        raise Invalid("day_off_incomplete")
    return DayOff(day=day, name=name, note=note)


def _show(
    visit: Visit,
    actor: Actor,
    *,
    year: int | None = None,
    added: date | None = None,
    removed: date | None = None,
    typed: Form | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    ports = wiring.ports()
    today = wiring.now().astimezone(ports.zone.clock).date()
    own = days_off.days_off(ports, actor)
    years = sorted({today.year + more for more in range(_AHEAD + 1)} | {each.day.year for each in own})
    asked = visit.query.get("year", "")
    year = year or next((each for each in years if str(each) == asked), today.year)
    public = ports.calendar.public_days(year, visit.locale, ports.country)
    return visit.page(
        "days_off.html.j2",
        status,
        days=_in_order(own, public, year, today),
        year=year,
        years=years,
        # Joint holidays are announced by the year: where none is known, they are still to come.
        joint_known=any(each.joint for each in public),
        today=today,
        last=date(today.year + _AHEAD, 12, 31),
        added=added,
        removed=removed,
        typed=typed or {},
        problem=problem,
    )


def _in_order(
    own: Sequence[DayOff], public: Sequence[PublicDay], year: int, today: date
) -> Sequence[DayOff | PublicDay]:
    """What comes of one year, and all that was added to it; a day that is both stands once, as added."""
    found: dict[date, DayOff | PublicDay] = {each.day: each for each in public if each.day >= today}
    found |= {each.day: each for each in own if each.day.year == year}
    return [found[day] for day in sorted(found)]
