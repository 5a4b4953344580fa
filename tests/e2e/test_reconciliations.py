"""Reconciliation over HTTP: finance announces a settlement file, uploads it, follows the job and gets the report."""

import csv
import io
import json
from datetime import timedelta
from typing import Any, get_args

import boto3
import pytest

from chalicelib.domain.reconciliation.expected import read_expected
from chalicelib.domain.reconciliation.providers import LAYOUTS
from chalicelib.edge.bodies import SettledBy
from infra.sandbox import aws
from infra.sandbox.files import BUCKET
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_what_batal_expects import CARD, HEADER, exported, refunded, told

TICK = dict.fromkeys(("version", "account", "region", "source", "id", "time", "detail-type"), "x") | {
    "detail": "x",
    "resources": "x",
}


def finance(market: Marketplace, method: str, path: str, body: Any = None) -> Answer:
    return market.as_("finance", "fitri", method, path, body)


def announced(market: Marketplace, **more: Any) -> Any:
    now = market.world.clock()
    period = {"since": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(days=60)).isoformat()}
    body = {"provider": "midtrans", "name": "november.csv", "zone": "UTC", **period, **more}
    answer = finance(market, "POST", "/v1/reconciliations", body)
    assert answer.status == 201, answer
    return answer.json


def uploaded(job: Any, content: str) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key=job["upload"]["fields"]["key"], Body=content.encode())


def a_minute_passes(market: Marketplace) -> None:
    answer, failed = aws.invoke(market.world.app, "reconcile", TICK)
    assert not failed, answer


def job_of(market: Marketplace, job: Any) -> Any:
    return finance(market, "GET", f"/v1/jobs/{job['job_id']}").json


def report_of(job: Any) -> list[dict[str, str]]:
    key = "reconciliations/" + job["result_url"].partition("/reconciliations/")[2].partition("?")[0]
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return list(csv.DictReader(io.StringIO(body.decode())))


def a_settlement(market: Marketplace) -> str:
    case_id = refunded(market)
    told(market, case_id, "succeeded")
    at = f"{market.world.clock():%Y-%m-%d %H:%M:%S}"
    return f"{HEADER}\n,,rf_{case_id}-1-1,Refund,100000.00,{at}\n,f45a,,Payment,90000.00,{at}\n,x,,Payment,5.00,{at}\n"


def test_a_file_is_announced_uploaded_compared_and_reported(market: Marketplace) -> None:
    settled = a_settlement(market)
    job = announced(market)
    assert (job["state"], job["result_url"], job["findings"]) == ("waiting", None, [])
    a_minute_passes(market)
    assert job_of(market, job)["state"] == "waiting"
    uploaded(job, settled)
    a_minute_passes(market)
    done = job_of(market, job)
    assert (done["state"], done["done"], done["total"], done["by"]) == ("done", 4, 4, "fitri")
    assert {each["finding"]: each["count"] for each in done["findings"]} == {
        "matched": 1,
        "wrong_amount": 1,
        "unknown": 1,
    }
    (wrong,) = [each for each in done["findings"] if each["finding"] == "wrong_amount"]
    assert (wrong["settled"], wrong["expected"], wrong["currency"]) == (90_000, 100_000, "IDR")
    assert sorted(row["finding"] for row in report_of(done)) == ["matched", "unknown", "wrong_amount"]
    (listed,) = market.operator("GET", "/v1/reconciliations").json["items"]
    assert listed["job_id"] == job["job_id"]


def test_what_a_job_expects_is_what_the_export_over_http_tells(market: Marketplace) -> None:
    """Two ways to read it, one answer."""
    told(market, refunded(market, payment_id="pay-1"), "succeeded")
    refunded(market, "TWO-2")
    failed = refunded(market, "THREE-3")
    told(market, failed, "failed")
    job = announced(market)
    uploaded(job, HEADER + "\n")
    a_minute_passes(market)
    assert job_of(market, job)["state"] == "done"
    key = f"reconciliations/{job['job_id']}/expected/000000.jsonl"
    lines = boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode().splitlines()
    ours = {each.id: each for each in (read_expected(line, 0) for line in lines)}
    theirs = {each.id: each for each in exported(market)}
    assert len(ours) == 6
    assert ours.keys() == theirs.keys()
    for name, each in ours.items():
        other = theirs[name]
        same = ("kind", "provider", "order_id", "references", "amount", "currency", "moves", "due_by")
        assert [getattr(each, fact) for fact in same] == [getattr(other, fact) for fact in same], name
    assert json.loads(lines[0])["provider"] == CARD.provider


def test_a_file_that_cannot_be_used_is_told_with_a_code(market: Marketplace) -> None:
    job = announced(market)
    uploaded(job, "a,b\n1,2\n")
    a_minute_passes(market)
    failed = job_of(market, job)
    assert (failed["state"], failed["problem"]["code"], failed["result_url"]) == ("failed", "no_header", None)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"zone": "Mars/Olympus"}, "unknown_zone"),
        ({"provider": "paypal"}, "validation_failed"),
        ({"name": "../x"}, "validation_failed"),
        ({"until": "2026-01-01T00:00:00Z", "since": "2026-02-01T00:00:00Z"}, "validation_failed"),
    ],
)
def test_what_cannot_be_meant_is_refused(shared: Marketplace, more: dict[str, str], code: str) -> None:
    body = {"provider": "midtrans", "name": "november.csv", **more}
    answer = finance(shared, "POST", "/v1/reconciliations", body)
    assert (answer.status, answer.json["code"]) == (422, code)


def test_a_job_is_there_for_who_began_it_and_for_operators(shared: Marketplace) -> None:
    job = announced(shared)
    assert finance(shared, "GET", f"/v1/jobs/{job['job_id']}").status == 200
    assert shared.operator("GET", f"/v1/jobs/{job['job_id']}").status == 200
    assert shared.as_("finance", "budi", "GET", f"/v1/jobs/{job['job_id']}").status == 404
    assert finance(shared, "GET", "/v1/jobs/20260101T000000-x").status == 404


def test_the_contract_names_every_file_that_can_be_read() -> None:
    assert set(get_args(SettledBy)) == set(LAYOUTS)
