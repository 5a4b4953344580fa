"""What may be chosen along with a command: closed lists, one word for each thing."""

from enum import StrEnum


class Channel(StrEnum):
    """Through which door the buyer asked."""

    APP = "app"
    WEB = "web"
    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"


class Alternative(StrEnum):
    """What may be agreed instead of cancelling (F43)."""

    CHANGE_ADDRESS = "change_address"
    CHANGE_VARIANT = "change_variant"
    CHANGE_PAYMENT = "change_payment"


class ParcelWord(StrEnum):
    """What warehouse or carrier say: about holding a parcel on its way out, or of goods on their way back."""

    HELD = "held"
    TOO_LATE = "too_late"
    INTERCEPTED = "intercepted"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"


# The words about goods on their way back: the carrier has them; they are with the seller.
GOODS_WORDS = frozenset({ParcelWord.PICKED_UP, ParcelWord.DELIVERED})


class GoodsFault(StrEnum):
    """What a seller says is wrong with goods that should be back."""

    NOT_ARRIVED = "not_arrived"
    DAMAGED = "damaged"
    NOT_AS_SENT = "not_as_sent"
    INCOMPLETE = "incomplete"


class ParcelWay(StrEnum):
    """What becomes of a parcel that left although its order had been cancelled."""

    RECALL = "recall"
    KEEPS = "keeps"
    RETURNS = "returns"
