"""AWS in this process: moto's DynamoDB, SES, events and Step Functions running the shipped definition, with Lambda
calls led to Chalice's handlers."""

import json
import logging
import os
import re
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from weakref import WeakKeyDictionary

import boto3
from botocore.awsrequest import AWSResponse
from chalice.app import Chalice
from chalice.local import LambdaContext
from moto import mock_aws
from moto.ses.models import ses_backends
from moto.stepfunctions.parser import utils as execution_threads
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from infra.sandbox import outage
from infra.sandbox.moto_repairs import repair

REGION, ACCOUNT, STAGE = "ap-southeast-1", "123456789012", "dev"
DEFINITION = Path(__file__).parent.parent / "state_machine.asl.json"
_MOTO = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
_ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A mail as SES got it, parsed back."""

    to: str
    subject: str
    text: str
    html: str
    kind: str
    case_id: str
    effect_id: str
    locale: str
    reply_to: str


@contextmanager
def aws(app: Chalice, definition: str | None = None) -> Iterator[str]:
    """AWS while the context lasts; gives the state machine's ARN. `definition` stands in for the shipped one."""
    repair()
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    before_us = boto3.DEFAULT_SESSION
    mock = mock_aws(config=_MOTO)  # type: ignore[call-overload]
    mock.start()
    try:
        boto3.DEFAULT_SESSION, _apps[:] = _session(), [app]
        outage.forget()
        boto3.client("sesv2").create_email_identity(EmailIdentity="batal@example.com")
        boto3.client("events").create_event_bus(Name="batal")
        key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
        boto3.client("kms").create_alias(AliasName="alias/batal-accounts", TargetKeyId=key)
        for bucket in ("batal-evidence", "batal-received"):
            boto3.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        made = boto3.client("stepfunctions").create_state_machine(
            name="batal-dev", roleArn=f"arn:aws:iam::{ACCOUNT}:role/batal", definition=substituted(definition)
        )
        yield made["stateMachineArn"]
    finally:
        stop_executions()
        mock.stop()
        boto3.DEFAULT_SESSION = before_us
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def substituted(definition: str | None = None) -> str:
    """The definition with this account's Lambda ARNs in it."""
    text = definition or DEFINITION.read_text(encoding="utf-8")
    return re.sub(r"\$\{(\w+)FunctionArn\}", lambda name: _function_arn(name[1].lower()), text)


def _function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:batal-{STAGE}-{name}"


def invoke(app: Chalice, name: str, event: Any) -> tuple[str, bool]:
    """Run a handler as Lambda would: JSON in, JSON out, and whether it failed."""
    try:
        context = LambdaContext(f"batal-{STAGE}-{name}", 128, 900_000)
        return json.dumps(app.handler_map[name](event, context)), False
    except Exception as error:
        failure = {
            "errorType": type(error).__name__,
            "errorMessage": str(error),
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
        return json.dumps(failure), True


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


# Whose handlers Lambda calls lead to now.
_apps: list[Chalice] = []


@cache
def _session() -> boto3.Session:
    """The one session of a process, and of each service one client: they take longer to make than most calls do."""
    session = boto3.Session(region_name=REGION)
    # A public event of botocore: every client of the session asks us before it sends.
    session.events.register("before-send.lambda.Invoke", _answer_of_lambda)
    outage.watch(session.events)
    session.client = cache(session.client)
    return session


def _answer_of_lambda(request: Any, **_: Any) -> AWSResponse:
    (app,) = _apps
    path = unquote(urlparse(request.url).path)
    found = re.search(r"/functions/(.+)/invocations$", path)
    function = found[1].split(":function:")[-1].split(":")[0] if found else ""
    name = function.removeprefix(f"batal-{STAGE}-")
    headers = {"content-type": "application/json", "x-amzn-requestid": os.urandom(8).hex()}
    if name not in app.handler_map:
        headers["x-amzn-errortype"] = "ResourceNotFoundException"
        body = json.dumps({"Message": f"Function not found: {function}"}).encode()
        return AWSResponse(request.url, 404, headers, _Raw(body))
    out, failed = invoke(app, name, json.loads(request.body or b"{}"))
    if failed:
        headers["x-amz-function-error"] = "Unhandled"
    return AWSResponse(request.url, 200, headers, _Raw(out.encode()))


def outbox() -> list[SentMail]:
    """Every mail handed to SES so far, oldest first."""
    return [_read(sent) for sent in list(ses_backends[ACCOUNT][REGION].sent_messages)]


def forget_mails() -> None:
    """Empty the outbox, and the list of events; what was away is back."""
    ses_backends[ACCOUNT][REGION].sent_messages.clear()
    outage.forget()


# What was read once: parsing takes longer than most of what a test does with a mail. Gone with moto's own.
_READ: WeakKeyDictionary[Any, SentMail] = WeakKeyDictionary()


def _read(sent: Any) -> SentMail:
    if sent not in _READ:
        _READ[sent] = _parsed(sent.raw_data)
    return _READ[sent]


def _parsed(raw: Any) -> SentMail:
    message = message_from_bytes(raw if isinstance(raw, bytes) else raw.encode(), policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return SentMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        kind=str(message["X-Batal-Kind"]),
        case_id=str(message["X-Batal-Case"]),
        effect_id=str(message["X-Batal-Effect"] or ""),
        locale=str(message["Content-Language"]),
        reply_to=str(message["Reply-To"] or ""),
    )


def executions() -> Mapping[str, str]:
    """Status of every execution by its name. Asked of moto's own: its API would list all of them anew at each look."""
    machines = stepfunctions_parser_backends[ACCOUNT][REGION].state_machines
    found = [execution for machine in list(machines) for execution in list(machine.executions)]
    return {each.name: each.status for each in found if each.exec_status}  # type: ignore[attr-defined]


def states_entered(name: str) -> list[str]:
    """The states that an execution went through, in order."""
    client = boto3.client("stepfunctions")
    for machine in client.list_state_machines()["stateMachines"]:
        for execution in client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
            if execution["name"] == name:
                history = client.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)
                return [
                    e["stateEnteredEventDetails"]["name"] for e in history["events"] if "stateEnteredEventDetails" in e
                ]
    return []


def stop_executions(patience: float = 5.0) -> int:
    """End every running execution and wait for moto's threads, in seconds; gives how many would not end."""
    for account in stepfunctions_parser_backends.values():
        for backend in account.values():
            for execution in backend._get_executions("RUNNING"):  # type: ignore[arg-type]
                if execution.exec_worker.env:
                    execution.stop(stop_date=None, error="Stopped", cause=None)
                    for endpoint in list(execution.exec_worker.env.callback_pool_manager._pool.values()):
                        endpoint.interrupt_all()
    until = time.monotonic() + patience
    threads: list[threading.Thread] = execution_threads.TMP_THREADS
    for thread in list(threads):
        thread.join(max(0.0, until - time.monotonic()))
    threads[:] = [thread for thread in threads if thread.is_alive()]
    return len(threads)
