"""What a page weighs with all that it brings along, as it travels: API Gateway packs answers of a kilobyte and more.

What it costs in CPU of our own is measured of the same pages by `make bench`: tests never assert on time.
"""

import gzip
import re

import pytest
from chalice.test import Client

from app import app
from chalicelib.domain.parties import Actor
from chalicelib.pages.page import assets
from infra.sandbox.builders import BUDI, OPERATOR, SELLER
from tests.benchmarks.pages import SARI, cookie_of, every_page, furnished

MOST = 60_000
_ASSET = re.compile(r'(?:href|src)="/static/([\w.]+)\?')

# What draws no page of its own: it leads on, or is a part of a page, a file, or made for programs.
LEADS_ON = {
    "/cases/{case_id}/join",
    "/cases/{case_id}/mail-again",
    "/cases/{case_id}/separate",
    "/cases/{case_id}/{action}",
    "/operations/mail-stops",
    "/operations/policies/{name}/simulate",
    "/seller/views",
    "/sign-in/callback",
    "/sign-out",
    "/support/next",
}
PARTS = {"/cases/{case_id}/now", "/cases/{case_id}/thread", "/orders/{order_id}/thread"}
# The contract is read by engineers, with a browser that shows a large document.
FILES = {
    "/seller/file",
    "/seller/figures-file",
    "/operations/figures-file",
    "/static/{name}",
    "/health",
    "/openapi.json",
    "/docs",
}
# What opens by a link of a mail, or once a provider has said something, and an excerpt of a page that is weighed.
NOT_WEIGHED = {
    "/cases/{case_id}/messages",
    "/cases/{case_id}/payout",
    "/d/{token}",
    "/finance/reconciliations/{job_id}",
    "/finance/reconciliations/{job_id}/progress",
    "/hand-over/{token}",
    "/operations/simulations/{job_id}",
    "/orders/{order_id}/messages",
    "/payout/{token}",
    "/waiting/{token}",
}


def weight(client: Client, path: str, actor: Actor | None) -> int:
    """Bytes of the page and of its style sheets and scripts, each packed."""
    answer = client.http.get(path, headers=cookie_of(actor))
    assert answer.status_code == 200, path
    page = answer.body
    brought = {name: assets()[name].encode() for name in _ASSET.findall(page.decode())}
    assert "batal.css" in brought
    return sum(len(gzip.compress(each, mtime=0)) for each in (page, *brought.values()))


def too_heavy(weights: dict[str, int]) -> dict[str, int]:
    return {page: weighs for page, weighs in weights.items() if weighs > MOST}


def test_every_page_is_light() -> None:
    with furnished() as cases, Client(app) as client:
        pages = every_page(cases)
        weights = {f"{actor.role if actor else 'nobody'} {path}": weight(client, path, actor) for path, actor in pages}
    assert too_heavy(weights) == {}


@pytest.mark.whole
def test_pages_are_as_light_with_five_hundred_requests() -> None:
    with furnished(500) as cases, Client(app) as client:
        pages = [
            *((path, BUDI) for path in ("/orders", f"/cases/{cases['waiting']}")),
            *((path, SELLER) for path in ("/seller", "/seller?tab=closed", "/seller/figures", "/orders")),
            *((path, SARI) for path in ("/support", "/support?tab=seller", "/support?q=budi")),
            *((path, OPERATOR) for path in ("/operations", "/operations/lists/due_soon", "/finance")),
        ]
        weights = {f"{actor.role} {path}": weight(client, path, actor) for path, actor in pages}
    assert too_heavy(weights) == {}


def test_no_page_is_left_out() -> None:
    with furnished() as cases:
        opened = [path.partition("?")[0] for path, _ in every_page(cases)]
    drawn = {path for path, methods in app.routes.items() if "GET" in methods and not path.startswith("/v1")}
    for route in drawn - LEADS_ON - PARTS - FILES - NOT_WEIGHED:
        form = re.compile(re.sub(r"\{\w+\}", "[^/]+", route))
        assert any(form.fullmatch(path) for path in opened), route
