"""What the command says and does about a stack that failed: on this occasion, not on earlier ones."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from infra import deployment as deploying
from infra.deployment import STILLBORN, Deployment
from infra.stack import Stack, Stopped
from infra.stages import Stage

STACK = "batal-dev"
ID = "arn:aws:cloudformation:::stack/batal-dev/1"


def event(status: str, name: str = STACK, why: str = "") -> dict[str, str]:
    return {
        "StackId": ID,
        "PhysicalResourceId": ID if name == STACK else name.lower(),
        "LogicalResourceId": name,
        "ResourceStatus": status,
        "ResourceStatusReason": why,
    }


class CloudFormation:
    """A stack in some status with some events, newest first; a change to it fails."""

    def __init__(self, status: str | None, events: Sequence[dict[str, str]] = ()) -> None:
        self.status, self.events, self.did = status, events, list[str]()
        self.later: list[str] = []
        self.refused: list[dict[str, str]] | None = None
        self.told_later: list[dict[str, str]] = []
        self.meta = SimpleNamespace(endpoint_url="https://cloudformation")

    def describe_stacks(self, **_: Any) -> Any:
        if self.later and self.status and self.status.endswith("_IN_PROGRESS"):
            self.status = self.later.pop(0)
        if self.status is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status, "Parameters": [], "Outputs": []}]}

    def delete_stack(self, **_: Any) -> None:
        self.did.append("delete")
        self.status = None

    def get_template(self, **_: Any) -> Any:
        return {"TemplateBody": {"Resources": {}}}

    def create_change_set(self, **asked: Any) -> None:
        self.did.append(asked["ChangeSetType"])

    def execute_change_set(self, **_: Any) -> None:
        self.status = "UPDATE_ROLLBACK_COMPLETE"

    def get_waiter(self, name: str) -> Any:
        fails = self.refused is not None

        class Waiter:
            def wait(self, **_: Any) -> None:
                if fails:
                    raise WaiterError(name, "Waiter encountered a terminal failure state", {})

        return Waiter()

    def describe_change_set(self, **_: Any) -> Any:
        return {"StatusReason": "AWS::EarlyValidation failed"}

    def delete_change_set(self, **_: Any) -> None:
        self.did.append("forget")

    def describe_events(self, **asked: Any) -> Any:
        assert asked["Filters"] == {"FailedEvents": True}
        return {"OperationEvents": self.refused if "ChangeSetName" in asked else self.told_later}

    def get_paginator(self, name: str) -> Any:
        found = {"StackEvents": self.events[:2]}, {"StackEvents": self.events[2:]}

        class Pages:
            def paginate(self, **_: Any) -> Iterator[Any]:
                return iter(found if name == "describe_stack_events" else ())

        return Pages()


class Session:
    region_name = "ap-southeast-1"

    def __init__(self, cloudformation: CloudFormation) -> None:
        self.cloudformation = cloudformation

    def client(self, name: str) -> Any:
        return self.cloudformation if name == "cloudformation" else Other()


class Other:
    """S3 and STS, who take everything."""

    meta = SimpleNamespace(endpoint_url="https://s3")

    def __getattr__(self, name: str) -> Any:
        return lambda **_: {"Account": "123456789012", "Rules": []}


@pytest.fixture(autouse=True)
def _no_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    archive, template = tmp_path / "a.zip", tmp_path / "sam.json"
    archive.write_bytes(b"")
    template.write_text('{"Parameters": {}, "Resources": {}}')
    built = SimpleNamespace(archive=archive, template=template)
    monkeypatch.setattr(deploying, "build", lambda *_: built)
    monkeypatch.setattr(deploying, "expanded", lambda *_: {"Resources": {}})
    monkeypatch.setattr("infra.kept.existing", lambda *_: [])


def tried(cloudformation: CloudFormation, tmp_path: Path) -> str:
    made = Deployment(Session(cloudformation), Stage(name="dev"), say=lambda _: None)
    with pytest.raises(Stopped) as said:
        made.deploy({"SenderEmail": "batal@example.com"}, lambda: True, tmp_path)
    return str(said.value)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("UPDATE_ROLLBACK_FAILED", "Continue update rollback"),
        ("DELETE_FAILED", "deletion protection"),
        ("UPDATE_IN_PROGRESS", "wait until it is done"),
    ],
)
def test_a_stack_that_cannot_be_changed_is_left_alone_and_the_way_out_is_told(
    status: str, told: str, tmp_path: Path
) -> None:
    cloudformation = CloudFormation(status)
    assert told in tried(cloudformation, tmp_path)
    assert cloudformation.did == []


@pytest.mark.parametrize("status", STILLBORN)
def test_a_first_try_that_failed_is_removed_before_the_next(status: str, tmp_path: Path) -> None:
    cloudformation = CloudFormation(status)
    tried(cloudformation, tmp_path)
    assert cloudformation.did == ["delete", "CREATE"]


def test_why_a_change_was_undone_is_told_first_cause_first_with_what_to_do_and_without_older_failures(
    tmp_path: Path,
) -> None:
    events = [
        event("UPDATE_ROLLBACK_COMPLETE"),
        event("UPDATE_FAILED", "Enter", "Resource update cancelled"),
        event("UPDATE_FAILED", "Sweep", "Specified ReservedConcurrentExecutions decreases the account's below"),
        event("UPDATE_IN_PROGRESS", why="User Initiated"),
        event("UPDATE_FAILED", "Orders", "of last week"),
        event("UPDATE_IN_PROGRESS", why="User Initiated"),
    ]
    told = tried(CloudFormation("UPDATE_COMPLETE", events), tmp_path).splitlines()
    assert told[0] == "The stack batal-dev is UPDATE_ROLLBACK_COMPLETE."
    assert [line.split(":")[0].strip() for line in told[1:3]] == ["Sweep", "Enter"]
    assert told[3].endswith("SweepConcurrency=0.")
    assert "of last week" not in "".join(told)


def test_what_cloudformation_refuses_beforehand_is_told_with_resource_and_place(tmp_path: Path) -> None:
    cloudformation = CloudFormation("UPDATE_COMPLETE")
    cloudformation.refused = [
        {
            "LogicalResourceId": "Cases",
            "ValidationPath": "/Resources/Cases/Properties/TableName",
            "ValidationStatusReason": "the name is taken",
        },
        {"LogicalResourceId": "Orders"},
    ]
    told = tried(cloudformation, tmp_path).splitlines()
    assert told == [
        "CloudFormation refused the template: AWS::EarlyValidation failed",
        "  Cases at /Resources/Cases/Properties/TableName: the name is taken",
    ]
    assert cloudformation.did == ["UPDATE", "forget"]


def test_where_the_stacks_event_only_says_where_the_causes_stand_they_are_told(tmp_path: Path) -> None:
    events = [
        event("UPDATE_FAILED", why="Validation failed with 1 error(s). Call DescribeEvents"),
        event("UPDATE_IN_PROGRESS"),
    ]
    cloudformation = CloudFormation("UPDATE_COMPLETE", events)
    cloudformation.told_later = [
        {"LogicalResourceId": "Evidence", "ValidationStatusReason": "the bucket already exists"},
        {"LogicalResourceId": STACK, "ResourceStatusReason": "Validation failed with 1 error(s). Call DescribeEvents"},
    ]
    told = tried(cloudformation, tmp_path).splitlines()
    assert told[1] == "  Evidence: the bucket already exists"
    assert "Call DescribeEvents" not in "".join(told)


def waited(looks: int, last: str) -> tuple[list[str], list[float], Stack]:
    cloudformation = CloudFormation(
        "UPDATE_IN_PROGRESS",
        [
            event("UPDATE_IN_PROGRESS", "Cases"),
            event("UPDATE_COMPLETE", "Orders"),
            event("UPDATE_IN_PROGRESS", "Orders"),
            event("UPDATE_IN_PROGRESS"),
            event("UPDATE_IN_PROGRESS", "Money", "of last week"),
        ],
    )
    cloudformation.later = ["UPDATE_IN_PROGRESS"] * looks + [last]
    said, paused = list[str](), list[float]()
    return said, paused, Stack(cloudformation, STACK, said.append, paused.append)


def test_a_slow_change_is_waited_for_and_each_minute_says_what_is_at_work() -> None:
    said, paused, stack = waited(looks=30, last="UPDATE_COMPLETE")
    stack.wait("UPDATE_COMPLETE")
    assert sum(paused) == 150
    assert said == [f"  UPDATE_IN_PROGRESS for {minutes} min; at work: Cases" for minutes in (1, 2)]


def test_after_an_hour_it_is_left_to_aws() -> None:
    said, paused, stack = waited(looks=1_000, last="UPDATE_COMPLETE")
    with pytest.raises(Stopped, match="still UPDATE_IN_PROGRESS after an hour"):
        stack.wait("UPDATE_COMPLETE")
    assert sum(paused) == 3_600
    assert len(said) == 60
