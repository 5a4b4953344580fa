"""All the ways that a case can go, each from end to end through HTTP and the shipped state machine."""

import base64
import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from chalicelib.domain.policies.policy import MoneyBack
from infra.sandbox.builders import a_policy
from infra.sandbox.world import SECRETS
from infra.verify_case_file import faults
from tests.e2e.conftest import Marketplace, until

NOTE = {"note": "looked into it"}
SHIRTS = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=150_000, package="A"),
    Line(line_id="2", name="Topi", quantity=1, unit_price=70_000, package="A"),
)


def kinds(market: Marketplace, case_id: str) -> list[str]:
    return sorted(f"{mail.kind}:{mail.to.split('@')[0]}" for mail in market.mails() if mail.case_id == case_id)


def balance(market: Marketplace, who: str = "budi") -> int:
    return int(market.buyer("GET", f"/v1/wallets/{who}", who=who).json["balance"])


def test_a_fee_is_offered_and_accepted(market: Marketplace) -> None:
    case = market.ask(market.order("N-1"))
    market.waits_in(case["case_id"])
    market.say("seller", case["case_id"], "offer", fee=20_000, comment="sudah dikemas")
    market.waits_in(case["case_id"], 2)
    offered = market.buyer("GET", f"/v1/cases/{case['case_id']}").json
    assert offered["offer"] == {
        "fee": 20_000,
        "partial_refund": None,
        "alternative": None,
        "comment": "sudah dikemas",
        "by": "seller",
        "accepted": None,
    }
    done = market.say("buyer", case["case_id"], "accept-offer")
    assert (done["outcome"], done["refund"]["total"], done["quote"]["fees_total"]) == ("cancelled", 130_000, 20_000)
    assert balance(market) == 130_000
    assert market.ended(case["case_id"]) == ["AwaitSeller", "Route", "AwaitBuyer", "Route", "Closed"]
    assert kinds(market, case["case_id"]) == [
        "approved:budi",
        "approved:toko-baju",
        "decision_needed:toko-baju",
        "offer_made:budi",
        "request_received:budi",
    ]


def test_an_alternative_is_agreed_and_the_order_goes_on(market: Marketplace) -> None:
    case = market.ask(market.order("N-2"))
    market.say("seller", case["case_id"], "offer", alternative="change_address")
    done = market.say("buyer", case["case_id"], "accept-offer")
    assert (done["outcome"], done["refund"]) == ("settled", None)
    market.ended(case["case_id"])
    assert market.buyer("GET", "/v1/orders/N-2").json["status"] == "processing"
    assert balance(market) == 0


def test_a_declined_offer_goes_to_support_where_the_policy_says_so(market: Marketplace) -> None:
    case = market.ask(market.order("N-3"))
    market.say("seller", case["case_id"], "offer", fee=20_000)
    declined = market.say("buyer", case["case_id"], "decline-offer", comment="terlalu mahal")
    assert declined["state"] == "awaiting_support"
    market.waits_in(case["case_id"], 3)
    done = market.say("support", case["case_id"], "reject", reason_code="policy", **NOTE)
    assert done["outcome"] == "rejected"
    assert market.ended(case["case_id"])[-3:] == ["AwaitSupport", "Route", "Closed"]


def test_a_buyers_silence_about_an_offer_is_the_policys(market: Marketplace) -> None:
    case = market.ask(market.order("N-4", platform="tokopedia"))
    market.say("seller", case["case_id"], "offer", fee=20_000)
    market.later(48 * 3600 + 61)
    assert market.case(case["case_id"])["outcome"] == "expired"
    assert balance(market) == 0


