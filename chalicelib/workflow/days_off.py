"""The days off that operators add; deadlines that begin from now on leave them out, running ones stay as they were
told."""

from collections.abc import Sequence

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.days_off import SETTING, DayOff, days_off_in
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
    ports.store.put_setting(SETTING, {"items": [{"day": each.day.isoformat(), "name": each.name} for each in kept]})
    return kept
