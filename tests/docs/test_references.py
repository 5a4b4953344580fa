"""No text of the repository leads to a page, a path, a rule or an invariant that is not there."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import DOCS, ROOT, anchors, pages, texts

_PAGE = re.compile(r"(?<![\w/:.-])[\w./-]*\w\.md\b")
_IN_DOCS = re.compile(r"(?<![\w/:.-])docs/[\w./*-]+")
_LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
_PATH = re.compile(r"`((?:chalicelib|docs|infra|tests|\.chalice)/[\w./*-]*)`")


def _missing(path: Path, text: str) -> Iterator[str]:
    """What a text names and nobody finds: from the root, beside the text, or in docs/."""
    for named in [*_PAGE.findall(text), *(each.rstrip(".") for each in _IN_DOCS.findall(text))]:
        if not any(list(place.glob(named.rstrip("/"))) for place in (ROOT, path.parent, DOCS)):
            yield f"{path.relative_to(ROOT)}: {named}"


def test_every_page_that_a_text_names_is_there() -> None:
    mine = Path(__file__)
    assert [each for path, text in texts() if path != mine for each in _missing(path, text)] == []


def test_a_page_that_is_not_there_is_found() -> None:
    assert list(_missing(ROOT / "x.py", "(" + "product" + ".md 1.1)")) == ["x.py: product.md"]
    assert list(_missing(ROOT / "x.py", "see docs/" + "nowhere/")) == ["x.py: docs/nowhere/"]
    assert list(_missing(ROOT / "x.py", "see docs/rules.md, and https://example.com/docs/y.md")) == []


def test_no_link_inside_a_page_is_dead() -> None:
    dead = []
    for path, text in pages():
        for link, source in _LINK.findall(text):
            target, _, anchor = (link or source).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            there = (path.parent / target).resolve() if target else path
            whole = there.exists() and (not anchor or anchor in anchors(there.read_text(encoding="utf-8")))
            if not whole:
                dead.append(f"{path.relative_to(ROOT)}: {link or source}")
    assert dead == []


def test_every_place_in_the_code_that_a_page_names_is_there() -> None:
    """But for decisions: they name places of their day."""
    now = [(path, text) for path, text in pages() if path.parent.name != "decisions" and path.name != "CHANGELOG.md"]
    gone = [
        f"{path.relative_to(ROOT)}: {place}"
        for path, text in now
        for place in _PATH.findall(text)
        if not list(ROOT.glob(place.rstrip("/")))
    ]
    assert gone == []


def test_every_test_that_a_page_names_is_there() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"^ *def (test_\w+)", tests, re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "tests" / "README.md").read_text(encoding="utf-8")))
    assert len(named) > 15
    assert named - there == set()


def test_every_rule_that_a_text_refers_to_stands_in_the_rules() -> None:
    numbers = re.findall(r"^\*\*R(\d+)\*\*", (DOCS / "rules.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)], "numbers rise and stand once"
    # A number is a rule's where its text speaks of the rules at all.
    speaking = [(path, text) for path, text in texts() if "rules.md" in text or path.name == "rules.md"]
    unknown = [
        f"{path.relative_to(ROOT)}: R{number}"
        for path, text in speaking
        for number in re.findall(r"\bR(\d+)\b", text)
        if number not in numbers and path != Path(__file__)
    ]
    assert unknown == []


def test_every_invariant_that_a_text_refers_to_is_promised() -> None:
    promised = set(re.findall(r"^\| (I\d+) \|", (DOCS / "reliability.md").read_text(encoding="utf-8"), re.MULTILINE))
    unknown = [
        f"{path.relative_to(ROOT)}: {each}"
        for path, text in texts("chalicelib", "infra", "docs", "tests/proofs")
        for each in re.findall(r"\bI[1-9]\d?\b", text)
        if each not in promised
    ]
    assert unknown == []
    held = re.findall(r"^\| (I\d+) \|", (DOCS / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(held) == promised, "architecture says of each what holds it"
