"""Versions of a policy: who kept each and why, and what one means for a plain order."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import Forbidden, Refused
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import InstantWindow
from chalicelib.domain.policies.published import Published
from chalicelib.domain.policies.spans import Span
from chalicelib.workflow.policies import history, policy, publish_policy
from chalicelib.workflow.policy_examples import examples
from infra.sandbox.builders import BUDI, OPERATOR, SUPPORT, a_policy
from tests.fakes.ports import Neighbourhood, a_neighbourhood


@pytest.fixture
def around() -> Neighbourhood:
    return a_neighbourhood()


def test_it_is_kept_who_made_a_version_when_and_why(around: Neighbourhood) -> None:
    ports = around.ports
    draft = a_policy(version=2, published=Published(by="somebody", at=ports.now() - timedelta(days=9), note="no"))
    kept = publish_policy(ports, OPERATOR, draft, "holidays")
    assert kept.published == Published(by=OPERATOR.id, at=ports.now(), note="holidays")
    assert policy(ports, SUPPORT, "lazada").published == kept.published


def test_a_version_is_kept_once(around: Neighbourhood) -> None:
    publish_policy(around.ports, OPERATOR, a_policy(version=2), "one")
    with pytest.raises(Refused) as refused:
        publish_policy(around.ports, OPERATOR, a_policy(version=2, max_attempts=9), "two")
    assert refused.value.code == "superseded"
    with pytest.raises(Forbidden):
        publish_policy(around.ports, SUPPORT, a_policy(version=3), "three")


def test_a_history_is_the_latest_versions_newest_first(around: Neighbourhood) -> None:
    for version in range(2, 6):
        publish_policy(around.ports, OPERATOR, a_policy(version=version), str(version))
    assert [each.version for each in history(around.ports, SUPPORT, "lazada", 3)] == [5, 4, 3]
    assert [each.version for each in history(around.ports, SUPPORT, "lazada", 9)] == [5, 4, 3, 2, 1]


def test_an_example_says_what_a_buyer_gets_at_each_status(around: Neighbourhood) -> None:
    told = {each.status: each for each in examples(around.ports, OPERATOR, a_policy())}
    assert {status: (each.quote.refund_total, each.quote.fees_total) for status, each in told.items()} == {
        OrderStatus.PLACED: (222_000, 0),
        OrderStatus.PROCESSING: (222_000, 0),
        OrderStatus.READY_TO_SHIP: (218_000, 4_000),
        OrderStatus.SHIPPED: (196_000, 26_000),
        OrderStatus.DELIVERED: (200_000, 22_000),
    }
    assert not any(each.at_once for each in told.values())
    with pytest.raises(Forbidden):
        examples(around.ports, BUDI, a_policy())


def test_an_example_knows_windows_that_are_still_open_and_policies_without_returns(around: Neighbourhood) -> None:
    window = InstantWindow(statuses=(OrderStatus.PLACED,), span=Span(amount=3, unit="days"))
    told = {each.status: each for each in examples(around.ports, OPERATOR, a_policy(instant=(window,), returns=None))}
    assert told[OrderStatus.PLACED].at_once
    assert OrderStatus.DELIVERED not in told
