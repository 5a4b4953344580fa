"""The world that proofs run in: the real store, adapters and state machine on one thread, with faults on every call.

DynamoDB is moto's; SES, EventBridge and Step Functions are answered here, strictly and deterministically, behind the
same botocore calls that the adapters make in production.
"""

import json
import os
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from functools import partial
from io import BytesIO
from itertools import count
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.dynamodb.models import dynamodb_backends

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.event_bridge import EventBridge
from chalicelib.adapters.evidence import Bucket
from chalicelib.adapters.fingerprints import fingerprint
from chalicelib.adapters.odds import CachedOdds
from chalicelib.adapters.policies import CachedPolicies
from chalicelib.adapters.ses import Ses
from chalicelib.adapters.step_functions import StepFunctions
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.ports import Ports
from chalicelib.links import Links
from chalicelib.mail import compose, tell
from chalicelib.mail.digests import compose_digest
from chalicelib.workflow.refund_calls import call_due, hear
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter, time_out
from tests.fakes.ports import HandClock, Listener, NoHolidays, Safe, off
from tests.fakes.provider_town import Letter, Town, no_sockets
from tests.proofs.faults import Faults, SimulatedCrash
from tests.proofs.quick_moto import quick_dynamodb
from tests.proofs.step_functions import ExecutionAlreadyExists, TaskTimedOut
from tests.proofs.step_functions import StepFunctions as Executions

REGION = "ap-southeast-1"
LEASE = 91  # seconds: just past the lease of a commit


def _well(service: str, given: Mapping[str, Any]) -> str:
    return "well"


def effect_of(given: Mapping[str, Any]) -> tuple[str, str]:
    """The case and the effect that a mail on its way to SES speaks for."""
    mail = message_from_bytes(b64decode(given["Content"]["Raw"]["Data"]))
    return str(mail["X-Batal-Case"]), str(mail["X-Batal-Effect"])


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Outside:
    """What reached the world outside: mails by case and effect, events by id. Nothing can be taken back from here.
    `mail_failed`: some mail was tried in vain."""

    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    mail_failed: bool = False
    events: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)  # <case id>/<promise> of all of them, as they came


class Services:
    """SES, EventBridge and Step Functions behind botocore; `outside` and `executions` are replaced for every world.

    `mood` says how a service takes the next request: `well`, `down` (it refuses), `throttled`, or `slow` (it does what
    was asked, but its answer comes after the caller has given up).
    """

    def __init__(self) -> None:
        self.outside = Outside()
        self.executions: Executions | None = None
        self.mood: Callable[[str, Mapping[str, Any]], str] = _well

    def watch(self, events: Any) -> None:
        for service, operation, answer in (
            ("sesv2", "SendEmail", self._mail),
            ("eventbridge", "PutEvents", self._events),
            ("sfn", "StartExecution", self._start),
            ("sfn", "SendTaskSuccess", self._answer),
        ):
            events.register_first(f"before-send.{service}.{operation}", partial(self._answered, service, answer))

    def _answered(
        self, service: str, answer: Callable[[Mapping[str, Any]], tuple[int, Any]], request: Any, **_: Any
    ) -> AWSResponse:
        given = json.loads(request.body.decode() if isinstance(request.body, bytes) else request.body)
        mood = self.mood(service, given)
        self.outside.mail_failed |= service == "sesv2" and mood != "well"
        if mood == "down":
            status, content = 503, {"__type": "ServiceUnavailable", "message": "down"}
        elif mood == "throttled":
            status, content = 429, {"__type": "TooManyRequestsException", "message": "Maximum sending rate exceeded."}
        else:
            status, content = answer(given)
        if mood == "slow":
            raise ReadTimeoutError(endpoint_url=request.url)
        headers = {"x-amzn-errortype": content["__type"]} if "__type" in content else {}
        return AWSResponse(request.url, status, headers, _Raw(json.dumps(content).encode()))

    def _mail(self, given: Mapping[str, Any]) -> tuple[int, Any]:
        self.outside.mails[effect_of(given)] += 1
        self.outside.order.append("/".join(effect_of(given)))
        return 200, {"MessageId": "m"}

    def _events(self, given: Mapping[str, Any]) -> tuple[int, Any]:
        for entry in given["Entries"]:
            event_id = json.loads(entry["Detail"])["event_id"]
            self.outside.events[event_id] += 1
            self.outside.order.append(event_id.replace(":", "/", 1))
        return 200, {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in given["Entries"]]}

    def _start(self, given: Mapping[str, Any]) -> tuple[int, Any]:
        assert self.executions
        try:
            self.executions.start(given["name"], given["input"])
        except ExecutionAlreadyExists:
            return 400, {"__type": "ExecutionAlreadyExists", "message": "already exists"}
        return 200, {"executionArn": f"arn:aws:states:{REGION}:1:execution:batal:{given['name']}", "startDate": 0}

    def _answer(self, given: Mapping[str, Any]) -> tuple[int, Any]:
        assert self.executions
        try:
            self.executions.answer(given["taskToken"], given["output"])
        except TaskTimedOut:
            return 400, {"__type": "TaskTimedOut", "message": "Task Timed Out"}
        return 200, {}


