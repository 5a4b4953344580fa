"""Two conversations about one order become one: one case says in which other its conversation goes on.

Nothing is moved: every message stays on the case it was written on, and both cases show them all. What is written from
then on belongs to the case that was named, until somebody separates them again.
"""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import Join, Separate
from chalicelib.domain.cases.held import without_deciding
from chalicelib.domain.cases.step import Act, Step, StepContext
from chalicelib.domain.cases.transitions import CaseRefused


def joined_with(case: Case, others: Iterable[Case]) -> list[Case]:
    """Those of the order's other cases whose conversation is one with this case's: the one in which its own goes on,
    and those whose goes on in it."""
    return [each for each in others if each.goes_on_in == case.case_id or each.case_id == case.goes_on_in]


def may_join(case: Case, into: Case, others: Iterable[Case]) -> bool:
    """Whether the conversation of a case may go on in another one: of the same order and the same two people, not led
    on itself, and no case that waits is led into one that has ended. `others` are the order's other cases; a case in
    which another's conversation goes on is led nowhere, so that nobody follows two signs."""
    same = (case.order_id, case.buyer_id, case.seller_id) == (into.order_id, into.buyer_id, into.seller_id)
    return (
        same
        and case.case_id != into.case_id
        and case.goes_on_in is None
        and into.goes_on_in is None
        and (into.open or not case.open)
        and not any(each.goes_on_in == case.case_id for each in others)
    )


def join(case: Case, into: Case, others: Iterable[Case], act: Act[Join], context: StepContext) -> Change:
    """The change by which the case's conversation goes on in the other one. Raises CaseRefused `not_now` where
    `may_join` says no."""
    if not may_join(case, into, others):
        raise CaseRefused("not_now", case)
    facts = {"into": into.number}
    return without_deciding(case, Step(case=replace(case, goes_on_in=into.case_id), facts=facts), act, context)


def separate(case: Case, act: Act[Separate], context: StepContext) -> Change:
    """The change by which its conversation goes on by itself. Raises CaseRefused `not_now` where it does already."""
    if case.goes_on_in is None:
        raise CaseRefused("not_now", case)
    return without_deciding(case, Step(case=replace(case, goes_on_in=None)), act, context)
