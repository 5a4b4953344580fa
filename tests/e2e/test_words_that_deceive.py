"""Names, comments, messages and files that carry unseen signs: kept as told, shown without them to everybody."""

import json
import re
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_body
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone
from tests.e2e.test_stories import decision_link
from tests.locales.test_harmless import evil_in

TRICK = "\u202e\u2066\u200f\u200b\U000e0041\x07"
# What forms carry along is seen by nobody, and comes back as it was told.
_CARRIED = re.compile(r'<input type="hidden"[^>]*>|<textarea class="carried".*?</textarea>', re.DOTALL)


def told(words: str) -> str:
    return f"{words}{TRICK}gpj"


def test_no_page_mail_or_file_shows_signs_that_deceive_and_the_words_stay_as_told(shared: Marketplace) -> None:
    market, order_id = shared, "EVIL-1"
    shirt = Line(line_id="1", name=told("Kemeja"), quantity=2, unit_price=150_000, category="fashion")
    plain = a_body(order_id=order_id, lines=(shirt,), placed_at=market.world.clock() - timedelta(days=1))
    body = replace(
        plain, buyer=replace(plain.buyer, name=told("Budi")), seller=replace(plain.seller, name=told("Toko"))
    )
    assert market.oms("PUT", f"/v1/orders/{order_id}", body).status == 201
    assert market.support("GET", f"/v1/orders/{order_id}").json["lines"][0]["name"] == told("Kemeja")
    case_id = market.ask(order_id, comment=told("Maaf"))["case_id"]
    said = market.buyer("POST", f"/v1/orders/{order_id}/messages", {"text": told("Halo")})
    assert said.status == 201, said
    market.waits_in(case_id)

    link = decision_link(market, case_id)
    places = {
        ("budi", "buyer"): ("/orders", f"/orders/{order_id}", f"/cases/{case_id}", f"/cases/{case_id}/file"),
        ("toko-baju", "seller"): ("/seller", "/seller/file", f"/orders/{order_id}", f"/cases/{case_id}", link),
        ("sari", "support"): (
            "/support",
            f"/cases/{case_id}",
            f"/cases/{case_id}/file",
            f"/cases/{case_id}/file?as=json",
        ),
    }
    shown = ""
    for (who, role), paths in places.items():
        phone = Phone(market)
        phone.sign_in(who, role)
        for path in paths:
            page = phone.open(path)
            if page.status == 303:
                page = phone.open(page.headers["location"])
            assert page.status == 200, (path, page)
            assert evil_in(_CARRIED.sub("", page.text).lstrip("\ufeff")) == [], (role, path)
            assert evil_in("".join(page.headers.values())) == []
            shown += page.text
    assert "Kemejagpj" in shown
    assert "Maafgpj" in shown
    for mail in market.mails():
        assert evil_in(mail.subject + mail.text + mail.html) == [], mail.kind
    file = json.loads(market.support("GET", f"/v1/cases/{case_id}/file").text)
    assert any(message["text"] == told("Halo") for message in file["messages"])


def test_nul_is_refused_by_the_api_which_names_the_field(shared: Marketplace) -> None:
    market, order_id = shared, shared.order("NUL-API")
    answer = market.buyer("POST", f"/v1/orders/{order_id}/messages", {"text": "a\0b"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "text")


def test_nul_that_a_form_carries_is_left_out(shared: Marketplace) -> None:
    market, order_id = shared, shared.order("NUL-FORM")
    case_id = market.ask(order_id)["case_id"]
    phone = Phone(market)
    phone.sign_in()
    page = phone.open(f"/cases/{case_id}")
    action = next(form.action for form in forms_of(page) if form.action.endswith("/messages"))
    assert phone.submit(page, action, text="Ha\0lo").status == 303
    thread = market.buyer("GET", f"/v1/orders/{order_id}/messages").json
    assert "Halo" in json.dumps(thread)
