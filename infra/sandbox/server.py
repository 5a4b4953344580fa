"""Chalice's local server, made to behave as API Gateway does."""

import functools
import uuid
from typing import Any
from urllib.parse import parse_qs

import msgspec
from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    ForbiddenError,
    LocalChalice,
    LocalDevServer,
    LocalGatewayException,
    NotAuthorizedError,
    create_local_server,
)

from chalicelib import wiring
from chalicelib.domain.errors import Unavailable
from chalicelib.edge.boundary import UNKNOWN
from chalicelib.edge.correlation import HEADER
from chalicelib.edge.limits import MOST_BYTES
from chalicelib.edge.problems import GATEWAY_RESPONSES, problem
from chalicelib.edge.route import ROUTES
from chalicelib.edge.safe_headers import SAFE_HEADERS

# API Gateway refuses larger bodies itself; ours are refused by the boundary long before.
_GATEWAY_LIMIT = 10 * 1024 * 1024


def code_of(error: LocalGatewayException) -> str:
    """The code of one of API Gateway's own refusals."""
    if isinstance(error, NotAuthorizedError):
        return GATEWAY_RESPONSES["UNAUTHORIZED"]
    if error.headers.get("x-amzn-ErrorType") == "AccessDeniedException":
        return GATEWAY_RESPONSES["ACCESS_DENIED"]
    # API Gateway asks for a token where it knows no such route.
    known = "MISSING_AUTHENTICATION_TOKEN" if isinstance(error, ForbiddenError) else "DEFAULT_5XX"
    return GATEWAY_RESPONSES[known]


_WAITING = 128


class GatewayHandler(ChaliceRequestHandler):
    """As API Gateway: no body for HEAD and 204, problem documents for its own refusals, no path in a log."""

    path: str
    # Headers and body are two writes; without this the second waits 40 ms for the first's acknowledgement.
    disable_nagle_algorithm = True
    server_version = "batal-sandbox"
    sys_version = ""

    def log_message(self, *_: Any) -> None:
        """Say nothing: addresses carry tokens."""

    def _parse_payload(self) -> tuple[dict[str, str], bytes | None]:
        length = self.headers.get("content-length", "0")
        size = int(length) if length.isdigit() else 0
        if size > _GATEWAY_LIMIT:
            self.close_connection = True
            return dict(self.headers), b" " * (MOST_BYTES + 1)
        return dict(self.headers), self.rfile.read(size) if size else None

    def _send_error_response(self, error: LocalGatewayException) -> None:
        if isinstance(error, ForbiddenError) and error.headers.get("x-amzn-ErrorType") != "AccessDeniedException":
            self._hand_on()
        else:
            self._send_error(code_of(error))

    def _hand_on(self) -> None:
        """What no route is goes to the application all the same, as by the template's `/{proxy+}`."""
        place, _, query = self.path.partition("?")
        event = {
            "requestContext": {"resourcePath": UNKNOWN, "httpMethod": self.command, "path": place},
            "pathParameters": {"proxy": place.lstrip("/")},
            "multiValueQueryStringParameters": parse_qs(query) or None,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "stageVariables": None,
            "isBase64Encoded": False,
            "body": None,
        }
        answer = self.local_gateway._app_object(event, None)
        headers = {**answer["headers"], **{k: v[0] for k, v in answer.get("multiValueHeaders", {}).items()}}
        self._send_http_response(answer["statusCode"], headers, answer["body"])

    def _send_error(self, code: str) -> None:
        number = uuid.uuid4().hex
        with wiring.correlated(number):
            status, headers, body = problem(code)
        said = {**SAFE_HEADERS, **headers, HEADER: number, "Access-Control-Allow-Origin": "*"}
        self._send_http_response(status, said, body)

    def _send_http_response_with_body(self, code: int, headers: Any, body: Any) -> None:
        content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        self.send_response(code)
        self.send_header("Content-Type", headers.pop("Content-Type", "application/json"))
        if code != 204:
            self.send_header("Content-Length", str(len(content)))
        self._send_headers(headers)
        if self.command != "HEAD" and code != 204:
            self.wfile.write(content)

    def _generic_handle(self) -> None:
        # Chalice's matcher would cut a path at its semicolons; of encoded slashes it makes none, as API Gateway.
        place, mark, query = self.path.partition("?")
        self.path = place.replace(";", "%3B") + mark + query
        try:
            super()._generic_handle()
        except Unavailable:
            self._send_error(GATEWAY_RESPONSES["AUTHORIZER_FAILURE"])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _generic_handle


def prepare() -> None:
    """Work out what requests carry while nobody else does: msgspec does so at first use, and where two threads meet
    there, the process may die of it. Lambda serves one request at a time."""
    for known in ROUTES.values():
        for kind in (known.takes, known.query):
            if kind is not None:
                msgspec.json.Decoder(kind)


def make_server(app: Chalice, port: int) -> LocalDevServer:
    """The server on 127.0.0.1, not yet serving. Raises OSError where the port is taken."""
    prepare()
    config = Config.create(chalice_app=app)
    # Chalice turns the app into one with a request per thread, and fails on an app that it has turned already.
    ready = isinstance(app, LocalChalice)
    server = (
        LocalDevServer(app, config, "127.0.0.1", port) if ready else create_local_server(app, config, "127.0.0.1", port)
    )
    server.server.RequestHandlerClass = functools.partial(GatewayHandler, **server._wrapped_handler.keywords)
    server.server.daemon_threads = True
    # The standard library lets five callers wait; sixteen at once met resets.
    server.server.socket.listen(_WAITING)
    return server