def test_part_of_an_order_is_cancelled_and_the_rest_later(market: Marketplace) -> None:
    market.order("P-1", lines=SHIRTS, shipping_fee=12_000)
    told = market.buyer("GET", "/v1/orders/P-1/cancellation-options?lines=1:1").json
    assert told["quote"]["refund_total"] == 150_000
    first = market.ask("P-1", lines=[{"line_id": "1", "quantity": 1}], quote_id=told["quote"]["quote_id"])
    market.say("seller", first["case_id"], "approve")
    order = market.buyer("GET", "/v1/orders/P-1").json
    assert (order["status"], order["lines"][0]["cancelled_quantity"], order["open_case"]) == ("processing", 1, None)
    market.order("P-1", lines=SHIRTS, shipping_fee=12_000, version=2)
    assert market.buyer("GET", "/v1/orders/P-1").json["lines"][0]["cancelled_quantity"] == 1, "a push clears nothing"
    rest = market.ask("P-1")
    assert [line["quantity"] for line in rest["lines"]] == [1, 1]
    market.say("seller", rest["case_id"], "approve")
    order = market.buyer("GET", "/v1/orders/P-1").json
    assert order["status"] == "cancelled"
    assert balance(market) == 382_000


def test_lines_packed_together_go_together_where_the_policy_says_so(market: Marketplace) -> None:
    market.order("P-2", platform="shopee", status="ready_to_ship", lines=SHIRTS)
    told = market.buyer("GET", "/v1/orders/P-2/cancellation-options?lines=2:1").json
    assert (told["eligible"], told["refusal"]["code"]) == (False, "packed_together")
    wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
    torn = market.buyer("POST", "/v1/orders/P-2/cancellations", {**wish, "lines": [{"line_id": "2", "quantity": 1}]})
    assert (torn.status, torn.json["code"]) == (409, "packed_together")
    assert market.ask("P-2")["state"] == "awaiting_seller"


def test_support_takes_a_case_gives_time_and_needs_a_second_person(market: Marketplace) -> None:
    dear = (Line(line_id="1", name="Laptop", quantity=1, unit_price=9_000_000),)
    case = market.ask(market.order("S-1", lines=dear))
    case_id = case["case_id"]
    until = (market.row(case_id).deadline_at or market.world.clock()) + timedelta(days=1)
    longer = market.say("support", case_id, "extend", until=until.isoformat(), **NOTE)
    assert longer["deadline_at"] == until.isoformat().replace("+00:00", "Z")
    first = market.say("support", case_id, "approve", **NOTE)
    assert (first["state"], first["needs_second_person"], first["first_yes"]) == ("awaiting_support", True, "sari")
    assert market.say("support", case_id, "claim", who="rini", **NOTE)["claimed_by"] == "rini"
    same = market.support("POST", f"/v1/cases/{case_id}/confirm", NOTE)
    assert (same.status, same.json["code"]) == (409, "same_person")
    queue = market.support("GET", "/v1/cases?state=awaiting_support&sort=deadline_at").json["items"]
    assert [each["case_id"] for each in queue] == [case_id]
    seen_by_buyer = market.buyer("GET", f"/v1/cases/{case_id}").json
    assert "first_yes" not in seen_by_buyer
    done = market.say("support", case_id, "confirm", who="rini", **NOTE)
    assert done["outcome"] == "cancelled"
    assert balance(market) == 9_000_000
    assert market.ended(case_id)[-1] == "Closed"


def test_a_refusal_is_appealed_in_a_new_run(market: Marketplace) -> None:
    case_id = market.ask(market.order("S-2"))["case_id"]
    market.say("seller", case_id, "reject", reason_code="already_packed")
    market.ended(case_id)
    appealed = market.say("buyer", case_id, "appeal", comment="belum dikemas, saya lihat fotonya")
    assert (appealed["state"], appealed["run"], appealed["outcome"]) == ("awaiting_support", 2, None)
    assert market.buyer("GET", "/v1/orders/S-2").json["open_case"] == case_id
    market.waits_in(case_id, run=2)
    done = market.say("support", case_id, "approve", **NOTE)
    assert done["outcome"] == "cancelled"
    assert market.ended(case_id, run=2) == ["AwaitSeller", "Route", "AwaitSupport", "Route", "Closed"]
    again = market.buyer("POST", f"/v1/cases/{case_id}/appeal", {"comment": "lagi"})
    assert (again.status, again.json["code"]) == (409, "not_appealable")


