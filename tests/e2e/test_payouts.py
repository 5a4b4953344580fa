"""Money that cannot go back the way it came, over HTTP, by the link in a mail, and by customer service."""

import json
import logging
import re
from typing import Any

import boto3
import pytest

from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from infra.sandbox.builders import a_policy
from infra.sandbox.outage import events
from infra.sandbox.providers.fakes import GIVERS
from infra.sandbox.providers.street import calls_go_out, street
from infra.sandbox.providers.till import Behaviour
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

pytestmark = pytest.mark.dynamodb

# Those that Batal speaks to where the marketplace pays out itself.
GIVING_BACK = {"PROVIDERS": ",".join(GIVERS)}
NUMBER, HOLDER = "1234567890", "Raden Sastro"
ACCOUNT = {"bank": "Bank BCA", "account_number": "123-456-7890", "holder": HOLDER}
BY_VA = {"virtual_account": 150_000}


def refund_without_way(market: Marketplace, order_id: str = "VA-1", amount: int = 150_000) -> str:
    """A refund whose one part the marketplace could not send back; its case's id."""
    case_id: str = market.ask(market.order(order_id, tenders=BY_VA))["case_id"]
    market.say("seller", case_id, "approve")
    told = {"event_id": "e1", "state": "failed", "amount": amount, "at": market.world.clock(), "code": "no_way_back"}
    assert market.oms("POST", f"/v1/refunds/rf_{case_id}/parts/1/events", told).status == 200
    market.all_goes_out(case_id)
    return case_id


def account(market: Marketplace, case_id: str, role: str = "buyer", who: str = "budi") -> Answer:
    return market.as_(role, who, "GET", f"/v1/refunds/rf_{case_id}/payout-account")


def named(market: Marketplace, case_id: str, body: Any, role: str = "buyer", who: str = "budi") -> Answer:
    return market.as_(role, who, "PUT", f"/v1/refunds/rf_{case_id}/payout-account", body)


def states(market: Marketplace, case_id: str) -> list[str]:
    parts = market.oms("GET", f"/v1/refunds/rf_{case_id}").json["parts"]
    return [part["state"] for part in parts]


def wanted(market: Marketplace, case_id: str) -> dict[str, str]:
    """The mails that ask for an account, by what promised them: time that is moved by hand may have one sent twice."""
    mails = [mail for mail in market.mails() if (mail.kind, mail.case_id) == ("account_wanted", case_id)]
    return {mail.effect_id: mail.text for mail in mails}


def link_of(market: Marketplace, case_id: str) -> str:
    (text,) = wanted(market, case_id).values()
    (link,) = set(re.findall(r"https?://\S+/payout/[\w.-]+", text))
    return market.path(link)


def paid_out(market: Marketplace, case_id: str, rounds: int = 4) -> None:
    """The schedule comes by until whoever pays out has had its time, and what it tells has arrived."""
    market.all_goes_out(case_id)
    for _ in range(rounds):
        calls_go_out(market.world.ports)
        market.later(180)
    market.all_goes_out(case_id)


def why(market: Marketplace, case_id: str, name: str) -> str:
    """What customer service reads of a part that did not go."""
    parts = market.support("GET", f"/v1/refunds/rf_{case_id}").json["parts"]
    (code,) = [part["last_answer"]["code"] for part in parts if part["part"] == name]
    return str(code)


def went_out() -> list[tuple[str, int]]:
    """To which accounts how much went, by the provider's own ledger."""
    return [(line.payment, line.amount) for line in street()["xendit_payouts"].fake.till.ledger]


def test_a_virtual_account_at_a_provider_ends_in_a_question_and_a_payout(market: Marketplace) -> None:
    tender = Tender(
        method=Method.VIRTUAL_ACCOUNT, channel="bca", amount=150_000, provider="midtrans", references={"order_id": "m1"}
    )
    case_id = market.ask(market.order("VA-9", tenders=(tender,)))["case_id"]
    market.say("seller", case_id, "approve")
    market.all_goes_out(case_id)
    calls_go_out(market.world.ports)
    market.all_goes_out(case_id)
    assert states(market, case_id) == ["needs_account"]
    assert account(market, case_id).json["wanted"]
    assert "VA-9" in next(mail.text for mail in market.mails() if mail.kind == "account_wanted")


