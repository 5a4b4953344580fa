"""One name for one thing: the glossary knows the domain's words, and the old ones do not come back."""

import ast
import json
import re
from pathlib import Path

from tests.docs.pages import DOCS, ROOT, table_rows, texts

GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
READ_BY_PEOPLE, MACHINERY = GLOSSARY.split("## Words of the machinery")
ROWS = table_rows(GLOSSARY, 4)

# Types that carry other words' things and name none of their own.
HELPERS = {
    "Filter",  # which cases a list holds
    "Page",  # a piece of a list
    "Upload",  # how to post a file
}

# Modules with one class for each command, effect or event: the word for all of them is in the glossary.
FAMILIES = {"commands": "command", "effects": "effect", "events": "event"}

# What these words meant has another name now (decisions 0022 and 0023).
BANNED = re.compile(r"\b(owed|parked|payers?|House|Wish|unpaid_effects?)\b")
# An outbox owes nothing, but tenders do: there it is money's own word.
OF_MONEY = re.compile(r"\bowed(_by)?\b")
# Rows keep the names they were first written under.
STORED = re.compile(r"[\"`](owed|parked)[\"`]")


def spaced(text: str) -> str:
    """Code as words: CamelCase and snake_case apart, in small letters."""
    return re.sub(r"[_\-\s]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)).lower()


def names_in(cell: str) -> list[str]:
    """The names of code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def public_classes() -> dict[str, str]:
    """Every public class of the domain, and the module it stands in."""
    return {
        node.name: path.stem
        for path, text in texts("chalicelib/domain")
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


def test_every_word_stands_once_with_its_indonesian_word_and_its_meaning() -> None:
    words = [word for word, *_ in ROWS]
    assert len(words) > 60
    assert len(words) == len(set(words))
    assert all(cell for row in ROWS for cell in row)


def test_every_type_of_the_domain_is_a_word_of_the_glossary() -> None:
    known = {part for _, code, _, _ in ROWS for name in names_in(code) for part in name.split(".")}
    words = {word for word, *_ in ROWS}
    assert set(FAMILIES.values()) <= words
    nameless = {
        name: module
        for name, module in public_classes().items()
        if name not in known | HELPERS and module not in FAMILIES and spaced(name) not in words
    }
    assert nameless == {}


def test_every_word_of_the_glossary_is_used() -> None:
    used = spaced("\n".join(text for _, text in texts("chalicelib")))
    assert [word for word, *_ in ROWS if not re.search(rf"\b{word}s?\b", used)] == []


def test_every_name_of_code_in_the_glossary_is_one() -> None:
    used = {
        word
        for path, text in texts("chalicelib")
        if path.suffix == ".py"
        for word in re.findall(r"\w+", f"{path.stem} {text}")
    }
    assert [name for _, code, _, _ in ROWS for name in names_in(code) if not set(name.split(".")) <= used] == []


def test_what_people_read_is_said_as_the_pages_and_mails_say_it() -> None:
    spoken = json.loads((ROOT / "chalicelib/locales/id.json").read_text(encoding="utf-8")).values()
    heard = "\n".join(spoken).lower()
    said = [(word, each) for word, _, theirs, _ in table_rows(READ_BY_PEOPLE, 4) for each in theirs.split(", ")]
    assert [(word, each) for word, each in said if not re.search(rf"\b{each}(nya)?\b", heard)] == []


def _without_what_may_stand(path: Path, line: str) -> str:
    if path.parent.name == "dynamodb":
        return STORED.sub("", line)
    return OF_MONEY.sub("", line) if path.parent.name == "money" else line


def test_old_words_do_not_come_back() -> None:
    back = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path, text in texts("chalicelib")
        for line in text.splitlines()
        if BANNED.search(_without_what_may_stand(path, line))
    ]
    assert back == []
