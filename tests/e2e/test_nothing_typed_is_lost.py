"""A wrong word in any field of any form of any page: it is said, and all that was typed is still there."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.people.mail_stops import MailStop, Why
from infra.sandbox.mails import came_back
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_checkouts import PLACE, checkout
from tests.e2e.test_mail_comes_back import tell
from tests.e2e.test_one_press import SHIRTS, TWO_LINES, acts, phone_of
from tests.e2e.test_pages import Phone
from tests.e2e.test_parts_of_refunds import CARD, DEAR, told
from tests.e2e.test_payouts import link_of, refund_without_way
from tests.e2e.test_stories import decision_link
from tests.e2e.typing_wrong import WORDS, kind_of, lost, mistakes_in, send
from tests.proofs.figures import FULL

PEOPLE = {"budi": "buyer", "toko-baju": "seller", "rini": "support", "omar": "operator", "fitri": "finance"}
# Nothing is filled in, or it goes to the bucket.
_WITHOUT = ("/sign-out",)


def in_every_state(market: Marketplace) -> list[str]:
    """Cases that each want something else of somebody."""

    def opened(order_id: str, *, kind: str = "cancellations", **order: object) -> str:
        market.order(order_id, **order)
        wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
        return str(market.buyer("POST", f"/v1/orders/{order_id}/{kind}", wish).json["case_id"])

    waiting, offered, appealed, refused = (opened(f"X-{number}") for number in range(4))
    market.say("seller", offered, "offer", fee=20_000)
    for case_id in (appealed, refused):
        market.say("seller", case_id, "reject", reason_code="already_packed")
    market.say("buyer", appealed, "appeal", comment="Belum dikemas")
    back = [opened(f"B-{number}", kind="returns", status="delivered", lines=SHIRTS) for number in range(5)]
    for case_id in back[1:]:
        market.say("seller", case_id, "approve")
    for case_id in back[2:]:
        market.say("buyer", case_id, "shipped-back", tracking_number="JNE-77")
    for case_id in back[3:]:
        assert market.oms("POST", f"/v1/cases/{case_id}/parcel", {"result": "delivered"}).status == 200
    market.say("seller", back[4], "contest-goods", fault="damaged", comment="Kancingnya lepas")
    return [waiting, offered, appealed, refused, *back]


def furnished(market: Marketplace) -> dict[str, list[str]]:
    """A marketplace with everything in it that has a form; gives the pages by who opens them."""
    cases = in_every_state(market)
    market.order("ASK", lines=TWO_LINES)
    market.order("BACK", lines=SHIRTS, status="delivered")
    checkout(market)
    linked = market.ask(market.order("LINKED"))["case_id"]
    market.waits_in(linked)
    unsent = refund_without_way(market)
    stuck = market.ask(market.order("STUCK", tenders={"card": CARD, "wallet": 50_000}))["case_id"]
    market.say("seller", stuck, "approve")
    market.all_goes_out(stuck)
    told(market, stuck, "1", "failed", CARD, code="account_closed")
    late = market.ask(market.order("LATE"))["case_id"]
    market.say("seller", late, "approve")
    market.money_is_sent(late)
    market.status("LATE", "shipped")
    dear = market.ask(market.order("DEAR", lines=(DEAR,)))["case_id"]
    market.say("support", dear, "approve", note="seen")
    market.world.ports.store.put_mail_stop(
        MailStop(address="budi@example.org", why=Why.BOUNCE, at=market.world.clock(), case_id=linked)
    )
    lost_mail = next(mail for mail in market.mails() if mail.kind == "request_received")
    about = came_back(lost_mail, "bounce")["mail"]
    tell(market, {"eventType": "Reject", "mail": about, "reject": {"reason": "Bad content"}})
    of_cases = [f"/cases/{case_id}" for case_id in (*cases, unsent, stuck, late, dear)]
    return {
        "budi": [
            "/orders/ASK/cancel?reason_code=wrong_size&line-1=1&line-2=0",
            "/orders/BACK/return?reason_code=damaged",
            "/orders/ASK/help",
            f"{PLACE}?reason_code=wrong_size",
            f"/cases/{unsent}/payout",
            f"/cases/{unsent}/payout?to=ewallet",
            *of_cases,
        ],
        "toko-baju": [
            "/seller?tab=answer&reason=wrong_size",
            f"/seller/answer?tab=answer&answer=reject&case_id={linked}",
            "/seller/rules",
            "/orders/ASK",
            *of_cases,
        ],
        "rini": [
            "/support",
            "/orders/ASK/cancel?reason_code=wrong_size",
            "/orders/ASK/help",
            "/orders/BACK/goodwill",
            f"/cases/{unsent}/payout",
            *of_cases,
        ],
        "omar": ["/operations", "/operations/days-off", "/operations/policies/lazada", "/operations/held", *of_cases],
        "fitri": ["/finance/reconciliations"],
        "": [
            "/sign-in",
            market.path(decision_link(market, linked)),
            link_of(market, unsent),
            f"{link_of(market, unsent)}?to=ewallet",
        ],
    }


def opened(phone: Phone, place: str) -> Answer:
    """The page of an address; of a mail's link the one that it leads to."""
    answer = phone.open(place)
    if answer.status != 303:
        return answer
    asked = place.partition("?")[2]
    return phone.open(f"{answer.headers['location']}{f'?{asked}' if asked else ''}")


