"""Rendering, and the boundary of pages: refusals become a page that says what to do next."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, wraps
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlencode

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.errors import BatalError, Invalid, Refused
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.policies.learned import ENOUGH
from chalicelib.domain.reference import as_reference
from chalicelib.domain.zones import Zone
from chalicelib.edge import limits
from chalicelib.edge.boundary import come_again, id_in, may_write, path_of, preferred
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.quotas import count_bad
from chalicelib.links import path
from chalicelib.locales import chances, formats, has, languages, say
from chalicelib.locales.explanations import of_paid, why
from chalicelib.locales.harmless import as_told, shown
from chalicelib.locales.tenders import paid_with
from chalicelib.mail.letter import how_far, last_day
from chalicelib.pages import charts, pictures, sessions
from chalicelib.pages.pieces import line_field

if TYPE_CHECKING:
    from jinja2 import Environment

log = logging.getLogger(__name__)

NOTHING_MORE: Mapping[str, Any] = {}
FORM = "application/x-www-form-urlencoded"
# What every form of ours carries besides what is filled in: the session's token, for whom it was drawn, and a key of
# its own (pressing.py).
FORM_TOKEN, FORM_KEY, FORM_WRITER = "form_token", "form_key", "form_writer"
OURS = (FORM_TOKEN, FORM_KEY, FORM_WRITER)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

# Where each role goes, in the order of its menu: path and text.
_NAV: Mapping[Role, tuple[tuple[str, str], ...]] = {
    Role.BUYER: (("/orders", "nav.orders"),),
    Role.SELLER: (
        ("/seller", "nav.seller"),
        ("/orders", "nav.shop_orders"),
        ("/seller/figures", "nav.figures"),
        ("/seller/rules", "nav.rules"),
    ),
    Role.SUPPORT: (("/support", "nav.desk"),),
    Role.OPERATOR: (
        ("/operations", "nav.operations"),
        ("/operations/policies", "nav.policies"),
        ("/operations/days-off", "nav.days_off"),
        ("/operations/webhooks", "nav.webhooks"),
        ("/finance", "nav.finance"),
        ("/finance/reconciliations", "nav.reconciliations"),
        ("/support", "nav.desk"),
    ),
    Role.FINANCE: (("/finance", "nav.finance"), ("/finance/reconciliations", "nav.reconciliations")),
}


# What readers choose by a link, kept for a year: the query parameter, its cookie, and whether that may be chosen.
_CHOICES: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "lang": (sessions.LANGUAGE, lambda chosen: chosen in languages()),
    "zone": (sessions.ZONE, lambda chosen: Zone.named(chosen) is not None),
    "tour": (sessions.TOUR, lambda chosen: chosen in ("seen", "again")),
}


# Fields in which people write sentences.
_WORDS = ("text", "comment", "note", "reason", "name", "return_address")


# Refusals of what was typed, and of what was ours to do: after them there is something to write again.
_MAY_MEND = (409, 422, 429, 500, 502, 503, 504)


class SignInFirst(Exception):
    """Nobody is signed in: the page can wait."""


class PressAgain(Exception):
    """The form is of an earlier session of whoever is signed in: nothing is done before they have pressed anew."""


class Form(dict[str, str]):
    """A posted form: the last value of each field, and `many` with all of them."""

    def __init__(self, last: Mapping[str, str], many: Mapping[str, list[str]]) -> None:
        super().__init__(last)
        self.many = many

    def text(self, name: str, most: int = limits.LONGEST_WORDS) -> str | None:
        """What somebody typed; None where they typed nothing. Raises Invalid `words_too_long`: what is cut off is
        lost without that anybody sees it."""
        text = _lines(self.get(name, ""))
        if len(text) > most:
            raise Invalid("words_too_long", field=name, at_most=most)
        return text or None

    def filled(self, *besides: str) -> dict[str, Any]:
        """What was filled in, less what every form carries and the fields `besides`. Lines end as they were
        counted when they were typed: browsers send two signs for each end."""
        own = (*OURS, *besides)
        return {name: _lines(text) for name, text in self.items() if text and name not in own}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page."""

    request: Request
    # Who came, once it was looked up.
    _known: list[Actor | None] = field(default_factory=list)

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters."""
        return dict(self.request.query_params or {})

    @property
    def place(self) -> str:
        """The path that was asked for, without the stage."""
        return path_of(self.request)

    @property
    def here(self) -> str:
        """Path and query of this page, to come back to it. What is posted to leads on to its page by itself."""
        return self.turned() if self.request.method == "GET" else self.place

    def turned(self, **chosen: str) -> str:
        """This page with what the reader chooses by a link, and all else of its address as it is."""
        told = self.request.query_params if self.request.method == "GET" else None
        names = [name for name in told or () if name not in _CHOICES and name != "did"]
        # A name may stand there many times, as boxes that are ticked do.
        kept = [(name, value) for name in names for value in (told.getlist(name) if told else ())]
        asked = urlencode([*kept, *chosen.items()])
        return f"{self.place}?{asked}" if asked else self.place

    @property
    def locale(self) -> str:
        """The language chosen by link, else remembered, else preferred by the browser."""
        chosen = self.query.get("lang") or sessions.cookie(self.request.headers, sessions.LANGUAGE)
        if chosen in languages():
            return chosen
        return preferred(str(self.request.headers.get("accept-language", "")))

    @property
    def zone(self) -> Zone:
        """The zone that times are written in: chosen by link, else remembered; the marketplace's otherwise."""
        remembered = sessions.cookie(self.request.headers, sessions.ZONE)
        return Zone.named(self.query.get("zone")) or Zone.named(remembered) or wiring.settings().zone

    @property
    def zones(self) -> Sequence[Zone]:
        """Those to choose from: the marketplace's, in Indonesia all three, and whichever else was chosen."""
        home = wiring.settings().zone
        usual = tuple(Zone) if home.is_indonesian else (home,)
        return usual if self.zone in usual else (*usual, self.zone)

    @property
    def has_seen_tour(self) -> bool:
        """Whether the reader has put the introduction away."""
        return (self.query.get("tour") or sessions.cookie(self.request.headers, sessions.TOUR)) == "seen"

    @property
    def guesses_zone(self) -> bool:
        """Whether the reader has not chosen a zone, neither before nor just now, and the page may be drawn anew."""
        chosen = "zone" in self.query or sessions.cookie(self.request.headers, sessions.ZONE)
        return self.request.method == "GET" and not chosen

    @property
    def chosen(self) -> tuple[str, str] | None:
        """What the reader chose by a link and is remembered: the name of its cookie, and the choice."""
        for name, (cookie, may_be) in _CHOICES.items():
            if name in self.query and may_be(self.query[name]):
                return cookie, self.query[name]
        return None

    @property
    def actor(self) -> Actor | None:
        """Who is signed in."""
        if not self._known:
            actor = sessions.actor_of(self.request.headers, wiring.settings())
            ended = actor is not None and sessions.ended(self.request.headers, wiring.ports())
            self._known.append(None if ended else actor)
        return self._known[0]

    def signed_in(self) -> Actor:
        """Who is signed in. Raises SignInFirst."""
        if (actor := self.actor) is None:
            raise SignInFirst
        return actor

    def form(self, *, ours: bool = True) -> "Form":
        """The posted form. Raises Invalid `forbidden` where `ours` and it does not carry this session's token, or
        PressAgain where that was drawn for the same person in another session."""
        raw = self.request.raw_body or b""
        if len(raw) > limits.MOST_BYTES:
            raise Invalid("body_too_large", bytes=len(raw), at_most=limits.MOST_BYTES)
        text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
        try:
            found = parse_qs(text, max_num_fields=limits.MOST_FIELDS)
        except ValueError as error:
            told = {"field": "body", "message": f"at most {limits.MOST_FIELDS} fields"}
            raise Invalid("validation_failed", errors=[told]) from error
        # NUL can never be kept; nobody types it.
        many = {name: [each.replace("\0", "").strip() for each in values] for name, values in found.items()}
        fields = Form({name: values[-1] for name, values in many.items()}, many)
        if ours and not sessions.form_token_holds(fields.get(FORM_TOKEN, ""), self.request.headers, wiring.settings()):
            actor = self.actor
            if actor and sessions.is_by(fields.get(FORM_WRITER, ""), actor, wiring.settings()):
                raise PressAgain
            raise Invalid("forbidden")
        return fields

    def page(self, template: str, status: int = 200, *, posts_to: str = "", **facts: Any) -> Response:
        """A rendered page. `posts_to` is the one other origin that a form of it may post to."""
        locale, zone, actor = self.locale, self.zone, self.actor
        at_home = actor is not None and self.place == home_of(actor) != "/"
        html = (
            _environment()
            .get_template(template)
            .render(
                **facts,
                locale=locale,
                actor=actor,
                nav=_NAV.get(actor.role, ()) if actor else (),
                here=self.place,
                turned=lambda **chosen: address("") + self.turned(**chosen),
                zone=zone,
                zones=self.zones,
                languages=[(each, say("language.name", each)) for each in languages()],
                guess_zone=self.guesses_zone,
                tour=at_home and not self.has_seen_tour,
                home_here=at_home,
                t=lambda key, **more: say(key, locale, **more),
                called=lambda person, role: person.name.strip() or say(f"role.{role}", locale),
                knows=lambda key: has(key, locale),
                money=lambda amount, currency: formats.money(amount, currency, locale),
                moment=lambda at: formats.moment(at, locale, zone),
                deadline=lambda at: formats.deadline(at, locale, zone),
                day=lambda at: formats.day(at, locale, zone),
                short=lambda at: formats.short(at, locale, zone),
                short_deadline=lambda at: formats.short_deadline(at, locale, zone),
                short_day=lambda at: formats.short_day(at, locale, zone),
                last_day=lambda at: last_day(at, locale, zone),
                paid_with=lambda part: paid_with(part.method, part.channel, locale),
                how_far=lambda case, part, order: how_far(
                    case, part, order, actor.role if actor else Role.SYSTEM, locale, zone, wiring.now()
                ),
                explained=lambda of, about: why(of, locale, about),
                of_paid=lambda of, number: of_paid(of.ways[number], of.currency, locale),
                on=lambda day: formats.weekday(day, locale),
                lasting=lambda seconds: formats.duration(_whole_minutes(seconds), locale),
                percent=lambda share: formats.percent(share, locale),
                likely=lambda odds: chances.likely(odds, locale),
                rests_on=lambda odds: chances.rests_on(odds, locale),
                usually=lambda wait: chances.usually(wait, locale),
                url=address,
                sign_in=sign_in_address(self.here),
                static=lambda name: address("/static/{}", name) + "?" + _mark(name),
                charts=charts,
                outcome_name=lambda outcome: say(f"outcome.{outcome}", locale),
                form_token=sessions.form_token(self.request.headers, wiring.settings()),
                form_writer=sessions.writer_mark(actor, wiring.settings()) if actor else "",
                form_key=lambda: secrets.token_urlsafe(24),
                now=wiring.now(),
            )
        )
        headers: dict[str, str | list[str]] = dict(_HEADERS)
        headers["Content-Security-Policy"] = (
            f"{_POLICY}; img-src {pictures.sources()}; form-action 'self' {posts_to}".rstrip()
        )
        if chosen := self.chosen:
            headers["Set-Cookie"] = sessions.remember(*chosen, wiring.settings())
        return Response(body=html, status_code=status, headers=headers)


