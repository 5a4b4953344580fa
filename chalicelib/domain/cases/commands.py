"""What can be said to a case."""

from enum import StrEnum


class Command(StrEnum):
    """Everything that can be said to a case. ASK opens one and stands outside the table (asking.py)."""

    ASK = "ask"
    APPROVE = "approve"
    REJECT = "reject"
    OFFER = "offer"
    ACCEPT_OFFER = "accept_offer"
    DECLINE_OFFER = "decline_offer"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    ORDER_MOVED = "order_moved"
    PARCEL_ANSWERED = "parcel_answered"
    EXTEND = "extend"
    CLAIM = "claim"
    CONFIRM = "confirm"
    APPEAL = "appeal"
    REOPEN = "reopen"
    SHIPPED_BACK = "shipped_back"
    GOODS_RECEIVED = "goods_received"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_FAILED = "refund_failed"
