"""How good learned odds are, on simulated sellers whose true chances are known: against the business's table alone, and
against the simple average of each seller. `python -m tests.benchmarks.odds` prints what stands in docs/odds.md.

Each request is foretold before its answer is known, and only then learned from.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.policies.learned import MEANT, NOTHING, Cell, Chance, chance, noted, waits
from chalicelib.domain.policies.learning import Learning
from chalicelib.domain.policies.odds import Level
from infra.sandbox.sellers import KINDS, requests

SEED, MONTHS, SHOPS = 20, 24, 8
_DAY = 86_400
# What the table says of the two statuses that are simulated.
TABLE: Mapping[str, Level] = {"processing": Level.HIGH, "ready_to_ship": Level.LOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """One request: what was foretold of it, what was true, and what came of it."""

    kind: str
    table: float
    average: float
    learned: Chance
    true: float
    yes: bool


def foretold(seed: int = SEED, months: int = MONTHS, shops: int = SHOPS) -> Iterator[Foretold]:
    """Every request of the simulated time, in its order."""
    learning = Learning()
    platform: dict[str, Cell] = defaultdict(lambda: NOTHING)
    cells: dict[tuple[str, int, str], Cell] = defaultdict(lambda: NOTHING)
    for each in requests(seed, months, shops):
        key, status = (each.kind, each.shop, each.status), each.status
        if not each.silent:
            yield Foretold(
                kind=each.kind,
                table=MEANT[TABLE[status]],
                average=_average(cells[key], MEANT[TABLE[status]]),
                learned=chance(TABLE[status], platform[status], cells[key], each.month, learning),
                true=each.true,
                yes=each.yes,
            )
        yes, seconds = (None, 3 * _DAY) if each.seconds is None else (each.yes, each.seconds)
        platform[status] = noted(platform[status], each.month, yes=yes, seconds=seconds)
        cells[key] = noted(cells[key], each.month, yes=yes, seconds=seconds)


def _average(cell: Cell, table: float) -> float:
    answers = sum(each.answers for each in cell.values())
    return sum(each.yes for each in cell.values()) / answers if answers else table


def brier(told: Sequence[Foretold], of: Callable[[Foretold], float]) -> float:
    """The mean square of what was foretold less what came: 0 is perfect, a coin for each is 0.25."""
    return sum((of(each) - each.yes) ** 2 for each in told) / len(told)


def coverage(told: Sequence[Foretold]) -> float:
    """How often the true chance lay in the interval that was told for nine of ten."""
    return sum(each.learned.low <= each.true <= each.learned.high for each in told) / len(told)


def calibration(told: Sequence[Foretold]) -> Sequence[tuple[int, int, float, float]]:
    """By tenths of what was foretold: from how many percent on, of how many requests, foretold and come true (mean)."""
    tenths: dict[int, list[Foretold]] = defaultdict(list)
    for each in told:
        tenths[min(9, int(each.learned.probability * 10))].append(each)
    return [
        (
            10 * tenth,
            len(some),
            sum(each.learned.probability for each in some) / len(some),
            sum(each.yes for each in some) / len(some),
        )
        for tenth, some in sorted(tenths.items())
    ]


def median_waits(seed: int = SEED, requests: int = 4_000) -> tuple[int, int, int]:
    """The median wait of a shop that leaves many without an answer for three days: as it is where all are answered
    in the end, as learned from what was cut off, and as an average of answers alone would have it."""
    chances, cell = random.Random(seed), NOTHING
    everything = sorted(int(chances.lognormvariate(11.5, 1.3)) for _ in range(requests))
    seen = [each for each in everything if each < 3 * _DAY]
    for each in everything:
        answered = each < 3 * _DAY
        cell = noted(cell, 0, yes=True if answered else None, seconds=min(each, 3 * _DAY))
    return everything[len(everything) // 2], waits([cell], 0, Learning())[0] or 0, seen[len(seen) // 2]


def report(told: Sequence[Foretold]) -> str:
    """The tables of docs/odds.md."""
    lines = ["| sellers | answers | table alone | simple average | learned | coverage |", "|---|---|---|---|---|---|"]
    for kind in (*KINDS, "all"):
        some = [each for each in told if kind in (each.kind, "all")]
        scores = [brier(some, of) for of in (lambda x: x.table, lambda x: x.average, lambda x: x.learned.probability)]
        lines.append(
            f"| {kind} | {len(some):,} | {scores[0]:.4f} | {scores[1]:.4f} | {scores[2]:.4f} | {coverage(some):.0%} |"
        )
    lines += ["", "| foretold | answers | mean foretold | came true |", "|---|---|---|---|"]
    lines += [f"| {at} to {at + 10} % | {n:,} | {p:.1%} | {came:.1%} |" for at, n, p, came in calibration(told)]
    return "\n".join(lines)


if __name__ == "__main__":
    print(report(list(foretold())))
    true, learned, alone = (round(each / 3600, 1) for each in median_waits())
    print(f"\nMedian wait: {true} h in truth, {learned} h learned, {alone} h from answers alone")
