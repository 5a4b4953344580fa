"""A refund, part by part: what goes back of which tender, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.orders.methods import Method


class PartState(StrEnum):
    """How far one part of a refund has come."""

    PAID = "paid"  # credited to the built-in wallet by the deciding transaction itself
    GIVEN_BACK = "given_back"  # vouchers, coins, store credit: the marketplace is told to give them back
    DUE = "due"  # a payment provider still owes its answer
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """What goes back by one tender, in minor units, and by when the buyer has it. `channel` is its brand or bank."""

    method: Method
    amount: int
    state: PartState
    arrives_by: datetime
    tender_id: str = ""
    channel: str | None = None

    def __post_init__(self) -> None:
        """Where several tenders cannot share a method, the method is its name."""
        if not self.tender_id:
            object.__setattr__(self, "tender_id", self.method.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """The one refund of a case; `events` are the provider's event ids already taken in. `kept` is what each tender
    keeps by it, in minor units per tender id: fees, deductions, what was agreed. `in_ledger`: the ledger knows where
    its parts are, as it does not of refunds from before there was one."""

    refund_id: str
    currency: str
    total: int
    parts: tuple[RefundPart, ...]
    overdue: bool = False
    events: tuple[str, ...] = ()
    kept: Mapping[str, int] = field(default_factory=dict)
    in_ledger: bool = False

    @property
    def state(self) -> str:
        """`failed` while a part failed, `pending` while a provider owes an answer, else `succeeded`."""
        states = {part.state for part in self.parts}
        if PartState.FAILED in states:
            return "failed"
        return "pending" if PartState.DUE in states else "succeeded"

    @property
    def due(self) -> int:
        """What payment providers still owe, in minor units."""
        return sum(part.amount for part in self.parts if part.state in (PartState.DUE, PartState.FAILED))
