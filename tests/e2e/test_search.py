"""Customer service finds a case by whatever a caller says, is told by what, and nothing of it stays anywhere."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from chalicelib.domain.orders.body import Person
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.workflow import clues, orders
from infra.sandbox.builders import SYSTEM, a_body
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

pytestmark = pytest.mark.dynamodb

SITI = Person(id="siti", name="Siti Nurhaliza Putri", email="Siti.Putri@Example.com", phone="+62 856-7777-123")


def desk(market: Marketplace, role: str = "support") -> Phone:
    phone = Phone(market)
    phone.sign_in("rini" if role == "support" else "dewi", role)
    return phone


def asked(market: Marketplace, order_id: str, buyer: Person = SITI, **more: Any) -> str:
    """A case of an order that this buyer made, with all that was promised delivered."""
    body = replace(a_body(order_id=order_id, placed_at=market.world.clock() - timedelta(days=1), **more), buyer=buyer)
    orders.upsert(market.world.ports, body, SYSTEM)
    case_id = str(market.ask(order_id, who=buyer.id)["case_id"])
    market.all_goes_out(case_id)
    return case_id


def hits(phone: Phone, typed: str) -> str:
    return str(phone.open(f"/support?q={quote(typed)}").text)


@pytest.mark.parametrize("role", ["support", "operator"])
def test_a_case_is_found_by_whatever_a_caller_says(market: Marketplace, role: str) -> None:
    case_id = asked(market, "2026/11/TK-77QW1", display_id="INV/2026/XI/4711")
    phone = desk(market, role)
    for typed, how in {
        "0856 7777 123": "nomor telepon",
        "+62-856-7777123": "nomor telepon",
        "628567777123": "nomor telepon",
        "siti.putri@EXAMPLE.com": "alamat e-mail",
        "nurhaliza": "nama pembeli",
        "PUTRI síti": "nama pembeli",
        "inv 2026 xi 4711": "nomor pesanan",
        "K-77QW1": "akhir nomor pesanan",
        "2026/11/TK-77QW1": "nomor pesanan",
        case_id: "nomor permintaan",
        f"rf_{case_id}": "nomor pengembalian dana",
        "siti": "ID pembeli",
    }.items():
        page = hits(phone, typed)
        assert f"/cases/{case_id}" in page, typed
        assert how in page, typed
    for typed in ("0856 7777 124", "siti.putra@example.com", "siti rahma", "Budi Hartono"):
        assert f"/cases/{case_id}" not in hits(phone, typed), typed


def test_a_parcel_and_a_phone_that_are_told_while_it_is_open_find_it_too(market: Marketplace) -> None:
    case_id, ports = asked(market, "MOVES-1"), market.world.ports
    before = ports.store.order("MOVES-1")
    assert before
    moved = replace(before.body, version=7, buyer=replace(SITI, phone="0877 1234 5678"))
    orders.upsert(ports, moved, SYSTEM)
    market.all_goes_out(case_id)
    packed = StatusPush(
        status=OrderStatus.READY_TO_SHIP, version=8, at=market.world.clock(), tracking_number="JP-12 345 678"
    )
    orders.change_status(ports, "MOVES-1", packed, SYSTEM)
    market.all_goes_out(case_id)
    phone = desk(market)
    for typed in ("+6287712345678", "0856 7777 123", "jp12345678"):
        assert f"/cases/{case_id}" in hits(phone, typed), typed
    assert "nomor resi" in hits(phone, "jp12345678")


def test_of_many_the_newest_are_shown_and_it_is_said_that_there_are_more(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.pages.support._MANY", 2)
    ids = [asked(market, f"MANY-{number}", replace(SITI, id=f"siti-{number}")) for number in range(3)]
    page = hits(desk(market), "Nurhaliza Siti")
    assert [case_id in page for case_id in ids] == [False, True, True]
    assert page.index(ids[2]) < page.index(ids[1])
    assert "Ada lebih dari 2" in page


def test_nothing_of_it_lies_or_is_logged_in_plain_words(market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    asked(market, "SECRET-77")
    kept = str(boto3.client("dynamodb").scan(TableName="batal-settings")["Items"]).lower()
    assert "tok#" in kept
    with caplog.at_level(logging.INFO):
        hits(desk(market), "nurhaliza")
    (said,) = [record for record in caplog.records if record.getMessage() == "searched"]
    assert (said.found_by, said.cases) == (["name"], 1)  # type: ignore[attr-defined]
    logged = "".join(str(vars(record)) for record in caplog.records if record.name.startswith("chalicelib")).lower()
    for word in ("nurhaliza", "8567777123", "siti.putri"):
        assert word not in kept
        assert word not in logged


def test_whoever_is_forgotten_is_found_no_more_and_others_are(market: Marketplace) -> None:
    mine, other = asked(market, "GONE-1"), asked(market, "STAYS-1", replace(SITI, id="siti-2"))
    for _ in range(2):
        assert clues.forget_person(market.world.ports, "siti") == 1
    phone = desk(market)
    for typed in ("0856 7777 123", "nurhaliza", "siti.putri@example.com"):
        page = hits(phone, typed)
        assert mine not in page, typed
        assert other in page, typed


def test_what_is_noted_runs_out(market: Marketplace) -> None:
    case_id = asked(market, "OLD-1")
    market.world.clock.advance(151 * 86_400)
    assert case_id not in hits(desk(market), "nurhaliza")


def test_nobody_else_searches(market: Marketplace) -> None:
    asked(market, "MINE-1")
    for who, role in (("siti", "buyer"), ("toko-baju", "seller")):
        phone = Phone(market)
        phone.sign_in(who, role)
        assert phone.open("/support?q=nurhaliza").status == 403
