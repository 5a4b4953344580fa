"""What every Store must keep of tenders: all that was told, and what is left of each."""

from typing import Any

import pytest

from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.body import Tender, TenderState
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import GivenBack, with_given_back
from chalicelib.domain.ports import Store
from chalicelib.edge.limits import LONGEST_ID, MOST_TENDERS
from infra.sandbox.builders import NOW, a_policy
from tests.contract.rows import answer, left_of, opened, pushed

# As a platform may call them: what looks like a path, a place in a list, an escape of ours.
NAMES = ("a.b", "pay[0]", "[", "x]", "%5B", "100%", "#left", ":0", "self", "gid://shopify/T/1", "ü", "a b")


def tenders(*names: str, **more: Any) -> tuple[Tender, ...]:
    """So many cards, all alike."""
    amount = 150_000 // len(names)
    first = 150_000 - amount * (len(names) - 1)
    return tuple(
        Tender(method=Method.WALLET, amount=amount if number else first, tender_id=name, **more)
        for number, name in enumerate(names)
    )


def known(store: Store) -> Order:
    order = store.order("LZD-1")
    assert order
    return order


def test_all_that_was_told_of_a_tender_comes_back(store: Store) -> None:
    told = Tender(
        method=Method.VOUCHER,
        amount=150_000,
        tender_id="pay-1",
        provider="midtrans",
        channel="gopay",
        reference="tx",
        references={"b": "2", "a": "1"},
        state=TenderState.COLLECTED,
        collected_at=NOW,
        indivisible=True,
    )
    assert pushed(store, tenders=(told,)).body.tenders == (told,)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_tender_is_called_its_money_goes_back_once(store: Store, name: str) -> None:
    opened(store, tenders=tenders(name, "other"))
    assert left_of(known(store)) == {name: 75_000, "other": 75_000}
    store.commit(answer(store, Approve()))
    assert left_of(known(store)) == {name: 0, "other": 0}
    wallet = store.wallet("budi", "IDR")
    parts = {entry.part for entry in wallet.entries if isinstance(entry, Credit)}
    assert (wallet.balance, parts) == (150_000, {name, "other"})


def test_the_most_tenders_of_the_longest_names_go_back_in_one_decision(store: Store) -> None:
    names = [f"{number:03}".ljust(LONGEST_ID, "ü") for number in range(MOST_TENDERS)]
    opened(store, tenders=tenders(*names))
    store.commit(answer(store, Approve()))
    assert left_of(known(store)) == dict.fromkeys(names, 0)
    assert store.wallet("budi", "IDR").balance == 150_000


@pytest.mark.parametrize("name", NAMES)
def test_what_was_given_back_elsewhere_is_known_by_tender(store: Store, name: str) -> None:
    order = pushed(store, tenders=tenders(name, "b"))
    given = with_given_back(order, GivenBack(tender_id=name, amount=75_000))
    assert given
    store.commit(Change(push=Push(before=order, after=given)))
    assert known(store).given == {name: 75_000}
    assert left_of(known(store)) == {name: 0, "b": 75_000}


def test_a_case_comes_back_with_the_names_and_channels_of_its_money(store: Store) -> None:
    change = opened(store, tenders=tenders("pay-1", "wallet", channel="gopay"))
    assert store.case("c1") == change.case
    granted = answer(store, Approve())
    store.commit(granted)
    assert store.case("c1") == granted.case


@pytest.mark.parametrize("order", [None, ("card", "wallet")])
def test_a_policy_comes_back_with_its_order_of_methods_or_without(store: Store, order: tuple[str, ...] | None) -> None:
    policy = a_policy(refund_order=order)
    store.put_policy(policy)
    assert store.policy("lazada", None) == policy
