"""What people and other systems said, as it may be shown: without signs that nobody sees, or that turn the order of
what is written after them. What is stored stays as it was told; this is how pages, mails and files show it."""

import re
from typing import Any

# Ends of lines of every kind become one, other controls nothing.
_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls; signs of direction (U+202A to U+202E, U+2066 to U+2069, marks); signs without width or shape; tags and the
# selectors behind them, which carry whole hidden sentences; what is no character.
UNSEEN = (
    r"\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_DROPPED = re.compile(f"[{UNSEEN}]+")
_HALVES = re.compile(r"[\ud800-\udfff]")  # of a character: no file and no answer could hold one
# Joiners make one picture of several, and spell Persian and Hindi: between such signs, one at a time. Latin has none.
_JOINERS = re.compile(
    r"(?<![\u0590-\U0010ffff])[\u200c\u200d]+|[\u200c\u200d]+(?![\u0590-\U0010ffff])|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
# A selector says whether the sign before it is a picture: one, and not after a letter that never is.
_SELECTORS = re.compile(r"(?<![^\sA-Za-z\u200c\u200d])[\ufe00-\ufe0f]+|(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]+")


def harmless(text: str) -> str:
    """A text of several lines as it may be shown. Letters of every script and pictures stay whole."""
    if text.isascii() and text.isprintable():
        return text
    seen = _DROPPED.sub("", _ENDS.sub("\n", text))
    seen = _HALVES.sub("\N{REPLACEMENT CHARACTER}", seen)
    return _JOINERS.sub("", _SELECTORS.sub("", seen))


def on_one_line(text: str) -> str:
    """The same on one line, blanks single: for subjects, names of files and cells of tables."""
    return " ".join(harmless(text).split())


def shown(value: Any) -> Any:
    """What a template of ours writes, whoever said it (Jinja's `finalize`). Markup was written by one before."""
    from markupsafe import Markup

    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def as_told(value: object) -> str:
    """For fields that nobody sees and that come back to us: the very signs that were told, escaped for HTML."""
    from markupsafe import escape

    return escape(value)


_ESCAPED = re.compile(rf"[{UNSEEN}\x85\u2028\u2029]")


def in_json(document: str) -> str:
    """A JSON document that says the very same, its unseen signs written as escapes: whoever parses it has what was
    told, whoever looks at it sees them."""
    return document if document.isascii() and "\x7f" not in document else _ESCAPED.sub(_escape, document)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
