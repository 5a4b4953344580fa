"""What SES tells of mails: addresses are stopped and flagged on the case, answers join its conversation."""

import json
from typing import Any

import pytest

from infra.sandbox import aws
from infra.sandbox.mails import answered, by_sns, came_back
from tests.e2e.conftest import Marketplace


def tell(market: Marketplace, notice: Any) -> bool:
    """As SNS brings it; whether the Lambda took it."""
    message = notice if isinstance(notice, str) else json.dumps(notice)
    answer, failed = aws.invoke(market.world.app, "on_mail", by_sns(message))
    assert not failed, answer
    return True


def asked(market: Marketplace) -> tuple[str, aws.SentMail]:
    """A waiting case, and the mail that the buyer got about it."""
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    (mail,) = [mail for mail in market.mails() if mail.kind == "request_received"]
    return case_id, mail


@pytest.mark.parametrize("what", ["bounce", "complaint"])
def test_a_mail_that_comes_back_stops_the_address_and_flags_the_case(market: Marketplace, what: str) -> None:
    case_id, mail = asked(market)
    assert market.case(case_id)["mail_stopped"] == []
    for _ in range(2):
        assert tell(market, came_back(mail, what))
    assert market.case(case_id)["mail_stopped"] == ["buyer"]
    (stop,) = market.as_("operator", "omar", "GET", "/v1/mail-stops").json["items"]
    assert (stop["address"], stop["why"], stop["case_id"]) == (mail.to, what, case_id)
    sent = len(market.mails())
    market.say("seller", case_id, "approve")
    market.ended(case_id)
    assert [mail.to.split("@")[0] for mail in market.mails()[sent:]] == ["toko-baju"]
    lifted = market.as_("operator", "omar", "DELETE", f"/v1/mail-stops?id={stop['stop_id']}")
    assert lifted.status == 200
    assert market.case(case_id)["mail_stopped"] == []


def test_a_full_mailbox_stops_nothing(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = came_back(mail, "bounce")
    notice["bounce"]["bounceType"] = "Transient"
    assert tell(market, notice)
    assert market.case(case_id)["mail_stopped"] == []


def test_only_operators_lift_a_stop_and_parties_do_not_see_any(market: Marketplace) -> None:
    assert market.buyer("GET", "/v1/mail-stops").status == 403
    assert market.support("GET", "/v1/mail-stops").json["items"] == []
    assert market.support("DELETE", "/v1/mail-stops?id=x").status == 403
    assert market.as_("operator", "omar", "DELETE", "/v1/mail-stops").status == 422


def test_an_answer_to_a_mail_joins_the_conversation_of_the_case(market: Marketplace) -> None:
    case_id, mail = asked(market)
    notice = answered(mail, {"text": "Tolong secepatnya ya.\nTerima kasih"})
    for _ in range(2):
        assert tell(market, notice)
    (message,) = market.seller("GET", f"/v1/cases/{case_id}/messages").json["items"]
    assert (message["text"], message["by"]["role"]) == ("Tolong secepatnya ya.\nTerima kasih", "buyer")


@pytest.mark.parametrize("name", ["forged", "forwarded", "spam", "machine", "elsewhere"])
def test_other_mail_is_no_message(market: Marketplace, name: str) -> None:
    case_id, mail = asked(market)
    notice = answered(mail, {"text": "Halo", "from": "mallory@example.com" if name == "forwarded" else mail.to})
    if name == "forged":
        local, _, domain = mail.reply_to.partition("@")
        notice["receipt"]["recipients"] = [f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"]
    if name == "elsewhere":
        notice["receipt"]["recipients"] = [mail.reply_to.replace("reply.", "other.")]
    if name == "spam":
        notice["receipt"]["spamVerdict"]["status"] = "FAIL"
    if name == "machine":
        raw = "From: budi@example.com\r\nAuto-Submitted: auto-replied\r\n\r\nI am away\r\n"
        notice |= {"content": raw, "receipt": notice["receipt"] | {"action": {"encoding": "UTF8"}}}
    assert tell(market, notice)
    assert market.seller("GET", f"/v1/cases/{case_id}/messages").json["items"] == []


@pytest.mark.parametrize(
    "nonsense", ["", "[]", "{", '"x"', '{"eventType": "Bounce"}', '{"notificationType": "Received"}']
)
def test_what_cannot_be_understood_is_taken_and_left(market: Marketplace, nonsense: str) -> None:
    before = market.everything()
    assert tell(market, nonsense)
    assert market.everything() == before
