"""Plots as plain SVG, drawn on the server; the page beside them always holds the same numbers as a table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from markupsafe import Markup

# Which colour of the style sheet an outcome has; what is not named is neutral.
COLOURS = {"cancelled": "good", "returned": "good", "settled": "info", "rejected": "bad", "expired": "warn"}
_WIDTH, _HEIGHT, _LEFT, _FOOT = 360, 150, 26, 22


def stacked_days(days: Sequence[tuple[date, Mapping[str, int]]], title: str) -> Markup:
    """One column a day, stacked by outcome."""
    most = max((sum(counts.values()) for _, counts in days), default=0)
    top = _round_up(most)
    step = (_WIDTH - _LEFT) / max(len(days), 1)
    parts = [_scale(top)]
    for number, (day, counts) in enumerate(days):
        x, base = _LEFT + number * step, float(_HEIGHT)
        for outcome, count in sorted(counts.items()):
            height = count / top * (_HEIGHT - 10)
            base -= height
            parts.append(_rect(x + step * 0.15, base, step * 0.7, height, outcome))
        if number % 3 == 1:
            parts.append(Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(
                _at(x + step / 2), _HEIGHT + 16, f"{day.day}/{day.month}"
            ))  # fmt: skip
    return _svg(parts, _WIDTH, _HEIGHT + _FOOT, title)


def bars(counts: Mapping[str, int], name_of: Callable[[str], str], title: str) -> Markup:
    """One bar for each count, the longest first."""
    most, row = max(counts.values(), default=0) or 1, 30
    parts = []
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for number, (name, count) in enumerate(ordered):
        y, length = number * row, max(2.0, count / most * (_WIDTH - 60))
        parts.append(Markup('<text x="0" y="{}">{}</text>').format(y + 12, name_of(name)))
        parts.append(_rect(0, y + 16, length, 10, name))
        parts.append(Markup('<text x="{}" y="{}">{}</text>').format(_at(length + 6), y + 25, count))
    return _svg(parts, _WIDTH, max(row, len(ordered) * row), title)


def legend(counts: Mapping[str, int], name_of: Callable[[str], str]) -> Markup:
    """Which colour means what; outcomes that share one stand together, in the order in which they are stacked."""
    names: dict[str, list[str]] = {}
    for outcome in sorted(counts):
        names.setdefault(COLOURS.get(outcome, "info"), []).append(name_of(outcome))
    item = Markup('<li><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{}</svg> {}</li>')
    square = Markup('<rect class="bar-{}" width="12" height="12" rx="2"/>')
    items = [item.format(square.format(colour), ", ".join(said)) for colour, said in names.items()]
    return Markup('<ul class="plain buttons">{}</ul>').format(Markup("").join(items)) if items else Markup("")


def _svg(parts: Sequence[Markup], width: int, height: int, title: str) -> Markup:
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, title)
    return head + Markup("").join(parts) + Markup("</svg>")


def _rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    return Markup('<rect class="bar-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        COLOURS.get(name, "info"), _at(x), _at(y), _at(width), _at(height)
    )


def _scale(top: int) -> Markup:
    lines, number = [], Markup('<text x="{}" y="{}" text-anchor="end">{}</text>')
    rule = Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>')
    for part in (0, 0.5, 1):
        y = _HEIGHT - part * (_HEIGHT - 10)
        lines.append(rule.format(_LEFT, _WIDTH, _at(y), _at(y)))
        lines.append(number.format(_LEFT - 5, _at(y + 4), f"{top * part:g}"))
    return Markup("").join(lines)


def _round_up(most: int) -> int:
    size = 2
    while size < most:
        size *= 2
    return size


def _at(number: float) -> str:
    return f"{number:.1f}"
