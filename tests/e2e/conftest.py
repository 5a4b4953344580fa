"""A whole sandbox per test: the real routes over HTTP, the shipped state machine, every mail as SES got it.

Rows lie in the store in memory, which halves what a test costs; on DynamoDB where a module looks at them
(`pytest.mark.dynamodb`), and wherever all is proved (`make proofs`). `tests/contract` holds both to the same word."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import boto3
import msgspec
import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.policies.policy import Policy
from chalicelib.workflow.sweeping import sweep
from infra.sandbox import aws, tokens
from infra.sandbox.builders import a_body, outbox_now
from infra.sandbox.seed import ORDERS, body_of
from infra.sandbox.server import make_server
from infra.sandbox.world import World, world
from tests.e2e.contract import breaches
from tests.fakes.memory_store import MemoryStore
from tests.proofs.figures import FULL
from tests.proofs.quick_moto import quick_dynamodb

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def unsafe(path: str, headers: dict[str, str]) -> list[str]:
    """What an answer does not say that every answer must: who may keep it, that it is of no other kind, https alone."""
    kept = "public, max-age=31536000, immutable" if path.startswith("/static/") else "no-store"
    # Of a style sheet that is not there, and of the sandbox's own pages, nothing is kept either.
    wanted = {"x-content-type-options": ("nosniff",), "cache-control": (kept, "no-store")}
    wrong = [name for name, values in wanted.items() if headers.get(name) not in values]
    wrong += [] if headers.get("strict-transport-security", "").startswith("max-age=") else ["hsts"]
    return wrong + [name for name, value in headers.items() if not value.isascii()]


@dataclass
class Marketplace:
    """Everybody who talks to Batal in a test, over HTTP."""

    world: World
    port: int
    patience: float = 15  # seconds

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            sent = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
            raw = body if body is None or isinstance(body, (bytes, str)) else msgspec.json.encode(body)
            connection.request(method, path, raw, sent | (headers or {}))
            heard = connection.getresponse()
            answer = Answer(heard.status, {k.lower(): v for k, v in heard.getheaders()}, heard.read().decode())
        finally:
            connection.close()
        if method != "OPTIONS":
            assert unsafe(path, answer.headers) == [], (method, path, answer.status)
        if answer.text and "json" in answer.headers.get("content-type", ""):
            assert list(breaches(method, path, answer.status, answer.headers, answer.json)) == [], answer
        return answer

    def as_(self, role: str, who: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        token = tokens.token(who, role, who if role == "seller" else None)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call(method, path, body, token=token, headers=named)

    def buyer(self, method: str, path: str, body: Any = None, *, who: str = "budi", **headers: str) -> Answer:
        return self.as_("buyer", who, method, path, body, **headers)

    def seller(self, method: str, path: str, body: Any = None, *, who: str = "toko-baju", **headers: str) -> Answer:
        return self.as_("seller", who, method, path, body, **headers)

    def operator(self, method: str, path: str, body: Any = None) -> Answer:
        return self.as_("operator", "omar", method, path, body)

    def support(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.as_("support", "sari", method, path, body, **headers)

    def oms(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.as_("system", "oms", method, path, body, **headers)

    def push(self, order_id: str) -> None:
        """One of the sandbox's orders, as the OMS pushes it over HTTP."""
        order = next(order for order in ORDERS if order["order_id"] == order_id)
        answer = self.oms("PUT", f"/v1/orders/{quote(order_id, safe='')}", body_of(order, self.world.clock()))
        assert answer.json["applied"], answer

    def order(self, order_id: str, **more: Any) -> str:
        """An order of the test's own, placed yesterday by the sandbox's clock."""
        now = self.world.clock()
        body = a_body(order_id=order_id, **{"placed_at": now - timedelta(days=1), **more})
        answer = self.oms("PUT", f"/v1/orders/{quote(order_id, safe='')}", body)
        assert answer.status in (200, 201), answer
        return order_id

    def status(self, order_id: str, status: str, version: int = 2) -> Answer:
        """The OMS says that an order moved."""
        body = {"status": status, "version": version, "at": self.world.clock().isoformat()}
        return self.oms("POST", f"/v1/orders/{quote(order_id, safe='')}/status", body)

    def say(self, role: str, case_id: str, action: str, **body: Any) -> Any:
        """A party says something to a case, which is taken; gives the case."""
        who = {"buyer": "budi", "seller": "toko-baju", "support": "sari", "system": "oms"}[role]
        answer = self.as_(role, body.pop("who", who), "POST", f"/v1/cases/{case_id}/{action}", body)
        assert answer.status == 200, answer
        return answer.json

    def ask(self, order_id: str, *, who: str = "budi", **wish: Any) -> Any:
        """The buyer asks; gives the case."""
        body = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True, **wish}
        answer = self.buyer("POST", f"/v1/orders/{quote(order_id, safe='')}/cancellations", body, who=who)
        assert answer.status == 201, answer
        return answer.json

    def case(self, case_id: str) -> Any:
        return self.support("GET", f"/v1/cases/{case_id}").json

    def press(self, address: str, **form: str) -> Answer:
        """Press a button of a page."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", self.path(address), urlencode(form), headers=headers)

    def behind(self, link: str) -> Answer:
        """The page behind a link in a mail, as a browser opens it that keeps its cookies."""
        left = self.call("GET", self.path(link))
        if left.status != 303:
            return left
        cookie = left.headers["set-cookie"].partition(";")[0]
        return self.call("GET", left.headers["location"], headers={"Cookie": cookie})

    def path(self, address: str) -> str:
        return address.removeprefix(f"http://127.0.0.1:{self.port}")

    def mails(self) -> list[aws.SentMail]:
        return aws.outbox()

    def kinds_mailed(self) -> list[tuple[str, str]]:
        """Who got which kind of mail, each as often as SES was called for it."""
        return sorted((mail.to.split("@")[0], mail.kind) for mail in aws.outbox())

    def execution(self, case_id: str) -> str | None:
        return aws.executions().get(f"{case_id}-1")

    def waits_in(self, case_id: str, turn: int = 1, run: int = 1) -> None:
        """Until the execution has entered this turn's wait and delivered what was pending."""
        store = self.world.ports.store

        def waiting() -> bool:
            token, case = store.token(case_id), store.case(case_id)
            if token is None or (token.run, token.turn) != (run, turn):
                return False
            return case is not None and not outbox_now(case)

        until(waiting, self.patience)

    def ended(self, case_id: str, run: int = 1) -> list[str]:
        """Until the execution has ended and every effect is delivered; gives the states it went through."""
        name = f"{case_id}-{run}"
        until(lambda: aws.executions().get(name) not in (None, "RUNNING"), self.patience)
        until(lambda: not outbox_now(self.row(case_id)), self.patience)
        assert aws.executions()[name] == "SUCCEEDED"
        return aws.states_entered(name)

    def row(self, case_id: str) -> Case:
        """The case as it is stored."""
        case = self.world.ports.store.case(case_id)
        assert case is not None
        return case

    def later(self, seconds: int) -> None:
        """Time passes, and the sweep runs."""
        self.world.clock.advance(seconds)
        sweep(self.world.ports)

    def expire(self, case_id: str) -> None:
        """The case's deadline passes, and the sweep hears the silence."""
        deadline = self.row(case_id).deadline_at
        assert deadline
        self.later(int((deadline - self.world.clock()).total_seconds()) + 61)

    def all_goes_out(self, case_id: str) -> None:
        """Until whoever delivers has delivered what the case has promised for now."""

        self._sweep_until(case_id, lambda case: not outbox_now(case))

    def money_is_sent(self, case_id: str) -> None:
        """Until no parcel that moves can call the money back: its request went out, by whoever delivers first."""

        self._sweep_until(case_id, lambda case: case.money_sent or not case.open)

    def _sweep_until(self, case_id: str, so: Callable[[Case], bool]) -> None:
        def met() -> bool:
            self.later(91)
            return so(self.row(case_id))

        until(met, self.patience)

    def everything(self, *, counters: bool = True) -> Any:
        """All tables and the outbox, to compare before and after; without the `counters` of callers where those who are
        refused count, too."""
        if isinstance(store := self.world.ports.store, MemoryStore):
            return store.everything(counters=counters), aws.outbox()
        client = boto3.client("dynamodb")
        tables = {
            name: sorted(
                (
                    item
                    for item in client.scan(TableName=name)["Items"]
                    if counters or not str(item.get("key")).startswith("{'S': 'quota#")
                ),
                key=lambda item: json.dumps(item, sort_keys=True, default=str),
            )
            for name in client.list_tables()["TableNames"]
        }
        return tables, aws.outbox()


