"""Which fake providers there are: the one list of them, for the sandbox and for tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.orders.methods import Method
from infra.sandbox.providers.doku import FakeDoku
from infra.sandbox.providers.midtrans import FakeMidtrans
from infra.sandbox.providers.stripe import FakeStripe
from infra.sandbox.providers.till import Paid, Till
from infra.sandbox.providers.xendit import FakeXendit
from infra.sandbox.providers.xendit_payouts import FakeXenditPayouts


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of provider.

    make     its fake, of a till and its secrets
    secrets  their names
    names    as what an order tells the names of a payment, its own first
    ways     how it calls the ways of paying, by method and channel; for payouts, the ways to be paid
    company  whose keys and address it has, where those are another sort's; `path`: how what is its own begins there
    pays_out whether it pays to accounts, and gives nothing back the way it came
    """

    make: Any
    secrets: tuple[str, ...]
    names: tuple[str, ...]
    ways: Mapping[tuple[Method, str | None], str]
    company: str | None = None
    path: str = "/"
    pays_out: bool = False


FAKES: Mapping[str, Sort] = {
    "midtrans": Sort(
        FakeMidtrans,
        secrets=("server_key",),
        names=("transaction_id",),
        ways={
            (Method.CARD, None): "credit_card",
            (Method.EWALLET, "gopay"): "gopay",
            (Method.EWALLET, "shopeepay"): "shopeepay",
            (Method.EWALLET, "ovo"): "ovo",
            (Method.PAYLATER, "kredivo"): "kredivo",
        },
    ),
    "xendit": Sort(
        FakeXendit,
        secrets=("secret_key", "callback_token"),
        names=("payment_id",),
        ways={(Method.CARD, None): "CARDS", (Method.QRIS, None): "QRIS", (Method.PAYLATER, "kredivo"): "KREDIVO"},
    ),
    "stripe": Sort(
        FakeStripe,
        secrets=("secret_key", "webhook_secret"),
        names=("payment_intent",),
        ways={(Method.CARD, None): "card"},
    ),
    "doku": Sort(
        FakeDoku,
        secrets=("client_id", "secret_key"),
        names=("original_request_id", "invoice_number"),
        ways={(Method.CARD, None): "CREDIT_CARD"},
    ),
    "xendit_payouts": Sort(
        FakeXenditPayouts,
        secrets=("secret_key", "callback_token"),
        names=(),
        ways={
            (Method.BANK, "bca"): "ID_BCA",
            (Method.BANK, "cimb"): "ID_CIMB",
            (Method.EWALLET, "gopay"): "ID_GOPAY",
        },
        company="xendit",
        path="/v2/payouts",
        pays_out=True,
    ),
}
# Those that give money back the way it came.
GIVERS = tuple(name for name, sort in FAKES.items() if not sort.pays_out)


def secrets_of(name: str, whose: str) -> dict[str, str]:
    """Secrets that are none: the same for the fake and for whoever calls it."""
    return {what: f"{whose}-{company_of(name)}-{what.replace('_', '-')}" for what in FAKES[name].secrets}


def company_of(name: str) -> str:
    """Under whose name its keys and its address are set."""
    return FAKES[name].company or name


def made(name: str, till: Till, secrets: Mapping[str, str]) -> Any:
    """A fake of that name."""
    return FAKES[name].make(till=till, **secrets)


def kind_of(name: str, method: Method, channel: str | None) -> str:
    """How it calls a way of paying; cards are one to it, and what it has no name for it calls as it was told."""
    ways = FAKES[name].ways
    if method is Method.CARD:
        return ways[Method.CARD, None]
    return ways.get((method, channel), channel or method.value)


def references(name: str, paid: Paid) -> dict[str, str]:
    """What an order tells of a payment, so that it is found there."""
    return dict(zip(FAKES[name].names, paid.names, strict=False))
