"""What is known of each provider's refunds, as data with its source, and the one function that judges by it.

Read in public documentation in November 2026 and unproven against the live services. Where a window depends on what
nobody told (`kind` among a payment's references tells it), the longest counts: a refusal by the provider costs nothing,
a refusal by us would send people a way round that they did not need.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from chalicelib.domain.money.providers import Ability, May, Never, NotBefore, PartRequest, Shut
from chalicelib.domain.orders.methods import Method, channel_of
from chalicelib.domain.zones import Zone

M = Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One way back.

    channel   None: any that has no row of its own
    kind      what a reference named `kind` must say; None: any
    days      how long after the payment; None: no end is documented
    night     from when to when nothing is taken, in `zone`
    partial   whether less than everything can go back
    parts     how often less than everything can; None: as often as one likes
    least, most   amounts of one refund in minor units
    currency  None: any
    """

    method: Method
    channel: str | None = None
    kind: str | None = None
    days: int | None = None
    night: tuple[time, time] | None = None
    zone: Zone = Zone.WIB
    partial: bool = True
    parts: int | None = None
    least: int = 1
    most: int | None = None
    currency: str | None = "IDR"
    source: str


_MT = "docs.midtrans.com/reference/refund-transaction"
_MT_DIRECT = "docs.midtrans.com/reference/direct-refund-transaction"
_SHOPEE_NIGHT = (time(23, 55), time(6))

# No row for virtual accounts, bank transfers and counters: their money came without a way back.
MIDTRANS: tuple[Fact, ...] = (
    Fact(method=M.CARD, source=_MT),
    Fact(method=M.EWALLET, channel="gopay", days=180, source=_MT),
    Fact(method=M.EWALLET, channel="gopay", kind="tokenization", days=180, source=_MT),
    Fact(method=M.EWALLET, channel="gopay", kind="deeplink", days=45, source=_MT),
    Fact(method=M.EWALLET, channel="gopay", kind="coins", days=90, source=_MT_DIRECT),
    Fact(method=M.EWALLET, channel="shopeepay", days=365, night=_SHOPEE_NIGHT, partial=False, source=_MT_DIRECT),
    Fact(method=M.EWALLET, channel="dana", days=45, source=_MT),
    Fact(method=M.EWALLET, channel="ovo", days=7, partial=False, source=_MT),
    Fact(method=M.EWALLET, channel="ovo", kind="travel", days=180, partial=False, source=_MT),
    Fact(method=M.QRIS, days=45, source=_MT),
    Fact(method=M.QRIS, channel="gopay", days=45, source=_MT),
    Fact(method=M.QRIS, kind="on_us", days=45, source=_MT),
    Fact(method=M.QRIS, kind="off_us", days=7, source=_MT),
    Fact(method=M.QRIS, channel="shopeepay", days=365, night=_SHOPEE_NIGHT, partial=False, source=_MT_DIRECT),
    Fact(method=M.QRIS, channel="shopeepay", kind="off_us", days=7, night=_SHOPEE_NIGHT, partial=False, source=_MT),
    Fact(method=M.PAYLATER, channel="kredivo", days=14, source=_MT),
    Fact(method=M.PAYLATER, channel="akulaku", source=_MT),
)

# Until a payment is settled, which for cards is its next day, it is cancelled instead of refunded, and only as a whole:
# by method, the status that it has so long (docs.midtrans.com/docs/transaction-status-cycle,
# docs.midtrans.com/reference/cancel-transaction-card).
MIDTRANS_UNSETTLED: Mapping[Method, str] = {M.CARD: "capture"}

_XN = "docs.xendit.co/apidocs/create-a-refund"
_XN_LATER = "docs.xendit.co/paylater/refunds"

# Nothing is voided: that is documented for charges of the older e-wallet API alone, until 23:50 in Jakarta on their day
# (docs.xendit.co/ewallet/payment-flows/void-and-refund), and none of those is given back by `/v3/refunds`.
# PayLater is documented for an older API of theirs alone: that the new one takes it is an assumption.
XENDIT: tuple[Fact, ...] = (
    Fact(method=M.CARD, currency=None, source=_XN),
    Fact(method=M.EWALLET, currency=None, source=_XN),
    Fact(method=M.BANK, currency=None, source=f"{_XN} (direct debit)"),
    Fact(method=M.QRIS, days=30, source="docs.xendit.co/docs/qris"),
    Fact(method=M.PAYLATER, channel="kredivo", days=14, source=_XN_LATER),
    Fact(method=M.PAYLATER, channel="akulaku", source=_XN_LATER),
    Fact(method=M.PAYLATER, channel="indodana", days=30, parts=1, source="docs.xendit.co/docs/indodana"),
)

_ST = "docs.stripe.com/refunds"

STRIPE: tuple[Fact, ...] = (
    Fact(method=M.CARD, currency=None, source=_ST),
    Fact(method=M.EWALLET, currency=None, source=_ST),
    Fact(method=M.PAYLATER, currency=None, source=_ST),
)

DOKU: tuple[Fact, ...] = (
    Fact(method=M.CARD, source="developers.doku.com/accept-payments/direct-api/non-snap/cards/refund"),
)


def able(facts: Sequence[Fact], request: PartRequest, now: datetime, references: Sequence[str]) -> Ability:
    """Whether a refund can go back, by these facts. One of `references` must name the payment."""
    fact = _fact_of(facts, request)
    if fact is None or fact.currency not in (None, request.currency):
        return Never(Shut.NO_WAY_BACK)
    if not any(request.references.get(name) for name in references):
        return Never(Shut.NO_REFERENCE)
    if not fact.partial and not request.is_whole:
        return Never(Shut.PARTIAL_REFUSED)
    if fact.parts is not None and not request.is_whole and request.given_before and fact.parts < 2:
        return Never(Shut.TOO_MANY_PARTIALS)
    if request.amount < fact.least or (fact.most is not None and request.amount > fact.most):
        return Never(Shut.AMOUNT_OUT_OF_RANGE)
    at = _opens(fact, now)
    ends = None
    if fact.days is not None and request.collected_at is not None:
        ends = request.collected_at + timedelta(days=fact.days)
    if ends is not None and at > ends:
        return Never(Shut.WINDOW_SHUT)
    return May() if at <= now else NotBefore(at)


def _fact_of(facts: Sequence[Fact], request: PartRequest) -> Fact | None:
    """The row that says most about it: of its channel and kind, of its channel, of its kind, of its method."""
    channel = channel_of(request.channel) if request.channel else None
    kind = request.references.get("kind")
    fitting = [
        each
        for each in facts
        if each.method is request.method and each.channel in (None, channel) and each.kind in (None, kind)
    ]
    return max(fitting, key=lambda each: (each.channel is not None, each.kind is not None), default=None)


def _opens(fact: Fact, now: datetime) -> datetime:
    """From when on it is taken: now, or the end of the night."""
    if fact.night is None:
        return now
    begins, ends = fact.night
    local = now.astimezone(fact.zone.clock)
    clock = local.time()
    asleep = (clock >= begins or clock < ends) if begins > ends else begins <= clock < ends
    if not asleep:
        return now
    morning = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    if clock >= ends:
        morning += timedelta(days=1)
    return morning.astimezone(now.tzinfo)
