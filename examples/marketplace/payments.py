"""The payment service: it pays back what Batal asks it for, once, and tells how that went.

Batal asks it for every part of a refund whose tender names no provider that Batal speaks to itself. The built-in wallet
needs nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from examples.marketplace.books import Books, Paid
from examples.marketplace.calling import Batal

# As long as a part stands at one of these, Batal still wants it paid.
_WANTED = {"due", "sent", "pending"}


@dataclass
class PaymentService:
    """The shop's way to its payment provider."""

    batal: Batal
    secret: str = field(repr=False)
    token: str = field(repr=False)
    books: Books

    def hears(self, event: Mapping[str, Any]) -> None:
        """Pay the parts of `refund.requested`."""
        if event["type"] != "refund.requested":
            return
        said = event["data"]
        for part in said["parts"]:
            self._pays(said["order_id"], said["refund_id"], part)

    def _pays(self, order_id: str, refund_id: str, part: Mapping[str, Any]) -> None:
        key = part["key"]
        if key not in self.books.paid:
            # An event that is read late may ask for what was taken back since: look before money leaves the house.
            if not self._is_wanted(refund_id, part):
                return
            # `key` stands for this try and no other. Hand it to your provider as its idempotency key: whoever asks
            # twice under it pays once, even if this process dies between paying and writing it down.
            self.books.paid[key] = Paid(order_id, part["tender_id"], part["amount"], at=datetime.now(UTC).isoformat())
        # Asked again under a key that was paid: pay nothing, and tell the same once more. Our first word was lost.
        self._tells(refund_id, part["part"], key)

    def _is_wanted(self, refund_id: str, part: Mapping[str, Any]) -> bool:
        refund = self.batal.as_somebody(self.token, "GET", f"/v1/refunds/{refund_id}")
        return any(each["key"] == part["key"] and each["state"] in _WANTED for each in refund["parts"])

    def _tells(self, refund_id: str, part: str, key: str) -> None:
        paid = self.books.paid[key]
        word = {
            "event_id": f"{key}:succeeded",
            "refund_id": refund_id,
            "part": part,
            "state": "succeeded",  # or "pending" while your provider is at it, or "failed" with its `code`
            "amount": paid.amount,
            "at": paid.at,  # when it went, however late it is told
            "reference": f"bank-{key}",
        }
        path = f"/v1/refunds/{refund_id}/parts/{part}/events"
        self.batal.signed(self.secret, f"{key}:succeeded", "POST", path, word)
