"""The party at fault."""

from enum import StrEnum


class Fault(StrEnum):
    """To whom a request is attributed (product.md 1.4)."""

    BUYER = "buyer"
    SELLER = "seller"
    PLATFORM = "platform"
    CARRIER = "carrier"
