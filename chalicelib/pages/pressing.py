"""One press, one act: a drawn form carries a key, and whoever presses it again is led to what the first press made."""

import json
from collections.abc import Callable
from typing import TypeVar

from chalice.app import Response

from chalicelib.domain.cases.change import Answered
from chalicelib.domain.parties import Actor
from chalicelib.edge.boundary import path_of
from chalicelib.edge.keys import Key, form_key, keep, once
from chalicelib.pages.page import FORM_KEY, OURS, Form, Visit, go

A = TypeVar("A")


def key_in(visit: Visit, form: Form, actor: Actor, *, by: str = "page", said: str | None = None) -> Key | None:
    """The key that a form was drawn with; None where it carries none (a page drawn by version 0.1).

    It is the same press as long as `said` is the same: all that was filled in, unless told. Raises Invalid
    `validation_failed`.
    """
    return form_key(by, actor, path_of(visit.request), form.get(FORM_KEY), said or _filled(form))


def words_of(visit: Visit, form: Form, actor: Actor) -> Key | None:
    """The same for a form that writes: other words are another message, never one that was swallowed."""
    key = key_in(visit, form, actor)
    return key.part(key.fingerprint) if key else None


def act_once(
    key: Key | None, act: Callable[[Callable[[A], Answered] | None], A], onward: Callable[[A], str], status: int = 303
) -> Response:
    """Do what commits something and lead on to what it made, once per key; `act` gets what keeps the way on in its
    commit. Raises as `act` does, Invalid `idempotency_mismatch`."""
    return go(made_once(key, act, onward, status))


def made_once(
    key: Key | None, act: Callable[[Callable[[A], Answered] | None], A], told: Callable[[A], str], status: int = 200
) -> str:
    """What is told of an act, from its first time; kept in the commit of the act. Raises as `act_once`."""

    def made() -> str:
        return told(act((lambda result: key.answered(status, told(result))) if key else None))

    return once(key, made, lambda earlier: earlier.body)


def kept_beside(key: Key | None, act: Callable[[], A], told: Callable[[A], str]) -> str:
    """The same for an act that no transaction carries: what is told is kept right after it. So the act itself must do
    no harm when it comes twice. Raises as `act_once`."""

    def made() -> str:
        words = told(act())
        if key:
            keep(key, 200, words)
        return words

    return once(key, made, lambda earlier: earlier.body)


def _filled(form: Form) -> str:
    return json.dumps(sorted((name, values) for name, values in form.many.items() if name not in OURS))
