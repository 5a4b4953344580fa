"""One stack in one account and region: packaged, changed, looked at, removed."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from chalicelib.adapters.dynamodb.desk import DESK
from chalicelib.adapters.dynamodb.settings import FORMAT, SMALL
from chalicelib.adapters.dynamodb.tables import CURRENT
from infra.build import Package, build
from infra.parameters import STACK, chosen, differences, strangers
from infra.sam import expanded
from infra.stages import Stage
from infra.values import faults

APP = "batal"
_PATIENCE = 5  # seconds between two looks at a stack
_LASTING = 90  # days that packages are kept
# A first try that failed cannot be updated, only removed.
STILLBORN = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED")
# Where a deployment makes the stack rather than changes it.
BEGINS = (None, "REVIEW_IN_PROGRESS", *STILLBORN)
_STUCK = {
    "UPDATE_ROLLBACK_FAILED": "Its roll-back failed: mend what the events name, then 'Continue update rollback'.",
    "DELETE_FAILED": "Its removal failed: see the events; tables with deletion protection must be freed first.",
}

# A stack's own events that a change begins with.
_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
_LASTS = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::SES::EmailIdentity")
_HINTS = {
    "ReservedConcurrentExecution": "Your account's Lambda quota is too small to reserve any: SweepConcurrency=0.",
    "already exists": "The sender exists (CreateSender=false), or an earlier stack left tables: docs/operations.md.",
    "not authorized": "Your credentials may not do that; docs/operations.md lists what a deployer needs.",
}


Say = Callable[[str], None]


def _gateway(outputs: Mapping[str, str]) -> str:
    """API Gateway's own address of the API, as PublicUrl has it; empty where the stack tells none."""
    return outputs.get("EndpointURL", "").rstrip("/")


class Stopped(Exception):
    """The command cannot go on; the message says what to do."""


