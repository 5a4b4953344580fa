"""What the people in charge may switch off for a while, when going on would do harm."""

from enum import StrEnum


class Switch(StrEnum):
    """One thing that Batal does, and may be kept from doing.

    mails    nothing is sent to people; what was promised waits, in its order, and is not counted as tried
    refunds  no payment provider is asked for money, by Batal or by an event. Built-in wallets are credited with the
             decision itself: only `writes` stops that
    writes   nobody changes anything by API, page or link; all may look. Deadlines end as they end, answers by mail
             count
    """

    MAILS = "mails"
    REFUNDS = "refunds"
    WRITES = "writes"
