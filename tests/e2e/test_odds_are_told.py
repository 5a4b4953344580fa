"""Learned odds where people read them: in the options of the API, beside the form, and on the seller's own page."""

from chalicelib.domain.figures.counting import About, Counters, Counting, Place, Subject
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learned import Month, Situation, month_of
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.waits import bucket_of
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

SITUATION = Situation(kind=Kind.CANCELLATION, status=OrderStatus.PROCESSING)


def has_answered(market: Marketplace, yes: int, no: int) -> None:
    """The shop answered so many requests this month, each after two hours."""
    ports = market.world.ports
    told = Month(yes=yes, no=no, answered={bucket_of(7200): yes + no})
    place = Place(subject=Subject(about=About.SELLER, name="toko-baju"), situation=SITUATION)
    counters = Counters(rev=1, learned={Fault.BUYER: {month_of(ports.now()): told}})
    assert ports.store.count(Counting(shares={}, before={}, counters={place: counters}))


def test_a_shop_with_many_answers_is_told_of_by_percentage_interval_and_sentence(market: Marketplace) -> None:
    has_answered(market, 41, 11)
    market.order("B-1")
    found = market.buyer("GET", "/v1/orders/B-1/cancellation-options").json
    odds, wait = found["odds"], found["usual_time"]
    assert odds["based_on"] == {"cases": 52, "granted": 41, "scope": "seller"}
    assert odds["text"] == "Di toko ini, 41 dari 52 permintaan seperti milik Anda disetujui."
    assert odds["interval"]["from"] < odds["probability"] < odds["interval"]["to"]
    assert 7200 <= wait["p50_seconds"] <= wait["p90_seconds"] <= 7200 * 1.5
    assert wait["text"] == "Sembilan dari sepuluh jawaban datang dalam 3 jam"


def test_a_shop_with_few_answers_is_told_of_without_a_percentage(market: Marketplace) -> None:
    has_answered(market, 5, 1)
    market.order("B-1")
    odds = market.buyer("GET", "/v1/orders/B-1/cancellation-options").json["odds"]
    assert (odds["probability"], odds["interval"]) == (None, None)
    assert odds["based_on"] == {"cases": 6, "granted": 5, "scope": "seller"}


def test_buyers_read_it_beside_the_form_and_sellers_what_is_told_of_them(market: Marketplace) -> None:
    has_answered(market, 41, 11)
    market.order("B-1")
    buyer, seller = Phone(market), Phone(market)
    buyer.sign_in("budi", "buyer")
    shown = buyer.open("/orders/B-1/cancel?lang=en").text
    assert "At this shop, 41 of 52 requests like yours were approved." in shown
    assert "About 80%, most likely between 70% and 85%." in shown
    market.ask("B-1")  # their platform is known by their latest request
    seller.sign_in("toko-baju", "seller")
    own = seller.open("/seller/figures?lang=en").text
    assert "41 of 52 requests were approved.</a> About 80%, most likely between 70% and 85%." in own
    assert "to see each request behind it, and to contest one" in own
