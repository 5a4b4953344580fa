"""The number of a request: new cases have one, it stands where people look, any spelling of it finds the case, and
knowing it allows nothing."""

from collections.abc import Callable

from chalicelib import wiring
from chalicelib.domain.parties import Role
from chalicelib.domain.reference import is_one
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone


def signed_in(market: Marketplace, who: str, role: str) -> Phone:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone


def test_a_new_case_has_a_number_that_people_can_say(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("NUMBERED"))["case_id"])
    assert is_one(case_id)
    for who, role in (("budi", "buyer"), ("toko-baju", "seller"), ("rini", "support")):
        page = signed_in(market, who, role).open(f"/cases/{case_id}")
        assert f"<code>{case_id}</code>" in page.text
    assert all(case_id in mail.text for mail in market.mails())


def test_any_spelling_of_it_finds_the_case(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("SPELLED"))["case_id"])
    support, signs = signed_in(market, "rini", "support"), case_id.removeprefix("BTL-")
    for spelled in (case_id.lower(), signs, f"btl%20{signs[:4]}%20{signs[4:]}", f"rf_{case_id}"):
        assert f"/cases/{case_id}" in support.open(f"/support?q={spelled}").text, spelled
    for spelled in (case_id.lower(), signs, f"btl%20{signs[:4]}%20{signs[4:]}"):
        assert f"<code>{case_id}</code>" in support.open(f"/cases/{spelled}").text, spelled
    seller = signed_in(market, "toko-baju", "seller")
    for spelled in (signs.lower(), f"btl%20{signs[:4]}%20{signs[4:]}"):
        assert f"/cases/{case_id}" in seller.open(f"/seller?q={spelled}").text
    wrong = case_id[:-1] + ("2" if case_id[-1] != "2" else "3")
    assert "salah ketik" in support.open(f"/support?q={wrong}").text
    assert "salah ketik" not in support.open("/support?q=budi-hartono").text


def test_knowing_it_allows_nothing(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("STRANGERS"))["case_id"])
    assert signed_in(market, "ani", "buyer").open(f"/cases/{case_id}").status == 404
    assert signed_in(market, "toko-sepatu", "seller").open(f"/cases/{case_id}").status == 404
    assert market.buyer("GET", f"/v1/cases/{case_id}", who="ani").status == 404


def test_an_address_for_answers_is_read_however_servers_write_it(
    open_marketplace: Callable[..., Marketplace],
) -> None:
    market = open_marketplace(REPLY_DOMAIN="reply.example.com")
    case_id = str(market.ask(market.order("ANSWERED"))["case_id"])
    address = wiring.links().reply(case_id, Role.BUYER)
    assert address is not None
    assert address == address.lower()
    for written in (address, address.upper()):
        assert wiring.links().read_reply(written).case_id == case_id
