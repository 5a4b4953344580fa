"""For operators: mails, events and wake-ups that were tried in vain for days, and letting them go out again."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.cases.effects import Mail
from chalicelib.domain.ports import Held
from chalicelib.edge.answer_types import HeldAnswer, Listed, ReleasedAnswer
from chalicelib.edge.bodies import DeliverHeldPost
from chalicelib.edge.queries import HeldQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.workflow import held
from chalicelib.workflow.held import Which, effect_of, helps, kind_of

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/held", roles=held.READERS)
def list_held(call: Call, query: HeldQuery) -> Listed[HeldAnswer]:
    """What was tried in vain for three days and waits for a person, in any state of its case; longest held first."""
    which = Which(kind=query.kind, since=query.since, until=query.until)
    found = held.held_effects(wiring.ports(), call.actor, which, limit=query.limit, cursor=query.cursor)
    return page_shape(found, _shape)


@route(bp, "POST", "/v1/held/deliver", roles=held.READERS)
def deliver_held(call: Call, body: DeliverHeldPost) -> ReleasedAnswer:
    """Let go out again what is named by its ids, by its kind, or by when it was held. The sweep delivers it within a
    minute; what no longer helps is dropped and said so. `more`: call again for the rest."""
    which = Which(ids=body.ids, kind=body.kind, since=body.since, until=body.until)
    released = held.release(wiring.ports(), call.actor, which, body.note)
    return {
        "delivering": released.delivering,
        "no_longer_help": released.no_longer_help,
        "more": released.more,
    }


def _shape(one: Held) -> HeldAnswer:
    effect = one.promise.effect
    return {
        "id": one.id,
        "effect": effect_of(one.promise),
        "kind": kind_of(one.promise),
        "to": effect.to if isinstance(effect, Mail) else None,
        "case_id": one.case.case_id,
        "order_id": one.case.order_id,
        "state": one.case.state,
        "outcome": one.case.outcome,
        "held_since": one.since,
        "tries": one.case.outbox[one.promise].tries,
        "helps": helps(one),
    }
