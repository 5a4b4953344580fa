"""What people met on pages stands in tests/README.md with its tests; each of those has a fault to find."""

import re

import pytest

from infra.stages import ROOT
from tests.browser.planted import PLANTED, Planted, place_of


@pytest.mark.parametrize("planted", PLANTED, ids=lambda each: each.fault)
def test_a_planted_fault_has_its_place_and_its_test(planted: Planted) -> None:
    assert planted.changed(ROOT)
    assert place_of(planted.test)


def test_every_test_that_the_table_names_has_a_fault_to_find() -> None:
    table = (ROOT / "tests/README.md").read_text(encoding="utf-8").partition("## What people met on pages")[2]
    assert set(re.findall(r"`(test_\w+)`", table)) == {each.test for each in PLANTED}
