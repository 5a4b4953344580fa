"""Waiting: by the sandbox's clock in a moment, anywhere else for real."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from infra.conformance.calling import Batal
from infra.conformance.finding import Json, Stopped

# Whoever lets silence speak may come a minute after the deadline, and half a one until the next round.
GRACE = 100  # seconds


class Clock(Protocol):
    """Business time, as far as the kit can move it."""

    def now(self) -> datetime:
        """Now, in UTC."""

    def until(self, came: Callable[[], bool], seconds: float, what: str) -> None:
        """Let time pass until it came; that should take `seconds`. Raises Stopped where it did not come long after."""


class SandboxClock:
    """The clock of a sandbox, which the kit alone moves."""

    def __init__(self, batal: Batal) -> None:
        self._batal = batal
        self._ahead: timedelta | None = None

    def now(self) -> datetime:
        if self._ahead is None:
            self._knows(self._batal.open("GET", "/sandbox/clock").body)
        return datetime.now(UTC) + (self._ahead or timedelta())

    def advance(self, seconds: float) -> None:
        """Forwards. Everything that is due by then has been done when this returns."""
        self._knows(self._batal.open("POST", "/sandbox/clock", {"advance_seconds": int(seconds)}).body)

    def _knows(self, told: Json) -> None:
        self._ahead = datetime.fromisoformat(told["now"]) - datetime.now(UTC)

    def until(self, came: Callable[[], bool], seconds: float, what: str) -> None:
        self.advance(max(seconds, 0))
        for _ in range(8):
            if came():
                return
            self.advance(GRACE)
        raise Stopped(what, f"within {seconds + GRACE:.0f} s of the sandbox's clock", "nothing, long after that")


class RealClock:
    """Time as it is."""

    _EVERY = 1.0  # second

    def rest(self, seconds: float) -> None:
        """Wait for something that nobody can look at."""
        time.sleep(seconds)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def until(self, came: Callable[[], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds + 2 * GRACE
        while not came():
            if time.monotonic() > end:
                raise Stopped(what, f"within {seconds + GRACE:.0f} s", "nothing, long after that")
            time.sleep(self._EVERY)
