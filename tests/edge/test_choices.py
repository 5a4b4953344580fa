"""Who says a word that a field does not take is told those that it takes."""

from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import Policy
from chalicelib.edge.bodies import AskPost, WebhookPost
from chalicelib.edge.choices import choices_at
from chalicelib.edge.order_bodies import OrderPut
from chalicelib.edge.reading import read_json, taken


def told_by(refusal: Invalid) -> Any:
    errors: Any = refusal.details["errors"]
    assert len(errors) == 1
    return errors[0]


def refused(raw: bytes, shape: type) -> Any:
    with pytest.raises(Invalid) as error:
        read_json(raw, shape)
    return told_by(error.value)


def test_the_words_of_a_field_are_said() -> None:
    told = refused(b'{"channel": "ios"}', AskPost)
    assert told["field"] == "channel"
    assert "'ios'" in told["message"]
    assert "app" in told["message"].split(": it is one of ")[1].split(", ")


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("status", "ready_to_ship"),
        ("tenders[0].method", "ewallet"),
        ("tenders[...].state", "collected"),
        ("buyer.contact", "proxy"),
        ("seller.zone", "WITA"),
        ("packages[3].status", "shipped"),
    ],
)
def test_words_are_found_where_they_lie(place: str, word: str) -> None:
    assert word in choices_at(OrderPut, place)


def test_all_words_are_said_once_and_in_their_order() -> None:
    assert choices_at(OrderPut, "status") == tuple(OrderStatus)


def test_what_takes_any_word_and_what_is_not_there_have_none() -> None:
    for shape, place in ((OrderPut, "order_id"), (OrderPut, "nobody[0].knows"), (Policy, "name")):
        assert choices_at(shape, place) == ()


def test_a_single_value_says_its_words_too() -> None:
    with pytest.raises(Invalid) as error:
        taken("PAID", OrderStatus, named="status")
    told = told_by(error.value)
    assert told["field"] == "status"
    assert "placed" in told["message"]


def test_a_shape_that_refuses_one_of_its_fields_names_it() -> None:
    told = refused(b'{"url": "https://x.example", "types": ["case.open"]}', WebhookPost)
    assert told["field"] == "types"
    assert "case.opened" in told["message"]
