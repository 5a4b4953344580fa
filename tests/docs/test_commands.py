"""Commands that pages show are run as they are shown, page by page, each in an empty folder and a sandbox that begins
anew; and what a page says they give, they give.

`<!-- run -->` before a block has it run; `<!-- gives -->` before the next one says what came out, where … stands for
whatever differs. `<!-- run: shell -->` is the quick start's block in whose shell the other pages go on.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT
from tests.sandbox.running import call, sandbox

_BLOCK = re.compile(
    r"<!-- run(: shell)? -->\n```sh\n(.*?)^```\n(?:\n<!-- gives -->\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE
)
_AFTER = "--- after a block ---"


def blocks(page: str) -> list[tuple[bool, str, str]]:
    """The blocks of a page that are run: whether it makes the shell, the commands, and what they give."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [(bool(shell), commands, given) for shell, commands, given in _BLOCK.findall(text)]


PAGES = sorted(page.name for page in DOCS.glob("*.md") if blocks(page.name))


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with sandbox() as address:
        yield address


def fits(given: str, came: str) -> bool:
    """Whether output is what the page says; where the page says nothing, anything goes."""
    pattern = ".*".join(re.escape(each) for each in given.strip().split("…"))
    return not given or bool(re.fullmatch(pattern, came.strip()))


@pytest.mark.parametrize("page", PAGES)
def test_what_the_page_shows_works_as_it_is_shown(page: str, served: str, tmp_path: Path) -> None:
    call(served, "/sandbox/reset", {})
    here = blocks(page)
    if not any(shell for shell, _, _ in here):
        here = [*((True, commands, "") for shell, commands, _ in blocks("quick-start.md") if shell), *here]
    # `make example` is the Makefile's line for this address; test_makefile.py holds it.
    begin = f'set -eu\nmake() {{ (cd "{ROOT}" && exec .venv/bin/python -m examples.marketplace --url {served}); }}\n'
    script = begin + f'\necho "{_AFTER}"\n'.join(commands for _, commands, _ in here)
    script = script.replace("http://127.0.0.1:8000", served)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    came = done.stdout.split(f"{_AFTER}\n")
    assert len(came) == len(here)
    differ = [(given, out) for (_, _, given), out in zip(here, came, strict=True) if not fits(given, out)]
    assert differ == []


def test_the_pages_for_a_first_day_are_run() -> None:
    assert PAGES == ["quick-start.md", "receiving-events.md", "refunds.md", "signed-push.md", "test-clock.md"]


def test_every_block_that_is_marked_is_found() -> None:
    for page in DOCS.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert text.count("<!-- run") == len(blocks(page.name)), page.name
        assert text.count("<!-- gives -->") == sum(bool(given) for _, _, given in blocks(page.name)), page.name


def test_what_differs_is_found() -> None:
    assert fits("BTL-…\n", "BTL-4F7K2M9QX\n")
    assert not fits("approved\n", "rejected\n")
    assert not fits("1\n", "1\n2\n")
