"""Whoever waits for somebody's answer sees how the mail fares that asks for it, as far as anybody knows."""

from collections.abc import Callable
from functools import partial

import pytest

from chalicelib import wiring
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.zones import Zone
from infra.sandbox import aws
from infra.sandbox.mails import came_back
from infra.sandbox.outage import Service, outage
from tests.e2e.conftest import Marketplace
from tests.e2e.test_mail_comes_back import tell
from tests.e2e.test_one_press import phone_of


def asked(market: Marketplace) -> tuple[str, aws.SentMail]:
    """A case that waits for its seller, and the mail that asks them."""
    case_id = str(market.ask(market.order("MAILED"))["case_id"])
    market.waits_in(case_id)
    (mail,) = [mail for mail in market.mails() if mail.kind == "decision_needed" and mail.case_id == case_id]
    return case_id, mail


def now_step(market: Marketplace, case_id: str, who: str = "budi", role: str = "buyer") -> str:
    """What the tracker says of whom the case waits for."""
    page = phone_of(market, who, role).open(f"/cases/{case_id}")
    return page.text.partition('<li class="now"')[2].partition("</li>")[0]


def test_both_sides_see_when_the_mail_that_asks_the_seller_was_delivered(market: Marketplace) -> None:
    case_id, mail = asked(market)
    assert "E-mail sudah dikirim." in now_step(market, case_id)
    market.world.clock.advance(600)
    tell(market, came_back(mail, "delivery"))
    told = market.world.ports.store.mail_fate(case_id)
    assert told
    at = f"{told.at.astimezone(Zone.WIB.clock):%H.%M}"
    assert f"{at} WIB." in now_step(market, case_id).partition("E-mail sampai")[2]
    assert "E-mail kami sampai kepada Anda" in now_step(market, case_id, "toko-baju", "seller")


def test_a_page_that_is_open_hears_of_it(market: Marketplace) -> None:
    case_id, mail = asked(market)
    phone, place = phone_of(market, "budi", "buyer"), f"/cases/{case_id}/now"
    mark = phone.open(place).headers["etag"]
    assert phone.open(place, **{"If-None-Match": mark}).status == 304
    tell(market, came_back(mail, "delivery"))
    assert phone.open(place, **{"If-None-Match": mark}).status == 200


def test_a_late_mail_and_one_that_came_back_read_so_in_whichever_order_they_are_told(market: Marketplace) -> None:
    case_id, mail = asked(market)
    late = came_back(mail, "late")
    market.world.clock.advance(60)
    bounced = came_back(mail, "bounce")
    bounced["bounce"] |= {"bounceType": "Transient", "timestamp": market.world.clock().isoformat()}
    tell(market, late)
    assert "E-mail belum sampai" in now_step(market, case_id)
    tell(market, bounced)
    tell(market, late)
    assert "Kami mencoba cara lain" in now_step(market, case_id)
    assert "periksa alamat" in now_step(market, case_id, "toko-baju", "seller")


def test_a_mail_that_came_back_for_good_is_not_said_to_be_sent(market: Marketplace) -> None:
    case_id, mail = asked(market)
    tell(market, came_back(mail, "bounce"))
    step = now_step(market, case_id)
    assert "tidak bisa disampaikan" in step
    assert "sudah dikirim" not in step
    page = phone_of(market, "budi", "buyer").open(f"/cases/{case_id}").text
    assert "Penjual belum bisa dihubungi lewat e-mail" in page


def test_a_mail_that_is_held_is_not_said_to_be_on_its_way(
    open_marketplace: Callable[..., Marketplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "Pace", partial(Pace, max_tries=2))
    market = open_marketplace()
    outage([Service.MAIL], down=True)
    case_id = str(market.ask(market.order("HELD"))["case_id"])
    assert "sedang dikirim" in now_step(market, case_id)
    for _ in range(4):
        market.later(3_600)
    assert "Tim kami sedang mengurusnya" in now_step(market, case_id)


def test_of_the_next_wait_nothing_is_said_that_is_about_the_last_one(market: Marketplace) -> None:
    case_id, mail = asked(market)
    tell(market, came_back(mail, "delivery"))
    market.say("seller", case_id, "offer", fee=20_000)
    market.waits_in(case_id, turn=2)
    step = now_step(market, case_id, "toko-baju", "seller")
    assert "E-mail sudah dikirim." in step
    assert "sampai" not in step.partition("</time>")[2]


@pytest.mark.parametrize("effect", ["", "nonsense", "1:mail:request_received:buyer", "1:event:case.opened"])
def test_what_is_told_of_other_mails_is_not_kept(market: Marketplace, effect: str) -> None:
    case_id, mail = asked(market)
    notice = came_back(mail, "delivery")
    notice["mail"]["headers"][1]["value"] = effect
    tell(market, notice)
    assert market.world.ports.store.mail_fate(case_id) is None
