"""Hours of callers: each moment lies in one, and it is said when the next begins."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.people.uses import USUAL, WINDOW, Counted, use_of

moments = st.integers(946_684_800_000_000, 4_102_444_800_000_000).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


@given(moments)
def test_a_window_is_an_hour_and_ends_when_it_says(now: datetime) -> None:
    use = use_of(Counted.ASKS, "x", 1, now)
    assert now < use.again_at <= now + WINDOW
    last = use_of(Counted.ASKS, "x", 1, use.again_at - timedelta(microseconds=1))
    assert last.key == use.key
    assert use_of(Counted.ASKS, "x", 1, use.again_at).key != use.key


@given(moments, moments)
def test_two_moments_share_a_window_only_within_an_hour(one: datetime, other: datetime) -> None:
    shared = use_of(Counted.ASKS, "x", 1, one).key == use_of(Counted.ASKS, "x", 1, other).key
    assert not shared or abs(one - other) < WINDOW


def test_whatever_is_counted_has_a_number_unless_a_deployment_says_another() -> None:
    assert set(USUAL) == set(Counted)
    assert min(USUAL.values()) > 0
