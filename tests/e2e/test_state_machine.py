"""Every path of the shipped definition, run by moto's interpreter with scripted Lambdas in place of ours."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from chalice.app import Chalice
from statelint.cli import main as statelint

from infra.sandbox import aws
from tests.e2e.conftest import until

AWAITS = ["AwaitSeller", "AwaitBuyer", "AwaitSupport", "AwaitGoods", "AwaitRefund"]
TICKET = {"case_id": "c1", "run": 1, "turn": 1, "next": "AwaitSeller", "seconds": 60}
SHIPPED = json.loads(aws.DEFINITION.read_text())


class Script:
    """Lambdas that only remember: `enter` keeps the token, `expire` answers what the test said."""

    def __init__(self) -> None:
        self.entered: list[dict[str, Any]] = []
        self.expired: list[dict[str, Any]] = []
        self.after_silence: dict[str, Any] = {}
        self.fail_first = 0

    def enter(self, event: dict[str, Any], context: Any) -> Any:
        if self.fail_first:
            self.fail_first -= 1
            raise RuntimeError("not this time")
        self.entered.append(event)
        return event

    def expire(self, event: dict[str, Any], context: Any) -> Any:
        self.expired.append(event)
        return self.after_silence


@contextmanager
def machine(script: Script, definition: str | None = None) -> Iterator[Callable[..., str]]:
    """AWS with the definition over scripted Lambdas; gives what starts an execution."""
    app = Chalice(app_name="batal")
    app.lambda_function(name="enter")(script.enter)
    app.lambda_function(name="expire")(script.expire)
    with aws.aws(app, definition) as arn:

        def start(**ticket: Any) -> str:
            given = json.dumps({**TICKET, **ticket})
            boto3.client("stepfunctions").start_execution(stateMachineArn=arn, name="c1-1", input=given)
            return "c1-1"

        yield start


def answer(script: Script, wait: int, **ticket: Any) -> None:
    """Answer the wait-th wait that was entered."""
    event = until(lambda: script.entered[wait] if len(script.entered) > wait else None, 10)
    output = json.dumps({**TICKET, **ticket})
    boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output=output)  # type: ignore[index]


def path(name: str = "c1-1") -> list[str]:
    until(lambda: aws.executions()[name] != "RUNNING", 10)
    assert aws.executions()[name] == "SUCCEEDED"
    return aws.states_entered(name)


@pytest.mark.parametrize("wait", AWAITS)
def test_every_wait_is_reached_by_its_name_and_left_by_its_answer(wait: str) -> None:
    script = Script()
    with machine(script) as start:
        start()
        answer(script, 0, next=wait, turn=2)
        answer(script, 1, next="Closed", turn=3)
        after = ["Closed"] if wait == "AwaitRefund" else ["Route", "Closed"]
        assert path() == ["AwaitSeller", "Route", wait, *after]
    assert [(event["turn"], "token" in event) for event in script.entered] == [(1, True), (2, True), (3, False)]


@pytest.mark.parametrize("wait", AWAITS)
def test_every_wait_times_out_into_silence(wait: str) -> None:
    script = Script()
    script.after_silence = {**TICKET, "next": "Closed", "turn": 3}
    with machine(script) as start:
        start()
        answer(script, 0, next=wait, turn=2, seconds=1)
        assert path() == ["AwaitSeller", "Route", wait, "Expire", "Route", "Closed"]
    assert [(event["case_id"], event["run"], event["turn"]) for event in script.expired] == [("c1", 1, 2)]


def test_not_yet_leads_back_to_the_wait() -> None:
    script = Script()
    script.after_silence = {**TICKET, "next": "AwaitSeller", "turn": 1, "seconds": 60}
    with machine(script) as start:
        start(seconds=1)
        answer(script, 1, next="Closed", turn=2)
        assert path() == ["AwaitSeller", "Expire", "Route", "AwaitSeller", "Route", "Closed"]


@pytest.mark.parametrize("failing", ["AwaitSeller", "Closed"])
def test_a_lambda_that_fails_is_tried_again(failing: str) -> None:
    """With the interval cut to a second: AWS waits as long as the function may run."""
    script = Script()
    quick = aws.DEFINITION.read_text().replace('"IntervalSeconds": 20', '"IntervalSeconds": 1')
    with machine(script, quick) as start:
        script.fail_first = failing == "AwaitSeller"
        start()
        until(lambda: script.entered, 10)
        script.fail_first = failing == "Closed"
        answer(script, 0, next="Closed")
        assert path() == ["AwaitSeller", "Route", "Closed"]


def test_an_answer_that_leads_nowhere_fails_loudly_and_can_be_redriven() -> None:
    script = Script()
    with machine(script) as start:
        start()
        answer(script, 0, next="Nowhere")
        until(lambda: aws.executions()["c1-1"] == "FAILED", 10)


def test_a_second_answer_to_one_wait_is_refused_as_aws_refuses_it() -> None:
    """moto alone would take it: infra/sandbox/moto_repairs.py makes it as strict as AWS."""
    script = Script()
    with machine(script) as start:
        start()
        answer(script, 0, next="Closed")
        with pytest.raises(Exception, match=r"Task Timed Out|InvalidToken|TaskTimedOut"):
            answer(script, 0, next="Closed")
        path()


def test_a_token_of_a_stopped_execution_is_refused() -> None:
    script = Script()
    with machine(script) as start:
        start()
        event = until(lambda: script.entered[0] if script.entered else None, 10)
        aws.stop_executions()
        time.sleep(0.05)
        with pytest.raises(Exception, match=r"Task Timed Out|InvalidToken|TaskTimedOut|Invalid"):
            boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output="{}")  # type: ignore[index]


def test_the_definition_is_valid() -> None:
    assert statelint([str(aws.DEFINITION)]) == 0


def test_every_wait_hands_over_its_token_and_every_task_retries_without_hiding_errors() -> None:
    for name, state in SHIPPED["States"].items():
        if state["Type"] != "Task":
            continue
        waits = state["Resource"].endswith(".waitForTaskToken")
        assert waits == name.startswith("Await")
        assert ("token.$" in state["Parameters"]["Payload"]) == waits, name
        # A wait's time-out is silence; a task that only calls a function was merely slow.
        tried_again = ["States.TaskFailed"] if waits else ["States.TaskFailed", "States.Timeout"]
        assert [retry["ErrorEquals"] for retry in state["Retry"]] == [tried_again]
        assert all(catch["ErrorEquals"] == ["States.Timeout"] for catch in state.get("Catch", []))
        assert "HeartbeatSeconds" not in state
    assert {state["Type"] for state in SHIPPED["States"].values()} == {"Task", "Choice"}, "no Fail, no catch-all"


def test_retries_wait_as_long_as_the_function_may_run() -> None:
    """Else two runs of one function could deliver the same effect at the same time."""
    functions = json.loads((aws.DEFINITION.parent.parent / ".chalice" / "config.json").read_text())["lambda_functions"]
    for state in SHIPPED["States"].values():
        for retry in state.get("Retry", []):
            assert retry["IntervalSeconds"] >= max(functions[name]["lambda_timeout"] for name in ("enter", "expire"))
