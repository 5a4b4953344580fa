"""The pages that are made from the code say what the code says now."""

import re
from types import ModuleType

import pytest

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.transitions import TABLE
from chalicelib.edge.problems import PROBLEMS
from infra.site import errors, states
from infra.site.__main__ import PAGES
from tests.docs.pages import DOCS


@pytest.mark.parametrize("made", PAGES, ids=[each.NAME for each in PAGES])
def test_the_page_is_what_the_code_says(made: ModuleType) -> None:
    kept = (DOCS / made.NAME).read_text(encoding="utf-8")
    assert kept == made.page(), "python -m infra.site writes it anew"


def test_the_picture_has_every_way_out_of_a_state() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+):", states.diagram(), re.MULTILINE))
    for (state, command), row in TABLE.items():
        for place in row.to:
            to = place if isinstance(place, State) else State.CLOSED
            assert to is state or (state, to) in drawn, command


def test_every_code_stands_in_the_catalogue_once() -> None:
    named = re.findall(r"^\| `(\w+)` \|", errors.page(), re.MULTILINE)
    assert sorted(named) == sorted(PROBLEMS)
