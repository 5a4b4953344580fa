"""The days off that operators add; deadlines that begin from now on leave them out, running ones stay as they were
told."""

from collections.abc import Sequence
from datetime import date

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.days_off import SETTING, DayOff, days_off_in, with_day
from chalicelib.domain.ports import Ports

READERS = frozenset({Role.OPERATOR, Role.SUPPORT})
WRITERS = frozenset({Role.OPERATOR})


def days_off(ports: Ports, actor: Actor) -> Sequence[DayOff]:
    """What was added, in the order of the calendar. Raises Forbidden but for operators and support."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "see_days_off")
    return days_off_in(ports.store.setting(SETTING))


def save_days_off(ports: Ports, actor: Actor, days: Sequence[DayOff]) -> Sequence[DayOff]:
    """Keep all of them, each day once. Raises Forbidden but for operators."""
    if actor.role not in WRITERS:
        raise Forbidden(actor.role, "save_days_off")
    kept = [each for _, each in sorted({each.day: each for each in days}.items())]
    items = [{"day": each.day.isoformat(), "name": each.name, "note": each.note} for each in kept]
    ports.store.put_setting(SETTING, {"items": items})
    return kept


def add_day_off(ports: Ports, actor: Actor, day: DayOff) -> Sequence[DayOff]:
    """One more. Raises as `save_days_off` and `with_day`."""
    public = ports.calendar.public_days(day.day.year, "id", ports.country)
    today = ports.now().astimezone(ports.zone.clock).date()
    return save_days_off(ports, actor, with_day(days_off(ports, actor), day, public=public, today=today))


def take_day_off_away(ports: Ports, actor: Actor, day: date) -> Sequence[DayOff]:
    """A working day again, where it had been added; else nothing changes. Raises as `save_days_off`."""
    return save_days_off(ports, actor, [each for each in days_off(ports, actor) if each.day != day])
