"""Finance sees refunds, the ledger and what does not match, and decides nothing."""

import re
from collections import defaultdict
from html import unescape

import pytest

from app import app
from infra.sandbox.builders import FINANCE
from infra.sandbox.seed import PEOPLE
from tests.e2e.conftest import Marketplace
from tests.e2e.contract import ROUTES
from tests.e2e.test_pages import Phone
from tests.e2e.test_parts_of_refunds import BANK, CARD, refunding, told

__all__ = ["refunding"]

# All that finance may call, typed by hand: whoever adds a route for it says so here.
FOR_FINANCE = {
    ("GET", "/v1/refunds"),
    ("GET", "/v1/refunds/{refund_id}"),
    ("GET", "/v1/ledger"),
    ("POST", "/v1/reconciliations"),
    ("GET", "/v1/reconciliations"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/{job_id}"),
    ("DELETE", "/v1/jobs/{job_id}"),
}
# The pages that finance may open: those about money, and what everybody may.
ITS_PAGES = {
    "/finance",
    "/finance/refunds/{case_id}",
    "/finance/reconciliations",
    "/finance/reconciliations/{job_id}",
    "/finance/reconciliations/{job_id}/progress",
}
FOR_ALL = {"/", "/docs", "/sign-in", "/sign-in/done", "/sign-out", "/static/{name}", "/d/{token}", "/waiting/{token}"}


def looks(market: Marketplace, role: str = "finance", who: str = "fitri") -> Phone:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone


def test_these_routes_are_open_to_finance_and_no_others() -> None:
    assert {key for key, route in ROUTES.items() if FINANCE.role in route.roles} == FOR_FINANCE


def test_finance_reads_refunds_and_the_ledger(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    for path in ("/v1/refunds", f"/v1/refunds/rf_{case_id}", "/v1/ledger?since=2026-11-01T00:00:00Z"):
        assert market.as_("finance", "fitri", "GET", path).status == 200, path
    (listed,) = market.as_("finance", "fitri", "GET", "/v1/refunds").json["items"]
    assert listed["refund_id"] == f"rf_{case_id}"
    assert market.as_("finance", "fitri", "GET", "/v1/refunds/rf_nobodys").status == 404


@pytest.mark.parametrize("who", ["toko-baju", "budi", "fitri"])
def test_finance_is_no_party_even_under_the_id_of_one(refunding: tuple[Marketplace, str], who: str) -> None:
    market, case_id = refunding
    for path in (
        f"/v1/cases/{case_id}",
        f"/v1/cases/{case_id}/timeline",
        f"/v1/cases/{case_id}/file",
        f"/v1/cases/{case_id}/messages",
        f"/v1/cases/{case_id}/evidence",
        "/v1/orders/PART-1",
        "/v1/cases",
        "/v1/wallets/budi",
    ):
        assert market.as_("finance", who, "GET", path).status == 403, path
    phone = looks(market, who=who)
    for page in (f"/cases/{case_id}", "/orders/PART-1", f"/cases/{case_id}/file", "/orders", "/seller", "/support"):
        assert phone.open(page).status in (403, 404), page


def test_finance_opens_the_pages_of_money_and_no_others(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    phone = looks(market)
    body = {"provider": "midtrans", "name": "november.csv"}
    job = market.as_("finance", "fitri", "POST", "/v1/reconciliations", body).json
    places = {
        "job_id": job["job_id"],
        "case_id": case_id,
        "order_id": "PART-1",
        "payment_id": "p",
        "name": "lazada",
        "token": "t",
    }
    read = {path for path, methods in app.routes.items() if "GET" in methods and not path.startswith("/v1/")}
    pages = read - FOR_ALL - {"/health", "/openapi.json", "/sign-in/callback"}
    for path in sorted(page for page in pages if not page.startswith("/sandbox")):
        answer = phone.open(path.format_map(defaultdict(lambda: "approve", places)))
        # An address that is only posted to leads on to its page.
        status = phone.open(answer.headers["location"]).status if answer.status == 303 else answer.status
        assert (status == 200) == (path in ITS_PAGES), path


def test_a_part_that_nobody_knows_of_is_on_the_pages_of_finance_and_of_operators(
    refunding: tuple[Marketplace, str],
) -> None:
    market, case_id = refunding
    told(market, case_id, "1", "held", CARD, code="no_answer")
    told(market, case_id, "2", "failed", BANK, code="account_closed")
    page = looks(market).open("/finance")
    assert f"/finance/refunds/{case_id}" in page.text
    assert f"/cases/{case_id}" not in page.text
    for amount, where in (("Rp100.000", "perlu diperiksa"), ("Rp30.000", "gagal atau kembali")):
        tile = re.search(rf'<a href="([^"]+)"><span class="number">{amount}</span>{where}</a>', page.text)
        assert tile
        only = looks(market).open(unescape(tile[1]).partition("#")[0])
        assert only.text.count("data-listed") == 1
        assert f">{amount}</td>" in only.text, "the list adds up to its tile"
    assert "Mungkin baru saja sampai" in looks(market).open("/finance?at=needs_account&currency=IDR").text
    refund = looks(market).open(f"/finance/refunds/{case_id}")
    assert "no_answer" in refund.text
    assert "account_closed" in refund.text
    assert "<form" not in refund.text.split("<main")[1], "there is nothing to decide"
    assert f'href="/cases/{case_id}"' not in refund.text
    assert f'href="/cases/{case_id}"' in looks(market, "operator", "omar").open(f"/finance/refunds/{case_id}").text
    assert "no_answer" in looks(market, "operator", "omar").open(f"/cases/{case_id}").text


def test_what_arrived_leaves_the_page(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    assert f"/finance/refunds/{case_id}" in looks(market).open("/finance").text
    told(market, case_id, "1", "succeeded", CARD)
    told(market, case_id, "2", "succeeded", BANK)
    assert f"/finance/refunds/{case_id}" not in looks(market).open("/finance").text
    assert looks(market).open(f"/finance/refunds/{case_id}").status == 200


@pytest.mark.parametrize(("role", "who"), [("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari")])
def test_the_page_is_for_finance_and_operators(shared: Marketplace, role: str, who: str) -> None:
    assert looks(shared, role, who).open("/finance").status == 403
    assert looks(shared, "operator", "omar").open("/finance").status == 200


def test_the_sandbox_has_a_person_of_finance() -> None:
    assert [sub for sub, role, _ in PEOPLE if role == "finance"] == [FINANCE.id]
