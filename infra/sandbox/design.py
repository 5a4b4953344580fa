"""The parts that pages are made of, side by side: what docs/design.md shows in pictures and what is looked at when the
style sheet changes. Markup as the templates write it, words that say what each part is for."""

import re
from pathlib import Path
from string import Template

from chalice.app import Response

from chalicelib.pages.page import address, assets

COLOURS = re.compile(r"--([a-z-]+): (#[0-9a-f]{3,6});")


def design() -> Response:
    """All parts on one page."""
    names = dict.fromkeys(name for name, _ in COLOURS.findall(assets()["batal.css"]))
    swatches = "".join(f'<span class="chip swatch-{name}">{name}</span> ' for name in names)
    rules = "".join(f".swatch-{name}{{border-left:1.6rem solid var(--{name})}}" for name in names)
    html = Template((Path(__file__).parent / "design.html").read_text(encoding="utf-8"))
    page = html.substitute(
        style=address("/static/{}", "batal.css"),
        tracker=address("/static/{}", "tracker.css"),
        rules=rules,
        swatches=swatches,
    )
    return Response(body=page, headers={"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"})
