"""Moving in and out over HTTP: files that are uploaded, jobs that are followed, results that are fetched."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from infra.sandbox.files import BUCKET
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.e2e.test_reconciliations import a_minute_passes, uploaded
from tests.workflow.moving_houses import a_case_row, an_ended_row, an_order_row, lines_of

NDJSON = "application/x-ndjson"


def begun(market: Marketplace, path: str, body: Any) -> Any:
    answer = market.operator("POST", path, body)
    assert answer.status == 201, answer
    return answer.json


def followed(market: Marketplace, job: Any) -> Any:
    return market.operator("GET", f"/v1/jobs/{job['job_id']}").json


def lines_at(job: Any) -> list[Any]:
    key = "jobs/" + job["result_url"].partition("/jobs/")[2].partition("?")[0]
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


def imported(market: Marketplace, kind: str, rows: list[Any], **more: Any) -> list[Any]:
    """What is said of rows that came at once."""
    job = begun(market, "/v1/imports", {"kind": kind, "source": "inline", "rows": rows, **more})
    a_minute_passes(market)
    return lines_at(followed(market, job))


def test_a_file_is_uploaded_taken_in_and_answered_row_by_row(market: Marketplace) -> None:
    job = begun(market, "/v1/imports", {"kind": "orders"})
    assert (job["kind"], job["what"], job["state"], job["dry_run"]) == ("import", "orders", "waiting", False)
    assert market.operator("GET", "/v1/jobs").json["items"][0]["job_id"] == job["job_id"]
    uploaded(job, lines_of([an_order_row("I-1"), {"order_id": "I-2"}]).decode())
    a_minute_passes(market)
    done = followed(market, job)
    assert (done["state"], done["done"], done["total"], done["failed"]) == ("done", 2, 2, 1)
    assert "1" in done["message"]
    first, second = lines_at(done)
    assert first == {"row": 1, "id": "I-1", "fate": "new"}
    assert (second["row"], second["fate"], second["code"]) == (2, "refused", "validation_failed")
    assert market.oms("GET", "/v1/orders/I-1").status == 200


def test_an_open_case_that_moved_in_is_answered_by_its_seller(market: Marketplace) -> None:
    now = market.world.clock()
    imported(market, "orders", [an_order_row("I-10"), an_order_row("I-11")])
    open_case = a_case_row("I-10", deadline_at=(now + timedelta(days=1)).isoformat(), asked_at=now.isoformat())
    (answer,) = imported(market, "cases", [open_case])
    assert answer == {"row": 1, "id": "old-I-10", "fate": "new"}
    assert imported(market, "history", [an_ended_row("I-11")])[0]["fate"] == "new"
    market.waits_in("old-I-10")
    case = market.case("old-I-10")
    assert (case["state"], case["reason"]["comment"]) == ("awaiting_seller", "Kebesaran")
    assert market.seller("GET", "/v1/cases/old-I-11").json["outcome"] == "rejected"
    assert market.seller("GET", "/v1/cases/old-I-11/timeline").json["items"][1]["command"] == "reject"
    assert market.mails() == []
    for who, role in (("budi", "buyer"), ("toko-baju", "seller"), ("sari", "support")):
        phone = Phone(market)
        phone.sign_in(who, role)
        pages = [phone.open(f"/cases/{case_id}") for case_id in ("old-I-10", "old-I-11")]
        assert [page.status for page in pages] == [200, 200]
        assert "Kebesaran" in pages[0].text
        assert market.as_(role, who, "GET", "/v1/cases/old-I-11/file").json["timeline"]["soundness"] == "intact"
    assert market.say("seller", "old-I-10", "approve")["state"] == "refunding"


def test_everything_can_be_taken_out(market: Marketplace) -> None:
    case_id = market.ask(market.order("X-1"))["case_id"]
    market.say("seller", case_id, "approve")
    market.order("X-2")
    market.all_goes_out(case_id)
    jobs = {
        kind: begun(market, "/v1/exports", {"kind": kind}) for kind in ("orders", "cases", "files", "ledger", "events")
    }
    a_minute_passes(market)
    lines = {kind: lines_at(followed(market, job)) for kind, job in jobs.items()}
    assert sorted(row["order"]["body"]["order_id"] for row in lines["orders"]) == ["X-1", "X-2"]
    assert [row["case"]["case_id"] for row in lines["cases"]] == [case_id]
    (file,) = lines["files"]
    assert (file["case"]["case_id"], file["timeline"]["soundness"]) == (case_id, "intact")
    assert file["seal"]
    assert [sum(leg["amount"] for leg in entry["legs"]) for entry in lines["ledger"]] == [0]
    assert {event["type"] for event in lines["events"]} >= {"case.opened", "case.closed"}
    # And into this house nothing of it comes twice.
    assert {row["fate"] for row in imported(market, "orders", lines["orders"])} == {"known"}
    assert {row["fate"] for row in imported(market, "cases", lines["cases"])} == {"known"}


# --- in one house that others use, too


# --- imports


def test_a_dry_run_takes_nothing_in(shared: Marketplace) -> None:
    (answer,) = imported(shared, "orders", [an_order_row("I-20")], dry_run=True)
    assert answer["fate"] == "new"
    assert shared.oms("GET", "/v1/orders/I-20").status == 404


def test_who_began_a_job_sees_it_and_may_call_it_off(shared: Marketplace) -> None:
    job = shared.oms("POST", "/v1/imports", {"kind": "history"}).json
    place = f"/v1/jobs/{job['job_id']}"
    assert shared.as_("system", "other", "GET", place).status == 404
    assert shared.as_("finance", "fitri", "DELETE", place).status == 404
    assert job["job_id"] not in [x["job_id"] for x in shared.as_("system", "other", "GET", "/v1/jobs").json["items"]]
    ended = shared.oms("DELETE", place).json
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "cancelled")
    assert shared.operator("DELETE", place).json["state"] == "failed"


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "orders", "source": "inline"},
        {"kind": "orders", "rows": [{}]},
        {"kind": "wallets"},
    ],
)
def test_an_import_that_cannot_be_meant_is_refused(shared: Marketplace, body: dict[str, Any]) -> None:
    assert shared.oms("POST", "/v1/imports", body).status == 422


# --- exports
