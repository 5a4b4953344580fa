"""The pages, as a phone without JavaScript sees them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from infra.sandbox import tokens
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_stories import decision_link

FORM = "application/x-www-form-urlencoded"


@dataclass
class Phone:
    """A browser: keeps its cookies, presses buttons with everything the form carries."""

    market: Marketplace
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, path: str, **headers: str) -> Answer:
        return self._call("GET", path, None, headers)

    def follow(self, link: str) -> str:
        """Open a mail's link; gives the address that it leads to."""
        return self.open(self.market.path(link)).headers["location"]

    def press(self, path: str, form: dict[str, str] | list[tuple[str, str]]) -> Answer:
        return self._call("POST", path, urlencode(form, errors="surrogatepass"), {"Content-Type": FORM})

    def submit(self, page: Answer, action: str, **filled: str) -> Answer:
        """Fill in and send the form of this page that posts to `action`."""
        return self.press(action, next(form for form in forms_of(page) if form.action == action).fields | filled)

    def sign_in(self, who: str = "budi", role: str = "buyer", onward: str = "/orders") -> Answer:
        token = tokens.token(who, role, who if role == "seller" else None)
        return self.press("/sign-in", {"token": token, "next": onward})

    def _call(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.market.call(method, path, body, headers={"Cookie": cookie, **headers})
        if "set-cookie" in answer.headers:
            name, value = answer.headers["set-cookie"].split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer


def test_budi_cancels_by_the_pages(market: Marketplace) -> None:
    market.push("LZD-1001")
    phone = Phone(market)
    assert phone.open("/orders").headers["location"] == "/sign-in?next=/orders"
    assert phone.sign_in().headers["location"] == "/orders"
    assert "LZD-1001" in phone.open("/orders").text
    assert "LZD-1001" not in phone.open("/orders?status=shipped").text
    order = phone.open("/orders/LZD-1001")
    assert "Sedang Diproses" in order.text
    assert "Batalkan Pesanan" in order.text

    before = phone.open("/orders/LZD-1001/cancel?reason_code=wrong_size")
    for told in ("Besar", "Rp163.000", "WIB", "layanan pelanggan", "Ajukan pembatalan"):
        assert told in before.text
    asked = phone.submit(before, "/orders/LZD-1001/cancel", accept_terms="yes", comment="Maaf, salah ukuran")
    assert asked.status == 303
    twice = phone.submit(before, "/orders/LZD-1001/cancel", accept_terms="yes")
    assert twice.headers["location"] == asked.headers["location"], "pressed twice, it leads to the same case"

    address = asked.headers["location"].partition("?")[0]
    case = phone.open(address)
    assert "Menunggu" in case.text
    assert "Maaf, salah ukuran" in case.text
    gone = phone.submit(case, f"{address}/withdraw")
    assert gone.status == 303
    assert "ditarik kembali" in phone.open(address).text.lower()


def test_without_accepting_the_terms_nothing_is_asked(market: Marketplace) -> None:
    market.push("LZD-1001")
    phone = Phone(market)
    phone.sign_in()
    page = phone.open("/orders/LZD-1001/cancel?reason_code=wrong_size")
    refused = phone.submit(page, "/orders/LZD-1001/cancel")
    assert refused.status == 422
    assert market.support("GET", "/v1/cases?order_id=LZD-1001").json["items"] == []


def test_another_sites_form_presses_no_button_of_ours(market: Marketplace) -> None:
    market.push("LZD-1001")
    phone = Phone(market)
    phone.sign_in()
    form = {"reason_code": "wrong_size", "accept_terms": "yes"}
    assert phone.press("/orders/LZD-1001/cancel", form).status == 403
    assert phone.press("/orders/LZD-1001/cancel", form | {"form_token": "0" * 64}).status == 403


def test_the_introduction_is_shown_until_it_is_put_away_and_can_be_called_back(market: Marketplace) -> None:
    seller = Phone(market)
    seller.sign_in("toko-baju", "seller")
    assert 'href="/seller?tour=seen"' in seller.open("/seller").text
    assert "tour=seen" not in seller.open("/seller/rules").text, "it stands where their pages begin"
    assert "tour=seen" not in seller.open("/seller?tour=seen").text
    assert "tour=seen" not in seller.open("/seller").text
    assert "tour=seen" in seller.open("/seller?tour=again").text


def test_the_reader_chooses_the_language_and_it_is_remembered(market: Marketplace) -> None:
    phone = Phone(market)
    assert 'lang="id"' in phone.open("/").text
    assert '<html lang="en"' in phone.open("/?lang=en").text
    assert '<html lang="en"' in phone.open("/").text
    assert '<html lang="en"' in Phone(market).open("/", **{"Accept-Language": "en-GB"}).text


def test_an_order_that_cannot_be_cancelled_says_why_and_what_to_do(market: Marketplace) -> None:
    market.push("LZD-1005")
    phone = Phone(market)
    phone.sign_in()
    page = phone.open("/orders/LZD-1005/cancel")
    assert page.status == 200
    assert "engembalian barang" in page.text


def test_a_strangers_order_is_a_kind_404(market: Marketplace) -> None:
    market.push("LZD-1001")
    phone = Phone(market)
    phone.sign_in("ani")
    page = phone.open("/orders/LZD-1001")
    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_nobody_is_led_to_another_site_after_signing_in(market: Marketplace) -> None:
    for onward in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        phone = Phone(market)
        answer = phone.press("/sign-in", {"token": tokens.token("budi", "buyer"), "next": onward})
        assert answer.headers["location"] == "/"


def test_words_that_people_wrote_do_no_harm_on_pages(market: Marketplace) -> None:
    market.push("LZD-1001")
    nasty = "<script>alert(1)</script>"
    case_id = market.ask("LZD-1001", comment=nasty)["case_id"]
    market.waits_in(case_id)
    phone = Phone(market)
    phone.sign_in()
    for page in (phone.open(f"/cases/{case_id}"), market.behind(decision_link(market, case_id))):
        assert page.status == 200
        assert nasty not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not any(nasty in mail.html for mail in market.mails())


def test_the_mailed_link_refuses_only_with_a_reason_and_proof(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    link = decision_link(market, case_id)
    for form in ({"answer": "reject"}, {"answer": "reject", "reason_code": "already_shipped"}, {"answer": "maybe"}):
        assert market.press(link, **form).status == 422
    assert market.case(case_id)["state"] == "awaiting_seller"
    done = market.press(link, answer="reject", reason_code="already_shipped", tracking_number="JNE-9")
    assert done.status == 303
    assert market.case(case_id)["outcome"] == "rejected"


def test_a_used_link_says_kindly_what_was_decided(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    link = decision_link(market, case_id)
    market.press(link, answer="approve")
    market.ended(case_id)
    before = market.everything()
    page, again = market.behind(link), market.press(link, answer="reject", reason_code="other")
    assert (page.status, again.status) == (200, 409)
    for each in (page, again):
        assert "<button" not in each.text.split("<main")[1]
        assert "dibatalkan" in each.text
    assert market.everything() == before


def test_a_link_past_its_deadline_says_so_kindly(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    link = decision_link(market, case_id)
    market.world.clock.advance(3 * 86400)
    page, late = market.behind(link), market.press(link, answer="approve")
    assert (page.status, late.status) == (200, 409)
    assert "atas waktu" in page.text
    assert market.case(case_id)["state"] == "awaiting_seller"


def test_a_forged_link_opens_nothing(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    link = decision_link(market, case_id)
    for forged in (link[:-2] + "xx", "/d/abc", "/d/" + "A" * 500, link.replace(".", "")):
        assert market.call("GET", forged).status == 404
        assert market.press(forged, answer="approve").status == 404
    assert market.case(case_id)["state"] == "awaiting_seller"


def test_pages_and_links_stand_under_the_stages_prefix(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(public_url="https://x.example/api")
    phone = Phone(market)
    page = phone.open("/")
    assert 'href="/api/static/batal.css' in page.text
    assert re.findall(r'(?:href|action)="(/(?!api/)[^"]*)"', page.text) == []
    signed_in = phone.sign_in()
    assert signed_in.headers["location"] == "/api/orders"
    assert "Path=/api;" in signed_in.headers["set-cookie"]
    assert "Secure" in signed_in.headers["set-cookie"]
