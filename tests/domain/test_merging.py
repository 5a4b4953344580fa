"""What somebody changed of a policy is carried over to a version that came meanwhile, and nothing else is."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.policies.merging import carried_over

LEAVES = st.integers(0, 3) | st.lists(st.integers(0, 2), max_size=2)
NAMES = st.sampled_from("abc")
POLICIES = st.dictionaries(NAMES, LEAVES | st.dictionaries(NAMES, LEAVES, max_size=3), max_size=3)


@given(POLICIES, POLICIES)
def test_on_the_version_that_it_was_written_on_a_draft_stays_as_it_is(base: dict[str, Any], draft: Any) -> None:
    assert carried_over(base, draft, base) == (draft, [])


@given(POLICIES, POLICIES)
def test_who_changed_nothing_changes_nothing_of_what_came_meanwhile(base: dict[str, Any], now: Any) -> None:
    assert carried_over(base, base, now) == (now, [])


@given(POLICIES, POLICIES)
def test_two_who_changed_the_same_to_the_same_do_not_clash(base: dict[str, Any], draft: Any) -> None:
    assert carried_over(base, draft, draft) == (draft, [])


@given(POLICIES, POLICIES, POLICIES)
def test_nothing_that_was_given_is_written_to(base: dict[str, Any], draft: Any, now: Any) -> None:
    before = repr((base, draft, now))
    carried_over(base, draft, now)
    assert repr((base, draft, now)) == before


def test_both_changes_stand_and_what_both_changed_is_named() -> None:
    base = {"times": 3, "fee": {"flat": 0, "points": 200}, "gone": 1}
    draft = {"times": 4, "fee": {"flat": 0, "points": 300}}
    now = {"times": 3, "fee": {"flat": 500, "points": 250}, "gone": 1, "more": True}
    merged, clashes = carried_over(base, draft, now)
    assert merged == {"times": 4, "fee": {"flat": 500, "points": 300}, "more": True}
    assert clashes == ["fee.points"]
