"""What the watch says of open refunds: how old the oldest is, and how much money hangs where, by currency."""

import json
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.cases.commands import Approve, PartTold
from chalicelib.domain.money.refund import Report, Told
from chalicelib.handlers import state_machine
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import part_event, say
from chalicelib.workflow.watching import watch
from infra.sandbox.builders import BUDI, SELLER, SYSTEM, an_ask, an_order
from tests.fakes.ports import Neighbourhood, a_neighbourhood

DAY = 86_400
TICK: dict[str, Any] = dict.fromkeys(("version", "account", "region", "source", "id", "time", "detail-type"), "") | {
    "detail": {},
    "resources": [],
}


@pytest.fixture
def around() -> Neighbourhood:
    return a_neighbourhood(orchestrated=False)


def refunded(around: Neighbourhood, order_id: str, **order: Any) -> str:
    around.push(an_order(order_id=order_id, **{"tenders": {"card": 150_000}, **order}))
    case_id = ask(around.ports, order_id, an_ask(), BUDI).case_id
    say(around.ports, case_id, Approve(), SELLER)
    return case_id


def tell(around: Neighbourhood, case_id: str, told: Told, amount: int = 150_000) -> None:
    at = around.clock()
    report = Report(event_id=f"{told}-{at.isoformat()}", part="1", told=told, amount=amount, at=at)
    part_event(around.ports, case_id, PartTold(report=report), SYSTEM)


def test_where_nothing_is_open_there_is_nothing_to_tell(around: Neighbourhood) -> None:
    tell(around, refunded(around, "O-1"), Told.SUCCEEDED)
    found = watch(around.ports)
    assert (found.refunds_pending, found.oldest_refund_days, found.money) == (0, 0.0, {})


def test_money_is_told_by_currency_and_by_where_it_hangs(around: Neighbourhood) -> None:
    refunded(around, "O-1")
    tell(around, refunded(around, "O-2"), Told.FAILED)
    tell(around, refunded(around, "O-3"), Told.HELD)
    refunded(around, "O-4", currency="USD")
    found = watch(around.ports)
    assert found.money == {
        "IDR": {"on_its_way": 150_000, "failed": 150_000, "held": 150_000, "needs_account": 0},
        "USD": {"on_its_way": 150_000, "failed": 0, "held": 0, "needs_account": 0},
    }
    assert (found.refunds_pending, found.refunds_stuck) == (4, 2)


def test_a_refund_ages_from_its_promise_and_one_that_came_back_from_then(around: Neighbourhood) -> None:
    case_id = refunded(around, "O-1")
    around.clock.advance(3 * DAY)
    assert watch(around.ports).oldest_refund_days == 3.0
    tell(around, case_id, Told.SUCCEEDED)
    around.clock.advance(30 * DAY)
    assert watch(around.ports).oldest_refund_days == 0.0
    tell(around, case_id, Told.REVERSED)
    around.clock.advance(DAY // 2)
    assert watch(around.ports).oldest_refund_days == 0.5


def test_the_function_writes_each_currency_as_a_metric_of_its_own(
    around: Neighbourhood, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refunded(around, "O-1")
    refunded(around, "O-2", currency="USD")
    monkeypatch.setattr(wiring, "ports", lambda: around.ports)
    monkeypatch.setattr(wiring, "now", around.clock)
    state_machine.watch(TICK, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    dimensions = [line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for line in lines]
    assert dimensions == [[["Tables"]], [["Tables", "Currency"]], [["Tables", "Currency"]]]
    assert [line.get("Currency") for line in lines] == [None, "IDR", "USD"]
    for line in lines:
        (measured,) = line["_aws"]["CloudWatchMetrics"]
        named = {metric["Name"] for metric in measured["Metrics"]}
        assert named == set(line) - {"_aws", "Tables", "Currency"}
        assert all(isinstance(line[name], int | float) for name in named)
    assert lines[1]["money_on_its_way"] == 150_000
