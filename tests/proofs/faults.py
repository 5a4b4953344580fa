"""One fault at the k-th call: of AWS by botocore's own events, of a payment provider around the call itself.

    before    the process dies before the request leaves
    lost      the service did it; the caller is told of a broken connection
    resent    the service did it; botocore loses the reply and sends the very same request again
    throttled the service refuses for now, and did nothing
    conflict  another transaction holds the item: DynamoDB refuses for now, and did nothing

A process that dies after the k-th call dies before the (k+1)-th, so `before`, at every call and behind the last, is
every crash point there is. To die before a read is to die before the call that follows it in the same process, as a
read leaves nothing behind: `crash_points` names each distinct point once. For the same reason a read that is sent twice
is no fault.

A provider's call (`midtrans.POST`) is never sent again by whoever makes it, and nothing conflicts with it; throttled it
is answered with 429.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import EndpointConnectionError

from infra.sandbox.providers.serving import Say

MODES = ("before", "lost", "resent", "throttled", "conflict")


def points_of(mode: str, calls: Sequence[str], crash_points: Sequence[int]) -> Sequence[int]:
    """The calls at which a mode makes a difference: a process dies where it has just begun to do something, and who
    reads once more changes nothing."""
    if mode == "before":
        return [at for at in crash_points if at <= len(calls)]
    found = range(1, len(calls) + 1)
    return [at for at in found if not is_read(calls[at - 1])] if mode == "resent" else found


class SimulatedCrash(BaseException):
    """The process is gone. No `except Exception` in the code under proof can swallow it."""


@dataclass
class Faults:
    """Counts calls while armed, and makes one of them go wrong."""

    calls: list[str] = field(default_factory=list)
    at: int | None = None
    mode: str = ""
    counting: bool = False
    struck: bool = False
    starts: list[int] = field(default_factory=list)

    def new_process(self) -> None:
        """What comes from here on is done by another process."""
        self.starts.append(len(self.calls))

    def crash_points(self) -> list[int]:
        """Where a process can die with a world of its own left behind: 1 is before the first call, and the last is
        behind the last call."""
        ends, last = {*self.starts}, len(self.calls)
        return [at for at in range(1, last + 2) if at > last or at in ends or not is_read(self.calls[at - 1])]

    def arm(self, at: int | None = None, mode: str = "") -> None:
        """Count from 1 again; the `at`-th call goes wrong."""
        self.calls, self.at, self.mode, self.counting, self.struck = [], at, mode, True, False
        self.starts = []

    @property
    def failed_a_mail(self) -> bool:
        """Whether a mail was tried in vain, by a process that lived to note it."""
        return self.struck and self.mode in ("lost", "throttled") and self.calls[(self.at or 0) - 1].startswith("sesv2")

    def disarm(self) -> None:
        """All is well again."""
        self.counting = False

    def watch(self, events: Any) -> None:
        """Hook into a session's or a client's events."""
        events.register_first("before-call.*.*", self._before)
        events.register("after-call.*.*", self._after)
        events.register_first("needs-retry.*.*", self._resend)

    def around(self, name: str, call: Callable[[], Say | None]) -> Say | None:
        """A call of a provider, which botocore knows nothing of."""
        if not self.counting:
            return call()
        self.calls.append(name)
        if not self._hits() or self.mode not in ("before", "lost", "throttled"):
            return call()
        self.struck = True
        if self.mode == "before":
            raise SimulatedCrash(name)
        if self.mode == "throttled":
            return Say(429, b"{}")
        call()
        return None

    def _hits(self) -> bool:
        return self.counting and not self.struck and len(self.calls) == self.at

    def _before(self, model: Any, **_: Any) -> Any:
        if not self.counting:
            return None
        self.calls.append(f"{model.service_model.service_name}.{model.name}")
        if not self._hits():
            return None
        if self.mode == "before":
            self.struck = True
            raise SimulatedCrash(self.calls[-1])
        if self.mode == "throttled":
            self.struck = True
            return _refusal("ThrottlingException", "Rate exceeded")
        if self.mode == "conflict" and self.calls[-1].startswith("dynamodb."):
            self.struck = True
            if self.calls[-1] == "dynamodb.TransactWriteItems":
                return _refusal(
                    "TransactionCanceledException", "Transaction cancelled", ["TransactionConflict", "None"]
                )
            return _refusal("TransactionConflictException", "Transaction is ongoing for the item")
        return None

    def _after(self, **_: Any) -> None:
        if self._hits() and self.mode == "lost":
            self.struck = True
            raise EndpointConnectionError(endpoint_url=f"(reply lost) {self.calls[-1]}")

    def _resend(self, **_: Any) -> float | None:
        if self._hits() and self.mode == "resent":
            self.struck = True
            return 0.0
        return None


_READS = frozenset({"GetItem", "BatchGetItem", "Query", "ListObjectsV2", "GET"})


def is_read(call: str) -> bool:
    """Whether a call leaves everything as it was."""
    return call.partition(".")[2].partition(" ")[0] in _READS


def _refusal(code: str, message: str, reasons: list[str] | None = None) -> tuple[Any, dict[str, Any]]:
    parsed: dict[str, Any] = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    if reasons:
        parsed["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return SimpleNamespace(status_code=400, headers={}), parsed
