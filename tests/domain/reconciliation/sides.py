"""Both sides of a reconciliation, as the tests need them: only what matters is said."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.reconciliation.expected import Expected, ExpectedState
from chalicelib.domain.reconciliation.findings import Finding, Period
from chalicelib.domain.reconciliation.judging import judge
from chalicelib.domain.reconciliation.settled import SettledKind, SettledLine

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DUE = datetime(2026, 11, 20, tzinfo=UTC)
IN_TIME, TOO_LATE = DUE - timedelta(days=2), DUE + timedelta(days=2)
NOVEMBER = Period(since=datetime(2026, 11, 1, tzinfo=UTC), until=NOW)


def a_refund(amount: int = 100, *references: str, **facts: Any) -> Expected:
    """A part of a refund that should have gone by DUE."""
    told = {"id": "rf_1:card", "order_id": "O-1", "currency": "IDR", "state": ExpectedState.PENDING, "due_by": DUE}
    known = references or ("k-1",)
    return Expected(kind=SettledKind.REFUND, provider="p", amount=amount, references=known, **{**told, **facts})


def a_payment(amount: int = 100, *references: str, **facts: Any) -> Expected:
    """A payment that was collected."""
    told = {"id": "pay_1", "order_id": "O-1", "currency": "IDR", "state": ExpectedState.COLLECTED}
    known = references or ("t-1",)
    return Expected(kind=SettledKind.PAYMENT, provider="p", amount=amount, references=known, **{**told, **facts})


def a_line(number: int, amount: int, *references: str, **facts: Any) -> SettledLine:
    """A line of a file, in time."""
    told = {"kind": SettledKind.REFUND, "currency": "IDR", "at": IN_TIME}
    known = references or ("k-1",)
    return SettledLine(provider="p", number=number, references=known, amount=amount, **{**told, **facts})


def told_of(findings: Sequence[Finding]) -> list[tuple[str, int | None, tuple[int, ...]]]:
    """Findings as kind, money settled and lines, in the order of their lines."""
    return sorted(
        ((each.kind.value, each.settled, each.numbers) for each in findings), key=lambda each: (each[2], each[0])
    )


def judged(
    lines: Sequence[SettledLine], expected: Sequence[Expected], period: Period = NOVEMBER
) -> list[tuple[str, int | None, tuple[int, ...]]]:
    """What a group of them comes to."""
    return told_of(list(judge(lines, expected, period)))
