"""The page on reconciliation names every finding, state, field and provider, and its example is an export."""

import re

from chalicelib.domain.reconciliation.expected import Expected, ExpectedState, read_expected
from chalicelib.domain.reconciliation.findings import Aside, FindingKind
from chalicelib.domain.reconciliation.providers import LAYOUTS
from tests.docs.pages import DOCS, table_rows

PAGE = (DOCS / "reconciliation.md").read_text(encoding="utf-8")


def test_every_finding_stands_once_with_its_meaning_and_what_to_do() -> None:
    rows = [finding.strip("`") for finding, _, _ in table_rows(PAGE, 3)]
    assert sorted(rows) == sorted(FindingKind)
    assert [why for why in Aside if f"`{why}`" not in PAGE] == []


def test_every_provider_and_every_state_is_named() -> None:
    rows = [name.strip("`") for name, *_ in table_rows(PAGE, 4)]
    assert sorted(rows) == sorted(LAYOUTS)
    assert [state for state in ExpectedState if f"`{state}`" not in PAGE] == []


def test_the_example_is_an_export_and_its_fields_are_explained() -> None:
    example = re.search(r"<!-- expected:begin -->\n```json\n(.*?)```\n<!-- expected:end -->", PAGE, re.DOTALL)
    assert example
    refund, payment = (read_expected(line, number) for number, line in enumerate(example[1].splitlines(), start=1))
    assert (refund.moves, payment.moves) == (-60000, 113000)
    fields = set(Expected.__dataclass_fields__) - {"number"}
    assert [name for name in fields if f"`{name}`" not in PAGE] == []
