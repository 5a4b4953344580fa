"""Headers and texts of a mail from outside, whatever was wrong with the program that wrote them."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from chalicelib.domain.people.addresses import bare


def header(message: Message, name: str) -> str:
    """The first header of that name as people read it; "" where there is none."""
    return decoded(next(iter(_all(message, name)), ""))


def sender(message: Message) -> str:
    """The one address in From, as it stands there: names are never read, encoded or not. "" where there is no such
    address, more than one, or more than one From."""
    given = _all(message, "From")
    return bare(given[0]) or "" if len(given) == 1 else ""


def decoded(text: str) -> str:
    """With its encoded words (RFC 2047) read."""
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(in_charset(part, charset or "utf-8") if isinstance(part, bytes) else part for part, charset in parts)


def in_charset(content: bytes, charset: str) -> str:
    """Bytes as text. Where the charset is unknown or wrong it is what such programs mean by it: UTF-8, else
    windows-1252, which is also meant where latin-1 is said."""
    named = charset.strip().strip("\"'").lower()
    if named in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", ""):
        named = "utf-8" if named in ("us-ascii", "ascii", "") else "windows-1252"
    for attempt in (named, "utf-8"):
        try:
            return content.decode(attempt)
        except (LookupError, UnicodeError):
            continue
    return content.decode("windows-1252", "replace")


def text_of(part: Message) -> str:
    """The text of a part; "" where it cannot be read at all."""
    try:
        content = part.get_payload(decode=True)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return in_charset(content, str(part.get_content_charset("") or "")) if isinstance(content, bytes) else ""


def _all(message: Message, name: str) -> list[str]:
    """Unfolded. What is beyond ASCII was kept by the parser as surrogates, byte for byte."""
    return [
        re.sub(r"\r?\n[ \t]*", " ", in_charset(str(value).encode("utf-8", "surrogateescape"), "utf-8"))
        for each, value in message.raw_items()
        if each.lower() == name.lower()
    ]
