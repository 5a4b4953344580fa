"""Every word that people read: one flat catalogue per language, key to text with {placeholders}."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

LOCALES = ("id", "en")
FALLBACK = "id"

# Names only: no attributes, no indexes, no format specifications, so that a text can never reach into an object.
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def say(key: str, locale: str, **facts: object) -> str:
    """The text with its placeholders filled in; facts that it does not name are left out.

    Raises KeyError where the key or a fact is missing. Values go in as they are: escaping belongs to the template.
    """
    text = _catalogue(known(locale))[key]
    return PLACEHOLDER.sub(lambda match: str(facts[match[1]]), text)


def has(key: str, locale: str) -> bool:
    """Whether there is such a text."""
    return key in _catalogue(known(locale))


def known(locale: str) -> str:
    """The language we speak with somebody of this BCP 47 locale: `en` for any English, else Indonesian."""
    language = locale.lower().split("-")[0]
    return language if language in LOCALES else FALLBACK


@cache
def _catalogue(locale: str) -> Mapping[str, str]:
    texts: Mapping[str, str] = json.loads((resources.files(__name__) / f"{locale}.json").read_text(encoding="utf-8"))
    return texts