class Deployment:
    """One stack in one account and region."""

    def __init__(self, session: Any, stage: Stage, *, stack: str | None = None, say: Say = print) -> None:
        self.session, self.stage, self.say = session, stage, say
        self.stack = stack or f"{APP}-{stage.name}"
        self.cloudformation = session.client("cloudformation")

    def deploy(self, told: Mapping[str, str], agreed: Callable[[], bool], out: Path) -> Mapping[str, str]:
        """Package and apply; gives the outputs. `told` are parameters by name, those that are not told keep the values
        that the stack has; `agreed` is asked once the changes were shown.

        Raises Stopped where somebody has to do something first, or where the stack did not come up.
        """
        self.say(f"Deploying {self.where()}.")
        status = self.status()
        if status in _STUCK:
            raise Stopped(f"The stack {self.stack} is {status}. {_STUCK[status]}")
        new = status in BEGINS
        if status and status.endswith("_IN_PROGRESS") and not new:
            raise Stopped(f"The stack {self.stack} is {status}: wait until it is done.")
        held = {} if new else self.parameters()
        settled, shown = self._settled(told, held)
        gateway = "" if new else _gateway(self.outputs())
        self._look_at_mail_rules(settled)
        package = build(self.stage, out)
        if status in STILLBORN:
            self.say(f"A first try failed and left nothing behind; removing what is left of {self.stack}.")
            self._delete()
        bucket = self._bucket()
        self._apply(package, bucket, settled, "CREATE" if new else "UPDATE", agreed, shown)
        if new:
            self._begin_small()
        held = self.parameters()
        address = _gateway(self.outputs())
        # Where nobody gave people an address, it is API Gateway's own, and follows it.
        if "PublicUrl" not in held or (held["PublicUrl"] in ("", gateway) and held["PublicUrl"] != address):
            # The address is known only now, and a template that used it everywhere would close a circle.
            self.say("Telling the functions where people reach them.")
            self._apply(package, bucket, {**held, "PublicUrl": address}, "UPDATE", lambda: True)
        return self.outputs()

    def switch(self, off: str) -> bool:
        """Let `off` be switched off, with commas between, and everything else on: of all that the stack has only this
        parameter changes. Gives whether it did. Raises Stopped where the stack cannot be changed, and for switches that
        there are none of."""
        status = self.status()
        if status is None or status in BEGINS or not status.endswith("_COMPLETE"):
            raise Stopped(f"The stack {self.stack} is {status or 'not there'}: nothing was switched.")
        held = self.parameters()
        if "SwitchedOff" not in held:
            raise Stopped(f"The stack {self.stack} is of a version without switches: deploy first.")
        if found := faults({"SwitchedOff": off}):
            raise Stopped("\n".join(map(str, found)))
        if held["SwitchedOff"] == off:
            return False
        wanted = {**held, "SwitchedOff": off}
        self.cloudformation.update_stack(
            StackName=self.stack,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in sorted(wanted.items())],
        )
        self._wait("stack_update_complete")
        return True

    def where(self) -> str:
        """The stack, its account and its region, as somebody reads them before saying yes."""
        return f"{self.stack} in account {self._account()}, region {self.session.region_name}"

    def _settled(self, told: Mapping[str, str], held: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """Every parameter's value, and what of them is to be shown. Raises Stopped where one cannot be so."""
        try:
            strangers(told, "the command line")
            strangers(self.stage.parameters, f"the stage file {self.stage.name}.json")
        except ValueError as stranger:
            raise Stopped(str(stranger)) from stranger
        choices = chosen(told, held, self.stage)
        host = urlsplit(self.cloudformation.meta.endpoint_url).hostname
        found = faults(
            {name: each.value for name, each in choices.items()}, emulated=host in ("127.0.0.1", "localhost")
        )
        # What the stack has runs already, and must not stand in the way of what mends something else.
        stopping = [
            each
            for each in found
            if each.stops or any(choices[name].by != STACK for name in each.names if name in choices)
        ]
        if stopping:
            raise Stopped("\n".join(str(each) for each in stopping))
        for each in found:
            self.say(f"Take heed, what the stack has is wrong. {each}")
        if "SenderEmail" not in choices:
            raise Stopped("Who sends the mails? Say --sender me@example.com (make deploy SENDER=me@example.com).")
        return {name: each.value for name, each in choices.items()}, differences(choices, held, self.stage)

    def _look_at_mail_rules(self, settled: Mapping[str, str]) -> None:
        """Say where answers to mails would not reach us: an account has one active set of receipt rules, and making
        ours the active one would end what the company's does."""
        if not settled.get("ReplyDomain"):
            return
        try:
            active = self.session.client("ses").describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        except (ClientError, BotoCoreError) as error:
            self.say(f"Take heed: whether mail can be received in {self.session.region_name} is not known: {error}")
            return
        if active and active not in (self.stack, settled.get("ReceiptRuleSet")):
            self.say(
                f"Take heed: this account's active receipt rule set is {active}. Leave it active, and say"
                f" SET=ReceiptRuleSet={active}: our rule is added to it. Until then answers to mails do not arrive."
            )
        elif not active:
            self.say(f"No receipt rule set is active: make {self.stack} the active one, or answers do not arrive.")

    def destroy(self, *, data: bool) -> None:
        """Remove the stack. Tables, evidence, secrets and the sender stay unless `data` says that they go, too.

        Raises Stopped where tables are protected (KeepData) or something would not go.
        """
        if self.status() is None:
            raise Stopped(f"There is no stack {self.stack}.")
        kept = self._lasting_resources()
        if data and self.parameters().get("KeepData") == "true":
            raise Stopped("The tables are protected: deploy with KeepData=false first, then destroy again with --data.")
        self._delete()
        if not data:
            for kind, name in kept:
                self.say(f"kept {kind} {name}")
            return
        for kind, name in kept:
            self._remove(kind, name)
            self.say(f"removed {kind} {name}")

    def status(self) -> str | None:
        """The stack's status; None where there is none."""
        try:
            found: str = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        return None if found == "DELETE_COMPLETE" else found

    def outputs(self) -> Mapping[str, str]:
        """What the stack tells about itself."""
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    def parameters(self) -> dict[str, str]:
        """What the stack has of the template's parameters, by name."""
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", ())}

    def _apply(
        self,
        package: Package,
        bucket: str,
        parameters: Mapping[str, str],
        kind: str,
        agreed: Callable[[], bool],
        shown: Sequence[str] = (),
    ) -> None:
        key = self._upload(bucket, package.archive.read_bytes(), ".zip")
        sam = json.loads(package.template.read_text("utf-8"))
        body = json.dumps(expanded(sam, bucket, key, self.session.region_name), sort_keys=True).encode()
        known = {name for name in sam["Parameters"] if name in parameters}
        url = f"{self.session.client('s3').meta.endpoint_url}/{bucket}/{self._upload(bucket, body, '.json')}"
        # Names must be new each time: the same change may be tried again after a roll-back.
        name = f"c{hashlib.sha256(body).hexdigest()[:12]}-{time.time_ns()}"
        self.cloudformation.create_change_set(
            StackName=self.stack,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateURL=url,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": each, "ParameterValue": parameters[each]} for each in sorted(known)],
            Tags=[{"Key": "app", "Value": APP}, {"Key": "stage", "Value": self.stage.name}],
        )
        if not self._planned(name):
            self.say("Nothing has changed.")
            return
        self._show(name)
        for line in shown:
            self.say(f"  {line}")
        if not agreed():
            self.cloudformation.delete_change_set(StackName=self.stack, ChangeSetName=name)
            raise Stopped("Nothing was changed.")
        self.cloudformation.execute_change_set(StackName=self.stack, ChangeSetName=name)
        self._wait("stack_create_complete" if kind == "CREATE" else "stack_update_complete")

    def _begin_small(self) -> None:
        """Rows of a new stack are small from the beginning, and all its indexes are there: there is nothing to roll
        back to."""
        client = self.session.client("dynamodb")
        for name, value in ((FORMAT, {"version": SMALL}), (DESK, {"index": DESK})):
            item = {"name": name, "sk": CURRENT, "body": json.dumps(value)}
            typed = {attribute: {"S": text} for attribute, text in item.items()}
            client.put_item(TableName=f"{self.stack}-settings", Item=typed)

    def _planned(self, name: str) -> bool:
        waiter = self.cloudformation.get_waiter("change_set_create_complete")
        try:
            waiter.wait(StackName=self.stack, ChangeSetName=name, WaiterConfig={"Delay": 2})
        except WaiterError as error:
            told = self.cloudformation.describe_change_set(StackName=self.stack, ChangeSetName=name)
            why = told.get("StatusReason", "")
            self.cloudformation.delete_change_set(StackName=self.stack, ChangeSetName=name)
            if "didn't contain changes" in why or "No updates" in why:
                return False
            raise Stopped(f"CloudFormation refused the template: {why}") from error
        return True

    def _show(self, name: str) -> None:
        pages = self.cloudformation.get_paginator("describe_change_set").paginate(
            StackName=self.stack, ChangeSetName=name
        )
        changes = [each["ResourceChange"] for page in pages for each in page.get("Changes", ())]
        for change in sorted(changes, key=lambda each: (each["Action"], each["LogicalResourceId"])):
            replaced = " (REPLACED)" if change.get("Replacement") == "True" else ""
            self.say(f"  {change['Action']:7} {change['ResourceType']:42} {change['LogicalResourceId']}{replaced}")

    def _wait(self, what: str) -> None:
        try:
            self.cloudformation.get_waiter(what).wait(StackName=self.stack, WaiterConfig={"Delay": _PATIENCE})
        except WaiterError as error:
            raise Stopped(f"The stack {self.stack} is {self.status()}.\n{self._why()}") from error

    def _why(self) -> str:
        """What went wrong this time, first cause first, and what to do about it."""
        lines = [f"  {each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}" for each in self._failures()]
        hints = [hint for sign, hint in _HINTS.items() if any(sign in line for line in lines)]
        return "\n".join(
            [*lines[:8], *hints, "A failed first try is removed by the next deploy; an update was undone."]
        )

    def _failures(self) -> list[dict[str, Any]]:
        """The failed events of the stack's latest change, oldest first. CloudFormation tells the newest first."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.stack)
        found: list[dict[str, Any]] = []
        for each in (event for page in pages for event in page["StackEvents"]):
            if each["ResourceStatus"].endswith("FAILED"):
                found.insert(0, each)
            if each["PhysicalResourceId"] == each["StackId"] and each["ResourceStatus"] in _BEGINNINGS:
                break
        return found

    def _delete(self) -> None:
        self.cloudformation.delete_stack(StackName=self.stack)
        self._wait("stack_delete_complete")

    def _bucket(self) -> str:
        account = self._account()
        name, s3 = f"{APP}-packages-{account}-{self.session.region_name}", self.session.client("s3")
        try:
            s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                raise
            where = {"CreateBucketConfiguration": {"LocationConstraint": self.session.region_name}}
            s3.create_bucket(Bucket=name, **({} if self.session.region_name == "us-east-1" else where))
            closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
            old = {"ID": "old", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": _LASTING}}
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(self._over_tls(name)))
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [old]})
        return name

    def _over_tls(self, bucket: str) -> dict[str, Any]:
        """A policy by which nobody reads or writes packages but over TLS."""
        arn = f"arn:{self.session.get_partition_for_region(self.session.region_name)}:s3:::{bucket}"
        denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
        plain = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        return {"Version": "2012-10-17", "Statement": [denied | plain]}

    def _account(self) -> str:
        account: str = self.session.client("sts").get_caller_identity()["Account"]
        return account

    def _upload(self, bucket: str, data: bytes, ending: str) -> str:
        key = hashlib.sha256(data).hexdigest() + ending
        self.session.client("s3").put_object(Bucket=bucket, Key=key, Body=data)
        return key

    def _lasting_resources(self) -> list[tuple[str, str]]:
        """What the template keeps when the stack goes: kind and physical name."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.stack)
        found = [each for page in pages for each in page["StackResourceSummaries"]]
        return [(each["ResourceType"], each["PhysicalResourceId"]) for each in found if each["ResourceType"] in _LASTS]

    def _remove(self, kind: str, name: str) -> None:
        if kind == "AWS::DynamoDB::Table":
            self.session.client("dynamodb").delete_table(TableName=name)
        elif kind == "AWS::S3::Bucket":
            bucket = self.session.resource("s3").Bucket(name)
            bucket.objects.all().delete()
            bucket.delete()
        elif kind == "AWS::SecretsManager::Secret":
            self.session.client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        else:
            self.session.client("sesv2").delete_email_identity(EmailIdentity=name)
