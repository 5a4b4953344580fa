"""The party at fault."""

from enum import StrEnum


class Fault(StrEnum):
    """To whom a request is attributed (docs/rules.md R6)."""

    BUYER = "buyer"
    SELLER = "seller"
    PLATFORM = "platform"
    CARRIER = "carrier"
