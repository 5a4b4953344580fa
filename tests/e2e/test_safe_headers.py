"""Every route and page, by every method, for everybody: no answer may be kept on the way, or taken for another kind."""

from collections import defaultdict

import pytest

from app import app
from tests.e2e.conftest import Marketplace, unsafe
from tests.e2e.every_operation import EVERY_ROLE
from tests.e2e.test_pages import Phone

PLACES: defaultdict[str, str] = defaultdict(lambda: "nobodys", name="batal.css", action="approve")
EVERY_PATH = sorted(path for path in app.routes if "{proxy+}" not in path)


def test_no_answer_goes_without_them_whoever_asks(shared: Marketplace) -> None:
    shared.order("SAFE-1")
    # The marketplace of these tests looks at every answer it gets (conftest); here it asks for each that there is.
    seen: set[int] = set()
    for path in EVERY_PATH:
        place = path.format_map(PLACES)
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
            seen.add(shared.call(method, place).status)
            seen.add(shared.call(method, place, headers={"Accept": "text/html"}).status)
            seen.add(shared.as_("support", "sari", method, place, b"{").status)
    assert {200, 303, 401, 403, 404, 405} <= seen, seen


@pytest.mark.parametrize("role", [role for role, _ in EVERY_ROLE if role != "system"])
def test_pages_for_who_is_signed_in(shared: Marketplace, role: str) -> None:
    phone = Phone(shared)
    phone.sign_in("somebody", role)
    for path in EVERY_PATH:
        if not path.startswith("/v1/"):
            answer = phone.open(path.format_map(PLACES))
            assert unsafe(path, answer.headers) == [], path


def test_what_never_changes_may_be_kept(shared: Marketplace) -> None:
    style = shared.call("GET", "/static/batal.css")
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shared.call("GET", "/static/none.css").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "onward",
    [
        "/orders/pesanan-é",
        "/orders/漢字",
        "/orders/%zz%",
        "/orders/\ud800",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://evil.example",
        "/orders\r\nSet-Cookie: x=1",
        "/%0d%0aSet-Cookie:x=1",
        "javascript:alert(1)",
        "\u202e/orders",
        "/%2f/evil.example",
        "/.//evil.example",
        "",
    ],
    ids=ascii,
)
def test_wherever_somebody_wants_to_go_on_to_it_is_ours_and_ascii(shared: Marketplace, onward: str) -> None:
    phone = Phone(shared)
    answer = phone.sign_in(onward=onward)
    location = answer.headers["location"]
    assert answer.status == 303
    assert location.isascii()
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "set-cookie: x" not in str(answer.headers).lower()