def test_the_buyer_names_an_account_the_system_reads_it_to_pay_and_then_nobody_does(open_marketplace: Any) -> None:
    market = open_marketplace(**GIVING_BACK)
    case_id = refund_without_way(market)
    answer = named(market, case_id, ACCOUNT)
    assert (answer.status, answer.json["wanted"]) == (200, False)
    assert (answer.json["bank"], answer.json["account_number"]) == ("bca", "***7890")
    assert answer.json["holder"] == "R*** S***"
    assert states(market, case_id) == ["redirected", "sent"] or states(market, case_id) == ["redirected", "due"]
    market.all_goes_out(case_id)
    (asked,) = [each for each in events() if each["type"] == "refund.requested"][-1:]
    (part,) = asked["data"]["parts"]
    assert (part["part"], part["method"], part["channel"], part["account_ending"]) == ("2", "bank", "bca", "7890")
    theirs = account(market, case_id, "system", "oms").json
    assert (theirs["bank"], theirs["account_number"], theirs["holder"]) == ("bca", NUMBER, HOLDER)
    for role, who in (("buyer", "budi"), ("support", "sari"), ("operator", "omar")):
        assert account(market, case_id, role, who).json["account_number"] == "***7890"
    went = {"event_id": "e2", "state": "succeeded", "amount": 150_000, "at": market.world.clock()}
    assert market.oms("POST", f"/v1/refunds/rf_{case_id}/parts/2/events", went).json["state"] == "succeeded"
    assert account(market, case_id, "system", "oms").json["account_number"] == "***7890"
    assert market.case(case_id)["outcome"] == "cancelled"


def _is_ours(logger: str) -> bool:
    return not logger.startswith(("boto", "urllib3", "pynamodb", "moto", "asyncio"))


def test_no_log_no_row_no_mail_and_no_event_ever_holds_an_account(
    market: Marketplace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case_id = refund_without_way(market)
    assert named(market, case_id, ACCOUNT).status == 200
    assert named(market, case_id, {**ACCOUNT, "account_number": "98765x"}).status == 422
    paid_out(market, case_id)
    assert states(market, case_id) == ["redirected", "succeeded"]
    client = boto3.client("dynamodb")
    rows = [client.scan(TableName=name)["Items"] for name in client.list_tables()["TableNames"]]
    logged = " ".join(f"{each.getMessage()} {vars(each)}" for each in caplog.records if _is_ours(each.name))
    everywhere = [json.dumps(rows, default=str), json.dumps(events()), logged]
    everywhere += [mail.text + mail.html + mail.subject for mail in market.mails()]
    for number in (NUMBER, "123-456-7890", "98765x", HOLDER):
        assert [number in text for text in everywhere] == [False] * len(everywhere), number
    assert "account_set" in [mail.kind for mail in market.mails()]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "bank"),
        ({"holder": "Budi"}, "bank"),
        ({**ACCOUNT, "wallet": True}, "bank"),
        ({**ACCOUNT, "ewallet": {"channel": "gopay", "phone": "0812345678"}}, "bank"),
        ({"bank": "BCA", "holder": "Budi"}, "account_number"),
        ({"bank": "BCA", "account_number": "12ab", "holder": "Budi"}, "account_number"),
        ({"bank": "BCA", "account_number": NUMBER}, "holder"),
        ({"ewallet": {"channel": "gopay", "phone": "12"}, "holder": "Budi"}, "ewallet.phone"),
        ({"wallet": True, "holder": "Budi"}, "holder"),
    ],
)
def test_what_is_no_account_changes_nothing(market: Marketplace, body: Any, field: str) -> None:
    case_id = refund_without_way(market)
    answer = named(market, case_id, body)
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert states(market, case_id) == ["needs_account"]


