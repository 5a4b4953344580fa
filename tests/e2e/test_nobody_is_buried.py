"""Whatever one party writes, announces or uploads, every page and answer of the case stays small enough to be given."""

import json
import re
from datetime import timedelta
from html import unescape

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.cases.evidence import MOST_FILES
from chalicelib.domain.cases.quotas import MESSAGES_A_DAY
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.limits import LONGEST_MESSAGE, LONGEST_WORDS
from chalicelib.workflow.evidence import announce_evidence
from chalicelib.workflow.threads import write_on_case
from infra.verify_case_file import faults
from tests.e2e.conftest import Marketplace
from tests.e2e.every_operation import PNG
from tests.e2e.test_pages import Phone
from tests.proofs.figures import FULL

MOST_BYTES = 1024 * 1024
ROLES = (("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari"), ("operator", "omar"))


def fill(market: Marketplace, case_id: str, sign: str) -> None:
    """Everything that the parties may say and show in a day, at its longest; customer service as much again."""
    ports = market.world.ports
    for role, who in ROLES[:3]:
        actor = Actor(role=Role(role), id=who)
        for _ in range(MESSAGES_A_DAY):
            write_on_case(ports, case_id, sign * LONGEST_MESSAGE, actor)
        for _ in range(MOST_FILES):
            slip, _ = announce_evidence(ports, case_id, sign * 116 + ".png", "image/png", len(PNG), actor)
            boto3.client("s3").put_object(Bucket=wiring.settings().evidence_bucket, Key=slip.key, Body=PNG)
    until = market.row(case_id).deadline_at
    assert until
    for days in range(1, 30):
        note = {"until": (until + timedelta(hours=days)).isoformat(), "note": sign * LONGEST_WORDS}
        market.support("POST", f"/v1/cases/{case_id}/extend", note)


@pytest.mark.whole
# What pages make longest, and what JSON does; the second in `make proofs-ci`.
@pytest.mark.parametrize("sign", ["'", "\U0001f600"] if FULL else ["'"])
def test_with_everything_at_its_longest_no_page_and_no_answer_of_the_case_is_too_large(
    market: Marketplace, sign: str
) -> None:
    order_id = market.order("B-1")
    case_id = market.ask(order_id)["case_id"]
    fill(market, case_id, sign)
    full = market.seller("POST", f"/v1/cases/{case_id}/messages", {"text": "x"})
    assert (full.status, full.json["code"]) == (429, "too_many_messages")
    assert full.json["again_at"]
    assert int(full.headers["retry-after"]) > 5
    lists = ("/messages?limit=100", "/timeline?limit=100", "/evidence?limit=100", "", "/file")
    for role, who in ROLES:
        phone = Phone(market)
        phone.sign_in(who, role)
        read = {f"/v1{rest}": market.as_(role, who, "GET", f"/v1/cases/{case_id}{rest}") for rest in lists}
        for rest in ("", "/timeline", "/thread", "/file", "/evidence"):
            read[rest] = phone.open(f"/cases/{case_id}{rest}")
        if earlier := re.search(r'/messages\?before=[^"]+', read[""].text):
            read[earlier[0]] = phone.open(f"/cases/{case_id}{unescape(earlier[0])}")
        assert earlier or role == "operator"
        for path, answer in read.items():
            assert len(answer.text.encode()) < MOST_BYTES, (role, path)
            assert answer.status == 200 or (role == "operator" and answer.status == 403), (role, path, answer)
    document = market.buyer("GET", f"/v1/cases/{case_id}/file").json
    assert faults(document) == []
    assert document["messages_earlier"]
    texts, parts = len(document["messages"]), 1
    while document["messages_earlier"]:
        document = market.buyer("GET", f"/v1/cases/{case_id}/file?cursor={document['messages_earlier']}").json
        texts, parts = texts + len(document["messages"]), parts + 1
        assert len(json.dumps(document, ensure_ascii=False).encode()) < MOST_BYTES
    assert texts == 3 * MESSAGES_A_DAY
    assert parts > 1
