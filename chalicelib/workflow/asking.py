"""Before and at the asking: options, and the case that opens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice

from chalicelib.domain.cases import asking
from chalicelib.domain.cases.asking import Options
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Approve, Ask
from chalicelib.domain.cases.step import StepContext, act_of
from chalicelib.domain.errors import Conflict
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.learned import Situation
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.ports import Filter, Ports, every
from chalicelib.workflow import decisions
from chalicelib.workflow.access import order_for
from chalicelib.workflow.committing import ATTEMPTS, Remember, commit, wake


def options(
    ports: Ports,
    order_id: str,
    kind: Kind,
    actor: Actor,
    reason_code: str | None = None,
    lines: Mapping[str, int] | None = None,
) -> Options:
    """What the buyer should know before asking. Changes nothing. Raises NotFound, Invalid for unknown lines."""
    order = order_for(ports, order_id, actor)
    context = context_of(ports, order)
    return asking.options(
        order,
        context.policy,
        kind,
        ports.now(),
        context.holidays,
        reason_code,
        lines,
        context.seller,
        asks=actor.role,
        heard=ports.odds.heard(order.body.seller.id, order.body.platform, Situation(kind=kind, status=order.standing)),
    )


def ask(ports: Ports, order_id: str, said: Ask, actor: Actor, remember: Remember | None = None) -> Case:
    """Open a case (or cancel at once where nobody has to agree) and start its execution.

    A seller who cannot deliver what the buyer wants cancelled anyway says so to the case that is open: it is granted,
    and the fault is the seller's.

    Raises NotFound, Forbidden, Refused, Invalid as domain.asking.ask does.
    """
    # One id for all tries: a try whose reply was lost recognises its own row.
    case_id, decision_id, salt = ports.new_reference(), ports.new_id(), ports.new_salt()
    for _ in range(ATTEMPTS):
        order = order_for(ports, order_id, actor)
        if actor.role is Role.SELLER and order.open_case and said.lines is None and said.reason_code:
            yes = Approve(reason_code=said.reason_code, comment=said.comment)
            return decisions.say(ports, order.open_case, yes, actor, remember)
        act = act_of(said, actor, ports.now(), decision_id, salt)
        context = context_of(ports, order)
        context = replace(context, earlier=_earlier(ports, order, context.policy.frequent.requests))
        change = asking.ask(order, act, context, case_id)
        if commit(ports, change, remember) and change.case:
            wake(ports, change.case)
            return change.case
        taken = ports.store.case(case_id)
        if taken is not None and taken.order_id != order_id:
            # The number is another request's already.
            case_id = ports.new_reference()
    raise Conflict("order")


def _earlier(ports: Ports, order: Order, limit: int) -> list[datetime]:
    """When the buyer asked before, newest first."""
    mine = Filter(buyer_id=order.body.buyer.id)
    found = every(lambda cursor: ports.store.cases(mine, limit=limit, cursor=cursor))
    return [case.created_at for case in islice(found, limit)]


def context_of(ports: Ports, order: Order) -> StepContext:
    """What there is to know where a case of this order begins. Raises Refused `policy_forbids`."""
    policy = ports.policies.current(order.body.platform)
    return StepContext(
        policy=policy,
        holidays=ports.calendar.holidays(ports.now(), policy.home),
        pace=ports.pace,
        seller=ports.store.seller_rules(order.body.seller.id),
        providers=ports.provider_names,
    )