def test_an_ewallet_and_the_wallet_are_ways_too(market: Marketplace) -> None:
    first, second = refund_without_way(market, "VA-1"), refund_without_way(market, "VA-2")
    body = {"ewallet": {"channel": "Go-Pay", "phone": "+62 812-3456-7890"}, "holder": "Budi"}
    assert named(market, first, body).json["ewallet"] == {"channel": "gopay", "phone": "***7890"}
    assert named(market, second, {"wallet": True}).status == 200
    assert states(market, second) == ["redirected", "succeeded"]
    assert market.buyer("GET", "/v1/wallets/budi?currency=IDR").json["balance"] == 150_000


def test_others_see_and_name_nothing(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    assert named(market, case_id, ACCOUNT, who="ani").status == 404
    assert account(market, case_id, who="ani").status == 404
    for role, who in (("seller", "toko-baju"), ("system", "oms"), ("operator", "omar")):
        assert named(market, case_id, ACCOUNT, role, who).status == 403
    assert account(market, case_id, "seller", "toko-baju").status == 403


def test_an_account_that_nobody_asked_for_is_refused_and_not_kept(market: Marketplace) -> None:
    case_id = market.ask(market.order("VA-3", tenders=BY_VA))["case_id"]
    market.say("seller", case_id, "approve")
    answer = named(market, case_id, ACCOUNT)
    assert (answer.status, answer.json["code"]) == (409, "no_account_wanted")
    rows = boto3.client("dynamodb").scan(TableName="batal-cases")["Items"]
    assert not any(row["sk"]["S"].startswith("PAYOUT#") for row in rows)


def test_customer_service_sees_where_else_an_account_was_named(market: Marketplace) -> None:
    first, second = refund_without_way(market, "VA-1"), refund_without_way(market, "VA-2")
    assert named(market, first, ACCOUNT).status == 200
    said = named(market, second, {**ACCOUNT, "note": "told by phone"}, "support", "sari").json
    assert (said["wanted"], said["needs_second_person"]) == (False, False)
    assert account(market, second, "support", "sari").json["also_of"] == [first]
    assert "also_of" not in account(market, second).json


def test_the_link_in_the_mail_asks_in_two_steps_shows_what_was_typed_and_works_once(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    link = link_of(market, case_id)
    before = market.everything()
    page = market.behind(link)
    assert page.status == 200
    assert market.everything() == before
    (form,) = forms_of(page)
    typed = {**form.fields, "bank": "BCA", "account_number": "123 456 7890", "holder": HOLDER}
    check = market.press(link, **typed)
    assert check.status == 200
    assert (NUMBER in check.text, HOLDER in check.text) == (True, True)
    assert states(market, case_id) == ["needs_account"]
    (sure,) = forms_of(check)
    again = market.press(link, **{**sure.fields, "change": "yes"})
    assert 'value="123 456 7890"' in again.text
    done = market.press(link, **{**sure.fields, "sure": "yes"})
    assert done.status == 303
    shown = market.behind(done.headers["location"])
    assert "7890" in shown.text
    assert NUMBER not in shown.text
    assert states(market, case_id)[0] == "redirected"
    once_more = market.press(link, **{**sure.fields, "sure": "yes"})
    assert once_more.status == 303, "the same press leads to what it made"
    (fresh,) = forms_of(page)
    other = {
        **fresh.fields,
        "form_key": "another",
        "bank": "BRI",
        "account_number": "999999",
        "holder": "X Y",
        "sure": "yes",
    }
    assert market.press(link, **other).status == 409
    assert "999999" not in json.dumps(market.everything(), default=str)


def test_what_was_typed_wrong_stays_and_is_marked(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    link = link_of(market, case_id)
    (form,) = forms_of(market.behind(link))
    page = market.press(link, **{**form.fields, "bank": "BCA", "account_number": "12x", "holder": HOLDER})
    assert page.status == 422
    for kept in ('value="BCA"', 'value="12x"', f'value="{HOLDER}"', 'id="wrong-account_number"'):
        assert kept in page.text


def test_a_link_that_we_did_not_sign_or_for_something_else_opens_nothing(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    link = link_of(market, case_id)
    for forged in (link[:-3] + "abc", "/payout/x", link.replace("/payout/", "/d/")):
        assert market.call("GET", forged).status == 404


def test_above_the_limit_the_link_leads_to_signing_in(open_marketplace: Any) -> None:
    market = open_marketplace(policy=a_policy(name="lazada", version=99, link_at_most=1_000))
    case_id = refund_without_way(market)
    link = link_of(market, case_id)
    page = market.behind(link)
    assert page.status == 200
    assert forms_of(page) == []
    assert f"/cases/{case_id}/payout" in page.text
    refused = market.press(link, to="bank", bank="BCA", account_number=NUMBER, holder="Budi", sure="yes")
    assert refused.status == 403
    assert states(market, case_id) == ["needs_account"]


def test_a_buyer_who_does_not_answer_hears_again_and_then_people_see_it(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    for _ in range(4):
        market.expire(case_id)
        market.all_goes_out(case_id)
    assert len(wanted(market, case_id)) == 4
    assert states(market, case_id) == ["held"]
    assert market.support("GET", "/v1/refunds?state=held").json["items"][0]["case_id"] == case_id
    assert named(market, case_id, ACCOUNT).status == 200


def test_a_method_that_has_no_way_back_by_policy_is_asked_about_at_once(open_marketplace: Any) -> None:
    policy = a_policy(name="lazada", version=99, without_way_back=(Method.VIRTUAL_ACCOUNT,))
    market = open_marketplace(policy=policy, **GIVING_BACK)
    case_id = market.ask(market.order("VA-5", tenders=BY_VA))["case_id"]
    market.say("seller", case_id, "approve")
    market.all_goes_out(case_id)
    assert states(market, case_id) == ["needs_account"]
    assert not [each for each in events() if each["type"] == "refund.requested"]
    assert named(market, case_id, ACCOUNT).status == 200
    market.all_goes_out(case_id)
    assert [each for each in events() if each["type"] == "refund.requested"]


def test_a_provider_pays_out_once_to_the_account_that_was_named_and_closes_the_case(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    assert named(market, case_id, ACCOUNT).status == 200
    assert states(market, case_id) in (["redirected", "due"], ["redirected", "sent"])
    assert went_out() == [], "nothing is paid in the path of a request"
    paid_out(market, case_id)
    assert went_out() == [(NUMBER, 150_000)]
    assert states(market, case_id) == ["redirected", "succeeded"]
    case = market.case(case_id)
    assert (case["state"], case["outcome"]) == ("closed", "cancelled")
    assert "money_returned" in [mail.kind for mail in market.mails() if mail.case_id == case_id]
    asked = [each for each in events() if each["type"] == "refund.requested"]
    assert {part["part"] for each in asked for part in each["data"]["parts"]} == {"1"}, "only the first was for others"
    assert account(market, case_id, "system", "oms").json["account_number"] == "***7890", "the marketplace does not pay"


def test_an_ewallet_is_paid_under_its_number_at_home(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    body = {"ewallet": {"channel": "Go-Pay", "phone": "+62 812-3456-7890"}, "holder": "Budi"}
    assert named(market, case_id, body).status == 200
    paid_out(market, case_id)
    assert went_out() == [("081234567890", 150_000)]


def test_of_an_account_that_does_not_exist_staff_reads_why_and_the_buyer_names_another(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    assert named(market, case_id, {**ACCOUNT, "account_number": "121212"}).status == 200
    paid_out(market, case_id)
    assert (states(market, case_id), went_out()) == (["redirected", "failed"], [])
    assert why(market, case_id, "2") == "refused:INVALID_DESTINATION"
    desk = Phone(market)
    desk.sign_in("sari", "support")
    assert "INVALID_DESTINATION" in desk.open(f"/cases/{case_id}").text
    assert market.case(case_id)["state"] == "refunding"
    assert account(market, case_id).json["wanted"]
    assert named(market, case_id, ACCOUNT).status == 200
    paid_out(market, case_id)
    assert states(market, case_id) == ["redirected", "redirected", "succeeded"]
    assert went_out() == [(NUMBER, 150_000)]
    assert market.case(case_id)["outcome"] == "cancelled"


def test_the_buyer_hears_of_every_account_whoever_names_it_and_each_time(market: Marketplace) -> None:
    case_id = refund_without_way(market)

    def heard() -> int:
        market.all_goes_out(case_id)
        mails = [mail for mail in market.mails() if (mail.kind, mail.case_id) == ("account_set", case_id)]
        assert {mail.to for mail in mails} <= {"budi@example.com"}
        return len({mail.effect_id for mail in mails})

    by_phone = {**ACCOUNT, "account_number": "121212", "note": "told by phone"}
    assert named(market, case_id, by_phone, "support", "sari").status == 200
    assert heard() == 1
    paid_out(market, case_id)
    assert named(market, case_id, ACCOUNT).status == 200
    assert heard() == 2


def test_customer_service_asks_the_buyer_again_where_a_payout_failed(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    assert named(market, case_id, {**ACCOUNT, "account_number": "999999"}).status == 200
    paid_out(market, case_id)
    asked = {"to": "payout", "note": "the bank sent it back"}
    assert market.support("POST", f"/v1/refunds/rf_{case_id}/parts/2/redirect", asked).status == 200
    market.all_goes_out(case_id)
    assert (states(market, case_id), len(wanted(market, case_id))) == (["redirected", "needs_account"], 2)
    assert named(market, case_id, ACCOUNT).status == 200
    paid_out(market, case_id)
    assert (states(market, case_id)[-1], went_out()) == ("succeeded", [(NUMBER, 150_000)])


def test_a_bank_that_nobody_there_knows_is_for_people(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    assert named(market, case_id, {**ACCOUNT, "bank": "Bank of Nowhere"}).status == 200
    paid_out(market, case_id)
    assert (states(market, case_id), went_out()) == (["redirected", "failed"], [])
    assert why(market, case_id, "2") == "no_way_back"


def test_a_lost_answer_is_no_second_payout(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    till = street()["xendit_payouts"].fake.till
    till.behaviour = Behaviour.LOSE_ANSWER
    assert named(market, case_id, ACCOUNT).status == 200
    paid_out(market, case_id)
    till.behaviour = Behaviour.NORMAL
    paid_out(market, case_id, rounds=8)
    assert (states(market, case_id), went_out()) == (["redirected", "succeeded"], [(NUMBER, 150_000)])


def test_a_payout_that_came_back_days_later_opens_its_part_again(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    street()["xendit_payouts"].fake.till.behaviour = Behaviour.REVERSE
    assert named(market, case_id, ACCOUNT).status == 200
    paid_out(market, case_id)
    assert states(market, case_id) == ["redirected", "succeeded"]
    street()["xendit_payouts"].fake.till.behaviour = Behaviour.NORMAL
    market.later(4 * 86400)
    paid_out(market, case_id)
    assert states(market, case_id) == ["redirected", "reversed"]
    assert "money_bounced" in [mail.kind for mail in market.mails() if mail.case_id == case_id]
    assert named(market, case_id, {**ACCOUNT, "account_number": "222333444"}).status == 200
    paid_out(market, case_id)
    assert states(market, case_id) == ["redirected", "redirected", "succeeded"]
    assert went_out() == [(NUMBER, 150_000), (NUMBER, -150_000), ("222333444", 150_000)]
