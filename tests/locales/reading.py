"""An explanation read by its text alone."""

from chalicelib.domain.money.explanation import Explanation
from chalicelib.locales.explanations import read_back, why


def reads_back(of: Explanation, locale: str) -> None:
    """What is shown is the whole of it and adds up, found by reading the text alone."""
    words = why(of, locale, "c1")
    assert len(words.sentences) == len(of.lines) + 1 + bool(of.ways) + len(of.ways) + len(of.remarks)
    read = read_back("\n".join(words.sentences), of.currency, locale)
    assert read.items == [line.amount for line in of.lines]
    assert read.ways == [way.amount for way in of.ways]
    assert sum(read.items) == read.total == sum(read.ways) == of.total
