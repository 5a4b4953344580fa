"""The one error boundary: every view and every Lambda of ours runs inside it, so nobody ever sees a bare 500."""

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.errors import BatalError, Invalid, NotFound, Refused
from chalicelib.domain.parties import Actor
from chalicelib.edge.auth import actor_of_bearer, actor_of_claims, actor_of_signature
from chalicelib.edge.bodies import OUR_TIME, Moment
from chalicelib.edge.problems import problem, problem_of
from chalicelib.edge.shapes import case_shape
from chalicelib.locales import known
from chalicelib.workflow.access import SEES_ALL

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEPT = timedelta(hours=48)

Body = TypeVar("Body")
View = Callable[..., Any]
Headers = dict[str, str | list[str]]


def preferred(accept_language: str) -> str:
    """The language we speak with somebody whose browser sent this Accept-Language; the first that it names counts."""
    return known(accept_language.split(",")[0].split(";")[0])


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as far as views care."""

    request: Request
    body: bytes

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters, the last of each."""
        return dict(self.request.query_params or {})

    @property
    def locale(self) -> str:
        """The language we speak with the caller; `id` where they name none."""
        return preferred(str(self.request.headers.get("accept-language", "")))

    def actor(self, *, signed: bool = False) -> Actor:
        """Who calls. With `signed`, the marketplace's signature counts too. Raises Invalid `unauthorized`."""
        claims = (self.request.context or {}).get("authorizer")
        if claims and claims.get("role"):
            return actor_of_claims(claims)
        header = self.request.headers.get("authorization")
        if signed and not header and self.request.headers.get("webhook-signature"):
            return actor_of_signature(self.request.headers, self.body, wiring.settings())
        return actor_of_bearer(header, wiring.settings())

    def read(self, shape: type[Body]) -> Body:
        """The JSON body as `shape`. Raises Invalid `malformed_json` or `validation_failed` with the field."""
        try:
            given = msgspec.json.decode(self.body or b"{}", type=shape)
        except msgspec.ValidationError as error:
            raise Invalid("validation_failed", errors=[_field(str(error))]) from error
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise Invalid("malformed_json") from error
        for name in getattr(shape, "__struct_fields__", ()):
            _plausible(getattr(given, name), name)
        return given


def boundary(view: View) -> View:
    """Under `@bp.route`: path parameters decoded and checked, refusals as problem documents, the rest logged as 500."""

    @wraps(view)
    def guarded(*args: Any, **params: str) -> Any:
        try:
            return view(*args, **{name: _id(value) for name, value in params.items()})
        except BatalError as error:
            return refusal(error)
        except Exception:
            log.exception("a view failed")
            return answer_problem("internal_error")

    return guarded


def call(request: Request) -> Call:
    """The request for a view. Raises Invalid `body_too_large`."""
    body = request.raw_body or b""
    if isinstance(body, str):
        body = body.encode()
    if len(body) > MAX_BODY:
        raise Invalid("body_too_large")
    return Call(request, body)


def once(
    this: Call,
    actor: Actor,
    act: Callable[[Callable[[Any], Answered] | None], Any],
    answer: Callable[[Any], tuple[int, Any]],
    part: str = "",
) -> Response:
    """Run `act` at most once per Idempotency-Key (scope: caller, method, path), replaying the first answer.

    `part` names one of several things that one request does, each committed and kept by itself.

    `act` gets the function that makes the answer to keep, which it hands to the commit: answer and effect are one
    transaction. Without the header it gets None. `answer` turns what `act` gives into status and body.
    """
    given = this.request.headers.get("idempotency-key")
    if given is None:
        return answer_json(*answer(act(None)))
    if not 0 < len(given) <= 255:
        raise Invalid("validation_failed", errors=[{"field": "Idempotency-Key", "message": "1 to 255 characters"}])
    scope = f"{actor.role}|{actor.id}|{this.request.method}|{path_of(this.request)}|{given}"
    scope += f"|{part}" if part else ""
    key, fingerprint = hashlib.sha256(scope.encode()).hexdigest(), hashlib.sha256(this.body).hexdigest()

    def remember(result: Any) -> Answered:
        status, body = answer(result)
        expires_at = wiring.now() + _KEPT
        return Answered(key=key, fingerprint=fingerprint, status=status, body=_json(body), expires_at=expires_at)

    if (earlier := wiring.ports().store.answered(key)) is not None:
        return _replay(earlier, fingerprint)
    try:
        return answer_json(*answer(act(remember)))
    except Refused as refused:
        # Another request with this key may have come first and finished between our look and our commit.
        if (earlier := wiring.ports().store.answered(key)) is not None:
            return _replay(earlier, fingerprint)
        raise refused


def answer_json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(
        body=_json(body), status_code=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


def answer_problem(code: str, details: Mapping[str, Any] | None = None) -> Response:
    """A problem document."""
    status, headers, body = problem(code, details)
    return Response(body=body, status_code=status, headers=dict(headers))


def refusal(error: BatalError) -> Response:
    """The problem document of a refusal. Where it shows a case, it is one that the caller may see."""
    shown = case_shape(error.case) if isinstance(error, CaseRefused) else None
    status, headers, body = problem_of(error, shown)
    return Response(body=body, status_code=status, headers=dict(headers))


def case_answer(status: int, locale: str, actor: Actor) -> Callable[[Case], tuple[int, Any]]:
    """What turns a case into an answer for this actor."""
    return lambda case: (status, case_shape(case, locale, staff=actor.role in SEES_ALL))


def moment_of(text: str, field: str) -> datetime:
    """A moment of RFC 3339. Raises Invalid `validation_failed`."""
    try:
        given: datetime = msgspec.convert(text, Moment)
    except msgspec.ValidationError as error:
        raise Invalid("validation_failed", errors=[{"field": field, "message": "RFC 3339 with a zone"}]) from error
    _plausible(given, field)
    return given.astimezone(UTC)


def _plausible(given: object, field: str) -> None:
    if isinstance(given, datetime) and not OUR_TIME[0] <= given < OUR_TIME[1]:
        raise Invalid("validation_failed", errors=[{"field": field, "message": "a moment in 2000 to 2099"}])


def _replay(earlier: Answered, fingerprint: str) -> Response:
    if earlier.fingerprint != fingerprint:
        raise Invalid("idempotency_mismatch")
    headers: Headers = {"Content-Type": "application/json", "Idempotent-Replayed": "true"}
    return Response(body=earlier.body, status_code=earlier.status, headers=headers)


def path_of(request: Request) -> str:
    """The path that was asked for, without the stage. Chalice's own `path` is the route with its places unfilled."""
    filled: str = request.path
    for name, value in (request.uri_params or {}).items():
        filled = filled.replace("{" + name + "}", value)
    return filled


def is_id(value: str) -> bool:
    """Whether this can be an id of ours or of the marketplace's."""
    return _ID.fullmatch(value) is not None


def _id(value: str) -> str:
    plain = unquote(value)
    if not is_id(plain):
        raise NotFound("id")
    return plain


def _json(body: Any) -> str:
    return msgspec.json.encode(body).decode()


def _field(message: str) -> dict[str, str]:
    """msgspec says ``Expected `int`, got `str` - at `$.version` ``."""
    text, _, place = message.partition(" - at `$")
    return {"field": place.strip("`.") or "body", "message": text}
