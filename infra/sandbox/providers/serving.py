"""A fake provider served on this machine, for as long as a block runs."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Say:
    """An answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Fake(Protocol):
    """What answers. None: the connection ends without an answer."""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """Header names in small letters."""


@contextmanager
def served(fake: Fake) -> Iterator[str]:
    """The address at which it is reached, on a free port of 127.0.0.1. One request at a time."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "fake-provider", ""
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Say nothing: headers carry secrets."""

        def _answer(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), _MOST_BYTES)
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                said = fake.answer(self.command, self.path, headers, self.rfile.read(length))
            if said is None:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = _answer  # noqa: N815 - the standard library names them so

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
