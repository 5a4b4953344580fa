"""What a buyer may do instead of cancelling, where their reason names something that can be mended."""

from collections.abc import Mapping
from urllib.parse import quote

from chalicelib import wiring
from chalicelib.domain.cases.choices import Alternative
from chalicelib.domain.policies.reasons import Kind
from chalicelib.pages.page import address
from chalicelib.settings import links_in

_MENDS: Mapping[str, Alternative] = {
    "wrong_address": Alternative.CHANGE_ADDRESS,
    "wrong_size": Alternative.CHANGE_VARIANT,
    "wrong_item": Alternative.CHANGE_VARIANT,
    "change_payment": Alternative.CHANGE_PAYMENT,
    "voucher_forgotten": Alternative.CHANGE_PAYMENT,
}


def instead_of(reason: str | None, kind: Kind, order_id: str) -> tuple[str, str, bool] | None:
    """What would mend this, where it is done, and whether the marketplace has a page of its own for it; else customer
    service does it. None where nothing would."""
    mend = _MENDS.get(reason or "") if kind is Kind.CANCELLATION else None
    if mend is None:
        return None
    place = links_in(wiring.settings().alternative_links).get(mend)
    if place is None:
        return mend, address("/orders/{}/help", order_id), False
    return mend, place.replace("{order_id}", quote(order_id, safe="")), True
