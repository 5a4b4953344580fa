"""Keys made of ids: no two are alike, old ones stay as they are, all fit into DynamoDB."""

from collections.abc import Callable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.codec import thread_key
from chalicelib.adapters.dynamodb.tables import credit_key, granted_key, seller_key, wallet_key
from chalicelib.domain.ids import LONGEST, as_id, joined

# Where separators and escapes are dense, a key that forgets one soon meets another.
TRICKY = st.text("#%|2357C:aé", max_size=6)
WORDS = st.one_of(TRICKY, st.text(max_size=8))
TUPLES = st.lists(WORDS, min_size=1, max_size=4)
OLD = st.text("ABZabz019._-", min_size=1, max_size=64)


def parted(key: str, by: str) -> list[str]:
    """The words of a key, as its rule says."""
    return [word.replace(f"%{ord(by):02X}", by).replace("%25", "%") for word in key.split(by)]


@given(TUPLES, st.sampled_from("#|"))
def test_a_key_gives_its_words_back(words: list[str], by: str) -> None:
    assert parted(joined(*words, by=by), by) == words


@given(TUPLES, TUPLES)
def test_no_two_keys_are_alike(one: list[str], other: list[str]) -> None:
    assert (joined(*one) == joined(*other)) is (one == other)


KEYS: dict[str, Callable[[str, str], str]] = {
    "thread": lambda one, other: thread_key(one),
    "wallet": wallet_key,
    "credit": credit_key,
    "seller": lambda one, other: seller_key(one),
    "granted": lambda one, other: granted_key(one, date(2026, 11, 23)),
    "placed": lambda one, other: joined("2026-11-23T03:00:00.000000Z", one),
}


@given(OLD, OLD)
def test_ids_of_before_give_the_keys_of_before(one: str, other: str) -> None:
    assert {name: make(one, other) for name, make in KEYS.items()} == {
        "thread": f"order#{one}",
        "wallet": f"{one}#{other}",
        "credit": f"E#{one}#{other}",
        "seller": f"seller#{one}",
        "granted": f"granted#{one}#2026-11-23",
        "placed": f"2026-11-23T03:00:00.000000Z#{one}",
    }


def test_the_longest_ids_fit_into_keys() -> None:
    for sign in ("%", "#", "\U0001f6d2", "注"):
        longest = sign * LONGEST
        assert as_id(longest) == longest
        for make in KEYS.values():
            assert len(make(longest, "IDR").encode()) <= 1024, "a sort key; a partition key may have twice as many"


@given(st.text(max_size=6))
def test_an_id_is_composed_once_and_for_all(typed: str) -> None:
    composed = as_id(typed)
    if composed is not None:
        assert as_id(composed) == composed
        assert composed == composed.strip()


@given(OLD.filter(lambda each: each.strip(".")))
def test_ids_of_before_stay_ids(old: str) -> None:
    assert as_id(old) == old
