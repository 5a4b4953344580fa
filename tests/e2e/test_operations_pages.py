"""An operator's numbers: each leads on to what it counts, says how, and is compared with the time before."""

import re
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace

import pytest
from chalice.app import MultiDict
from chalice.test import Client

from app import app
from chalicelib.domain.cases.case import State
from chalicelib.domain.figures.figures import Figure
from chalicelib.domain.people.mail_stops import MailDelay, MailStop, Why
from chalicelib.domain.policies.policy import Rating
from chalicelib.locales import languages, texts
from chalicelib.pages import operations
from chalicelib.pages.page import Visit
from chalicelib.workflow.dashboard import Concern, Listed
from chalicelib.workflow.figures import MOST
from infra.sandbox.builders import OPERATOR
from tests.benchmarks.pages import cookie_of, furnished
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_chargebacks import BANK, CARD, tell
from tests.e2e.test_pages import Phone
from tests.e2e.test_parts_of_refunds import refunding, told

__all__ = ["refunding"]

_TILE = re.compile(r'<div class="sheet figure" data-figure="(?P<name>\w+)">(?P<inside>.*?</details>)</div>', re.DOTALL)
_LINK = re.compile(r'<a href="(?P<link>[^"]+)"><span class="number">(?P<number>[^<]+)</span>')


def omar(market: Marketplace) -> Phone:
    phone = Phone(market)
    phone.sign_in("omar", "operator")
    return phone


def tiles(page: Answer) -> list[tuple[str, str, str]]:
    """The name, the number and the link of each."""
    found = []
    for tile in _TILE.finditer(page.text):
        link = _LINK.search(tile["inside"])
        assert link, f"{tile['name']} leads nowhere"
        found.append((tile["name"], link["number"], link["link"].replace("&amp;", "&")))
    return found


def numbers(page: Answer) -> Mapping[str, str]:
    return {name: number for name, number, _ in tiles(page) if name != "state"}


def test_every_number_opens_its_list_which_is_as_long(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    told(market, case_id, "1", "failed", CARD, code="account_closed")
    for each in range(3):
        market.ask(market.order(f"WAITS-{each}"))
    late = market.ask(market.order("LATE"))["case_id"]
    deadline = market.row(late).deadline_at
    assert deadline
    market.world.clock.advance(int((deadline - market.world.clock()).total_seconds()) - 3_600)
    market.order("DISPUTED", tenders={"card": CARD, "bank": BANK})
    tell(market, "DISPUTED", "opened")
    store, now = market.world.ports.store, market.world.clock()
    store.put_mail_stop(MailStop(address="budi@example.com", why=Why.BOUNCE, at=now, case_id=late))
    store.put_mail_delay(MailDelay(mail_id="m", why="slow", at=now, case_id=late))
    phone = omar(market)
    page = phone.open("/operations?days=90")
    found = tiles(page)
    assert {name for name, _, _ in found} == {*Concern, *Figure, "state"}
    assert sum(name == "state" for name, _, _ in found) == len(State) - 1
    told_all = numbers(page)
    assert {name: told_all[name] for name in ("due_soon", "stuck", "disputed", "stopped", "late", "asked")} == {
        "due_soon": "4",
        "stuck": "1",
        "disputed": "1",
        "stopped": "1",
        "late": "1",
        "asked": "5",
    }
    for name, number, link in found:
        listed = phone.open(link)
        assert listed.status == 200, link
        if number.isdigit():
            assert f"<strong data-count>{number}</strong>" in listed.text, name
            assert listed.text.count("data-listed") == int(number), name


def test_each_part_of_the_chart_opens_its_list_too(market: Marketplace) -> None:
    for number in range(3):
        case_id = market.ask(market.order(f"PART-{number}"))["case_id"]
        if number:
            market.say("buyer", case_id, "withdraw")
    phone = omar(market)
    page = phone.open("/operations?days=7").text
    legend = re.findall(r'</svg> <a href="([^"]+)">[^<]+</a> <span class="quiet">(\d+)</span>', page)
    assert {link.rpartition("=")[2]: count for link, count in legend} == {"waits": "1", "withdrawn": "2"}
    for link, count in legend:
        listed = phone.open(link.replace("&amp;", "&")).text
        assert f"<strong data-count>{count}</strong>" in listed
        assert listed.count("data-listed") == int(count)
    assert phone.open("/operations/figures/asked?ended=nonsense").status == 404


def test_what_is_overdue_is_counted_until_somebody_has_heard_the_silence(market: Marketplace) -> None:
    case_id = market.ask(market.order("SILENT"))["case_id"]
    deadline = market.row(case_id).deadline_at
    assert deadline
    market.world.clock.advance(int((deadline - market.world.clock()).total_seconds()) + 1)
    phone = omar(market)
    assert numbers(phone.open("/operations"))["overdue"] == "1"
    assert f"/cases/{case_id}" in phone.open("/operations/lists/overdue").text
    market.later(61)
    assert numbers(phone.open("/operations"))["overdue"] == "0"


def test_what_is_no_list_is_not_found_and_others_see_none(market: Marketplace) -> None:
    phone = omar(market)
    for place in ("open/closed", "open/nonsense", "lists/nonsense", "figures/nonsense"):
        assert phone.open(f"/operations/{place}").status == 404
    for who, role in (("budi", "buyer"), ("toko-baju", "seller")):
        stranger = Phone(market)
        stranger.sign_in(who, role)
        for place in ("", "/open/awaiting_seller", "/lists/stuck", "/figures/asked"):
            assert stranger.open(f"/operations{place}").status == 403


def test_a_long_list_goes_on_over_pages_and_counts_all_of_it(market: Marketplace) -> None:
    mine = market.row(market.ask(market.order("ONE"))["case_id"])
    many = Listed(items=[mine] * 230, more=True)
    for asked, page, rows in (("", 1, 100), ("3", 3, 30), ("0", 1, 100), ("99", 3, 30), ("x", 1, 100), ("²", 1, 100)):
        visit = Visit(SimpleNamespace(query_params=MultiDict({"page": [asked]})))  # type: ignore[arg-type]
        shown = operations.shown(visit, many, 100)
        assert (shown.page, shown.pages, len(shown.items)) == (page, 3, rows)


def test_a_stuck_refund_has_its_buttons_in_the_list(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    told(market, case_id, "1", "failed", CARD, code="account_closed")
    phone = omar(market)
    listed = phone.open("/operations/lists/stuck")
    assert "account_closed" in listed.text
    assert phone.submit(listed, f"/cases/{case_id}/redirect-part", note="kartu ditutup", to="wallet").status == 303
    assert numbers(phone.open("/operations"))["stuck"] == "0"


def test_a_period_stands_beside_the_one_before_in_sign_and_words(market: Marketplace) -> None:
    clock = market.world.clock
    market.ask(market.order("FIRST"))
    clock.advance(7 * 86_400)
    for number in range(3):
        market.ask(market.order(f"LATER-{number}"))
    phone = omar(market)
    week = phone.open("/operations?days=7")
    assert "+2, naik dari 1" in week.text
    today = (clock() + timedelta(hours=7)).date()
    days = {"from": today - timedelta(days=6), "to": today}
    named = phone.open(f"/operations?from={days['from']}&to={days['to']}")
    assert numbers(named) == numbers(week)
    assert f"figures/asked?from={days['from']}&amp;to={days['to']}" in named.text
    month = phone.open("/operations?days=28")
    assert numbers(month)["asked"] == "4"
    assert month.text.count("Tanpa pembanding") == 1, "said once, not at every number"
    assert "tanpa pembanding" not in month.text
    assert "Tanpa pembanding: tidak ada permintaan" in month.text
    earlier = today - timedelta(days=7)
    assert "−2" not in week.text
    assert numbers(phone.open(f"/operations?from={earlier}&to={earlier}"))["asked"] == "1"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2026-11-20&to=2026-11-01", "Tanggal terakhir ada sebelum tanggal pertama."),
        ("from=salah&to=2026-11-01", "Isi tanggal yang benar."),
        ("to=2026-11-01", "Isi tanggal yang benar."),
        ("from=2099-01-01", "Tanggal ini belum tiba."),
        ("from=2001-01-01", "Paling lama 366 hari."),
        ("days=5", "Pilih salah satu periode"),
    ],
)
def test_a_period_that_cannot_be_is_said_and_the_usual_one_shown(market: Marketplace, asked: str, said: str) -> None:
    phone = omar(market)
    page = phone.open(f"/operations?{asked}")
    assert page.status == 422
    assert said in page.text
    assert numbers(page) == numbers(phone.open("/operations"))
    assert phone.open(f"/operations/figures/asked?{asked}").status == 422


