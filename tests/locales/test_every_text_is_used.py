"""Every text is said somewhere: by its whole name, or by a name that code or a template puts together."""

import ast
import json
import re
from collections.abc import Iterator

from infra.stages import ROOT

HOME = ROOT / "chalicelib"
TEXTS: dict[str, str] = json.loads((HOME / "locales" / "en.json").read_text(encoding="utf-8"))
ANYTHING = r"[\w./\-]+"


def names_in_code() -> Iterator[tuple[str, bool]]:
    """Strings of the code, and whether they are patterns: an f-string's places stand for anything."""
    for folder in (HOME, ROOT / "infra"):
        for path in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value, False
                if isinstance(node, ast.JoinedStr):
                    parts = [
                        re.escape(str(each.value)) if isinstance(each, ast.Constant) else ANYTHING
                        for each in node.values
                    ]
                    yield "".join(parts), True


def names_in_templates() -> Iterator[tuple[str, bool]]:
    """Strings of the templates; what is put together with `~` is a pattern."""
    for path in sorted(HOME.rglob("*.j2")):
        for name, more in re.findall(r"""["']([\w.\-]+)["']( ~)?""", path.read_text(encoding="utf-8")):
            yield (re.escape(name) + ANYTHING, True) if more else (name, False)


# Whose mails have words of their own (chalicelib/mail/letter.py).
ABOUT = ("", "return.", "some.", "money_alone.")


def unused(texts: set[str]) -> set[str]:
    """Those that nothing says. A pattern must name something of its own: `mail.` and anything is no name."""
    found = [*names_in_code(), *names_in_templates()]
    whole = {name for name, pattern in found if not pattern}
    patterns = {name for name, pattern in found if pattern and re.search(r"[a-z_]{4,}", own_words(name))}
    # The mails' texts are asked for without what all of them begin with.
    return {
        text
        for text in texts
        if not any(
            form in whole or any(re.fullmatch(each, form) for each in patterns)
            for form in {
                text,
                *(text.removeprefix(f"mail.{about}") for about in ABOUT),
            }
        )
    }


def own_words(pattern: str) -> str:
    return re.sub(r"^mail\\\.((return|some|money_alone)\\\.)?", "", pattern).replace(ANYTHING, "")


def test_every_text_is_said_somewhere() -> None:
    assert sorted(unused(set(TEXTS))) == []


def test_a_text_that_nobody_says_is_found() -> None:
    forgotten = {"page.case.forgotten", "mail.forgotten", "forgotten.once"}
    assert unused(forgotten) == forgotten