def test_support_asks_for_a_buyer_on_the_phone(market: Marketplace) -> None:
    market.order("S-3")
    wish = {"reason_code": "wrong_size", "channel": "phone", "accept_terms": True, "on_behalf_of": "budi"}
    asked = market.support("POST", "/v1/orders/S-3/cancellations", wish)
    assert (asked.status, asked.json["on_behalf_of"], asked.json["channel"]) == (201, "budi", "phone")
    market.order("S-4")
    other = market.support("POST", "/v1/orders/S-4/cancellations", {**wish, "on_behalf_of": "ani"})
    assert (other.status, other.json["code"]) == (422, "validation_failed")


def test_a_seller_who_cannot_deliver_cancels_and_everything_goes_back(market: Marketplace) -> None:
    market.order("C-1", status="ready_to_ship", shipping_fee=12_000)
    wish = {"reason_code": "out_of_stock", "channel": "web"}
    asked = market.seller("POST", "/v1/orders/C-1/cancellations", wish)
    assert (asked.status, asked.json["outcome"], asked.json["counts_against_seller"]) == (201, "cancelled", True)
    assert asked.json["reason"]["fault"] == "seller"
    market.ended(asked.json["case_id"])
    assert balance(market) == 162_000
    mail = next(mail for mail in market.mails() if mail.kind == "approved" and mail.to.startswith("budi"))
    assert "penjual tidak bisa mengirim" in mail.text
    stranger = market.seller("POST", "/v1/orders/C-1/cancellations", wish, who="toko-sepatu")
    assert stranger.status == 404


def test_reminders_come_once_each_at_the_policys_moments(market: Marketplace) -> None:
    case_id = market.ask(market.order("T-1", platform="shopee"))["case_id"]
    market.waits_in(case_id)

    def reminders() -> int:
        return sum(mail.kind == "reminder" and mail.case_id == case_id for mail in market.mails())

    seen = []
    for hours in (11.9, 0.2, 0.2, 8.8, 0.1, 0.1):
        market.later(int(hours * 3600))
        seen.append(reminders())
    assert seen == [0, 1, 1, 2, 2, 2]


def test_the_warehouse_answers_the_request_to_hold(market: Marketplace) -> None:
    case_id = market.ask(market.order("M-1"))["case_id"]
    assert market.say("system", case_id, "parcel", result="held")["parcel"] == "held"
    market.say("seller", case_id, "approve")
    other = market.ask(market.order("M-2"))["case_id"]
    market.say("system", other, "parcel", result="too_late")
    assert market.say("seller", other, "approve")["state"] == "awaiting_support"


def test_money_of_a_parcel_that_was_called_back_waits_for_it(open_marketplace: Any) -> None:
    policy = replace(a_policy(money_back=MoneyBack.ON_INTERCEPTION), version=2)
    market = open_marketplace(policy=policy)
    case_id = market.ask(market.order("M-3", status="shipped"))["case_id"]
    waiting = market.say("seller", case_id, "approve")
    assert (waiting["state"], waiting["waiting_for"], waiting["refund"]) == ("awaiting_goods", "seller", None)
    market.waits_in(case_id, 2)
    done = market.say("system", case_id, "parcel", result="intercepted")
    assert done["outcome"] == "cancelled"
    assert "AwaitGoods" in market.ended(case_id)


def test_the_order_moves_after_the_approval_and_before_the_payment(market: Marketplace) -> None:
    """The execution delivers at once, so the money is on its way when the parcel moves: a mark, and nothing else."""
    case_id = market.ask(market.order("M-4", tenders={"card": 150_000}))["case_id"]
    market.say("seller", case_id, "approve")
    until(lambda: market.row(case_id).money_sent, 15)
    market.status("M-4", "shipped")
    assert (market.row(case_id).state, market.row(case_id).moved_to) == ("refunding", "shipped")


