"""Cases from before a version: they get what it brought by commands that may be said again, and go on as they are where
nobody says them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change
from chalicelib.domain.errors import Conflict
from chalicelib.domain.reference import for_older, is_one
from chalicelib.workflow import asking
from infra import clues, references
from infra.sandbox.builders import BUDI, an_ask
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

pytestmark = pytest.mark.dynamodb

OLD = "0f3c9a6be1d24f7c8a5b6c7d8e9f0a1b"


def signed_in(market: Marketplace, who: str, role: str) -> Phone:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone


def older(market: Marketplace, order_id: str, case_id: str = OLD) -> Case:
    """A case as 0.6.0 opened it: its id is no number, and it never promised to be found."""
    ports = replace(market.world.ports, new_reference=lambda: case_id)
    asking.ask(ports, market.order(order_id), an_ask(), BUDI)
    market.all_goes_out(case_id)
    case = ports.store.case(case_id)
    assert case
    ports.store.forget_clues(case)
    return case


def said(monkeypatch: pytest.MonkeyPatch, market: Marketplace, command: Any) -> int:
    """The exit code of a command, on the tables of this marketplace."""
    monkeypatch.setattr(command, "store_of", lambda given: market.world.ports.store)
    code: int = command.main([])
    return code


def test_it_gets_a_number_that_stands_and_leads_wherever_a_new_one_does(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = older(market, "BEFORE")
    support = signed_in(market, "rini", "support")
    assert f"<code>{OLD}</code>" in support.open(f"/cases/{OLD}").text
    assert said(monkeypatch, market, references) == 0
    number = next(for_older(OLD))
    after = market.world.ports.store.case(OLD)
    assert after
    assert replace(after, reference=None, rev=case.rev) == case, "nothing else changed"
    assert market.case(OLD)["reference"] == number
    for who, role in (("budi", "buyer"), ("toko-baju", "seller"), ("rini", "support")):
        phone = signed_in(market, who, role)
        assert f"<code>{number}</code>" in phone.open(f"/cases/{OLD}").text
        assert number in phone.open(f"/cases/{OLD}/file").text
        for spelled in (number, number.lower(), number.removeprefix("BTL-"), f"btl {number[4:]}"):
            led = phone.open(f"/cases/{quote(spelled)}")
            assert (led.status, led.headers.get("location", "").endswith(f"/cases/{OLD}")) == (303, True), spelled
    seller = signed_in(market, "toko-baju", "seller")
    for spelled in (number.lower(), number.removeprefix("BTL-")):
        assert f"/cases/{OLD}" in support.open(f"/support?q={spelled}").text
        assert f"/cases/{OLD}" in seller.open(f"/seller?q={spelled}").text
    market.say("seller", OLD, "approve")
    market.all_goes_out(OLD)
    assert any(number in mail.text and OLD not in mail.text.split("http")[0] for mail in market.mails())


def test_its_number_allows_nothing(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    older(market, "STRANGE")
    said(monkeypatch, market, references)
    number = next(for_older(OLD))
    for who, role in (("ani", "buyer"), ("toko-sepatu", "seller")):
        assert signed_in(market, who, role).open(f"/cases/{number}").status == 404


def test_said_again_it_is_the_same_and_new_cases_are_left_alone(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(market, "AGAIN")
    new = str(market.ask(market.order("NEW"))["case_id"])
    store = market.world.ports.store
    for _ in range(2):
        assert said(monkeypatch, market, references) == 0
    first, untouched = store.case(OLD), store.case(new)
    assert first
    assert untouched
    # A version before forgot it.
    store.commit(Change(case=replace(first, reference=None, rev=first.rev + 1)))
    assert said(monkeypatch, market, references) == 0
    again = store.case(OLD)
    assert again
    assert again.reference == first.reference
    assert untouched.reference is None
    assert is_one(untouched.number)


def test_a_number_that_another_has_is_passed_over(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    older(market, "SECOND")
    first, second = (number for number, _ in zip(for_older(OLD), range(2), strict=False))
    market.world.ports.store.keep_reference(first, "somebody-elses")
    assert said(monkeypatch, market, references) == 0
    assert market.case(OLD)["reference"] == second


@pytest.mark.parametrize("command", [references, clues], ids=["references", "clues"])
def test_where_somebody_writes_meanwhile_it_is_said_again(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch, command: Any
) -> None:
    older(market, "BUSY")
    store: Any = market.world.ports.store
    commit: Callable[[Change], None] = store.commit

    def busy(change: Change) -> None:
        raise Conflict("case")

    monkeypatch.setattr(DynamoStore, "commit", lambda self, change: busy(change))
    assert said(monkeypatch, market, command) == 1
    monkeypatch.setattr(DynamoStore, "commit", lambda self, change: commit(change))
    assert said(monkeypatch, market, command) == 0


def test_an_open_case_is_found_by_what_callers_say_once_that_was_said(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(market, "CALLED")
    closed = str(market.ask(market.order("CLOSED-BEFORE"))["case_id"])
    market.say("seller", closed, "approve")
    market.all_goes_out(closed)
    store, phone = market.world.ports.store, signed_in(market, "rini", "support")
    ended = store.case(closed)
    assert ended
    store.forget_clues(ended)
    assert OLD not in phone.open("/support?q=budi%40example.com").text
    for _ in range(2):
        assert said(monkeypatch, market, clues) == 0
    market.all_goes_out(OLD)
    page = phone.open("/support?q=budi%40example.com").text
    assert OLD in page
    assert closed not in page, "nobody calls about it any more"
    promised = store.case(OLD)
    assert promised
    assert said(monkeypatch, market, clues) == 0
    assert store.case(OLD) == promised, "found already"
