"""Addresses and languages that the marketplace's own country does not have: no order is refused for them."""

from typing import Any

import msgspec
import pytest

from infra.sandbox.outage import events
from infra.sandbox.seed import ORDERS, body_of
from tests.e2e.conftest import Answer, Marketplace


def pushed(market: Marketplace, email: str | None, locale: str) -> Answer:
    """A seeded order, as of a buyer with this address and language."""
    order = next(order for order in ORDERS if order["order_id"] == "LZD-1001")
    body: dict[str, Any] = msgspec.to_builtins(body_of(order, market.world.clock()))
    body |= {"order_id": "P-1", "buyer": body["buyer"] | {"email": email, "locale": locale}}
    return market.oms("PUT", "/v1/orders/P-1", body)


@pytest.mark.parametrize("email", ["budi@bücher.example", "budi+x@xn--bcher-kva.example", "o'budi_1@例え.example"])
@pytest.mark.parametrize(
    ("locale", "kept"), [("en_US", "en-US"), ("id_ID.UTF-8", "id-ID"), ("ms-MY", "ms-MY"), ("", "id")]
)
def test_no_order_is_refused_for_an_address_or_a_language_from_elsewhere(
    market: Marketplace, email: str, locale: str, kept: str
) -> None:
    assert pushed(market, email, locale).json["applied"]
    buyer = market.oms("GET", "/v1/orders/P-1").json["buyer"]
    assert (buyer["email"], buyer["locale"]) == (email, kept)


def test_mail_to_an_international_domain_leaves_as_servers_take_it(market: Marketplace) -> None:
    pushed(market, "budi@bücher.example", "ms-MY")
    market.waits_in(market.ask("P-1")["case_id"])
    assert {(mail.to, mail.locale) for mail in market.mails() if mail.kind == "request_received"} == {
        ("budi@xn--bcher-kva.example", "en")
    }


@pytest.mark.parametrize("email", ["********oo@shopee.test", "T** K*", None])
def test_a_buyer_without_an_address_gets_their_money_and_no_mail(market: Marketplace, email: str | None) -> None:
    assert pushed(market, email, "id").json["applied"]
    case_id = market.ask("P-1")["case_id"]
    market.waits_in(case_id)
    market.say("seller", case_id, "approve")
    market.ended(case_id)
    assert {mail.kind for mail in market.mails()} == {"decision_needed", "approved"}
    assert market.as_("operator", "omar", "GET", "/v1/held").json["items"] == []
    assert market.case(case_id)["outcome"] == "cancelled"
    told = [event["data"] for event in events() if event["type"] == "person.tell" and event["case_id"] == case_id]
    assert [each["mail_kind"] for each in told] == ["request_received", "approved"]
    assert {(each["role"], each["person_id"]) for each in told} == {("buyer", "budi")}
