"""A language that nobody speaks: English with accents, two fifths longer, each text between brackets.

It is made here and never deployed. Whatever a page or mail says outside of brackets was not taken from a catalogue.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from chalicelib import locales
from chalicelib.locales import PLACEHOLDER, explanations, texts, written_amounts
from chalicelib.mail import ours

# ISO 639 keeps qaa to qtz for languages of one's own; Windows calls its own so.
PSEUDO = "qps"
OPENS, CLOSES = "⟦", "⟧"
_ACCENTS = str.maketrans("aceinosuyACEINOSUY", "àçéîñóšûýÀÇÉÎÑÓŠÛÝ")
_LONGER = 0.4


def in_pseudo(text: str) -> str:
    """A text of a catalogue, longer, with accents on all but its placeholders, and between brackets."""
    parts = PLACEHOLDER.split(text)
    accented = "".join(f"{{{part}}}" if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(parts))
    own = sum(map(len, parts[::2]))
    # A few words, not one: that would be broken where no language breaks.
    padding = re.sub(r"(~{6})(?=~)", r"\1 ", "~" * max(1, round(own * _LONGER)))
    return f"{OPENS}{accented} {padding}{CLOSES}"


def pseudo_catalogue() -> Mapping[str, str]:
    """The whole catalogue, made of the English one."""
    made = {key: in_pseudo(text) for key, text in texts("en").items()}
    return made | {key: texts("en")[key] for key in ("language.clock", "language.numbers")}


@contextmanager
def also_spoken(language: str, catalogue: Mapping[str, str], folder: Path) -> Iterator[None]:
    """One more file lies among the catalogues while this lasts, and nothing else is changed."""
    for each in locales.languages():
        (folder / f"{each}.json").write_text(json.dumps(texts(each)), encoding="utf-8")
    (folder / f"{language}.json").write_text(json.dumps(catalogue), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locales, "CATALOGUES", folder)
        _forget()
        try:
            yield
        finally:
            patch.undo()
            _forget()


def _forget() -> None:
    """What a process remembers of the catalogues, which lie still while it lives."""
    for module in (locales, ours, explanations, written_amounts):
        for each in vars(module).values():
            if hasattr(each, "cache_clear"):
                each.cache_clear()
