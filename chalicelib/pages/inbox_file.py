"""What was found in the inbox as a file for spreadsheets."""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chalicelib.domain.cases.card import Card
from chalicelib.domain.zones import Zone
from chalicelib.locales import has, say
from chalicelib.locales.formats import digits_of
from chalicelib.locales.harmless import on_one_line
from chalicelib.workflow.inbox import standing

# Spreadsheets take what begins so (East Asian ones also the wide forms) for a formula, and may run it; `'` makes it
# words.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_COLUMNS = (
    "order", "case", "status", "kind", "reason", "buyer", "goods", "amount", "currency", "deadline", "closed",
    "platform", "tracking",
)  # fmt: skip


def written(cards: Sequence[Card], locale: str, zone: Zone) -> str:
    """Cards as CSV with a mark that it is UTF-8, which Excel wants; moments are of this zone."""
    paper = io.StringIO()
    paper.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(paper)
    writer.writerow(say(f"page.seller.file.{name}", locale) for name in _COLUMNS)
    for card in cards:
        writer.writerow(_harmless(text) for text in _cells(card, locale, zone))
    return paper.getvalue()


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
    yield format(Decimal(card.amount).scaleb(-digits_of(card.currency)), "f")
    yield card.currency
    yield at if card.open else ""
    yield "" if card.open else at
    yield card.platform
    yield card.tracking_number or ""


def _harmless(text: str) -> str:
    shown = on_one_line(text)
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown
