"""What the kit finds: one place where two sides differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where something differs, in words.

    where     whose word it is: "the log", "Batal's answers", "your books", ...
    expected  what has to stand there, and what was found, as people read it
    event     the event that should have made it so, where one is known
    """

    ending: str
    order_id: str
    where: str
    what: str
    expected: str
    found: str
    event: Event | None = None


class Stopped(Exception):
    """An ending could not be played to its end."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        self.what, self.expected, self.found = what, expected, found
        super().__init__(f"{what}: expected {expected}, found {found}")
