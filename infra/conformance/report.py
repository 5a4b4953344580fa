"""The report: what was played, and in plain words where two sides differ."""

from collections.abc import Iterator, Sequence

from infra.conformance.finding import Finding
from infra.conformance.player import Played

_SHOWN = 10


def line(played: Played, findings: Sequence[Finding]) -> str:
    """One ending."""
    mark = "ok " if not findings else "NO "
    return f"{mark} {played.ending.name:20} {played.ending.story} ({len(played.events)} events, {played.weather})"


def differences(findings: Sequence[Finding]) -> Iterator[str]:
    """All of them, each with the order, the event, what has to be and what is."""
    for finding in findings:
        yield f"{finding.order_id}: {finding.where} differ: {finding.what}"
        if event := finding.event:
            yield f"    event     {event['type']}, number {event['seq']} of its order, {event['id']}"
        yield f"    expected  {finding.expected}"
        yield f"    found     {finding.found}"


def stumbles(told: Sequence[str]) -> str:
    """What a receiver did not take at once, the first few; no difference by itself, but where to look."""
    more = [f"    and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    first = "Your receiver did not take these at once, and was posted them again. Did its work fail on them?"
    return "\n".join([first, *(f"    {each}" for each in told[:_SHOWN]), *more])


def last_line(endings: int, findings: Sequence[Finding]) -> str:
    """How it went."""
    if not findings:
        return f"All books agree after {endings} endings."
    wrong = len({finding.ending for finding in findings})
    count = "1 difference" if len(findings) == 1 else f"{len(findings)} differences"
    return f"{count} in {wrong} of {endings} endings."
