"""Operators add days off; deadlines leave them out."""

from datetime import date, timedelta

import pytest

from chalicelib import wiring
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

PAGE = "/operations/days-off"


def test_a_day_that_an_operator_added_is_left_out_of_deadlines(market: Marketplace) -> None:
    assert market.operator("GET", "/v1/days-off").json["items"] == []
    days = [{"day": "2026-11-27", "name": "Pilkada"}, {"day": "2026-11-27", "name": "Pilkada serentak"}]
    kept = market.operator("PUT", "/v1/days-off", {"items": days})
    assert kept.json["items"] == [{"day": "2026-11-27", "name": "Pilkada serentak", "note": None}]
    assert market.operator("GET", "/v1/days-off").json["items"] == kept.json["items"]
    wiring.built_ports.cache_clear()
    assert date(2026, 11, 27) in wiring.ports().calendar.holidays(market.world.clock(), "ID")


@pytest.mark.parametrize("day", ["27-11-2026", "2026-02-30", "", 5])
def test_a_day_that_is_none_is_refused(market: Marketplace, day: object) -> None:
    refused = market.operator("PUT", "/v1/days-off", {"items": [{"day": day, "name": "x"}]})
    assert (refused.status, refused.json["code"]) == (422, "validation_failed")


@pytest.fixture
def omar(market: Marketplace) -> Phone:
    phone = Phone(market)
    phone.sign_in("omar", "operator")
    return phone


def add(omar: Phone, **filled: str) -> Answer:
    """The form for one more day, sent."""
    drawn = next(form for form in forms_of(omar.open(PAGE)) if ("what", "add") in form.buttons)
    return omar.press(PAGE, drawn.fields | {"what": "add", "name": "Pilkada", "note": "Keppres 33/2026"} | filled)


def test_the_page_lists_what_comes_and_says_what_is_joint(omar: Phone) -> None:
    page = omar.open(PAGE)
    assert "Jumat, 25 Desember 2026" in page.text
    assert "Cuti Bersama Hari Raya Natal" in page.text
    assert "17 Agustus 2026" not in page.text, "is over"
    assert "Christmas Joint Holiday" in omar.open(f"{PAGE}?lang=en&year=2026").text
    omar.open(f"{PAGE}?lang=id")
    assert "belum tahu cuti bersama" not in page.text
    assert "belum tahu cuti bersama" in omar.open(f"{PAGE}?year=2028").text


def test_a_day_is_added_with_what_it_rests_on_and_taken_away_again(market: Marketplace, omar: Phone) -> None:
    told = add(omar, day="2026-12-09")
    assert "Rabu, 9 Desember 2026 sekarang hari libur" in told.text
    kept = market.operator("GET", "/v1/days-off").json["items"]
    assert kept == [{"day": "2026-12-09", "name": "Pilkada", "note": "Keppres 33/2026"}]
    page = omar.open(PAGE)
    drawn = next(form for form in forms_of(page) if ("what", "remove") in form.buttons)
    gone = omar.press(PAGE, drawn.fields | {"what": "remove"})
    assert "sudah dihapus dari hari libur tambahan" in gone.text
    assert market.operator("GET", "/v1/days-off").json["items"] == []


def test_pressed_twice_the_same_is_said(omar: Phone) -> None:
    drawn = next(form for form in forms_of(omar.open(PAGE)) if ("what", "add") in form.buttons)
    filled = drawn.fields | {"what": "add", "day": "2026-12-09", "name": "Pilkada", "note": "Keppres 33/2026"}
    first, second = omar.press(PAGE, filled), omar.press(PAGE, filled)
    for told in (first, second):
        assert (told.status, "sekarang hari libur" in told.text) == (200, True)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-20", "sudah lewat"),
        ("2026-12-25", "sudah menjadi hari libur"),
        ("2026-12-05", "Sabtu atau Minggu"),
        ("9 Desember", "Tulis seperti ini: 2026-12-31"),
        ("2126-12-09", "Tulis seperti ini: 2026-12-31"),
        ("", "Tulis seperti ini: 2026-12-31"),
    ],
)
def test_a_slip_is_said_and_keeps_what_was_typed(market: Marketplace, omar: Phone, day: str, said: str) -> None:
    told = add(omar, day=day)
    assert told.status in (409, 422)
    assert said in told.text
    assert 'value="Pilkada"' in told.text
    assert "Keppres 33/2026</textarea>" in told.text
    assert market.operator("GET", "/v1/days-off").json["items"] == []


@pytest.mark.parametrize("missing", ["name", "note"])
def test_a_day_without_name_or_reason_is_not_kept(market: Marketplace, omar: Phone, missing: str) -> None:
    assert "dan dasarnya" in add(omar, day="2026-12-09", **{missing: "  "}).text
    assert market.operator("GET", "/v1/days-off").json["items"] == []


def test_there_is_an_end_to_what_may_be_added(market: Marketplace, omar: Phone) -> None:
    days = [{"day": (date(2028, 1, 3) + timedelta(days=n)).isoformat(), "name": "Libur"} for n in range(100)]
    market.operator("PUT", "/v1/days-off", {"items": days})
    assert "sudah mencapai batas" in add(omar, day="2026-12-09").text


@pytest.mark.parametrize("role", ["buyer", "seller", "support"])
def test_only_operators_see_the_page(market: Marketplace, role: str) -> None:
    phone = Phone(market)
    phone.sign_in("sari", role)
    assert phone.open(PAGE).status == 403
