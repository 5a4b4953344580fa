"""The seller's inbox as a tool: found, filtered, paged, answered many at once, and taken along as a file."""

import csv
import io
import re
from itertools import product
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.dynamodb.codec import case_attributes
from chalicelib.adapters.dynamodb.tables import ROW
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.orders.body import Line
from chalicelib.domain.ports import Ports
from chalicelib.workflow import asking, decisions, orders
from infra.sandbox.builders import (
    BUDI,
    SELLER,
    SYSTEM,
    a_body,
    a_context,
    an_act,
    an_ask,
    an_asking,
    an_order,
)
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone


@pytest.fixture
def phone(market: Marketplace) -> Phone:
    made = Phone(market)
    made.sign_in("toko-baju", "seller")
    return made


def waiting(market: Marketplace, count: int, **more: object) -> list[str]:
    return [market.ask(market.order(f"IN-{number:03d}", **more))["case_id"] for number in range(count)]


def rows(page: Answer) -> list[str]:
    return re.findall(r'name="case_id" value="([^"]+)"', page.text)


def shown(page: Answer) -> list[str]:
    return re.findall(r'<h2><a href="/cases/([^"]+)"', page.text)


def sought(**fields: str) -> str:
    return f"/seller?{urlencode({'tab': 'answer', **fields})}"


def sure(phone: Phone, answer: str, case_ids: list[str], **fields: str) -> Answer:
    """The page that asks once more."""
    named = {"tab": "answer", **fields, "answer": answer, "case_id": case_ids}
    return phone.open(f"/seller/answer?{urlencode(named, doseq=True)}")


def press(phone: Phone, page: Answer, **filled: str) -> Answer:
    """Its button, with all requests that it names."""
    (form,) = [form for form in forms_of(page) if form.action.startswith("/seller?")]
    told = {**form.fields, **filled}
    del told["case_id"]
    return phone.press(form.action, [*told.items(), *(("case_id", each) for each in rows(page))])


def test_a_request_is_found_by_whatever_a_buyer_or_a_parcel_says(market: Marketplace, phone: Phone) -> None:
    case_ids = waiting(market, 3)
    market.say("seller", case_ids[2], "reject", reason_code="already_shipped", tracking_number="JNE-881")
    (first,) = shown(phone.open(sought(q="IN-001")))
    assert first == case_ids[1]
    assert shown(phone.open(sought(q=case_ids[0]))) == [case_ids[0]]
    assert shown(phone.open(sought(q="in-001"))) == [case_ids[1]]
    name = market.world.ports.store.cards("toko-baju").items[0].words
    assert set(shown(phone.open(sought(q=name.buyer.split()[0].upper())))) == set(case_ids[:2])
    assert set(shown(phone.open(sought(q=name.goods.split()[0])))) == set(case_ids[:2])
    found = phone.open(sought(q="jne-881"))
    assert shown(found) == []
    assert "1 di “Selesai”" in found.text, "it is told where there are some"
    assert shown(phone.open(sought(tab="closed", q="jne-881"))) == [case_ids[2]]


def test_the_last_six_of_a_number_find_its_order(market: Marketplace, phone: Phone) -> None:
    case_id = market.ask(market.order("581234567890123456"))["case_id"]
    market.ask(market.order("581234567890999999"))
    assert shown(phone.open(sought(q="123456"))) == [case_id]
    assert shown(phone.open(sought(q="23456"))) == [], "fewer would find too much"


def test_filters_stand_in_the_address_through_everything(market: Marketplace, phone: Phone) -> None:
    case_ids = waiting(market, 2)
    page = phone.open(sought(reason="wrong_size", kind="cancellation"))
    assert set(shown(page)) == set(case_ids)
    links = [urlsplit(each.replace("&amp;", "&")) for each in re.findall(r'href="([^"]+)"', page.text)]
    kept = {"reason": ["wrong_size"], "kind": ["cancellation"]}
    for path, more in (("/seller", {"lang": ["en"]}), ("/seller", {"tab": ["closed"]}), ("/seller/file", {})):
        assert [
            each for each in links if each.path == path and parse_qs(each.query).items() >= {**kept, **more}.items()
        ], (path, more)
    page = sure(phone, "approve", [case_ids[0]], reason="wrong_size", kind="cancellation")
    after = press(phone, page)
    assert shown(after) == [case_ids[1]]
    assert 'value="wrong_size" selected' in after.text


