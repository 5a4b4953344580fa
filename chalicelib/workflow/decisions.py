"""What people and the clock say to a case: approve, reject, withdraw, silence, a provider's word about a refund."""

from dataclasses import replace

from chalicelib.domain.cases.case import Case, Deliverer, State
from chalicelib.domain.cases.commands import (
    Appeal,
    Approve,
    Command,
    Expire,
    MakeOffer,
    ParcelAnswered,
    PartTold,
    RefundFailed,
    RefundSucceeded,
    Reopen,
    Said,
    examples,
)
from chalicelib.domain.cases.step import Act, act_of
from chalicelib.domain.cases.steps.refunds import went_by_provider
from chalicelib.domain.cases.transitions import CaseRefused, advance, may_ever
from chalicelib.domain.errors import Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow.access import case_for
from chalicelib.workflow.committing import Remember, context_for, decide

CLOCK = Actor(role=Role.SYSTEM, id="clock")


def say(ports: Ports, case_id: str, said: Said, actor: Actor, remember: Remember | None = None) -> Case:
    """A party says something to a case. Forbidden comes before NotFound: strangers learn nothing."""
    if not may_ever(actor.role, said.command):
        raise Forbidden(actor.role, said.command)
    case = case_for(ports, case_id, actor)
    act = act_of(said, actor, ports.now(), ports.new_id(), ports.new_salt())
    anew = isinstance(said, Appeal | Reopen) or (isinstance(said, Approve) and (said.reason_code or said.reckons))
    anew = anew or (isinstance(said, MakeOffer) and said.partial_refund is not None)
    if anew or (isinstance(said, ParcelAnswered) and case.state is State.REFUNDING):
        # A new run takes the order's slot again; a fault that turns around, pieces that are dismissed, and a refund
        # that is taken back are quoted anew; money may be offered as far as it is there: all look at the order, anew
        # for each try.
        order_id = case.order_id
        return decide(ports, case_id, act, remember, order=lambda: ports.store.order(order_id))
    return decide(ports, case_id, act, remember, read=case)


def may_say(ports: Ports, case: Case, order: Order, actor: Actor) -> frozenset[Command]:
    """What this actor may say to the case right now, found out by trying: each step is pure, and nothing is committed.

    What only lacks its details (a tracking number, a later deadline) may be said.
    """
    context = replace(context_for(ports, case, actor), order=order)
    now = ports.now()

    def taken(said: Said) -> bool:
        try:
            advance(case, Act(said=said, actor=actor, now=now, decision_id="", salt=""), context)
        except Invalid:
            return True
        except (Refused, Forbidden, NotFound):
            # Not found: a part of a refund that has none.
            return False
        return True

    return frozenset(said.command for said in examples(now) if may_ever(actor.role, said.command) and taken(said))


def expire(
    ports: Ports, case_id: str, *, decision_id: str = "", deliverer: Deliverer = Deliverer.EXECUTION, wakes: bool = True
) -> Case:
    """Silence speaks, if the deadline has come; otherwise the case stays as it is. Neither is an error."""
    mine = decision_id or ports.new_id()
    act = Act(said=Expire(), actor=CLOCK, now=ports.now(), decision_id=mine, salt=ports.new_salt())
    try:
        return decide(ports, case_id, act, deliverer=deliverer, wakes=wakes)
    except CaseRefused as refused:
        return refused.case


def refund_event(
    ports: Ports,
    case_id: str,
    said: RefundSucceeded | RefundFailed,
    actor: Actor,
    remember: Remember | None = None,
) -> Case:
    """A payment provider's word about a refund as a whole, or by its amount about one part. Repeated and late words
    change nothing and are no error."""
    if not may_ever(actor.role, said.command):
        raise Forbidden(actor.role, said.command)
    case = case_for(ports, case_id, actor)
    about = _about(case, said)

    def known(case: Case) -> bool:
        return case.refund is not None and (case.refund.knows(said.event_id) or _about(case, said) is None)

    act = act_of(about or said, actor, ports.now(), ports.new_id(), ports.new_salt())
    return decide(ports, case_id, act, remember, read=case, heard_already=known)


def part_event(ports: Ports, case_id: str, said: PartTold, actor: Actor, remember: Remember | None = None) -> Case:
    """A word of whoever pays a part. Repeated ones change nothing and are no error."""
    if not may_ever(actor.role, said.command):
        raise Forbidden(actor.role, said.command)
    case = case_for(ports, case_id, actor)
    act = act_of(said, actor, ports.now(), ports.new_id(), ports.new_salt())
    return decide(
        ports,
        case_id,
        act,
        remember,
        read=case,
        heard_already=lambda case: case.refund is not None and case.refund.knows(said.report.event_id),
    )


def _about(case: Case, said: RefundSucceeded | RefundFailed) -> Said | None:
    """What a word about a whole refund says: of all of it, of the one part that has its amount, or nothing (None) where
    all has gone already and it speaks of none of that."""
    if case.refund is None:
        return said
    failed, done = isinstance(said, RefundFailed), case.refund.state == "succeeded"
    if done and (not failed or said.at is None):
        # What came first is not known of a word that does not say when it was so.
        return None
    went = went_by_provider(case)
    all_of_it = sum(case.refund.by_name[name].amount for name in went) if done else case.refund.due
    if said.amount == all_of_it:
        return said
    names = went if done else list(case.refund.open_parts)
    alike = [name for name in names if case.refund.by_name[name].amount == said.amount]
    if len(alike) != 1 or said.at is None:
        return None if done else said
    told = Told.FAILED if failed else Told.SUCCEEDED
    return PartTold(report=Report(event_id=said.event_id, part=alike[0], told=told, amount=said.amount, at=said.at))
