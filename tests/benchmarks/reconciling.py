"""`python -m tests.benchmarks.reconciling`: what holding a settlement file against an export takes in memory.

Runs the command itself on 100,000 and on 1,000,000 lines in an order that nobody sorted, each in a process of its own,
and prints time, peak memory, and the ratio of the peaks: memory that does not grow with the file is a ratio near 1. The
findings are counted too: what was planted has to be found. Lines and sizes in between are for those who are in a hurry:
`python -m tests.benchmarks.reconciling 20000 200000`.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SIZES, AIM = (100_000, 1_000_000), 1.5
# Coprime to every size here, so that each number comes once and none beside its neighbour.
_STRIDE = 7_654_321
HEADER = ("Order ID", "Transaction ID", "Refund Key", "Refund Type", "Transaction Type", "Amount", "Transaction Time")


def shuffled(size: int) -> Iterator[int]:
    """Every number below the size once, far from its neighbours."""
    return (number * _STRIDE % size for number in range(size))


def write_expected(path: Path, size: int) -> None:
    """One refund part for each number."""
    with path.open("w", encoding="utf-8") as file:
        for number in shuffled(size):
            told = {
                "id": f"rf_{number:09}:card",
                "kind": "refund",
                "provider": "midtrans",
                "order_id": f"MKT-{number:09}",
                "references": [f"rf-{number:09}-card-1", f"{number:08x}-d4f2-4b3c-9a51-6c1f0e7b2a90"],
                "amount": 10_000 + number % 90_000,
                "currency": "IDR",
                "due_by": "2026-11-20T00:00:00Z",
                "state": "pending",
            }
            file.write(json.dumps(told) + "\n")


def write_settled(path: Path, size: int) -> dict[str, int]:
    """A line for nearly each number, `size` in all; gives how many findings of each kind that makes."""
    planted = dict.fromkeys(("matched", "missing", "wrong_amount", "late", "doubled", "unknown"), 0)
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(HEADER)
        for number in shuffled(size):
            amount, day, known, times = 10_000 + number % 90_000, 12, number, 1
            rest = number % 1000
            kind = {0: "missing", 1: "wrong_amount", 2: "late", 3: "doubled", 4: "unknown"}.get(rest, "matched")
            planted[kind] += 1
            if kind == "missing":
                continue
            if kind == "wrong_amount":
                amount += 1
            elif kind == "late":
                day = 25
            elif kind == "doubled":
                times, planted["matched"] = 2, planted["matched"] + 1
            elif kind == "unknown":
                known, planted["missing"] = number + 500_000_000, planted["missing"] + 1
            row = (
                f"MKT-{known:09}",
                f"{known:08x}-d4f2-4b3c-9a51-6c1f0e7b2a90",
                f"rf-{known:09}-card-1",
                "Normal Refund",
                "Refund",
                f"{amount}.00",
                f"2026-11-{day} 10:00:00",
            )
            for _ in range(times):
                sheet.writerow(row)
    return planted


def measured(folder: Path, size: int) -> tuple[float, int]:
    """Seconds and peak memory, in KiB, of the command on so many lines."""
    expected, settled = folder / f"expected-{size}.jsonl", folder / f"settled-{size}.csv"
    write_expected(expected, size)
    planted = write_settled(settled, size)
    command = (sys.executable, "-m", "infra.reconcile", "--provider", "midtrans", "--expected", str(expected))
    more = (str(settled), "--report", str(folder / "report.csv"), "--until", "2026-12-01")
    began = time.monotonic()
    with (folder / "summary").open("w") as told:
        process = subprocess.Popen((*command, *more), stdout=told)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    lines = (line.split() for line in (folder / "summary").read_text().splitlines()[1:])
    found = {words[0]: int(words[1].replace(",", "")) for words in lines if words[0] != "together"}
    assert process.returncode == 1
    assert found == {kind: count for kind, count in planted.items() if count}, (found, planted)
    for path in (expected, settled):
        path.unlink()
    return seconds, used.ru_maxrss


def main(sizes: tuple[int, ...]) -> int:
    """Measure every size; the exit code is 1 where the largest takes more of the smallest's memory than the aim."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for size in sizes:
            seconds, peak = measured(Path(folder), size)
            peaks.append(peak)
            print(f"{size:>12,} lines {seconds:8.1f} s {peak / 1024:8.1f} MiB at the most", flush=True)
    ratio = peaks[-1] / peaks[0]
    print(f"peak memory of {sizes[-1]:,} lines against {sizes[0]:,}: {ratio:.2f} x; the aim is {AIM} x")
    return int(ratio > AIM)


if __name__ == "__main__":
    raise SystemExit(main(tuple(map(int, sys.argv[1:])) or SIZES))
