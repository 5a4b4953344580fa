"""The kit's parts by themselves: mischief loses nothing, books do not mind it, a difference is said in plain words."""

import random
from typing import Any

import pytest

from infra.conformance.books import Books
from infra.conformance.endings import ENDINGS
from infra.conformance.finding import Finding
from infra.conformance.judging import Judge
from infra.conformance.mischief import Way, Weather
from infra.conformance.player import Played
from infra.conformance.policy import lies_in, wanted
from infra.conformance.report import differences
from tests.docs.pages import ROOT

CASE = "BTL-1"


def an_event(seq: int, kind: str, **said: Any) -> dict[str, Any]:
    data = {"kind": "cancellation", "sequence": seq, "lines": [{"line_id": "1", "quantity": 2}], **said}
    numbers = {"seq": seq, "prev_seq": seq - 1 or None}
    at = f"2026-11-28T05:00:0{seq}Z"
    return {"id": f"{CASE}:{seq}", "type": kind, "case_id": CASE, "occurred_at": at, "data": data, **numbers}


REFUSED = [
    an_event(1, "case.opened"),
    an_event(2, "order.hold_shipment"),
    an_event(3, "order.release_shipment"),
    an_event(4, "case.closed", outcome="rejected"),
]


def carried(weather: Weather, dice: random.Random) -> list[Any]:
    way, came, rest = Way(weather, dice), list[Any](), list(REFUSED)
    while rest:
        some = dice.randrange(1, 4)
        came += way.carries(rest[:some])
        rest = rest[some:]
    return came + way.rest()


@pytest.mark.parametrize("weather", Weather)
def test_no_weather_loses_an_event_every_one_comes_twice_and_books_do_not_mind(weather: Weather) -> None:
    for seed in range(50):
        came, books = carried(weather, random.Random(seed)), Books()
        assert all(came.count(event) >= 2 for event in REFUSED)
        for event in came:
            books.hears(event)
        shown = books.shown()
        assert shown["cases"] == [{"case_id": CASE, "outcome": "rejected"}]
        assert not any(shown[name] for name in shown if name != "cases")


def judged(events: list[dict[str, Any]]) -> list[Finding]:
    ending = next(ending for ending in ENDINGS if ending.name == "refused")
    return list(Judge(Played(ending, "KIT-1", Weather.TWICE, cases=[CASE], events=list(events))).log())


def test_a_log_is_judged_by_its_own_numbers() -> None:
    assert judged(REFUSED) == []
    assert [each.what for each in judged([*REFUSED[:1], *REFUSED[2:]])] == [
        "the numbers of an order's events",
        "parcels that are let go",
    ]
    swapped = [
        {**event, "seq": seq, "prev_seq": seq - 1 or None}
        for seq, event in enumerate([REFUSED[0], REFUSED[2], REFUSED[1], REFUSED[3]], 1)
    ]
    assert {each.what for each in judged(swapped)} == {
        "parcels that are let go",
        "events in the order of what they tell",
    }


def test_a_difference_names_the_order_the_event_and_both_sides() -> None:
    ending = next(ending for ending in ENDINGS if ending.name == "refused")
    judge = Judge(Played(ending, "KIT-1-refused", Weather.TWICE, cases=[CASE], events=list(REFUSED)))
    held = {"cases": [{"case_id": CASE, "outcome": "rejected"}], "held": {"1": 2}}
    assert list(differences(list(judge.books("your books", held)))) == [
        "KIT-1-refused: your books differ: pieces that are held back, by line",
        "    event     order.release_shipment, number 3 of its order, BTL-1:3",
        "    expected  nothing",
        "    found     1: 2",
    ]


def test_a_policy_that_says_more_is_the_same_and_one_that_says_otherwise_is_not() -> None:
    there = {**wanted(20), "version": 3, "second_person_above": 5_000_000}
    assert lies_in(wanted(20), there)
    assert not lies_in(wanted(21), there)


def test_pages_say_how_many_endings_there_are() -> None:
    for place in ("docs/conformance.md", "README.md"):
        assert f"plays {len(ENDINGS)} ways in which a request ends" in (ROOT / place).read_text(encoding="utf-8"), place
