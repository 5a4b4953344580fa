"""Plots as plain SVG, drawn on the server; the page beside them always holds the same numbers as a table.

Each outcome has a colour and a pattern of its own, so that nobody has to tell colours apart (static/charts.css).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

# What lies on its colour, in a square of eight by eight; outcomes are stacked and named in this order.
PATTERNS: Mapping[str, str] = {
    "cancelled": "",
    "returned": "M0 8L8 0",
    "settled": "M0 4H8",
    "rejected": "M0 0L8 8",
    "expired": "M4 0V8",
    "withdrawn": "M0 8L8 0M0 0L8 8",
    "overtaken": "M4 0V8M0 4H8",
    "waits": "M3 4H5",
}
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 320, 150, 24, 14, 22
# More dates than these do not fit below one another's columns, more sums not above them.
_MOST_DATES, _MOST_SUMS = 6, 14


def patterns() -> Markup:
    """What the charts and legends of a page are filled with; once a page, before them."""
    one = Markup(
        '<pattern id="pattern-{}" width="8" height="8" patternUnits="userSpaceOnUse">'
        '<rect class="series-{}" width="8" height="8"/><path class="hatch" d="{}"/></pattern>'
    )
    each = [one.format(name, name, lines) for name, lines in PATTERNS.items()]
    return Markup('<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>{}</defs></svg>').format(
        Markup("").join(each)
    )


def stacked_days(days: Sequence[tuple[date, Mapping[str, int]]], title: str) -> Markup:
    """One column a day (or for the days that begin with it), stacked by outcome, with the sum above few columns."""
    top = _round_up(max((sum(counts.values()) for _, counts in days), default=0))
    step = (_WIDTH - _LEFT) / max(len(days), 1)
    parts = [_scale(top)]
    text = Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>')
    every = -(-len(days) // _MOST_DATES)
    for number, (day, counts) in enumerate(days):
        x, base = _LEFT + number * step, float(_HEIGHT)
        for outcome, count in in_order(counts).items():
            height = count / top * (_HEIGHT - _TOP)
            base -= height
            parts.append(_rect(x + step * 0.12, base, step * 0.76, height, outcome))
        if len(days) <= _MOST_SUMS and counts:
            parts.append(text.format(_at(x + step / 2), _at(base - 4), sum(counts.values())))
        if number % every == 0:
            # The last one stays inside.
            parts.append(text.format(_at(min(x + step / 2, _WIDTH - 20)), _HEIGHT + 17, f"{day.day}/{day.month}"))
    return _svg(parts, _WIDTH, _HEIGHT + _FOOT, title)


def bars(counts: Mapping[str, int], name_of: Callable[[str], str], title: str) -> Markup:
    """One bar for each count, the longest first."""
    most, row = max(counts.values(), default=0) or 1, 34
    parts = []
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for number, (name, count) in enumerate(ordered):
        y, length = number * row, max(2.0, count / most * (_WIDTH - 44))
        parts.append(Markup('<text x="0" y="{}">{}</text>').format(y + 13, name_of(name)))
        parts.append(_rect(0, y + 18, length, 12, name))
        parts.append(Markup('<text x="{}" y="{}">{}</text>').format(_at(length + 6), y + 29, count))
    return _svg(parts, _WIDTH, max(row, len(ordered) * row), title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One choice among others: what it is called, what it costs (across) and brings (up, 0 to 1)."""

    name: str
    across: float
    up: float
    chosen: bool = False


def trade_off(points: Sequence[Point], wanted: float, title: str, across: Callable[[float], str]) -> Markup:
    """Choices by what they cost and what they bring (in percent), joined in their order; the chosen one is a full
    square, and a line says what is wanted."""
    least, most = (side((point.across for point in points), default=0.0) for side in (min, max))
    wide = most - least or 1.0
    places = [
        (
            _LEFT + 16 + (point.across - least) / wide * (_WIDTH - _LEFT - 56),
            _HEIGHT - point.up * (_HEIGHT - _TOP),
        )
        for point in points
    ]
    level = _HEIGHT - wanted * (_HEIGHT - _TOP)
    parts = [
        _scale(100),
        Markup('<line class="wanted" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(_LEFT, _WIDTH, _at(level), _at(level)),
        Markup('<polyline class="way" points="{}"/>').format(" ".join(f"{_at(x)},{_at(y)}" for x, y in places)),
    ]
    text = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    for number, (point, (x, y)) in enumerate(zip(points, places, strict=True)):
        size = 10.0 if point.chosen else 5.0
        square = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
        kind = "chosen" if point.chosen else "choice"
        parts.append(square.format(kind, _at(x - size / 2), _at(y - size / 2), _at(size), _at(size)))
        parts.append(text.format(_at(x), _at(y + (18 if number % 2 else -9)), "middle", point.name))
    parts.append(text.format(_LEFT + 16, _HEIGHT + 17, "start", across(least)))
    if most > least:
        parts.append(text.format(_WIDTH - 8, _HEIGHT + 17, "end", across(most)))
    return _svg(parts, _WIDTH, _HEIGHT + _FOOT, title)


def legend(
    counts: Mapping[str, int], name_of: Callable[[str], str], link_of: Callable[[str], str] | None = None
) -> Markup:
    """Which colour and pattern mean what, in the order in which they are stacked; with links to what is counted."""
    item = Markup('<li><svg viewBox="0 0 16 16" aria-hidden="true">{}</svg> {} <span class="quiet">{}</span></li>')
    linked = Markup('<a href="{}">{}</a>')
    items = [
        item.format(
            _rect(0, 0, 16, 16, name), linked.format(link_of(name), name_of(name)) if link_of else name_of(name), count
        )
        for name, count in in_order(counts).items()
    ]
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(items)) if items else Markup("")


def sums(days: Sequence[tuple[date, Mapping[str, int]]]) -> Mapping[str, int]:
    """All that columns hold, by outcome, in the order in which they are stacked."""
    found: Counter[str] = Counter()
    for _, counts in days:
        found.update(counts)
    return in_order(found)


def in_order(counts: Mapping[str, int]) -> Mapping[str, int]:
    """The same, in the order in which they are stacked."""
    places = list(PATTERNS)
    return dict(sorted(counts.items(), key=lambda item: places.index(item[0])))


def _svg(parts: Sequence[Markup], width: int, height: int, title: str) -> Markup:
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, title)
    return head + Markup("").join(parts) + Markup("</svg>")


def _rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    return Markup('<rect class="piece" fill="url(#pattern-{})" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, _at(x), _at(y), _at(width), _at(height)
    )


def _scale(top: int) -> Markup:
    lines, number = [], Markup('<text x="{}" y="{}" text-anchor="end">{}</text>')
    rule = Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>')
    for part in (0, 0.5, 1):
        y = _HEIGHT - part * (_HEIGHT - _TOP)
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
