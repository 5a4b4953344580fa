"""After a deploy limits that were stored mean what they meant: policies and rules, and what was granted before it."""

import json
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.codec import loaded
from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import Outcome
from chalicelib.domain.orders.body import Line
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.seller_rules import SellerRules
from chalicelib.workflow import orders
from chalicelib.workflow.asking import ask
from infra.sandbox.builders import BUDI, SYSTEM, a_body, an_ask
from tests.proofs.golden import FILES, after_deploy, file_of, restored
from tests.proofs.world import Laboratory

STORED = [
    (f"{file}: {moment}", item["name"]["S"], item["body"]["S"])
    for file in FILES
    for moment, left in file_of(file).items()
    for item in left["tables"]["settings"]
    if item["name"]["S"].startswith(("policy#", "seller#"))
]
AMOUNTS = ("second_person_above", "second_person_above_a_day", "link_at_most")


def test_policies_and_rules_of_every_version_are_read_with_their_amounts() -> None:
    assert len(STORED) > 10
    for where, name, body in STORED:
        told: dict[str, Any] = json.loads(body)
        if name.startswith("seller#"):
            kept = loaded(body, SellerRules).rules
            assert [(x.at_most, x.currency) for x in kept] == [(x["at_most"], None) for x in told["rules"]], where
            continue
        policy = loaded(body, Policy)
        assert policy.currency_of_figures == told["currency_of_figures"], where
        for amount in AMOUNTS:
            assert amount not in told or getattr(policy, amount) == told[amount], (where, amount)
        assert {status: fee.at_most for status, fee in policy.fees.items()} == {
            status: fee["at_most"] for status, fee in told["fees"].items()
        }, where


@pytest.mark.parametrize(
    ("currency", "price", "granted"), [("IDR", 200_000, True), ("IDR", 200_001, False), ("USD", 1, False)]
)
def test_a_rule_without_a_currency_goes_on_in_that_of_its_platform(
    lab: Laboratory, currency: str, price: int, granted: bool
) -> None:
    world, case = after_deploy(lab, "granted by a rule of the seller")
    assert case.asked.by_rule == "Murah"
    line = Line(line_id="1", name="Kaus", quantity=1, unit_price=price)
    orders.upsert(world.ports, a_body(order_id="NEW", lines=(line,), currency=currency), SYSTEM)
    asked = ask(world.ports, "NEW", an_ask(), BUDI)
    assert (asked.outcome is Outcome.CANCELLED) is granted


def test_what_an_earlier_version_granted_of_an_order_is_gone_of_it(lab: Laboratory) -> None:
    seen = 0
    for file in (each for each in FILES if each < "0.5.0"):
        for moment, left in file_of(file).items():
            world = restored(lab, left)
            for item in left["tables"]["orders"]:
                order = world.store.order(item["order_id"]["S"])
                assert order
                gone = order.body.goods_of(order.gone)
                assert order.granted_worth == 0
                assert order.worth({}) == Money(gone, "IDR"), (file, moment)
                seen += gone > 0
    assert seen > 3
