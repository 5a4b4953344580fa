"""How a mail of ours is known again where somebody quotes it without any mark: by the texts that every mail has."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from chalicelib.locales import PLACEHOLDER, languages, texts

_ANYTHING = r".{0,300}?"


def is_ours(text: str) -> bool:
    """Whether the text is a mail of ours, or a good part of one."""
    flat = " ".join(text.split())
    return any(pattern.search(flat) for pattern in (_footers(), _invitations()))


def greets(line: str) -> bool:
    """Whether a mail of ours could begin with this line."""
    return bool(_greetings().fullmatch(line.strip()))


def after_ours(lines: list[str]) -> int:
    """Where a mail of ours ends among these lines: the number of the first line below its last one, or of all lines
    where its end is not among them."""
    starts, flat = [], ""
    for line in lines:
        starts.append(len(flat))
        flat += " ".join(line.split()) + " "
    ends = [found.end() for found in _footers().finditer(flat)]
    return sum(start < ends[-1] for start in starts) if ends else len(lines)


def said_by_us(line: str) -> bool:
    """Whether the line is a piece of one of our sentences: what a mail program broke off a quoted line."""
    flat = " ".join(line.split())
    return len(flat) > 3 and any(flat in text for text in _sentences())


def beside_subject(subject: str) -> str | None:
    """What somebody wrote beside a subject of ours, before or after it; None where the subject holds none of ours.
    Mails sent by earlier versions are answered, too: their subjects lie in former_subjects.json."""
    found = [match for pattern in _subjects() if (match := pattern.search(subject))]
    if not found:
        return None
    longest = max(found, key=lambda match: len(match[0]))
    return f"{subject[: longest.start()]} {subject[longest.end() :]}"


def _filled(text: str, placeholder: str, **own: str) -> str:
    """A pattern for a text of the catalogue, whatever its placeholders were filled with; some have their `own`."""
    first, *rest = PLACEHOLDER.split(" ".join(text.split()))
    places = [own.get(name, placeholder) for name in rest[::2]]
    return _words(first) + "".join(place + _words(part) for place, part in zip(places, rest[1::2], strict=True))


def _words(text: str) -> str:
    return re.escape(text).replace(r"\ ", r"\s+")


def _mails(key: str) -> Iterator[str]:
    for locale in languages():
        yield texts(locale)[key]


@cache
def _footers() -> re.Pattern[str]:
    return re.compile("|".join(_filled(text, _ANYTHING) for text in _mails("mail.footer")), re.IGNORECASE)


@cache
def _invitations() -> re.Pattern[str]:
    keys = ("mail.reply_to", "mail.reply_to.of_0_8_0", "mail.decision_needed.seller.care")
    return re.compile("|".join(_filled(text, _ANYTHING) for key in keys for text in _mails(key)), re.IGNORECASE)


@cache
def _greetings() -> re.Pattern[str]:
    keys = ("mail.greeting", "mail.greeting.nameless")
    return re.compile("|".join(_filled(text, r"[^,]{1,300}") for key in keys for text in _mails(key)))


@cache
def _subjects() -> tuple[re.Pattern[str], ...]:
    found = [
        _filled(text, _ANYTHING, reference=r"\S+", host=r"\S+")
        for locale in languages()
        for key, text in texts(locale).items()
        if key.startswith("mail.") and ".subject" in key
    ]
    former = json.loads((resources.files("chalicelib.mail") / "former_subjects.json").read_text(encoding="utf-8"))
    return tuple(re.compile(each, re.IGNORECASE) for each in (*found, *(_filled(text, r"\S+") for text in former)))


@cache
def _sentences() -> tuple[str, ...]:
    return tuple(
        " ".join(text.split())
        for locale in languages()
        for key, text in texts(locale).items()
        if key.startswith("mail.") and len(text) > 60
    )
