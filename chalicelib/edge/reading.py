"""From what somebody sent to a type of ours, within its bounds; what does not fit is named."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain import ids
from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.drafts import faults_of
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.refund_times import check_names
from chalicelib.edge.bodies import A_MOMENT, OUR_TIME
from chalicelib.edge.choices import choices_at

T = TypeVar("T")

_IS_ID = {"is_id": True}  # the mark of bodies.Id
_NO_WORD = "Invalid enum value"
_NO_MOMENT = ("Expected `datetime` with a timezone", "Invalid RFC3339")
# Programs that know no empty date write this one, or the year 1, in whichever zone they run.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NO_SUCH = "Invalid enum value"
# What the type of zones cannot list: it takes every name of IANA's.
ZONE_SAYS = "a zone as IANA writes it, such as `Asia/Bangkok`, or WIB, WITA, WIT"
_NAMED = re.compile(r"Object (?:contains unknown|missing required) field `([^`]+)`")
# What a shape says of one of its own fields (`__post_init__`).
_SAYS_ITS_FIELD = re.compile(r"([a-z]\w*): (.+)", re.DOTALL)
# What must be said, and has a refusal of its own where nobody says it.
_UNSAID = {"note": "note_required", "comment": "comment_required"}
_NOTHING = ("Object missing required field", "Expected `str`, got `null`", "Expected `str` matching regex")


def read_json(raw: bytes | str, shape: type[T]) -> T:
    """A JSON document as `shape`; nothing at all counts as `{}`.

    Raises Invalid `malformed_json`, or `validation_failed` naming the field; `note_required` and `comment_required`
    where those are missing or blank.
    """
    try:
        given = msgspec.json.decode(raw or b"{}", type=shape)
    except msgspec.ValidationError as error:
        raise _refusal(error, shape) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Invalid("malformed_json") from error
    finish(given)
    return given


def read_query(given: Mapping[str, str], shape: type[T]) -> T:
    """What stands behind the question mark. Raises Invalid `validation_failed` naming the parameter, or all that are
    unknown."""
    names = [field.encode_name for field in msgspec.structs.fields(shape)]  # type: ignore[arg-type]
    unknown = sorted(set(given) - set(names))
    if unknown:
        errors = [{"field": name, "message": "unknown parameter"} for name in unknown]
        raise Invalid("validation_failed", errors=errors)
    # A plus sign in a query is a space once decoded; people write offsets with it, and no moment has a space.
    kind: Any = shape
    moments = _fields_with(datetime, kind)
    spelled = {name: text.replace(" ", "+") if name in moments else text for name, text in given.items()}
    return finish(taken(spelled, shape, typed=True))


def taken(given: object, shape: type[T], *, typed: bool = False, named: str = "") -> T:
    """What was given as `shape`, within its bounds; numbers that people `typed` are read from their text.

    Raises Invalid `validation_failed` with the field (`named` where it is one value).
    """
    hashable: Any = shape
    if typed and isinstance(given, Mapping):
        numbers = _fields_with(int, hashable)
        given, typed = {name: _number(text) if name in numbers else text for name, text in given.items()}, False
    try:
        return msgspec.convert(given, shape, strict=not typed)
    except msgspec.ValidationError as error:
        raise _refusal(error, shape, named) from error


def finish(given: T) -> T:
    """What was parsed, its ids composed (NFC), its moments and ids within their bounds, no NUL in it. Raises Invalid
    `validation_failed` naming the field."""
    _check(given, "")
    return given


def id_of(typed: str, named: str) -> str:
    """An id of the marketplace's as it is kept. Raises Invalid `validation_failed` naming the field."""
    composed = ids.as_id(typed)
    if composed is None:
        raise Invalid("validation_failed", errors=[{"field": named, "message": ids.WHAT_IS_ONE}])
    return composed


def strictly(given: Mapping[str, Any], shape: type[T]) -> T:
    """A type that does not refuse unknown fields by itself, as those of the domain. Raises Invalid `validation_failed`
    naming what is wrong, or unknown."""
    try:
        made = msgspec.convert(given, shape)
        unknown = _unknown(given, msgspec.to_builtins(made), "")
    except msgspec.ValidationError as error:
        raise Invalid("validation_failed", errors=[_told(error, shape)]) from error
    except RecursionError as error:
        raise Invalid("validation_failed", errors=[{"field": "body", "message": "nested too deeply"}]) from error
    if unknown:
        errors = [{"field": field, "message": "unknown field"} for field in unknown]
        raise Invalid("validation_failed", errors=errors)
    return made


def policy_of(name: str, given: Mapping[str, Any]) -> Policy:
    """A profile as somebody wrote it, under the name of its address. Raises Invalid as `strictly`, for names of
    payments that nobody knows, and naming each amount that cannot be meant."""
    given = {"name": name, **given}
    if given["name"] != name or not (name.isidentifier() and name.isascii() and name.islower()):
        raise Invalid("validation_failed", errors=[{"field": "name", "message": "must be the one in the path"}])
    made = strictly(given, Policy)
    check_names(made.refund_order, made.refund_times)
    if faults := faults_of(given):
        raise Invalid("validation_failed", errors=[{"field": field, "message": why} for field, why in faults])
    return made