# Who comes in and goes out changes nothing of what Batal keeps.
_CHANGES_NOTHING = frozenset({"/sign-in", "/sign-out"})


def page(bp: Blueprint) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Under `@bp.route`: refusals as a kind page, strangers to the sign-in, the rest logged."""

    def bounded(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(*args: Any, **params: str) -> Response:
            visit = Visit(bp.current_request)
            try:
                if visit.request.method == "POST" and visit.place not in _CHANGES_NOTHING:
                    may_write()
                return view(visit, *args, **{name: _plain(name, value) for name, value in params.items()})
            except SignInFirst:
                return _sign_in_again(visit) if visit.request.method == "POST" else away(sign_in_address(visit.here))
            except PressAgain:
                return _press_again(visit)
            except BatalError as error:
                return _refused(visit, error, params)
            except Exception:
                log.exception("a page failed")
                return refusal_page(visit, "internal_error")

        return guarded

    return bounded


def go(place: str, cookies: str | None = None) -> Response:
    """On to another page of ours, by GET."""
    return away(address(place), cookies)


def go_instead(visit: Visit, place: str) -> Response:
    """On from an address that is only posted to: people come to it when they sign in anew, or choose a language where
    a form of theirs was refused."""
    chosen = urlencode({name: visit.query[name] for name in _CHOICES if name in visit.query})
    return go(f"{place}?{chosen}" if chosen else place)


def away(location: str, cookies: str | None = None) -> Response:
    """On to an address, by GET."""
    headers: dict[str, str | list[str]] = {"Location": in_ascii(location), "Referrer-Policy": "no-referrer"}
    if cookies:
        headers["Set-Cookie"] = cookies
    return Response(body="", status_code=303, headers=headers)


def in_ascii(location: str) -> str:
    """An address as headers can carry it: what is beyond ASCII, or no part of addresses, is percent-encoded."""
    return quote(location, safe="%/:?#[]@!$&'()*+,;=~", errors="replace")


def sign_in_address(onward: str) -> str:
    """Where strangers sign in, to come back to a path of ours."""
    return f"{wiring.settings().sign_in_url or address('/sign-in')}?next={quote(onward)}"


def address(pattern: str, *ids: str) -> str:
    """A path of ours under the stage's prefix, with ids in its places `{}`."""
    return sessions.prefix(wiring.settings()) + path(pattern, *ids)


