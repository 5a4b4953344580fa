"""The orders that the sandbox starts with: the two stories, and one for each thing to try."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow import orders

OMS = Actor(role=Role.SYSTEM, id="oms")

PEOPLE = (
    ("budi", "buyer", "Budi"),
    ("ani", "buyer", "Ani"),
    ("toko-baju", "seller", "Toko Baju"),
    ("toko-sepatu", "seller", "Toko Sepatu"),
    ("sari", "support", "Sari"),
    ("rini", "support", "Rini"),
    ("omar", "operator", "Omar"),
    ("fitri", "finance", "Fitri"),
)

_SELLERS = {"toko-baju": "Toko Baju", "toko-sepatu": "Toko Sepatu"}


def _line(
    line_id: str, name: str, quantity: int, price: int, package: str, category: str = "fashion"
) -> dict[str, Any]:
    return {
        "line_id": line_id,
        "name": name,
        "category": category,
        "quantity": quantity,
        "unit_price": price,
        "package": package,
    }


def _order(
    order_id: str, platform: str, status: str, buyer: str, seller: str, article: str, price: int, **more: Any
) -> dict[str, Any]:
    shipping, service = more.pop("shipping_fee", 12_000), more.pop("service_fee", 1_000)
    first = _line("1", article, more.pop("quantity", 1), price, "A", more.pop("category", "fashion"))
    lines = [first, *more.pop("more_lines", [])]
    discounts = more.pop("discounts", [])
    paid = (
        sum(line["quantity"] * line["unit_price"] for line in lines)
        + shipping
        + service
        - sum(discount["amount"] for discount in discounts)
    )
    tenders = more.pop("tenders", {"wallet": None})
    rest, known = paid - sum(amount for amount in tenders.values() if amount), more.pop("known", {})
    return {
        "order_id": order_id,
        "platform": platform,
        "version": 1,
        "status": status,
        "buyer": {"id": buyer, "name": buyer.capitalize(), "email": f"{buyer}@example.com", "locale": "id"},
        "seller": {"id": seller, "name": _SELLERS[seller], "email": f"{seller}@example.com", "locale": "id"},
        "currency": "IDR",
        "lines": lines,
        "shipping_fee": shipping,
        "service_fee": service,
        "discounts": discounts,
        "tenders": [
            {"method": method, "amount": rest if amount is None else amount, **known.get(method, {})}
            for method, amount in tenders.items()
        ],
        "age_hours": more.pop("age_hours", 20),
        **more,
    }


ORDERS = (
    _order("LZD-1001", "lazada", "processing", "budi", "toko-baju", "Kemeja", 150_000),
    _order("LZD-1002", "lazada", "shipped", "ani", "toko-sepatu", "Sepatu lari", 350_000),
    _order("LZD-1003", "lazada", "placed", "budi", "toko-baju", "Kaos polos", 80_000, age_hours=0),
    _order(
        "LZD-1004",
        "lazada",
        "ready_to_ship",
        "ani",
        "toko-sepatu",
        "Sandal",
        120_000,
        tenders={"coins": 20_000, "wallet": None},
    ),
    _order("LZD-1005", "lazada", "delivered", "budi", "toko-baju", "Jaket", 275_000),
    _order(
        "LZD-1006",
        "lazada",
        "processing",
        "ani",
        "toko-baju",
        "Kebaya",
        210_000,
        quantity=2,
        more_lines=[_line("2", "Selendang", 3, 45_000, "A"), _line("3", "Bros", 1, 30_000, "B")],
        discounts=[{"code": "TOKO10", "funded_by": "seller", "amount": 30_000}],
    ),
    _order("LZD-1007", "lazada", "processing", "budi", "toko-sepatu", "Sepatu gunung", 6_500_000, category="outdoor"),
    _order("SHP-2001", "shopee", "processing", "budi", "toko-baju", "Celana", 180_000, tenders={"card": None}),
    _order("SHP-2002", "shopee", "shipped", "ani", "toko-sepatu", "Sepatu bot", 420_000),
    _order(
        "SHP-2003",
        "shopee",
        "unpaid",
        "ani",
        "toko-sepatu",
        "Kaus kaki",
        25_000,
        tenders={"qris": None},
        known={"qris": {"state": "pending"}},
        paid_at=None,
    ),
    _order("SHP-2004", "shopee", "processing", "ani", "toko-baju", "Rok", 140_000, tenders={"cod": None}, paid_at=None),
    _order(
        "TKP-3001",
        "tokopedia",
        "processing",
        "ani",
        "toko-baju",
        "Batik",
        260_000,
        discounts=[{"code": "HEMAT", "funded_by": "platform", "amount": 20_000}],
        tenders={"voucher": 30_000, "bank": None},
    ),
    _order(
        "TKP-3002", "tokopedia", "ready_to_ship", "budi", "toko-sepatu", "Sepatu formal", 390_000, fulfilment="platform"
    ),
    _order(
        "SHP-2005",
        "shopee",
        "ready_to_ship",
        "budi",
        "toko-baju",
        "Kemeja flanel",
        160_000,
        more_lines=[_line("2", "Ikat pinggang", 1, 90_000, "A"), _line("3", "Dompet", 1, 120_000, "B")],
    ),
    _order(
        "TKP-3005",
        "tokopedia",
        "delivered",
        "ani",
        "toko-sepatu",
        "Sepatu kanvas",
        240_000,
        tenders={"ewallet": None},
        known={"ewallet": {"channel": "gopay", "provider": "midtrans", "reference": "sandbox-gopay-3005"}},
    ),
    _order("TKP-3003", "tokopedia", "completed", "budi", "toko-sepatu", "Tali sepatu", 15_000),
    _order("TKP-3004", "tokopedia", "cancelled", "ani", "toko-baju", "Topi", 60_000),
)


def seed(ports: Ports) -> None:
    """Push every order, as the OMS would."""
    for order in ORDERS:
        orders.upsert(ports, body_of(order, ports.now()), OMS)


def body_of(order: dict[str, Any], now: datetime) -> OrderBody:
    """An order of the list as a push, placed some hours before `now`."""
    content = dict(order)
    placed_at = now - timedelta(hours=content.pop("age_hours"), minutes=5)
    content["placed_at"] = placed_at
    content.setdefault("paid_at", placed_at)
    return msgspec.convert(content, OrderBody)
