"""What every Store must keep of a seller's desk: every case once, as its row has it, and no words that were erased."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import desk
from chalicelib.domain.cases.card import card_of
from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.ports import Store
from infra.sandbox.builders import BUDI, NO, NOW, SELLER, an_order
from tests.contract.rows import answer, opened
from tests.fakes import memory_store


def names(store: Store, seller_id: str = SELLER.id) -> list[str]:
    return [card.case_id for card in store.cards(seller_id).items]


def test_open_cases_come_by_deadline_then_closed_ones_the_latest_first(store: Store) -> None:
    for number in (3, 1, 2, 4):
        opened(store, f"c{number}", order_id=f"LZD-{number}")
    for number, case_id in enumerate(("c4", "c1")):
        store.commit(answer(store, NO, case_id, now=NOW + timedelta(minutes=number)))
    assert names(store)[2:] == ["c1", "c4"]
    assert sorted(names(store)[:2]) == ["c2", "c3"]
    assert not store.cards(SELLER.id).more
    assert names(store, "toko-lain") == []


def test_a_card_says_what_its_row_says_at_every_moment(store: Store) -> None:
    opened(store)
    for said in (None, Approve()):
        if said:
            store.commit(answer(store, said))
        case = store.case("c1")
        assert case
        (card,) = store.cards(SELLER.id).items
        whole = card_of(case)
        assert replace(card, at=None) == replace(whole, at=None)
        assert card.at
        assert whole.at
        assert abs(card.at - whole.at) < timedelta(seconds=1)
        assert card.words.buyer == BUDI_IS
        assert card.words.goods


BUDI_IS = an_order().body.buyer.name


def test_a_row_without_a_card_is_read_itself_with_its_order(store: Store) -> None:
    opened(store)
    case = store.case("c1")
    assert case
    (before,) = store.cards(SELLER.id).items
    assert store.put_card(replace(case, words=None))
    (after,) = store.cards(SELLER.id).items
    assert replace(after, at=before.at) == before


def test_words_are_written_only_where_nobody_wrote_since(store: Store) -> None:
    opened(store)
    case = store.case("c1")
    assert case
    store.commit(answer(store, NO))
    assert not store.put_card(replace(case, words=CardWords(buyer="X")))
    assert store.cards(SELLER.id).items[0].words.buyer == BUDI_IS


def test_a_number_that_was_given_later_stands_on_row_and_card(store: Store) -> None:
    opened(store)
    case = store.case("c1")
    assert case
    assert (case.reference, store.cards(SELLER.id).items[0].number) == (None, "c1")
    store.commit(Change(case=replace(case, reference="BTL-234567892", rev=case.rev + 1)))
    store.commit(answer(store, NO))
    (card,), after = store.cards(SELLER.id).items, store.case("c1")
    assert after
    assert (card.number, after.number, card.case_id) == ("BTL-234567892", "BTL-234567892", "c1")


def test_a_number_leads_to_one_case_for_ever(store: Store) -> None:
    assert store.case_known_as("BTL-234567892") is None
    for case_id in ("c1", "c2", "c1"):
        assert store.keep_reference("BTL-234567892", case_id) == "c1"
    assert store.case_known_as("BTL-234567892") == "c1"


def test_erased_words_do_not_come_back_by_a_later_write(store: Store) -> None:
    opened(store)
    case = store.case("c1")
    assert case
    assert store.put_card(replace(case, words=CardWords()))
    assert store.cards(SELLER.id).items[0].words == CardWords()
    store.commit(answer(store, NO))
    assert store.cards(SELLER.id).items[0].words == CardWords()


def test_ids_too_long_for_a_card_are_shown_all_the_same(store: Store) -> None:
    opened(store, "c1", order_id="訂" * 100, display_id="單" * 100)
    (card,) = store.cards(SELLER.id).items
    assert (card.order_id, card.display_id) == ("訂" * 100, "單" * 100)
    assert card.words.buyer == BUDI_IS


def test_of_more_than_are_read_the_first_are_shown_and_it_is_said(store: Store, monkeypatch: Any) -> None:
    for module in (desk, memory_store):
        monkeypatch.setattr(module, "MOST_CARDS", 2)
    for number in range(3):
        opened(store, f"c{number}", order_id=f"LZD-{number}")
        assert store.cards(SELLER.id).more is (number == 2)
    assert len(names(store)) == 2


@pytest.mark.parametrize("actor", [BUDI])
def test_cards_are_of_sellers_and_of_nobody_else(store: Store, actor: Any) -> None:
    opened(store)
    assert names(store, actor.id) == []
