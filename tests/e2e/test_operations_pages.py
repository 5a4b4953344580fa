"""An operator's numbers lead on to what they count."""

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone


def test_every_number_of_open_requests_opens_its_list(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("COUNTED"))["case_id"])
    operator = Phone(market)
    operator.sign_in("omar", "operator")
    page = operator.open("/operations").text
    for state in ("awaiting_seller", "awaiting_buyer", "awaiting_support", "awaiting_goods", "refunding"):
        assert f'href="/operations/open/{state}"' in page
        listed = operator.open(f"/operations/open/{state}")
        assert listed.status == 200
        assert (f"/cases/{case_id}" in listed.text) == (state == "awaiting_seller")
    assert operator.open("/operations/open/closed").status == 404
    assert operator.open("/operations/open/nonsense").status == 404


def test_others_do_not_see_them(market: Marketplace) -> None:
    for who, role in (("budi", "buyer"), ("toko-baju", "seller")):
        phone = Phone(market)
        phone.sign_in(who, role)
        assert phone.open("/operations/open/awaiting_seller").status == 403
