"""What people and the clock say to a case: approve, reject, withdraw, silence, a provider's word about a refund."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.cases.case import Case, Deliverer, Offer
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.step import Act
from chalicelib.domain.cases.transitions import CaseRefused, advance, may_ever
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow.access import case_for
from chalicelib.workflow.committing import Remember, context_for, decide

CLOCK = Actor(role=Role.SYSTEM, id="clock")


def say(
    ports: Ports, case_id: str, command: Command, actor: Actor, remember: Remember | None = None, **said: Any
) -> Case:
    """A party says something to a case; `said` are the fields of Act that come along (reason_code, note, offer...).

    Forbidden comes before NotFound: strangers learn nothing.
    """
    if not may_ever(actor.role, command):
        raise Forbidden(actor.role, command)
    case = case_for(ports, case_id, actor)
    act = Act(command=command, actor=actor, now=ports.now(), decision_id=ports.new_id(), **said)
    if command in REOPENING:
        order_id = case.order_id
        return decide(
            ports, case_id, act, remember, refresh=lambda act: replace(act, order=ports.store.order(order_id))
        )
    return decide(ports, case_id, act, remember, read=case)


def may_say(ports: Ports, case: Case, order: Order, actor: Actor) -> frozenset[Command]:
    """What this actor may say to the case right now, found out by trying: each step is pure, and nothing is committed.

    What only lacks its details (a reason, a tracking number, a note) may be said.
    """
    context = context_for(ports, case)

    def taken(command: Command) -> bool:
        act = Act(
            command=command,
            actor=actor,
            now=ports.now(),
            decision_id="",
            comment="?",
            note="?",
            offer=Offer(fee=1),
            order=order,
        )
        try:
            advance(case, act, context)
        except Invalid:
            return True
        except (Refused, Forbidden):
            return False
        return True

    return frozenset(command for command in Command if may_ever(actor.role, command) and taken(command))


# A new run takes the order's slot again, so it has to look at the order, anew for each try.
REOPENING = frozenset({Command.APPEAL, Command.REOPEN})


def expire(
    ports: Ports, case_id: str, *, decision_id: str = "", deliverer: Deliverer = Deliverer.EXECUTION, wakes: bool = True
) -> Case:
    """Silence speaks, if the deadline has come; otherwise the case stays as it is. Neither is an error."""
    act = Act(command=Command.EXPIRE, actor=CLOCK, now=ports.now(), decision_id=decision_id or ports.new_id())
    try:
        return decide(ports, case_id, act, deliverer=deliverer, wakes=wakes)
    except CaseRefused as refused:
        return refused.case


def refund_event(
    ports: Ports,
    case_id: str,
    actor: Actor,
    *,
    event_id: str,
    succeeded: bool,
    amount: int,
    remember: Remember | None = None,
) -> Case:
    """A payment provider's word about a refund. Repeated and late words change nothing and are no error."""
    command = Command.REFUND_SUCCEEDED if succeeded else Command.REFUND_FAILED
    if not may_ever(actor.role, command):
        raise Forbidden(actor.role, command)
    case = case_for(ports, case_id, actor)

    def known(case: Case) -> bool:
        return case.refund is not None and (event_id in case.refund.events or case.refund.state == "succeeded")

    act = Act(command=command, actor=actor, now=ports.now(), decision_id=ports.new_id())
    return decide(
        ports, case_id, replace(act, event_id=event_id, amount=amount), remember, read=case, heard_already=known
    )
