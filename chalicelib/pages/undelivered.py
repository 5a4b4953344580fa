"""What a seller who cannot deliver may still say of an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.orders.order import Order, seen_for
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import Kind, reasons_for
from chalicelib.pages.pieces import line_field


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """The reasons, none where it is too late or nobody's turn; and the form's fields of the pieces that have not left,
    where others have."""

    reasons: tuple[str, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)


def undelivered(found: Order, actor: Actor) -> Undelivered:
    """What this seller may say of this order; nothing for anybody else."""
    if found.open_case or actor.role is not Role.SELLER:
        return Undelivered()
    seen, groups = seen_for(found, found.remaining)
    here = groups[0] if groups else None
    reasons = reasons_for(here.status if here else seen.standing, Kind.CANCELLATION, Role.SELLER)
    lines = {line_field(line_id): count for line_id, count in here.lines.items()} if here else {}
    return Undelivered(reasons=tuple(reason.code for reason in reasons), fields=lines)
