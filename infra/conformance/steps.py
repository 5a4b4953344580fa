"""What somebody does within an ending: each a sentence as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Who = Literal["buyer", "seller", "support", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Somebody asks to cancel, or to return; `lines` says how many pieces of which lines, left out it is the order."""

    by: Who = "buyer"
    kind: Literal["cancellations", "returns"] = "cancellations"
    reason: str = "wrong_size"
    lines: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Somebody says a command to the case."""

    by: Who
    command: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody answers, until the wait is over and the case stands there."""

    then: str


@dataclass(frozen=True, slots=True)
class Moves:
    """The order system says that the order came to this status."""

    status: str


@dataclass(frozen=True, slots=True)
class Pays:
    """Whoever pays tells how every part went that was asked for, once per key: it succeeded, or failed."""

    how: Literal["succeeded", "failed"] = "succeeded"


@dataclass(frozen=True, slots=True)
class ComesBack:
    """What was paid comes back days later."""


@dataclass(frozen=True, slots=True)
class Steers:
    """Customer service looks after the parts that did not go."""

    way: Literal["retry", "redirect"]
    body: Mapping[str, Any]


Step = Ask | Say | Silence | Moves | Pays | ComesBack | Steers
