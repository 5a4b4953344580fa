"""What `make fuzz` heard, operation by operation: `python -m tests.e2e.fuzz_table .figures`.

Fails where there were fewer requests than promised, or an operation was seldom answered well.
"""

import ast
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.e2e.contract import ROUTES

WANTED, WELL = 10_000, 20
_LINE = re.compile(r"api fuzz +(\S+ \S+), [a-z ]+: (\{.*\})")


def heard(lines: list[str]) -> dict[str, Counter[int]]:
    """How often each operation answered with which status."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for line in lines:
        if told := _LINE.fullmatch(line):
            found[told[1]].update(ast.literal_eval(told[2]))
    return found


def table(found: dict[str, Counter[int]]) -> list[str]:
    """A row for each operation, a column for each status."""
    statuses = sorted({status for each in found.values() for status in each})
    rows = [f"{label:58}" + "".join(f"{each[status] or '':>6}" for status in statuses) for label, each in found.items()]
    total: Counter[int] = sum(found.values(), Counter())
    last = f"{f'{sum(total.values())} requests':58}" + "".join(f"{total[status]:>6}" for status in statuses)
    return [" " * 58 + "".join(f"{status:>6}" for status in statuses), *sorted(rows), last]


def faults(found: dict[str, Counter[int]]) -> list[str]:
    """What was promised and did not come."""
    every = [f"{method} {path}" for method, path in ROUTES]
    seldom = [label for label in every if sum(n for status, n in found[label].items() if status < 300) < WELL]
    few = sum(sum(each.values()) for each in found.values()) < WANTED
    told = [f"answered well less than {WELL} times: {label}" for label in seldom]
    return [*told, *(["too few requests"] if few else [])]


def main() -> int:
    """The command."""
    found = heard(Path(sys.argv[1]).read_text("utf-8").splitlines())
    print("\n".join(table(found)))
    print("\n".join(faults(found)), file=sys.stderr)
    return 1 if faults(found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
