"""What was found in the inbox as a file for spreadsheets."""

from collections.abc import Iterator, Sequence

from chalicelib.domain.cases.card import Card
from chalicelib.domain.zones import Zone
from chalicelib.edge.sheets import sheet
from chalicelib.locales import has, say
from chalicelib.locales.formats import plain_amount
from chalicelib.workflow.inbox import standing

_COLUMNS = (
    "order", "case", "status", "kind", "reason", "buyer", "goods", "amount", "currency", "deadline", "closed",
    "platform", "tracking",
)  # fmt: skip


def written(cards: Sequence[Card], locale: str, zone: Zone) -> str:
    """Cards as CSV; moments are of this zone."""
    heading = [say(f"page.seller.file.{name}", locale) for name in _COLUMNS]
    return sheet([heading, *(_cells(card, locale, zone) for card in cards)])


def _cells(card: Card, locale: str, zone: Zone) -> Iterator[str]:
    at = card.at.astimezone(zone.clock).strftime("%Y-%m-%d %H:%M") if card.at else ""
    reason = f"reason.{card.reason_code}"
    yield card.name_for_people
    yield card.number
    yield say(f"{'state' if card.open else 'outcome'}.{standing(card)}", locale)
    yield say(f"page.seller.kind.{card.kind.value}", locale)
    yield say(reason, locale) if has(reason, locale) else ""
    yield card.words.buyer
    yield card.words.goods
    yield plain_amount(card.amount, card.currency)
    yield card.currency
    yield at if card.open else ""
    yield "" if card.open else at
    yield card.platform
    yield card.tracking_number or ""
