"""What people answer to mails: the words and files that are theirs, without the mail they answered."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from chalicelib.mail.attachments import LeftOut, SentFile, attached, attachments
from chalicelib.mail.headers import header, sender, text_of
from chalicelib.mail.lines import PICTURE, Line, of_html, of_text
from chalicelib.mail.machines import by_machine
from chalicelib.mail.ours import beside_subject
from chalicelib.mail.own_words import Own, own
from chalicelib.mail.quotes import Envelope
from chalicelib.mail.typed import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A mail somebody sent: from which address ("" where that is not certain), what they wrote, the files they sent and
    those that cannot be taken; in which language, where the mail says so; `by_machine` where nobody wrote it."""

    sender: str
    text: str
    by_machine: bool
    files: tuple[SentFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands side by side in a mail: the same said as text and as HTML, or one of them."""

    plain: tuple[Line, ...] = ()
    html: tuple[Line, ...] = ()

    def lines(self, *, html_first: bool) -> tuple[Line, ...]:
        first, second = (self.html, self.plain) if html_first else (self.plain, self.html)
        return first if any(line.text.strip() for line in first) else second


def read(raw: bytes) -> Read:
    """A mail from its bytes (RFC 5322). Anything can be read; of what nobody can read there are no words."""
    # The old policy keeps headers as they came: the new one takes toko@example.com for the address of
    # `toko@example.com <evil@example.net>`, and fails on headers that are no headers.
    message = message_from_bytes(raw, policy=policy.compat32)
    prefixed, subject = _subject(header(message, "Subject"))
    from_address = sender(message)
    envelope = Envelope(sender=from_address, subject=subject, forward=bool(_FORWARDS.match(prefixed)))
    pieces = list(_pieces(message))
    found = _own(pieces, envelope, html_first=False)
    text = found.text or _own(pieces, envelope, html_first=True).text or _of_subject(prefixed, subject)
    shown = [line for piece in pieces for line in piece.html]
    mentioned = frozenset(cid for line in shown for cid in PICTURE.findall(line.text))
    among = own(shown, envelope).pictures if mentioned else frozenset()
    sent = list(attachments(message, mentioned, among))
    return Read(
        sender=from_address,
        text=text,
        by_machine=by_machine(
            message, lambda name: header(message, name), from_address, " ".join(found.text.split()), quotes=found.quotes
        ),
        files=tuple(each for each in sent if isinstance(each, SentFile)),
        left_out=tuple(each for each in sent if isinstance(each, LeftOut)),
        language=header(message, "Content-Language").split(",")[0].strip(),
    )


def _own(pieces: Sequence[_Piece], envelope: Envelope, *, html_first: bool) -> Own:
    """The text is read first: its quotes are plainer. Where it has no words the HTML may have some."""
    return own([line for piece in pieces for line in piece.lines(html_first=html_first)], envelope)


def _pieces(part: Message) -> Iterator[_Piece]:
    kind = part.get_content_type()
    if kind == "multipart/alternative" and part.is_multipart():
        within = [piece for each in _children(part) for piece in _pieces(each)]
        plain = tuple(line for piece in within for line in piece.plain)
        yield _Piece(plain, tuple(line for piece in within for line in piece.html))
    elif part.get_content_maintype() == "multipart" and part.is_multipart():
        for each in _children(part):
            yield from _pieces(each)
    elif kind == "text/html" and not attached(part):
        yield _Piece(html=(*of_html(text_of(part)), Line("")))
    elif kind == "text/plain" and not attached(part):
        flowed = str(part.get_param("format", "")).lower() == "flowed"
        delsp = str(part.get_param("delsp", "")).lower() == "yes"
        yield _Piece(plain=(*of_text(text_of(part), flowed=flowed, delsp=delsp), Line("")))


def _children(part: Message) -> list[Message]:
    return [each for each in part.get_payload() if isinstance(each, Message)]


_PREFIX = re.compile(
    r"^\s*(?:(?:re|bls|balas|balasan|tanggapan|fwd?|fw|tr|trs|terusan|teruskan|aw|sv|antw|wg)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]"
    r"|\[(?:ext|external|eksternal|spam\??)\])\s*",
    re.IGNORECASE,
)
_PREFIX_BEHIND = re.compile(r"\b(?:re|bls|balas|fwd?)\s*:\s*$", re.IGNORECASE)
_FORWARDS = re.compile(r"^\s*(?:fwd?|fw|tr|trs|terusan|teruskan|wg)\b", re.IGNORECASE)
_NO_SUBJECT = re.compile(
    r"^\W*(?:(?:no|without) (?:subject|title)|(?:tanpa|tidak ada|tak ada) (?:subjek|judul|perihal|topik)"
    r"|none|untitled)?\W*$",
    re.IGNORECASE,
)


def _subject(given: str) -> tuple[str, str]:
    """What stands before the subject ("Re: Fwd: "), and the subject itself."""
    rest = " ".join(given.split())
    while (shorter := _PREFIX.sub("", rest, count=1)) != rest:
        rest = shorter
    whole = " ".join(given.split())
    return whole[: len(whole) - len(rest)], rest


def _of_subject(prefixed: str, subject: str) -> str:
    """What somebody wrote into the subject alone: beside ours, or instead of it. Behind "Re:" stands another's."""
    beside = beside_subject(subject)
    if beside is not None:
        words = _subject(_PREFIX_BEHIND.sub("", beside).strip(" -–—:;,.|()[]"))[1]
        return one_line(words) if re.search(r"\w\w", words) else ""
    return "" if prefixed or _NO_SUBJECT.match(subject) or not re.search(r"\w", subject) else one_line(subject)
