"""Three orders as Shopee's `get_order_detail` tells of them, cut down to what an order needs."""

from datetime import UTC, datetime, timedelta
from typing import Any

SELLER = {"id": "toko-baju", "name": "Toko Baju", "email": "toko-baju@example.com"}
BUYER = {"id": "budi", "name": "Budi", "email": "budi@example.com"}


def order(number: int, article: str, price: int, shipping: int) -> dict[str, Any]:
    """One article, paid by card yesterday, packed by now: so its seller is asked before anything is cancelled."""
    now = datetime.now(UTC)
    placed = int((now - timedelta(days=1)).timestamp())
    return {
        # A number of its own each time, so that the story may be played again.
        "order_sn": f"{now:%y%m%d%H%M%S%f}{number}",
        "order_status": "PROCESSED",
        "currency": "IDR",
        "create_time": placed,
        "pay_time": placed + 60,
        "update_time": int(now.timestamp()),
        "payment_method": "Credit Card/Debit Card",
        "estimated_shipping_fee": shipping,
        "total_amount": price + shipping,
        "shipping_carrier": "J&T Express",
        "item_list": [
            {
                "item_id": 1,
                "order_item_id": 1,
                "item_name": article,
                "model_discounted_price": price,
                "model_quantity_purchased": 1,
            }
        ],
    }
