"""What people typed, made fit for a mail. Escaping for HTML belongs to the templates."""

from chalicelib.domain.spelling import beginning
from chalicelib.locales.harmless import on_one_line

LINE = 300
PROSE = 5000


def one_line(text: str) -> str:
    """Fit for one line of a mail, a header among them; cut at 300 characters."""
    return beginning(on_one_line(text), LINE)


def prose(text: str) -> list[str]:
    """Fit to be quoted, line by line; empty lines are kept single, and what is absurdly long is cut."""
    lines = [on_one_line(line) for line in text[:PROSE].splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return kept[:-1] if kept and not kept[-1] else kept


FIRST_WORDS = 200


def first_words(text: str, most: int = FIRST_WORDS) -> str:
    """How a text begins, cut at a blank where there is one; what was left out is seen."""
    begins = " ".join(prose(text))
    if len(begins) <= most:
        return begins
    whole = begins[:most].rpartition(" ")[0] or beginning(begins, most)
    return f"{whole} …"
