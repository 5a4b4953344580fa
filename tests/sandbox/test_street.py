"""The street of fake providers, where rounds of the schedule and people come at the same time."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.workflow import refund_calls
from infra.sandbox.providers.fakes import FAKES, GIVERS, kind_of
from infra.sandbox.providers.street import calls_go_out, street
from infra.sandbox.providers.till import Paid
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


@pytest.mark.parametrize("name", GIVERS)
def test_each_of_them_gives_money_back_and_what_it_tells_is_taken_at_our_address(name: str) -> None:
    with marketplace() as market:
        names = dict.fromkeys(FAKES[name].names, "P-3")
        tender = Tender(method=Method.CARD, amount=150_000, provider=name, references=names)
        case_id = market.ask(market.order("P-3", tenders=(tender,)))["case_id"]
        market.say("seller", case_id, "approve")
        market.all_goes_out(case_id)
        fake, days_ago = street()[name].fake, market.world.clock() - timedelta(days=3)
        kind = kind_of(name, Method.CARD, None)
        fake.till.pay(Paid(names=("P-3",), amount=150_000, kind=kind, at=days_ago))
        heard = 0
        for _ in range(4):
            refund_calls.call_due(market.world.ports)
            market.later(1800)
            for headers, raw in fake.letters():
                answer = market.call("POST", f"/v1/providers/{name}/notifications", raw, headers=dict(headers))
                heard += answer.json["refunds"]
        assert heard
        assert market.case(case_id)["refund"]["parts"][0]["state"] == "succeeded"
        assert sum(line.amount for line in fake.till.ledger) == 150_000
