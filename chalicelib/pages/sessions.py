"""Who sits before the page: a signed cookie, begun with a bearer token of the marketplace.

The cookie holds role, id and what the person is called, until when, and a number of its own; it lives as long as the
token that began it, and no longer than a working day of real time. Signing out ends it, wherever a copy lies. Forms
carry a token bound to it, so that another site cannot press our buttons.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer

from chalicelib.domain.cases.change import Answered
from chalicelib.domain.errors import Refused
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.domain.ports import Ports
from chalicelib.settings import Settings
from chalicelib.workflow import committing

COOKIE = "batal_session"
LANGUAGE = "batal_lang"
ZONE = "batal_zone"
TOUR = "batal_tour"
LONGEST = 12 * 3600  # seconds of a session


def begin(actor: Actor, settings: Settings, until: int) -> str:
    """The Set-Cookie value that signs an actor in until their token ends (Unix time), at most for a working day."""
    seconds = max(0, min(LONGEST, until - int(time.time())))
    held = [actor.role, actor.id, actor.person, actor.name, int(time.time()) + seconds, secrets.token_urlsafe(9)]
    return _set(COOKIE, _signer(settings).dumps(held), settings, seconds)


def end(settings: Settings) -> str:
    """The Set-Cookie value that signs out."""
    return _set(COOKIE, "", settings, 0)


def remember(name: str, value: str, settings: Settings) -> str:
    """The Set-Cookie value that keeps a reader's choice for a year."""
    return _set(name, value, settings, 365 * 86400)


def actor_of(headers: Mapping[str, str], settings: Settings) -> Actor | None:
    """The actor of the cookie, or None where there is none, or none that we signed and that is fresh."""
    value = cookie(headers, COOKIE)
    if not value or not settings.session_secret:
        return None
    try:
        # Cookies of earlier versions hold no end, no name, or no person either.
        held: list[Any] = [*_signer(settings).loads(value, max_age=LONGEST), None, None, None]
        role, subject, person, name, until = held[:5]
        if until is not None and time.time() >= until:
            return None
        return Actor(role=Role(role), id=str(subject), person=person, door=Door.PAGE, name=name)
    except (BadSignature, ValueError, TypeError):
        return None


def ended(headers: Mapping[str, str], ports: Ports) -> bool:
    """Whether this session was ended by signing out, in this browser or in another that holds the same cookie."""
    return committing.answered(ports, _ending(headers)) is not None


def keep_ended(headers: Mapping[str, str], ports: Ports) -> None:
    """Remember that this session was ended, for as long as its cookie could count."""
    now = ports.now()
    expires_at = now + timedelta(seconds=LONGEST)
    with suppress(Refused):  # twice is once
        ending = Answered(key=_ending(headers), fingerprint="", status=0, body="", expires_at=expires_at, since=now)
        committing.keep(ports, ending)


def _ending(headers: Mapping[str, str]) -> str:
    """Nothing of the cookie itself lies in the table of keys."""
    return hashlib.sha256(f"session|{cookie(headers, COOKIE) or ''}".encode()).hexdigest()


def form_token(headers: Mapping[str, str], settings: Settings) -> str:
    """What a form must carry back: bound to the cookie it was rendered for."""
    bound_to = cookie(headers, COOKIE) or ""
    return hmac.new(settings.session_secret.encode(), b"form:" + bound_to.encode(), hashlib.sha256).hexdigest()


def form_token_holds(given: str, headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether a posted form was one of ours, for this very session."""
    return hmac.compare_digest(given.encode(), form_token(headers, settings).encode())


def writer_mark(actor: Actor, settings: Settings) -> str:
    """By which a form tells for whom it was drawn, whatever became of their session since."""
    who = f"writer:{actor.role}:{actor.id}:{actor.person or ''}"
    return hmac.new(settings.session_secret.encode(), who.encode(), hashlib.sha256).hexdigest()


def is_by(given: str, actor: Actor, settings: Settings) -> bool:
    """Whether a form was drawn for this person."""
    return hmac.compare_digest(given.encode(), writer_mark(actor, settings).encode())


def cookie(headers: Mapping[str, str], name: str) -> str | None:
    """One cookie's value."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found else None


def signed_cookie(name: str, value: str, settings: Settings, seconds: int, *, path: str = "") -> str:
    """The Set-Cookie value of a short-lived cookie of our own, for all our pages or for those under a path."""
    return _set(name, value, settings, seconds, path)


def prefix(settings: Settings) -> str:
    """The path before every path of ours: the stage, on a deployed address without a domain of its own."""
    return urlsplit(settings.public_url).path.rstrip("/")


def _set(name: str, value: str, settings: Settings, seconds: int, path: str = "") -> str:
    secure = "; Secure" if settings.public_url.startswith("https:") else ""
    path = path or prefix(settings) or "/"
    return f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    if not settings.session_secret:
        raise ValueError("SESSION_SECRET is not set")
    return URLSafeTimedSerializer(
        settings.session_secret,
        salt="batal.session",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
