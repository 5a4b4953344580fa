"""What people and the clock say to a case: approve, reject, withdraw, silence, a provider's word about a refund."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.cases.case import Actor, Case, Offer, Payer, Role
from chalicelib.domain.cases.step import Act
from chalicelib.domain.cases.transitions import Command, advance, may_ever
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import House
from chalicelib.workflow.access import case_for
from chalicelib.workflow.committing import Keep, decide, rules_for

CLOCK = Actor(role=Role.SYSTEM, id="clock")


def say(house: House, case_id: str, command: Command, actor: Actor, keep: Keep | None = None, **said: Any) -> Case:
    """A party says something to a case; `said` are the fields of Act that come along (reason_code, note, offer...).

    Forbidden comes before NotFound: strangers learn nothing.
    """
    if not may_ever(actor.role, command):
        raise Forbidden(actor.role, command)
    case = case_for(house, case_id, actor)
    act = Act(command=command, actor=actor, now=house.now(), decision_id=house.new_id(), **said)
    if command in REOPENING:
        order_id = case.order_id
        return decide(house, case_id, act, keep, first=lambda act: replace(act, order=house.store.order(order_id)))
    return decide(house, case_id, act, keep, read=case)


def may_say(house: House, case: Case, order: Order, actor: Actor) -> frozenset[Command]:
    """What this actor may say to the case right now, found out by trying: each step is pure, and nothing is committed.

    What only lacks its details (a reason, a tracking number, a note) may be said.
    """
    rules = rules_for(house, case)

    def taken(command: Command) -> bool:
        act = Act(
            command=command,
            actor=actor,
            now=house.now(),
            decision_id="",
            comment="?",
            note="?",
            offer=Offer(fee=1),
            order=order,
        )
        try:
            advance(case, act, rules)
        except Invalid:
            return True
        except (Refused, Forbidden):
            return False
        return True

    return frozenset(command for command in Command if may_ever(actor.role, command) and taken(command))


# A new run takes the order's slot again, so it has to look at the order, anew for each try.
REOPENING = frozenset({Command.APPEAL, Command.REOPEN})


def expire(
    house: House, case_id: str, *, decision_id: str = "", payer: Payer = Payer.EXECUTION, wakes: bool = True
) -> Case:
    """Silence speaks, if the deadline has come; otherwise the case stays as it is. Neither is an error."""
    act = Act(command=Command.EXPIRE, actor=CLOCK, now=house.now(), decision_id=decision_id or house.new_id())
    try:
        return decide(house, case_id, act, payer=payer, wakes=wakes)
    except Refused as refused:
        if refused.case is None:
            raise
        return refused.case


def refund_event(
    house: House,
    case_id: str,
    actor: Actor,
    *,
    event_id: str,
    succeeded: bool,
    amount: int,
    keep: Keep | None = None,
) -> Case:
    """A payment provider's word about a refund. Repeated and late words change nothing and are no error."""
    command = Command.REFUND_SUCCEEDED if succeeded else Command.REFUND_FAILED
    if not may_ever(actor.role, command):
        raise Forbidden(actor.role, command)
    case = case_for(house, case_id, actor)

    def known(case: Case) -> bool:
        return case.refund is not None and (event_id in case.refund.events or case.refund.state == "succeeded")

    act = Act(command=command, actor=actor, now=house.now(), decision_id=house.new_id())
    return decide(house, case_id, replace(act, event_id=event_id, amount=amount), keep, read=case, unless=known)
