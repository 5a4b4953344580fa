"""Every alarm rings in the scene that it is for, by the metric that is really written and the expression that the
template really has, and not where all is well."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.cases.commands import Approve, PartTold
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.orders.body import Line
from chalicelib.handlers import state_machine
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import part_event, say
from chalicelib.workflow.sweeping import sweep
from infra.parameters import known
from infra.sandbox.builders import BUDI, SELLER, SYSTEM, an_ask, an_order
from infra.watching import ALARMS, resources
from tests.fakes.ports import Neighbourhood, a_neighbourhood

TICK: dict[str, Any] = dict.fromkeys(("version", "account", "region", "source", "id", "time", "detail-type"), "") | {
    "detail": {},
    "resources": [],
}
# A metric with its dimensions.
Point = tuple[str, frozenset[tuple[str, str]]]
DAY = 86_400
DEAR = 12_000_000
# What AWS itself measures: no line of ours writes it.
MEASURED_BY_AWS = {
    "AWS/Lambda": {"Errors", "Throttles"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
    "AWS/States": {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled"},
    "AWS/ApiGateway": {"5XXError", "Latency"},
    "AWS/SES": {"Reputation.BounceRate", "Reputation.ComplaintRate"},
}


def granted(around: Neighbourhood, amount: int = DEAR) -> str:
    line = Line(line_id="1", name="Laptop", quantity=1, unit_price=amount)
    around.push(an_order(order_id="O-1", lines=(line,), tenders={"card": amount}))
    case_id = ask(around.ports, "O-1", an_ask(), BUDI).case_id
    say(around.ports, case_id, Approve(), SELLER)
    return case_id


def told(around: Neighbourhood, told: Told, amount: int = DEAR) -> None:
    case_id = granted(around, amount)
    report = Report(event_id=f"e-{told}", part="1", told=told, amount=amount, at=around.clock())
    part_event(around.ports, case_id, PartTold(report=report), SYSTEM)


def too_much_on_its_way(around: Neighbourhood) -> None:
    granted(around, 1_000_000_001)


def nobody_swept(around: Neighbourhood) -> None:
    granted(around)
    around.clock.advance(3 * DAY)


def long_ago(around: Neighbourhood) -> None:
    granted(around)
    around.clock.advance(22 * DAY)


def no_mail_got_through(around: Neighbourhood) -> None:
    around.outbox.refuses = lambda mail: True
    granted(around)
    for _ in range(400):
        around.clock.advance(3_600)
        sweep(around.ports)


SCENES: Mapping[str, Callable[[Neighbourhood], object]] = {
    "OldestDue": nobody_swept,
    "RefundsStuck": lambda around: told(around, Told.FAILED),
    "RefundsOld": long_ago,
    "MoneyOnItsWay": too_much_on_its_way,
    "MoneyFailed": lambda around: told(around, Told.FAILED),
    "MoneyHeld": lambda around: told(around, Told.HELD),
    "EffectsHeld": no_mail_got_through,
}


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Neighbourhood:
    made = a_neighbourhood(orchestrated=False)
    monkeypatch.setattr(wiring, "ports", lambda: made.ports)
    monkeypatch.setattr(wiring, "now", made.clock)
    return made


def written(capsys: pytest.CaptureFixture[str]) -> dict[Point, float]:
    """What the watch writes now, as CloudWatch reads it."""
    capsys.readouterr()
    state_machine.watch(TICK, None)
    found = dict[Point, float]()
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        (about,) = line["_aws"]["CloudWatchMetrics"]
        dimensions = frozenset((name, line[name]) for name in about["Dimensions"][0])
        assert about["Namespace"] == "Batal"
        found |= {(each["Name"], dimensions): line[each["Name"]] for each in about["Metrics"]}
    return found


def said(value: Any) -> Any:
    """What the template's words mean where every parameter has its default."""
    match value:
        case {"Ref": str(name)}:
            return known()[name]["Default"]
        case {"Fn::Sub": str(text)}:
            return text.replace("${AWS::StackName}-", wiring.settings().table_prefix)
        case _:
            return value


def rings(name: str, points: Mapping[Point, float], *, was_well: bool = False) -> bool:
    """Whether the alarm of that name does, as CloudWatch would judge one period with these points: one that was well
    and hears nothing any more changes to INSUFFICIENT_DATA, where a new one is already."""
    alarm = resources()[f"{name}Alarm"]["Properties"]
    assert (alarm["Namespace"], alarm["ComparisonOperator"]) == ("Batal", "GreaterThanThreshold")
    assert (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Maximum", 1)
    # It is written every five minutes: no period goes by without a point.
    assert alarm["Period"] >= 300
    dimensions = frozenset((each["Name"], said(each["Value"])) for each in alarm["Dimensions"])
    point = points.get((alarm["MetricName"], dimensions))
    if point is None:
        assert alarm["TreatMissingData"] in ("missing", "notBreaching")
        return was_well and alarm["TreatMissingData"] == "missing" and "InsufficientDataActions" in alarm
    return point > float(said(alarm["Threshold"]))


@pytest.mark.parametrize("name", SCENES)
def test_an_alarm_rings_in_its_scene(around: Neighbourhood, capsys: pytest.CaptureFixture[str], name: str) -> None:
    SCENES[name](around)
    assert rings(name, written(capsys))


def test_where_all_is_well_none_rings(around: Neighbourhood, capsys: pytest.CaptureFixture[str]) -> None:
    told(around, Told.SUCCEEDED)
    assert [name for name in SCENES if rings(name, written(capsys))] == []


def test_where_the_watch_falls_silent_one_rings_and_at_a_first_deployment_none() -> None:
    assert [name for name in SCENES if rings(name, {}, was_well=True)] == ["OldestDue"]
    assert [name for name in SCENES if rings(name, {})] == []


def test_every_alarm_has_a_scene_or_is_counted_in_logs_or_by_aws() -> None:
    """What logs are counted for is held to what is logged in test_template.py."""
    counted = {
        each["Properties"]["MetricTransformations"][0]["MetricName"]
        for each in resources().values()
        if each["Type"] == "AWS::Logs::MetricFilter"
    }
    for name, alarm in ALARMS.items():
        if alarm.namespace == "Batal":
            assert name in SCENES
        elif isinstance(alarm.namespace, str):
            assert alarm.metric in MEASURED_BY_AWS[alarm.namespace], name
        else:
            assert alarm.metric in counted, name
