"""The policy that endings are played under. It has a name of its own, so no order of anybody else is ever under it."""

from collections.abc import Mapping
from typing import Any

from infra.conformance.calling import Batal
from infra.conformance.finding import Json

NAME = "conformance"
_LONG = {"amount": 1, "unit": "days"}


def wanted(pace: int) -> Json:
    """The profile, without its version. `pace` is how many seconds everybody has whose silence is played."""
    quick = {"amount": pace, "unit": "seconds"}
    return {
        "name": NAME,
        "answers": {
            "placed": {"within": _LONG, "if_silent": "expire"},
            "processing": {"within": _LONG, "if_silent": "expire"},
            "on_hold": {"within": quick, "if_silent": "expire"},
            "ready_to_ship": {"within": quick, "if_silent": "approve"},
            "shipped": {"within": quick, "if_silent": "escalate"},
        },
        "instant": [{"statuses": ["placed"], "anchor": "placed"}],
        "support": {"within": _LONG, "if_silent": "expire"},
        "offers": {"rounds": 2, "answer": {"within": quick, "if_silent": "expire"}, "declined": "seller"},
        "returns": {
            "window": {"amount": 30, "unit": "days"},
            "answer": {"within": _LONG, "if_silent": "escalate"},
            "ship_back": quick,
            "fee": {"keep_shipping": True},
        },
        "parcel_moves": "end",
        "max_attempts": 3,
        "reminders": [],
        "sources": {"all": "Made by the conformance kit; orders of the platform `conformance` alone are under it."},
    }


def lies_in(part: Any, whole: Any) -> bool:
    """Whether everything that `part` says stands in `whole`, too; what the whole says besides does not matter."""
    if isinstance(part, Mapping) and isinstance(whole, Mapping):
        return all(name in whole and lies_in(value, whole[name]) for name, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(lies_in, part, whole))
    return bool(part == whole)


def in_force(batal: Batal, pace: int) -> Json | None:
    """What is still to be set before endings can be played: the profile with its next version; None where it is in
    force as it has to be. Raises Stopped where whoever asks may not see it."""
    found = batal.call("operator", "GET", f"/v1/policies/{NAME}", known=(404,))
    if found.status == 404:
        return {**wanted(pace), "version": 1}
    return None if lies_in(wanted(pace), found.body) else {**wanted(pace), "version": found.body["version"] + 1}
