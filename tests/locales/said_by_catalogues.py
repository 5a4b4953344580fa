"""What a page or mail in the pseudo-language says that no catalogue said: what is hard-wired, and what is data."""

import re
from collections.abc import Iterable, Iterator, Set
from datetime import date, timedelta
from html.parser import HTMLParser

from tests.locales.pseudo import CLOSES, OPENS

# What is read out or shown beside the text itself.
_SHOWN = ("alt", "aria-label", "title", "placeholder", "data-label", "aria-valuetext", "aria-description")
_INNERMOST = re.compile(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}")
_WORD = re.compile(r"[^\W\d_]{3,}")


class Seen(HTMLParser):
    """All that a page shows or reads out: its running text, and each attribute by itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.running, self.attributes = "", list[str]()
        self._inside = list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What is typed, and what is shown as it was typed, is data.
        if tag in ("style", "script", "template", "textarea", "pre", "code"):
            self._inside.append(tag)
        told = dict(attrs)
        self.running += " "
        self.attributes += [value for name in _SHOWN if (value := told.get(name))]
        if tag == "input" and told.get("type") in ("submit", "button", "reset"):
            self.attributes.append(told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.running += " "
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.running += data


def outside(text: str) -> str:
    """What stands outside of all brackets."""
    while (less := _INNERMOST.sub(" ", text)) != text:
        text = less
    return text


def hard_wired(shown: Iterable[str], data: Set[str]) -> Iterator[str]:
    """Words outside of brackets that are no data."""
    for text in shown:
        left = outside(text)
        if OPENS in left or CLOSES in left:
            yield f"brackets: {text.strip()[:200]}"
        yield from (word for word in _WORD.findall(left) if word.casefold() not in data)


def in_page(html: str, data: Set[str]) -> list[str]:
    """What is hard-wired in a page, or in a mail's HTML."""
    seen = Seen()
    seen.feed(html)
    return sorted(set(hard_wired([seen.running, *seen.attributes], data)))


def words_of(*texts: str) -> Set[str]:
    """The words of what is data."""
    return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))


def calendar_words(numbers: str) -> Set[str]:
    """What CLDR says in dates and lengths of time, and the zones' names."""
    from babel.dates import format_date
    from babel.units import format_unit

    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    forms = ("EEE d MMM y", "EEEE d MMMM y", "d MMM", "MMM", "MMMM")
    dates = {format_date(day, form, locale=numbers) for day in days for form in forms}
    units = {
        format_unit(count, f"duration-{unit}", length="long", locale=numbers)
        for count in (1, 2)
        for unit in ("day", "hour", "minute", "second")
    }
    return words_of(*dates, *units, "WIB WITA WIT Rp US")
