"""Any settlement of any expected movements, shuffled, split, doubled, taken back, gives what was planted and no more;
and the money of all findings is the money of the file.

`BATAL_EXAMPLES=` says how many are drawn.
"""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.reconciliation.findings import Finding
from chalicelib.domain.reconciliation.providers import LAYOUTS
from chalicelib.workflow.reconciling import reconcile
from tests.domain.money_orders import MANY

NOW, DUE = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
HEADER = ("type", "payment_reference", "order_id", "amount", "currency", "collected_at")
FATES = (
    "matched",
    "split",
    "late",
    "missing",
    "wrong_amount",
    "wrong_currency",
    "doubled",
    "split_and_doubled",
    "unknown",
    "unreadable",
    "amount_unreadable",
    "fee",
    "outside",
    "failed",
    "contradicted",
    "not_due",
    "taken_back",
)

# Kind of finding, id of what was expected, and money settled.
Planted = Counter[tuple[str, str, int | None]]


@dataclass(slots=True)
class Sides:
    """Both sides as they are planted, with what has to be found."""

    expected: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    planted: Planted = field(default_factory=Counter)
    money: Counter[str] = field(default_factory=Counter)

    def line(self, key: str, amount: int, currency: str, kind: str, day: int = 10, order: str = "") -> None:
        """A line of so many minor units; rupiah have no decimals, dollars two."""
        whole, cents = divmod(abs(amount), 100)
        minus = "-" if amount < 0 and kind == "payment" else ""
        written = minus + (str(abs(amount)) if currency == "IDR" else f"{whole}.{cents:02}")
        self.rows.append((kind, key, order, written, currency, f"2026-11-{day:02}T00:00:00Z"))
        self.money[currency] += amount

    def found(self, kind: str, its_id: str = "", settled: int | None = None) -> None:
        """This has to be found."""
        self.planted[kind, its_id, settled] += 1


def plant(sides: Sides, number: int, fate: str, amount: int, kind: str, currency: str, part: int) -> None:
    """One expected movement, or one line without any, and its fate."""
    its_id, key, order = f"id-{number}", f"key-{number}", f"order-{number // 3}"
    sign = -1 if kind == "refund" else 1
    moves, due = sign * amount, DUE

    def line(amount: int, of: str = currency, day: int = 10) -> None:
        sides.line(key, amount, of, kind, day, order)

    state = "pending"
    match fate:
        case "unknown":
            sides.line(f"nobody-{number}", moves, currency, kind)
            sides.found("unknown", "", moves)
            return
        case "unreadable":
            sides.rows.append((kind, key, order, str(amount), currency, "in November"))
            sides.found("unreadable")
            return
        case "amount_unreadable":
            sides.rows.append((kind, key, order, "12.000", currency, "2026-11-10T00:00:00Z"))
            sides.found("unreadable", its_id)
        case "fee":
            sides.rows.append(("fee", key, order, f"-{amount}", "IDR", "2026-11-10T00:00:00Z"))
            sides.money["IDR"] -= amount
            sides.found("aside", "", -amount)
            return
        case "matched":
            line(moves)
            sides.found("matched", its_id, moves)
        case "split":
            line(sign * part)
            line(sign * (amount - part))
            sides.found("matched", its_id, moves)
        case "late":
            line(moves, day=25)
            sides.found("late", its_id, moves)
        case "missing":
            sides.found("missing", its_id)
        case "wrong_amount":
            line(sign * (amount + part))
            sides.found("wrong_amount", its_id, sign * (amount + part))
        case "wrong_currency":
            line(moves, of="IDR" if currency == "USD" else "USD")
            sides.found("wrong_currency", its_id, moves)
        case "doubled":
            line(moves)
            line(moves)
            sides.found("matched", its_id, moves)
            sides.found("doubled", its_id, moves)
        case "split_and_doubled":
            # Thirds come again as a half never would: one of them is no whole.
            small, rest = 1, amount - 1
            for piece in (small, rest, rest):
                line(sign * piece)
            sides.found("matched", its_id, moves)
            sides.found("doubled", its_id, sign * rest)
        case "outside":
            due = NOW + timedelta(days=1)
            sides.rows.append((kind, key, order, str(amount), "IDR", "2026-12-02T00:00:00Z"))
            sides.money["IDR"] += moves
            sides.found("aside", "", moves)
            sides.found("aside", its_id)
        case "taken_back" if kind == "payment":
            line(moves)
            line(-moves)
            sides.found("taken_back", its_id, 0)
        case "failed":
            state = "failed"
            sides.found("aside", its_id)
        case "contradicted":
            state = "failed"
            line(moves)
            sides.found("contradicted", its_id, moves)
        case _:
            due = NOW
            sides.found("aside", its_id)
    told: dict[str, Any] = {"id": its_id, "kind": kind, "provider": "p", "order_id": order, "references": [key]}
    told |= {"amount": amount, "currency": currency, "state": state, "due_by": due.isoformat()}
    sides.expected.append(json.dumps(told) + "\n")


@st.composite
def both_sides(draw: st.DrawFn) -> Sides:
    """Up to twenty movements, whose export and file are both in any order."""
    sides = Sides()
    for number in range(draw(st.integers(0, 20))):
        amount = draw(st.integers(3, 10**9))
        kind, currency = draw(st.sampled_from(("refund", "payment"))), draw(st.sampled_from(("IDR", "USD")))
        plant(sides, number, draw(st.sampled_from(FATES)), amount, kind, currency, draw(st.integers(1, amount - 1)))
    sides.expected = list(draw(st.permutations(sides.expected)))
    sides.rows = list(draw(st.permutations(sides.rows)))
    return sides


@MANY
@given(both_sides())
def test_what_was_planted_is_found_and_nothing_else(sides: Sides) -> None:
    out = io.StringIO()
    csv.writer(out).writerows((HEADER, *sides.rows))
    found = list[Finding]()
    tally = reconcile(sides.expected, io.StringIO(out.getvalue(), newline=""), LAYOUTS["oms"], found.append, until=NOW)
    seen = Counter((each.kind.value, each.expected.id if each.expected else "", each.settled) for each in found)
    assert seen == sides.planted
    settled, expected = Counter[str](), Counter[str]()
    for (_, currency), amount in tally.settled.items():
        settled[currency] += amount
    for (_, currency), amount in tally.expected.items():
        expected[currency] += amount
    assert +settled == +sides.money
    assert -settled == -sides.money
    told = [json.loads(line) for line in sides.expected]
    for currency in ("IDR", "USD"):
        moving = [each for each in told if each["currency"] == currency and each["state"] != "failed"]
        assert expected[currency] == sum(
            -each["amount"] if each["kind"] == "refund" else each["amount"] for each in moving
        )
    numbers = {number for each in found if each.kind != "missing" for number in each.numbers}
    assert numbers == set(range(2, len(sides.rows) + 2))
    assert tally.all_matched == all(kind in ("matched", "aside") for kind, _, _ in sides.planted)
