"""The operators' list of jobs: what was asked for, how far it is, its result; another export, and a job called off."""

from tests.e2e.conftest import Marketplace
from tests.e2e.test_jobs import begun, followed, lines_at
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
    (job,) = (each for each in market.operator("GET", "/v1/jobs").json["items"] if each["kind"] == "export")
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


def test_a_buyer_is_erased_after_their_id_was_typed_twice_and_a_copy_is_made_of_what_is_known(
    market: Marketplace,
) -> None:
    case_id = market.ask(market.order("O-1"), comment="Saya Budi Santoso")["case_id"]
    market.say("seller", case_id, "reject", reason_code="already_shipped", tracking_number="JNE-1")
    market.ended(case_id)
    market.buyer("POST", f"/v1/cases/{case_id}/messages", {"text": "Budi di sini"})
    market.later(1200)
    phone = omar(market)
    copied = phone.submit(phone.open(PLACE), PLACE, what="copy", person="budi")
    assert "Prosesnya dimulai" in copied.text
    a_minute_passes(market)
    (job,) = (each for each in market.operator("GET", "/v1/jobs").json["items"] if each["kind"] == "person_export")
    lines = lines_at(job)
    assert {line["about"] for line in lines} == {"order", "message", "request", "wallet"}
    assert "Saya Budi Santoso" in str(lines)
    differs = phone.submit(phone.open(PLACE), PLACE, what="erase", person="budi", again="ani")
    assert (differs.status, "Kedua ID berbeda" in differs.text) == (400, True)
    assert "Prosesnya dimulai" in phone.submit(phone.open(PLACE), PLACE, what="erase", person="budi", again="budi").text
    market.later(1200)
    a_minute_passes(market)
    page = phone.open(PLACE).text
    assert "Penghapusan data pribadi: budi" in page
    # Which of two that began in one moment is listed first is nobody's word.
    (erased,) = (job for job in market.operator("GET", "/v1/jobs").json["items"] if job["kind"] == "erasure")
    assert (erased["state"], erased["erased"]["orders"]) == ("done", 1), erased

    reader = Phone(market)
    reader.sign_in()
    case_page = reader.open(f"/cases/{case_id}")
    assert case_page.status == 200
    assert "Budi di sini" not in case_page.text
    assert "dihapus untuk melindungi data pribadi" in case_page.text
    assert market.support("GET", f"/v1/cases/{case_id}").status == 200
    desk = Phone(market)
    desk.sign_in("sari", "support")
    assert desk.open(f"/cases/{case_id}").status == 200


def test_a_seller_is_erased_on_the_page_as_well(market: Marketplace) -> None:
    market.order("O-1")
    phone = omar(market)
    phone.submit(phone.open(PLACE), PLACE, what="erase", role="seller", person="toko-baju", again="toko-baju")
    a_minute_passes(market)
    assert market.support("GET", "/v1/orders/O-1").json["seller"]["name"] == ""
    assert market.support("GET", "/v1/orders/O-1").json["buyer"]["name"] != ""


def test_people_of_the_marketplace_are_not_erased(market: Marketplace) -> None:
    answer = market.operator("POST", "/v1/people/support/sari/erase")
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
