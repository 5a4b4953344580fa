"""A session that ends while somebody writes takes nothing of what they wrote, and gives nothing of it to others."""

import pytest

from infra.sandbox import tokens
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import DrawnForm, forms_of
from tests.e2e.test_pages import Phone

COMMENT = "Maaf, saya salah pilih ukuran.\nMohon dibatalkan."


def back(phone: Phone, who: str = "budi", role: str = "buyer") -> None:
    """They sign in anew: another session, though it may be of the same second."""
    seller_id = who if role == "seller" else None
    token = tokens.token(who, role, seller_id, {"name": f"{who} again"})
    assert phone.press("/sign-in", {"token": token, "next": "/"}).status == 303


def drawn(page: Answer, ending: str) -> DrawnForm:
    return next(form for form in forms_of(page) if form.action.endswith(ending))


# Who writes on which page into which form; and what.
FORMS = {
    "a request": ("budi", "buyer", "/orders/{order}/cancel?reason_code=wrong_size", "/cancel", {"accept_terms": "yes"}),
    "a message": ("budi", "buyer", "/cases/{case}", "/messages", {"text": COMMENT}),
    "a refusal": ("toko-baju", "seller", "/cases/{case}", "/reject", {"reason_code": "other"}),
    "an offer": ("toko-baju", "seller", "/cases/{case}", "/offer", {"what": "change_variant"}),
    "a note": ("rini", "support", "/cases/{case}", "/extend", {"note": COMMENT}),
}


def written(market: Marketplace, what: str) -> tuple[Phone, str, dict[str, str], str]:
    """Somebody has filled in a form; gives their phone, where it goes, what it sends, and the case."""
    who, role, place, ending, filled = FORMS[what]
    order = market.order(f"ENDS-{what.replace(' ', '-')}")
    case_id = "" if what == "a request" else str(market.ask(order)["case_id"])
    phone = Phone(market)
    phone.sign_in(who, role)
    form = drawn(phone.open(place.format(order=order, case=case_id)), ending)
    words = {"comment": COMMENT} if "comment" in form.fields else {}
    return phone, form.action, form.fields | words | filled, case_id


@pytest.mark.parametrize("what", FORMS)
def test_what_was_written_is_sent_after_signing_in_again(market: Marketplace, what: str) -> None:
    phone, action, sent, case_id = written(market, what)
    before = market.row(case_id).entries if case_id else 0
    phone.cookies.pop("batal_session")
    kept = phone.press(action, sent)
    assert kept.status == 401
    assert "salah pilih ukuran" in kept.text
    carried = drawn(kept, action)
    assert {name: text.strip() for name, text in carried.fields.items()} == {
        name: text.strip() for name, text in sent.items() if text.strip()
    }
    assert case_id == "" or market.row(case_id).entries == before, "nothing was done"
    who, role, *_ = FORMS[what]
    back(phone, who, role)
    again = phone.press(carried.action, carried.fields)
    assert again.status == 409
    assert "salah pilih ukuran" in again.text
    done = drawn(again, action)
    assert phone.press(done.action, done.fields).status == 303
    twice = phone.press(done.action, done.fields)
    assert twice.status == 303, "and once, however often it is pressed"


def test_a_message_that_was_kept_comes_once_with_its_lines(market: Marketplace) -> None:
    phone, action, sent, case_id = written(market, "a message")
    phone.cookies.pop("batal_session")
    kept = drawn(phone.press(action, sent), action)
    back(phone)
    again = drawn(phone.press(action, kept.fields), action)
    for _ in range(2):
        assert phone.press(action, again.fields).status == 303
    messages = market.buyer("GET", f"/v1/cases/{case_id}/messages").json["items"]
    assert [each["text"] for each in messages] == [COMMENT]


def test_who_pressed_in_time_and_again_later_is_led_to_what_it_made(market: Marketplace) -> None:
    phone, action, sent, case_id = written(market, "a message")
    assert phone.press(action, sent).status == 303
    phone.cookies.pop("batal_session")
    kept = drawn(phone.press(action, sent), action)
    back(phone)
    again = drawn(phone.press(action, kept.fields), action)
    assert phone.press(action, again.fields).status == 303
    assert len(market.buyer("GET", f"/v1/cases/{case_id}/messages").json["items"]) == 1


def test_another_person_who_signs_in_meanwhile_neither_sends_nor_sees_it(market: Marketplace) -> None:
    phone, action, sent, _ = written(market, "a message")
    phone.cookies.pop("batal_session")
    kept = drawn(phone.press(action, sent), action)
    for who, role in (("ani", "buyer"), ("toko-baju", "seller"), ("rini", "support")):
        back(phone, who, role)
        refused = phone.press(action, kept.fields)
        assert refused.status in (403, 404)
        assert "salah pilih ukuran" not in refused.text


def test_a_form_of_nobody_knows_who_does_nothing(market: Marketplace) -> None:
    """What another site posts carries neither a token nor a mark of ours."""
    phone, action, _, case_id = written(market, "a message")
    before = phone.press(action, {"text": "Halo"})
    assert before.status == 403
    assert phone.press(action, {"text": "Halo", "form_writer": "0" * 64}).status == 403
    assert market.buyer("GET", f"/v1/cases/{case_id}/messages").json["items"] == []


def test_the_way_to_sign_in_leads_back_to_a_page_that_says_so(market: Marketplace) -> None:
    phone, action, sent, _ = written(market, "a message")
    phone.cookies.pop("batal_session")
    kept = phone.press(action, sent)
    assert "next=/sign-in/done" in kept.text
    phone.sign_in()
    assert "Anda sudah masuk" in phone.open("/sign-in/done").text
