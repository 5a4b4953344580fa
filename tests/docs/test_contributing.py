"""The recipes of CONTRIBUTING.md and the map of the tests name what is there."""

import re

from infra.stages import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = TEXT.split("<!-- recipes:begin -->")[1].split("<!-- recipes:end -->")[0]
# How many numbered steps, each a file to touch or two of a kind, a change may take.
AT_MOST = {"A new mail": 4, "A new command": 6, "A new platform": 2, "A new route": 3}


def recipes() -> dict[str, str]:
    parts = re.split(r"^### ", RECIPES, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].strip(): part for part in parts}


def test_every_file_of_a_recipe_is_there() -> None:
    named = re.findall(r"`((?:chalicelib|infra|docs|tests)/[\w./]+|app\.py|README\.md)`", RECIPES)
    assert len(named) > 20
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_usual_changes_stay_small() -> None:
    for title, most in AT_MOST.items():
        steps = re.findall(r"^\d+\. ", recipes()[title], flags=re.MULTILINE)
        assert 0 < len(steps) <= most, title


def test_every_folder_of_tests_is_on_the_map() -> None:
    told = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    folders = {each.name for each in (ROOT / "tests").iterdir() if (each / "__init__.py").exists()}
    assert [each for each in sorted(folders - {"fakes"}) if f"`{each}`" not in told] == []