def test_two_platforms_with_different_silence_run_side_by_side(market: Marketplace) -> None:
    cases = {
        platform: market.ask(market.order(f"D-{platform}", platform=platform))["case_id"]
        for platform in ("lazada", "shopee", "tokopedia")
    }
    # Working days and hours: which deadline comes last, the day of the week decides.
    market.expire(max(cases.values(), key=lambda case_id: market.row(case_id).deadline_at or market.world.clock()))
    found = {platform: market.case(case_id) for platform, case_id in cases.items()}
    assert {platform: case["outcome"] or case["state"] for platform, case in found.items()} == {
        "lazada": "awaiting_support",
        "shopee": "cancelled",
        "tokopedia": "expired",
    }
    assert balance(market) == 150_000


def test_a_chat_before_the_case_is_adopted_by_it_and_kept_from_the_seller(market: Marketplace) -> None:
    market.order("H-1")
    market.buyer("POST", "/v1/orders/H-1/messages", {"text": "Halo, bisa dibatalkan?"})
    market.support("POST", "/v1/orders/H-1/messages", {"text": "Bisa, saya bantu."})
    case_id = market.ask("H-1")["case_id"]
    market.waits_in(case_id)
    market.seller("POST", f"/v1/cases/{case_id}/messages", {"text": "Sudah dikemas."})
    market.seller("POST", f"/v1/cases/{case_id}/messages", {"text": "Mau ganti alamat?"})
    said = [each["text"] for each in market.buyer("GET", f"/v1/cases/{case_id}/messages").json["items"]]
    assert said == ["Halo, bisa dibatalkan?", "Bisa, saya bantu.", "Sudah dikemas.", "Mau ganti alamat?"]
    seen = [each["text"] for each in market.seller("GET", f"/v1/cases/{case_id}/messages").json["items"]]
    assert seen == ["Sudah dikemas.", "Mau ganti alamat?"]
    assert market.seller("GET", "/v1/orders/H-1/messages").status == 403
    assert market.buyer("GET", f"/v1/cases/{case_id}/messages", who="ani").status == 404
    market.later(121)
    notices = [mail for mail in market.mails() if mail.kind == "message"]
    assert [mail.to for mail in notices] == ["budi@example.com"], "one notice for both"


def test_an_agents_talk_ends_with_the_news_by_mail(market: Marketplace) -> None:
    """docs/rules.md R40: greet, check the order, start the cancellation, promise news, and the news comes."""
    market.order("H-2")
    for who, text in ((market.buyer, "Halo"), (market.support, "Halo Budi, saya cek pesanannya dulu.")):
        assert who("POST", "/v1/orders/H-2/messages", {"text": text}).status == 201
    assert market.support("GET", "/v1/orders/H-2").json["status"] == "processing"
    wish = {"reason_code": "wrong_size", "channel": "chat", "accept_terms": True, "on_behalf_of": "budi"}
    case_id = market.support("POST", "/v1/orders/H-2/cancellations", wish).json["case_id"]
    market.support("POST", f"/v1/cases/{case_id}/messages", {"text": "Kabarnya kami kirim lewat e-mail."})
    market.say("seller", case_id, "approve")
    market.ended(case_id)
    assert "approved:budi" in kinds(market, case_id)