def test_amounts_and_deadlines_bound_what_is_shown(market: Marketplace, phone: Phone) -> None:
    (case_id,) = waiting(market, 1)
    amount = market.row(case_id).quote.refund_total
    assert shown(phone.open(sought(**{"from": str(amount), "to": f"Rp{amount}"}))) == [case_id]
    assert shown(phone.open(sought(**{"from": str(amount + 1)}))) == []
    assert shown(phone.open(sought(to=str(amount - 1)))) == []
    unread = phone.open(sought(to="seratus"))
    assert shown(unread) == [case_id], "what cannot be read bounds nothing"
    assert 'aria-invalid="true"' in unread.text
    assert shown(phone.open(sought(within="7"))) == [case_id]
    due = market.row(case_id).deadline_at
    assert due
    market.world.clock.advance(int((due - market.world.clock()).total_seconds()) - 3600)
    assert shown(phone.open(sought(within="1"))) == [case_id]


def test_many_are_answered_after_their_count_and_sum_were_shown(market: Marketplace, phone: Phone) -> None:
    case_ids = waiting(market, 3)
    for case_id in case_ids:
        market.waits_in(case_id)
    page = sure(phone, "reject", case_ids[:2])
    assert "Tolak 2 permintaan?" in page.text
    total = sum(market.row(each).quote.refund_total for each in case_ids[:2])
    assert f"{total:,}".replace(",", ".") in page.text
    assert all(market.row(each).open for each in case_ids), "looking decides nothing"
    reasons = page.text.partition('name="reason_code"')[2].partition("</select>")[0]
    assert reasons.startswith(' required><option value="">')
    assert "selected" not in reasons, "a reason is chosen, never found there"
    unsaid = press(phone, page)
    assert unsaid.status == 422, "no without a reason is none"
    assert "pilih alasan" in unsaid.text
    done = press(phone, unsaid, reason_code="already_packed")
    assert "2 dari 2 tercatat" in done.text
    assert [market.row(each).open for each in case_ids] == [False, False, True]
    assert shown(done) == [case_ids[2]]


def test_what_fails_among_many_is_named_and_the_rest_goes_on(market: Marketplace, phone: Phone) -> None:
    case_ids = waiting(market, 2)
    page = sure(phone, "approve", case_ids)
    market.say("buyer", case_ids[0], "withdraw")
    done = press(phone, page)
    assert "1 dari 2 tercatat" in done.text
    told = f'<li><a href="/cases/{case_ids[0]}">IN-000</a>: Permintaan ini sudah dijawab. Buka untuk'
    assert re.search(rf"<ul[^>]*data-failed>{re.escape(told)}", done.text)


def test_nothing_selected_is_said(phone: Phone) -> None:
    assert phone.open("/seller/answer?answer=approve").status == 422
    assert phone.open("/seller/answer?answer=nothing&case_id=x").status == 422


def test_somebody_elses_case_cannot_be_selected(market: Marketplace) -> None:
    (case_id,) = waiting(market, 1)
    other = Phone(market)
    other.sign_in("toko-sepatu", "seller")
    assert other.open(f"/seller/answer?answer=approve&case_id={case_id}").status == 422
    assert case_id not in other.open("/seller").text
    assert other.open("/seller/file").text.count("\n") == 1
    buyer = Phone(market)
    buyer.sign_in("budi", "buyer")
    for path in ("/seller", "/seller/answer?answer=approve", "/seller/file"):
        assert buyer.open(path).status == 403


def many(ports: Ports, count: int) -> set[str]:
    for number in range(count):
        orders.upsert(ports, a_body(order_id=f"M-{number:04d}"), SYSTEM)
    cases = [asking.ask(ports, f"M-{number:04d}", an_ask(), BUDI).case_id for number in range(count)]
    for case_id in cases[::5]:
        decisions.say(ports, case_id, Approve(), SELLER)
    return set(cases)


def laid(store: DynamoStore, count: int) -> dict[bool, set[str]]:
    """The ids of so many cases, by whether they are open: every fifth was approved. Their rows are laid there, since to
    ask for each takes half a minute."""
    laid: dict[bool, set[str]] = {True: set(), False: set()}
    with store.tables.case.batch_write() as batch:
        for number in range(count):
            order = an_order(order_id=f"M-{number:06d}")
            case = an_asking(order, case_id=f"case-{number:06d}").case
            assert case
            if number % 5 == 0:
                case = advance(case, an_act(Approve()), a_context(order=order)).case
                assert case
            laid[case.open].add(case.case_id)
            batch.save(store.tables.case(case.case_id, ROW, **case_attributes(case, small=True)))
    return laid


