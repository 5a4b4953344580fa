"""What Batal would give back is what the platforms' own payloads say was given back, or could be."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chalicelib.domain.money.quote import Quote, quote
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.fault import Fault
from examples.mappings import lazada, shopee, shopify, tiktok, woocommerce
from examples.mappings.reading import Json
from infra.sandbox.builders import NOW, a_policy
from tests.examples.told import (
    BUYER,
    PLACED,
    SELLER,
    lazada_row,
    lazada_shipping,
    order_of,
    payload,
    shopify_discount,
    shopify_given_back,
    woocommerce_processing,
)


def back(push: Json, wanted: Mapping[str, int] | None = None) -> Quote:
    """What the seller's fault would bring back for these pieces, while the order can still be cancelled."""
    order = replace(order_of(push), status=OrderStatus.PROCESSING)
    return quote(order, a_policy(fees={}, instant=()), Fault.SELLER, NOW, wanted=wanted)


def wanted_by(cancellation: Json) -> dict[str, int]:
    return {pieces["line_id"]: pieces["quantity"] for pieces in cancellation["lines"]}


@pytest.mark.parametrize("name", ["refund_calculate_one_line", "refund_less_than_calculated"])
def test_one_of_shopifys_three_lines_brings_back_what_shopify_calculates(name: str) -> None:
    told = shopify.cancellation(payload("shopify", name), currency="USD")
    assert told["refundable"] == 199_65
    assert wanted_by(told) == {"12": 1}
    assert back(shopify_discount(), wanted_by(told)).refund_total == 199_65


def test_any_two_of_shopifys_lines_bring_back_the_sum_of_their_own_facts() -> None:
    assert back(shopify_discount(), {"11": 1}).refund_total == 199_64
    assert back(shopify_discount(), {"11": 1, "13": 1}).refund_total == 199_64 + 199_65


def test_after_a_refund_of_one_line_the_others_are_left() -> None:
    told = payload("shopify", "refund_less_than_calculated")["refund"]
    made = shopify_discount(refunds=[{**told, "id": 5, "created_at": PLACED}])
    assert made["refunds"] == [
        {
            "refund_id": "5",
            "amount": 199_65,
            "at": PLACED,
            "by": "shopify",
            "lines": [{"line_id": "12", "quantity": 1}],
        }
    ]
    assert back(made).refund_total == 598_94 - 199_65
    assert shopify.cancellation(payload("shopify", "refund_less_than_calculated"), currency="USD")["refunded"] == 199_65


def test_of_an_order_whose_money_all_went_back_nothing_is_left() -> None:
    made = shopify_given_back()
    assert made["refunds"][0]["amount"] == 5_85
    assert made["status"] == "placed"
    quoted = back(made)
    assert (quoted.refund_total, quoted.refunded_elsewhere) == (0, 5_85)


def test_a_refund_of_shipping_alone_comes_off_what_is_left() -> None:
    told = payload("shopify", "refund_shipping_only")
    (refund,) = shopify.refunds(told, currency="USD", refund_id="r1", at=PLACED)
    assert (refund["amount"], refund.get("lines")) == (5_00, None)
    assert back({**shopify_discount(), "refunds": [refund]}).refund_total == 598_94 - 5_00


def test_an_adjustment_that_moved_no_money_is_no_refund() -> None:
    assert shopify.refunds(payload("shopify", "refund_two_currencies"), currency="CAD", at=PLACED) == []


def test_of_woocommerces_order_the_rest_is_left_after_an_amount() -> None:
    told = payload("woocommerce", "refund_amount_only")["refund"]
    refunds = woocommerce.refunds(told, currency="USD", at=PLACED)
    assert [(x["refund_id"], x["amount"]) for x in refunds] == [("726", 10_00)]
    assert back(woocommerce_processing(refunds=refunds)).refund_total == 19_35


@pytest.mark.parametrize("shape", ["new", "old"])
def test_tiktoks_refund_of_a_whole_order_is_what_batal_would_give_back(shape: str) -> None:
    told = payload("tiktok", "cancellation_refund_two_shapes")[shape]
    assert tiktok.cancellation(told)["refunded"] == 686_850
    row = {"id": "1", "product_name": "X", "original_price": "686850", "sale_price": "686850"}
    order = {
        "id": "T",
        "status": "AWAITING_SHIPMENT",
        "create_time": 1787997915,
        "paid_time": 1787997920,
        "line_items": [row],
        "payment": {"currency": "VND", "total_amount": "686850", "tax": "62441", "shipping_fee": "0"},
    }
    assert back(tiktok.order(order, buyer=BUYER, seller=SELLER)).refund_total == 686_850


def test_tiktoks_cancelled_order_brings_back_what_was_paid() -> None:
    made = tiktok.order(payload("tiktok", "order_cancelled_eur"), buyer=BUYER, seller=SELLER)
    assert back(made).refund_total == 35_97


def test_a_return_of_shopees_brings_back_what_it_says_in_all() -> None:
    (refund,) = shopee.refunds(payload("shopee", "return_detail"), at=PLACED)
    assert refund["amount"] == 13_97
    assert refund["lines"] == [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 2}]
    lines = [{"item_id": 1, "item_name": "A", "model_quantity_purchased": 1, "model_discounted_price": 10}]
    lines += [{"item_id": 2, "item_name": "B", "model_quantity_purchased": 2, "model_discounted_price": 2}]
    detail = {
        "order_sn": "220000000DDDD",
        "order_status": "READY_TO_SHIP",
        "currency": "SGD",
        "create_time": 1655000000,
    }
    whole = {**detail, "pay_time": 1655000001, "total_amount": 14.00, "item_list": lines}
    made = shopee.order(whole, buyer=BUYER, seller=SELLER)
    # What it named is gone, whatever was paid for it: three cents were not.
    quoted = back({**made, "refunds": [refund]})
    assert (quoted.refund_total, quoted.refunded_elsewhere) == (0, 0)


def test_a_piece_of_lazadas_brings_back_what_was_paid_for_it() -> None:
    rows = [lazada_row(order_item_id=str(number), paid_price="89.00", voucher_seller="10.00") for number in range(3)]
    made = lazada.order(rows, buyer=BUYER, seller=SELLER)
    assert [(line["line_id"], line["quantity"], line["tax"]) for line in made["lines"]] == [("0", 3, 19_44)]
    cancelled = lazada.cancellation({**rows[2], "status": "canceled"}, items=rows)
    assert wanted_by(cancelled) == {"0": 1}
    assert back(made, {"0": 1}).refund_total == 89_00
    assert back(made).refund_total == 3 * 89_00


def test_shipping_that_others_paid_brings_nothing_back() -> None:
    # 100,000 less 18,000 for goods; 20,000 less 15,000 for shipping.
    assert back(lazada_shipping()).refund_total == 82_000 + 5_000
