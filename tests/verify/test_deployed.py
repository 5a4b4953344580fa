"""The stories over the deployed stack's own HTTP endpoint, by Lambda processes that may do what their roles allow."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import boto3

from infra.deploy import main
from tests.deploy.test_permissions import TICK
from tests.verify.conftest import Deployed

GRACE = 70  # seconds after a deadline before the sweep speaks for the execution's timer
ASKED, CANCELLED, REFUSED = "jawab sebelum", "dibatalkan", "ditolak"  # of subjects


def status_of(deployed: Deployed, case_id: str) -> str:
    client = boto3.client("stepfunctions")
    arn = deployed.outputs["StateMachineArn"].replace(":stateMachine:", ":execution:") + f":{case_id}-1"
    return str(client.describe_execution(executionArn=arn)["status"])


def test_the_stack_answers_and_lets_nobody_in_without_a_token(deployed: Deployed) -> None:
    assert deployed.call("GET", "/health") == (200, {"status": "ok"})
    assert deployed.call("GET", "/openapi.json")[0] == 200
    assert deployed.call("GET", "/v1/orders")[0] == 401
    assert deployed.call("GET", "/v1/orders", role="buyer", who="budi")[0] == 200
    status, page = deployed.look(f"{deployed.url}/")
    assert (status, "/static/batal.css" in page) == (200, True)


def test_budi_cancels_and_the_seller_agrees_from_the_mail(deployed: Deployed) -> None:
    deployed.order("LZD-1")
    case_id = deployed.ask("LZD-1")
    ((reader, mail),) = deployed.until(lambda: deployed.mails(case_id, ASKED))
    link = re.search(rf"{re.escape(deployed.url)}/d/\S+", mail)
    assert link, mail
    assert reader == "toko-baju@example.com"
    status, page = deployed.look(link[0])
    assert (status, "Setujui" in page) == (200, True)
    assert deployed.press(link[0], answer="approve")[0] == 200, deployed.logs()
    case = deployed.case(case_id)
    assert (case["outcome"], case["refund"]["total"]) == ("cancelled", 150_000)
    wallet = deployed.call("GET", "/v1/wallets/budi", role="buyer", who="budi")[1]
    assert wallet["balance"] == 150_000
    deployed.until(lambda: len(deployed.mails(case_id, CANCELLED)) == 2)
    deployed.until(lambda: status_of(deployed, case_id) == "SUCCEEDED")


def test_ani_is_refused_with_a_tracking_number_and_told_why(deployed: Deployed) -> None:
    deployed.order("LZD-2")
    case_id = deployed.ask("LZD-2")
    deployed.until(lambda: deployed.mails(case_id, ASKED))
    no = {"reason_code": "already_shipped", "tracking_number": "JNE-1"}
    status, case = deployed.call("POST", f"/v1/cases/{case_id}/reject", no, role="seller", who="toko-baju")
    assert (status, case["outcome"]) == (200, "rejected"), deployed.logs()
    deployed.until(lambda: any("JNE-1" in mail for _, mail in deployed.mails(case_id, REFUSED)))
    deployed.until(lambda: status_of(deployed, case_id) == "SUCCEEDED")


def test_silence_is_carried_by_the_sweep_while_the_stack_is_updated(deployed: Deployed) -> None:
    policy = deployed.call("GET", "/v1/policies/lazada", role="operator", who="omar")[1]
    soon = {"within": {"amount": 2, "unit": "seconds"}, "if_silent": "approve"}
    answers = dict.fromkeys(policy["answers"], soon)
    draft = policy | {"version": policy["version"] + 1, "answers": answers, "name": "tokopedia"}
    kept = deployed.call("PUT", "/v1/policies/tokopedia", draft, role="operator", who="omar")
    assert kept[0] == 200, kept
    deployed.order("TKP-1", platform="tokopedia")
    case_id = deployed.ask("TKP-1")
    # Functions are exchanged while the case waits.
    assert main(["deploy", "--stage", "dev", "--yes", "--set", "LogDays=14"]) == 0

    def carried() -> Any:
        deployed.invoke("Sweep", TICK)
        return deployed.case(case_id)["outcome"]

    assert deployed.until(carried, GRACE + 300) == "cancelled"
    deployed.until(lambda: len(deployed.mails(case_id, CANCELLED)) == 2)


def test_a_notice_of_ses_stops_the_address(deployed: Deployed) -> None:
    (topic,) = [each["TopicArn"] for each in boto3.client("sns").list_topics()["Topics"] if "-mail" in each["TopicArn"]]
    notice = {
        "eventType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "nobody@example.com"}]},
        "mail": {"messageId": "m1", "headers": []},
    }
    boto3.client("sns").publish(TopicArn=topic, Message=json.dumps(notice))

    def stopped() -> list[str]:
        answer = deployed.call("GET", "/v1/mail-stops", role="operator", who="omar")[1]
        return [each["address"] for each in answer["items"]]

    assert deployed.until(stopped) == ["nobody@example.com"]


def test_evidence_threads_rules_and_figures_are_allowed_what_they_need(deployed: Deployed) -> None:
    deployed.order("LZD-3")
    case_id = deployed.ask("LZD-3")
    photo = {"filename": "slip.png", "content_type": "image/png", "size": 5}
    assert deployed.call("POST", f"/v1/cases/{case_id}/evidence", photo, role="buyer", who="budi")[0] == 201
    for role, who, path in (
        ("buyer", "budi", f"/v1/cases/{case_id}/evidence"),
        ("buyer", "budi", f"/v1/cases/{case_id}/messages"),
        ("buyer", "budi", f"/v1/cases/{case_id}/file"),
        ("buyer", "budi", "/v1/orders/LZD-3/cancellation-options"),
        ("seller", "toko-baju", "/v1/cases"),
        ("seller", "toko-baju", "/v1/sellers/toko-baju/policy"),
        ("seller", "toko-baju", "/v1/sellers/toko-baju/metrics"),
        ("support", "sari", "/v1/cases?state=awaiting_seller"),
        ("operator", "omar", "/v1/metrics"),
        ("operator", "omar", "/v1/policies"),
    ):
        status, answer = deployed.call("GET", path, role=role, who=who)
        assert status == 200, (path, answer, deployed.logs())
    message = deployed.call("POST", f"/v1/cases/{case_id}/messages", {"text": "Halo"}, role="buyer", who="budi")
    assert message[0] == 201


def test_the_watch_measures(deployed: Deployed) -> None:
    found = deployed.invoke("Watch", TICK | {"time": datetime.now(UTC).isoformat()})
    assert found["refunds_stuck"] == 0
