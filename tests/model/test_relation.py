"""The model in plain Python: what it looks through without SPIN, and the ways it finds where a control breaks it."""

from dataclasses import fields

import pytest

from tests.model.promela import program
from tests.model.relation import Rules, a_world
from tests.model.search import search


def test_one_person_and_silence_break_nothing() -> None:
    seen, broken, _ = search(Rules(), a_world(requests=(1, 0)))
    assert broken == []
    assert seen > 1_000


@pytest.mark.parametrize(
    ("control", "cases", "what"), [("tests_slot", 2, "opened_twice"), ("commits_first", 1, "told_unpromised")]
)
def test_the_shortest_way_to_a_fault_is_told(control: str, cases: int, what: str) -> None:
    _, broken, way = search(Rules(**{control: 0}), a_world(cases=cases))
    assert broken == [what]
    assert way[0].startswith("sees_an_order")
    assert len(way) == 4


def test_every_rule_is_read_by_a_step() -> None:
    for each in fields(Rules):
        assert program(Rules(**{each.name: 0}), a_world(faults=1)) != program(Rules(), a_world(faults=1)), each.name
