"""Where events are posted to. It verifies, keeps and answers; the work is done afterwards, by somebody else.

An answer of 2xx within ten seconds says: I have it, never tell me again. So answer when it is kept, not when it is
done, and answer anything else whenever it could not be kept: it comes again.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

Event = dict[str, Any]
_LARGEST = 1_000_000  # bytes; no event is as long


class Receiver:
    """An address on this machine, and the events that were kept. While it is `away` it takes none (503); while it is
    `forgetful` it says that it has them and loses them, as a server does that dies after its answer."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Known once the webhook was made; two of them while it is changed (`rotate`).
        self.secrets: tuple[str, ...] = ()
        self.away = False
        self.forgetful = False
        self.lost = 0
        self._kept: SimpleQueue[Event] = SimpleQueue()

    def takes(self, headers: dict[str, str], body: bytes) -> int:
        """The status to answer to one post."""
        if self.away:
            return 503
        event = verified(self.secrets, headers, body)
        if event is None:
            return 401
        # A real one writes it down here, under its id: it is told at least once, so now and then twice.
        if self.forgetful:
            self.lost += 1
        else:
            self._kept.put(event)
        return 204

    def kept(self, seconds: float) -> Event | None:
        """The next event that was kept, or none within that time."""
        try:
            return self._kept.get(timeout=seconds)
        except Empty:
            return None


def verified(secrets: tuple[str, ...], headers: dict[str, str], body: bytes) -> Event | None:
    """The event in a post that was signed with one of the secrets; None where it was not, or too long ago. It is the
    body as it came that is signed: verify before anything parses it."""
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, ValueError):
            continue
        event: Event = json.loads(body)
        return event
    return None


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on a free port of this machine. Yours is behind https: no other address is posted to outside of the
    sandbox."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(length, _LARGEST))
            names = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.takes(names, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed for a post."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/batal")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
