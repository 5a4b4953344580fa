"""Counters: read and written in one go, or not at all; what decisions tell is counted from the log."""

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.figures.counting import EVERYTHING, About, Counters, Counting, Place, Subject, added, share_of
from chalicelib.domain.ports import Store
from chalicelib.workflow import counting
from infra.sandbox.builders import NOW, a_case
from tests.contract.rows import answer, opened
from tests.fakes.ports import a_neighbourhood

TODAY = Place(subject=EVERYTHING, day=NOW.date())


def first_count(case_id: str = "c1", rev: int = 1) -> Counting:
    share = share_of(replace(a_case(), rev=rev))
    sums = added([(None, share)])
    return Counting(
        shares={case_id: share}, before={}, counters={place: sums.onto(place, Counters()) for place in sums.places}
    )


def test_what_was_counted_is_read_again_as_it_was(store: Store) -> None:
    told = first_count()
    assert store.count(told)
    assert store.shares(["c1", "c2"]) == told.shares
    assert store.counters([TODAY, Place(subject=Subject(about=About.SELLER, name="nobody"))]) == {
        TODAY: told.counters[TODAY]
    }


def test_the_same_is_not_counted_twice(store: Store) -> None:
    assert store.count(first_count())
    assert not store.count(first_count())
    assert store.counters([TODAY])[TODAY].rev == 1


def test_what_another_wrote_meanwhile_is_written_over_by_nobody(store: Store) -> None:
    assert store.count(first_count("c1"))
    assert not store.count(first_count("c2"))
    assert store.shares(["c2"]) == {}


def test_days_are_read_from_the_first_to_the_last_and_no_other_subjects(store: Store) -> None:
    assert store.count(first_count())
    day = NOW.date()
    assert list(store.days_counted(EVERYTHING, day, day)) == [day]
    assert store.days_counted(EVERYTHING, date(2020, 1, 1), date(2020, 12, 31)) == {}
    assert store.days_counted(Subject(about=About.SELLER, name="nobody"), day, day) == {}


def test_what_was_decided_is_counted_from_the_log_and_from_a_walk_alike(store: Any) -> None:
    ports = a_neighbourhood(store=store).ports
    opened(store, "c1")
    assert counting.catch_up(ports) == 1
    store.commit(answer(store, Approve()))
    assert counting.catch_up(ports) == 1
    opened(store, "c2", order_id="O-2")
    (case, other) = (store.case("c1"), store.case("c2"))
    counting.catch_up(ports)
    sums = added((None, share_of(each)) for each in (case, other))
    found = store.counters(sums.places)
    assert {place: replace(each, rev=0) for place, each in found.items()} == {
        place: replace(sums.onto(place, Counters()), rev=0) for place in sums.places
    }


def test_what_was_learned_is_read_by_situation_and_alone(store: Store) -> None:
    told = first_count()
    assert store.count(told)
    lesson = share_of(a_case()).lesson
    assert lesson
    shop = Subject(about=About.SELLER, name="toko-baju")
    found = store.learned(Place(subject=shop, situation=lesson.situation))
    assert found == {lesson.fault: {lesson.month: lesson.told}}
    assert store.lessons(shop) == {lesson.situation: found}
    assert store.lessons(EVERYTHING) == {}
    assert store.learned(Place(subject=Subject(about=About.SELLER, name="nobody"), situation=lesson.situation)) == {}
