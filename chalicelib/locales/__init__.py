"""Every word that people read: one flat catalogue per language, key to text with {placeholders}.

A language is its file and nothing else (docs/countries.md): `language.name` is how its menu calls it, `language.clock`
how its clocks are written, and `language.numbers` the CLDR locale of its numbers and dates.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

# Where they lie.
CATALOGUES: Traversable = resources.files(__name__)
# Who named no language is spoken to in that of most orders; who named one that we do not speak, in English.
UNSAID, FALLBACK = "id", "en"
# Names that came before today's: Java and old Android still say `in`.
_FORMER = {"in": "id", "ind": "id", "eng": "en"}

# Names only: no attributes, no indexes, no format specifications, so that a text can never reach into an object.
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def say(key: str, locale: str, **facts: object) -> str:
    """The text with its placeholders filled in; facts that it does not name are left out.

    Raises KeyError where the key or a fact is missing. Values go in as they are: escaping belongs to the template.
    """
    text = texts(known(locale))[key]
    return PLACEHOLDER.sub(lambda match: str(facts[match[1]]), text)


def has(key: str, locale: str) -> bool:
    """Whether there is such a text."""
    return key in texts(known(locale))


def known(locale: str) -> str:
    """The language we speak with somebody of this locale, as BCP 47, POSIX or Java write it (`en-GB`, `id_ID.UTF-8`,
    `in_ID`): English for a language that we do not speak, Indonesian where none is named."""
    language = re.split(r"[-_.@]", locale.strip().lower(), maxsplit=1)[0]
    if not language or language == "*":
        return UNSAID
    language = _FORMER.get(language, language)
    return language if language in languages() else FALLBACK


def language_tag(locale: str) -> str:
    """The locale as BCP 47 writes it (`id_ID.UTF-8` is `id-ID`); `id` where it says nothing."""
    parts = re.split(r"[-_]", re.split(r"[.@]", locale, maxsplit=1)[0])
    return "-".join(part for part in parts if part) or UNSAID


def numbers(locale: str) -> str:
    """The CLDR locale in which numbers and dates are written for somebody of this locale."""
    return say("language.numbers", locale)


@cache
def languages() -> tuple[str, ...]:
    """The languages that we speak, as ISO 639 writes them: that of most orders, English, and the others by name."""
    found = {each.name.removesuffix(".json") for each in CATALOGUES.iterdir() if each.name.endswith(".json")}
    return (UNSAID, FALLBACK, *sorted(found - {UNSAID, FALLBACK}))


@cache
def texts(locale: str) -> Mapping[str, str]:
    """The whole catalogue of one of the languages."""
    found: Mapping[str, str] = json.loads((CATALOGUES / f"{locale}.json").read_text(encoding="utf-8"))
    return found
