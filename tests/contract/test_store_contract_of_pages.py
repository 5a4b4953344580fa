"""What every Store must keep of lists that are read page by page: nothing twice, nothing missed, no foreign cursor."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.commands import Extend, Reject
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.quotas import Quota
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.body import Line
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.ports import Filter, Page, Store
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT
from tests.contract.rows import answer, opened, pushed


def all_of(read: Callable[[str | None], Page[Any]]) -> list[list[Any]]:
    """Every page of a list."""
    pages, cursor = [], None
    while True:
        page = read(cursor)
        pages.append(list(page.items))
        if (cursor := page.next_cursor) is None:
            return pages


def a_message(number: int, case_id: str | None = None, order_id: str = "LZD-1") -> Message:
    at = NOW + timedelta(seconds=number)
    return Message(message_id=f"m{number}", order_id=order_id, case_id=case_id, at=at, by=BUDI, text="Halo")


def a_file(number: int, case_id: str = "c1") -> Evidence:
    return Evidence(
        evidence_id=f"e{number}",
        case_id=case_id,
        at=NOW + timedelta(seconds=number),
        by=SELLER,
        filename="slip.png",
        content_type="image/png",
        size=1,
        key=f"evidence/{case_id}/e{number}.png",
    )


def test_a_thread_is_read_page_by_page_as_far_as_it_may_be_seen(store: Store) -> None:
    for number in range(7):
        store.commit(Change(message=a_message(number, "c1" if number % 2 else None)))
    store.commit(Change(message=a_message(8, order_id="LZD-2")))

    def every(message: Message) -> bool:
        return True

    def own(message: Message) -> bool:
        return message.case_id == "c1"

    pages = all_of(lambda cursor: store.messages_page("LZD-1", every, limit=3, cursor=cursor))
    assert [[each.message_id for each in page] for page in pages] == [["m0", "m1", "m2"], ["m3", "m4", "m5"], ["m6"]]
    pages = all_of(lambda cursor: store.messages_page("LZD-1", own, limit=2, cursor=cursor))
    assert [[each.message_id for each in page] for page in pages] == [["m1", "m3"], ["m5"]]
    assert store.messages_page("LZD-1", own, limit=3).next_cursor is None
    assert store.messages_page("nope", every) == Page(items=[])


def test_a_timeline_is_read_page_by_page(store: Store) -> None:
    opened(store)
    for days in (2, 3):
        store.commit(answer(store, Extend(until=NOW + timedelta(days=days), note="wait"), actor=SUPPORT))
    pages = all_of(lambda cursor: store.timeline_page("c1", limit=2, cursor=cursor))
    assert [[entry.seq for entry in page] for page in pages] == [[1, 2], [3]]
    assert [entry for page in pages for entry in page] == list(store.timeline("c1"))
    assert store.timeline_page("nope") == Page(items=[])


def test_files_are_read_page_by_page_as_far_as_they_are_there(store: Store) -> None:
    for number in range(5):
        store.commit(Change(evidence=a_file(number)))
    store.commit(Change(evidence=a_file(9, "c2")))
    assert list(store.evidence("c1")) == [a_file(number) for number in range(5)]
    there = {"e0", "e2", "e3"}
    pages = all_of(
        lambda cursor: store.evidence_page("c1", lambda file: file.evidence_id in there, limit=2, cursor=cursor)
    )
    assert [[each.evidence_id for each in page] for page in pages] == [["e0", "e2"], ["e3"]]


def test_a_file_and_the_answer_to_its_announcement_are_one_commit(store: Store) -> None:
    kept = Answered(key="k", fingerprint="f", status=201, body="{}", expires_at=NOW + timedelta(days=2))
    store.commit(Change(evidence=a_file(1), answered=kept))
    found = store.answered("k", NOW)
    assert found
    assert found.fingerprint == "f"
    with pytest.raises(Refused) as refused:
        store.commit(Change(evidence=a_file(2), answered=kept))
    assert refused.value.code == "idempotency_in_progress"
    assert list(store.evidence("c1")) == [a_file(1)]


def test_an_answer_may_be_kept_by_itself(store: Store) -> None:
    kept = Answered(key="k", fingerprint="f", status=200, body="{}", expires_at=NOW + timedelta(days=2))
    store.commit(Change(answered=kept))
    with pytest.raises(Refused):
        store.commit(Change(answered=kept))


def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    opened(store)
    pushed(store, order_id="LZD-2")
    store.commit(answer(store, Extend(until=NOW + timedelta(days=2), note="wait"), actor=SUPPORT))
    for number in range(2):
        store.commit(Change(message=a_message(number)))
        store.commit(Change(evidence=a_file(number)))

    def thread(order_id: str, cursor: str | None) -> Page[Message]:
        return store.messages_page(order_id, lambda message: True, limit=1, cursor=cursor)

    def files(case_id: str, cursor: str | None) -> Page[Evidence]:
        return store.evidence_page(case_id, lambda file: True, limit=1, cursor=cursor)

    cursors = {
        "thread": thread("LZD-1", None).next_cursor,
        "files": files("c1", None).next_cursor,
        "timeline": store.timeline_page("c1", limit=1).next_cursor,
    }
    assert all(cursors.values())
    wrong: list[Callable[[], Page[Any]]] = [
        lambda: thread("LZD-2", cursors["thread"]),
        lambda: files("c2", cursors["files"]),
        lambda: files("c1", cursors["timeline"]),
        lambda: store.timeline_page("c1", cursor=cursors["files"]),
        lambda: store.timeline_page("c2", cursor=cursors["timeline"]),
        lambda: store.timeline_page("c1", cursor="nonsense"),
    ]
    for read in wrong:
        with pytest.raises(Invalid) as invalid:
            read()
        assert invalid.value.code == "bad_cursor"


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(buyer_id="budi"),
        Filter(seller_id="toko-baju"),
        Filter(buyer_id="budi", seller_id="toko-baju"),
        Filter(kind="cancellation"),
    ],
    ids=["all", "buyer", "seller", "both", "kind"],
)
def test_by_deadline_every_list_begins_with_what_is_due_first(store: Store, wanted: Filter) -> None:
    for number, days in enumerate((4, 2, 5, 3)):
        opened(store, case_id=f"c{number}", order_id=f"O-{number}")
        extension = Extend(until=NOW + timedelta(days=days), note="wait")
        store.commit(answer(store, extension, f"c{number}", actor=SUPPORT))
    for number in (4, 5):
        opened(store, case_id=f"c{number}", order_id=f"O-{number}")
        store.commit(answer(store, Reject(reason_code=RefusingReason.OTHER, comment="Maaf"), f"c{number}"))
    pages = all_of(lambda cursor: store.cases(wanted, limit=2, cursor=cursor, by_deadline=True))
    ids = [case.case_id for page in pages for case in page]
    assert ids[:4] == ["c1", "c3", "c0", "c2"]
    assert sorted(ids[4:]) == ["c4", "c5"]
    assert [len(page) for page in pages] == [2, 2, 2]


def test_by_deadline_an_order_lists_its_cases(store: Store) -> None:
    opened(store, case_id="c1", order_id="O-1")
    found = store.cases(Filter(order_id="O-1"), by_deadline=True)
    assert [case.case_id for case in found.items] == ["c1"]
    assert store.cases(Filter(state="awaiting_seller"), by_deadline=True).items == found.items


def test_a_quota_is_taken_with_what_takes_it_and_refuses_when_it_is_used_up(store: Store) -> None:
    quota = Quota(order_id="LZD-1", name="x#1", most=2, code="too_many_messages", again_at=NOW)
    for number in (0, 1, 1):
        store.commit(Change(message=a_message(number), quota=quota))
    with pytest.raises(Refused) as refused:
        store.commit(Change(message=a_message(2), quota=quota))
    assert (refused.value.code, refused.value.details["again_at"]) == ("too_many_messages", NOW)
    assert [message.message_id for message in store.messages("LZD-1")] == ["m0", "m1"]
    store.commit(Change(message=a_message(2), quota=replace(quota, name="x#2")))


def test_the_latest_come_first_where_that_is_asked_and_a_page_ends_before_it_grows_too_large(store: Store) -> None:
    for number in range(5):
        store.commit(Change(message=replace(a_message(number), text="x" * 1000)))

    def pages(**more: Any) -> list[list[str]]:
        read = all_of(lambda cursor: store.messages_page("LZD-1", lambda message: True, cursor=cursor, **more))
        return [[message.message_id for message in page] for page in read]

    assert pages(newest_first=True, limit=2) == [["m4", "m3"], ["m2", "m1"], ["m0"]]
    assert pages(most_bytes=2000) == [["m0", "m1"], ["m2", "m3"], ["m4"]]
    assert pages(most_bytes=1) == [["m0"], ["m1"], ["m2"], ["m3"], ["m4"]]
    opened(store)
    store.commit(answer(store, Extend(until=NOW + timedelta(days=2), note="wait"), actor=SUPPORT))
    read = all_of(lambda cursor: store.timeline_page("c1", limit=1, cursor=cursor, newest_first=True))
    assert [[entry.seq for entry in page] for page in read] == [[2], [1]]


def test_a_wallet_is_read_page_by_page_the_newest_first(store: Store) -> None:
    credits = [
        Credit(
            buyer_id="budi",
            currency="IDR",
            refund_id=f"rf_{9 - number}",
            part="wallet",
            amount=1,
            case_id="c",
            order_id="o",
            at=NOW + timedelta(seconds=number // 2),
        )
        for number in range(5)
    ]
    for credit in credits:
        store.commit(Change(credits=(credit,)))
    read, cursor = [], None
    while True:
        wallet = store.wallet("budi", "IDR", limit=2, cursor=cursor)
        assert wallet.balance == 5
        read.append([entry.refund_id for entry in wallet.entries if isinstance(entry, Credit)])
        if (cursor := wallet.next_cursor) is None:
            break
    assert read == [["rf_5", "rf_7"], ["rf_6", "rf_9"], ["rf_8"]]
    with pytest.raises(Invalid):
        store.wallet("budi", "IDR", limit=2, cursor="nonsense")


def test_a_page_of_large_orders_or_cases_ends_before_it_outgrows_an_answer(store: Store) -> None:
    long = tuple(Line(line_id=f"{each}", name=f"{each}" * 250, quantity=1, unit_price=500) for each in range(100, 500))
    for number in range(3):
        opened(store, f"c{number}", order_id=f"L-{number}", lines=long)

    def orders(cursor: str | None) -> Page[Any]:
        return store.orders(buyer_id="budi", cursor=cursor)

    def cases(wanted: Filter, by_deadline: bool, cursor: str | None) -> Page[Any]:
        return store.cases(wanted, by_deadline=by_deadline, cursor=cursor)

    wanted = Filter(buyer_id="budi"), Filter(seller_id="toko-baju"), Filter(state="awaiting_seller")
    of_cases = [partial(cases, each, by_deadline) for each in wanted for by_deadline in (False, True)]
    lists: list[Callable[[str | None], Page[Any]]] = [orders, *of_cases]
    for read in lists:
        first, second = all_of(read)
        assert (len(first), len(second)) == (2, 1)
        assert len({each.order_id for each in (*first, *second)}) == 3
