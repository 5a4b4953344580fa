"""Where in an answered mail the quoted one begins, by the rules of mail programs and not by their names.

Three things begin a quote: an attribution ("Pada Sel, 24 Nov 2026 pukul 09.20 Batal <...> menulis:"), a block of
headers ("Dari: ... / Dikirim: ... / Subjek: ..."), and a line that says so ("-------- Pesan asli --------"). People
write lines much like these themselves, so each needs a sign that no address for a parcel and no memo has: an address in
angle brackets, a moment, marked lines below, or a mail of ours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.people.addresses import bare, same_mailbox
from chalicelib.mail.lines import ORIGINAL, Line
from chalicelib.mail.ours import greets


@dataclass(frozen=True, slots=True, kw_only=True)
class Begins:
    """A quote begins: so many lines lead it in; `rest` of the last of them is quoted already; `forwards` where what
    follows was sent to us on purpose."""

    lines: int
    rest: str = ""
    forwards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the mail says of itself outside its text: who sent it, its subject without "Re:", whether it forwards."""

    sender: str = ""
    subject: str = ""
    forward: bool = False


_ADDRESS = r"[^\s<>@\"(),;:\[\]]+@[^\s<>@\"(),;:\[\]]+"
_IN_BRACKETS = re.compile(rf"[<\[]\s*(?:mailto:)?{_ADDRESS}\s*[>\]]", re.IGNORECASE)
_BARE = re.compile(_ADDRESS)
_VERB = r"(?:wrote|writes|menulis|tulis|ditulis|menuliskan|schrieb|a écrit|escribió|schreef)"
# The verb ends the attribution: "... menulis:", "... wrote ----", "... menulis pada 24 Nov 2026:".
_VERB_ENDS = re.compile(
    rf"\b{_VERB}\s*(?:(?:pada|on|at|\()[^:]{{0,60}}(?:[.:]\d\d[^:]{{0,20}})?)?[\s:\-–—*_]*$", re.IGNORECASE
)
# Or the quote goes on behind it, on the same line.
_VERB_GOES_ON = re.compile(rf"[>\]]\s*,?\s*{_VERB}\s*:\s*", re.IGNORECASE)
_DAY = r"(?:sen|sel|rab|kam|jum|sab|min|mon|tue|wed|thu|fri|sat|sun)[a-z'’]*\b"
_LEADS = re.compile(rf"^[\s*_~\-–—|]*(?:pada|on|tanggal|tgl|di|am|le|el|op|{_DAY}|\d)", re.IGNORECASE)
_SURELY_LEADS = re.compile(r"^[\s*_~\-–—|]*(?:pada|on)\b", re.IGNORECASE)
_DATED = re.compile(rf"\d|\b{_DAY}", re.IGNORECASE)
_MONTH = r"[^\W\d_]{3,9}\.?"
_MOMENT = re.compile(
    rf"\b\d{{1,2}}[.:]\d{{2}}\b|\b\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?,? {_MONTH},? \d{{4}}\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b"
)
_LONGEST_ATTRIBUTION, _MOST_ATTRIBUTION_LINES = 400, 4

_LABELS = {
    "from": "from dari von de da pengirim",
    "date": "sent dikirim terkirim date tanggal tgl gesendet datum waktu",
    "to": "to kepada ke untuk penerima an",
    "copy": "cc bcc tembusan salinan",
    "subject": "subject subjek perihal judul hal topik betreff",
    "more": "reply-to importance prioritas priority lampiran attachments attachment",
}
_KIND = {label: kind for kind, labels in _LABELS.items() for label in labels.split()}
_HEADER = re.compile(rf"^[\s>*|_]*({'|'.join(_KIND)})[\s*_|]*(?:[:：]|\t)[\s*_|]*(.*)$", re.IGNORECASE)
_MOST_HEADER_LINES = 16

_ORIGINALLY = re.compile(
    r"^[\s>]*[-_=*–—]{2,}\s*(?:(?:the )?original(?: message| mail| e-?mail)?|(?:pesan|e-?mail|surel)(?: yang)? "
    r"(?:asli|semula|awal|sebelumnya)|repl(?:ied|y) message|previous message|pesan (?:yang )?dibalas)"
    r"[\s:.]*[-_=*–—]*\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^[\s>]*(?:[-_=*–—]{2,}\s*(?:forwarded(?: message| mail| e-?mail| by .{0,80})?|(?:pesan|e-?mail|surel) "
    r"(?:yang )?(?:di)?terus(?:kan|an))[\s:.]*[-_=*–—]*"
    r"|(?:begin forwarded message|awal pesan (?:yang )?(?:di)?terus(?:kan|an)|mulai (?:pesan )?(?:yang )?(?:di)?terus"
    r"(?:kan|an)(?: pesan)?)\s*:)\s*$",
    re.IGNORECASE,
)
_BARE_RULE = re.compile(r"^\s*[_\-=*–—\u2500]{5,}\s*$")


def begins(lines: Sequence[Line], at: int, envelope: Envelope) -> Begins | None:
    """Whether a quote begins at this line, and how."""
    text = lines[at].text
    if _FORWARDED.match(text):
        headers = _headers(lines, at + 1, envelope, announced=True)
        return Begins(lines=1 + headers, forwards=True)
    if _ORIGINALLY.match(text):
        follows = _next(lines, at + 1)
        headers = _headers(lines, follows, envelope, announced=True) if follows is not None else 0
        skipped = (follows or 0) - at - 1 if headers else 0
        return Begins(lines=1 + skipped + headers, forwards=envelope.forward)
    if _BARE_RULE.match(text):
        return _below_a_rule(lines, at, envelope)
    headers = _headers(lines, at, envelope, announced=False)
    return Begins(lines=headers, forwards=envelope.forward) if headers else _attribution(lines, at)


