"""A route, said once: beside its view stands what the gateway, the contract and the role check go by.

    @route(bp, "POST", "/v1/cases/{case_id}/extend", roles=speakers(Command.EXTEND))
    def extend(call: Call, case_id: str, body: ExtendPost) -> CaseAnswer:
        \"\"\"Give more time.\"\"\"

Body, query and answer are the view's own annotations: `body`, `query` and what it gives back. What a view is handed is
parsed and bounded; what it gives back becomes the response. Its docstring is what the contract says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, get_args, get_origin

import msgspec
from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.domain.parties import SEES_ALL, Actor, Role
from chalicelib.domain.people.uses import Counted
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.boundary import PLACE, answer_json, ids_in, json_of, language_of, may_write, received, spoken
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.keys import Key, keep, key_of, once
from chalicelib.edge.limits import MOST_BYTES
from chalicelib.edge.queries import NoQuery
from chalicelib.edge.quotas import count_bad, count_use
from chalicelib.edge.reading import read_query
from chalicelib.edge.signatures import Sender, bound

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")

JSON = "application/json"
EVERYBODY = frozenset(Role)
NOBODY_ASKED = frozenset[Role]()


@dataclass(frozen=True, slots=True)
class Answer(Generic[A]):
    """What a view answers where it is more than a body: another of the route's statuses, or headers."""

    body: A
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a route. `status` and `made_at` are the route's, `key` the caller's Idempotency-Key, `raw` the body
    as it came, `ids` those in its path."""

    locale: str
    status: int = 200
    who: Actor | None = None
    key: Key | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    kept: list[str] = field(default_factory=list)
    ids: Mapping[str, str] = field(default_factory=dict)
    made_at: str | None = None

    @property
    def actor(self) -> Actor:
        """Who calls; nobody is known on a route that is open to all."""
        if self.who is None:
            raise Invalid("unauthorized")
        return self.who

    @property
    def staff(self) -> bool:
        """Whether everything is this caller's to see."""
        return self.actor.role in SEES_ALL

    def once(self, act: Callable[[Callable[[R], Answered] | None], R], answer: Callable[[R], A]) -> A:
        """Do what commits something: `act` gets what makes the answer to keep in its commit, None without a key."""
        key = self.key
        if key is None:
            return answer(act(None))

        def remember(result: R) -> Answered:
            made = answer(result)
            told = made if isinstance(made, Answer) else Answer(made)
            body = json_of(told.body)
            self.kept.append(body)
            return key.answered(told.status or self.status, body)

        return answer(act(remember))

    def part(self, name: str, make: Callable[["Call"], Any]) -> Response:
        """One of several things that a call does, each committed and kept by itself."""
        part = replace(self, key=self.key.part(name) if self.key else None, kept=[])
        return _answered(part, lambda: make(part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What is known of a route. No roles: open to anybody. `statuses` of what goes well, the usual one first. `subject`
    is the module of its view, `made_at` the path of what a 201 made."""

    method: str
    path: str
    name: str
    does: str
    roles: frozenset[Role]
    statuses: tuple[int, ...]
    gives: Any
    takes: Any
    query: type[NoQuery]
    signed: tuple[Sender, ...]
    in_parts: bool
    counted: Counted | None
    most_bytes: int
    media: str
    subject: str
    made_at: str | None

    @property
    def places(self) -> tuple[str, ...]:
        """The places in its path."""
        return tuple(PLACE.findall(self.path))

    @property
    def keyed(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return (self.method == "POST" and bool(self.roles)) or bool(self.signed)


# Every route of the API, in the order of app.py.
ROUTES: dict[tuple[str, str], Route] = {}


def route(
    bp: Blueprint,
    method: str,
    path: str,
    *,
    roles: frozenset[Role] = NOBODY_ASKED,
    status: int | tuple[int, ...] = 200,
    takes: Any = None,
    signed: tuple[Sender, ...] = (),
    in_parts: bool = False,
    counted: Counted | None = None,
    made_at: str | None = None,
    most_bytes: int = MOST_BYTES,
    media: str = JSON,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a view with Chalice and with the contract.

    `roles` may call it, all others are refused before anything is read. `signed`: the signature of these systems counts
    as well, so API Gateway cannot ask for a token; their body names what the address does, or nothing binds the two.
    `takes` documents a body that the view reads further by itself.
    `in_parts`: what it does is kept piece by piece under the caller's key (Call.part). A body has at most `most_bytes`,
    and is of the type `media` (or called JSON), which a view that takes another than JSON reads by itself: `takes`
    documents it.
    `counted`: of which quota a call of it takes one; an answer that is given again takes none.
    `made_at`: the path of what a 201 made; its places are filled from the answer's fields, else from the own path.
    """

    def registered(view: Callable[P, R]) -> Callable[P, R]:
        known: Mapping[str, Any] = view.__annotations__
        gives = known["return"]
        said = Route(
            method=method,
            path=path,
            name=view.__name__,
            does=" ".join((view.__doc__ or "").split()),
            roles=roles,
            statuses=status if isinstance(status, tuple) else (status,),
            gives=get_args(gives)[0] if get_origin(gives) is Answer else gives,
            takes=takes or known.get("body"),
            query=known.get("query", NoQuery),
            signed=signed,
            in_parts=in_parts,
            counted=counted,
            subject=view.__module__,
            made_at=made_at,
            most_bytes=most_bytes,
            media=media,
        )
        if signed and (unbound := set(said.places) - set(getattr(said.takes, "__struct_fields__", ()))):
            raise AssertionError(f"{method} {path}: no field of its signed body binds {sorted(unbound)}")
        ROUTES[method, path] = said

        @wraps(view)
        def served(**places: str) -> Response:
            answer: Response = spoken(
                lambda: _served(said, view, bp.current_request, places), language_of(bp.current_request)
            )
            return answer

        asks = authorize if roles and not signed else None
        methods = READ if method == "GET" else [method]
        bp.route(path, methods=methods, authorizer=asks, cors=CORS, content_types=sorted({media, JSON}))(served)
        return view

    return registered


def _served(said: Route, view: Callable[..., Any], request: Request, places: Mapping[str, str]) -> Response:
    try:
        return _answer_of(said, view, request, places)
    except Invalid as refused:
        # Who shows nothing guesses nothing; what providers show is in headers of their own.
        shows = request.headers.get("authorization") or request.headers.get("webhook-signature") or not said.roles
        if refused.code == "unauthorized" and shows:
            count_bad(Counted.BAD_TOKENS, request)
        raise


def _answer_of(said: Route, view: Callable[..., Any], request: Request, places: Mapping[str, str]) -> Response:
    if request.method != "GET":
        may_write()
    this = received(request, said.most_bytes)
    actor = this.actor(said.signed) if said.roles else None
    if actor and actor.role not in said.roles:
        raise Forbidden(actor.role, said.name)
    ids, signed = ids_in(places), this.signed_by(said.signed)
    given: dict[str, Any] = dict(ids)
    query = read_query(this.query, said.query)
    if said.query is not NoQuery:
        given["query"] = query
    if "body" in view.__annotations__:
        given["body"] = this.read(view.__annotations__["body"])
        bound(given["body"], ids, signed=signed)
    key = key_of(this, actor, signed=signed) if said.keyed and actor else None
    call = Call(
        locale=this.locale,
        status=said.statuses[0],
        who=actor,
        key=key,
        headers=dict(request.headers),
        raw=this.body,
        ids=ids,
        made_at=said.made_at,
    )
    if said.in_parts:
        return _response(call, view(call, **given))

    def act() -> Any:
        if said.counted:
            count_use(said.counted, call.actor)
        return view(call, **given)

    return _answered(call, act)


def _answered(call: Call, make: Callable[[], Any]) -> Response:
    def made() -> Response:
        answer = _response(call, make())
        # What was last kept is what was committed: a try that failed is followed by another, or by an answer that
        # differs. Where nothing was committed, the answer is kept by itself.
        if call.key and call.kept[-1:] != [answer.body]:
            keep(call.key, answer.status_code, answer.body)
        return answer

    return once(call.key, made, lambda earlier: _again(call, earlier))


def _again(call: Call, earlier: Answered) -> Response:
    headers = {"Content-Type": "application/json", "Idempotent-Replayed": "true"}
    headers |= _where(call, earlier.status, lambda: msgspec.json.decode(earlier.body))
    return Response(body=earlier.body, status_code=earlier.status, headers=dict(headers))


def _response(call: Call, made: Any) -> Response:
    answer = made if isinstance(made, Answer) else Answer(made)
    status = answer.status or call.status
    return answer_json(status, answer.body, {**answer.headers, **_where(call, status, lambda: answer.body)})


def _where(call: Call, status: int, body: Callable[[], Mapping[str, Any]]) -> dict[str, str]:
    """Where what was made can be found: an absolute address, since a path would lack the stage's prefix."""
    if status != 201 or not call.made_at:
        return {}
    known, names = {**call.ids, **body()}, PLACE.findall(call.made_at)
    return {"Location": wiring.links().to(PLACE.sub("{}", call.made_at), *(known[name] for name in names))}
