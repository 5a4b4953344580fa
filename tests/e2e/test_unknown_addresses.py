"""Addresses that nobody knows, and methods that nobody takes: pages for people, problem documents for machines."""

import pytest

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize(
    "path", ["/nonsense", "/orders/a/b/c", "/cases/x/y/z?a=1", "/%F0%9F%90%88", "/v2/orders", "/a;b"]
)
def test_people_get_a_page_in_their_language_with_a_way_on(shared: Marketplace, path: str) -> None:
    phone = Phone(shared)
    phone.sign_in("toko-baju", "seller")
    page = phone.open(path, **BROWSER)
    assert page.status == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'href="/seller"' in page.text
    assert '<html lang="en"' in Phone(shared).open(path, **BROWSER, **{"Accept-Language": "en"}).text


@pytest.mark.parametrize("path", ["/v1/nonsense", "/v1/orders/x/nonsense", "/health/x"])
def test_below_the_api_everybody_gets_a_problem_document(shared: Marketplace, path: str) -> None:
    answer = shared.call("GET", path, headers=BROWSER)
    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert "allow" not in answer.headers


def test_machines_get_a_problem_document_everywhere(shared: Marketplace) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = shared.call(method, "/nonsense")
        assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_method_that_nobody_takes_is_a_page_for_people_that_says_which_are(shared: Marketplace) -> None:
    page = shared.call("DELETE", "/orders", headers=BROWSER)
    assert (page.status, page.headers["content-type"]) == (405, "text/html; charset=utf-8")
    assert "GET" in page.headers["allow"]
    assert "gangguan di pihak kami" not in page.text, "nothing is out of order"
    assert "Halaman ini hanya bisa dibuka" in page.text
    answer = shared.call("DELETE", "/v1/orders", headers=BROWSER)
    assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")


def test_language_zone_and_sign_in_keep_the_page_with_its_query(shared: Marketplace) -> None:
    shared.order("KEPT")
    phone = Phone(shared)
    asked = "/orders/KEPT/cancel?reason_code=wrong_size&line-1=1&did=x"
    assert phone.open(asked).headers["location"] == (
        "/sign-in?next=/orders/KEPT/cancel%3Freason_code%3Dwrong_size%26line-1%3D1"
    )
    phone.sign_in()
    page = phone.open(asked)
    for chosen in ("lang=en", "zone=WITA"):
        assert f'href="/orders/KEPT/cancel?reason_code=wrong_size&amp;line-1=1&amp;{chosen}"' in page.text
    english = phone.open("/orders/KEPT/cancel?reason_code=wrong_size&line-1=1&lang=en")
    assert "lang=en" not in english.text.partition('lang="id"')[0].rpartition("<a")[2], "one choice at a time"