def test_evidence_is_announced_typed_and_limited(market: Marketplace) -> None:
    case_id = market.ask(market.order("E-1"))["case_id"]
    photo = {"filename": "bukti transfer.png", "content_type": "image/png", "size": 1234}
    given = market.buyer("POST", f"/v1/cases/{case_id}/evidence", photo)
    assert given.status == 201
    fields = given.json["upload"]["fields"]
    assert fields["key"].startswith(f"evidence/{case_id}/")
    signed = json.loads(base64.b64decode(fields["policy"]))
    assert ["content-length-range", 1, 1234] in signed["conditions"]
    assert market.buyer("GET", f"/v1/cases/{case_id}/evidence").json["items"] == [], "nothing was uploaded yet"
    for wrong, code in (
        ({"content_type": "text/html"}, "file_type_not_allowed"),
        ({"size": 10 * 1024 * 1024 + 1}, "file_too_large"),
        ({"filename": "../../etc/passwd"}, "validation_failed"),
    ):
        refused = market.buyer("POST", f"/v1/cases/{case_id}/evidence", {**photo, **wrong})
        assert (refused.status, refused.json["code"]) == (422, code)
    assert market.buyer("POST", f"/v1/cases/{case_id}/evidence", photo, who="ani").status == 404


def test_many_decisions_in_one_call_answer_one_by_one(market: Marketplace) -> None:
    first, second = (market.ask(market.order(f"B-{number}"))["case_id"] for number in (1, 2))
    decisions = [
        {"case_id": first, "action": "approve"},
        {"case_id": "nobody", "action": "approve"},
        {"case_id": second, "action": "reject", "reason_code": "already_shipped"},
        {"case_id": second, "action": "reject", "reason_code": "already_packed"},
    ]
    answer = market.seller("POST", "/v1/cases/bulk-decisions", {"decisions": decisions}, Idempotency_Key="b1")
    items = answer.json["items"]
    assert [item["status"] for item in items] == [200, 404, 422, 200]
    assert items[0]["case"]["outcome"] == "cancelled"
    assert items[2]["problem"]["code"] == "tracking_number_required"
    again = market.seller("POST", "/v1/cases/bulk-decisions", {"decisions": decisions}, Idempotency_Key="b1")
    assert [item["status"] for item in again.json["items"]] == [200, 404, 409, 200]
    assert balance(market) == 150_000


def test_the_case_file_is_whole_and_every_change_is_found(market: Marketplace) -> None:
    case_id = market.ask(market.order("F-1"))["case_id"]
    market.buyer("POST", f"/v1/cases/{case_id}/messages", {"text": "Tolong ya"})
    market.say("seller", case_id, "offer", fee=5_000)
    market.say("buyer", case_id, "decline-offer")
    market.say("support", case_id, "approve", note="both sides heard")
    market.ended(case_id)
    secret, document = SECRETS["LINK_SECRET"], dict[str, Any]()
    for who in (market.buyer, market.seller, market.support):
        document = who("GET", f"/v1/cases/{case_id}/file").json
        assert faults(document, secret=secret) == []
        assert document["timeline"]["count"] == 4
        assert ("both sides heard" in json.dumps(document)) is (who == market.support)
    head = market.buyer("GET", f"/v1/cases/{case_id}").json["timeline"]["head"]
    assert faults(document, head=head) == []
    for change in CHANGES:
        changed = copy.deepcopy(document)
        change(changed["timeline"])
        assert faults(changed) != [], change
    downgraded = copy.deepcopy(document)
    _pass_off_as_erased_long_ago(downgraded["timeline"])
    assert faults(downgraded, head=head) == ["the last entry is not the given head"]
    rewritten = copy.deepcopy(document)
    rewritten["messages"][0]["text"] = "Tidak jadi"
    assert faults(rewritten, secret=secret) == [
        "the seal is broken: something in this file is not what the service wrote"
    ]


def _edit(timeline: Any) -> None:
    timeline["entries"][1]["facts"]["fee"] = 1


def _edit_note(timeline: Any) -> None:
    timeline["entries"][3]["private"]["note"]["text"] = "nobody heard"


def _say_what_was_not_said(timeline: Any) -> None:
    timeline["entries"][3]["comment"] = "nobody heard"


def _say_it_beside(timeline: Any) -> None:
    timeline["entries"][3]["private"]["comment"] = {"text": "nobody heard", "salt": "0" * 32}


