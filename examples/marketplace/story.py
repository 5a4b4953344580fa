"""What is played: a buyer is told yes, another no, and an event of a third is lost on its way.

Buyer and seller speak by tokens of the sandbox. In your shop they come with yours, or through Batal's own pages.
"""

from collections.abc import Callable
from typing import Any

from examples.marketplace import sold
from examples.marketplace.calling import Batal
from examples.marketplace.orders import MustWait
from examples.marketplace.shop import Secrets, Shop, opened

Tell = Callable[[str], None]


def token(batal: Batal, sub: str, role: str, **more: str) -> str:
    """A token of the sandbox."""
    given: str = batal.as_somebody("", "POST", "/sandbox/token", {"sub": sub, "role": role, **more})["token"]
    return given


def play(url: str, tell: Tell) -> list[str]:
    """All of it, told line by line; gives where the shop's books differ from Batal's in the end."""
    batal = Batal(url)
    given = batal.as_somebody("", "GET", "/sandbox/secrets")
    secrets = Secrets(orders=given["orders"], payments=given["payments"], system=token(batal, "oms", "system"))
    with opened(batal, secrets, token(batal, "omar", "operator")) as shop:
        tell(f"The shop listens at {shop.receiver.url}")
        buyer = token(batal, "budi", "buyer")
        seller = token(batal, "dewi", "seller", seller_id=str(sold.SELLER["id"]))
        _a_yes(shop, buyer, seller, tell)
        _a_no(shop, buyer, seller, tell)
        _a_lost_event(shop, buyer, seller, tell)
        found = shop.compares()
        tell(f"The books of {len(shop.orders.pushed)} orders agree" if not found else "The books differ:")
        return found


def _sold(shop: Shop, number: int, article: str, price: int) -> str:
    return shop.orders.sell(sold.order(number, article, price, shipping=9_000), sold.SELLER, sold.BUYER)


def _asks(shop: Shop, buyer: str, order_id: str) -> str:
    """The buyer looks at price, odds and wait first, and asks for what was shown."""
    shown = shop.batal.as_somebody(buyer, "GET", f"/v1/orders/{order_id}/cancellation-options")
    wish = {
        "reason_code": "changed_mind",
        "channel": "app",
        "accept_terms": True,
        # What was shown is what is asked: if the price has changed meanwhile, the answer is `quote_changed`.
        "quote_id": shown["quote"]["quote_id"],
    }
    case: dict[str, Any] = shop.batal.as_somebody(
        buyer, "POST", f"/v1/orders/{order_id}/cancellations", wish, key=f"asks-{order_id}"
    )
    return str(case["case_id"])


def _a_yes(shop: Shop, buyer: str, seller: str, tell: Tell) -> None:
    order_id = _sold(shop, 1, "Kemeja batik", 150_000)
    case_id = _asks(shop, buyer, order_id)
    shop.works_until(lambda: shop.books.is_held(order_id))
    try:
        shop.orders.ship(order_id, "JNE-1")
    except MustWait:
        tell(f"{order_id}: Budi asks to cancel; the parcel is held")
    shop.batal.as_somebody(seller, "POST", f"/v1/cases/{case_id}/approve", {})
    shop.works_until(lambda: case_id in shop.books.ended)
    back, fee = shop.books.back[order_id], shop.books.fees[order_id]
    tell(f"{order_id}: the seller says yes: {shop.books.ended[case_id]}, {back} went back, {fee} was kept")


def _a_no(shop: Shop, buyer: str, seller: str, tell: Tell) -> None:
    order_id = _sold(shop, 2, "Sepatu lari", 320_000)
    case_id = _asks(shop, buyer, order_id)
    shop.works_until(lambda: shop.books.is_held(order_id))
    shop.batal.as_somebody(seller, "POST", f"/v1/cases/{case_id}/reject", {"reason_code": "already_packed"})
    shop.works_until(lambda: not shop.books.is_held(order_id) and case_id in shop.books.ended)
    shop.orders.ship(order_id, "JNE-2")
    tell(f"{order_id}: the seller says no: {shop.books.ended[case_id]}; the parcel is let go, and leaves")


def _a_lost_event(shop: Shop, buyer: str, seller: str, tell: Tell) -> None:
    order_id = _sold(shop, 3, "Tas selempang", 95_000)
    shop.receiver.forgetful = True
    case_id = _asks(shop, buyer, order_id)
    shop.works_until(lambda: shop.receiver.lost >= 2)
    shop.receiver.forgetful = False
    shop.batal.as_somebody(seller, "POST", f"/v1/cases/{case_id}/approve", {})
    shop.works_until(lambda: case_id in shop.books.ended)
    lost = shop.receiver.lost
    tell(f"{order_id}: {lost} events were lost; the numbers of later ones showed it, and the log had them")