def field_of(message: str) -> dict[str, str]:
    """msgspec says ``Expected `int`, got `str` - at `$.version` ``, or ``Object contains unknown field `fee` ``."""
    text, _, place = message.replace(" - at `key` in `$", " - at `$").partition(" - at `$")
    named = _NAMED.match(text)
    if own := _SAYS_ITS_FIELD.match(text):
        named, text = own, own[2]
    path = [place.strip("`."), named[1] if named else ""]
    if text.startswith(_NO_SUCH) and path[0].rpartition(".")[2] == "zone":
        text = ZONE_SAYS
    return {"field": ".".join(part for part in path if part) or "body", "message": text}


def _refusal(error: msgspec.ValidationError, shape: Any, named: str = "") -> Invalid:
    told = _told(error, shape)
    told |= {"field": named} if named else {}
    if told["message"].startswith(_NO_MOMENT):
        told["message"] = f"a moment with its zone, such as `{A_MOMENT}`; where there is none, leave the field out"
    if told["field"] in _UNSAID and told["message"].startswith(_NOTHING):
        return Invalid(_UNSAID[told["field"]])
    return Invalid("validation_failed", errors=[told])


def _told(error: msgspec.ValidationError, shape: Any) -> dict[str, str]:
    """Which field is wrong and why, with the words that it takes where it takes some words alone."""
    told = field_of(str(error))
    if told["message"].startswith(_NO_WORD):
        words = choices_at(shape, "" if told["field"] == "body" else told["field"])
        told["message"] += f": it is one of {', '.join(words)}" if words else ""
    return told


@cache
def _fields_with(kind: Any, shape: Any) -> frozenset[str]:
    """The fields of a shape that hold this kind of value, or may."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(shape) if _holds(kind, field.type))


def _holds(kind: Any, held: Any) -> bool:
    return held is kind or any(_holds(kind, each) for each in get_args(held))


@cache
def _fields_of_ids(shape: Any) -> frozenset[str]:
    """The fields of a shape that hold ids of the marketplace's."""
    return frozenset(field.name for field in msgspec.structs.fields(shape) if _is_id(field.type))


def _is_id(held: Any) -> bool:
    marks = getattr(held, "__metadata__", ())
    return any(isinstance(mark, Meta) and mark.extra == _IS_ID for mark in marks) or any(map(_is_id, get_args(held)))


def _number(text: object) -> object:
    """The number of a text; what is none stays as it is, for its own refusal."""
    try:
        return msgspec.convert(text, int, strict=False)
    except msgspec.ValidationError:
        return text


def _check(given: object, place: str) -> None:
    if isinstance(given, datetime):
        _check_moment(given, place)
    elif isinstance(given, Struct):
        _compose_ids(given, place)
        for name in given.__struct_fields__:
            _check(getattr(given, name), f"{place}.{name}" if place else name)
    elif isinstance(given, (tuple, list)):
        for number, each in enumerate(given):
            _check(each, f"{place}[{number}]")
    elif isinstance(given, dict):
        for name, each in given.items():
            _check(name, place)
            _check(each, f"{place}.{name}" if place else str(name))
    elif isinstance(given, str) and "\0" in given:
        raise Invalid("validation_failed", errors=[{"field": place or "body", "message": "NUL can never be kept"}])


def _check_moment(given: datetime, place: str) -> None:
    if given.year == 1 or abs(given - _EPOCH) <= timedelta(days=1):
        told = "no date, as some programs write it: leave the field out where there is none"
        raise Invalid("validation_failed", errors=[{"field": place, "message": told}])
    if not OUR_TIME[0] <= given < OUR_TIME[1]:
        raise Invalid("validation_failed", errors=[{"field": place, "message": "a moment in 2000 to 2099"}])


def _compose_ids(given: Struct, place: str) -> None:
    for name in _fields_of_ids(type(given)):
        typed = getattr(given, name)
        if isinstance(typed, str):
            composed: Any = id_of(typed, f"{place}.{name}" if place else name)
        elif isinstance(typed, dict):
            composed = {key: id_of(each, f"{place}.{name}.{key}") for key, each in typed.items()}
        elif isinstance(typed, tuple):
            composed = tuple(id_of(each, f"{place}.{name}[{number}]") for number, each in enumerate(typed))
        else:
            continue
        if composed != typed:
            # Nobody has seen it yet, so a frozen struct may still be written.
            msgspec.structs.force_setattr(given, name, composed)


def _unknown(given: Any, known: Any, path: str) -> list[str]:
    """The fields of `given` that were read into nothing."""
    if isinstance(given, Mapping) and isinstance(known, dict):
        found = [f"{path}{name}" for name in given if name not in known]
        return found + [
            each for name in given if name in known for each in _unknown(given[name], known[name], f"{path}{name}.")
        ]
    if isinstance(given, list) and isinstance(known, (list, tuple)):
        return [each for one, other in zip(given, known, strict=True) for each in _unknown(one, other, path)]
    return []
