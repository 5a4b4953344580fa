"""The number of a request, as people say it: `BTL-4F7K2M9QX`. It is the id of a case, tells nothing and allows nothing.

Nine signs of 29 that nobody takes for one another, the last one a checksum: one wrong sign and two swapped ones are
always noticed, since 29 is a prime and each place weighs something else.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from itertools import count, product

SIGNS = "23456789ABCDEFGHJKMNPQRTVWXYZ"
PREFIX = "BTL-"
LENGTH = 9

# What people write for what they read, by what it may have been.
_MISREAD = {"0": "QD", "O": "QD", "1": "J7T", "I": "JT", "L": "J", "S": "58", "U": "V"}
_BETWEEN = re.compile(r"[\s.\-_\u2010-\u2015]+")


def drawn(below: Callable[[int], int]) -> str:
    """A new one. `below(n)` gives a number under n that nobody can guess."""
    signs = SIGNS[1 + below(len(SIGNS) - 1)] + "".join(SIGNS[below(len(SIGNS))] for _ in range(LENGTH - 2))
    return PREFIX + signs + _checksum(signs)


def for_older(case_id: str) -> Iterator[str]:
    """The ones that a case from before there were any may have, always the same and in this order: the first is
    another's once in millions. They begin with a sign that none begins with that is drawn, so that no new case ever
    gets one of them. Each tells as little of the id as a drawn one."""
    for number in count():
        digest = int.from_bytes(hashlib.sha256(f"{number}:{case_id}".encode()).digest(), "big")
        signs = SIGNS[0] + "".join(SIGNS[digest // len(SIGNS) ** place % len(SIGNS)] for place in range(LENGTH - 2))
        yield PREFIX + signs + _checksum(signs)


def is_one(text: str) -> bool:
    """Whether this is one, exactly as we write it."""
    return text.startswith(PREFIX) and len(text) == len(PREFIX) + LENGTH and _holds(text.removeprefix(PREFIX))


def as_reference(text: str) -> str | None:
    """The one that somebody typed, in whichever spelling; None where it is none, or could be several."""
    signs = _signs(text)
    if signs is None:
        return None
    meant = {"".join(each) for each in product(*(_MISREAD.get(sign, sign) for sign in signs))}
    found = [each for each in meant if _holds(each)]
    return PREFIX + found[0] if len(found) == 1 else None


def is_mistyped(text: str) -> bool:
    """Whether somebody meant one, and mistyped it."""
    signs = _signs(text)
    meant = signs is not None and text.strip().upper().startswith(PREFIX[:3])
    return meant and as_reference(text) is None


def _signs(text: str) -> str | None:
    """The nine signs of what looks like one."""
    plain = _BETWEEN.sub("", text.upper())
    plain = plain.removeprefix(PREFIX[:3]) if len(plain) == LENGTH + 3 else plain
    known = all(sign in SIGNS or sign in _MISREAD for sign in plain)
    return plain if len(plain) == LENGTH and known else None


def _holds(signs: str) -> bool:
    return all(sign in SIGNS for sign in signs) and _checksum(signs[:-1]) == signs[-1]


def _checksum(signs: str) -> str:
    total = sum((place + 1) * SIGNS.index(sign) for place, sign in enumerate(signs))
    # The checksum's own place weighs nine: what makes the whole sum zero.
    return SIGNS[-total * pow(LENGTH, -1, len(SIGNS)) % len(SIGNS)]
