"""Charts are read without telling colours apart, and the colours differ for all eyes, by day and by night."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations, pairwise

import pytest

from chalicelib.domain.cases.case import Outcome
from chalicelib.domain.figures.counting import WAITS
from chalicelib.pages import charts
from chalicelib.pages.page import assets

# How eyes see that lack one kind of cone (Machado, Oliveira and Fernandes 2009, in full), on linear RGB.
EYES: Mapping[str, Sequence[Sequence[float]]] = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_LAB = ((0.4124, 0.3576, 0.1805, 0.95047), (0.2126, 0.7152, 0.0722, 1.0), (0.0193, 0.1192, 0.9505, 1.08883))
# Two are told apart at a glance from about 10 on (CIE76); this leaves room for small pieces and cheap screens.
FAR_ENOUGH = 20.0
# WCAG 1.4.11, of what is not text.
STANDS_OUT = 3.0

Colour = tuple[float, ...]


def linear(code: str) -> Colour:
    parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def seen(colour: Colour, eyes: str) -> Colour:
    return tuple(min(1.0, max(0.0, sum(a * b for a, b in zip(row, colour, strict=True)))) for row in EYES[eyes])


def lab(colour: Colour) -> Colour:
    x, y, z = (root(sum(a * b for a, b in zip(row[:3], colour, strict=True)) / row[3]) for row in _LAB)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def root(part: float) -> float:
    return part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116


def contrast(one: str, other: str) -> float:
    dark, light = sorted(sum(a * b for a, b in zip(_LAB[1][:3], linear(each), strict=True)) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def palette(of: str) -> dict[str, str]:
    """The colours of the style sheets by day or by night."""
    found: dict[str, str] = {}
    for name in ("batal.css", "charts.css"):
        day, _, night = assets()[name].partition("@media (prefers-color-scheme: dark)")
        text = day if of == "day" else night.partition("\n}\n")[0]
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", text))
    return {
        name: code if len(code) == 7 else "#" + "".join(sign * 2 for sign in code[1:]) for name, code in found.items()
    }


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("of", ["day", "night"])
def test_any_two_colours_can_be_told_apart(of: str, eyes: str) -> None:
    colours = {name: code for name, code in palette(of).items() if name.startswith("series-")}
    assert set(colours) == {f"series-{name}" for name in charts.PATTERNS}
    near = {
        (one, other): round(math.dist(lab(seen(linear(colours[one]), eyes)), lab(seen(linear(colours[other]), eyes))))
        for one, other in combinations(sorted(colours), 2)
    }
    assert {pair: far for pair, far in near.items() if far < FAR_ENOUGH} == {}


@pytest.mark.parametrize("of", ["day", "night"])
def test_each_colour_stands_out_from_the_sheet(of: str) -> None:
    colours = palette(of)
    faint = {name: contrast(code, colours["sheet"]) for name, code in colours.items() if name.startswith("series-")}
    assert {name: told for name, told in faint.items() if told < STANDS_OUT} == {}


def test_colours_that_are_too_near_are_found() -> None:
    red, green = linear("#b03030"), linear("#5d6b2f")
    assert math.dist(lab(red), lab(green)) > FAR_ENOUGH
    assert math.dist(lab(seen(red, "protanopia")), lab(seen(green, "protanopia"))) < FAR_ENOUGH


def test_every_outcome_has_a_pattern_of_its_own() -> None:
    assert set(charts.PATTERNS) == {*Outcome, WAITS}
    assert len(set(charts.PATTERNS.values())) == len(charts.PATTERNS)


def test_a_chart_names_what_it_shows_and_keeps_every_number() -> None:
    days = [(date(2026, 11, 1), {"cancelled": 3, "rejected": 1}), (date(2026, 11, 2), {})]
    drawn = charts.stacked_days(days, "Per <hari>")
    assert 'role="img" aria-label="Per &lt;hari&gt;"' in drawn
    assert re.findall(r"url\(#pattern-(\w+)\)", drawn) == ["cancelled", "rejected"]
    assert ">4</text>" in drawn
    legend = charts.legend(charts.sums(days), str.upper)
    assert re.findall(r"</svg> (\w+) <span class=\"quiet\">(\d+)</span>", legend) == [
        ("CANCELLED", "3"),
        ("REJECTED", "1"),
    ]


@pytest.mark.parametrize("count", [1, 7, 14, 28, 31, 53])
def test_dates_below_the_columns_do_not_run_into_one_another(count: int) -> None:
    days = [(date.fromordinal(date(2026, 10, 1).toordinal() + number), {"cancelled": 1}) for number in range(count)]
    drawn = charts.stacked_days(days, "x")
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)" y="167"', drawn)]
    # "31/12" is about 33 wide at this size.
    assert all(right - left > 36 for left, right in pairwise(places))
    assert all(18 <= place <= 302 for place in places), "nor out of the picture"
