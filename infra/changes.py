"""Templates applied to a stack: uploaded, planned, shown, executed, the indexes of its tables one by one."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra import indexes
from infra.stack import Stack, Stopped


def uploaded(session: Any, bucket: str, data: bytes, ending: str) -> str:
    """The key of what was uploaded, by what is in it."""
    key = hashlib.sha256(data).hexdigest() + ending
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=data)
    return key


class Changes:
    """What is done to one stack, whose templates go through one bucket."""

    def __init__(self, session: Any, stack: Stack, bucket: str, tags: Mapping[str, str]) -> None:
        self._session, self._stack, self._bucket = session, stack, bucket
        self._tags = [{"Key": key, "Value": value} for key, value in tags.items()]

    def begin(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        agreed: Callable[[], bool],
        shown: Sequence[str] = (),
        *,
        taking_in: bool,
    ) -> None:
        """Make the stack. Raises Stopped where it did not come up, or nobody `agreed`."""
        more = {"ImportExistingResources": True} if taking_in else {}
        if name := self._planned(template, parameters, "CREATE", **more):
            self._ask(name, agreed, shown)
            self._execute(name, "CREATE_COMPLETE")

    def update(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        agreed: Callable[[], bool],
        shown: Sequence[str] = (),
    ) -> None:
        """Change the stack: all of it is shown before `agreed` is asked, once. Raises Stopped where it was undone."""
        way = indexes.steps(self._stack.template(), template)
        name = self._planned(template, parameters, "UPDATE")
        if name is None:
            self._stack.say("Nothing has changed.")
            return
        many = [f"Indexes change one by one, so that this takes {len(way)} updates."] if way else []
        self._ask(name, agreed, [*shown, *many])
        self._wait_for_indexes()
        if not way:
            self._execute(name, "UPDATE_COMPLETE")
            return
        self._forget(name)
        told = self._stack.parameters()
        for step in way:
            self._stack.say(f"{step.does}.")
            if not step.changes_indexes_alone:
                told = dict(parameters)
            if part := self._planned(step.template, told, "UPDATE"):
                self._execute(part, "UPDATE_COMPLETE")
                self._wait_for_indexes()

    def _ask(self, name: str, agreed: Callable[[], bool], shown: Sequence[str]) -> None:
        self._stack.show(name)
        for line in shown:
            self._stack.say(f"  {line}")
        if not agreed():
            self._forget(name)
            raise Stopped("Nothing was changed.")

    def _planned(
        self, template: Mapping[str, Any], parameters: Mapping[str, str], kind: str, **more: Any
    ) -> str | None:
        """The name of a change set; None where it would change nothing."""
        body = json.dumps(template, sort_keys=True).encode()
        host = self._session.client("s3").meta.endpoint_url
        # Names must be new each time: the same change may be tried again after a roll-back.
        name = f"c{hashlib.sha256(body).hexdigest()[:12]}-{time.time_ns()}"
        self._stack.client.create_change_set(
            StackName=self._stack.name,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateURL=f"{host}/{self._bucket}/{uploaded(self._session, self._bucket, body, '.json')}",
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": each, "ParameterValue": parameters[each]}
                for each in sorted(template.get("Parameters", ()))
                if each in parameters
            ],
            Tags=self._tags,
            **more,
        )
        return name if self._stack.planned(name) else None

    def _execute(self, name: str, wanted: str) -> None:
        self._stack.client.execute_change_set(StackName=self._stack.name, ChangeSetName=name)
        self._stack.wait(wanted)

    def _forget(self, name: str) -> None:
        self._stack.client.delete_change_set(StackName=self._stack.name, ChangeSetName=name)

    def _wait_for_indexes(self) -> None:
        tables = self._stack.names_of(indexes.TABLE)
        indexes.wait_until_built(self._session.client("dynamodb"), tables, self._stack.say, self._stack.pause)
