"""What docs/performance.md says of calls and units is what is counted."""

import json
import re

from infra.stages import ROOT


def test_calls_and_units_are_those_that_are_counted() -> None:
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    known = json.loads((ROOT / "tests/e2e/used.json").read_text(encoding="utf-8"))
    names = ("calls", "dynamodb_write_unit", "dynamodb_index_unit", "dynamodb_read_unit")
    told = {
        row[0]: [float(each) for each in row[1:]]
        for row in re.findall(r"(?m)^\| (\w+):.*?" + r"\| ([\d.]+) " * 4, page)
    }
    assert told == {story: [float(used[name]) for name in names] for story, used in known.items()}
