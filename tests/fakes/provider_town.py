"""All fake providers at one clock, which the real adapters speak to without sockets: for proofs that call very often,
or die in the middle of a call. `tests/proofs/test_providers.py` speaks to them over HTTP.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from threading import RLock
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import pytest
from urllib3.exceptions import ProtocolError

from chalicelib.adapters.providers import http
from chalicelib.domain.money.providers import Provider
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from infra.sandbox.providers.fakes import FAKES, kind_of
from infra.sandbox.providers.serving import Say
from infra.sandbox.providers.till import Behaviour, Line, Paid, Till
from tests.fakes.provider_halls import NAMES, Clock, FakeProvider, adapter, fake_of

# A provider's notification: who tells it, its headers, its bytes.
Letter = tuple[str, Mapping[str, str], bytes]
# What stands around a call: its name, and the call itself. None: no answer came.
Around = Callable[[str, Callable[[], Say | None]], Say | None]


def card_by(provider: str, order_id: str, amount: int) -> Tender:
    """A card payment that Batal asks this provider for: all of an order's, or a part."""
    first, *others = FAKES[provider].names
    references = {first: payment_of(order_id), **{name: f"{name}-{order_id}" for name in others}}
    return Tender(method=Method.CARD, amount=amount, provider=provider, references=references)


def payment_of(order_id: str) -> str:
    """By what a provider knows an order's payment."""
    return f"P-{order_id}"


def plainly(name: str, call: Callable[[], Say | None]) -> Say | None:
    """Nothing does."""
    return call()


def place_of(path: str) -> str:
    """Where a call goes, with `{}` for whatever it is about: `/v2/{}/refund`."""
    steps = urlsplit(path).path.split("/")
    return "/".join(step if _IS_FIXED.fullmatch(step) else "{}" for step in steps)


# What stands in paths of every provider's whatever is asked; ids have digits or capitals.
_IS_FIXED = re.compile(r"v[0-9]|[a-z-]*")


class Town:
    """The fakes, who speaks to them, and what stands around every call."""

    def __init__(self, clock: Clock, around: Around = plainly) -> None:
        self.clock, self.around = clock, around
        self.fakes: Mapping[str, FakeProvider] = {name: fake_of(name, clock) for name in NAMES}
        self.providers: Mapping[str, Provider] = {
            name: adapter(name, clock, f"https://{name}.{id(self)}.example") for name in NAMES
        }
        self._one_at_a_time = RLock()
        self.called = Counter[str]()
        _TOWNS[str(id(self))] = self

    def till(self, name: str) -> Till:
        """What that provider has."""
        return self.fakes[name].till

    def pay(self, tender: Tender, at: datetime, amount: int | None = None) -> None:
        """A tender's payment was made with its provider: of its amount, unless more was paid by it."""
        if tender.provider and tender.provider in self.fakes and tender.references:
            kind = kind_of(tender.provider, tender.method, tender.channel)
            names = tuple(tender.references.values())
            self.till(tender.provider).pay(Paid(names=names, amount=amount or tender.amount, kind=kind, at=at))

    @property
    def is_busy(self) -> bool:
        """Whether anything was ever paid here."""
        return any(fake.till.payments for fake in self.fakes.values())

    def behave(self, mood: Behaviour, *, silent: bool = False) -> None:
        """How all of them treat what they are asked next."""
        for fake in self.fakes.values():
            fake.till.behaviour, fake.till.silent = mood, silent

    def letters(self) -> Sequence[Letter]:
        """Notifications that arrive now, once each."""
        with self._one_at_a_time:
            return [(name, headers, raw) for name, fake in self.fakes.items() for headers, raw in fake.letters()]

    def next_moment(self) -> datetime | None:
        """When one of them does or tells something next by itself."""
        moments: list[datetime] = []
        for fake in self.fakes.values():
            till = fake.till
            moments += [each.at for each in till.outgoing]
            moments += [at for at, _ in till.delayed]
            moments += [each.ends for each in till.refunds if each.state == "pending"]
            moments += [each.reverses for each in till.refunds if each.reverses and each.state == "succeeded"]
        return min(moments, default=None)

    def lines(self, name: str) -> Sequence[Line]:
        """The ledger of one of them: what really went, and came back."""
        with self._one_at_a_time:
            self.fakes[name].catch_up()
            return list(self.till(name).ledger)

    def answer(self, name: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """One request, as they would get it over HTTP."""
        small = {each.lower(): value for each, value in headers.items()}
        with self._one_at_a_time:
            called = f"{name}.{method} {place_of(path)}"
            self.called[called] += 1
            return self.around(called, lambda: self.fakes[name].answer(method, path, small, body))


_TOWNS: WeakValueDictionary[str, Town] = WeakValueDictionary()


class _Answer:
    """As much of urllib3's response as the adapters look at."""

    def __init__(self, said: Say) -> None:
        self.status, self.headers, self._body = said.status, said.headers, BytesIO(said.body)

    def read(self, most: int) -> bytes:
        return self._body.read(most)

    def __enter__(self) -> "_Answer":
        return self

    def __exit__(self, *_: object) -> None:
        pass


class _Pool:
    """In place of urllib3's pool: a call is an answer, or the connection ends without one."""

    def request(self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], **_: Any) -> _Answer:
        place = urlsplit(url)
        name, town, _top = str(place.hostname).split(".")
        path = place.path + (f"?{place.query}" if place.query else "")
        said = _TOWNS[town].answer(name, method, path, headers, body or b"")
        if said is None:
            raise ProtocolError("connection ended without an answer")
        return _Answer(said)


@contextmanager
def no_sockets() -> Iterator[None]:
    """While this lasts adapters reach the towns alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "_pool", _Pool)
        yield
