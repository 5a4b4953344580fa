"""Step Functions as the one that waits and wakes; and nobody at all, where the sweep does everything."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws import Clients, unavailable
from chalicelib.domain.cases.case import Case
from chalicelib.domain.ports import Token

# Late and double answers: the wait is over, whoever ended it. The row says what came of it.
_OVER = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFunctions:
    """Starts one execution per run, named `<case_id>-<run>`, and answers waits by their token."""

    clients: Clients
    state_machine_arn: str

    def start(self, case: Case, ticket: Mapping[str, Any]) -> None:
        """Start this run's execution. The name makes a repetition harmless. Raises Unavailable."""
        client: Any = self.clients("stepfunctions")
        with unavailable("step_functions"):
            try:
                client.start_execution(
                    stateMachineArn=self.state_machine_arn, name=f"{case.case_id}-{case.run}", input=json.dumps(ticket)
                )
            except client.exceptions.ExecutionAlreadyExists:
                return

    def answer(self, token: Token, ticket: Mapping[str, Any]) -> bool:
        """Answer a waiting task; False where nobody waits on that token any more. Raises Unavailable."""
        from botocore.exceptions import ClientError

        with unavailable("step_functions"):
            try:
                client: Any = self.clients("stepfunctions")
                client.send_task_success(taskToken=token.token, output=json.dumps(ticket))
            except ClientError as error:
                if error.response["Error"]["Code"] in _OVER:
                    return False
                raise
        return True


@dataclass(frozen=True, slots=True)
class SweepOnly:
    """Nobody waits: the sweep finds every case by its deadline (ORCHESTRATOR=sweep)."""

    def start(self, case: Case, ticket: Mapping[str, Any]) -> None:
        """Nothing to start."""

    def answer(self, token: Token, ticket: Mapping[str, Any]) -> bool:
        """Nobody to answer."""
        return False
