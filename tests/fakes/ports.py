"""A whole house in memory: fakes that behave, and can be told to fail."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.adapters.fingerprints import fingerprint
from chalicelib.adapters.odds import CachedOdds
from chalicelib.adapters.policies import CachedPolicies
from chalicelib.domain.cases.beside import Beside
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.effects import Mail as MailEffect
from chalicelib.domain.cases.effects import Promise, encode
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.cases.webhooks import Reply, Webhook
from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.money.payout import Account, identity_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.days_off import PublicDay
from chalicelib.domain.ports import LEAST_PART, Event, Mail, Ports, Store, Token, Upload
from chalicelib.links import Links
from chalicelib.mail import tell
from chalicelib.mail.digests import compose_digest
from infra.sandbox.builders import NOW, an_order
from tests.fakes.memory_store import MemoryStore


@dataclass
class HandClock:
    """A clock that moves when told."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Outbox:
    """Takes mails; refuses those that `refuses` names, and calls `while_sending` in the middle of each."""

    sent: list[Mail] = field(default_factory=list)
    refuses: Callable[[Mail], bool] = lambda mail: False
    while_sending: Callable[[Mail], None] = lambda mail: None

    def send(self, mail: Mail) -> None:
        self.while_sending(mail)
        if self.refuses(mail):
            raise Unavailable("ses")
        self.sent.append(mail)

    @property
    def kinds(self) -> list[str]:
        return sorted(f"{mail.kind}:{mail.to}" for mail in self.sent)


@dataclass
class Bus:
    """Takes events, unless it is down."""

    published: list[Event] = field(default_factory=list)
    down: bool = False

    def publish(self, events: Sequence[Event]) -> Collection[str]:
        if self.down:
            raise Unavailable("events")
        self.published += events
        return ()

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.published]


@dataclass
class Executions:
    """Remembers what was started and answered, unless it is down."""

    started: list[Mapping[str, Any]] = field(default_factory=list)
    answered: list[tuple[Token, Mapping[str, Any]]] = field(default_factory=list)
    down: bool = False

    def start(self, case: Case, ticket: Mapping[str, Any]) -> None:
        self._reach()
        self.started.append(ticket)

    def answer(self, token: Token, ticket: Mapping[str, Any]) -> bool:
        self._reach()
        if token.token in {earlier.token for earlier, _ in self.answered}:
            return False
        self.answered.append((token, ticket))
        return True

    def _reach(self) -> None:
        if self.down:
            raise Unavailable("step_functions")


