"""Days off, beyond the public holidays that Batal knows."""

from collections.abc import Sequence

import msgspec
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.policies.days_off import DayOff
from chalicelib.edge.answer_types import DaysOffAnswer
from chalicelib.edge.bodies import DaysOffPut
from chalicelib.edge.route import Call, route
from chalicelib.workflow import days_off

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/days-off", roles=days_off.READERS)
def get_days_off(call: Call) -> DaysOffAnswer:
    """The days that operators added to public holidays; they count in every country."""
    return _answer(days_off.days_off(wiring.ports(), call.actor))


@route(bp, "PUT", "/v1/days-off", roles=days_off.WRITERS)
def put_days_off(call: Call, body: DaysOffPut) -> DaysOffAnswer:
    """Keep all added days; deadlines that begin within five minutes may not know them yet."""
    days = msgspec.convert(body.items, list[DayOff], from_attributes=True)
    return _answer(days_off.save_days_off(wiring.ports(), call.actor, days))


def _answer(days: Sequence[DayOff]) -> DaysOffAnswer:
    return {"items": days, "next_cursor": None}
