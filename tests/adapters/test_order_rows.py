"""An order reads the same from either form of its row, and the small form is small."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from chalicelib.adapters.dynamodb import DynamoStore, commit, order_rows
from chalicelib.adapters.dynamodb.line_digests import line_digest
from chalicelib.adapters.dynamodb.order_rows import gone_of, pack_body, pack_gone, unpack_body
from chalicelib.adapters.dynamodb.packing import DICTIONARIES, packed, unpacked
from chalicelib.adapters.dynamodb.settings import get
from chalicelib.adapters.dynamodb.tables import BODY, OrderRow
from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.errors import Conflict, Unavailable
from chalicelib.domain.orders.body import Line, OrderBody
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import StatusPush, with_body, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from infra.row import rows
from infra.sandbox.builders import NOW, a_body, an_asking
from tests.contract.rows import answer
from tests.strict_aws import size_of

KB = 1024
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
NAMES = ("Kemeja Batik Lengan Panjang Slim Fit L", "Celana Chino Stretch Khaki 32", "Sepatu Kanvas Hitam Putih 42")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoStore]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    with mock_aws():
        made = DynamoStore(prefix="t-")
        made.tables.create()
        yield made


def item(store: DynamoStore, table: str, **key: str) -> Any:
    typed = {name: {"S": value} for name, value in key.items()}
    return store.tables.connection.client.get_item(TableName=f"t-{table}", Key=typed).get("Item")


def head(store: DynamoStore, order_id: str = "LZD-1") -> Any:
    return item(store, "orders", order_id=order_id)


def body(store: DynamoStore, order_id: str = "LZD-1") -> Any:
    return item(store, "cases", case_id=f"order#{order_id}", sk=BODY)


def push_after_reading(
    monkeypatch: pytest.MonkeyPatch, reader: ModuleType, store: DynamoStore, told: OrderBody
) -> None:
    """This push comes once, right after the reader has read a first row."""
    meanwhile = [told]

    def looking(*key: Any) -> Any:
        found = get(*key)
        if meanwhile:
            pushed(store, meanwhile.pop())
        return found

    monkeypatch.setattr(reader, "get", looking)


def pushed(store: DynamoStore, told: OrderBody) -> Order:
    before = store.order(told.order_id)
    after = with_body(before, told, NOW)
    assert after
    store.commit(Change(push=Push(before=before, after=after)))
    kept = store.order(told.order_id)
    assert kept
    return kept


def moved(store: DynamoStore, status: str, version: int, **more: Any) -> None:
    before = store.order("LZD-1")
    assert before
    push = StatusPush(status=OrderStatus(status), version=version, at=NOW + timedelta(hours=version), **more)
    after = with_status(before, push, NOW + timedelta(hours=version))
    assert after
    store.commit(Change(push=Push(before=before, after=after)))


def name_of(number: int) -> str:
    """Three names as people write them, then some of which each is like no other."""
    return NAMES[number] if number < 3 else hashlib.sha256(bytes([number % 256, number // 256])).hexdigest()[:40]


def lines(count: int, **more: Any) -> tuple[Line, ...]:
    return tuple(
        Line(line_id=f"3847561029384{number:05}", name=name_of(number), quantity=2, unit_price=10_000, **more)
        for number in range(count)
    )


def as_told(order: Order) -> Order:
    """The order but for the number that counts its writes."""
    return replace(order, rev=0)


# --- what is packed comes out again


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.integers(1, 10**5), st.integers(0, 10**9)), min_size=1, max_size=6))
def test_whatever_was_told_comes_out_as_it_was_packed(told: list[tuple[str, str, int, int]]) -> None:
    every = tuple(Line(line_id=a, name=b, quantity=c, unit_price=d, sku=b) for a, b, c, d in told)
    order = a_body(lines=every, buyer=told[0][0])
    assert unpack_body(pack_body(order)) == order
    assert [unpacked(packed(told[0][1], dictionary)) for dictionary in DICTIONARIES] == [told[0][1]] * 2


@settings(deadline=None)
@given(*[st.dictionaries(WORDS, st.integers(-(10**5), 10**5), max_size=6)] * 2)
def test_gone_pieces_are_the_same_in_both_forms(cancelled: Mapping[str, int], returned: Mapping[str, int]) -> None:
    plain = OrderRow("O", cancelled=dict(cancelled), returned=dict(returned))
    small = OrderRow("O", gone=pack_gone(gone_of(plain)))
    assert gone_of(small) == gone_of(plain)
    assert gone_of(small)["cancelled"] == {line_digest(line_id): count for line_id, count in cancelled.items()}


def test_a_dictionary_that_was_released_is_never_changed() -> None:
    """Nothing packed with it could be read any more."""
    assert {version: hashlib.sha256(text).hexdigest()[:16] for version, text in DICTIONARIES.items()} == {
        1: "6f0ed341faba67a6",
        2: "f0f86efc04bf9562",
    }


# --- from plain to small


def test_rows_stay_plain_until_somebody_says_otherwise(store: DynamoStore) -> None:
    pushed(store, a_body())
    assert "body" in head(store)
    assert "z" not in head(store)
    store.write_small()
    assert DynamoStore(prefix="t-").writes_small()


@pytest.mark.parametrize("count", [1, 60], ids=["in its head", "apart"])
def test_a_plain_row_becomes_small_at_its_first_write_and_reads_the_same(store: DynamoStore, count: int) -> None:
    # Two of three pieces are gone of the first line, one was given back again, and a line is not there any more.
    told = a_body(lines=lines(count))
    pushed(store, told)
    first = told.lines[0].line_id
    row = store.tables.order.get("LZD-1")
    row.update(actions=[store.tables.order.cancelled.set({first: 1, "gone": 2}), store.tables.order.returned.set({})])
    before = store.order("LZD-1")
    assert before
    store.write_small()
    store.commit(an_asking(before, lines={first: 1}))
    assert {"body", "cancelled", "returned"} & set(head(store)) == set()
    assert ("z" in head(store), body(store) is not None) == ((True, False) if count == 1 else (False, True))
    after = store.order("LZD-1")
    assert after
    case = {name: getattr(after, name) for name in ("open_case", "cases", "attempts", "left", "books")}
    kept = {first: 1}
    assert as_told(after) == as_told(replace(before, cancelled=kept, **case))
    assert gone_of(store.tables.order.get("LZD-1"))["cancelled"][line_digest("gone")] == 2


def test_a_change_of_status_makes_a_plain_row_small_too(store: DynamoStore) -> None:
    pushed(store, a_body(lines=lines(60)))
    store.write_small()
    moved(store, "ready_to_ship", 2)
    assert "body" not in head(store)
    order = store.order("LZD-1")
    assert order
    assert (order.status, order.body) == ("ready_to_ship", a_body(lines=lines(60)))


def test_who_has_not_heard_of_the_small_form_never_makes_a_small_row_plain(store: DynamoStore) -> None:
    stale = DynamoStore(prefix="t-")
    stale.writes_small = lambda: False  # type: ignore[method-assign]
    store.write_small()
    pushed(store, a_body())
    pushed(stale, a_body(version=2, lines=lines(2)))
    assert "body" not in head(store)
    order = store.order("LZD-1")
    assert order
    assert order.body.lines == lines(2)


@pytest.mark.parametrize("heard", [False, True], ids=["not having heard of small rows", "making it small"])
def test_who_read_a_plain_row_that_was_written_meanwhile_decides_again(
    store: DynamoStore, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    """Otherwise pieces would be written where nobody reads them any more, or a body be made small that is old news."""
    pushed(store, a_body(lines=lines(2)))
    order = store.order("LZD-1")
    assert order
    store.commit(an_asking(order))
    plain, small = DynamoStore(prefix="t-"), DynamoStore(prefix="t-")
    plain.writes_small, small.writes_small = lambda: False, lambda: True  # type: ignore[method-assign]
    decides, pushes = (small, plain) if heard else (plain, small)
    push_after_reading(monkeypatch, commit, pushes, a_body(version=2, lines=lines(3)))
    yes = answer(store, Approve())
    with pytest.raises(Conflict):
        decides.commit(yes)
    decides.commit(answer(store, Approve()))
    after = store.order("LZD-1")
    assert after
    assert after.body.lines == lines(3)
    assert after.cancelled == {line.line_id: 2 for line in lines(2)}


# --- where the body lies


def test_a_body_that_grows_moves_out_and_stays_out(store: DynamoStore) -> None:
    store.write_small()
    pushed(store, a_body())
    assert body(store) is None
    pushed(store, a_body(version=2, lines=lines(60)))
    assert "z" not in head(store)
    order = pushed(store, a_body(version=3))
    assert "z" not in head(store)
    assert order.body == a_body(version=3)


def test_a_change_of_status_does_not_write_the_body(store: DynamoStore) -> None:
    store.write_small()
    pushed(store, a_body(lines=lines(60)))
    sent: list[Any] = []
    events = store.tables.connection.client.meta.events
    events.register("before-call.dynamodb", lambda model, params, **_: sent.append((model.name, len(params["body"]))))
    moved(store, "ready_to_ship", 2)
    # By itself, since a transaction costs twice as much.
    (write,) = [(name, size) for name, size in sent if "Get" not in name]
    assert write[0] == "UpdateItem"
    assert write[1] < 2 * KB


def test_a_body_that_changes_between_two_reads_is_read_again(
    store: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write_small()
    pushed(store, a_body(lines=lines(60)))
    push_after_reading(monkeypatch, order_rows, store, a_body(version=2, lines=lines(59)))
    order = store.order("LZD-1")
    assert order
    assert (order.body.version, len(order.body.lines)) == (2, 59)


def test_an_order_whose_body_is_another_one_is_not_shown(store: DynamoStore) -> None:
    store.write_small()
    pushed(store, a_body(lines=lines(60)))
    store.tables.body("order#LZD-1", BODY, z=pack_body(a_body(lines=lines(61)))).save()
    with pytest.raises(Unavailable):
        store.order("LZD-1")


def test_a_list_reads_orders_of_every_kind(store: DynamoStore) -> None:
    pushed(store, a_body(order_id="plain"))
    store.write_small()
    pushed(store, a_body(order_id="apart", lines=lines(60)))
    pushed(store, a_body(order_id="within"))
    found = {order.order_id: order for order in store.orders(buyer_id="budi").items}
    assert found == {order_id: store.order(order_id) for order_id in ("plain", "apart", "within")}


def test_what_is_packed_can_be_read_by_eye(store: DynamoStore) -> None:
    store.write_small()
    order = pushed(store, a_body(lines=lines(60)))
    store.commit(an_asking(order))
    (above, told), (case,) = rows(store, "LZD-1"), rows(store, "c1")
    assert above["open_case"] == "c1"
    assert [line["line_id"] for line in told["z"]["lines"]] == [line.line_id for line in lines(60)]
    assert case["z"]["quote"]["currency"] == "IDR"
    assert rows(store, "LZD-9") == []


# --- sizes


def test_an_order_of_three_lines_is_within_one_kb_through_all_its_life(store: DynamoStore) -> None:
    """A write costs by started KB."""
    store.write_small()
    told = replace(a_body(order_id="384756102938475", lines=lines(3, sku="SKU-BTK-0123", category="fashion")))
    person = replace(told.buyer, name="Ratna Dewi Kusumawardani", email="ratna.kusuma@gmail.com")
    pushed(store, replace(told, order_id="LZD-1", buyer=person, status=OrderStatus.PLACED))
    assert size_of(head(store)) <= KB - 300
    moved(store, "processing", 2)
    order = store.order("LZD-1")
    assert order
    store.commit(an_asking(order, case_id="c" * 32, lines={line.line_id: 1 for line in lines(3)}))
    store.commit(answer(store, Approve(), "c" * 32))
    moved(store, "ready_to_ship", 3)
    moved(store, "shipped", 4, tracking_number="JX1234567890", carrier="J&T Express")
    moved(store, "delivered", 5)
    assert "z" in head(store)
    assert size_of(head(store)) <= KB


def test_the_head_of_five_hundred_lines_stays_small_when_all_are_gone(store: DynamoStore) -> None:
    store.write_small()
    order = pushed(store, a_body(lines=lines(500), tenders={"wallet": 10_000_000}))
    store.commit(an_asking(order))
    store.commit(answer(store, Approve()))
    after = store.order("LZD-1")
    assert after
    assert after.fully_cancelled
    assert size_of(head(store)) < 7 * KB
