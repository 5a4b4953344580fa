"""What a case teaches of the odds: what came of a request, how long its seller took, nothing of what none was asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.cases.commands import Approve, Expire, Reject, Said, Withdraw
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.figures.lessons import lesson_of
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learned import Month, Situation, hour_of, month_of
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.waits import bucket_of
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT, SYSTEM, a_case, a_context, an_act

LATER = NOW + timedelta(hours=3)
AFTER_3_HOURS = {bucket_of(3 * 3600): 1}
NO = Reject(reason_code=RefusingReason.ALREADY_PACKED)


def after(said: Said, actor: Actor, case: Case | None = None) -> Case:
    """The case once this was said, three hours after it was begun."""
    found = advance(case or a_case(), an_act(said, actor, now=LATER), a_context()).case
    assert found
    return found


def told(case: Case) -> Month | None:
    lesson = lesson_of(case)
    return lesson.told if lesson else None


def test_an_answer_teaches_yes_or_no_and_how_long_it_took() -> None:
    assert told(after(Approve(), SELLER)) == Month(yes=1, answered=AFTER_3_HOURS)
    assert told(after(NO, SELLER)) == Month(no=1, answered=AFTER_3_HOURS)


def test_it_teaches_of_requests_like_it_in_the_month_in_which_it_was_made() -> None:
    lesson = lesson_of(after(Approve(), SELLER))
    assert lesson
    assert lesson.situation == Situation(kind=Kind.CANCELLATION, status=OrderStatus.PROCESSING)
    assert (lesson.fault, lesson.month) == (Fault.BUYER, month_of(NOW))


def test_a_request_that_waits_counts_as_long_as_it_waits() -> None:
    assert told(a_case()) == Month(waiting={hour_of(NOW): 1})


def test_what_was_taken_back_teaches_only_that_no_answer_came_so_far() -> None:
    assert told(after(Withdraw(), BUDI)) == Month(cut_off=AFTER_3_HOURS)


def test_silence_is_no_answer_of_the_seller_whatever_it_brings() -> None:
    case = replace(a_case(), if_silent=Silence.APPROVE, deadline_at=LATER)
    assert told(after(Expire(), SYSTEM, case)) == Month(yes=1, cut_off=AFTER_3_HOURS)
    case = replace(case, if_silent=Silence.EXPIRE)
    assert told(after(Expire(), SYSTEM, case)) == Month(no=1, cut_off=AFTER_3_HOURS)


def test_what_customer_service_granted_is_a_yes_of_which_no_wait_is_known() -> None:
    assert told(after(Approve(), SUPPORT)) == Month(yes=1)


def test_what_was_agreed_instead_is_no_yes() -> None:
    case = replace(after(Approve(), SELLER), outcome=Outcome.SETTLED)
    assert told(case) == Month(no=1, answered=AFTER_3_HOURS)


@pytest.mark.parametrize("change", [{"by_rule": "small"}, {"by": SELLER}], ids=["a rule", "the seller"])
def test_of_what_no_seller_was_asked_nothing_is_learned(change: dict[str, object]) -> None:
    case = a_case()
    assert lesson_of(replace(case, asked=replace(case.asked, **change))) is None  # type: ignore[arg-type]
