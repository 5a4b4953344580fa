"""Who of customer service has a case, and since when."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.claiming import CLAIM_LASTS, claimed_since, holder
from chalicelib.domain.cases.commands import Approve, Claim, Extend, Reject, Reopen
from chalicelib.domain.policies.reasons import RefusingReason
from infra.sandbox.builders import NOW, SUPPORT, an_order
from tests.domain.test_support import RINI, SMALL, said, waiting

SOON = NOW + timedelta(minutes=30)


def test_whoever_takes_a_case_has_it_for_a_while() -> None:
    assert holder(waiting(), NOW) is None
    taken = said(waiting(), Claim(note="x"))
    assert (holder(taken, NOW), claimed_since(taken)) == (SUPPORT.id, NOW)
    assert holder(taken, NOW + CLAIM_LASTS - timedelta(seconds=1)) == SUPPORT.id
    assert holder(taken, NOW + CLAIM_LASTS) is None
    over = said(taken, Claim(note="x"), RINI, now=SOON)
    assert (holder(over, SOON), claimed_since(over)) == (RINI.id, SOON)


def test_more_time_given_by_its_owner_makes_a_claim_last_and_by_others_does_not() -> None:
    taken = said(waiting(), Claim(note="x"))
    assert taken.deadline_at
    more = Extend(until=taken.deadline_at + timedelta(hours=1), note="x")
    assert claimed_since(said(taken, more, SUPPORT, now=SOON)) == SOON
    others = said(taken, more, RINI, now=SOON)
    assert (holder(others, SOON), claimed_since(others)) == (SUPPORT.id, NOW)


def test_the_first_of_two_yeses_leaves_the_case_to_anybody_else() -> None:
    first = said(said(waiting(), Claim(note="x")), Approve(note="x"), SUPPORT, SMALL)
    assert holder(first, NOW) is None
    second = said(first, Claim(note="x"), RINI, SMALL)
    assert holder(second, NOW) == RINI.id


def test_a_case_that_waits_for_somebody_else_is_held_by_nobody() -> None:
    taken = said(waiting(), Claim(note="x"))
    assert holder(replace(taken, state=State.AWAITING_BUYER), NOW) is None
    closed = said(taken, Reject(reason_code=RefusingReason.POLICY, note="x"), SUPPORT)
    assert holder(closed, NOW) is None
    again = said(closed, Reopen(note="x"), RINI, now=SOON, order=an_order(guard={"cases": (closed.case_id,)}))
    assert (holder(again, SOON), claimed_since(again)) == (RINI.id, SOON)


def test_of_rows_that_do_not_say_since_when_their_last_change_counts() -> None:
    old = replace(said(waiting(), Claim(note="x")), claimed_at=None, updated_at=SOON)
    assert claimed_since(old) == SOON
    assert holder(old, SOON + CLAIM_LASTS) is None
