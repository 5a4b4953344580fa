"""The one error boundary: every view of ours runs inside it, so nobody ever sees a bare 500."""

import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.errors import BatalError, Invalid, NotFound, Unavailable
from chalicelib.domain.ids import as_id
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.spans import seconds_until
from chalicelib.domain.switches import Switch
from chalicelib.edge.auth import actor_of_bearer, actor_of_claims
from chalicelib.edge.limits import MOST_BYTES, OWN_ID
from chalicelib.edge.problems import problem, problem_of
from chalicelib.edge.reading import read_json
from chalicelib.edge.shapes import case_shape
from chalicelib.edge.signatures import Sender, actor_of_signature
from chalicelib.links import path
from chalicelib.locales import UNSAID, known
from chalicelib.locales.harmless import in_json

log = logging.getLogger(__name__)

_OWN_ID = re.compile(OWN_ID)
# The resource behind which API Gateway hands on what no route of ours is; Chalice knows no method of it.
UNKNOWN = "/{proxy+}"
PLACE = re.compile(r"\{(\w+)\}")
# The places in paths that hold ids of the marketplace's; in all others Batal's own ids and names stand.
IDS_OF_OTHERS = frozenset({"order_id", "payment_id", "buyer_id", "seller_id"})

Body = TypeVar("Body")
View = Callable[..., Any]


def preferred(accept_language: str) -> str:
    """The language we speak with somebody whose browser sent this Accept-Language; the first that it names counts."""
    return known(accept_language.split(",")[0].split(";")[0])


def language_of(request: Request) -> str:
    """The language we speak with whoever sent this request; `id` where they name none."""
    return preferred(str(request.headers.get("accept-language", "")))


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in, no larger than it may be."""

    request: Request
    body: bytes

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters, the last of each."""
        return dict(self.request.query_params or {})

    @property
    def locale(self) -> str:
        """The language we speak with the caller; `id` where they name none."""
        return language_of(self.request)

    def signed_by(self, senders: Collection[Sender]) -> bool:
        """Whether it is the signature of such a system that counts: no bearer token came along."""
        headers = self.request.headers
        return bool(senders) and not headers.get("authorization") and bool(headers.get("webhook-signature"))

    def actor(self, senders: Collection[Sender] = ()) -> Actor:
        """Who calls; of `senders` the signature counts too. Raises Invalid `unauthorized`."""
        claims = (self.request.context or {}).get("authorizer")
        if claims and claims.get("role"):
            return actor_of_claims(claims)
        if self.signed_by(senders):
            return self._signer(senders)
        return actor_of_bearer(self.request.headers.get("authorization"), wiring.settings())

    def _signer(self, senders: Collection[Sender]) -> Actor:
        try:
            return actor_of_signature(self.request.headers, self.body, senders, wiring.settings())
        except Invalid:
            # A secret that was changed while this function was warm.
            if (newer := wiring.newer_settings()) is None:
                raise
            return actor_of_signature(self.request.headers, self.body, senders, newer)

    def read(self, shape: type[Body]) -> Body:
        """The JSON body as `shape`. Raises Invalid as read_json."""
        return read_json(self.body, shape)


def boundary(view: View) -> View:
    """Under `@bp.route`: path parameters decoded and checked, refusals as problem documents, the rest logged as 500."""

    @wraps(view)
    def guarded(*args: Any, **places: str) -> Any:
        return spoken(lambda: view(*args, **ids_in(places)))

    return guarded


def spoken(view: Callable[[], Any], locale: str = UNSAID) -> Any:
    """What a view answers; its refusals as problem documents, anything else logged and answered as a 500. A case that
    is shown with one speaks this language."""
    try:
        return view()
    except BatalError as error:
        return refusal(error, locale)
    except Exception:
        log.exception("a view failed")
        return answer_problem("internal_error")


def may_write() -> None:
    """Raises Unavailable while the people in charge keep everybody from changing anything."""
    if Switch.WRITES in wiring.off():
        raise Unavailable("writes are switched off")


def received(request: Request, most_bytes: int = MOST_BYTES) -> Received:
    """The request that a view is called for. Raises Invalid `body_too_large`."""
    body = request.raw_body or b""
    if isinstance(body, str):
        body = body.encode()
    if len(body) > most_bytes:
        raise Invalid("body_too_large", bytes=len(body), at_most=most_bytes)
    return Received(request, body)


def answer_json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(
        body=json_of(body), status_code=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


def json_of(body: Any) -> str:
    """An answer's body as text."""
    return in_json(msgspec.json.encode(body).decode())


def answer_problem(code: str, details: Mapping[str, Any] | None = None) -> Response:
    """A problem document."""
    status, headers, body = problem(code, details)
    return Response(body=body, status_code=status, headers=dict(headers))


def refusal(error: BatalError, locale: str) -> Response:
    """The problem document of a refusal. A case that it shows is one that the caller may see, in their language."""
    shown = case_shape(error.case, locale) if isinstance(error, CaseRefused) else None
    status, headers, body = problem_of(error, shown)
    return Response(body=body, status_code=status, headers={**headers, **come_again(error)})


def come_again(error: BatalError) -> dict[str, str]:
    """After how many seconds somebody may come again who was told from when on (`again_at`)."""
    again_at = error.details.get("again_at")
    return {"Retry-After": str(seconds_until(again_at, wiring.now()))} if isinstance(again_at, datetime) else {}


def path_of(request: Request) -> str:
    """The path that was asked for, without the stage, spelled as we spell it. Chalice's own `path` is the route with
    its places unfilled."""
    given = request.uri_params or {}
    if request.path == UNKNOWN:
        return f"/{given.get('proxy', '')}"
    return PLACE.sub(lambda place: path("{}", unquote(given.get(place[1], ""))), request.path)


def id_in(place: str, value: str) -> str:
    """The id at a place of a path. Chalice hands it on as it was sent, here it is decoded, once.

    Raises NotFound where it cannot be one: of the marketplace's, or of ours.
    """
    try:
        plain = unquote(value, errors="strict")
    except UnicodeDecodeError as error:
        raise NotFound(place) from error
    known = as_id(plain) if place in IDS_OF_OTHERS else plain if _OWN_ID.fullmatch(plain) else None
    if known is None:
        raise NotFound(place)
    return known


def ids_in(places: Mapping[str, str]) -> dict[str, str]:
    """The ids in a path. Raises NotFound where one cannot be an id."""
    return {name: id_in(name, value) for name, value in places.items()}