@dataclass
class Listener:
    """A receiver of webhooks: remembers what it took, and answers as `answers` says."""

    took: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: Callable[[str], Reply] = lambda message_id: Reply(status=200)

    def check(self, url: str) -> None:
        if not url.startswith("https://"):
            raise Invalid("url_not_allowed")

    def secret(self, webhook_id: str, generation: int) -> str:
        return f"whsec_{webhook_id}_{generation}"

    def post(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Reply:
        self.asked.append(message_id)
        reply = self.answers(message_id)
        if reply.taken:
            self.took.append(message_id)
        return reply


def off(webhook: Webhook) -> Mail:
    """The mail that would tell of it."""
    whom = {"to": webhook.contact, "subject": webhook.off or "", "kind": "webhook_off", "locale": "en"}
    return Mail(**whom, text="", html="", case_id="", effect_id="")


class NoHolidays:
    """Every weekday is a working day."""

    countries = ("ID", "TH")

    def holidays(self, now: datetime, country: str | None) -> Collection[date]:
        return ()

    def public_days(self, year: int, locale: str, country: str) -> Sequence[PublicDay]:
        return ()


@dataclass
class Shelf:
    """A bucket: what was uploaded under which key."""

    lying: dict[str, bytes] = field(default_factory=dict)
    growing: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def upload(self, key: str, content_type: str, most_bytes: int, now: datetime, back: str | None = None) -> Upload:
        return Upload(url=f"https://files.example/{key}", fields={"key": key}, expires_at=now + timedelta(minutes=15))

    def download(self, key: str, filename: str, content_type: str) -> str:
        return f"https://files.example/{key}?as={filename}&type={content_type}"

    def present(self, prefix: str) -> Mapping[str, int]:
        return {key: len(content) for key, content in self.lying.items() if key.startswith(prefix)}

    def read(self, key: str) -> bytes | None:
        return self.lying.get(key)

    def seal(self, key: str, content_type: str, content: bytes) -> bool:
        return self.lying.setdefault(key, content) is content

    def remove(self, key: str) -> None:
        self.lying.pop(key, None)

    def fetch(self, key: str, to: Path) -> bool:
        if key not in self.lying:
            return False
        to.write_bytes(self.lying[key])
        return True

    def lay(self, key: str, content_type: str, file: Path) -> None:
        self.lying[key] = file.read_bytes()

    def read_range(self, key: str, start: int, length: int) -> bytes | None:
        content = self.lying.get(key)
        return None if content is None else content[start : start + length]

    def begin_parts(self, key: str, content_type: str) -> str:
        upload = f"{key}-{len(self.growing)}"
        self.growing[upload] = {}
        return upload

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> None:
        self.growing[upload][number] = content

    def end_parts(self, key: str, upload: str) -> None:
        if upload not in self.growing and key in self.lying:
            return
        parts = [content for _, content in sorted(self.growing.pop(upload).items())]
        assert all(len(part) >= LEAST_PART for part in parts[:-1])
        self.lying[key] = b"".join(parts)


@dataclass
class Neighbourhood:
    """The house and everything around it."""

    ports: Ports
    store: MemoryStore
    clock: HandClock
    outbox: Outbox
    bus: Bus
    executions: Executions

    def push(self, order: Order | None = None) -> Order:
        """An order, as if the OMS had told it."""
        pushed = order or an_order()
        self.store.commit(Change(push=Push(before=None, after=pushed)))
        return pushed

    def case(self, case_id: str) -> Case:
        found = self.store.case(case_id)
        assert found is not None
        return found


class Safe:
    """Seals by reversing what is written, for one case each."""

    def seal(self, case_id: str, account: Account) -> bytes:
        return f"{case_id}|{msgspec.json.encode(account).decode()}"[::-1].encode()

    def unseal(self, case_id: str, sealed: bytes) -> Account:
        of, _, plain = sealed.decode()[::-1].partition("|")
        assert of == case_id
        return msgspec.json.decode(plain, type=Account)

    def fingerprint(self, account: Account) -> str:
        return sha256(identity_of(account).encode()).hexdigest()


def a_neighbourhood(
    *, orchestrated: bool = True, store: Store | None = None, max_tries: int = Pace().max_tries
) -> Neighbourhood:
    """A house of fakes."""
    memory, clock, outbox, bus, executions = MemoryStore(), HandClock(), Outbox(), Bus(), Executions()
    numbers = count(1)
    ports = Ports(
        store=store or memory,
        policies=CachedPolicies(store=memory, real_time=lambda: 0.0),
        odds=CachedOdds(store=store or memory, real_time=lambda: 0.0),
        calendar=NoHolidays(),
        orchestrator=executions,
        mailer=outbox,
        events=bus,
        files=Shelf(),
        compose=_composed,
        tell=partial(tell, links=Links(public_url="https://batal.example", secret="fake")),
        now=clock,
        new_id=lambda: f"id{next(numbers)}",
        new_reference=lambda: f"id{next(numbers)}",
        new_salt=lambda: "salt",
        pace=Pace(orchestrated=orchestrated, max_tries=max_tries),
        vault=Safe(),
        receivers=Listener(),
        compose_off=off,
        compose_digest=partial(compose_digest, links=Links(public_url="https://batal.example", secret="fake")),
        fingerprint=partial(fingerprint, secret="fake"),
    )
    return Neighbourhood(ports, memory, clock, outbox, bus, executions)


def _composed(promise: Promise, case: Case, order: Order, beside: Beside) -> Mail:
    promised = promise.effect
    assert isinstance(promised, MailEffect)
    return Mail(
        to=promised.to,
        subject="",
        text="",
        html="",
        kind=promised.kind,
        case_id=case.case_id,
        effect_id=encode(promise),
        locale="id",
    )
