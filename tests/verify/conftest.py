"""The deploy command against ministack, an independent emulator that enforces IAM and runs Lambdas as processes.

`make verify-deploy` runs these; `make test` leaves them out, since they deploy several times and wait for a deadline.
"""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import boto3
import msgspec
import pytest

from chalicelib.mail.headers import decoded
from infra.deploy import main
from infra.deployment import Deployment
from infra.sandbox import tokens
from infra.stages import stage_named
from tests.deploy.conftest import DEV
from tests.proofs.ministack import ministack

ACCOUNT, REGION, SENDER = "123456789012", "ap-southeast-1", "batal@example.com"
REPAIRED = Path(__file__).parent / "repaired_ministack.py"
T = TypeVar("T")


@dataclass
class Deployed:
    """A stack that runs, as its users reach it."""

    emulator: str
    outputs: Mapping[str, str]
    url: str

    def call(self, method: str, path: str, body: Any = None, *, role: str = "", who: str = "") -> tuple[int, Any]:
        """One request over the stack's own HTTP endpoint; status, and the answer read as JSON where it is some."""
        token = tokens.token(who, role, who if role == "seller" else None) if role else None
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        return self._send(method, self.url + path, msgspec.json.encode(body) if body is not None else None, headers)

    def press(self, address: str, **form: str) -> tuple[int, Any]:
        """Press a button of a page."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", address, urllib.parse.urlencode(form).encode(), headers)

    def look(self, address: str) -> tuple[int, Any]:
        """Open a page."""
        return self._send("GET", address, None, {})

    def _send(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            # A mail's link is swapped for a cookie on the way.
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with browser.open(request, timeout=300) as heard:
                status, text = heard.status, heard.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def order(self, order_id: str, **more: Any) -> None:
        """The OMS pushes an order of Budi's."""
        placed = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        body = {
            "order_id": order_id,
            "platform": "lazada",
            "version": 1,
            "status": "processing",
            "buyer": {"id": "budi", "name": "Budi", "email": "budi@example.com", "locale": "id"},
            "seller": {"id": "toko-baju", "name": "Toko Baju", "email": "toko-baju@example.com", "locale": "id"},
            "placed_at": placed,
            "paid_at": placed,
            "currency": "IDR",
            "lines": [{"line_id": "1", "name": "Kemeja", "quantity": 1, "unit_price": 150_000}],
            "tenders": [{"method": "wallet", "amount": 150_000}],
            **more,
        }
        assert self.call("PUT", f"/v1/orders/{order_id}", body, role="system", who="oms")[0] == 201

    def ask(self, order_id: str) -> str:
        """Budi asks; gives the case's id."""
        wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
        status, case = self.call("POST", f"/v1/orders/{order_id}/cancellations", wish, role="buyer", who="budi")
        assert status == 201, case
        return str(case["case_id"])

    def case(self, case_id: str) -> Any:
        return self.call("GET", f"/v1/cases/{case_id}", role="support", who="sari")[1]

    def mails(self, case_id: str, subject: str) -> list[tuple[str, str]]:
        """Reader and text of the mails about a case that have these words in their subject, as SES got them."""
        with urllib.request.urlopen(f"{self.emulator}/_ministack/ses/messages", timeout=10) as heard:
            sent = json.loads(heard.read())["messages"].get(ACCOUNT, [])
        return [
            (mail["To"][0], mail["BodyText"])
            for mail in sent
            if case_id in mail["BodyText"] and subject.lower() in decoded(mail["Subject"]).lower()
        ]

    def until(self, what: Callable[[], T], seconds: float = 300) -> T:
        """Wait for what other processes do."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := what():
                return found
            time.sleep(0.2)
        raise AssertionError(f"it did not come to pass; the logs say:\n{self.logs()}")

    def logs(self) -> str:
        """What the functions wrote last."""
        client, lines = boto3.client("logs"), []
        for group in client.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            for stream in client.describe_log_streams(logGroupName=name)["logStreams"]:
                told = client.get_log_events(logGroupName=name, logStreamName=stream["logStreamName"])["events"]
                lines += [f"{name}: {event['message'].strip()}" for event in told]
        return "\n".join(line for line in lines if re.search(r"rror|denied|not authorized", line))[-4000:]

    def invoke(self, logical_id: str, event: Any) -> Any:
        """Call a function as its trigger would."""
        deployment = Deployment(boto3.Session(), stage_named("dev"))
        pages = deployment.cloudformation.get_paginator("list_stack_resources").paginate(StackName=deployment.stack)
        names = {r["LogicalResourceId"]: r["PhysicalResourceId"] for p in pages for r in p["StackResourceSummaries"]}
        answer = boto3.client("lambda").invoke(FunctionName=names[logical_id], Payload=json.dumps(event).encode())
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.loads(answer["Payload"].read())


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """ministack with IAM enforced; this process is its account's root, the functions are their roles."""
    scratch = tmp_path_factory.mktemp("ministack")
    with (
        ministack(scratch, [str(REPAIRED)], AUTH="true", MINISTACK_ACCOUNT_ID=ACCOUNT) as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
        patch.setenv("AWS_SECRET_ACCESS_KEY", "root")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        # It runs functions by the Python that runs itself, on this machine.
        patch.setattr("infra.deploy.stage_named", lambda _: DEV)
        boto3.setup_default_session()
        yield address
        boto3.DEFAULT_SESSION = None


def keys() -> list[str]:
    """What tells a stack the marketplace's keys."""
    return ["--set", f"JwtJwks={msgspec.json.encode(tokens.jwks()).decode()}", "--set", "JwtIssuer=sandbox"]


def address_of(emulator: str) -> str:
    """Where people reach the stack: what ministack calls an API's address leads to AWS."""
    api = Deployment(boto3.Session(), stage_named("dev")).outputs()["RestAPIId"]
    return f"{emulator}/_aws/execute-api/{api}/api"


def reached(emulator: str) -> Deployed:
    """The stack as it runs now, with what ministack has against it taken out of the way."""
    outputs = Deployment(boto3.Session(), stage_named("dev")).outputs()
    for role in boto3.client("iam").list_roles()["Roles"]:
        if any(name in role["RoleName"] for name in ("EnterRole", "SweepRole")):
            _let_mails_through(role["RoleName"])
    # The bucket takes TLS alone, as it should, and ministack speaks plain HTTP.
    boto3.client("s3").delete_bucket_policy(Bucket=outputs["EvidenceBucket"])
    return Deployed(emulator=emulator, outputs=outputs, url=address_of(emulator))


@pytest.fixture(scope="module")
def deployed(emulator: str) -> Deployed:
    """Deployed by the command, told the marketplace's keys, and told once more where people reach it."""
    assert main(["deploy", "--stage", "dev", "--sender", SENDER, "--yes", *keys()]) == 0
    assert main(["deploy", "--stage", "dev", "--yes", "--set", f"PublicUrl={address_of(emulator)}"]) == 0
    return reached(emulator)


def _let_mails_through(role: str) -> None:
    """ministack asks whether mails may be sent on `*`, where AWS asks for identity and configuration set; no policy of
    ours says `*`, so the two actions, which the offline test holds to the code, are allowed here by hand."""
    allow = {"Effect": "Allow", "Action": ["ses:SendEmail", "ses:SendRawEmail"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    boto3.client("iam").put_role_policy(RoleName=role, PolicyName="mails-in-ministack", PolicyDocument=document)
