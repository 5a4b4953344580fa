"""What `make fuzz` prints, and when it fails."""

from tests.e2e.contract import ROUTES
from tests.e2e.fuzz_table import WANTED, WELL, faults, heard, table

EVERY = [f"{method} {path}" for method, path in ROUTES]


def lines(well: int, refused: int) -> list[str]:
    """What was heard of every operation, as the two kinds of requests tell it."""
    told = [f"api fuzz         {label}, in other words: {{200: {well}}}" for label in EVERY]
    return [*told, *(f"api fuzz         {label}, negative: {{403: {refused}, 422: 1}}" for label in EVERY)]


def test_enough_that_was_answered_well_is_no_fault() -> None:
    assert faults(heard(lines(WELL, WANTED))) == []


def test_too_few_and_too_seldom_is() -> None:
    told = faults(heard(lines(WELL - 1, 1)))
    assert len(told) == len(EVERY) + 1
    assert faults(heard([])) != []


def test_a_row_has_what_each_status_was_heard_how_often() -> None:
    head, *rows, total = table(heard(lines(WELL, 5)))
    assert head.split() == ["200", "403", "422"]
    assert rows[0].split()[-3:] == [str(WELL), "5", "1"]
    assert total.split()[0] == str(len(EVERY) * (WELL + 6))
