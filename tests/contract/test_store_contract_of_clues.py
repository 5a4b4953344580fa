"""What every Store must keep of what callers say: cases are found by all that is noted, the newest first, for a
while, and no longer than somebody wants to be known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb import clues
from chalicelib.domain.cases.case import Case
from chalicelib.domain.people.clues import NOTHING_NOTED, Noted
from chalicelib.domain.ports import Store
from infra.sandbox.builders import NOW
from tests.contract.rows import opened

LATER = NOW + timedelta(days=150)


def noted(store: Store, case_id: str, *fingerprints: str, begun_before: timedelta = timedelta(0)) -> Case:
    """A case that is found by these."""
    opened(store, case_id, order_id=f"LZD-{case_id}")
    case = store.case(case_id)
    assert case
    found_by = frozenset(fingerprints)
    store.note_clues(case, Noted(fingerprints=found_by, begun=found_by, by="1:clues"), LATER - begun_before)
    return case


def ids(store: Store, *fingerprints: str, most: int = 10) -> list[str]:
    return [case.case_id for case in store.cases_by_clues(fingerprints, NOW, most).cases]


def test_a_case_is_found_by_each_of_its_clues_and_by_all_of_them(store: Store) -> None:
    noted(store, "c1", "aa", "bb")
    noted(store, "c2", "bb", "cc")
    assert (ids(store, "aa"), ids(store, "cc")) == (["c1"], ["c2"])
    assert sorted(ids(store, "bb")) == ["c1", "c2"]
    assert ids(store, "aa", "bb") == ["c1"]
    assert ids(store, "aa", "cc") == []
    assert (ids(store, "dd"), ids(store)) == ([], [])


def test_of_many_the_newest_come_first_and_it_is_said_that_there_are_more(store: Store) -> None:
    for number in (2, 1, 3):
        case = noted(store, f"c{number}")
        begun = frozenset({"aa", "bb"})
        at = case.created_at + timedelta(minutes=number)
        store.note_clues(replace(case, created_at=at), Noted(fingerprints=begun, begun=begun, by="1:clues"), LATER)
    for asked in (["aa"], ["aa", "bb"]):
        found = store.cases_by_clues(asked, NOW, 2)
        assert ([case.case_id for case in found.cases], found.more) == (["c3", "c2"], True)
        found = store.cases_by_clues(asked, NOW, 3)
        assert ([case.case_id for case in found.cases], found.more) == (["c3", "c2", "c1"], False)


def test_what_has_run_out_is_not_found_though_it_still_lies_there(store: Store) -> None:
    noted(store, "c1", "aa", "bb", begun_before=timedelta(days=151))
    noted(store, "c2", "aa")
    assert (ids(store, "aa"), ids(store, "bb"), ids(store, "aa", "bb")) == (["c2"], [], [])


def test_noted_again_it_is_the_same(store: Store) -> None:
    for _ in range(2):
        case = store.case("c1") or noted(store, "c1", "aa")
        store.note_clues(
            case, Noted(fingerprints=frozenset({"aa", "bb"}), begun=frozenset({"bb"}), by="2:clues"), LATER
        )
    assert (ids(store, "aa"), ids(store, "bb")) == (["c1"], ["c1"])
    assert store.noted("c1").fingerprints == {"aa", "bb"}
    assert store.noted("c1").by == "2:clues"


def test_what_is_forgotten_leads_nowhere_and_leaves_others_alone(store: Store) -> None:
    case = noted(store, "c1", "aa", "bb")
    noted(store, "c2", "aa")
    for _ in range(2):
        store.forget_clues(case, ["cc"])
        assert (ids(store, "aa"), ids(store, "bb")) == (["c2"], [])
        assert store.noted("c1") == NOTHING_NOTED


def test_a_word_that_many_have_narrows_a_rare_one_exactly(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clues, "_MOST_READ", 3)
    noted(store, "c1", "often", "rare")
    for number in range(2, 8):
        noted(store, f"c{number}", "often")
    noted(store, "c8", "rare")
    assert ids(store, "often", "rare") == ["c1"]
    assert not store.cases_by_clues(["often", "rare"], NOW, 5).more
