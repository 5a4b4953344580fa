"""What is held: how a mail comes to be that the mail service refused afterwards; and how all of it goes out again, in
any state of a case: a person says so, and the timeline keeps it.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.case import Case, Pending
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import DeliverAgain, Said
from chalicelib.domain.cases.effects import Promise, encode
from chalicelib.domain.cases.outbox import Pace, held, is_obsolete, with_wake
from chalicelib.domain.cases.step import Act, Step, StepContext
from chalicelib.domain.cases.transitions import commit_of


def hold_unsent(case: Case, promise: Promise, now: datetime, pace: Pace) -> Case:
    """The row with a mail that was handed over and yet never went out: it waits for a person, as what was tried in vain
    does."""
    outbox = {**case.outbox, promise: Pending(tries=1, held=True)}
    return with_wake(replace(case, outbox=outbox, rev=case.rev + 1), now, pace)


def deliver_again(
    case: Case, promises: Collection[Promise], act: Act[DeliverAgain], context: StepContext
) -> Change | None:
    """The change that makes held promises pending again, as if they had never been tried; None where none of these is
    held. What no longer helps is dropped with it.
    """
    again = [promise for promise in held(case) if promise in promises]
    if not again:
        return None
    useless = [promise for promise in again if is_obsolete(promise, case)]
    useful = [promise for promise in again if promise not in useless]
    kept = {promise: pending for promise, pending in case.outbox.items() if promise not in useless}
    facts = {"effects": [*map(encode, useful)], "no_longer_help": [*map(encode, useless)]}
    step = Step(
        case=replace(case, outbox={**kept, **dict.fromkeys(useful, Pending())}),
        facts={name: known for name, known in facts.items() if known},
    )
    return without_deciding(case, step, act, context)


def without_deciding(case: Case, step: Step, act: Act[Said], context: StepContext) -> Change:
    """The commit of a step that decides nothing: the case is as fresh as it was, and nobody gets the lease, so that
    whoever sweeps next delivers."""
    change = commit_of(case, step, act, context)
    if change.case is None:
        raise AssertionError("a commit of a step without its case")
    after = replace(change.case, leased_to=case.leased_to, lease_until=case.lease_until, updated_at=case.updated_at)
    return replace(change, case=with_wake(after, act.now, context.pace))