def named_in(refused: BatalError | None) -> list[str]:
    """The fields that a refusal says are wrong."""
    errors: Any = refused.details.get("errors", []) if refused else []
    return [error["field"] for error in errors]


def home_of(actor: Actor | None) -> str:
    """The page where somebody of this role begins."""
    return _NAV[actor.role][0][0] if actor and actor.role in _NAV else "/"


@cache
def assets() -> Mapping[str, str]:
    """Style sheets and scripts by name: `batal` for all pages, others for the one page that they are named after."""
    static = resources.files("chalicelib.pages") / "static"
    return {each.name: each.read_text(encoding="utf-8") for each in static.iterdir()}


def _sign_in_again(visit: Visit) -> Response:
    """A session that ended while somebody wrote: what they wrote stays on the page, to be sent once they are back."""
    form = visit.form(ours=False)
    done = sign_in_address("/sign-in/done")
    return visit.page("sign_in_again.html.j2", 401, kept=form.many, words=_words_in(form), sign_in_done=done)


def _press_again(visit: Visit) -> Response:
    """The same once they are back: shown to whoever wrote it, and done by a press of this very session."""
    form = visit.form(ours=False)
    return visit.page(
        "press_again.html.j2",
        409,
        kept={name: values for name, values in form.many.items() if name not in OURS},
        words=_words_in(form),
        form_key_kept=form.get(FORM_KEY),
        home=home_of(visit.actor),
    )


