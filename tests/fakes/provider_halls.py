"""An adapter and the fake provider that it calls, over HTTP on this machine, at a time that only tests move."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from chalicelib.adapters.providers.doku import Doku
from chalicelib.adapters.providers.midtrans import Midtrans
from chalicelib.adapters.providers.stripe import Stripe
from chalicelib.adapters.providers.xendit import Xendit
from chalicelib.adapters.providers.xendit_payouts import XenditPayouts
from chalicelib.domain.money.payout import Account
from chalicelib.domain.money.providers import Notification, PartRequest, Provider, key_of
from chalicelib.domain.orders.methods import Method
from infra.sandbox.providers import fakes
from infra.sandbox.providers.fakes import FAKES, kind_of, references
from infra.sandbox.providers.serving import Say, served
from infra.sandbox.providers.till import CANCELLED, Line, Paid, Till

_ADAPTERS: Mapping[str, Any] = {
    "midtrans": Midtrans,
    "xendit": Xendit,
    "stripe": Stripe,
    "doku": Doku,
    "xendit_payouts": XenditPayouts,
}
NAMES = tuple(_ADAPTERS)
NOON = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)  # in Jakarta
SECRETS: Mapping[str, Mapping[str, str]] = {name: fakes.secrets_of(name, "test") for name in NAMES}


class Clock(Protocol):
    """Whose hands somebody else moves."""

    @property
    def at(self) -> datetime: ...


class FakeProvider(Protocol):
    """What all fakes have."""

    till: Till

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None: ...

    def catch_up(self) -> None: ...

    def letters(self) -> list[tuple[Mapping[str, str], bytes]]: ...

    def forget(self) -> None: ...


@dataclass(slots=True)
class Hall:
    """One provider, its caller, and their clock."""

    name: str
    fake: FakeProvider
    provider: Provider
    clock: "Hands"

    @property
    def till(self) -> Till:
        return self.fake.till

    def now(self) -> datetime:
        return self.clock.at

    def wait(self, **span: float) -> datetime:
        """Time goes by."""
        self.clock.at += timedelta(**span)
        return self.clock.at

    def ways(self) -> Sequence[tuple[Method, str | None]]:
        """By which one can pay here."""
        return tuple(FAKES[self.name].ways)

    def pay(
        self,
        number: int = 1,
        amount: int = 100_000,
        way: tuple[Method, str | None] | None = None,
        ago: timedelta = timedelta(days=1),
    ) -> Paid:
        """A payment that was made some time ago; where money is only paid out, one that was made elsewhere."""
        names = (f"own-{number}", f"order-{number}")
        kind = kind_of(self.name, *(way or self.ways()[0]))
        return self.till.pay(Paid(names=names, amount=amount, kind=kind, at=self.now() - ago))

    @property
    def pays_out(self) -> bool:
        """Whether it pays to accounts, and gives nothing back the way it came."""
        return FAKES[self.name].pays_out

    def request(
        self, paid: Paid, amount: int | None = None, *, part: str = "rf_1-card", number: int = 1
    ) -> PartRequest:
        """A part of that payment; all of it, unless said otherwise."""
        way = next(way for way, kind in FAKES[self.name].ways.items() if kind == paid.kind)
        return PartRequest(
            key=key_of(part, number),
            refund_id="rf_1",
            tender_id="card",
            method=way[0],
            channel=way[1],
            amount=paid.amount if amount is None else amount,
            currency=paid.currency,
            references=references(self.name, paid),
            collected=paid.amount,
            collected_at=paid.at,
            account=an_account(*way) if self.pays_out else None,
        )

    def letters(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Notifications that arrive now, with their signatures."""
        return self.fake.letters()

    def heard(self) -> list[Notification]:
        """What they say."""
        return [each for headers, raw in self.letters() for each in self.provider.heard(headers, raw)]

    def went(self, part: str = "rf_1-card") -> int:
        """What really went for a part and did not come back, under whatever keys."""
        self.fake.catch_up()
        return sum(each.amount for each in self.till.ledger if is_of(each, part))


def an_account(method: Method = Method.BANK, channel: str | None = "bca") -> Account:
    """An account that takes money."""
    number = "+6281234567890" if method is Method.EWALLET else "1234567890"
    return Account(method=method, channel=channel or "", number=number, holder="Budi Santoso")


@dataclass(slots=True)
class Hands:
    """A clock's."""

    at: datetime = NOON


@contextmanager
def hall(name: str) -> Iterator[Hall]:
    """A provider that is served for as long as the block runs."""
    clock = Hands()
    fake = fake_of(name, clock)
    with served(fake) as address:
        yield Hall(name, fake, adapter(name, clock, address), clock)


def fake_of(name: str, clock: Clock) -> FakeProvider:
    """A fake of that name, which nobody serves."""
    made: FakeProvider = fakes.made(name, Till(now=lambda: clock.at), SECRETS[name])
    return made


def adapter(name: str, clock: Clock, address: str, secrets: Mapping[str, str] | None = None) -> Provider:
    """The adapter of that name."""
    made: Provider = _ADAPTERS[name](secrets=secrets or SECRETS[name], now=lambda: clock.at, base_url=address)
    return made


def is_of(line: Line, part: str) -> bool:
    """Whether a line of a ledger is about that part, under whatever key, or about all of its payment."""
    return line.key == CANCELLED or line.key.rsplit("-", 1)[0] == part


def anew(the: Hall) -> None:
    """The same address, with nothing remembered: what a run leaves is no part of the next."""
    the.clock.at = NOON
    the.fake.till = Till(now=lambda: the.clock.at)
    the.fake.forget()


def known(request: PartRequest, reference: str | None) -> PartRequest:
    """The same request, when the provider's own id for it is known."""
    return replace(request, known_as=reference)
