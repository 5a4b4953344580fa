"""The README tells the truth: its tour runs as printed, and it names every command, setting, state and outcome."""

import re
import subprocess
from pathlib import Path

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.settings import Settings
from tests.sandbox.running import sandbox

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tour_works_as_printed() -> None:
    tour = re.search(r"<!-- tour:begin -->\n```sh\n(.*?)```\n<!-- tour:end -->", README, re.DOTALL)
    assert tour
    with sandbox() as address:
        script = "set -eu\n" + tour[1].replace("http://127.0.0.1:8000", address)
        walked = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert walked.returncode == 0, walked.stderr
    told = walked.stdout.splitlines()
    assert '"eligible":true' in told[0]
    assert told[-6:] == ["the page: 200", "the button: 303", "cancelled", "163000", "rejected", "expired"]
    assert all(f"`{word}`" in README for word in ("cancelled", "163000", "rejected", "expired"))


def test_every_make_target_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE):
        if target != "help":
            assert f"`make {target}`" in README


def test_every_setting_is_named() -> None:
    for name in Settings.__dataclass_fields__:
        assert f"`{name.upper()}`" in README


def test_every_state_and_outcome_is_named() -> None:
    for word in (*State, *Outcome):
        assert f"`{word}`" in README


def test_every_part_of_the_house_is_in_the_layout() -> None:
    for place in (ROOT / "chalicelib").iterdir():
        if place.is_dir() and place.name != "__pycache__":
            assert f"chalicelib/{place.name}/" in README


def test_every_link_inside_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
