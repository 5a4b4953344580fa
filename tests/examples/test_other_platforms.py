"""Amazon, eBay, Magento and Medusa have no mapping here: what they tell can be said in a few lines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.money.quote import quote
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.fault import Fault
from examples.mappings.pushing import charge, discount, person, push, settled
from examples.mappings.reading import Json, Told, minor
from infra.sandbox.builders import NOW, a_policy
from tests.examples.told import BUYER, PLACED, SELLER, body_of, order_of, payload


def pushed(platform: str, currency: str, lines: list[Json], total: int | None, **more: Any) -> Json:
    """An order of a platform, of which the test tells what its payload does."""
    told: Json = {"order_id": "X", "platform": platform, "version": 1, "status": "processing", "placed_at": PLACED}
    told |= {"paid_at": PLACED, "currency": currency, "lines": lines, "seller": person(SELLER), **more}
    return push(settled({"buyer": person(BUYER), **told}, total=total, path="total", method="card"))


def refundable(order: Json, wanted: Mapping[str, int] | None = None) -> int:
    kept = replace(order_of(order), status=OrderStatus.PROCESSING)
    return quote(kept, a_policy(fees={}, instant=()), Fault.SELLER, NOW, wanted=wanted).refund_total


def test_amazons_tip_stays_and_its_tax_is_of_one_line_alone() -> None:
    told = Told(payload("amazon", "order_tip_and_business"), "", "USD")
    lines = [
        {
            "line_id": row.text("orderItemId"),
            "name": "article",
            "quantity": row.count("quantityOrdered"),
            "unit_price": row.money("unitPrice"),
            "tax": row.money("tax"),
            "quantities": {"shipped": row.count("quantityFulfilled")},
        }
        for row in told.rows("orderItems")
    ]
    tip = next(row for row in told.rows("proceeds.breakdowns") if row.text("type") == "DELIVERY_TIP")
    charges = charge("tip", tip.money("subtotal"), refundable=False)
    buyer = person(BUYER, contact="proxy", email=told.text("buyer.buyerEmail"))
    order = pushed("amazon", "USD", lines, told.money("proceeds.grandTotal"), charges=charges, buyer=buyer)
    assert body_of(order).paid == 154_99
    assert refundable(order, {"1": 2}) == 100_00
    assert refundable(order) == 149_99


def test_amazons_line_that_a_buyer_wants_to_cancel() -> None:
    told = Told(payload("amazon", "order_unshipped_buyer_wants_cancel"), "", "USD")
    (row,) = told.rows("OrderItems")
    line = {
        "line_id": row.text("OrderItemId"),
        "name": "article",
        "quantity": row.count("QuantityOrdered"),
        "unit_price": row.money("ItemPrice"),
        "tax": row.money("ItemTax"),
        "discounts": discount("promotion", row.money("PromotionDiscount"), "seller"),
    }
    order = pushed("amazon", "USD", [line], told.money("OrderTotal"))
    assert row.flag("BuyerRequestedCancel.IsBuyerRequestedCancel")
    assert refundable(order) == 11_01


def test_amazons_refund_of_one_piece() -> None:
    (event,) = Told(payload("amazon", "refund_event"), "", "USD").rows("RefundEventList")
    back = [x for row in event.rows("ShipmentItemAdjustmentList") for x in row.rows("ItemChargeAdjustmentList")]
    amount = -sum(each.money("ChargeAmount", signed=True) for each in back)
    refund = {"refund_id": "r", "amount": amount, "at": event.moment("PostedDate"), "lines": one("1")}
    line = {"line_id": "1", "name": "article", "quantity": 2, "unit_price": 13_99}
    assert amount == refundable(pushed("amazon", "USD", [line], 27_98), {"1": 1})
    assert refundable(pushed("amazon", "USD", [line], 27_98, refunds=[refund])) == 27_98 - amount


def one(line_id: str) -> list[Json]:
    return [{"line_id": line_id, "quantity": 1}]


def test_ebays_line_tells_its_own_shipping_tax_and_whole_cost() -> None:
    told = Told(payload("ebay", "order_paid_us_tax_collected"), "", "USD")
    (row,) = told.rows("lineItems")
    (tax,) = row.rows("taxes")
    line = {
        "line_id": row.text("lineItemId"),
        "name": "article",
        "quantity": row.count("quantity"),
        "unit_price": row.money("lineItemCost") // row.count("quantity"),
        "tax": tax.money("amount"),
        "shipping": row.money("deliveryCost.shippingCost"),
    }
    order = pushed("ebay", "USD", [line], told.money("pricingSummary.total"), display_id=told.text("legacyOrderId"))
    assert refundable(order) == row.money("total") == 41_80


def test_ebays_discount_on_the_delivery_alone() -> None:
    told = Told(payload("ebay", "order_delivery_discount"), "", "USD").part("pricingSummary")
    lowered = discount("delivery", told.money("deliveryDiscount"), "seller", scope="shipping")
    line = {"line_id": "1", "name": "article", "quantity": 1, "unit_price": told.money("priceSubtotal")}
    more = {"shipping_fee": told.money("deliveryCost"), "tax": told.money("tax"), "discounts": lowered}
    order = pushed("ebay", "USD", [line], told.money("total"), **more)
    assert refundable(order) == 42_49


def test_ebays_currency_of_the_seller_is_no_matter_of_the_buyers() -> None:
    told = Told(payload("ebay", "order_converted_currency"))
    line = {"line_id": "1", "name": "article", "quantity": 1, "unit_price": told.money("pricingSummary.total")}
    assert refundable(pushed("ebay", "EUR", [line], 70_00)) == 70_00


def test_ebays_states_of_a_cancellation_are_statuses_and_cases() -> None:
    states = payload("ebay", "cancel_states")
    ours = {"NOT_STARTED": "placed", "IN_PROGRESS": "partly_shipped", "FULFILLED": "shipped"}
    assert set(states["orderFulfillmentStatus"]) == set(ours)


def test_magentos_credit_memo_with_its_shipping() -> None:
    told = Told(payload("magento", "creditmemo_with_shipping"), "", "USD")
    line = {"line_id": "1", "name": "article", "quantity": 1, "unit_price": told.money("subtotal")}
    order = pushed("magento", "USD", [line], None, shipping_fee=told.money("shipping_incl_tax"))
    memo = {"refund_id": "3", "amount": told.money("grand_total"), "at": PLACED, "lines": one("1")}
    assert refundable(order) == memo["amount"] == 105_00
    assert refundable({**order, "refunds": [memo]}) == 0


def test_medusas_piece_and_what_it_says_can_be_refunded() -> None:
    told = Told(payload("medusa", "order_item_refundable"), "", "EUR")
    line = {
        "line_id": told.text("id"),
        "name": "article",
        "quantity": told.count("quantity"),
        # Medusa 2 writes whole currency units.
        "unit_price": told.money("unit_price"),
        "quantities": {"returned": told.count("return_received_quantity")},
    }
    assert refundable(pushed("medusa", "EUR", [line], None)) == minor("1450", "EUR", "x")
