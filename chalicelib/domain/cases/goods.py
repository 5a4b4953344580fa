"""Goods that come back: on which way, how far they have come, and what the seller says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.cases.choices import GoodsFault
from chalicelib.domain.policies.policy import Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """How returned goods travel: who pays for it, where they go, and what the carrier asks for.

    address      as the order told it, or the seller keeps it, or gave it with their yes
    label_url    a label to print, from the marketplace's own systems alone: people press on it in our mails
    pickup_code  what a counter or a courier asks for
    """

    paid_by: Payer
    address: str | None = None
    label_url: str | None = None
    pickup_code: str | None = None
    carrier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """What the seller says is wrong with goods that came back, or did not; `lines`: with which pieces, all if empty."""

    fault: GoodsFault
    at: datetime
    lines: Mapping[str, int] = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Goods that must come back before the money goes: agreed when, sent under which tracking number, and what was
    heard of them since. `picked_up_at` and `arrived_at` are the carrier's words, by its clock."""

    agreed_at: datetime
    sent_at: datetime | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    picked_up_at: datetime | None = None
    arrived_at: datetime | None = None
    contested: Contest | None = None
