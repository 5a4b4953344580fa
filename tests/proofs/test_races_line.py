"""The connection that a contestant of a race has: one call that failed must not spoil all that follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.proofs.races import Line


@contextmanager
def _a_server_that(hangs_up: str) -> Iterator[tuple[str, Event]]:
    """Keeps a connection open as far as its answers say, but hangs up on its first `after` or `before` an answer."""
    hung_up = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            first = not hung_up.is_set()
            if not (first and hangs_up == "before"):
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
            self.close_connection = first

        def finish(self) -> None:
            super().finish()
            self.request.close()
            hung_up.set()

        def log_message(self, format: str, *args: object) -> None:
            """A test's output is not the place."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", hung_up
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _request(address: str) -> SimpleNamespace:
    return SimpleNamespace(method="POST", url=f"{address}/", body=b"{}", headers={})


def test_a_connection_that_the_emulator_closed_while_nobody_raced_is_opened_anew() -> None:
    with _a_server_that("after") as (address, hung_up):
        line = Line(address)
        assert line.send(_request(address)).status_code == 200
        assert hung_up.wait(20)
        assert line.send(_request(address)).status_code == 200
        line.close()


def test_a_call_that_was_cut_short_fails_as_botocore_knows_it_and_the_next_one_is_sent() -> None:
    with _a_server_that("before") as (address, hung_up):
        line = Line(address)
        with pytest.raises(ConnectionClosedError):
            line.send(_request(address))
        assert hung_up.wait(20)
        assert line.send(_request(address)).status_code == 200
        line.close()
