"""The sandbox's server, before anybody is served."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest
from chalice.app import Chalice

from app import app
from chalicelib.edge.route import ROUTES
from infra.sandbox.server import make_server
from tests.sandbox.running import free_port


@pytest.fixture
def port() -> Iterator[int]:
    port = free_port()
    server = make_server(Chalice(app_name="waiting"), port)
    yield port
    server.server.server_close()


def test_a_hundred_callers_may_wait_at_once(port: int) -> None:
    with ExitStack() as open_ones:
        for _ in range(100):
            caller = open_ones.enter_context(socket.socket())
            caller.settimeout(5)
            caller.connect(("127.0.0.1", port))


def test_what_requests_carry_is_worked_out_before_anybody_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads that read an order as their process's first died together, in one run of eight."""
    known: list[Any] = []
    monkeypatch.setattr(msgspec.json, "Decoder", known.append)
    make_server(app, free_port()).server.server_close()
    carried = [kind for each in ROUTES.values() for kind in (each.takes, each.query) if kind is not None]
    assert len(carried) > 50
    assert [kind for kind in carried if kind not in known] == []
