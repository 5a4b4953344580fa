"""What a page weighs with all that it brings along, as it travels: API Gateway packs answers of a kilobyte and more."""

import gzip
import re

from chalice.test import Client

from app import app
from chalicelib.domain.parties import Actor
from chalicelib.pages import sessions
from chalicelib.pages.page import assets
from infra.sandbox.builders import BUDI, OPERATOR, SELLER
from tests.benchmarks.pages import SARI, SETTINGS, furnished

MOST = 60_000
_ASSET = re.compile(r'(?:href|src)="/static/([\w.]+)\?')


def weight(client: Client, path: str, actor: Actor) -> int:
    """Bytes of the page and of its style sheets and scripts, each packed."""
    headers = {"Cookie": sessions.begin(actor, SETTINGS, 2**33).partition(";")[0]}
    answer = client.http.get(path, headers=headers)
    assert answer.status_code == 200, path
    page = answer.body
    brought = {name: assets()[name].encode() for name in _ASSET.findall(page.decode())}
    assert "batal.css" in brought
    return sum(len(gzip.compress(each, mtime=0)) for each in (page, *brought.values()))


def test_every_page_is_light() -> None:
    with furnished() as cases, Client(app) as client:
        pages = [
            *((path, BUDI) for path in ("/orders", "/orders/O-0", "/orders/O-15/cancel?reason_code=wrong_size")),
            *((f"/cases/{case_id}", actor) for case_id in cases.values() for actor in (BUDI, SELLER, SARI)),
            *((path, SELLER) for path in ("/seller", "/seller?tab=past", "/seller/figures", "/seller/rules")),
            *((path, SARI) for path in ("/support", "/support?tab=seller", "/support?q=budi")),
            *(
                (path, OPERATOR)
                for path in ("/operations", "/operations/held", "/operations/jobs", "/operations/figures/asked")
            ),
            *((f"/operations/policies/lazada{page}", OPERATOR) for page in ("", "/change", "/history")),
        ]
        weights = {f"{actor.role} {path}": weight(client, path, actor) for path, actor in pages}
    assert {page: bytes_ for page, bytes_ in weights.items() if bytes_ > MOST} == {}


def test_pages_are_as_light_with_five_hundred_requests() -> None:
    with furnished(500) as cases, Client(app) as client:
        pages = [
            *((path, BUDI) for path in ("/orders", f"/cases/{cases['waiting']}")),
            *((path, SELLER) for path in ("/seller", "/seller?tab=closed", "/seller/figures", "/orders")),
            *((path, SARI) for path in ("/support", "/support?tab=seller", "/support?q=budi")),
            *((path, OPERATOR) for path in ("/operations", "/finance")),
        ]
        weights = {f"{actor.role} {path}": weight(client, path, actor) for path, actor in pages}
    assert {page: bytes_ for page, bytes_ in weights.items() if bytes_ > MOST} == {}