@pytest.mark.whole
def test_five_hundred_requests_are_paged_both_ways_counted_found_and_taken_along(
    market: Marketplace, phone: Phone
) -> None:
    cases = laid(DynamoStore(prefix=market.world.ports.store.prefix), 500)  # type: ignore[attr-defined]
    walked: dict[tuple[str, str], list[list[str]]] = {}
    for way, tab in product(("next", "prev"), ("answer", "closed")):
        pages = walked[way, tab] = list[list[str]]()
        page = phone.open(f"/seller?tab={tab}" + ("&page=99999" if way == "prev" else ""))
        while True:
            assert len(shown(page)) <= 50
            pages.append(shown(page))
            onward = re.search(rf'rel="{way}" href="([^"]+)"', page.text)
            if not onward:
                break
            page = phone.open(onward[1].replace("&amp;", "&"))
    for tab, still_open in (("answer", True), ("closed", False)):
        onwards, back = walked["next", tab], walked["prev", tab]
        assert onwards == back[::-1]
        everything = [each for page in onwards for each in page]
        assert len(everything) == len(set(everything))
        assert set(everything) == cases[still_open]
    page = phone.open("/seller")
    assert re.findall(r'class="count">(\d+)', page.text) == ["400", "0", "0", "100"]
    assert "Semua 400 yang cocok" in page.text
    last = walked["next", "answer"][-1][-1]
    assert shown(phone.open(sought(q=f"m-{last[-6:]}"))) == [last], "also from the last page"
    assert shown(phone.open(sought(q=last[-6:]))) == [last]
    assert len(shown(phone.open(sought(q="kemeja", page="8")))) == 50
    asked = phone.open("/seller/answer?tab=answer&answer=approve&all=1")
    assert "Setujui 400 permintaan?" in asked.text
    assert "Rp60.000.000" in asked.text
    taken = list(csv.reader(io.StringIO(phone.open("/seller/file?tab=answer").text.lstrip("\ufeff"))))
    assert len(taken) == 401
    assert {row[1] for row in taken[1:]} == cases[True]


def test_all_that_match_are_answered_in_pieces_without_a_script(market: Marketplace, phone: Phone) -> None:
    many(market.world.ports, 70)
    page = phone.open("/seller")
    assert "Semua 56 yang cocok" in page.text
    asked = phone.open("/seller/answer?tab=answer&answer=approve&all=1")
    assert "Setujui 56 permintaan?" in asked.text
    asked = press(phone, asked)
    assert "50 dari 50 tercatat" in asked.text
    assert "Setujui 6 permintaan?" in asked.text
    assert "6 dari 6 tercatat" in press(phone, asked).text
    assert shown(phone.open("/seller")) == []


def test_the_file_runs_no_formula_and_is_read_by_spreadsheets(market: Marketplace, phone: Phone) -> None:
    names = ("=HYPERLINK(1)", "+62", "-1", "@SUM(A1)")
    for number, name in enumerate(names):
        line = Line(line_id="1", name=name, quantity=1, unit_price=150_000)
        market.ask(market.order(f"X-{number}", lines=(line,)))
    answer = phone.open("/seller/file?tab=answer&lang=en")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.text.startswith("\ufeff")
    table = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert sorted(row[6] for row in table[1:]) == sorted(f"'{name}" for name in names)
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_view_is_kept_under_its_name_until_it_is_forgotten(market: Marketplace, phone: Phone) -> None:
    waiting(market, 1)
    page = phone.open(sought(reason="wrong_size"))
    (form,) = [form for form in forms_of(page) if form.action == "/seller/views"]
    kept = phone.press("/seller/views", {**form.fields, "name": "Ukuran saya", "what": "keep"})
    assert kept.status == 303
    page = phone.open(kept.headers["location"])
    assert re.search(r'aria-current="true">Ukuran saya</a>', page.text)
    other = Phone(market)
    other.sign_in("toko-sepatu", "seller")
    assert "Ukuran saya" not in other.open("/seller").text
    (form,) = [form for form in forms_of(page) if form.action == "/seller/views"]
    assert phone.press("/seller/views", {**form.fields, "what": "forget"}).status == 303
    assert "Ukuran saya" not in phone.open("/seller").text


def test_empty_lists_say_what_to_do(phone: Phone) -> None:
    assert 'href="/seller/rules"' in phone.open("/seller").text
    assert "Hapus semua saringan" in phone.open(sought(q="tidak ada")).text


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "page=0", "tab=x", "within=x", "status=x&reason=%00", "page=%C2%B2"]
)
def test_an_address_may_say_anything(market: Marketplace, phone: Phone, query: str) -> None:
    waiting(market, 1)
    assert phone.open(f"/seller?{query}").status == 200


def test_another_language_asks_about_the_same_requests(market: Marketplace, phone: Phone) -> None:
    page = sure(phone, "approve", waiting(market, 2))
    (other,) = re.findall(r'href="([^"]+)" lang="en"', page.text)
    turned = phone.open(other.replace("&amp;", "&"))
    assert "Approve 2 requests?" in turned.text
    assert rows(turned) == rows(page)
