"""The card of a case: small whatever people wrote, and with nothing on it that a list need not show."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.cards import card_in, card_text
from chalicelib.domain.cases.card import CARD_BYTES, Card, card_of, words_of
from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.case import State
from chalicelib.domain.ids import as_id
from infra.sandbox.builders import a_case, an_order

ids = st.text(min_size=1, max_size=128).map(as_id).filter(bool)
LATE = datetime(2026, 11, 27, 9, tzinfo=UTC)


@given(st.text(), st.text(), ids, st.none() | st.text(max_size=128), st.text(max_size=200))
def test_a_card_is_never_larger_than_it_may_be(buyer: str, goods: str, order_id: Any, display: Any, sent: str) -> None:
    case = replace(
        a_case(),
        order_id=order_id,
        display_id=display,
        words=CardWords(buyer=buyer, goods=goods),
    )
    text = card_text(case)
    if text is None:
        assert len((order_id + (display or "")).encode()) > CARD_BYTES // 4, "short ids leave room for a card"
        return
    assert len(text.encode()) <= CARD_BYTES
    held = card_in("c1", text)
    assert goods.startswith(held.words.goods)
    assert buyer.startswith(held.words.buyer)
    assert (held.order_id, held.display_id) == (order_id, display), "ids are whole or there is no card"


def test_an_ordinary_card_holds_all_that_it_should() -> None:
    case = a_case()
    assert case.deadline_at
    whole = replace(card_of(case), at=case.deadline_at.replace(microsecond=0))
    assert card_in(case.case_id, card_text(case) or "") == whole


def test_a_long_name_leaves_room_for_the_goods() -> None:
    case = replace(a_case(), words=CardWords(buyer="Ä" * 400, goods="Kemeja biru"))
    held = card_in("c1", card_text(case) or "")
    assert held.words.goods == "Kemeja biru"
    assert held.words.buyer == "Ä" * 48


def test_a_card_holds_no_address_phone_or_comment() -> None:
    buyer = replace(an_order().body.buyer, id="b-1", name="Budi", email="rahasia@example.com", phone="+62811999")
    case = a_case(an_order(buyer=buyer))
    case = replace(case, asked=replace(case.asked, comment="rahasia"))
    text = card_text(case) or ""
    assert "Budi" in text
    assert not [each for each in ("rahasia", "62811", "b-1", case.seller_id) if each in text]
    assert {each.name for each in fields(Card)} == {
        "case_id", "order_id", "display_id", "platform", "kind", "state", "ending", "reason_code", "amount",
        "currency", "at", "if_silent", "tracking_number", "words", "late", "reference",
    }, "what is new on a card is decided here, as it is copied into an index"  # fmt: skip


def test_erased_words_stay_erased_whatever_is_written_later() -> None:
    case = replace(a_case(), words=CardWords())
    text = card_text(case)
    assert text is not None, "a card without words is one, or the order would be asked for them again"
    assert card_in("c1", text).words == CardWords()


def test_a_case_from_before_there_were_cards_has_none() -> None:
    assert card_text(replace(a_case(), words=None)) is None


def test_what_a_later_version_writes_behind_the_end_is_left_alone() -> None:
    case = a_case()
    longer = msgspec.json.encode([*msgspec.json.decode(card_text(case) or ""), "new"]).decode()
    assert card_in(case.case_id, longer).words == case.words


def test_words_name_the_lines_that_are_meant() -> None:
    body = an_order().body
    first = replace(body.lines[0], line_id="1", name="Kemeja")
    body = replace(body, lines=(first, replace(first, line_id="2", name="Celana")))
    assert words_of(body, {"2": 1}).goods == "Celana"
    assert words_of(body, {}).goods == "Kemeja, Celana"


def test_a_closed_case_is_dated_by_its_end() -> None:
    closed = replace(a_case(), state=State.CLOSED, closed_at=LATE)
    assert (card_of(closed).at, card_of(closed).deadline_at) == (LATE, None)
