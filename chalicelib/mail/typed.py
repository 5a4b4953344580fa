"""What people typed, made fit for a mail. Escaping for HTML belongs to the templates."""

# Controls, bidirectional overrides and zero-width signs: they only serve to deceive, or to end a header early.
_DECEIVING = {
    *range(0x20),
    *range(0x7F, 0xA0),
    0x061C,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xD800, 0xE000),
}
_PLAIN = dict.fromkeys(_DECEIVING, " ")

LINE = 300
PROSE = 5000


def one_line(text: str) -> str:
    """Fit for one line of a mail, a header among them; cut at 300 characters."""
    return " ".join(text.translate(_PLAIN).split())[:LINE]


def prose(text: str) -> list[str]:
    """Fit to be quoted, line by line; empty lines are kept single, and what is absurdly long is cut."""
    lines = [" ".join(line.translate(_PLAIN).split()) for line in text[:PROSE].splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return kept[:-1] if kept and not kept[-1] else kept
