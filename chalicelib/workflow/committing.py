"""Decide and commit: the one loop that every decision goes through."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.domain.cases.case import Case, Payer, State
from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.outbox import RESUME, START, what_of
from chalicelib.domain.cases.step import Act, Rules
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Conflict, NotFound, Unavailable
from chalicelib.domain.policies.spans import seconds_until
from chalicelib.domain.ports import House

log = logging.getLogger(__name__)

# Enough for every conflicting party of one case to come first once.
ATTEMPTS = 6

# Seconds for a timer where no deadline runs: long enough for `enter` to answer first.
NO_DEADLINE = 60

# Keeps an answer under the caller's Idempotency-Key, from the case that the change makes.
Keep = Callable[[Case], Answered]


def decide(
    house: House,
    case_id: str,
    act: Act,
    keep: Keep | None = None,
    *,
    read: Case | None = None,
    unless: Callable[[Case], bool] = lambda case: False,
    first: Callable[[Act], Act] = lambda act: act,
    payer: Payer = Payer.EXECUTION,
    wakes: bool = True,
) -> Case:
    """Put one command to a case, commit it, wake its execution, and give back the case as it now is.

    `read` is the row where the caller has just read it; a row that is old by now costs a second try, nothing else.
    `unless` says of a row, each time it is read, that it has heard this already: then nothing is written.
    `first` adds to the act what else the decision rests on, anew for each try and before the row is read, so that a
    refusal is never about a row older than what it rests on.
    `payer` gets the lease: who commits and means to pay at once takes it in the same write, or two would pay.
    Without `wakes` nobody is woken: the execution itself is speaking, or the caller wakes it.

    Raises NotFound, Forbidden, Refused (with the case as it is), Invalid; Conflict only where many others kept
    writing first.
    """
    for _ in range(ATTEMPTS):
        act = first(act)
        case, read = read or house.store.case(case_id), None
        if case is None:
            raise NotFound("case")
        if unless(case):
            return case
        change = advance(case, act, replace(rules_for(house, case), payer=payer))
        if commit(house, change, keep) and change.case:
            if wakes:
                wake(house, change.case)
            return change.case
    raise Conflict("case")


def commit(house: House, change: Change, keep: Keep | None = None) -> bool:
    """Write the change; False where somebody else wrote first and the decision has to be made again."""
    if keep and change.case:
        change = replace(change, answered=keep(change.case))
    try:
        house.store.commit(change)
    except Conflict:
        return False
    return True


def wake(house: House, case: Case) -> bool:
    """Start or resume the case's execution; whether anybody was reached.

    A wake-up that fails is owed, not lost: the sweep repeats it.
    """
    reached = False
    for effect_id in case.owed:
        try:
            reached |= wake_one(house, case, effect_id)
        except Unavailable as error:
            log.warning("wake-up failed, the sweep will repeat it", extra={"case_id": case.case_id, "why": error.code})
    return reached


def wake_one(house: House, case: Case, effect_id: str) -> bool:
    """Pay one wake-up; any other effect is left alone. Raises Unavailable where Step Functions do not answer."""
    what = what_of(effect_id)
    if what == START:
        first = ticket(house, case)
        if case.state is not State.AWAITING_SELLER:
            # Executions begin at AwaitSeller. A turn that no row has makes it lead on at once, to where the case is.
            first["turn"] = 0
        house.orchestrator.start(case, first)
        return True
    if what != RESUME:
        return False
    # The token is read after the commit: a wait entered before it is answered here, a wait entered after it reads the
    # row again and answers itself.
    token = house.store.token(case.case_id)
    if token is None or (token.run, token.turn) >= (case.run, case.turn):
        return False
    return house.orchestrator.answer(token, ticket(house, case, token.run))


def ticket(house: House, case: Case, run: int | None = None) -> dict[str, Any]:
    """What travels through the state machine: ids, the turn, where to go next, whole seconds to wait. No business data.

    An execution of an earlier `run` is sent to its end: a later one carries the case now.
    """
    mine = run is None or run == case.run
    return {
        "case_id": case.case_id,
        "run": case.run if mine else run,
        "turn": case.turn,
        "next": NEXT[case.state] if mine else "Closed",
        "seconds": seconds_until(case.deadline_at, house.now()) if case.deadline_at else NO_DEADLINE,
    }


def rules_for(house: House, case: Case) -> Rules:
    """The policy version the case began with."""
    policy = house.policies.version(case.policy.name, case.policy.version)
    return Rules(policy=policy, holidays=house.calendar.holidays(house.now()), pace=house.pace)


# The states of infra/state_machine.asl.json by the case's state.
NEXT = {
    State.AWAITING_SELLER: "AwaitSeller",
    State.AWAITING_BUYER: "AwaitBuyer",
    State.AWAITING_SUPPORT: "AwaitSupport",
    State.AWAITING_GOODS: "AwaitGoods",
    State.REFUNDING: "AwaitRefund",
    State.CLOSED: "Closed",
}
