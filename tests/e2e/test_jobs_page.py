"""The operators' list of jobs: what was asked for, how far it is, its result; another export, and a job called off."""

from tests.e2e.conftest import Marketplace
from tests.e2e.test_jobs import begun, followed
from tests.e2e.test_pages import Phone
from tests.e2e.test_reconciliations import a_minute_passes, announced
from tests.workflow.moving_houses import an_order_row

PLACE = "/operations/jobs"


def omar(market: Marketplace) -> Phone:
    phone = Phone(market)
    phone.sign_in("omar", "operator")
    return phone


def test_an_operator_has_everything_written_down_and_fetches_it(market: Marketplace) -> None:
    phone = omar(market)
    assert "Belum ada yang diminta" in phone.open(PLACE).text
    assert PLACE in phone.open("/operations").text
    market.order("O-1")
    begins = phone.submit(phone.open(PLACE), PLACE, what="export", kind="orders")
    assert (begins.status, "Prosesnya dimulai" in begins.text) == (200, True)
    (job,) = market.operator("GET", "/v1/jobs").json["items"]
    assert (job["kind"], job["what"], job["by"]) == ("export", "orders", "omar")
    a_minute_passes(market)
    page = phone.open(PLACE).text
    assert "Ekspor: pesanan" in page
    assert f"{job['job_id']}/result.ndjson" in page
    assert "1 dari 1 baris" in page


def test_rows_that_were_refused_are_told_and_reconciliations_are_listed_too(market: Marketplace) -> None:
    rows = [an_order_row("O-1"), {"order_id": "O-2"}]
    begun(market, "/v1/imports", {"kind": "orders", "source": "inline", "rows": rows, "dry_run": True})
    announced(market)
    a_minute_passes(market)
    page = omar(market).open(PLACE).text
    assert "Impor: pesanan (uji coba)" in page
    assert "1 dari 2 baris tidak diterima" in page
    assert "/finance/reconciliations/" in page


def test_a_job_is_called_off_by_a_press(market: Marketplace) -> None:
    job = begun(market, "/v1/imports", {"kind": "history"})
    phone = omar(market)
    ended = phone.submit(phone.open(PLACE), PLACE, what="call_off", job=job["job_id"])
    assert "Prosesnya dihentikan" in ended.text
    assert followed(market, job)["problem"]["code"] == "cancelled"
    assert phone.submit(phone.open(PLACE), PLACE, what="call_off", job="nope").status == 404
    assert phone.submit(phone.open(PLACE), PLACE, what="export", kind="wallets").status == 422


def test_the_list_is_for_operators_alone(market: Marketplace) -> None:
    for who, role in (("fitri", "finance"), ("sari", "support"), ("budi", "buyer")):
        phone = Phone(market)
        phone.sign_in(who, role)
        assert phone.open(PLACE).status == 403
