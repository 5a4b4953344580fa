"""The repository's own texts, as the tests of the pages read them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

# Made by tools, or fixed data of another day: nobody reads these for a way.
_NOT_OURS = {".git", ".venv", "__pycache__", "node_modules", "build", "golden"}
_WITHOUT_ENDING = {"Makefile", "run"}
_ENDINGS = {".asl", ".css", ".html", ".j2", ".js", ".json", ".md", ".mjs", ".py", ".toml", ".txt", ".yaml", ".yml"}


def texts(*places: str) -> Iterator[tuple[Path, str]]:
    """Every text under these places of the repository (all of it unless said), with its path."""
    for place in places or (".",):
        for path in sorted((ROOT / place).rglob("*")):
            inside = path.relative_to(ROOT).parts
            hidden = any(part in _NOT_OURS or part.endswith("_cache") for part in inside)
            if path.is_file() and not hidden and (path.suffix in _ENDINGS or path.name in _WITHOUT_ENDING):
                yield path, path.read_text(encoding="utf-8")


def pages() -> Iterator[tuple[Path, str]]:
    """Every Markdown page."""
    return ((path, text) for path, text in texts() if path.suffix == ".md")


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_rows(page: str, columns: int) -> list[list[str]]:
    """The rows of a page's tables with so many columns, without heads and rules."""
    rows = []
    for line, after in zip(page.splitlines(), [*page.splitlines()[1:], ""], strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == columns and not after.startswith("|---"):
            rows.append(cells)
    return rows
