"""The fake providers of the sandbox: one of each, served for as long as the process runs. They know every payment that
an order says was made with them."""

import atexit
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib import wiring
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Ports
from chalicelib.workflow import refund_calls
from infra.sandbox.providers.midtrans import FakeMidtrans
from infra.sandbox.providers.serving import served
from infra.sandbox.providers.stripe import FakeStripe
from infra.sandbox.providers.till import Paid, Till
from infra.sandbox.providers.xendit import FakeXendit

_MAKERS: Mapping[str, Any] = {"midtrans": FakeMidtrans, "xendit": FakeXendit, "stripe": FakeStripe}
SECRETS: Mapping[str, Mapping[str, str]] = {
    "midtrans": {"server_key": "sandbox-server-key"},
    "xendit": {"secret_key": "sandbox-xendit-key", "callback_token": "sandbox-callback-token"},
    "stripe": {"secret_key": "sandbox-stripe-key", "webhook_secret": "sandbox-stripe-webhooks"},
}
# How each calls the ways of paying, where it has a name of its own for them.
_CARDS = {"midtrans": "credit_card", "xendit": "CARDS", "stripe": "card"}


@dataclass(frozen=True, slots=True)
class House:
    """One fake, and where it is served."""

    fake: Any
    address: str


@cache
def street() -> Mapping[str, House]:
    """All of them."""
    made = {name: make(till=Till(now=wiring.now), **SECRETS[name]) for name, make in _MAKERS.items()}
    stays = ExitStack()
    # Before the interpreter stops the servers' threads: after that nobody would answer that they have ended.
    atexit.register(stays.close)
    return {name: House(fake, stays.enter_context(served(fake))) for name, fake in made.items()}


def forget() -> None:
    """Nobody ever paid there."""
    for house in street().values():
        house.fake.till = Till(now=wiring.now)
        house.fake.forget()


def environment() -> Mapping[str, str]:
    """The settings by which Batal speaks to them."""
    found = {"PROVIDERS": ",".join(_MAKERS)}
    for name, house in street().items():
        found[f"{name}_url".upper()] = house.address
        found |= {f"{name}_{what}".upper(): secret for what, secret in SECRETS[name].items()}
    return found


def calls_go_out(ports: Ports) -> None:
    """What the schedule does, and what the providers tell by themselves by now."""
    for id in ports.store.due_dispatches(ports.now(), 100):
        case = ports.store.case(id.case_id)
        order = ports.store.order(case.order_id) if case else None
        if order:
            _know(order)
    refund_calls.call_due(ports)
    for name, house in street().items():
        for headers, raw in house.fake.letters():
            refund_calls.hear(ports, name, headers, raw)
    refund_calls.call_due(ports)


def _know(order: Order) -> None:
    for tender in order.body.valid_tenders:
        house = street().get(tender.provider or "")
        names = [*(tender.references or {}).values(), *([tender.reference] if tender.reference else [])]
        if house and names and names[0] not in house.fake.till.payments:
            at = tender.collected_at or order.body.paid_at or order.body.placed_at
            kind = _kind(tender, tender.provider or "")
            house.fake.till.pay(
                Paid(names=tuple(names), amount=tender.amount, currency=order.body.currency, kind=kind, at=at)
            )


def _kind(tender: Tender, name: str) -> str:
    if tender.method == "card":
        return _CARDS[name]
    kind = tender.channel or tender.method.value
    return kind.upper() if name == "xendit" else kind
