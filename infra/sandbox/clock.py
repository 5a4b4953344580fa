"""Business time that can be moved forwards, and back only to where all begins anew."""

import threading
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Real time plus what it was advanced by."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC) + self._ahead

    def put_back(self) -> None:
        """Real time again, for a new beginning."""
        with self._lock:
            self._ahead = timedelta()

    def advance(self, seconds: int) -> None:
        """Move forwards. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("the clock only moves forwards")
        with self._lock:
            self._ahead += timedelta(seconds=seconds)
