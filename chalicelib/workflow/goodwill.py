"""Goodwill: customer service gives money back that nobody asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change, Push
from chalicelib.domain.cases.commands import Correct
from chalicelib.domain.cases.goodwill import give, waiting
from chalicelib.domain.cases.step import act_of
from chalicelib.domain.errors import Conflict, Forbidden, NotFound, Refused
from chalicelib.domain.money.goodwill import Gesture
from chalicelib.domain.money.recording import told_anew, with_books
from chalicelib.domain.orders.books import FirstWish
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow.committing import ATTEMPTS, traced, wake
from chalicelib.workflow.orders import policy_context, tell_of_new_money, unlist_where_agreed

GIVERS = frozenset({Role.SUPPORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenOrWaiting:
    """The case that gives it; or, where it waits for a second person, what the first one wants."""

    order_id: str
    case: Case | None = None
    wish: FirstWish | None = None


# Keeps an answer under the caller's Idempotency-Key.
Remember = Callable[[GivenOrWaiting], Answered]


def give_goodwill(
    ports: Ports, order_id: str, wish: Gesture, actor: Actor, remember: Remember | None = None
) -> GivenOrWaiting:
    """Give it, or note the first of two words. Raises Forbidden but for customer service, NotFound, Invalid and Refused
    as `waiting`, Refused `policy_forbids` for an order of a platform without a policy; Conflict where others kept
    writing first."""
    if actor.role not in GIVERS:
        raise Forbidden(actor.role, "give_goodwill")
    for _ in range(ATTEMPTS):
        before = ports.store.order(order_id)
        if before is None:
            raise NotFound("order")
        change, told = _decided(ports, before, wish, actor)
        if remember:
            change = replace(change, answered=remember(told))
        if told.wish:
            # Listed first: what waits for a second person is never missing from their queue.
            ports.store.list_second_person(order_id, ports.now())
        try:
            ports.store.commit(traced(ports, change))
        except Conflict:
            continue
        if told.case:
            unlist_where_agreed(ports, order_id)
            wake(ports, told.case)
            _quote_anew(ports, before, actor)
        return told
    raise Conflict("order")


def _quote_anew(ports: Ports, before: Order, actor: Actor) -> None:
    """What is asked of the order meanwhile may bring less by now; where others keep writing first it is quoted when it
    is granted, at most what is left."""
    after = ports.store.order(before.order_id)
    for _ in range(ATTEMPTS):
        if after is None or tell_of_new_money(ports, Push(before=before, after=after), actor):
            return


def _decided(ports: Ports, before: Order, wish: Gesture, actor: Actor) -> tuple[Change, GivenOrWaiting]:
    context = policy_context(ports, before)
    if context is None:
        raise Refused("policy_forbids")
    now, fill = ports.now(), context.policy.refund_order
    context = replace(context, granted_today=ports.store.granted(actor.id, now.date()))
    order = with_books(before, fill)
    held = waiting(order, wish, actor.id, context)
    if held is not None:
        first = held.books.wish if held.books else None
        push = Push(before=before, after=told_anew(before, held, fill))
        return Change(push=push), GivenOrWaiting(order_id=before.order_id, wish=first)
    said = Correct(reason=wish.reason.value, note=wish.note)
    act = act_of(said, actor, now, ports.new_id(), ports.new_salt())
    change = give(order, wish, act, context, ports.new_reference())
    return change, GivenOrWaiting(order_id=before.order_id, case=change.case)
