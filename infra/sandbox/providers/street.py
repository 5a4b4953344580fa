"""The fake providers of the sandbox: one of each, served for as long as the process runs. They know every
payment that an order says was made with them."""

import atexit
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from chalicelib import wiring
from chalicelib.domain.money.providers import Ability, Habits, Notification, PartRequest, Provider, ProviderAnswer
from chalicelib.domain.ports import Ports
from chalicelib.workflow import refund_calls
from infra.sandbox.providers.fakes import FAKES, company_of, kind_of, made, secrets_of
from infra.sandbox.providers.serving import Say, served
from infra.sandbox.providers.till import Paid, Till

SECRETS: Mapping[str, Mapping[str, str]] = {name: secrets_of(name, "sandbox") for name in FAKES}
# The schedule and whoever moves the clock come from threads of their own.
_ROUND = threading.Lock()


@dataclass(frozen=True, slots=True)
class House:
    """One fake, and where it is served."""

    fake: Any
    address: str


@dataclass(frozen=True, slots=True)
class Company:
    """The fakes that share an address, by how the paths begin that are theirs."""

    fakes: Mapping[str, Any]

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """By the one whose path it is, the longest first."""
        begins = max((each for each in self.fakes if path.startswith(each)), key=len)
        said: Say | None = self.fakes[begins].answer(method, path, headers, body)
        return said


@cache
def street() -> Mapping[str, House]:
    """All of them."""
    fakes = {name: made(name, Till(now=wiring.now), SECRETS[name]) for name in FAKES}
    companies: dict[str, dict[str, Any]] = {}
    for name, fake in fakes.items():
        companies.setdefault(company_of(name), {})[FAKES[name].path] = fake
    stays = ExitStack()
    # Before the interpreter stops the servers' threads: after that nobody would answer that they have ended.
    atexit.register(stays.close)
    at = {name: stays.enter_context(served(Company(its))) for name, its in companies.items()}
    return {name: House(fake, at[company_of(name)]) for name, fake in fakes.items()}


def forget() -> None:
    """Nobody ever paid there."""
    for house in street().values():
        house.fake.till = Till(now=wiring.now)
        house.fake.forget()


def environment() -> Mapping[str, str]:
    """The settings by which Batal speaks to them."""
    found = {"PROVIDERS": ",".join(FAKES)}
    for name, house in street().items():
        company = company_of(name)
        found[f"{company}_url".upper()] = house.address
        found |= {f"{company}_{what}".upper(): secret for what, secret in SECRETS[name].items()}
    return found


def calls_go_out(ports: Ports) -> None:
    """What the schedule does, and what the providers tell by themselves by now. One round at a time."""
    with _ROUND:
        introduced = {name: _introducing(provider) for name, provider in ports.providers.items()}
        calling = replace(ports, providers=introduced)
        refund_calls.call_due(calling)
        for name, house in street().items():
            for headers, raw in house.fake.letters():
                refund_calls.hear(ports, name, headers, raw)
        refund_calls.call_due(calling)


def _introducing(provider: Provider) -> Provider:
    """The same, whose fake hears of a payment with the first question about it: whoever else pushes orders meanwhile
    can have nothing asked about that the fake does not know."""
    house = street().get(provider.name)
    return Introducing(provider, house.fake) if house else provider


@dataclass(frozen=True, slots=True)
class Introducing:
    """A provider as Batal speaks to it, and the fake that it reaches."""

    provider: Provider
    fake: Any

    @property
    def name(self) -> str:
        """As the provider."""
        return self.provider.name

    @property
    def habits(self) -> Habits:
        """As the provider."""
        return self.provider.habits

    def able(self, request: PartRequest, now: datetime) -> Ability:
        """As the provider."""
        return self.provider.able(request, now)

    def find(self, request: PartRequest) -> ProviderAnswer:
        """As the provider."""
        self._know(request)
        return self.provider.find(request)

    def send(self, request: PartRequest) -> ProviderAnswer:
        """As the provider."""
        self._know(request)
        return self.provider.send(request)

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Sequence[Notification]:
        """As the provider."""
        return self.provider.heard(headers, raw)

    def _know(self, request: PartRequest) -> None:
        names, till = tuple(request.references.values()), self.fake.till
        if names and names[0] not in till.payments and not FAKES[self.name].pays_out:
            kind, at = kind_of(self.name, request.method, request.channel), request.collected_at or wiring.now()
            till.pay(Paid(names=names, amount=request.collected, currency=request.currency, kind=kind, at=at))
