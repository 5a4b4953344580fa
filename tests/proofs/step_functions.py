"""Step Functions for proofs: runs the shipped definition step by step, as strict as AWS, and only when told.

Deterministic where moto uses threads: nothing happens until `run`, so that the k-th AWS call is the same call in every
run. A token is good for one answer while its task waits; a name starts one execution; a Lambda that fails is tried
again as the definition says.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

DEFINITION = Path(__file__).parent.parent.parent / "infra" / "state_machine.asl.json"

Invoke = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class TaskTimedOut(Exception):
    """Nobody waits on this token (any more)."""


class ExecutionAlreadyExists(Exception):
    """The name is taken by an execution that has ended, or that was started with another input."""


@dataclass
class Execution:
    """One execution: where it is, with which data, and what it waits for."""

    name: str
    given: str
    data: dict[str, Any]
    state: str
    status: str = "RUNNING"
    token: str | None = None
    invoked: bool = False
    tries: int = 0
    waits_until: datetime | None = None
    path: list[str] = field(default_factory=list)


class StepFunctions:
    """All executions of the shipped definition."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.states: Mapping[str, Any] = json.loads(DEFINITION.read_text())["States"]
        self.start_at: str = json.loads(DEFINITION.read_text())["StartAt"]
        self.now = now
        self.executions: dict[str, Execution] = {}
        self.tokens = 0  # how many were given out

    def start(self, name: str, given: str) -> None:
        """Start an execution; the same name with the same input while it runs is no error, as on AWS."""
        there = self.executions.get(name)
        if there is None:
            made = Execution(name=name, given=given, data=json.loads(given), state=self.start_at)
            self.executions[name] = made
            self._enter(made, self.start_at)
        elif there.status != "RUNNING" or there.given != given:
            raise ExecutionAlreadyExists(name)

    def answer(self, token: str, output: str) -> None:
        """Answer a waiting task. Raises TaskTimedOut."""
        for execution in self.executions.values():
            if execution.status == "RUNNING" and execution.token == token:
                self._leave(execution, json.loads(output))
                return
        raise TaskTimedOut(token)

    def stop(self, name: str) -> None:
        """An operator stops an execution."""
        self.executions[name].status = "ABORTED"

    def run(self, invoke: Invoke) -> None:
        """Carry every execution on until it waits or has ended; timers whose time has come fire."""
        for execution in list(self.executions.values()):
            while execution.status == "RUNNING" and self._one_step(execution, invoke):
                pass

    def _one_step(self, execution: Execution, invoke: Invoke) -> bool:
        state = self.states[execution.state]
        if state["Type"] == "Choice":
            wanted = execution.data[state["Choices"][0]["Variable"].removeprefix("$.")]
            self._enter(execution, next(each["Next"] for each in state["Choices"] if each["StringEquals"] == wanted))
            return True
        if not execution.invoked:
            return self._invoke(execution, state, invoke)
        if execution.waits_until is not None and self.now() >= execution.waits_until:
            execution.data = {**execution.data, "error": {"Error": "States.Timeout"}}
            self._enter(execution, next(c["Next"] for c in state["Catch"] if "States.Timeout" in c["ErrorEquals"]))
            return True
        return False

    def _invoke(self, execution: Execution, state: Mapping[str, Any], invoke: Invoke) -> bool:
        waits = state["Resource"].endswith(".waitForTaskToken")
        before = execution.token = self._new_token() if waits else None
        place = execution.state
        execution.invoked = True
        if waits:
            seconds = execution.data[state["TimeoutSecondsPath"].removeprefix("$.")]
            assert isinstance(seconds, int)
            assert seconds > 0
            execution.waits_until = self.now() + timedelta(seconds=seconds)
        payload = {
            name.removesuffix(".$"): execution.token
            if path == "$$.Task.Token"
            else execution.data[path.removeprefix("$.")]
            for name, path in state["Parameters"]["Payload"].items()
        }
        try:
            result = invoke(
                state["Parameters"]["FunctionName"].strip("${}").removesuffix("FunctionArn").lower(), payload
            )
        except BaseException:
            # The function died. Unless its task was answered meanwhile, the definition says how often to try again.
            if (execution.state, execution.token) != (place, before) or execution.status != "RUNNING":
                return True
            execution.tries += 1
            execution.invoked = False
            if execution.tries > state["Retry"][0]["MaxAttempts"]:
                execution.status = "FAILED"
            return True
        if not waits:
            self._leave(execution, json.loads(json.dumps(result)))
        return True

    def _leave(self, execution: Execution, output: Any) -> None:
        state = self.states[execution.state]
        execution.data = output
        if state.get("End"):
            execution.status = "SUCCEEDED"
            execution.token = None
        else:
            self._enter(execution, state["Next"])

    def _enter(self, execution: Execution, state: str) -> None:
        execution.path.append(state)
        execution.state, execution.token, execution.invoked = state, None, False
        execution.tries, execution.waits_until = 0, None

    def _new_token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"
