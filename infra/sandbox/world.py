"""One sandbox world: AWS, the app wired to it, tables and a clock. Tests and the server share it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from chalice.app import Chalice

from chalicelib import wiring
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.ports import Ports
from infra.sandbox import outage, tokens
from infra.sandbox.aws import aws
from infra.sandbox.clock import SandboxClock
from infra.sandbox.providers import street

SECRETS = {
    "LINK_SECRET": "sandbox-link-secret",
    "SESSION_SECRET": "sandbox-session-secret",
    "ACCOUNT_SECRET": "sandbox-account-secret",
    "ORDERS_SECRET": "whsec_c2FuZGJveC1vcmRlcnMtc2VjcmV0",
    "PAYMENTS_SECRET": "whsec_c2FuZGJveC1wYXltZW50cy1zZWNyZXQ=",
    "CLUE_SECRET": "sandbox-clue-secret",
    "SIGNING_SECRET": "sandbox-signing-secret",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A running sandbox."""

    app: Chalice
    clock: SandboxClock
    ports: Ports
    store: DynamoStore
    state_machine_arn: str


@contextmanager
def world(
    public_url: str = "http://127.0.0.1:8000", definition: str | None = None, **environment: str
) -> Iterator[World]:
    """A world of its own, gone when the context ends. `environment` overrides settings, such as ORCHESTRATOR."""
    from app import app

    with aws(app, definition) as arn:
        given = {
            "PUBLIC_URL": public_url,
            "STATE_MACHINE_ARN": arn,
            "JWT_JWKS": msgspec.json.encode(tokens.jwks()).decode(),
            "JWT_ISSUER": "sandbox",
            "EVIDENCE_URL": f"{public_url}/sandbox/files",
            "REPLY_DOMAIN": "reply.batal.example",
            "EVENTS_HORIZON": "0",  # one process: what is written is visible
            "WEBHOOKS_ANYWHERE": "1",
            "QUOTAS": ",".join(f"{each}=100000" for each in Counted),  # a handful of people does everything here
            "SPREAD": "0",  # one herd of one: a clock that is moved by hand meets deadlines exactly
            **SECRETS,
            **street.environment(),
            **environment,
        }
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        wiring.reset()
        clock = SandboxClock()
        wiring.set_clock(clock)
        wiring.set_receivers(outage.Reachable)
        try:
            ports = wiring.ports()
            store = cast(DynamoStore, ports.store)
            store.create_tables()
            street.forget()
            yield World(app=app, clock=clock, ports=ports, store=store, state_machine_arn=arn)
        finally:
            wiring.reset()
            _restore(before)


def _restore(before: dict[str, Any]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
