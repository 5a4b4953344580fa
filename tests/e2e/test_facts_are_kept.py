"""Whatever a platform may say of an order is kept: by rows in both forms, answers, case files and pages."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.proofs.figures import FULL

TIMES = st.sampled_from(["2026-11-22T03:00:00Z", "2026-11-20T23:59:59Z"])
WORDS = st.sampled_from(["Kemeja Anak", "Ünïcode 衬衫", "<b>tebal</b>", "100% katun", "x" * 200])
PAYERS = st.sampled_from(["seller", "platform", "bank", "brand", {"seller": 1, "bank": 3}])


def maybe(what: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | what


@st.composite
def pushes(draw: st.DrawFn) -> dict[str, Any]:
    """An order push with any of its facts; what it comes to is paid by the wallet."""
    lines = []
    for number in range(draw(st.integers(1, 3))):
        quantity, price = draw(st.integers(1, 3)), draw(st.integers(1_000, 90_000))
        off = draw(st.integers(0, 1_000))
        parent = {"parent_line_id": "0", "relation": draw(st.sampled_from(["gift", "bundle", "variant"]))}
        lines.append(
            {
                "line_id": str(number),
                "name": draw(WORDS),
                "quantity": quantity,
                "unit_price": price,
                "discounts": [{"code": "L", "amount": off, "funded_by": draw(PAYERS)}] if off else [],
                "tax": draw(maybe(st.integers(0, 900))),
                "shipping": draw(maybe(st.integers(0, 900))),
                "tax_included": draw(maybe(st.just(False))),
                "variant": draw(maybe(WORDS)),
                "image_url": draw(maybe(st.just("https://img.example/a.jpg"))),
                "quantities": draw(maybe(st.just({"shipped": 0, "delivered": 0, "rejected": 0, "returned": 0}))),
                **(parent if number and draw(st.booleans()) else {"parent_line_id": None, "relation": None}),
            }
        )
    charges = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(["cod_fee", "gift_wrap", "tip", "eco_fee"]),
                    "amount": st.integers(0, 9_000),
                    "line_id": maybe(st.just("0")),
                    "refundable": st.booleans(),
                }
            ),
            max_size=2,
        )
    )
    shipping = draw(st.sampled_from([0, 20_000]))
    whole_shipping = max(shipping, sum(line["shipping"] or 0 for line in lines))
    goods = sum(line["quantity"] * line["unit_price"] for line in lines)
    off_lines = sum(x["amount"] for line in lines for x in line["discounts"])
    tax = sum(line["tax"] or 0 for line in lines)
    off = draw(st.integers(0, 900))
    due = goods + whole_shipping + tax + sum(charge["amount"] for charge in charges) - off_lines - off
    scope = draw(st.sampled_from(["order", "shipping", "lines"]))
    return {
        "lines": lines,
        "shipping_fee": shipping,
        "charges": charges,
        "discounts": [
            {
                "code": "D",
                "amount": off,
                "funded_by": draw(PAYERS),
                "scope": scope,
                "line_ids": ["0"] if scope == "lines" else [],
                "min_spend": draw(st.sampled_from([0, 50_000])),
            }
        ],
        "tenders": [{"method": "wallet", "amount": due}],
        "refunds": draw(maybe(st.just([{"refund_id": "r1", "amount": 1, "at": "2026-11-22T03:00:00Z", "by": "oms"}])))
        or [],
        "packages": draw(maybe(st.just([a_package()]))) or [],
        "display_id": draw(maybe(st.just("INV/2026/XI/7"))),
        "payment_id": draw(maybe(st.just("PAY-1"))),
        "tax_included": False,
        "cancel_reason": draw(maybe(WORDS)),
        "shipping_service": draw(maybe(st.just("same_day"))),
        "shipment_arranged_at": draw(maybe(TIMES)),
        "preorder": draw(maybe(st.just({"ships_by": "2026-12-20T03:00:00Z"}))),
        "presentment": draw(maybe(st.just({"currency": "USD", "amount": 1_234}))),
    }


A_REFUND = {"refund_id": "r1", "amount": 1, "at": "2026-11-22T03:00:00Z", "by": "oms"}


def a_package() -> dict[str, Any]:
    return {
        "package_id": "P1",
        "status": "processing",
        "lines": [{"line_id": "0", "quantity": 1}],
        "tracking_number": "JNE-1",
        "carrier": "JNE",
        "at": "2026-11-22T03:00:00Z",
    }


ALWAYS = {
    "platform": "lazada",
    "status": "processing",
    "buyer": {"id": "budi", "name": "Budi", "email": "budi@example.com", "contact": "proxy", "zone": "WITA"},
    "seller": {"id": "toko-baju", "name": "Toko Baju", "email": "toko@example.com", "shop_name": "Toko Baju Resmi"},
    "placed_at": "2026-11-22T03:00:00Z",
    "paid_at": "2026-11-22T03:00:00Z",
    "currency": "IDR",
}


def differences(told: Any, kept: Any, at: str = "") -> list[str]:
    """Where what is kept does not say what was told."""
    if isinstance(told, dict):
        return [each for name in told for each in differences(told[name], kept.get(name), f"{at}.{name}")]
    if isinstance(told, list):
        if len(told) != len(kept):
            return [f"{at}: {len(kept)} of {len(told)}"]
        return [
            each for n, (a, b) in enumerate(zip(told, kept, strict=True)) for each in differences(a, b, f"{at}[{n}]")
        ]
    return [] if told == kept else [f"{at}: {told} became {kept}"]


@pytest.mark.dynamodb
@pytest.mark.parametrize("form", ["plain", "small"])
def test_every_fact_of_a_push_is_kept(open_marketplace: Callable[..., Marketplace], form: str) -> None:
    market = open_marketplace()
    if form == "small":
        store: Any = market.world.ports.store
        store.write_small()
    phone = Phone(market)
    phone.sign_in()
    seen = iter(range(10_000))

    @settings(max_examples=15 if FULL else 4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(pushes())
    def is_kept(facts: dict[str, Any]) -> None:
        order_id = f"F-{next(seen)}"
        told = {**copy.deepcopy(ALWAYS), **facts, "order_id": order_id, "version": 1}
        answer = market.oms("PUT", f"/v1/orders/{order_id}", told)
        assert answer.status == 201, answer
        kept = market.support("GET", f"/v1/orders/{order_id}").json
        assert differences(told, kept) == []
        page = phone.open(f"/orders/{order_id}")
        assert page.status == 200
        assert "<b>tebal" not in page.text
        options = market.buyer("GET", f"/v1/orders/{order_id}/cancellation-options").json
        assert sum(line["amount"] for line in options["quote"]["lines"]) == options["quote"]["refund_total"]
        case_id = market.ask(order_id)["case_id"]
        assert differences(told, market.support("GET", f"/v1/cases/{case_id}/file").json["order"]) == []
        assert market.case(case_id)["quote"]["refund_total"] == options["quote"]["refund_total"]

    is_kept()
