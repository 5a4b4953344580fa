"""Figures as a file, by API and pages: for whom they are meant, from lists and counters alike, each with its formula;
and what counts in the rating, with its sum, where sellers and operators look."""

import csv
import io
from collections.abc import Sequence

import pytest

from chalicelib.workflow import counting
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

SHOP, ALL = "/v1/sellers/toko-baju/metrics/file", "/v1/metrics/file"


def table_of(text: str) -> Sequence[Sequence[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def told(market: Marketplace) -> None:
    """One granted by the seller, one that waits."""
    first = market.ask(market.order("B-1"))["case_id"]
    market.ask(market.order("B-2"))
    market.seller("POST", f"/v1/cases/{first}/approve", {})


def english(market: Marketplace, path: str = SHOP) -> Sequence[Sequence[str]]:
    role, who = ("seller", "toko-baju") if path == SHOP else ("operator", "omar")
    return table_of(market.as_(role, who, "GET", path, Accept_Language="en").json["csv"])


def signed_in(market: Marketplace, sub: str, role: str) -> Phone:
    phone = Phone(market)
    phone.sign_in(sub, role)
    return phone


def test_each_number_stands_in_a_row_with_how_it_is_counted(market: Marketplace) -> None:
    told(market)
    heading, *rows = english(market)
    assert heading == ["Figure", "Of", "From", "To", "Value", "Unit", "As many days before", "How counted"]
    found = {(row[0], row[1], row[5]): row[4] for row in rows}
    assert found["requests", "", "requests"] == "2"
    assert found["still open", "", "requests"] == "1"
    assert found["cancellation rate", "cancelled orders that were processed", "%"] == "100.00"
    assert found["refunded", "", "IDR"] == "150000"
    assert all(row[7] for row in rows)
    assert all(len(row) == len(heading) for row in rows)


def test_lists_and_counters_write_the_same_file_and_the_whole_service_has_one(market: Marketplace) -> None:
    told(market)
    listed = [english(market), english(market, ALL)]
    counting.catch_up(market.world.ports)
    assert [english(market), english(market, ALL)] == listed
    assert [row[:2] for row in listed[0]] == [row[:2] for row in listed[1]]


def test_pages_give_the_same_numbers_and_say_how_the_rating_comes_about(market: Marketplace) -> None:
    told(market)
    counting.catch_up(market.world.ports)
    seller, operator = signed_in(market, "toko-baju", "seller"), signed_in(market, "omar", "operator")
    numbers = [[*row[:2], *row[4:6]] for row in english(market)]
    for phone, path in ((seller, "/seller/figures-file"), (operator, "/operations/figures-file?days=28")):
        answer = phone.open(f"{path}{'&' if '?' in path else '?'}lang=en")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert [[*row[:2], *row[4:6]] for row in table_of(answer.text)] == numbers
    for phone, path in ((seller, "/seller/figures?lang=en"), (operator, "/operations?lang=en")):
        page = phone.open(path).text
        assert "1 of 1 ended requests: 100.0%" in page
        assert "0 of 1 ended requests: 0.0%" in page
        assert "Each request that counts makes up 100.0% of the rate." in page
        assert page.count("figures-file") == 1


def test_files_of_others_are_not_found_and_what_is_no_range_is_refused(market: Marketplace) -> None:
    assert market.seller("GET", "/v1/sellers/toko-sepatu/metrics/file").status == 404
    assert market.seller("GET", ALL).status == 403
    buyer = signed_in(market, "budi", "buyer")
    assert [buyer.open(f"/{each}/figures-file").status for each in ("seller", "operations")] == [403, 403]


@pytest.mark.parametrize("asked", ["from=2026-13-01", "from=2199-01-01", "from=2020-01-01", "to=today"])
def test_what_is_no_range_is_named(market: Marketplace, asked: str) -> None:
    refused = market.operator("GET", f"{ALL}?{asked}")
    assert (refused.status, refused.json["code"]) == (422, "validation_failed")
    assert refused.json["errors"][0]["field"] == asked.partition("=")[0]