def until(condition: Callable[[], T], seconds: float) -> T:
    """Wait for what another thread of the state machine is doing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come to pass")


@contextmanager
def marketplace(
    *,
    policies: tuple[Policy, ...] = (),
    definition: str | None = None,
    patience: float = 15,
    in_memory: bool = False,
    **environment: str,
) -> Iterator[Marketplace]:
    """A marketplace with policies, settings or a state machine of the test's own, on DynamoDB or `in_memory`."""
    with pytest.MonkeyPatch.context() as patch, quick_dynamodb(), ExitStack() as closing:
        if in_memory:
            store = MemoryStore()
            patch.setattr("chalicelib.adapters.dynamodb.DynamoStore", lambda prefix: store)
        made = closing.enter_context(world(definition=definition, **environment))
        server = make_server(made.app, 0)
        threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        for policy in policies:
            made.ports.store.put_policy(policy)
        try:
            yield Marketplace(made, server.server.server_address[1], patience)
        finally:
            server.server.shutdown()
            server.server.server_close()


def in_memory(request: pytest.FixtureRequest) -> bool:
    """Whether whoever asks is content with rows in memory."""
    return not FULL and request.node.get_closest_marker("dynamodb") is None


@pytest.fixture
def open_marketplace(request: pytest.FixtureRequest) -> Iterator[Callable[..., Marketplace]]:
    """Opens marketplaces that are gone after the test."""
    with ExitStack() as closing:

        def opened(*, policy: Policy | None = None, **more: Any) -> Marketplace:
            given = {"in_memory": in_memory(request), "policies": (policy,) if policy else (), **more}
            return closing.enter_context(marketplace(**given))

        yield opened


@pytest.fixture
def market(open_marketplace: Callable[..., Marketplace]) -> Marketplace:
    return open_marketplace()


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[Marketplace]:
    """One marketplace for a whole module; each test brings its own order."""
    with marketplace(in_memory=in_memory(request)) as made:
        yield made
