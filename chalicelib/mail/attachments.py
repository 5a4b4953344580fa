"""The files that came with a mail: what somebody sent, apart from what their mail program adds."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from chalicelib.domain.cases.evidence import TYPES, check_evidence, kind_of
from chalicelib.domain.errors import Invalid
from chalicelib.mail.headers import decoded

# Signatures of the mail itself, and what Outlook wraps around it: nobody sent these.
_WRAPPING = re.compile(
    r"application/(x-)?(pkcs7-(signature|mime)|pgp-(signature|encrypted|keys)|ms-tnef)|text/(calendar|html|rfc822-headers)"
    r"|message/(delivery-status|disposition-notification|external-body|global.*)",
    re.IGNORECASE,
)
# A picture that stands in the text is a photo from this size on, in bytes and in points of its shorter side; what is
# smaller is a logo. What stands nowhere is taken, unless it is too small to show anything.
_PHOTO_BYTES, _PHOTO_SIDE, _LEAST_BYTES = 8_000, 120, 300
_FORBIDDEN = re.compile(r"[/\\\x00-\x1f\x7f]")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that somebody sent along, fit to be evidence."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file that cannot be taken, and why: the code of the refusal that its upload would have met."""

    filename: str
    why: str


def attachments(
    message: Message, mentioned: frozenset[str], among_words: frozenset[str]
) -> Iterator[SentFile | LeftOut]:
    """What somebody sent, in its order, each once. `mentioned` are the Content-IDs that the HTML shows, `among_words`
    those that it shows among the writer's own words.

    Logos, tracking pixels and pictures of the quoted mail are nobody's evidence and are passed over in silence.
    """
    known: set[str] = set()
    for number, part in enumerate(leaves(message)):
        if _is_text(part) or _WRAPPING.fullmatch(part.get_content_type()):
            continue
        content = _content(part)
        digest = hashlib.sha256(content).hexdigest()
        if digest in known:
            continue
        kind = kind_of(content)
        if _decorates(part, content, kind, mentioned, among_words):
            continue
        known.add(digest)
        name = _name(part, number, kind)
        try:
            check_evidence(kind or "", len(content), 0)
        except Invalid as refused:
            yield LeftOut(filename=name, why=refused.code)
        else:
            yield SentFile(filename=name, content_type=kind or "", content=content)


def leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in their order. Mails within the mail are one part each."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from leaves(part)
    else:
        yield message


def attached(part: Message) -> bool:
    """Whether the part was attached as a file."""
    return part.get_content_disposition() == "attachment" or bool(_called(part))


def _called(part: Message) -> str:
    """Its name as the mail says it, in any of the ways that programs encode names."""
    try:
        return decoded(part.get_filename() or "")
    except (LookupError, ValueError, UnicodeError):
        return ""


def _is_text(part: Message) -> bool:
    return part.get_content_type() in ("text/plain", "text/html", "text/enriched", "text/x-amp-html") and not attached(
        part
    )


def _content(part: Message) -> bytes:
    """The bytes; of a mail within the mail none, since it is not taken anyway."""
    try:
        found = None if part.is_multipart() else part.get_payload(decode=True)
    except (LookupError, ValueError, UnicodeError):
        found = None
    return found if isinstance(found, bytes) else b""


def _decorates(
    part: Message, content: bytes, kind: str | None, mentioned: frozenset[str], among_words: frozenset[str]
) -> bool:
    """Whether a picture belongs to the layout: a logo in a signature, a pixel that counts readers, a quoted one."""
    if part.get_content_maintype() != "image" and not (kind or "").startswith("image/"):
        return False
    cid = str(part.get("Content-ID") or "").strip().strip("<>")
    side = shorter_side(content)
    if cid and cid in mentioned:
        if cid not in among_words:
            return True
        return len(content) < _PHOTO_BYTES or (side is not None and side < _PHOTO_SIDE)
    return part.get_content_disposition() != "attachment" and (
        len(content) < _LEAST_BYTES or (side is not None and side < 16)
    )


def shorter_side(content: bytes) -> int | None:
    """Of a PNG, GIF or JPEG, in points; None where the bytes do not say."""
    if content.startswith(b"\x89PNG") and len(content) >= 24:
        return min(int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))
    if content.startswith(b"GIF8") and len(content) >= 10:
        return min(int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little"))
    at = 2
    while content.startswith(b"\xff\xd8") and at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return min(int.from_bytes(content[at + 5 : at + 7], "big"), int.from_bytes(content[at + 7 : at + 9], "big"))
        at += 2 + length
    return None


def _name(part: Message, number: int, kind: str | None) -> str:
    """The file's name as evidence may be called."""
    given = _FORBIDDEN.sub("", re.split(r"[/\\]", _called(part))[-1]).strip()
    if not given:
        return f"file-{number + 1}.{TYPES.get(kind or '', 'bin')}"
    stem, dot, ending = given.rpartition(".")
    return given if len(given) <= _LONGEST_NAME else f"{stem[: _LONGEST_NAME - 10]}{dot}{ending[:9]}"
