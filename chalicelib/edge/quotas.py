"""Quotas of callers: counted where somebody asks, writes or comes with what does not hold, and refused once an hour's
uses are gone. What holds is let through whoever else comes from the same address, and a good GET counts nothing."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any, ParamSpec, TypeVar

from chalice.app import Request

from chalicelib import wiring
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.uses import USUAL, Counted, use_of
from chalicelib.settings import quotas_in
from chalicelib.workflow.uses import has_one_left

P = ParamSpec("P")
R = TypeVar("R")

_WHOSE = {Counted.ASKS: (Role.BUYER,), Counted.MESSAGES: (Role.BUYER, Role.SELLER)}
# So many keys a warm function remembers as used up; then it asks anew.
_MOST_SPENT = 10_000


def count(counted: Counted, caller: str) -> None:
    """Count one use of a caller. Raises Refused `too_many_requests` where none is left, and remembers it for the hour,
    so that whoever goes on costs no write."""
    most = most_of(counted)
    if not most:
        return
    use = use_of(counted, _nameless(caller), most, wiring.now())
    spent = wiring.spent()
    if use.key in spent:
        raise use.used_up()
    if not has_one_left(wiring.ports(), use):
        if len(spent) >= _MOST_SPENT:
            spent.clear()
        spent.add(use.key)
        raise use.used_up()


def most_of(counted: Counted) -> int:
    """How many there may be within an hour; 0 for any number."""
    return quotas_in(wiring.settings().quotas).get(counted, USUAL[counted])


def count_use(counted: Counted, actor: Actor) -> None:
    """Count what this person does: of buyers what they ask, of buyers and shops what they write. Who works for the
    marketplace is not counted; what is counted of somebody else (a hand-over) is for the view. Raises as `count`."""
    if actor.role in _WHOSE.get(counted, ()):
        count_person(counted, actor)


def count_person(counted: Counted, actor: Actor) -> None:
    """Count one of this person; of a seller each of their staff by themselves. Raises as `count`."""
    count(counted, f"{actor.role}|{actor.id}|{actor.person or ''}")


def counting(counted: Counted, actor: Actor, act: Callable[P, R]) -> Callable[P, R]:
    """An act that is counted whenever it is done; not where the answer to its first time is given again."""

    def done(*args: P.args, **more: P.kwargs) -> R:
        count_use(counted, actor)
        return act(*args, **more)

    return done


def count_bad(counted: Counted, request: Request) -> None:
    """Count a token, signature or link that does not hold, of the address that it came from. Raises as `count`."""
    count(counted, source_of(request.context or {}))


def source_of(context: Mapping[str, Any]) -> str:
    """Whose address a request came from, as API Gateway saw it: headers can be made up. Of IPv6 the network of a house:
    whoever has one has all its addresses."""
    told = str((context.get("identity") or {}).get("sourceIp") or "")
    try:
        address = ip_address(told)
    except ValueError:
        return "nowhere"
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def _nameless(caller: str) -> str:
    """Nothing of who it is lies in the table of keys."""
    secret = wiring.settings().session_secret
    return hmac.new(f"quota:{secret}".encode(), caller.encode(), hashlib.sha256).hexdigest()[:32]
