"""One stack as CloudFormation has it: how it stands, what it is made of, what became of a change to it."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

Say = Callable[[str], None]

_LOOK_EVERY = 5  # seconds
_PATIENCE = 3600  # seconds: a table's new index takes longer than ten minutes
_TELL_EVERY = 60  # seconds
# A stack's own events that a change begins with.
_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")

# What AWS says, and what to do.
_HINTS = {
    "ReservedConcurrentExecution": "Your account's Lambda quota is too small to reserve any: SweepConcurrency=0.",
    "already exists": "The sender exists (CreateSender=false), or another stack has what this one wants to make.",
    "AlreadyExists": "Another stack, or somebody by hand, has made it already: docs/operations.md, 'it says'.",
    "not authorized": "Your credentials may not do that; docs/operations.md lists what a deployer needs.",
    "StateMachineDeleting": "The state machine of an earlier stack is still going: wait some minutes, deploy again.",
    "CloudWatch Logs role ARN": "API Gateway needs a role of the account before it writes logs: AccessLog=false.",
    "deletion protection": "A table is protected: deploy with KeepData=false, then try again.",
    "Subscriber limit": "DynamoDB changes few tables at once: deploy again.",
    "LimitExceeded": "A quota of the account is used up: Service Quotas in the console says which.",
}


class Stopped(Exception):
    """The command cannot go on; the message says what to do."""


class Stack:
    """One stack of an account and region."""

    def __init__(self, client: Any, name: str, say: Say, pause: Callable[[float], None] = time.sleep) -> None:
        self.client, self.name, self.say, self.pause = client, name, say, pause

    def status(self) -> str | None:
        """Its status; None where there is none."""
        try:
            found: str = self._described()["StackStatus"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        return None if found == "DELETE_COMPLETE" else found

    def outputs(self) -> dict[str, str]:
        """What it tells about itself."""
        return {each["OutputKey"]: each["OutputValue"] for each in self._described().get("Outputs", ())}

    def parameters(self) -> dict[str, str]:
        """What it has of the template's parameters, by name."""
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._described().get("Parameters", ())}

    def template(self) -> dict[str, Any]:
        """The template that it runs by."""
        found: dict[str, Any] = self.client.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"]
        return found

    def names_of(self, kind: str) -> list[str]:
        """The physical names of its resources of one kind."""
        return [each["PhysicalResourceId"] for each in self._resources() if each["ResourceType"] == kind]

    def name_of(self, logical_id: str) -> str:
        """The physical name of what the template calls so."""
        return next(
            str(each["PhysicalResourceId"]) for each in self._resources() if each["LogicalResourceId"] == logical_id
        )

    def _resources(self) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [each for page in pages for each in page["StackResourceSummaries"]]

    def _described(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_stacks(StackName=self.name)["Stacks"][0]
        return found

    def planned(self, change: str) -> bool:
        """Whether a change set came about; False where it would change nothing. Raises Stopped with what CloudFormation
        has against it."""
        waiter = self.client.get_waiter("change_set_create_complete")
        try:
            waiter.wait(StackName=self.name, ChangeSetName=change, WaiterConfig={"Delay": 2, "MaxAttempts": 300})
        except WaiterError as error:
            told = self.client.describe_change_set(StackName=self.name, ChangeSetName=change)
            why = told.get("StatusReason", "")
            nothing = "didn't contain changes" in why or "No updates" in why
            lines = [] if nothing else [why, *self._refusals(change)]
            self.client.delete_change_set(StackName=self.name, ChangeSetName=change)
            if nothing:
                return False
            raise Stopped("\n".join((f"CloudFormation refused the template: {lines[0]}", *lines[1:]))) from error
        return True

    def _refusals(self, change: str | None = None) -> Iterator[str]:
        """What CloudFormation's validation before any change has found, of a change set or of what was begun last:
        which resource, where in it, and why."""
        of = {"StackName": self.name} | ({"ChangeSetName": change} if change else {})
        try:
            told = self.client.describe_events(**of, Filters={"FailedEvents": True})["OperationEvents"]
        except (ClientError, BotoCoreError):
            return
        for each in told:
            if why := each.get("ValidationStatusReason") or each.get("ResourceStatusReason"):
                where = f" at {each['ValidationPath']}" if each.get("ValidationPath") else ""
                yield f"  {each.get('LogicalResourceId', self.name)}{where}: {why}"

    def show(self, change: str) -> None:
        """Say what a change set would do, resource by resource."""
        pages = self.client.get_paginator("describe_change_set").paginate(StackName=self.name, ChangeSetName=change)
        changes = [each["ResourceChange"] for page in pages for each in page.get("Changes", ())]
        for each in sorted(changes, key=lambda one: (one["Action"], one["LogicalResourceId"])):
            replaced = " (REPLACED)" if each.get("Replacement") == "True" else ""
            self.say(f"  {each['Action']:7} {each['ResourceType']:42} {each['LogicalResourceId']}{replaced}")

    def wait(self, *wanted: str | None) -> None:
        """Until what was begun is done, an hour at most; says each minute what is still at work. Raises Stopped where
        it did not end as `wanted`, with the causes."""
        waited = 0
        while (status := self.status()) is not None and status.endswith("_IN_PROGRESS"):
            if waited >= _PATIENCE:
                raise Stopped(
                    f"The stack {self.name} is still {status} after an hour. AWS goes on with it: look at its events"
                    " in the console, and say the same again when it is done."
                )
            self.pause(_LOOK_EVERY)
            waited += _LOOK_EVERY
            if waited % _TELL_EVERY == 0:
                at_work = ", ".join(self._at_work()[:6]) or "nothing that tells"
                self.say(f"  {status} for {waited // 60} min; at work: {at_work}")
        if status not in wanted:
            raise Stopped(
                f"The stack {self.name} is {status}.\n{self._why(undone=str(status).startswith('UPDATE_ROLLBACK'))}"
            )

    def _at_work(self) -> list[str]:
        """What is being made, changed or removed now, by the names of the template."""
        latest: dict[str, str] = {}
        for each in self._events():
            if each["PhysicalResourceId"] != each["StackId"]:
                latest.setdefault(each["LogicalResourceId"], each["ResourceStatus"])
        return sorted(name for name, status in latest.items() if status.endswith("_IN_PROGRESS"))

    def _why(self, *, undone: bool) -> str:
        """What went wrong this time, first cause first, and what to do about it."""
        lines = [
            f"  {each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}"
            for each in reversed(list(self._events()))
            if each["ResourceStatus"].endswith("FAILED")
        ]
        if any("DescribeEvents" in line for line in lines):
            lines = [line for line in self._refusals() if "DescribeEvents" not in line]
        hints = [hint for sign, hint in _HINTS.items() if any(sign in line for line in lines)]
        after = "The update was undone, and all runs as before." if undone else "Nothing of it runs."
        return "\n".join([*lines[:8], *hints, f"{after} Mend that and say the same again."])

    def _events(self) -> Iterator[dict[str, Any]]:
        """The events of the latest change, newest first, as CloudFormation tells them."""
        pages: Sequence[Any] = self.client.get_paginator("describe_stack_events").paginate(StackName=self.name)
        for each in (event for page in pages for event in page["StackEvents"]):
            yield each
            if each["PhysicalResourceId"] == each["StackId"] and each["ResourceStatus"] in _BEGINNINGS:
                break

    def delete(self) -> None:
        """Remove it, and wait until it is gone. Raises Stopped."""
        self.client.delete_stack(StackName=self.name)
        self.wait(None)
