"""Every payload that we know of a platform becomes a push that Batal takes, or says why it cannot."""

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.reasons import ASKING
from chalicelib.edge.order_bodies import StatusPost
from chalicelib.edge.reading import read_json
from chalicelib.locales.formats import _EXPONENTS
from examples import mappings
from examples.mappings import lazada, pushing, reading, shopee, shopify, tiktok, tokopedia, woocommerce
from examples.mappings.reading import Json, MappingError
from infra.sandbox.builders import a_policy
from tests.examples.told import BUYER, PLACED, PUSHES, SELLER, body_of, lazada_row, order_of, payload, tiktok_cod

MODULES = sorted(Path(mappings.__path__[0]).glob("*.py"))
PLATFORMS = (lazada, shopee, shopify, tiktok, tokopedia, woocommerce)


@pytest.mark.parametrize("name", PUSHES)
def test_a_payload_becomes_an_order_that_batal_takes(name: str) -> None:
    body = body_of(PUSHES[name]())
    assert body.platform == name.split("_")[0]
    assert body.paid > 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_mapping_needs_the_standard_library_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert all(each.name.split(".")[0] in sys.stdlib_module_names for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert (node.module or "").split(".")[0] in sys.stdlib_module_names
        elif isinstance(node, ast.ImportFrom):
            assert node.module in ("checking", "paying", "pushing", "reading")


def test_a_mapping_knows_the_currencies_that_batal_knows() -> None:
    assert dict(reading.EXPONENTS) == _EXPONENTS
    assert set(pushing._FAR) | {"cancelled", "partly_shipped"} == set(OrderStatus)


@pytest.mark.parametrize("module", PLATFORMS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_status_of_a_platform_is_one_of_ours(module: object) -> None:
    for table in ("STATUSES", "PACKAGES"):
        assert set(getattr(module, table, {}).values()) <= set(OrderStatus)


def test_every_status_that_the_platforms_document_is_known() -> None:
    assert set(payload("shopee", "statuses")["status"]) <= set(shopee.STATUSES)
    assert set(payload("shopee", "statuses")["return_status"]) <= set(shopee.RETURNS)
    assert set(payload("tiktok", "statuses")["status"]) <= set(tiktok.STATUSES)
    assert set(payload("woocommerce", "statuses")["status"]) <= set(woocommerce.STATUSES)
    for words in payload("lazada", "reverse_push_statuses").values():
        assert set(words) <= set(lazada.REVERSALS)


@pytest.mark.parametrize("module", PLATFORMS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_status_that_nobody_knows_is_named_and_not_guessed(module: object) -> None:
    fields = ("order_status", "status", "fulfillment_status")
    with pytest.raises(MappingError, match="tomorrow"):
        module.status({**dict.fromkeys(fields, "tomorrow"), "update_time": 1603698638})  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", PLATFORMS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_reason_and_way_to_pay_is_one_of_ours(module: object) -> None:
    assert set(getattr(module, "REASONS", {}).values()) <= {reason.code for reason in ASKING}
    assert set(getattr(module, "METHODS", {}).values()) <= set(Method)


POSTS: dict[str, Callable[[], Json]] = {
    "lazada": lambda: lazada.status(payload("lazada", "trade_push")),
    "shopee": lambda: shopee.status({**payload("shopee", "order_detail_cod"), "update_time": 1712817766}),
    "tiktok": lambda: tiktok.status(payload("tiktok", "order_cod_tax_included")),
    "tokopedia": lambda: tokopedia.status(payload("tokopedia", "order_single_auto_cancelled"), at=PLACED),
    "shopify": lambda: shopify.status(payload("shopify", "order_tax_23_percent")),
    "woocommerce": lambda: woocommerce.status(payload("woocommerce", "order_processing")),
}


@pytest.mark.parametrize("platform", POSTS)
def test_a_word_about_an_order_is_one_that_batal_takes(platform: str) -> None:
    told = POSTS[platform]()
    assert read_json(json.dumps(told), StatusPost).status == told["status"]


def test_what_does_not_add_up_is_refused_with_both_numbers() -> None:
    with pytest.raises(MappingError, match=r"total_amount: .*53000 VND.*32119 VND"):
        shopee.order(payload("shopee", "order_detail_cod"), buyer=BUYER, seller=SELLER)
    with pytest.raises(MappingError, match=r"line_items\[0\]"):
        tiktok.order(payload("tiktok", "order_doc_sample_idr"), buyer=BUYER, seller=SELLER)


def test_a_gap_is_booked_as_a_discount_of_the_platforms_where_it_is_given_a_name() -> None:
    made = shopee.order(payload("shopee", "order_detail_cod"), buyer=BUYER, seller=SELLER, gap="other_discount")
    assert made["discounts"] == [{"code": "other_discount", "amount": 20_881, "funded_by": "platform"}]


def test_more_than_the_parts_come_to_is_refused_whatever_a_gap_is_called() -> None:
    told = payload("tiktok", "order_cod_tax_included")
    told["payment"]["total_amount"] = "434567"
    with pytest.raises(MappingError, match=r"434566 VND.*434567 VND"):
        tiktok.order(told, buyer=BUYER, seller=SELLER, gap="other_discount")


def test_tax_inside_the_prices_is_told_and_not_added() -> None:
    made = tiktok_cod()
    assert (made["tax"], made["tax_included"]) == (39_506, True)
    told = payload("tiktok", "order_cod_tax_included")
    told["payment"]["total_amount"] = str(434_566 + 39_506)
    assert tiktok.order(told, buyer=BUYER, seller=SELLER)["tax_included"] is False


def test_lines_of_lazada_and_tiktok_stay_one_while_their_pieces_are_sent() -> None:
    rows = [lazada_row(order_item_id=str(number)) for number in range(3)]
    rows[0] |= {"status": "shipped", "package_id": "P1"}
    rows[1] |= {"status": "canceled"}
    made = lazada.order(rows, buyer=BUYER, seller=SELLER)
    body_of(made)
    (line,) = made["lines"]
    assert (line["quantity"], line["quantities"], line.get("package")) == (3, {"rejected": 1, "shipped": 1}, None)
    assert (made["status"], made["packages"][0]["lines"]) == ("partly_shipped", [{"line_id": "0", "quantity": 1}])
    # One is on its way, one is gone, and one can still be cancelled.
    assert order_of(made).remaining == {"0": 2}
    whole = lazada.order([{**row, "status": "canceled"} for row in rows], buyer=BUYER)
    assert (whole["status"], "quantities" in whole["lines"][0]) == ("cancelled", False)


def test_a_trade_push_is_a_word_about_the_order_until_its_parcel_leaves() -> None:
    told = payload("lazada", "trade_push")
    moment = "2020-10-26T07:50:38Z"
    assert lazada.status(told) == {
        "status": "unpaid",
        "at": moment,
        "event_id": f"260000000000001/260000000000002/unpaid/{moment}",
    }
    told["data"]["order_status"] = "shipped"
    piece = {"line_id": "260000000000002", "quantity": 1}
    alone = lazada.status(told)
    assert (alone["package_id"], alone["lines"]) == ("260000000000002", [piece])


def test_with_the_orders_rows_a_trade_push_is_a_word_about_their_parcel() -> None:
    rows = [lazada_row(order_item_id=str(number), package_id="P1" if number < 3 else "P2") for number in (1, 2, 3)]
    data = {"trade_order_id": "31202", "trade_order_line_id": "2", "status_update_time": 1603698638}
    shipped = lazada.status({"data": {**data, "order_status": "shipped"}}, items=rows)
    assert (shipped["package_id"], shipped["lines"]) == ("P1", [{"line_id": "1", "quantity": 2}])
    cancelled = lazada.status({"data": {**data, "order_status": "canceled"}}, items=rows)
    assert (cancelled["package_id"], cancelled["lines"]) == ("2", [{"line_id": "1", "quantity": 1}])


def test_a_reverse_order_says_which_piece_and_why() -> None:
    assert lazada.cancellation(payload("lazada", "reverse_detail")) == {
        "cancel_id": "1",
        "state": "requested",
        "by": "buyer",
        "reason_code": "out_of_stock",
        "comment": "Out of stock",
        "lines": [{"line_id": "2", "quantity": 1}],
        "refunded": 0,
    }
    assert lazada.refunds(payload("lazada", "reverse_detail"), currency="SGD", at=PLACED) == []


def test_a_cancellation_of_tiktoks_says_which_piece_why_and_by_whom() -> None:
    assert tiktok.cancellation(payload("tiktok", "cancellation_complete")) == {
        "order_id": "580000000000000005",
        "cancel_id": "4040000000000000002",
        "state": "refunded",
        "by": "buyer",
        "reason_code": "other",
        "comment": "ecom_order_to_ship_canceled_reason_high_delivery_costs",
        "lines": [{"line_id": "580000000000000006", "quantity": 1}],
    }


def test_the_year_one_is_no_date_and_a_time_limit_is_the_sellers() -> None:
    told = payload("tokopedia", "order_single_auto_cancelled")
    assert "preorder" not in tokopedia.order(told, buyer=BUYER, seller=SELLER, placed_at=PLACED)
    assert tokopedia.cancellation(told) == {
        "order_id": "12000001",
        "state": "granted",
        "by": "platform",
        "reason_code": "seller_slow",
        "comment": "seller exceeded the time limit",
        "lines": [{"line_id": "20", "quantity": 1}],
    }


def test_a_request_that_names_the_order_alone_is_about_all_of_it() -> None:
    asked = tokopedia.cancellation(payload("tokopedia", "webhook_request_cancellation_and_bundle"))
    assert asked == {"order_id": "43000001", "state": "requested", "by": "buyer", "reason_code": "other"}


def test_a_return_that_is_still_looked_at_brought_nothing_back() -> None:
    assert shopee.refunds(payload("shopee", "return_inspection_deadlines"), at=PLACED) == []


def test_an_order_without_money_of_its_own_is_told_by_the_names_of_what_it_lacks() -> None:
    with pytest.raises(MappingError, match=r"seller.id"):
        tiktok.order(payload("tiktok", "order_cod_tax_included"))
    with pytest.raises(MappingError, match="placed_at="):
        tokopedia.order(payload("tokopedia", "order_single_auto_cancelled"), buyer=BUYER, seller=SELLER, version=1)


def row_of_tiktoks(number: int, **more: Any) -> Json:
    row = {"id": str(number), "product_name": "Tee", "original_price": "20.00", "sale_price": "17.00"}
    row |= {"seller_discount": "2.00", "platform_discount": "1.00", "display_status": "AWAITING_SHIPMENT"}
    return {**row, "item_tax": [{"tax_amount": "1.40"}], **more}


def american(*rows: Json) -> Json:
    """An order with its tax on top of the prices, that of the shipping among it."""
    payment = {"currency": "USD", "sub_total": "34.00", "shipping_fee": "3.00", "original_shipping_fee": "5.00"}
    payment |= {"shipping_fee_platform_discount": "2.00", "tax": "3.05", "shipping_fee_tax": "0.25"}
    told = {"id": "577", "status": "AWAITING_SHIPMENT", "create_time": 1787997915, "user_id": "u"}
    return {**told, "payment": {**payment, "total_amount": "40.05"}, "line_items": list(rows)}


def test_tax_on_top_of_the_prices_is_the_lines_and_the_shippings() -> None:
    made = tiktok.order(american(row_of_tiktoks(1), row_of_tiktoks(2)), seller=SELLER)
    assert (made["tax_included"], made["lines"][0]["tax"], made["shipping_fee"]) == (False, 2_80, 5_25)
    assert body_of(made).paid == 40_05


GIFT = {"is_gift": True, "product_name": "Gift", "original_price": "9.90", "sale_price": "0", "item_tax": []}


def test_a_gift_goes_with_the_one_line_that_it_can_have_come_with() -> None:
    gift = row_of_tiktoks(3, **GIFT, seller_discount="9.90", platform_discount="0")
    one, two = row_of_tiktoks(1), row_of_tiktoks(2)
    made = tiktok.order(american(one, two, gift), seller=SELLER)
    given = made["lines"][-1]
    assert (given["parent_line_id"], given["relation"], given["discounts"][0]["amount"]) == ("1", "gift", 9_90)
    body_of(made)
    apart = tiktok.order(american(one, {**two, "product_name": "Other"}, gift), seller=SELLER)
    assert "relation" not in apart["lines"][-1]
    assert body_of(apart).paid == 40_05


def test_with_its_escrow_an_order_of_shopees_adds_up_to_the_last_coin() -> None:
    item = {"item_id": 10, "model_id": 100, "item_name": "A"}
    detail = {"order_sn": "S", "order_status": "READY_TO_SHIP", "currency": "IDR", "create_time": 1787997915}
    detail |= {"total_amount": 94_000, "buyer_user_id": 7, "payment_method": "SPayLater"}
    bought = {**item, "model_quantity_purchased": 2, "model_discounted_price": 50_000}
    income = {"buyer_total_amount": 94_000, "order_original_price": 120_000, "seller_discount": 20_000}
    income |= {"voucher_from_seller": 2_000, "voucher_from_shopee": 3_000, "coins": 5_000}
    income |= {"buyer_paid_shipping_fee": 4_000, "actual_shipping_fee": 12_000, "shopee_shipping_rebate": 8_000}
    escrow = {"order_income": {**income, "items": [{**item, "quantity_purchased": 2, "original_price": 120_000}]}}
    answer = {"response": {"order_list": [{**detail, "item_list": [bought]}]}}
    with pytest.raises(MappingError, match=r"100000 IDR.*94000 IDR"):
        shopee.order(answer, seller=SELLER)
    made = shopee.order(answer, escrow={"response": escrow}, seller=SELLER)
    assert body_of(made).paid == 99_000
    assert {x["method"]: x["amount"] for x in made["tenders"]} == {"coins": 5_000, "paylater": 94_000}
    assert (made["lines"][0]["line_id"], made["lines"][0]["unit_price"]) == ("10.100", 60_000)


def test_coupons_fees_and_prices_that_do_not_divide_add_up() -> None:
    line = {"id": 1, "name": "A", "quantity": 3, "subtotal": "26.00", "total": "24.00", "total_tax": "5.04"}
    fee = {"id": 3, "name": "COD fee", "total": "2.00", "total_tax": "0.42"}
    whole = {**payload("woocommerce", "order_processing"), "currency": "EUR", "customer_id": 3, "total": "36.30"}
    whole |= {"line_items": [line], "fee_lines": [fee], "coupon_lines": [{"code": "two", "discount": "2.00"}]}
    made = woocommerce.order({**whole, "shipping_total": "4.00", "shipping_tax": "0.84"}, seller=SELLER)
    (line,) = made["lines"]
    assert (line["unit_price"], [(x["code"], x["amount"]) for x in line["discounts"]]) == (
        8_67,
        [("rounding", 1), ("two", 2_00)],
    )
    assert made["charges"] == [{"kind": "cod_fee", "amount": 2_42}]
    assert body_of(made).paid == 36_30


def test_rows_that_are_missing_or_cost_something_else_are_refused() -> None:
    head = {**payload("lazada", "order_cod"), "statuses": ["pending"], "price": "198.00"}
    rows = [lazada_row(order_item_id=str(number)) for number in (1, 2)]
    assert body_of(lazada.order(head, items=rows, buyer=BUYER)).paid == 198_54
    with pytest.raises(MappingError, match="1 rows of 2"):
        lazada.order(head, items=rows[:1], buyer=BUYER)
    with pytest.raises(MappingError, match=r"198.00 SGD, told is 106.00 SGD"):
        lazada.order({**head, "price": "106.00"}, items=rows, buyer=BUYER)


def test_a_marketplaces_order_that_went_on_was_paid_though_nobody_says_when() -> None:
    row = lazada_row(payment_time="")
    assert lazada.order([row], buyer=BUYER)["paid_at"] == PLACED
    for word in ("unpaid", "canceled"):
        assert "paid_at" not in lazada.order([{**row, "status": word}], buyer=BUYER)
    assert "paid_at" not in lazada.order([row], buyer=BUYER, method="cod")


def test_rows_that_say_more_tax_than_was_paid_are_not_believed() -> None:
    rows = [row_of_tiktoks(number, item_tax=[{"tax_amount": "9.00"}]) for number in (1, 2)]
    made = tiktok.order(american(*rows), seller=SELLER)
    assert (made["tax"], made["lines"][0].get("tax"), body_of(made).paid) == (3_05, None, 40_05)


def test_a_refund_beside_its_order_is_read_with_the_orders_currency() -> None:
    told = payload("shopify", "refund_amount_only_discrepancy")
    (back,) = shopify.refunds(told, refund_id="r", at=PLACED)
    assert back == {"refund_id": "r", "amount": 5_85, "at": PLACED, "by": "shopify"}
    said = shopify.cancellation(told)
    assert (said["refunded"], said.get("lines")) == (5_85, None)


def test_only_what_lazada_has_given_back_is_told_as_given_back() -> None:
    told = payload("lazada", "reverse_detail")
    told["lines"][0] |= {"reverse_status": "CANCEL_REFUND_ISSUED", "refund_amount": "99.00"}
    rows = [lazada_row(order_item_id=number) for number in ("1", "2")]
    (back,) = lazada.refunds(told, items=rows, currency="SGD", at=PLACED)
    assert (back["amount"], back["lines"]) == (99_00, [{"line_id": "1", "quantity": 1}])
    made = lazada.order(rows, buyer=BUYER, refunds=[back])
    assert order_of(made).remaining == {"1": 1}


def test_what_a_seller_of_tokopedia_rejected_goes_back_as_much_as_its_caller_knows() -> None:
    told = payload("tokopedia", "order_single_auto_cancelled") | {"order_status": 400}
    told["order_detail"][0] |= {"quantity": 2, "quantity_reject": 1, "subtotal_price": 522000}
    assert tokopedia.refunds(told) == []
    (back,) = tokopedia.refunds(told, amount=261_000, refund_id="r", at=PLACED)
    assert back["lines"] == [{"line_id": "20", "quantity": 1}]


@pytest.mark.parametrize(
    ("carrier", "service"),
    [("Reguler (Cashless)", "regular"), ("GoSend Same-Day", "same_day"), ("Hemat Kargo", "economy"), ("SPX", "SPX")],
)
def test_the_service_that_shopees_window_asks_for_is_read_from_the_carrier(carrier: str, service: str) -> None:
    told = payload("shopee", "order_detail_cod") | {"shipping_carrier": carrier}
    assert shopee.order(told, buyer=BUYER, seller=SELLER, gap="other_discount")["shipping_service"] == service
    windows = a_policy("shopee").instant
    known = {name for window in windows for name in (*window.services, *window.other_services)}
    assert set(shopee.SERVICES.values()) <= known