def _words_in(form: Form) -> list[str]:
    """What of a form is a person's own words, to be shown to them again."""
    return [text for name, text in form.items() if name in _WORDS and text]


def _refused(visit: Visit, error: BatalError, places: Mapping[str, str]) -> Response:
    """The page of a refusal. What does not hold is counted first: tokens, and links that came whole; the address of a
    page that this browser keeps no link for is no guess."""
    counted = Counted.BAD_TOKENS if error.code == "unauthorized" else None
    if error.code == "link_invalid" and "." in unquote(places.get("token", "")):
        counted = Counted.BAD_LINKS
    try:
        if counted:
            count_bad(counted, visit.request)
    except Refused as enough:
        error = enough
    page = refusal_page(visit, error.code, error.details)
    page.headers = {**page.headers, **come_again(error)}
    return page


def refusal_page(visit: Visit, code: str, details: Mapping[str, Any] = NOTHING_MORE) -> Response:
    """What went wrong, kindly, and the way on. What somebody wrote into a form of theirs stands there again; where it
    was not theirs to mend, all of it can be sent once more."""
    status = PROBLEMS.get(code, PROBLEMS["internal_error"])[0]
    # Of a quota its own page tells what was too much, and until when.
    closer = f"refusal.{code}.{details.get('counted')}"
    known = (each for each in (closer, f"refusal.{code}") if has(each, visit.locale))
    key = next(known, f"page.error.{status}")
    told = {"at": formats.moment(details["again_at"], visit.locale, visit.zone)} if key == closer else {}
    if not has(key, visit.locale):
        key = "page.error.500"
    onward = f"page.refusal.next.{status if has(f'page.refusal.next.{status}', visit.locale) else 500}"
    form = _own_form(visit) if visit.request.method == "POST" and status in _MAY_MEND else None
    all_of_it = form.many if form and status >= 429 else {}
    return visit.page(
        "refusal.html.j2",
        status,
        message=key,
        told=told,
        number=wiring.correlation_id() if status >= 500 else None,
        onward=onward,
        home=home_of(visit.actor),
        words=_words_in(form) if form else [],
        again={name: values for name, values in all_of_it.items() if name not in OURS},
        form_key_kept=form.get(FORM_KEY) if form else None,
    )


def _own_form(visit: Visit) -> Form | None:
    """What was posted, by whoever this session is of; None where it was not theirs."""
    try:
        return visit.form()
    except (BatalError, PressAgain):
        return None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _plain(name: str, value: str) -> str:
    if name == "token":
        return unquote(value)
    # The number of a case is read in whichever spelling, also with blanks.
    spelled = as_reference(unquote(value)) if name == "case_id" else None
    return spelled or id_in(name, value)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("chalicelib.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters["as_told"] = as_told
    environment.globals |= {"limits": limits, "enough": ENOUGH, "line_field": line_field, "picture": pictures.picture}
    return environment


@cache
def _mark(name: str) -> str:
    return hashlib.sha256(assets()[name].encode()).hexdigest()[:12]


def _whole_minutes(seconds: float) -> int:
    return max(60, int(seconds) // 60 * 60)