@pytest.mark.parametrize("locale", languages())
def test_no_figure_lacks_its_formula(locale: str) -> None:
    for name in (*Figure, *Concern):
        assert texts(locale)[f"figure.{name}"]
        assert texts(locale)[f"figure.{name}.formula"].endswith(".")


def test_each_tile_says_how_it_is_counted(market: Marketplace) -> None:
    market.say("seller", market.ask(market.order("PAID"))["case_id"], "approve")
    shown = omar(market).open("/operations")
    for tile in _TILE.finditer(shown.text):
        assert texts("id")[f"figure.{tile['name']}.formula"] in tile["inside"]
    seller = Phone(market)
    seller.sign_in("toko-baju", "seller")
    own = seller.open("/seller/figures").text
    # Five figures and what went back in one currency; beside them the rating, by both of its readings.
    assert own.count('class="number"') == 6
    assert own.count('class="formula"') == 6 + len(Rating)


def test_a_page_says_when_it_was_read_and_can_be_read_anew_as_it_is(market: Marketplace) -> None:
    phone = omar(market)
    for place in ("/operations?days=7", "/operations/lists/stuck", "/operations/held?kind=mail"):
        page = phone.open(place)
        assert "Dibaca " in page.text
        assert f'href="{place}">Tampilkan yang terbaru' in page.text


def test_where_there_is_more_than_is_read_the_pages_say_so() -> None:
    with furnished(MOST + 16), Client(app) as client:
        read = {
            path: client.http.get(path, headers=cookie_of(OPERATOR)).body.decode()
            for path in ("/operations?days=7", "/operations/open/awaiting_seller", "/operations/figures/asked?days=7")
        }
    assert re.search(r'open/awaiting_seller"><span class="number">500\+</span>', read["/operations?days=7"])
    for path, words in (
        ("/operations?days=7", "Angka ini paling sedikit"),
        ("/operations?days=7", "Tanda + berarti masih ada lagi"),
        ("/operations/open/awaiting_seller", "Lebih dari 500; ini yang pertama."),
        ("/operations/figures/asked?days=7", "Lebih dari"),
    ):
        assert words in read[path], path
