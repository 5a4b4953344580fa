"""Names and channels of tenders cost a row nothing where nobody told any; the last release's code reads policies."""

import json
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.dynamodb.codec import case_body
from chalicelib.adapters.dynamodb.order_rows import body_text, tender_key
from chalicelib.adapters.dynamodb.settings import get
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from infra.sandbox.builders import a_body, a_case, a_context, a_policy, an_act, an_order
from tests.adapters.test_order_rows import store

__all__ = ["store"]

NAMED = Tender(method=Method.CARD, amount=150_000, tender_id="pay-1", channel="visa")


def stored_case(**order: Any) -> Any:
    made = an_order(**order)
    case = advance(a_case(made), an_act(Approve()), a_context(order=made)).case
    assert case
    return json.loads(case_body(case))


def test_a_tender_that_is_named_by_its_method_is_stored_as_before_tenders_had_names() -> None:
    assert json.loads(body_text(a_body()))["tenders"] == [{"method": "wallet", "amount": 150_000}]
    told = stored_case()
    assert set(told["quote"]["tenders"][0]) == {"method", "amount", "arrives_by"}
    assert set(told["refund"]["parts"][0]) == {"method", "amount", "state", "arrives_by"}


def test_a_name_or_a_channel_that_was_told_is_stored() -> None:
    (tender,) = json.loads(body_text(a_body(tenders=(NAMED,))))["tenders"]
    assert tender == {"method": "card", "amount": 150_000, "tender_id": "pay-1", "channel": "visa"}
    told = stored_case(tenders=(NAMED,))
    for (part,) in (told["quote"]["tenders"], told["refund"]["parts"]):
        assert (part["tender_id"], part["channel"]) == ("pay-1", "visa")


@pytest.mark.parametrize("method", Method)
def test_what_is_left_lies_under_the_method_as_before_tenders_had_names(method: Method) -> None:
    assert tender_key(method) == method


def test_a_policy_without_an_order_of_methods_is_kept_without_the_word(store: DynamoStore) -> None:
    # The release before this one reads an absent order, and fails at null.
    store.put_policy(a_policy(version=2))
    row = get(store.tables.setting, "policy#lazada", "v000002")
    assert row
    assert "refund_order" not in json.loads(row.body)
