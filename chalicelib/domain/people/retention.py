"""How long what people wrote, and who they are, is kept once an order is quiet: the law's times, and never less."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.order import Order

# In days, with as many leap days as may lie within. Indonesia, PP 80/2019: complaints and disputes are kept for five
# years, records of money for ten.
LAW: Mapping[str, int] = {"words": 1_827, "accounts": 3_653}


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """For how many days an order keeps what is a person's, from when it was last heard of.

    words     names, contacts, comments, messages, files
    accounts  which account money was paid out to
    dry_run   it is only counted what would go
    """

    words: int = LAW["words"]
    accounts: int = LAW["accounts"]
    dry_run: bool = False

    def before(self, now: datetime) -> tuple[datetime, datetime]:
        """What was last heard of before these moments has outlived its time: words, accounts."""
        return now - timedelta(days=self.words), now - timedelta(days=self.accounts)


def checked(times: Times) -> Times:
    """These times. Raises Invalid `validation_failed` where one is shorter than the law wants."""
    for name, least in LAW.items():
        if getattr(times, name) < least:
            raise Invalid("validation_failed", errors=[{"field": name, "message": f"at least {least} days"}])
    return times


def told_at(order: Order) -> datetime:
    """When an order's system last said something new of it, as far as the order itself knows."""
    refunds = (refund.at for refund in order.body.refunds)
    parcels = (parcel.at for parcel in order.parcels if parcel.at)
    return max([order.body.placed_at, order.status_at, *order.moments.values(), *refunds, *parcels])


def last_heard_of(order: Order, cases: Iterable[Case], messages: Iterable[Message]) -> datetime:
    """When anybody last did anything about an order."""
    return max([told_at(order), *(case.updated_at for case in cases), *(message.at for message in messages)])
