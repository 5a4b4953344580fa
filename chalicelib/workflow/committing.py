"""Decide and commit: the one loop that every decision goes through."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.cases.case import Case, Deliverer, State
from chalicelib.domain.cases.change import Answered, Change, naming_files
from chalicelib.domain.cases.commands import Said
from chalicelib.domain.cases.effects import Promise, Resume, Start
from chalicelib.domain.cases.limits import answers_for
from chalicelib.domain.cases.step import Act, StepContext
from chalicelib.domain.cases.transitions import RESTS_ON_ORDER, advance
from chalicelib.domain.errors import Conflict, NotFound, Unavailable
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.spans import seconds_until
from chalicelib.domain.ports import Ports

log = logging.getLogger(__name__)

# Enough for every conflicting party of one case to come first once.
ATTEMPTS = 6

# Seconds for a timer where no deadline runs: long enough for `enter` to answer first.
NO_DEADLINE = 60

# Keeps an answer under the caller's Idempotency-Key, from the case that the change makes.
Remember = Callable[[Case], Answered]


def decide(
    ports: Ports,
    case_id: str,
    act: Act[Said],
    remember: Remember | None = None,
    *,
    read: Case | None = None,
    heard_already: Callable[[Case], bool] = lambda case: False,
    order: Callable[[], Order | None] = lambda: None,
    deliverer: Deliverer = Deliverer.EXECUTION,
    wakes: bool = True,
) -> Case:
    """Put one command to a case, commit it, wake its execution, and give back the case as it now is.

    `read` is the row where the caller has just read it; a row that is old by now costs a second try, nothing else.
    `heard_already` says of a row, each time it is read, that it has heard this already: then nothing is written.
    `order` reads the order where the decision rests on it, anew for each try and before the row is read, so that a
    refusal is never about a row older than what it rests on.
    `deliverer` gets the lease: who commits and means to deliver at once takes it in the same write, or two would.
    Without `wakes` nobody is woken: the execution itself is speaking, or the caller wakes it.

    Raises NotFound, Forbidden, Refused (with the case as it is), Invalid; Conflict only where many others kept
    writing first.
    """
    for _ in range(ATTEMPTS):
        rests_on = order()
        case, read = read or ports.store.case(case_id), None
        if case is None:
            raise NotFound("case")
        if heard_already(case):
            return case
        if rests_on is None and act.command in RESTS_ON_ORDER:
            rests_on = ports.store.order(case.order_id)
        context = context_for(ports, case, answers_for(case, act.said, act.actor), now=act.now)
        context = replace(context, deliverer=deliverer)
        if rests_on:
            context = replace(context, order=with_books(rests_on, context.policy.refund_order))
        change = naming_files(advance(case, act, context), ports.store.evidence(case_id))
        if commit(ports, change, remember) and change.case:
            if wakes:
                wake(ports, change.case)
            return change.case
    raise Conflict("case")


def commit(ports: Ports, change: Change, remember: Remember | None = None) -> bool:
    """Write the change; False where somebody else wrote first and the decision has to be made again."""
    if remember and change.case:
        change = replace(change, answered=remember(change.case))
    try:
        ports.store.commit(traced(ports, change))
    except Conflict:
        return False
    return True


def traced(ports: Ports, change: Change) -> Change:
    """The same decision, its entry naming the request that it came of."""
    if change.entry is None:
        return change
    return replace(change, entry=replace(change.entry, correlation_id=ports.correlation_id()))


def answered(ports: Ports, key: str) -> Answered | None:
    """The answer that is kept under an Idempotency-Key."""
    return ports.store.answered(key, ports.now())


def keep(ports: Ports, answer: Answered) -> None:
    """Keep an answer by itself, where nothing else was committed. Raises Refused `idempotency_in_progress`."""
    ports.store.commit(Change(answered=answer))


def wake(ports: Ports, case: Case) -> bool:
    """Start or resume the case's execution; whether anybody was reached.

    A wake-up that fails stays in the outbox, it is not lost: the sweep repeats it.
    """
    reached = False
    for promise in case.outbox:
        try:
            reached |= wake_one(ports, case, promise)
        except Unavailable as error:
            log.warning("wake-up failed, the sweep will repeat it", extra={"case_id": case.case_id, "why": error.code})
    return reached


def wake_one(ports: Ports, case: Case, promise: Promise) -> bool:
    """Deliver one wake-up; any other effect is left alone. Raises Unavailable where Step Functions do not answer."""
    if isinstance(promise.effect, Start):
        ticket_for_start = ticket(ports, case)
        if case.state is not State.AWAITING_SELLER:
            # Executions begin at AwaitSeller. A turn that no row has makes it lead on at once, to where the case is.
            ticket_for_start["turn"] = 0
        ports.orchestrator.start(case, ticket_for_start)
        return True
    if not isinstance(promise.effect, Resume):
        return False
    # The token is read after the commit: a wait entered before it is answered here, a wait entered after it reads the
    # row again and answers itself.
    token = ports.store.token(case.case_id)
    if token is None or (token.run, token.turn) >= (case.run, case.turn):
        return False
    return ports.orchestrator.answer(token, ticket(ports, case, token.run))


def ticket(ports: Ports, case: Case, run: int | None = None) -> dict[str, Any]:
    """What travels through the state machine: ids, the turn, where to go next, whole seconds to wait. No business data.

    An execution of an earlier `run` is sent to its end: a later one carries the case now.
    """
    mine = run is None or run == case.run
    return {
        "case_id": case.case_id,
        "run": case.run if mine else run,
        "turn": case.turn,
        "next": NEXT[case.state] if mine else "Closed",
        "seconds": seconds_until(case.deadline_at, ports.now()) if case.deadline_at else NO_DEADLINE,
    }


def context_for(ports: Ports, case: Case, answers: Actor | None = None, *, now: datetime | None = None) -> StepContext:
    """The policy version the case began with; where one of customer service `answers` for what is said, with what they
    granted on that day already (today, unless said)."""
    now = now or ports.now()
    policy = ports.policies.version(case.policy.name, case.policy.version)
    known = StepContext(
        policy=policy,
        holidays=ports.calendar.holidays(now, policy.home),
        pace=ports.pace,
        providers=ports.provider_names,
        payouts=ports.payouts,
    )
    if answers is None or answers.role is not Role.SUPPORT:
        return known
    return replace(known, granted_today=ports.store.granted(answers.id, now.date()))


# The states of infra/state_machine.asl.json by the case's state.
NEXT = {
    State.AWAITING_SELLER: "AwaitSeller",
    State.AWAITING_BUYER: "AwaitBuyer",
    State.AWAITING_SUPPORT: "AwaitSupport",
    State.AWAITING_GOODS: "AwaitGoods",
    State.REFUNDING: "AwaitRefund",
    State.CLOSED: "Closed",
}
