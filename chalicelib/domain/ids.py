"""Ids that others gave, such as `INV/20170720/XVII/12` or `gid://shopify/Order/1`: which texts can be one, and how
several words become one key that no other words become."""

import re
import unicodedata

LONGEST = 128  # characters

_BLANK = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# Controls, ends of lines, and signs that turn the direction of whatever is written after them.
_NEVER = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
# What an id looks like once composed (NFC).
PATTERN = rf"^(?!\.{{1,2}}$)[^{_BLANK}{_NEVER}](?:[^{_NEVER}]{{0,{LONGEST - 2}}}[^{_BLANK}{_NEVER}])?$"
WHAT_IS_ONE = (
    f"1 to {LONGEST} characters of any kind, but no controls, ends of lines or changes of direction, no blank at "
    "either end, and not `.` or `..`"
)

_ID = re.compile(PATTERN)


def as_id(text: str) -> str | None:
    """The id that somebody typed, one however they did (NFC); None where it cannot be one."""
    composed = unicodedata.normalize("NFC", text)
    return composed if _ID.fullmatch(composed) and not _has_half_a_character(composed) else None


def joined(*words: str, by: str = "#") -> str:
    """One key of several words: other words never become the same. `%` and the separator `by` are escaped within a
    word, and nothing else, so that keys of words without them are those words and the separators between them."""
    escaped = f"%{ord(by):02X}"
    return by.join(word.replace("%", "%25").replace(by, escaped) for word in words)


def _has_half_a_character(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
