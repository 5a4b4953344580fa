"""A seller's inbox: all their cases as cards, what of them is looked for, and the views that a seller keeps."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.amounts import Money, by_currency
from chalicelib.domain.cases.card import Card
from chalicelib.domain.cases.case import State
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.ids import joined
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Cards, Ports
from chalicelib.domain.reference import as_reference
from chalicelib.domain.spelling import folded

# So many of the end of an order's number are enough to find it.
_END_OF_ID = 6
# How many views a seller keeps; with more, the oldest is forgotten.
MOST_VIEWS = 12


class Tab(StrEnum):
    """The parts of the inbox, by whose move it is."""

    ANSWER = "answer"
    WAITING = "waiting"
    GOODS = "goods"
    CLOSED = "closed"


TAB_OF: Mapping[State, Tab] = {
    State.AWAITING_SELLER: Tab.ANSWER,
    State.AWAITING_BUYER: Tab.WAITING,
    State.AWAITING_SUPPORT: Tab.WAITING,
    State.REFUNDING: Tab.WAITING,
    State.AWAITING_GOODS: Tab.GOODS,
    State.CLOSED: Tab.CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which cards are looked for; None lets everything through.

    text     an order's number or its end, a case's, a tracking number, or words of the buyer's name and the goods
    status   a state, or an outcome as people are told it
    least, most   what goes back, in one currency: no card of another meets them
    due_by   to be answered by then
    """

    text: str | None = None
    status: str | None = None
    reason: str | None = None
    kind: str | None = None
    platform: str | None = None
    least: Money | None = None
    most: Money | None = None
    due_by: datetime | None = None

    def meets(self, card: Card) -> bool:
        """Whether the card is one of them."""
        amount = Money(card.amount, card.currency)
        return (
            self.status in (None, standing(card))
            and self.reason in (None, card.reason_code)
            and self.kind in (None, card.kind)
            and self.platform in (None, card.platform)
            and (self.least is None or self.least.is_within(amount))
            and (self.most is None or amount.is_within(self.most))
            and (self.due_by is None or (card.deadline_at is not None and card.deadline_at <= self.due_by))
            and (self.text is None or _says(card, self.text))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What was found of a seller's cards, in their order; `all` are those that were read, `more` whether there are more
    than that."""

    all: Sequence[Card]
    found: Sequence[Card]
    more: bool

    @property
    def counts(self) -> Mapping[Tab, int]:
        """How many were found for each tab."""
        counted = Counter(TAB_OF[card.state] for card in self.found)
        return {tab: counted[tab] for tab in Tab}

    def on(self, tab: Tab) -> Sequence[Card]:
        """What was found for this tab."""
        return [card for card in self.found if TAB_OF[card.state] is tab]


def standing(card: Card) -> str:
    """Its outcome as people are told it, or the state of one that is open."""
    return card.ending or card.state.value


def sums_of(cards: Sequence[Card]) -> Mapping[str, int]:
    """What goes back by all of them, per currency, in minor units."""
    return by_currency(Money(card.amount, card.currency) for card in cards)


def cards_of(ports: Ports, actor: Actor) -> Cards:
    """All cards of the seller who asks. Raises Forbidden for everyone else."""
    if actor.role is not Role.SELLER:
        raise Forbidden(actor.role, "see_inbox")
    return ports.store.cards(actor.id)


def desk(cards: Cards, sought: Sought, besides: Collection[str] = ()) -> Desk:
    """What of these cards is looked for, without the cases `besides`: an index tells of an answer moments later."""
    known = [card for card in cards.items if card.case_id not in besides]
    return Desk(all=known, found=[card for card in known if sought.meets(card)], more=cards.more)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A way of looking at the inbox that a seller gave a name: what stands in its address."""

    name: str
    fields: Mapping[str, str]


def views(ports: Ports, actor: Actor) -> Sequence[View]:
    """The views that the seller keeps, the oldest first. Raises Forbidden for everyone else."""
    if actor.role is not Role.SELLER:
        raise Forbidden(actor.role, "see_inbox")
    kept = ports.store.setting(_views_of(actor.id)) or {}
    return [View(name=each["name"], fields=each["fields"]) for each in kept.get("views", ())]


def keep_view(ports: Ports, actor: Actor, name: str, fields: Mapping[str, str]) -> None:
    """Keep a view under its name, in the place of one that had it; the last word counts."""
    others = [view for view in views(ports, actor) if view.name != name]
    _keep(ports, actor, [*others, View(name=name, fields=fields)][-MOST_VIEWS:])


def forget_view(ports: Ports, actor: Actor, name: str) -> None:
    """Keep it no more."""
    _keep(ports, actor, [view for view in views(ports, actor) if view.name != name])


def forget_views(ports: Ports, seller_id: str) -> bool:
    """Keep none of a seller's views any more; whether there were any."""
    place = _views_of(seller_id)
    kept = bool((ports.store.setting(place) or {}).get("views"))
    if kept:
        ports.store.put_setting(place, {"views": []})
    return kept


def _keep(ports: Ports, actor: Actor, kept: Sequence[View]) -> None:
    ports.store.put_setting(
        _views_of(actor.id), {"views": [{"name": view.name, "fields": dict(view.fields)} for view in kept]}
    )


def _views_of(seller_id: str) -> str:
    return joined("views", seller_id)


def _says(card: Card, text: str) -> bool:
    wanted = folded(text).strip()
    numbers = [folded(each) for each in (card.order_id, card.display_id, card.case_id, card.reference) if each]
    if wanted.lstrip("#") in [each.lstrip("#") for each in numbers] or card.number == as_reference(text):
        return True
    if len(wanted) >= _END_OF_ID and any(each.endswith(wanted) for each in numbers):
        return True
    if card.tracking_number and wanted == folded(card.tracking_number):
        return True
    told = folded(f"{card.words.buyer} {card.words.goods}")
    words = wanted.split()
    return bool(words) and all(word in told for word in words)
