"""Orders and cases in a running sandbox, made through its API as the OMS and the parties would."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sandbox.running import call, token


def as_(address: str, role: str, who: str, method_path: str, body: Any = None) -> Any:
    """One call of a person; gives the answer, which must be a success."""
    more = {"seller_id": who} if role == "seller" else {}
    status, answer = call(address, method_path, body, token(address, who, role, **more))
    assert status < 300, answer
    return answer


def an_order(address: str, order_id: str, *, status: str = "processing", **more: Any) -> str:
    """An order of Budi's in Toko Baju: a shirt at Rp150.000."""
    placed = datetime.now(UTC) - timedelta(days=more.pop("days_ago", 1))
    method = more.pop("method", "wallet")
    body = {
        "order_id": order_id,
        "platform": "lazada",
        "version": 1,
        "status": status,
        "buyer": {"id": "budi", "name": "Budi", "email": "budi@example.com", "locale": "id"},
        "seller": {"id": "toko-baju", "name": "Toko Baju", "email": "toko-baju@example.com", "locale": "id"},
        "placed_at": placed.isoformat(),
        "paid_at": placed.isoformat(),
        "currency": "IDR",
        "lines": [{"line_id": "1", "name": "Kemeja", "quantity": 1, "unit_price": 150_000, "category": "fashion"}],
        "tenders": [{"method": method, "amount": 150_000}],
        **more,
    }
    put(address, order_id, body)
    return order_id


def put(address: str, order_id: str, body: Any) -> None:
    """The OMS pushes an order."""
    status, answer = call(address, f"/v1/orders/{order_id}", body, token(address, "oms", "system"), method="PUT")
    assert status in (200, 201), answer


def asked(address: str, order_id: str, kind: str = "cancellations", reason: str = "wrong_size") -> str:
    """A case that Budi opened."""
    wish = {"reason_code": reason, "channel": "app", "accept_terms": True, "comment": "Maaf, salah ukuran"}
    answer = as_(address, "buyer", "budi", f"/v1/orders/{order_id}/{kind}", wish)
    return str(answer["case_id"])


def say(address: str, role: str, case_id: str, action: str, **body: Any) -> None:
    """A party says something to a case."""
    who = {"buyer": "budi", "seller": "toko-baju", "support": "sari"}[role]
    as_(address, role, who, f"/v1/cases/{case_id}/{action}", body)


def moved(address: str, order_id: str, status: str, version: int = 2) -> None:
    """The OMS says that an order moved."""
    body = {"status": status, "version": version, "at": datetime.now(UTC).isoformat()}
    as_(address, "system", "oms", f"/v1/orders/{order_id}/status", body)


def later(address: str, seconds: int) -> None:
    """Time passes in the sandbox."""
    assert call(address, "/sandbox/clock", {"advance_seconds": seconds})[0] == 200


def every_case(address: str) -> dict[str, str]:
    """A case in every state and with every outcome, by the state's or outcome's name."""
    made: dict[str, str] = {}

    def opened(name: str, **order: Any) -> str:
        made[name] = asked(address, an_order(address, f"X-{name}", **order))
        return made[name]

    opened("expired", platform="tokopedia")
    later(address, 49 * 3600)
    opened("awaiting_seller")
    say(address, "buyer", made["awaiting_seller"], "messages", text="Halo, apakah bisa?")
    say(address, "seller", made["awaiting_seller"], "messages", text="Saya cek dulu ya.")
    say(address, "seller", opened("awaiting_buyer"), "offer", fee=20_000, comment="sudah dikemas")
    say(address, "seller", opened("awaiting_support"), "reject", reason_code="already_packed")
    say(address, "buyer", made["awaiting_support"], "appeal", comment="Belum dikemas sama sekali")
    say(address, "seller", opened("refunding", method="card"), "approve")
    say(address, "seller", opened("cancelled"), "approve")
    say(address, "seller", opened("rejected"), "reject", reason_code="other", comment="Maaf, khusus pesanan")
    say(address, "buyer", opened("withdrawn"), "withdraw")
    say(address, "seller", opened("settled"), "offer", alternative="change_address")
    say(address, "buyer", made["settled"], "accept-offer")
    opened("overtaken", platform="shopee")
    moved(address, "X-overtaken", "shipped")
    back = ("goods_sent", "goods_arrived", "goods_contested", "returned")
    for name in ("awaiting_goods", *back):
        an_order(address, f"X-{name}")
        moved(address, f"X-{name}", "delivered")
        made[name] = asked(address, f"X-{name}", "returns")
        say(address, "seller", made[name], "approve")
    for name in back:
        say(address, "buyer", made[name], "shipped-back", tracking_number="JNE-77")
    as_(address, "system", "oms", f"/v1/cases/{made['awaiting_goods']}/return-label", {"pickup_code": "JNE-4711"})
    as_(address, "system", "oms", f"/v1/cases/{made['goods_arrived']}/parcel", {"result": "delivered"})
    say(address, "seller", made["goods_contested"], "contest-goods", fault="damaged", comment="Kancingnya lepas")
    say(address, "seller", made["returned"], "goods-received")
    return made
