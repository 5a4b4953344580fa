"""What every Store must keep of digests: each note is told once, and nothing joins one that is on its way."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.people.digests import Asked, Digest, DigestAsks, DigestNote
from chalicelib.domain.ports import Store
from infra.sandbox.builders import NOW

SOON, SHOP = NOW + timedelta(hours=1), "toko#baju"


def a_note(number: int = 1) -> DigestNote:
    return DigestNote(case_id="BTL-1", effect=f"{number}:mail:decision_needed:seller")


def taken(store: Store) -> Digest:
    (due,) = store.due_digests(SOON, 10)
    mine = replace(due, rev=due.rev + 1, next_at=SOON + timedelta(seconds=90))
    assert store.put_digest(mine)
    return mine


def test_what_was_noted_waits_for_a_digest_of_its_moment(store: Store) -> None:
    assert store.note_for_digest(SHOP, SOON, a_note())
    assert store.note_for_digest(SHOP, SOON, a_note())
    assert store.note_for_digest(SHOP, SOON, a_note(2))
    assert store.note_for_digest("toko-sepatu", SOON + timedelta(hours=1), a_note())
    assert store.digest_notes(SHOP) == [a_note(), a_note(2)]
    assert store.due_digests(SOON - timedelta(seconds=1), 10) == []
    assert store.due_digests(SOON, 10) == [Digest(seller_id=SHOP, at=SOON)]
    assert [each.seller_id for each in store.due_digests(SOON + timedelta(hours=1), 1)] == [SHOP]


def test_nothing_joins_a_digest_that_is_on_its_way(store: Store) -> None:
    store.note_for_digest(SHOP, SOON, a_note())
    mine = taken(store)
    assert store.due_digests(SOON, 10) == []
    assert store.due_digests(mine.next_at or SOON, 10) == [mine]
    assert not store.note_for_digest(SHOP, SOON, a_note(2))
    assert store.note_for_digest(SHOP, SOON, a_note())  # known already
    assert store.note_for_digest(SHOP, SOON + timedelta(hours=1), a_note(2))
    assert store.digest_notes(SHOP) == [a_note(), a_note(2)]


def test_whoever_writes_a_digest_second_learns_of_it(store: Store) -> None:
    store.note_for_digest(SHOP, SOON, a_note())
    mine = taken(store)
    assert not store.put_digest(mine)
    assert not store.put_digest(Digest(seller_id="nobody", at=SOON, rev=1))
    assert store.put_digest(replace(mine, rev=2, tries=1))


def test_what_was_told_waits_no_more_and_is_not_told_again(store: Store) -> None:
    store.note_for_digest(SHOP, SOON, a_note())
    mine = replace(taken(store), rev=2, next_at=None, told=(a_note().key,))
    assert store.put_digest(mine)
    assert store.due_digests(SOON, 10) == [mine]
    for _ in range(2):
        store.end_digest(mine, SOON)
        assert store.digest_notes(SHOP) == []
        assert store.due_digests(SOON, 10) == []
    assert store.note_for_digest(SHOP, SOON, a_note())
    assert store.digest_notes(SHOP) == []


def test_what_a_digest_asked_about_is_kept_and_forgotten_with_all_else(store: Store) -> None:
    asks = DigestAsks(seller_id=SHOP, at=SOON, asked=(Asked(case_id="BTL-1", run=1, turn=2),))
    store.put_digest_asks(asks)
    store.note_for_digest(SHOP, SOON, a_note())
    assert store.digest_asks(SHOP, SOON) == asks
    assert store.digest_asks(SHOP, NOW) is None
    store.forget_digests(SHOP)
    assert store.digest_asks(SHOP, SOON) is None
    assert store.digest_notes(SHOP) == []
