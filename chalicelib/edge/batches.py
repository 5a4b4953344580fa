"""Many orders in one call, a line each (NDJSON): each is what PUT takes, and is taken in, or refused, by itself."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

import msgspec

from chalicelib.domain.errors import BatalError, Invalid
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import Ports
from chalicelib.edge.limits import MOST_ROWS
from chalicelib.edge.order_bodies import OrderPut
from chalicelib.edge.problems import problem, problem_of
from chalicelib.edge.pushed import order_of
from chalicelib.edge.reading import read_json
from chalicelib.workflow import orders

log = logging.getLogger(__name__)

NDJSON = "application/x-ndjson"
# What of a problem is told of a row: a batch of the longest ones is still an answer that can be kept.
_TOLD = ("title", "status", "detail", "code")
_MOST_ERRORS = 3


class BatchItem(TypedDict):
    """What became of a line of a batch: whether it was news, or the problem. A row of which nothing can be read has no
    `order_id`."""

    line: int
    order_id: str | None
    status: int
    applied: NotRequired[bool]
    problem: NotRequired[Mapping[str, Any]]


def order_told(line: bytes) -> OrderBody:
    """The order of a line, as PUT takes it. Raises Invalid as PUT does."""
    return order_of(read_json(line, OrderPut))


def lines_in(raw: bytes) -> list[tuple[int, bytes]]:
    """The lines of a batch that say anything, with their numbers. Raises Invalid `too_many_rows`, `validation_failed`
    where there is none."""
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    if len(lines) > MOST_ROWS:
        raise Invalid("too_many_rows", rows=len(lines), at_most=MOST_ROWS)
    if not lines:
        raise Invalid("validation_failed", errors=[{"field": "body", "message": "at least one line"}])
    return lines


def taken_in(ports: Ports, actor: Actor, raw: bytes, time_is_left: Callable[[], bool]) -> list[BatchItem]:
    """An answer for each line, in order. Lines that the time is not enough for are answered `not_reached`. Raises
    Invalid as lines_in."""
    answers = list[BatchItem]()
    for number, line in lines_in(raw):
        answers.append(_taken(ports, actor, number, line) if time_is_left() else _refused(number, line, "not_reached"))
    return answers


def _taken(ports: Ports, actor: Actor, number: int, line: bytes) -> BatchItem:
    try:
        body = order_told(line)
        _, news = orders.upsert(ports, body, actor)
    except BatalError as error:
        return _with_problem(number, line, problem_of(error, None)[2])
    except Exception as error:
        log.exception("a row of a batch failed", extra={"row": number, "why": type(error).__name__})
        return _refused(number, line, "internal_error")
    status = 201 if news is orders.News.CREATED else 200
    return {"line": number, "order_id": body.order_id, "status": status, "applied": news is not orders.News.OLD}


def _refused(number: int, line: bytes, code: str) -> BatchItem:
    return _with_problem(number, line, problem(code)[2])


def _with_problem(number: int, line: bytes, document: str) -> BatchItem:
    told: dict[str, Any] = msgspec.json.decode(document)
    short = {name: told[name] for name in _TOLD if name in told}
    if "errors" in told:
        short["errors"] = told["errors"][:_MOST_ERRORS]
    return {"line": number, "order_id": _named(line), "status": told["status"], "problem": short}


class _Named(msgspec.Struct):
    order_id: str | None = None


def _named(line: bytes) -> str | None:
    try:
        return msgspec.json.decode(line, type=_Named).order_id
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
