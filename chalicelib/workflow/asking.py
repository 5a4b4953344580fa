"""Before and at the asking: options, and the case that opens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases import asking
from chalicelib.domain.cases.asking import Options, Wish
from chalicelib.domain.cases.case import Actor, Case, Kind
from chalicelib.domain.cases.step import Act, Rules
from chalicelib.domain.cases.transitions import Command
from chalicelib.domain.errors import Conflict
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Filter, House
from chalicelib.workflow.access import order_for
from chalicelib.workflow.committing import ATTEMPTS, Keep, commit, wake


def options(
    house: House,
    order_id: str,
    kind: Kind,
    actor: Actor,
    reason_code: str | None = None,
    lines: Mapping[str, int] | None = None,
) -> Options:
    """What the buyer should know before asking. Changes nothing. Raises NotFound, Invalid for unknown lines."""
    order = order_for(house, order_id, actor)
    rules = _rules(house, order)
    return asking.options(order, rules.policy, kind, house.now(), rules.holidays, reason_code, lines, rules.seller)


def ask(house: House, order_id: str, wish: Wish, actor: Actor, keep: Keep | None = None) -> Case:
    """Open a case (or cancel at once where nobody has to agree) and start its execution.

    Raises NotFound, Forbidden, Refused, Invalid as domain.asking.ask does.
    """
    # One id for all tries: a try whose reply was lost recognises its own row.
    case_id, decision_id = house.new_id(), house.new_id()
    for _ in range(ATTEMPTS):
        order = order_for(house, order_id, actor)
        act = Act(
            command=Command.ASK,
            actor=actor,
            now=house.now(),
            decision_id=decision_id,
            reason_code=wish.reason_code,
            comment=wish.comment,
        )
        rules = _rules(house, order)
        rules = replace(rules, earlier=_earlier(house, order, rules.policy.frequent.requests))
        change = asking.ask(order, wish, act, rules, case_id)
        if commit(house, change, keep) and change.case:
            wake(house, change.case)
            return change.case
    raise Conflict("order")


def _earlier(house: House, order: Order, limit: int) -> list[datetime]:
    """When the buyer asked before, newest first."""
    return [case.created_at for case in house.store.cases(Filter(buyer_id=order.body.buyer.id), limit=limit).items]


def _rules(house: House, order: Order) -> Rules:
    return Rules(
        policy=house.policies.current(order.body.platform),
        holidays=house.calendar.holidays(house.now()),
        pace=house.pace,
        seller=house.store.seller_rules(order.body.seller.id),
    )
