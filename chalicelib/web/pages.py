"""Rendering, and the boundary of pages: refusals become a page that says what to do next."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.case import Actor
from chalicelib.domain.deadline import Zone
from chalicelib.domain.errors import BatalError, Invalid, NotFound
from chalicelib.handlers.boundary import MAX_BODY, is_id, path_of
from chalicelib.handlers.problems import PROBLEMS
from chalicelib.locales import formats, has, say
from chalicelib.web import sessions

if TYPE_CHECKING:
    from jinja2 import Environment

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}


class SignInFirst(Exception):
    """Nobody is signed in: the page can wait."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page."""

    request: Request

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters."""
        return dict(self.request.query_params or {})

    @property
    def locale(self) -> str:
        """The language chosen by link, else remembered, else preferred by the browser; Indonesian otherwise."""
        chosen = self.query.get("lang") or sessions.cookie(self.request.headers, sessions.LANGUAGE)
        if chosen in ("id", "en"):
            return chosen
        return "en" if str(self.request.headers.get("accept-language", "")).lower().startswith("en") else "id"

    @property
    def actor(self) -> Actor | None:
        """Who is signed in."""
        return sessions.actor_of(self.request.headers, wiring.settings())

    def signed_in(self) -> Actor:
        """Who is signed in. Raises SignInFirst."""
        if (actor := self.actor) is None:
            raise SignInFirst
        return actor

    def form(self, *, ours: bool = True) -> Mapping[str, str]:
        """The posted form. Raises Invalid `forbidden` where `ours` and it does not carry this session's token."""
        raw = self.request.raw_body or b""
        if len(raw) > MAX_BODY:
            raise Invalid("body_too_large")
        text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
        fields = {name: values[-1].strip() for name, values in parse_qs(text, max_num_fields=50).items()}
        if ours and not sessions.form_token_holds(
            fields.get("form_token", ""), self.request.headers, wiring.settings()
        ):
            raise Invalid("forbidden")
        return fields

    def page(self, template: str, status: int = 200, **facts: Any) -> Response:
        """A rendered page."""
        locale = self.locale
        html = (
            _environment()
            .get_template(template)
            .render(
                **facts,
                locale=locale,
                actor=self.actor,
                here=path_of(self.request),
                t=lambda key, **more: say(key, locale, **more),
                knows=lambda key: has(key, locale),
                money=lambda amount, currency: formats.money(amount, currency, locale),
                moment=lambda at: formats.moment(at, locale, Zone.WIB),
                day=lambda at: formats.day(at, locale, Zone.WIB),
                url=address,
                sign_in=sign_in_address(path_of(self.request)),
                style=address(f"/static/batal.css?{_style_mark()}"),
                form_token=sessions.form_token(self.request.headers, wiring.settings()),
                now=wiring.now(),
            )
        )
        headers: dict[str, str | list[str]] = dict(_HEADERS)
        if self.query.get("lang") in ("id", "en"):
            headers["Set-Cookie"] = sessions.remember_language(locale, wiring.settings())
        return Response(body=html, status_code=status, headers=headers)


def page(bp: Blueprint) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Under `@bp.route`: refusals as a kind page, strangers to the sign-in, the rest logged."""

    def bounded(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(*args: Any, **params: str) -> Response:
            visit = Visit(bp.current_request)
            try:
                return view(visit, *args, **{name: _plain(name, value) for name, value in params.items()})
            except SignInFirst:
                return away(sign_in_address(path_of(visit.request)))
            except BatalError as error:
                return _refusal(visit, error.code)
            except Exception:
                log.exception("a page failed")
                return _refusal(visit, "internal_error")

        return guarded

    return bounded


def go(path: str, cookies: str | None = None) -> Response:
    """On to another page of ours, by GET."""
    return away(address(path), cookies)


def away(location: str, cookies: str | None = None) -> Response:
    """On to an address, by GET."""
    headers: dict[str, str | list[str]] = {"Location": location, "Cache-Control": "no-store"}
    if cookies:
        headers["Set-Cookie"] = cookies
    return Response(body="", status_code=303, headers=headers)


def sign_in_address(onward: str) -> str:
    """Where strangers sign in, to come back to a path of ours."""
    return f"{wiring.settings().sign_in_url or address('/sign-in')}?next={quote(onward)}"


def address(path: str) -> str:
    """A path of ours under the stage's prefix."""
    return sessions.prefix(wiring.settings()) + path


def style_sheet() -> str:
    """The one style sheet."""
    return (resources.files("chalicelib.web") / "static" / "batal.css").read_text(encoding="utf-8")


def _refusal(visit: Visit, code: str) -> Response:
    status = PROBLEMS.get(code, PROBLEMS["internal_error"])[0]
    key = f"refusal.{code}" if has(f"refusal.{code}", visit.locale) else f"page.error.{status}"
    if not has(key, visit.locale):
        key = "page.error.500"
    return visit.page("refusal.html.j2", status, message=key)


def _plain(name: str, value: str) -> str:
    plain = unquote(value)
    if name != "token" and not is_id(plain):
        raise NotFound(name)
    return plain


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("chalicelib.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style_mark() -> str:
    return hashlib.sha256(style_sheet().encode()).hexdigest()[:12]
