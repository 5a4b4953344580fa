"""Reconciliation on pages: a file is announced, uploaded to the bucket, followed, and its report read by people."""

import re
from datetime import timedelta

import boto3
import pytest

from chalicelib.locales import say
from infra.sandbox.files import BUCKET
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.e2e.test_reconciliations import a_minute_passes, a_settlement, finance


def looks(market: Marketplace, who: str = "fitri", role: str = "finance") -> Phone:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone


def filled_in(market: Marketplace, **more: str) -> dict[str, str]:
    today = market.world.clock().date()
    plain = {"provider": "midtrans", "name": "november.csv", "zone": "UTC"}
    return {**plain, "first": str(today - timedelta(days=3)), "last": str(today + timedelta(days=50)), **more}


def announced_on_the_page(market: Marketplace, phone: Phone, **more: str) -> tuple[str, str]:
    """The page that takes the file, and where the bucket lays it."""
    page = phone.submit(phone.open("/finance/reconciliations"), "/finance/reconciliations", **filled_in(market, **more))
    assert page.status == 200, page.text
    found = re.search(r'name="key" value="([^"]+)"', page.text)
    assert found
    return page.text, found[1]


def test_finance_reconciles_on_pages_alone(market: Marketplace) -> None:
    settled, phone = a_settlement(market), looks(market)
    page, key = announced_on_the_page(market, phone)
    assert 'enctype="multipart/form-data"' in page
    job_page = f"/finance/reconciliations/{key.split('/')[1]}"
    assert re.search(rf'name="success_action_redirect" value="http[^"]+{job_page}"', page)
    assert "menunggu berkas" in phone.open(job_page).text
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=settled.encode())
    a_minute_passes(market)
    assert "Lihat hasil" in phone.open(f"{job_page}/progress").text
    report = phone.open(job_page).text
    for words in ("Jumlah berbeda", "Tidak dikenal", "2 temuan perlu diperiksa", "Rp90.000", "Rp100.000"):
        assert words in report, words
    assert "findings.csv" in report
    assert "ada selisih" in looks(market, "omar", "operator").open("/finance/reconciliations").text
    english = phone.open(f"{job_page}?lang=en").text
    assert "Wrong amount" in english


def test_a_job_that_failed_says_why_in_words(market: Marketplace) -> None:
    phone = looks(market)
    _, key = announced_on_the_page(market, phone)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"a,b\n1,2\n")
    a_minute_passes(market)
    assert "Kolomnya tidak seperti" in phone.open(f"/finance/reconciliations/{key.split('/')[1]}").text


def test_days_are_those_of_the_pages_zone_and_the_last_one_counts(market: Marketplace) -> None:
    phone = looks(market)
    announced_on_the_page(market, phone, first="2026-11-01", last="2026-11-30")
    (job,) = finance(market, "GET", "/v1/reconciliations").json["items"]
    assert (job["since"], job["until"]) == ("2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z")


def test_a_form_that_is_pressed_twice_begins_one_job(market: Marketplace) -> None:
    phone = looks(market)
    page = phone.open("/finance/reconciliations")
    for _ in range(2):
        assert phone.submit(page, "/finance/reconciliations", **filled_in(market)).status == 200
    assert len(finance(market, "GET", "/v1/reconciliations").json["items"]) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"zone": "Mars"}, "Zona waktu ini tidak dikenal"),
        ({"first": "2026-11-30", "last": "2026-11-01"}, "hari pertama harus sebelum"),
        ({"first": "yesterday"}, "refusal.day_not_understood"),
        ({"provider": "paypal"}, "Ada isian yang salah"),
        ({"name": "a/b"}, "garis miring"),
    ],
)
def test_what_was_filled_in_wrong_is_shown_again(market: Marketplace, more: dict[str, str], words: str) -> None:
    phone = looks(market)
    page = phone.open("/finance/reconciliations")
    answer = phone.submit(page, "/finance/reconciliations", **filled_in(market, **more))
    assert answer.status == 422
    assert (say(words, "id") if words.startswith("refusal.") else words) in answer.text
    assert finance(market, "GET", "/v1/reconciliations").json["items"] == []


def test_only_operators_and_finance_see_the_page(market: Marketplace) -> None:
    for role, who in (("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari")):
        phone = looks(market, who, role)
        assert phone.open("/finance/reconciliations").status == 403
        assert phone.open("/finance/reconciliations/x").status == 403
        assert phone.open("/finance/reconciliations/x/progress").status == 403
