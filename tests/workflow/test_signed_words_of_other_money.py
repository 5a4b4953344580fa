"""What a provider says, rightly signed, that is not about the money that it was asked for."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.workflow.refund_calls import hear
from infra.sandbox.providers.serving import Say, served
from infra.sandbox.providers.till import Behaviour
from tests.fakes.provider_halls import Hall, adapter, hall
from tests.workflow.test_refund_calls import PAID, granted


def lies(made: Hall, lie: str) -> list[tuple[Mapping[str, str], bytes]]:
    """What the provider tells, rightly signed, of other money: as many minor units of another currency, or an amount
    that nobody can read."""
    letters = []
    for headers, raw in made.letters():
        document = json.loads(raw)
        told = document["data"]["object"] if made.name == "stripe" else document["data"]
        if lie == "currency":
            told["currency"] = "usd" if made.name == "stripe" else "USD"
            told["amount"] = PAID if made.name == "stripe" else PAID / 100
        else:
            told["amount"] = "much"
        spoilt = json.dumps(document).encode()
        letters.append((getattr(made.fake, "signed", lambda _, kept=headers: kept)(spoilt), spoilt))
    return letters


@pytest.mark.parametrize("lie", ["currency", "amount"])
@pytest.mark.parametrize("name", ["xendit", "stripe", "xendit_payouts"])
def test_a_signed_word_of_other_money_is_not_taken_for_success(name: str, lie: str) -> None:
    with hall(name) as made:
        shop = granted(made)
        made.till.behaviour = Behaviour.LATE
        shop.deaf = True
        shop.rounds(4)
        shop.around.clock.advance(3 * 86_400)
        made.clock.at = shop.around.clock()
        told = lies(made, lie)
        assert told
        for headers, raw in told:
            hear(shop.around.ports, name, headers, raw)
        (dispatch,) = shop.around.store.dispatches.values()
        assert not dispatch.sending.has_gone
        assert dispatch.sending.stuck == "wrong_amount"


@pytest.mark.parametrize("name", ["xendit", "stripe", "xendit_payouts"])
def test_an_answer_of_another_currency_is_no_word_about_this_refund(name: str) -> None:
    with hall(name) as made:
        paid = made.pay()
        request = made.request(paid)
        other = replace(paid, currency="USD")
        taken = made.till.take(other, request.key, request.amount, at_once=True)
        assert taken
        made.wait(minutes=6)
        with pytest.raises(Unavailable):
            made.provider.find(request)


def test_a_refund_that_stripe_lists_in_a_state_that_nobody_knows_is_not_called_unknown() -> None:
    class Strange:
        def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say:
            refund = {"object": "refund", "id": "re_1", "status": "paused", "metadata": {"batal_key": "rf_1-card-1"}}
            return Say(200, json.dumps({"data": [refund], "has_more": False}).encode())

    with hall("stripe") as made, served(Strange()) as address, pytest.raises(Unavailable):
        adapter("stripe", made.clock, address).find(made.request(made.pay()))
