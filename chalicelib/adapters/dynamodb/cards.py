"""Cards as they are stored: a JSON array, in this order and no other, since functions of the last release read it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from chalicelib.domain.cases.card import Card, card_of, fitted
from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import Kind


def card_text(case: Case) -> str | None:
    """The card of a case as its row holds it. None where the case knows no words for it, or its ids alone are too
    long: then whoever lists reads the row."""
    card = fitted(card_of(case), lambda each: len(_written(each).encode())) if case.words else None
    return _written(card) if card else None


def card_in(case_id: str, text: str) -> Card:
    """The card that a row of this case holds. What later versions write behind its end is left alone."""
    told: list[Any] = msgspec.json.decode(text)
    at = told[9]
    return Card(
        case_id=case_id,
        order_id=told[0],
        display_id=told[1],
        platform=told[2],
        kind=Kind(told[3]),
        state=State(told[4]),
        ending=told[5],
        reason_code=told[6],
        amount=told[7],
        currency=told[8],
        at=None if at is None else datetime.fromtimestamp(at, UTC),
        if_silent=None if told[10] is None else Silence(told[10]),
        tracking_number=told[11],
        words=CardWords(buyer=told[12], goods=told[13]),
        late=bool(told[14]),
        reference=told[15] if len(told) > 15 else None,
    )


def words_in(text: str) -> CardWords:
    """The words of people in a stored card."""
    told: list[Any] = msgspec.json.decode(text)
    return CardWords(buyer=told[12], goods=told[13])


def _written(card: Card) -> str:
    told: tuple[Any, ...] = (
        card.order_id,
        card.display_id,
        card.platform,
        card.kind,
        card.state,
        card.ending,
        card.reason_code,
        card.amount,
        card.currency,
        None if card.at is None else int(card.at.timestamp()),
        card.if_silent,
        card.tracking_number,
        card.words.buyer,
        card.words.goods,
        int(card.late),
    )
    if card.reference is not None:
        told = (*told, card.reference)
    return msgspec.json.encode(told).decode()
