"""Being told to stop, by Ctrl-C or by whoever started us."""

import signal
from queue import Empty, SimpleQueue
from types import FrameType


def told_by_signals() -> SimpleQueue[int]:
    """Where SIGINT and SIGTERM arrive from now on. A queue and no event: a signal's handler may interrupt the very
    wait that it is to end, and `Event.set` would then ask for a lock that its own thread holds, for ever."""
    asked: SimpleQueue[int] = SimpleQueue()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        asked.put(number)

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    return asked


def asked_within(asked: SimpleQueue[int], seconds: float) -> bool:
    """Whether somebody asks to stop before `seconds` are over."""
    try:
        asked.get(timeout=seconds)
    except Empty:
        return False
    return True
