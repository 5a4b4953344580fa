"""A house of somebody else's on this machine that answers in JSON: what it says is up to each test."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What it says to a path, headers and body: the status and what becomes JSON.
Says = Callable[[str, Mapping[str, str], bytes], tuple[int, Any]]


@contextmanager
def json_server(says: Says) -> Iterator[str]:
    """Its address, while it is open."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.rfile.read(int(self.headers.get("content-length", "0")))
            status, body = says(self.path, {name.lower(): text for name, text in self.headers.items()}, asked)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
