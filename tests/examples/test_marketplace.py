"""The example marketplace, piece by piece. All of it, against a served sandbox, is what the quick start runs
(tests/docs/test_commands.py)."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from examples.marketplace import sold
from examples.marketplace.books import Books, Paid, differences
from examples.marketplace.calling import Batal, Refused
from examples.marketplace.in_order import Event, InOrder
from examples.marketplace.orders import MustWait, OrderService
from examples.marketplace.payments import PaymentService
from examples.marketplace.receiver import listening

SECRET = "whsec_c2FuZGJveC1vcmRlcnMtc2VjcmV0"


def told(kind: str = "case.opened", seq: int | None = 1, order_id: str = "S-1", **data: Any) -> dict[str, Any]:
    """An event as it is posted, as far as the example reads it."""
    said = {"order_id": order_id, "case_id": "C-1", "kind": "cancellation", **data}
    return {"id": f"{order_id}:{seq}:{kind}", "type": kind, "order_id": order_id, "seq": seq, "data": said}


PIECE = [{"line_id": "1", "quantity": 1}]


@given(st.permutations([1, 2, 3, 4, 1, 3, 3]), st.permutations(["a", "b", "a"]))
def test_however_events_come_each_is_acted_upon_once_and_in_order(seqs: list[int], orders: list[str]) -> None:
    acted = list[Event]()
    heard = InOrder(acted.append)
    for order_id in dict.fromkeys(orders):
        for seq in seqs:
            heard.hears(told(seq=seq, order_id=order_id))
    for order_id in ("a", "b"):
        assert [each["seq"] for each in acted if each["order_id"] == order_id] == [1, 2, 3, 4]
    assert heard.gaps() == []
    assert heard.twice == 6


def test_a_gap_is_seen_until_what_is_missing_came() -> None:
    acted = list[Event]()
    heard = InOrder(acted.append)
    heard.hears(told(seq=1))
    heard.hears(told(seq=3))
    assert heard.gaps() == ["S-1"]
    heard.hears(told(seq=2))
    assert (heard.gaps(), [each["seq"] for each in acted]) == ([], [1, 2, 3])


def test_what_has_no_number_counts_once_by_its_id() -> None:
    acted = list[Event]()
    heard = InOrder(acted.append)
    for _ in range(2):
        heard.hears(told("person.tell", seq=None))
    assert len(acted) == 1


def test_what_could_not_be_acted_upon_is_a_gap_and_comes_again() -> None:
    broken, acted = [True], list[Event]()

    def act(event: Event) -> None:
        if broken[0]:
            raise OSError("the database is away")
        acted.append(event)

    heard = InOrder(act)
    with pytest.raises(OSError, match="away"):
        heard.hears(told(seq=1))
    broken[0] = False
    assert heard.gaps() == ["S-1"]
    heard.hears(told(seq=2))
    assert [each["seq"] for each in acted] == [1, 2]


def posted(url: str, body: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_the_receiver_keeps_what_is_signed_and_nothing_else() -> None:
    body, now = json.dumps(told()).encode(), datetime.now(UTC)

    def headers(secret: str = SECRET, at: datetime = now) -> dict[str, str]:
        mark = Webhook(secret).sign("m1", at, body.decode())
        return {"webhook-id": "m1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": mark}

    with listening() as receiver:
        receiver.secrets = ("whsec_b3RoZXI=", SECRET)
        assert posted(receiver.url, body, headers()) == 204
        assert posted(receiver.url, body + b" ", headers()) == 401
        assert posted(receiver.url, body, headers("whsec_Zm9yZ2Vk")) == 401
        assert posted(receiver.url, body, headers(at=now - timedelta(minutes=10))) == 401
        assert posted(receiver.url, body, {}) == 401
        receiver.away = True
        assert posted(receiver.url, body, headers()) == 503
        assert receiver.kept(0) == told()
        assert receiver.kept(0) is None


def an_order(*, gone: int = 0, taken: int = 0, open_case: str | None = None) -> dict[str, Any]:
    """As Batal tells it: one line, one tender."""
    return {
        "order_id": "S-1",
        "lines": [{"line_id": "1", "cancelled_quantity": gone, "returned_quantity": 0}],
        "tenders": [{"tender_id": "card", "method": "card"}],
        "money": {"accounts": {"card": {"taken": taken}}},
        "open_case": open_case,
    }


def cancelled() -> Books:
    """Books of an order that was held, cancelled and paid back."""
    books = Books(paid={"k": Paid("S-1", "card", 100, at="")})
    books.hears(told("order.hold_shipment", lines=PIECE))
    books.hears(told("order.cancelled", lines=PIECE, refund_total=100, fees_total=3))
    books.hears(told("case.closed", outcome="cancelled"))
    return books


def test_books_that_agree_do_so() -> None:
    assert list(differences(cancelled(), an_order(gone=1, taken=100), done=3, told=3)) == []


def twice(books: Books) -> None:
    books.paid["k2"] = books.paid["k"]


def held_for_ever(books: Books) -> None:
    books.held["C-1", "S-1", "1"] += 1


def not_gone(books: Books) -> None:
    books.gone.clear()


def other_sum(books: Books) -> None:
    books.back["S-1"] -= 1


@pytest.mark.parametrize("fault", [twice, held_for_ever, not_gone, other_sum])
def test_each_fault_in_books_is_a_difference(fault: Any) -> None:
    books = cancelled()
    fault(books)
    assert len(list(differences(books, an_order(gone=1, taken=100), done=3, told=3))) == 1


def test_an_event_that_nobody_heard_is_a_difference() -> None:
    assert len(list(differences(cancelled(), an_order(gone=1, taken=100), done=3, told=4))) == 1


class Answering(Batal):
    """A Batal that notes what it is told, and where a part of a refund stands."""

    def __init__(self, state: str = "sent") -> None:
        super().__init__("")
        self.told = list[tuple[str, Any]]()
        self.state = state

    def as_somebody(self, token: str, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        return {"parts": [{"key": "rf-1", "state": self.state}]}

    def signed(self, secret: str, message_id: str, method: str, path: str, body: Any) -> Any:
        self.told.append((message_id, body))


REQUESTED = told(
    "refund.requested", refund_id="rf", parts=[{"part": "1", "key": "rf-1", "tender_id": "card", "amount": 100}]
)


def test_asked_twice_under_one_key_it_pays_once_and_says_the_same_twice() -> None:
    batal, books = Answering(), Books()
    service = PaymentService(batal, "", "", books)
    service.hears(REQUESTED)
    service.hears(REQUESTED)
    assert books.paid_by("S-1", "card") == 100
    assert len(batal.told) == 2
    assert batal.told[0] == batal.told[1]


def test_what_is_not_wanted_any_more_is_not_paid() -> None:
    batal, books = Answering("redirected"), Books()
    PaymentService(batal, "", "", books).hears(REQUESTED)
    assert (books.paid, batal.told) == ({}, [])


@pytest.mark.parametrize("kind", ["order.hold_shipment", "order.cancelled"])
def test_what_is_held_or_gone_does_not_leave(kind: str) -> None:
    batal, books = Answering(), Books()
    orders = OrderService(batal, "", books)
    order_id = orders.sell(sold.order(1, "Kemeja", 150_000, 9_000), sold.SELLER, sold.BUYER)
    orders.ship(order_id, "JNE-0")
    books.hears(told(kind, order_id=order_id, lines=PIECE, refund_total=0, fees_total=0))
    with pytest.raises(MustWait):
        orders.ship(order_id, "JNE-1")
    assert [body["status"] for _, body in batal.told] == ["ready_to_ship", "shipped"]
    assert len({message_id for message_id, _ in batal.told}) == 2


def test_a_word_is_said_again_where_that_helps_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [Refused(503, {}), Refused(409, {"code": "order_unknown_yet"}), {"applied": True}]
    monkeypatch.setattr("examples.marketplace.calling.time.sleep", lambda seconds: None)

    def once(self: Batal, *given: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Refused):
            raise answer
        return answer

    monkeypatch.setattr(Batal, "_once", once)
    assert Batal("").signed(SECRET, "m", "PUT", "/", {}) == {"applied": True}
    answers = [Refused(409, {"code": "version_taken"})]
    with pytest.raises(Refused, match="version_taken"):
        Batal("").signed(SECRET, "m", "PUT", "/", {})