@dataclass
class ProofWorld:
    """One case's whole world."""

    ports: Ports
    store: DynamoStore
    clock: HandClock
    faults: Faults
    executions: Executions
    outside: Outside
    services: Services
    rewind: Callable[[], None]
    town: Town
    broken: bool = False  # every Lambda dies
    unheard: list[Letter] = field(default_factory=list)  # what providers told, and nobody took in yet

    def pump(self) -> None:
        """Let the state machine do all it can do now. A Lambda that dies is the state machine's to repeat."""
        self.executions.run(self._invoke)

    def attempt(self, step: Callable[[], Any]) -> Any:
        """A request from outside: it may die or be refused; nobody repeats it."""
        self.faults.new_process()
        try:
            return step()
        except (Exception, SimulatedCrash):
            return None

    def sweep(self) -> None:
        """The scheduled sweep; it may die, too."""
        self.attempt(lambda: sweep(self.ports))

    def recover(self) -> None:
        """The schedule calls providers; then the lease runs out, one sweep comes by, and executions go on."""
        self.outside.mail_failed |= self.faults.failed_a_mail
        if self.town.is_busy:
            self.call()
        self.clock.advance(LEASE)
        self.sweep()
        self.pump()

    def call(self) -> None:
        """The schedule asks providers, and they tell what they have to tell; what was not taken in comes again."""
        turns = iter(range(100))
        self.attempt(lambda: call_due(self.ports, lambda: next(turns, None) is not None))
        self.unheard += self.town.letters()
        for letter in list(self.unheard):
            if self.attempt(lambda letter=letter: hear(self.ports, *letter)) is not None:  # type: ignore[misc]
                self.unheard.remove(letter)

    def settle(self) -> None:
        """Time goes on, from moment to moment at which something is to be done about a refund, until nothing is."""
        for _ in range(80):
            moments = [self.town.next_moment(), *self._looked_at_next(), self.clock.at if self.unheard else None]
            found = [each for each in moments if each]
            if not found:
                return self.recover()
            self.clock.at = max(min(found), self.clock.at + timedelta(seconds=1))
            self.sweep()
            self.pump()
            self.call()
        raise AssertionError("a refund has no end")

    def _looked_at_next(self) -> list[datetime | None]:
        due = self.store.due_dispatches(self.clock.at + timedelta(days=365), 20)
        return [each.next_at for each in map(self.store.dispatch, due) if each]

    def case(self, case_id: str) -> Case | None:
        return self.store.case(case_id)

    def _invoke(self, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        self.faults.new_process()
        if self.broken:
            raise SimulatedCrash(name)
        if name == "enter":
            return enter(self.ports, payload["case_id"], payload["run"], payload["turn"], payload.get("token"))
        return time_out(self.ports, payload["case_id"], payload["run"], payload["turn"])


class Laboratory:
    """Everything that is made once: moto, clients with hooks, tables. Worlds follow each other in it."""

    def __init__(self) -> None:
        self.faults, self.services = Faults(), Services()
        session = botocore.session.get_session()
        self.faults.watch(session.get_component("event_emitter"))
        self.services.watch(session.get_component("event_emitter"))
        boto = boto3.Session(botocore_session=session, region_name=REGION)
        made: dict[str, Any] = {}
        once = Config(retries={"total_max_attempts": 1})  # no sleeping; what fails comes again
        self.clients = lambda name: made.get(name) or made.setdefault(name, boto.client(name, config=once))
        self.store = DynamoStore(prefix="proof-")
        self.store.create_tables()
        self.faults.watch(self.store.tables.connection.client.meta.events)

    def world(self, *, orchestrated: bool = True, max_tries: int = Pace().max_tries, small: bool = True) -> ProofWorld:
        """A fresh world: empty tables, no executions, nothing sent. Without `small` rows are written as 0.2.0 did."""
        self.faults.disarm()
        self.rewind()
        store = DynamoStore(prefix="proof-")
        if small:
            store.write_small()
        clock, numbers = HandClock(), count(1)
        outside, executions = Outside(), Executions(clock)
        town = Town(clock, self.faults.around)
        self.services.outside, self.services.executions, self.services.mood = outside, executions, _well
        ports = Ports(
            store=store,
            policies=CachedPolicies(store=store, real_time=lambda: 0.0),
            odds=CachedOdds(store=store, real_time=lambda: 0.0),
            calendar=NoHolidays(),
            orchestrator=StepFunctions(clients=self.clients, state_machine_arn="arn:aws:states:::stateMachine:batal"),
            mailer=Ses(clients=self.clients, sender="batal@example.com"),
            events=EventBridge(clients=self.clients, bus="batal"),
            files=Bucket(clients=self.clients, name="batal-evidence"),
            compose=partial(compose, links=Links(public_url="https://batal.example", secret="proof")),
            tell=partial(tell, links=Links(public_url="https://batal.example", secret="proof")),
            now=clock,
            new_id=lambda: f"id{next(numbers)}",
            new_reference=lambda: f"id{next(numbers)}",
            new_salt=lambda: "salt",
            pace=Pace(orchestrated=orchestrated, max_tries=max_tries),
            vault=Safe(),
            receivers=Listener(),
            compose_off=off,
            compose_digest=partial(compose_digest, links=Links(public_url="https://batal.example", secret="proof")),
            fingerprint=partial(fingerprint, secret="fake"),
            provider_names=frozenset(town.providers),
            providers=town.providers,
            payouts="xendit_payouts",
        )
        return ProofWorld(ports, store, clock, self.faults, executions, outside, self.services, self.rewind, town)

    def rewind(self) -> None:
        """Empty tables."""
        for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
            table.items.clear()


@contextmanager
def laboratory() -> Iterator[Laboratory]:
    """A laboratory, with an environment of its own."""
    given = {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "proof",
        "AWS_SECRET_ACCESS_KEY": "proof",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        with mock_aws(), quick_dynamodb(), no_sockets():
            yield Laboratory()
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
