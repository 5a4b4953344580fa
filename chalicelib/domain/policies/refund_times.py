"""How long refunds take, by how the money goes back; and the refusal of names of payments that nobody knows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.methods import CHANNELS, Method, channel_of
from chalicelib.domain.policies.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTime(Span):
    """How long money takes at the most that goes back by a payment method; by some of its `channels` another time."""

    channels: Mapping[str, Span] = field(default_factory=dict)

    def through(self, channel: str | None) -> Span:
        """The time by this channel, as an order tells it; the method's own where the policy names none for it."""
        return self.channels.get(channel_of(channel), self) if channel else self


def check_names(order: Sequence[str] | None, times: Mapping[str, RefundTime]) -> None:
    """Refuse names of methods and channels that the registry (orders/methods.py) does not have.

    Asked where somebody writes a policy, and not where one is read: what was kept once goes on. Raises Invalid
    `validation_failed` with all that is wrong, each by its field.
    """
    errors = [{"field": where, "message": problem} for where, problem in (*_of_order(order or ()), *_of_times(times))]
    if errors:
        raise Invalid("validation_failed", errors=errors)


def _of_order(order: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(order):
        if name not in list(Method):
            yield "refund_order", _unknown(name)
        elif order.count(name) > 1:
            yield "refund_order", f"{name} stands twice"


def _of_times(times: Mapping[str, RefundTime]) -> Iterator[tuple[str, str]]:
    for name, time in times.items():
        if name not in list(Method):
            yield f"refund_times.{name}", _unknown(name)
            continue
        known = [code for code, brand in CHANNELS.items() if name in brand.methods]
        for channel in time.channels:
            if channel not in known:
                yield f"refund_times.{name}.channels.{channel}", f"no channel of {name}; known: {', '.join(known)}"


def _unknown(name: str) -> str:
    return f"no payment method {name}; known: {', '.join(Method)}"
