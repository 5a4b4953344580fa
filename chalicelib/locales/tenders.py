"""How something was paid, in the words of those who paid: `GoPay`, `Virtual account BCA`, `Kartu Visa`, `Voucher`."""

from chalicelib.domain.orders.methods import Method, brand_of, code_of, tidied
from chalicelib.locales import say


def paid_with(method: Method, channel: str | None, locale: str) -> str:
    """A payment method with its channel, as an order told it; a channel that says no more than the method is left
    out."""
    brand = brand_of(channel) if channel else None
    if brand and brand.known_alone:
        return brand.name
    name = brand.name if brand else tidied(channel or "")
    if code_of(name) in ("", code_of(method)):
        return say(f"method.{method}", locale)
    return say(f"method.{method}.channel", locale, channel=name)
