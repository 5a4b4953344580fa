"""docs/design.md says what the style sheet says; and whoever reads in any of its colours can read."""

import re
from pathlib import Path

from chalicelib.pages.page import assets
from infra.sandbox.design import COLOURS

PAGE = Path("docs/design.md").read_text(encoding="utf-8")
CSS = assets()["batal.css"]

# Text on its ground, as the style sheet pairs them.
PAIRS = [
    *(("ink", ground) for ground in ("ground", "sheet")),
    *(("quiet", ground) for ground in ("ground", "sheet")),
    *(("brand", ground) for ground in ("ground", "sheet")),
    ("brand-ink", "brand"),
    ("brand-ink", "brand-strong"),
    *((tone, f"{tone}-ground") for tone in ("good", "warn", "bad", "info")),
    *((tone, ground) for tone in ("good", "warn", "bad", "info") for ground in ("ground", "sheet")),
]


def palettes() -> tuple[dict[str, str], dict[str, str]]:
    """Colours by day and by night."""
    day, _, rest = CSS.partition("@media (prefers-color-scheme: dark)")
    light = dict(COLOURS.findall(day))
    return light, light | dict(COLOURS.findall(rest.partition("\n}\n")[0]))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_contrast_is_that_of_the_standard() -> None:
    assert round(contrast("#000", "#fff"), 2) == 21
    assert round(contrast("#767676", "#fff"), 2) == 4.54


def test_every_text_can_be_read_on_its_ground_by_day_and_by_night() -> None:
    faint = [
        (name, text, ground, round(contrast(colours[text], colours[ground]), 2))
        for name, colours in zip(("day", "night"), palettes(), strict=True)
        for text, ground in PAIRS
        if contrast(colours[text], colours[ground]) < 4.5
    ]
    assert faint == []


def test_the_page_names_every_colour_with_its_values() -> None:
    light, dark = palettes()
    told = {
        name: (by_day, by_night) for name, by_day, by_night in re.findall(r"\| `(\S+)` \| `(\S+)` \| `(\S+)` \|", PAGE)
    }
    assert told == {name: (light[name], dark[name]) for name in light}