def faults(phone: Phone, page: Answer, seen: set[tuple[str, ...]]) -> Iterator[str]:
    """What is lost of any form of a page that was not seen before."""
    for form in forms_of(page):
        if form.action in _WITHOUT or not form.asks or kind_of(form) in seen:
            continue
        seen.add(kind_of(form))
        for made in islice(mistakes_in(form), None, None, 1 if FULL else 4):
            yield from (f"{made}: {each}" for each in lost(send(phone, made), made))


@pytest.mark.dynamodb
def test_whoever_gets_one_field_wrong_finds_all_that_they_typed(market: Marketplace) -> None:
    found, forms = [], 0
    for who, places in furnished(market).items():
        phone = phone_of(market, who, PEOPLE[who]) if who else Phone(market)
        seen: set[tuple[str, ...]] = set()
        before = acts(market)
        for page in (opened(phone, place) for place in places):
            if page.status == 200:
                found += [f"{who} {each}" for each in faults(phone, page, seen)]
        if acts(market) != before:
            found.append(f"{who}: something was done")
        forms += len(seen)
    assert found == []
    assert forms > 50


def test_the_check_sees_a_field_that_was_emptied_and_a_page_that_went_on(market: Marketplace) -> None:
    phone = phone_of(market, "budi", "buyer")
    place = f"/orders/{market.order('CONTROL', lines=TWO_LINES)}/cancel"
    empty = phone.open(place)
    (form,) = [form for form in forms_of(empty) if form.action == place]
    made = next(each for each in mistakes_in(form) if each.wrong == "line-1")
    kept = send(phone, made)
    assert list(lost(kept, made)) == []
    for page, missing in (
        (replace(empty, status=422), ["no word of what is wrong", "reason_code is lost", "line-1 is lost"]),
        (replace(kept, text=kept.text.replace("tebal", "")), ["comment is lost"]),
        (replace(kept, text="", status=303), ["answered 303"]),
        (replace(kept, text="", status=500), ["answered 500"]),
    ):
        assert set(missing) <= set(lost(page, made)), missing


def test_what_could_not_be_done_for_a_while_is_sent_again_with_all_in_it(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = market.ask(market.order("OUTAGE"))["case_id"]
    phone, place = phone_of(market, "budi", "buyer"), f"/cases/{case_id}/messages"
    drawn = phone.open(f"/cases/{case_id}")

    def is_down(*_: object) -> None:
        raise Unavailable("dynamodb")

    with monkeypatch.context() as broken:
        broken.setattr("chalicelib.workflow.threads.write_on_case", is_down)
        refused = phone.submit(drawn, place, text=WORDS)
    assert refused.status == 503
    assert "Baris satu" in refused.text
    for _ in range(2):
        assert phone.submit(refused, place).status == 303
    assert [each["text"] for each in market.buyer("GET", f"/v1/cases/{case_id}/messages").json["items"]] == [WORDS]


def test_what_is_wrong_is_called_as_the_page_calls_it(market: Marketplace) -> None:
    case_id = market.ask(market.order("CALLED"))["case_id"]
    seller, place = phone_of(market, "toko-baju", "seller"), f"/cases/{case_id}/reject"
    refused = seller.submit(seller.open(f"/cases/{case_id}"), place, reason_code="other", tracking_number="x" * 300)
    assert refused.status == 422
    assert "Silakan periksa lagi. (nomor resi)" in refused.text


def test_what_others_post_is_not_shown_to_whoever_is_signed_in(market: Marketplace) -> None:
    case_id = market.ask(market.order("OTHERS"))["case_id"]
    phone = phone_of(market, "budi", "buyer")
    refused = phone.press(f"/cases/{case_id}/messages", {"text": "x" * 5_000 + "tulisan orang lain"})
    assert refused.status == 403
    assert "tulisan orang lain" not in refused.text


@pytest.mark.parametrize("nothing", ["", "  \r\n "], ids=["nothing", "blanks"])
def test_a_message_without_a_word_is_said_to_be_so_and_is_not_sent(market: Marketplace, nothing: str) -> None:
    order_id = market.order("WORDLESS")
    case_id = market.ask(market.order("WORDLESS-CASE"))["case_id"]
    phone = phone_of(market, "budi", "buyer")
    for page, place in (
        (f"/orders/{order_id}/help", f"/orders/{order_id}/messages"),
        (f"/cases/{case_id}", f"/cases/{case_id}/messages"),
    ):
        refused = phone.submit(phone.open(page), place, text=nothing)
        assert refused.status == 422, place
        assert "Tulis pesannya dulu. Belum ada yang terkirim." in refused.text
        assert 'aria-invalid="true" aria-describedby="unsaid" autofocus' in refused.text
        assert market.support("GET", f"/v1{place}").json["items"] == []
        assert phone.submit(refused, place, text=WORDS).status == 303
        assert [each["text"] for each in market.support("GET", f"/v1{place}").json["items"]] == [WORDS]
