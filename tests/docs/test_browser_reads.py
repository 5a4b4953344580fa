"""What a browser test asserts of a page it waits for: `expect(...)` looks again until it is so, while a value that was
read at once is that of the page before, on a machine that is slower than the one it was written on."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

READS = {
    *("all", "all_inner_texts", "all_text_contents", "content", "count", "get_attribute", "inner_html", "inner_text"),
    *("input_value", "is_checked", "is_disabled", "is_editable", "is_enabled", "is_hidden", "is_visible"),
    *("text_content", "title"),
}
# Reads in an assertion that need not wait, by file and function, each with its reason.
ALLOWED: Mapping[tuple[str, str], str] = {
    (
        "test_refunds.py",
        "test_who_paid_by_virtual_account_says_in_three_steps_where_the_money_goes",
    ): "what stands nowhere in a page, seen or unseen, after the page was waited for",
}
FILES = sorted((ROOT / "tests" / "browser").glob("*.py"))


def reads_in(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls by which a value is read off a page at once."""
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute))
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        # `text.count("x")` reads no page: a locator's takes no argument.
        if name in READS and (name == "get_attribute" or not (call.args or call.keywords)):
            yield call


def too_soon(path: Path, text: str) -> list[str]:
    """Assertions that read a page at once, also by a function of their own module."""
    tree = ast.parse(text)
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    readers = {each.name for each in functions if not each.name.startswith("test_") and any(reads_in(each))}
    found = []
    for function in functions:
        for claim in (each for each in ast.walk(function) if isinstance(each, ast.Assert)):
            called = {each.func.id for each in ast.walk(claim.test) if isinstance(each, ast.Call)
                      if isinstance(each.func, ast.Name)}  # fmt: skip
            if (any(reads_in(claim.test)) or called & readers) and (path.name, function.name) not in ALLOWED:
                found.append(f"{path.name}:{claim.lineno}: {ast.unparse(claim.test)[:100]}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_asserted_of_a_page_is_waited_for(path: Path) -> None:
    assert too_soon(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    ["assert page.title() == 'x'", "assert page.locator('a').count() > 1", "assert seen(page) == 'x'",
     "assert 'x' in page.locator('main').inner_text()", "assert page.locator('a').get_attribute('href') == 'x'"],
)  # fmt: skip
def test_the_check_finds_a_read_that_does_not_wait(line: str) -> None:
    text = f"def seen(page):\n    return page.inner_text()\n\ndef test_x(page):\n    {line}\n"
    assert len(too_soon(Path("test_x.py"), text)) == 1


def test_the_check_lets_through_what_waits_or_reads_no_page() -> None:
    text = "def test_x(page):\n    expect(page).to_have_title('x')\n    assert 'a b'.count(' ') == 1\n"
    assert too_soon(Path("test_x.py"), text) == []


def test_what_is_allowed_says_why_and_is_there() -> None:
    names = {(path.name, each.name) for path in FILES for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(each, ast.FunctionDef)}  # fmt: skip
    assert set(ALLOWED) <= names
    assert all(ALLOWED.values())
