"""The directory of customer service: how buyers reach it, as the operator keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.contacts import Contact
from chalicelib.domain.people.help import Wanted, wanted_for
from chalicelib.domain.ports import Ports

WRITERS = frozenset({Role.OPERATOR})
_SETTING = "support_contacts"


def contacts(ports: Ports) -> Sequence[Contact]:
    """What the operator keeps; nothing at first."""
    kept: Mapping[str, Sequence[Mapping[str, str]]] = ports.store.setting(_SETTING) or {"items": ()}
    return [
        Contact(**{**each, "checked_at": datetime.fromisoformat(each["checked_at"])})  # type: ignore[arg-type]
        for each in kept["items"]
    ]


def help_for(ports: Ports, order: Order) -> tuple[Wanted, str | None]:
    """What its buyer is likely to want of customer service, and the number of the latest request, if there is one."""
    latest = ports.store.case(order.cases[-1]) if order.cases else None
    asked = ports.store.case(order.open_case) if order.open_case and order.open_case != order.cases[-1] else latest
    return wanted_for(order, asked), asked.number if asked else None


def save_contacts(ports: Ports, actor: Actor, contacts: Sequence[Contact]) -> Sequence[Contact]:
    """Keep the whole directory. Raises Forbidden but for operators."""
    if actor.role not in WRITERS:
        raise Forbidden(actor.role, "keep_contacts")
    items = [{**asdict(each), "checked_at": each.checked_at.isoformat()} for each in contacts]
    ports.store.put_setting(_SETTING, {"items": items})
    return contacts
