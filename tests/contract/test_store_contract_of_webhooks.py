"""What every Store must keep of webhooks: revision by revision; what was tried, the latest first; what was given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.cases.log import Position
from chalicelib.domain.cases.webhooks import Attempt, Letter, OffWhy, Reply, Webhook
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ports import Store
from infra.sandbox.builders import NOW


def a_webhook(webhook_id: str = "w1", **more: object) -> Webhook:
    plain = Webhook(
        webhook_id=webhook_id,
        url="https://shop.example/hooks",
        types=("*",),
        created_at=NOW,
        created_by="op",
        upto=Position(pos=1),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def a_letter(number: int) -> Letter:
    behind = Position(pos=number, order_id="O-1", read=1)
    return Letter(event_id=f"e{number}", type="case.opened", behind=behind, tries=2, next_at=NOW)


def test_a_webhook_is_what_was_kept_of_it(store: Store) -> None:
    assert store.webhook("w1") is None
    full = a_webhook(
        contact="ops@shop.example",
        generation=2,
        former_until=NOW,
        upto=Position(pos=5, order_id="O-1", read=2),
        ahead=("a", "b"),
        not_before=NOW,
        waiting=(a_letter(3),),
        failures=7,
        failing_since=NOW,
        dead=1,
        off=OffWhy.SILENT,
        off_since=NOW,
        leased_until=NOW + timedelta(seconds=5),
    )
    assert store.put_webhook(full)
    assert store.webhook("w1") == full


def test_whoever_writes_a_webhook_second_learns_of_it(store: Store) -> None:
    first = a_webhook()
    assert store.put_webhook(first)
    assert not store.put_webhook(first)
    assert store.put_webhook(replace(first, rev=2, failures=1))
    assert not store.put_webhook(replace(first, rev=2, failures=2))
    store.drop_webhook("w1")
    assert not store.put_webhook(replace(first, rev=3))
    assert store.webhook("w1") is None


def test_all_webhooks_are_listed_the_oldest_first(store: Store) -> None:
    store.put_webhook(a_webhook("a", created_at=NOW + timedelta(seconds=1)))
    store.put_webhook(a_webhook("b"))
    assert [each.webhook_id for each in store.webhooks()] == ["b", "a"]


def test_attempts_are_listed_the_latest_first_page_by_page(store: Store) -> None:
    tried = [
        Attempt(
            event_id=f"e{number}",
            type="case.opened",
            at=NOW + timedelta(seconds=number // 2),
            number=1,
            reply=Reply(status=500, answer="no", milliseconds=3, wait=timedelta(seconds=9)),
        )
        for number in range(7)
    ]
    store.note_attempts("w1", tried[:4])
    store.note_attempts("w1", tried[4:])
    store.note_attempts("w2", tried[:1])
    first = store.attempts("w1", limit=3)
    second = store.attempts("w1", limit=3, cursor=first.next_cursor)
    third = store.attempts("w1", limit=3, cursor=second.next_cursor)
    assert third.next_cursor is None
    found = [*first.items, *second.items, *third.items]
    assert {each.event_id for each in found} == {each.event_id for each in tried}
    assert [each.at for each in found] == sorted((each.at for each in tried), reverse=True)
    assert tried[0] in found
    with pytest.raises(Invalid, match="bad_cursor"):
        store.attempts("w1", cursor="nonsense")


def test_letters_that_were_given_up_are_kept_once_as_they_lie_in_the_log(store: Store) -> None:
    store.bury_letters("w1", [a_letter(10), a_letter(9)])
    store.bury_letters("w1", [a_letter(10)])
    assert store.dead_letters("w1", limit=5) == [a_letter(9), a_letter(10)]
    assert store.dead_letters("w1", limit=1) == [a_letter(9)]
    store.forget_letters("w1", [a_letter(9)])
    assert store.dead_letters("w1", limit=5) == [a_letter(10)]
    store.drop_webhook("w1")
    assert store.dead_letters("w1", limit=5) == []
