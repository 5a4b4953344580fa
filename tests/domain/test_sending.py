"""The conductor of a part: never twice what is in doubt, and nothing in doubt that nobody sees."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.money.hearing import told
from chalicelib.domain.money.providers import (
    UNREADABLE,
    AfterLoss,
    Became,
    Habits,
    May,
    Never,
    NotBefore,
    Notification,
    PartRequest,
    ProviderAnswer,
    Shut,
    key_of,
)
from chalicelib.domain.money.refund import MOST_TRIES
from chalicelib.domain.money.sending import (
    PATIENCE,
    Done,
    Find,
    GiveUp,
    Next,
    Send,
    Sending,
    Stuck,
    WaitUntil,
    answered,
    begun,
    next_step,
    once_again,
    reported,
    unanswered,
)
from chalicelib.domain.orders.methods import Method

NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
ASKABLE = Habits(tells_failure=False, after_loss=AfterLoss.ASK, key_lives=timedelta(days=7))
TELLING = Habits(tells_failure=True, after_loss=AfterLoss.ASK)
SEARCHED = Habits(tells_failure=True, after_loss=AfterLoss.SEARCH)
REPEATED = Habits(tells_failure=True, after_loss=AfterLoss.REPEAT, key_lives=timedelta(days=1))
TAKING_BACK = Habits(tells_failure=True, after_loss=AfterLoss.ASK, takes_back=True)
NEW = Sending(part="rf_1-card", amount=100)
FIRST = Send(1, "rf_1-card-1")
FIND = Find("rf_1-card-1")
SENT = begun(NEW, FIRST, NOW)
PENDING = ProviderAnswer(became=Became.PENDING, reference="their-1")
GONE = ProviderAnswer(became=Became.SUCCEEDED, reference="their-1", amount=100)
UNKNOWN = ProviderAnswer(became=Became.UNKNOWN)
LATER = ProviderAnswer(became=Became.UNKNOWN, wait=timedelta(minutes=10))
REFUSED = ProviderAnswer(became=Became.FAILED, is_final=True, code="202")
EMPTY = ProviderAnswer(became=Became.FAILED, is_final=True, again=True, code="INSUFFICIENT_BALANCE")


def step(sending: Sending, habits: Habits = ASKABLE, **later: float) -> Next:
    return next_step(sending, May(), habits, NOW + timedelta(**later))


def letter(
    became: Became, event: str = "e1", amount: int | None = 100, key: str | None = "rf_1-card-1"
) -> Notification:
    return Notification(event_id=event, key=key, reference="their-1", amount=amount, became=became, at=NOW)


def test_the_first_is_sent_at_once_when_the_way_is_open() -> None:
    assert step(NEW) == FIRST


def test_a_shut_way_fails_before_anything_is_sent() -> None:
    assert next_step(NEW, Never(Shut.WINDOW_SHUT), ASKABLE, NOW) == GiveUp(failed=True, why="window_shut")


def test_at_night_it_waits_for_the_morning() -> None:
    morning = NOW + timedelta(hours=6)
    assert next_step(NEW, NotBefore(morning), ASKABLE, NOW) == WaitUntil(morning)
    assert next_step(NEW, NotBefore(morning), ASKABLE, morning) == FIRST


@pytest.mark.parametrize("lost", [SENT, unanswered(SENT, NOW)], ids=["a crash", "no answer"])
def test_a_lost_answer_is_asked_for_before_the_same_key_goes_again(lost: Sending) -> None:
    assert isinstance(step(lost), WaitUntil)
    assert step(lost, hours=1) == FIND
    asked = answered(begun(lost, FIND, NOW), FIND, UNKNOWN, NOW)
    assert step(asked) == FIRST
    assert step(begun(asked, FIRST, NOW), hours=7) == FIND


def test_not_now_to_a_question_is_no_answer_to_it() -> None:
    lost = unanswered(SENT, NOW)
    still = answered(begun(lost, FIND, NOW), FIND, LATER, NOW)
    assert step(still, hours=12) == FIND


def test_not_now_to_a_request_sends_the_same_key_later() -> None:
    busy = answered(SENT, FIRST, LATER, NOW)
    assert step(busy, SEARCHED) == WaitUntil(NOW + timedelta(minutes=10))
    assert step(busy, SEARCHED, minutes=10) == FIRST


def test_what_may_be_found_is_searched_for_a_day_and_never_sent_again() -> None:
    lost = unanswered(SENT, NOW)
    assert step(lost, SEARCHED, hours=1) == FIND
    again = unanswered(begun(lost, FIND, NOW), NOW)
    assert step(again, SEARCHED, hours=23) == FIND
    assert step(again, SEARCHED, hours=25) == GiveUp(failed=False, why="cannot_be_asked")
    heard = told(lost, letter(Became.SUCCEEDED), NOW)
    assert step(heard, SEARCHED, hours=25) == Done()
    found = answered(begun(lost, FIND, NOW), FIND, PENDING, NOW)
    assert step(found, SEARCHED, days=2) == FIND


def test_a_lost_answer_after_a_not_now_is_asked_about_ever_more_seldom() -> None:
    sending, now = begun(answered(SENT, FIRST, LATER, NOW), FIRST, NOW), NOW
    asked = 0
    while not isinstance(said := next_step(sending, May(), SEARCHED, now), GiveUp):
        if isinstance(said, WaitUntil):
            now = said.at
            continue
        assert said == FIND
        sending, asked = unanswered(begun(sending, FIND, now), now), asked + 1
    assert 8 < asked < 20


def test_where_the_same_request_is_answered_as_before_it_is_repeated_for_as_long_as_its_key_lives() -> None:
    lost = unanswered(SENT, NOW)
    assert isinstance(step(lost, REPEATED), WaitUntil)
    assert step(lost, REPEATED, hours=1) == FIRST
    assert step(unanswered(begun(lost, FIRST, NOW), NOW), REPEATED, days=2) == GiveUp(failed=False, why="key_too_old")


def test_a_key_that_protects_no_more_is_not_sent_again() -> None:
    asked = answered(unanswered(SENT, NOW), FIND, UNKNOWN, NOW)
    assert step(asked, days=8) == GiveUp(failed=False, why="key_too_old")
    assert step(asked, TELLING, days=8) == FIRST


def test_the_try_rises_only_after_a_final_failure_that_may_pass() -> None:
    sending, sent = SENT, FIRST
    for number in range(2, MOST_TRIES + 1):
        sending = answered(sending, sent, EMPTY, NOW)
        assert isinstance(step(sending), WaitUntil)
        sent = Send(number, f"rf_1-card-{number}")
        assert step(sending, hours=6) == sent
        sending = begun(sending, sent, NOW)
    assert step(answered(sending, sent, EMPTY, NOW), days=9) == GiveUp(failed=True, why="refused:INSUFFICIENT_BALANCE")


def test_a_refusal_for_good_fails_at_once() -> None:
    assert step(answered(SENT, FIRST, REFUSED, NOW)) == GiveUp(failed=True, why="refused:202")


def test_what_is_pending_is_asked_about_often_where_failure_is_not_told() -> None:
    pending = answered(SENT, FIRST, PENDING, NOW)
    assert step(pending, hours=1) == FIND
    assert isinstance(step(pending, TELLING, hours=23), WaitUntil)
    assert step(pending, TELLING, days=1) == FIND


def test_nothing_is_uncertain_for_ever() -> None:
    pending = answered(SENT, FIRST, PENDING, NOW)
    assert next_step(pending, May(), ASKABLE, NOW + PATIENCE) == GiveUp(failed=False, why="no_certainty")


@pytest.mark.parametrize("habits", [ASKABLE, SEARCHED], ids=["asked", "searched"])
def test_a_person_who_wants_it_asked_again_begins_patience_anew(habits: Habits) -> None:
    lost = unanswered(SENT, NOW)
    late = NOW + PATIENCE + timedelta(days=1)
    assert isinstance(next_step(lost, May(), habits, late), GiveUp)
    again = once_again(lost, late)
    assert next_step(again, May(), habits, late) == FIND
    silent = unanswered(begun(again, FIND, late), late)
    assert next_step(silent, May(), habits, late + timedelta(hours=1)) == FIND
    assert isinstance(next_step(silent, May(), habits, late + PATIENCE), GiveUp)


def test_news_that_contradict_what_was_known_are_asked_about_however_late_they_come() -> None:
    late = NOW + PATIENCE + timedelta(days=1)
    doubtful = told(answered(SENT, FIRST, GONE, NOW), letter(Became.FAILED, "e2"), late)
    assert next_step(doubtful, May(), TELLING, late) == FIND


def test_money_that_may_come_back_is_looked_after_for_two_weeks() -> None:
    done, seen = reported(answered(SENT, FIRST, GONE, NOW)), []
    now = NOW
    while (said := next_step(done, May(), TAKING_BACK, now)) != Done():
        if isinstance(said, Done):
            assert said.look_at
            now = said.look_at
            continue
        assert said == FIND
        seen.append((now - NOW).days)
        done = answered(begun(done, FIND, now), FIND, GONE, now)
    assert seen == [1, 3, 7, 14]
    assert step(answered(SENT, FIRST, GONE, NOW), TELLING) == Done()


def test_nothing_is_looked_after_before_somebody_heard_that_it_went() -> None:
    done, day = answered(SENT, FIRST, GONE, NOW), timedelta(days=1)
    assert step(done, TAKING_BACK, days=2) == Done(NOW + day)
    assert step(reported(done), TAKING_BACK, days=2) == FIND


def test_a_look_that_finds_money_back_says_so_and_one_without_an_answer_is_made_up_for() -> None:
    day = NOW + timedelta(days=1)
    looking = begun(reported(answered(SENT, FIRST, GONE, NOW)), FIND, day)
    silent = unanswered(looking, day)
    assert next_step(silent, May(), TAKING_BACK, day + timedelta(hours=1)) == FIND
    assert next_step(silent, May(), TAKING_BACK, day) == Done(day + timedelta(minutes=1))
    assert next_step(looking, May(), TAKING_BACK, day + timedelta(minutes=1)) == FIND, "after a crash as well"
    back = answered(looking, FIND, EMPTY, day)
    assert next_step(back, May(), TAKING_BACK, day) == GiveUp(failed=False, why="reversed")


def test_what_was_taken_and_is_not_in_the_list_vanished_once_lists_have_had_time() -> None:
    pending = answered(SENT, FIRST, PENDING, NOW)
    assert answered(pending, FIND, UNKNOWN, NOW).stuck is None
    gone = answered(pending, FIND, UNKNOWN, NOW + timedelta(days=1))
    assert gone.stuck is Stuck.VANISHED
    assert told(gone, letter(Became.SUCCEEDED), NOW).has_gone


def test_another_amount_is_money_that_people_look_at() -> None:
    wrong = replace(GONE, amount=99)
    assert step(answered(SENT, FIRST, wrong, NOW)) == GiveUp(failed=False, why="wrong_amount")
    assert told(SENT, letter(Became.SUCCEEDED, amount=99), NOW).stuck is Stuck.WRONG_AMOUNT


def test_a_notification_alone_is_enough() -> None:
    assert step(told(SENT, letter(Became.SUCCEEDED), NOW)) == Done()


def test_a_failure_that_is_told_counts_as_one_that_is_answered() -> None:
    empty = told(SENT, replace(letter(Became.FAILED), again=True), NOW)
    assert step(empty, TELLING, hours=6) == Send(2, "rf_1-card-2")
    refused = told(SENT, replace(letter(Became.FAILED), code="REFUND_FAILED"), NOW)
    assert step(refused, TELLING) == GiveUp(failed=True, why="refused:REFUND_FAILED")


def test_doubled_and_late_ones_change_nothing() -> None:
    done = told(SENT, letter(Became.SUCCEEDED), NOW)
    assert told(done, letter(Became.SUCCEEDED), NOW) == done
    assert told(done, letter(Became.PENDING, "e0"), NOW).answer == done.answer
    assert told(done, letter(Became.FAILED, "e2", key="rf_2-card-1"), NOW) == done


def test_a_bounce_is_asked_about_and_then_seen() -> None:
    done = told(SENT, letter(Became.SUCCEEDED), NOW)
    doubtful = told(done, letter(Became.FAILED, "e2"), NOW)
    assert step(doubtful) == FIND
    bounced = answered(begun(doubtful, FIND, NOW), FIND, EMPTY, NOW)
    assert step(bounced, days=2) == GiveUp(failed=False, why="reversed")
    assert step(answered(begun(doubtful, FIND, NOW), FIND, GONE, NOW)) == Done()


def test_a_success_that_contradicts_a_final_failure_lets_no_other_try_begin() -> None:
    doubtful = told(answered(SENT, FIRST, EMPTY, NOW), letter(Became.SUCCEEDED), NOW)
    assert step(doubtful, hours=7) == FIND
    second = begun(answered(SENT, FIRST, EMPTY, NOW), Send(2, "rf_1-card-2"), NOW)
    assert told(second, letter(Became.SUCCEEDED), NOW).stuck is Stuck.TWO_SUCCEEDED


def test_an_old_word_does_not_end_a_doubt_before_the_provider_was_asked() -> None:
    bounced = told(answered(SENT, FIRST, GONE, NOW), letter(Became.FAILED, "e2"), NOW)
    late = told(bounced, letter(Became.SUCCEEDED, "e1"), NOW)
    assert step(late) == FIND
    assert step(answered(begun(late, FIND, NOW), FIND, REFUSED, NOW)) == GiveUp(failed=False, why="reversed")
    contradicted = told(answered(SENT, FIRST, EMPTY, NOW), letter(Became.SUCCEEDED, "e2"), NOW)
    assert step(told(contradicted, letter(Became.FAILED, "e1"), NOW), hours=7) == FIND


def test_money_that_bounces_after_all_patience_is_asked_about() -> None:
    later = NOW + PATIENCE + timedelta(days=6)
    bounced = told(answered(SENT, FIRST, GONE, NOW), letter(Became.FAILED), later)
    assert next_step(bounced, May(), TELLING, later) == FIND


def test_what_nobody_vouches_for_is_only_asked_about() -> None:
    lost = unanswered(SENT, NOW)
    nudged = told(lost, replace(letter(Became.SUCCEEDED, amount=1), vouched=False), NOW)
    assert not nudged.has_gone
    assert nudged.stuck is None
    assert step(nudged) == FIND


@pytest.mark.parametrize(("part", "number"), [("rf 1", 1), ("rf_1", 0), ("x" * 100, 1)])
def test_no_key_is_made_that_providers_refuse(part: str, number: int) -> None:
    with pytest.raises(ValueError, match="key"):
        key_of(part, number)


@pytest.mark.parametrize("amount", [0, -1, 61])
def test_no_request_is_made_for_what_the_tender_does_not_hold(amount: int) -> None:
    with pytest.raises(ValueError, match="100"):
        PartRequest(
            key="k-1",
            refund_id="rf_1",
            tender_id="card",
            method=Method.CARD,
            amount=amount,
            currency="IDR",
            collected=100,
            given_before=40,
        )


def test_a_refund_to_a_card_that_is_there_no_more_is_not_tried_again_and_its_way_is_shut() -> None:
    failed = ProviderAnswer(
        became=Became.FAILED, code="lost_or_stolen_card", is_final=True, again=True, way_gone=True, reference="re_1"
    )
    sent = begun(Sending(part="rf_1-card", amount=100), Send(1, "rf_1-card-1"), NOW)
    after = answered(sent, Send(1, "rf_1-card-1"), failed, NOW)
    assert next_step(after, May(), Habits(tells_failure=True, after_loss=AfterLoss.ASK), NOW) == GiveUp(
        failed=True, why=Shut.WAY_GONE
    )


@pytest.mark.parametrize("amount", [None, UNREADABLE, 99, 101])
def test_money_that_went_without_its_amount_is_a_wrong_amount_by_answer_and_by_letter(amount: int | None) -> None:
    gone = replace(GONE, amount=amount)
    for after in (answered(SENT, FIRST, gone, NOW), told(SENT, letter(Became.SUCCEEDED, amount=amount), NOW)):
        assert after.stuck is Stuck.WRONG_AMOUNT
        assert step(after) == GiveUp(failed=False, why=Stuck.WRONG_AMOUNT)


def test_a_taken_request_needs_no_amount_and_may_have_no_wrong_one() -> None:
    assert answered(SENT, FIRST, PENDING, NOW).stuck is None
    assert answered(SENT, FIRST, replace(PENDING, amount=UNREADABLE), NOW).stuck is Stuck.WRONG_AMOUNT
