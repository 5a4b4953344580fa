"""Two conversations about one order: customer service joins them, nothing is lost, and it can be undone."""

import pytest

from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_cockpit import form_to
from tests.e2e.test_desk import SHIRT
from tests.e2e.test_one_press import phone_of


def twice_asked(market: Marketplace, order_id: str) -> tuple[str, str]:
    """An order whose first request was taken back and asked again: the ids of both, each with a message."""
    order = market.order(order_id, lines=SHIRT)
    ids = []
    for number, text in enumerate(("Kapan dananya kembali?", "Saya ajukan lagi")):
        case_id = str(market.ask(order)["case_id"])
        ids.append(case_id)
        market.buyer("POST", f"/v1/cases/{case_id}/messages", {"text": text})
        if number == 0:
            market.say("buyer", case_id, "withdraw")
    return ids[0], ids[1]


def texts(market: Marketplace, case_id: str, role: str = "buyer") -> list[str]:
    answer: Answer = getattr(market, role)("GET", f"/v1/cases/{case_id}/messages")
    return [each["text"] for each in answer.json["items"]]


def test_joined_conversations_are_shown_as_one_and_lead_on_until_they_are_separated(market: Marketplace) -> None:
    old, new = twice_asked(market, "J-1")
    sari, budi = phone_of(market, "sari", "support"), phone_of(market, "budi", "buyer")
    page = sari.open(f"/cases/{old}")
    missing = sari.submit(page, f"/cases/{old}/join", into=new, note=" ")
    assert (missing.status, form_to(missing, "join").fields["into"]) == (422, new)
    done = sari.submit(page, f"/cases/{old}/join", into=new, note="pesanan yang sama")
    assert done.status == 303
    assert "Kedua percakapan sudah digabung" in sari.open(done.headers["location"]).text

    both = ["Kapan dananya kembali?", "Saya ajukan lagi"]
    assert texts(market, old) == texts(market, new) == texts(market, new, "seller") == both
    shown = budi.open(f"/cases/{old}").text
    assert f'href="/cases/{new}#messages"' in shown
    assert "pesanan yang sama" not in shown, "the note stays among staff"
    assert f'href="/cases/{old}#messages"' in budi.open(f"/cases/{new}").text

    # Whoever writes where the conversation was is read where it goes on.
    market.buyer("POST", f"/v1/cases/{old}/messages", {"text": "Balasan di tempat lama"})
    assert texts(market, old) == texts(market, new) == [*both, "Balasan di tempat lama"]

    apart = sari.submit(sari.open(f"/cases/{old}"), f"/cases/{old}/separate", note="ternyata lain hal")
    assert apart.status == 303
    assert texts(market, old) == ["Kapan dananya kembali?"]
    assert texts(market, new) == ["Saya ajukan lagi", "Balasan di tempat lama"]
    logged = [(each.command, each.note) for each in market.world.ports.store.timeline(old)][-2:]
    assert logged == [("join", "pesanan yang sama"), ("separate", "ternyata lain hal")]
    assert market.row(old).outcome == "withdrawn"


def test_only_what_belongs_together_is_joined_and_only_by_customer_service(market: Marketplace) -> None:
    old, new = twice_asked(market, "J-2")
    other = str(market.ask(market.order("J-3", lines=SHIRT))["case_id"])
    sari, budi = phone_of(market, "sari", "support"), phone_of(market, "budi", "buyer")
    assert "/join" not in sari.open(f"/cases/{other}").text, "its order has no other request"
    assert "/join" not in sari.open(f"/cases/{new}").text, "what waits is not led to what ended"
    form = form_to(sari.open(f"/cases/{old}"), "join").fields
    assert sari.press(f"/cases/{old}/join", form | {"into": other, "note": "x"}).status == 404
    assert sari.press(f"/cases/{old}/separate", form | {"note": "x"}).status == 409
    token = next(iter(budi.open(f"/cases/{old}").text.split('name="form_token" value="')[1:])).partition('"')[0]
    asked = budi.press(f"/cases/{old}/join", {"form_token": token, "into": new, "note": "x"})
    assert asked.status == 403
    sari.press(f"/cases/{old}/join", form | {"into": new, "note": "x"})
    turned = sari.press(f"/cases/{new}/join", form | {"into": old, "note": "x", "key": "another"})
    assert turned.status in (404, 409, 422), "no conversation is led in a circle"
    assert market.row(new).goes_on_in is None


@pytest.mark.parametrize("action", ["join", "separate"])
def test_the_address_of_a_button_leads_to_its_case(market: Marketplace, action: str) -> None:
    old, _ = twice_asked(market, f"J-{action}")
    assert phone_of(market, "sari", "support").open(f"/cases/{old}/{action}").status == 303
