"""Past cases as lines of a file, for simulations elsewhere: nobody's name or words, and what goes without saying left
out. docs/simulator.md tells the form."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any

import msgspec

from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.simulation.past import PastCase

PAST_FORM = "batal-past/1"
POLICY_FORM = "batal-policy/1"


class _Line(msgspec.Struct, kw_only=True):
    format: str
    past: PastCase | None = None
    policy: Policy | None = None


_DECODER = msgspec.json.Decoder(_Line)


def read_line(line: bytes) -> PastCase | Policy:
    """A line of such a file. Raises Invalid `validation_failed` saying what is wrong, `malformed_json`."""
    try:
        told = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        raise Invalid("validation_failed", errors=[{"field": "line", "message": str(error)}]) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Invalid("malformed_json") from error
    found = {PAST_FORM: told.past, POLICY_FORM: told.policy}.get(told.format)
    if found is None:
        errors = [{"field": "format", "message": f"{PAST_FORM} with `past`, or {POLICY_FORM} with `policy`"}]
        raise Invalid("validation_failed", errors=errors)
    return found


def past_row(past: PastCase) -> Mapping[str, Any]:
    """A past case as a line says it."""
    return {"format": PAST_FORM, "past": _lean(past)}


def policy_row(policy: Policy) -> Mapping[str, Any]:
    """A version of a policy, without which cases that lived by it could not be checked."""
    return {"format": POLICY_FORM, "policy": _lean(policy)}


def _lean(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: _lean(said)
            for each in _fields(type(value))
            if (said := getattr(value, each.name)) != _default(each)
        }
    if isinstance(value, Mapping):
        return {key: _lean(said) for key, said in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [_lean(each) for each in value]
    return value


@cache
def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)


def _default(each: Field[Any]) -> Any:
    if each.default_factory is not MISSING:
        return each.default_factory()
    return each.default