def _pass_off_as_erased_long_ago(timeline: Any) -> None:
    entry = timeline["entries"][3]
    entry["hash"] = timeline["head"] = entry["hash"].partition(":")[2]
    entry["erased"] = ["note"]
    del entry["private"]


def _drop(timeline: Any) -> None:
    del timeline["entries"][1]


def _swap(timeline: Any) -> None:
    timeline["entries"][1], timeline["entries"][2] = timeline["entries"][2], timeline["entries"][1]


def _cut(timeline: Any) -> None:
    del timeline["entries"][-1]


def _cut_and_count(timeline: Any) -> None:
    _cut(timeline)
    timeline["count"] -= 1


def _add(timeline: Any) -> None:
    timeline["entries"].append({**timeline["entries"][-1], "seq": 5})


CHANGES = (_edit, _edit_note, _say_what_was_not_said, _say_it_beside, _drop, _swap, _cut, _cut_and_count, _add)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=closed", ["L-0"]),
        ("outcome=withdrawn", ["L-0"]),
        ("kind=cancellation", ["L-0", "L-1", "L-2"]),
        ("kind=return", []),
        ("order_id=L-1", ["L-1"]),
        ("state=awaiting_seller&sort=deadline_at", ["L-1", "L-2"]),
        ("due_before={soon}", []),
        ("due_before={later}", ["L-1", "L-2"]),
        ("updated_since={later}", []),
        ("updated_since={soon}", ["L-0", "L-1", "L-2"]),
    ],
)
def test_lists_are_filtered(searched: Marketplace, query: str, found: list[str]) -> None:
    now = searched.world.clock()
    moments = {"soon": now - timedelta(hours=1), "later": now + timedelta(days=30)}
    asked = query.format(**{name: moment.isoformat() for name, moment in moments.items()})
    for who in (searched.buyer, searched.seller, searched.support):
        items = who("GET", f"/v1/cases?{asked}").json["items"]
        assert sorted(item["order_id"] for item in items) == found


@pytest.mark.parametrize(
    "query", ["outcome=lost", "kind=theft", "due_before=soon", "updated_since=2026", "sort=colour"]
)
def test_a_filter_that_means_nothing_is_refused(searched: Marketplace, query: str) -> None:
    answer = searched.support("GET", f"/v1/cases?{query}")
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")


@pytest.fixture(scope="module")
def searched(shared: Marketplace) -> Marketplace:
    cases = [shared.ask(shared.order(f"L-{number}"))["case_id"] for number in range(3)]
    shared.say("buyer", cases[0], "withdraw")
    return shared


def test_support_searches_the_orders_of_a_buyer(searched: Marketplace) -> None:
    found = searched.support("GET", "/v1/orders?buyer_id=budi").json["items"]
    assert {order["order_id"] for order in found} == {"L-0", "L-1", "L-2"}
    assert searched.support("GET", "/v1/orders").status == 403


def test_help_is_written_for_the_buyer(searched: Marketplace) -> None:
    about = {"channel": "email", "order_id": "L-1", "reason": "salah ukuran", "name": "Budi", "phone": "+62811"}
    mail = searched.buyer("POST", "/v1/support/messages", about)
    assert mail.status == 200
    assert "L-1" in mail.json["text"]
    missing = searched.buyer("POST", "/v1/support/messages", {"channel": "chat", "order_id": "L-1"})
    assert (missing.status, missing.json["code"], missing.json["missing"]) == (422, "message_incomplete", ["reason"])
    contact = {"channel": "phone", "address": "+62 21 500", "checked_at": "2026-11-01T00:00:00Z"}
    assert searched.buyer("PUT", "/v1/support/contacts", {"items": [contact]}).status == 403
    assert searched.as_("operator", "omar", "PUT", "/v1/support/contacts", {"items": [contact]}).status == 200
    told = searched.call("GET", "/v1/support/contacts").json
    assert told["items"][0]["checked_at"] == "2026-11-01T00:00:00Z"
    assert "resmi" in told["advice"]
