"""The street of fake providers, where rounds of the schedule and people come at the same time."""

from typing import Any

import pytest

from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from infra.sandbox.providers.street import calls_go_out
from tests.e2e.conftest import marketplace


def test_a_refund_that_becomes_due_in_the_middle_of_a_round_is_of_a_payment_that_the_fake_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with marketplace() as market:
        tender = Tender(method=Method.CARD, amount=150_000, provider="stripe", references={"payment_intent": "pi_1"})
        case_id = market.ask(market.order("P-2", tenders=(tender,)))["case_id"]
        market.say("seller", case_id, "approve")
        market.all_goes_out(case_id)
        store = market.world.ports.store
        due, looks = store.due_dispatches, []

        def not_at_first(*asked: Any) -> Any:
            looks.append(asked)
            return () if len(looks) == 1 else due(*asked)

        monkeypatch.setattr(store, "due_dispatches", not_at_first)
        calls_go_out(market.world.ports)
        assert market.case(case_id)["refund"]["parts"][0]["state"] == "succeeded"
