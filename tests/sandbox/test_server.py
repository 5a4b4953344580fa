"""The sandbox's server, before anybody is served."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from chalice.app import Chalice

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
