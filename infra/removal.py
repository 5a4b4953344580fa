"""A stack out of its account, with what it kept or without it."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from infra import kept as keeping
from infra import mail_elsewhere
from infra.kept import Kept
from infra.stack import Say, Stack, Stopped


def remove(session: Any, stack: Stack, left: Sequence[Kept], *, data: bool, mail: bool = False) -> None:
    """Remove the stack, where there is one, and with `data` what is `left` of it or of one before. `mail`: a part of it
    is in another region.

    Raises Stopped where there is nothing to do, where tables are protected, or something would not go.
    """
    there = stack.status() is not None
    if not there and not left:
        raise Stopped(f"There is no stack {stack.name}, and nothing that one kept.")
    if not there and not data:
        names = "".join(f"\n  {each}" for each in left)
        raise Stopped(f"There is no stack {stack.name}; kept by an earlier one, and gone with --data:{names}")
    if data:
        _look_at_protection(session, stack.parameters() if there else {}, left)
    if there:
        machine = stack.outputs().get("StateMachineArn")
        _stop_executions(session, machine, stack.say)
        if mail:
            mail_elsewhere.remove(session, stack, stack.parameters(), data=data)
        stack.delete()
        # Those that began meanwhile would keep the state machine, and its name, until they end.
        _stop_executions(session, machine, stack.say)
    for each in left:
        if data:
            keeping.remove(session, each)
        stack.say(f"{'removed' if data else 'kept'} {each}")


def _look_at_protection(session: Any, held: dict[str, str], left: Sequence[Kept]) -> None:
    if held.get("KeepData") == "true":
        raise Stopped("The tables are protected: deploy with KeepData=false first, then destroy again with --data.")
    if tables := keeping.protected(session, left):
        free = "".join(
            f"\n  aws dynamodb update-table --no-deletion-protection-enabled --table-name {each}" for each in tables
        )
        raise Stopped(f"These tables are protected. To free them:{free}")


def _stop_executions(session: Any, machine: str | None, say: Say) -> None:
    """A state machine goes only when all its executions have ended. The rows keep their deadlines, and the sweep of the
    next stack goes by those."""
    if machine is None:
        return
    client, stopped = session.client("stepfunctions"), 0
    try:
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="RUNNING")
        for each in [each["executionArn"] for page in pages for each in page["executions"]]:
            client.stop_execution(executionArn=each, cause="The stack is being removed.")
            stopped += 1
    except ClientError as error:
        if error.response["Error"]["Code"] != "StateMachineDoesNotExist":
            raise
    if stopped:
        say(f"Stopped {stopped} executions; their cases keep their deadlines.")
