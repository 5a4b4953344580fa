"""The list of decisions is the folder of decisions."""

import re

from tests.docs.pages import DOCS, table_rows

FOLDER = DOCS / "decisions"


def test_the_list_names_every_record_with_its_title_and_date() -> None:
    listed = {
        cells[0]: (cells[1], cells[2], bool(cells[3])) for cells in table_rows((FOLDER / "README.md").read_text(), 4)
    }
    there = {}
    for path in FOLDER.glob("0*.md"):
        head, _, date, *_ = path.read_text(encoding="utf-8").splitlines()
        number, title = re.split(r": | · ", head.removeprefix("# "), maxsplit=1)
        assert path.name.startswith(f"{number}-"), path.name
        there[f"[{number}]({path.name})"] = (title, date, True)
    assert listed == there
    assert list(listed) == sorted(listed)


def test_every_record_says_context_choice_and_price() -> None:
    for path in FOLDER.glob("0*.md"):
        text = path.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Choice", "Price")), path.name
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.splitlines()[2]), path.name


def test_no_number_stands_twice() -> None:
    numbers = [path.name[:4] for path in FOLDER.glob("0*.md")]
    assert len(numbers) == len(set(numbers))