def marks_forward(line: Line) -> bool:
    """Whether a quoted line says that what follows was forwarded."""
    return bool(_FORWARDED.match(line.text))


def _next(lines: Sequence[Line], at: int) -> int | None:
    """The next line that says anything."""
    return next((number for number in range(at, len(lines)) if lines[number].text.strip()), None)


def _below_a_rule(lines: Sequence[Line], at: int, envelope: Envelope) -> Begins | None:
    """A rule across the page belongs to the quote where the quote begins right below it."""
    follows = _next(lines, at + 1)
    if follows is None or lines[follows].quoted or _BARE_RULE.match(lines[follows].text):
        return None
    if lines[follows].text == ORIGINAL or _ORIGINALLY.match(lines[follows].text):
        found = begins(lines, follows, envelope)
    else:
        headers = _headers(lines, follows, envelope, announced=True)
        found = Begins(lines=headers, forwards=envelope.forward) if headers else _attribution(lines, follows)
    if found is None and greets(lines[follows].text):
        found = Begins(lines=0)
    return found and Begins(lines=follows - at + found.lines, rest=found.rest, forwards=found.forwards)


def _headers(lines: Sequence[Line], at: int, envelope: Envelope, *, announced: bool) -> int:
    """How many lines of headers stand here; 0 where they are none. Where nothing announced them there must be
    something of a mail in them that is not the writer's own, and three of them or an address in brackets."""
    kinds: dict[str, str] = {}
    end = number = at
    quoted = at < len(lines) and lines[at].quoted
    while number < min(len(lines), at + _MOST_HEADER_LINES):
        line = lines[number]
        found = _HEADER.match(line.text)
        if found and line.quoted == quoted:
            kinds.setdefault(_KIND[found[1].lower()], found[2].strip())
            end = number + 1
        elif kinds and number == end and line.quoted == quoted and "@" in line.text:
            end = number + 1  # a long line of readers goes on
        elif line.text.strip() or number > end:
            break  # but for one empty line between them
        number += 1
    if "from" not in kinds or len(kinds) < 2 or not {"date", "subject", "to"} & set(kinds):
        return 0
    if announced:
        return end - at
    if not {"date", "subject"} & set(kinds) or (len(kinds) < 3 and not _IN_BRACKETS.search(kinds["from"])):
        return 0
    return end - at if _of_another(kinds, envelope) or _greeted(lines, end) else 0


def _of_another(kinds: dict[str, str], envelope: Envelope) -> bool:
    """Whether these headers are those of a mail that somebody else sent, or that bears this mail's own subject."""
    found = _IN_BRACKETS.search(kinds["from"]) or _BARE.search(kinds["from"])
    address = bare(found[0].strip("<>[] ").removeprefix("mailto:")) if found else None
    if address and not (envelope.sender and same_mailbox(address, envelope.sender)):
        return True
    subject = " ".join(kinds.get("subject", "").split()).lower()
    return len(subject) > 7 and subject.endswith(" ".join(envelope.subject.split()).lower() or "\0")


def _greeted(lines: Sequence[Line], at: int) -> bool:
    follows = _next(lines, at)
    return follows is not None and greets(lines[follows].text)


def _attribution(lines: Sequence[Line], at: int, *, first: bool = True) -> Begins | None:
    """The sentence that says who wrote the quote and when; programs break it over up to four lines. Only of the `first`
    line is asked whether a later one leads in anew."""
    if not lines[at].text.strip():
        return None
    joined = ""
    for count in range(1, _MOST_ATTRIBUTION_LINES + 1):
        number = at + count - 1
        if number >= len(lines) or lines[number].quoted or not lines[number].text.strip():
            return None
        if count > 1 and (not _LEADS.match(lines[at].text) or not _DATED.search(lines[at].text)):
            return None
        # What leads in later is the attribution, and this line is somebody's own.
        anew = first and count > 1 and _leads_anew(lines[at].text, lines[number].text)
        if anew and _attribution(lines, number, first=False):
            return None
        joined = f"{joined} {lines[number].text}".strip()
        if len(joined) > _LONGEST_ATTRIBUTION and count > 1:
            return None
        rest = _attributes(joined[: 4 * _LONGEST_ATTRIBUTION], lines, at + count)
        if rest is not None:
            return Begins(lines=count, rest=rest)
    return None


def _leads_anew(first: str, line: str) -> bool:
    if _SURELY_LEADS.match(line):
        return True
    return bool(_MOMENT.search(line)) and not _SURELY_LEADS.match(first)


def _attributes(sentence: str, lines: Sequence[Line], below: int) -> str | None:
    """What stands behind the attribution on its last line; None where the sentence is none."""
    brackets, moment = _IN_BRACKETS.search(sentence), _MOMENT.search(sentence)
    leads, ends = bool(_LEADS.match(sentence)), _VERB_ENDS.search(sentence)
    goes_on = _VERB_GOES_ON.search(sentence)
    if goes_on and leads and moment and goes_on.start() < _LONGEST_ATTRIBUTION:
        return sentence[goes_on.end() :]
    if len(sentence) > _LONGEST_ATTRIBUTION:
        return None
    sure = (
        (brackets and ends)
        or (brackets and moment and sentence.rstrip(" *_").endswith(":"))
        or (_BARE.search(sentence) and leads and moment and ends)
    )
    if sure:
        return ""
    if ends and sentence.rstrip(" *_-–—").endswith(":") and (moment or len(sentence) < 80):
        follows = _next(lines, below)
        if follows is not None and (lines[follows].quoted or greets(lines[follows].text)):
            return ""
    if ends and moment and leads and (follows := _next(lines, below)) is not None and lines[follows].quoted:
        return ""
    return None
