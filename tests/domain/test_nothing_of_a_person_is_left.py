"""Every text that is kept is either erased with a person or said here to be none of theirs: a new field fails until
somebody has decided which."""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.soundness import erased
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry, seal
from chalicelib.domain.orders.erased import without_buyer, without_seller
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.people.erasing import case_without_words, file_without_words, message_without_words
from infra.sandbox.builders import NOW, SUPPORT

MARK = "words of somebody"

# Why a text may stay, by what its field is called: ids that the marketplace, its providers and Batal give, alone
# or as keys of maps;
IDS = """id order_id case_id display_id payment_id buyer_id seller_id line_id line_ids parent_line_id package_id package
    sku tender_id refund_id event_id events quote_id decision_id message_id evidence_id chargeback_id correlation_id
    reference references on_behalf_of by_rule dry_rule head previous sha256 key cases open_case beside formerly part
    instead_of accounts acknowledged elsewhere cancelled returned given left rest lines dismissed kept goes_on_in"""
# codes out of lists;
CODES = """platform currency channel provider kind code reason reason_code terms_version policy locale category
    content_type refused shipping_service lost fill label rule"""
# and who of the marketplace's people it was: whoever decided stays answerable.
STAFF = "claimed_by first_yes by"
MAY_STAY = frozenset(f"{IDS} {CODES} {STAFF}".split())
# Texts that stay, each by its place: what the goods are, and what is the seller's.
STAYS = {
    "Order.body.lines.name",
    "Order.body.lines.variant",
    "Order.body.lines.image_url",
    "Case.quote.lines.detail",
    "Case.quoted.lines.detail",
    "Case.policy.name",
    "Case.way_back.address",
    "Order.body.seller.email",
    "Order.body.seller.name",
    "Order.body.seller.phone",
    "Order.body.seller.return_address",
    "Order.body.seller.shop_name",
}


def filled(kind: Any, seen: tuple[type, ...] = ()) -> Any:
    """A value of this type with something in every place that may hold a text."""
    origin, of = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return filled(next(each for each in of if each is not type(None)), seen)
    if kind is str or kind is Any:
        return MARK
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if kind is bool:
        return True
    if kind is int:
        return 1
    if kind is datetime:
        return NOW
    if kind is date:
        return NOW.date()
    if kind is timedelta:
        return timedelta(days=1)
    if origin is tuple:
        return (filled(of[0], seen),)
    if origin is frozenset:
        return frozenset({filled(of[0], seen)})
    if origin is not None and issubclass(origin, Mapping):
        return {filled(of[0], seen): filled(of[1], seen)}
    if hasattr(kind, "__supertype__"):
        return filled(kind.__supertype__, seen)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind, include_extras=False)
        return kind(**{each.name: filled(hints[each.name], (*seen, kind)) for each in fields(kind) if each.init})
    raise AssertionError(f"{kind} is no type that this test knows")


def marked(value: Any, place: str) -> Iterator[str]:
    """Where a mark is left."""
    if isinstance(value, str) and MARK in value:
        yield place
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from marked(getattr(value, each.name), f"{place}.{each.name}")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from marked(key, place)
            yield from marked(one, place)
    elif isinstance(value, (list, tuple, frozenset)):
        for one in value:
            yield from marked(one, place)


def an_entry() -> Entry:
    facts = {"person": MARK, "carrier": MARK, "seller_rule": MARK, "seller_rule_dry": MARK, "first_note": MARK}
    told = {"case.parcel_moved": {"case_id": "c", "tracking_number": MARK, "carrier": MARK}}
    plain = replace(filled(Entry), actor=SUPPORT, facts=facts, events=told, digests=None, salts=None, erased=None)
    return seal(plain, "salt")


ERASED: Mapping[str, Callable[[], Any]] = {
    "Order": lambda: without_buyer(filled(Order)),
    "Case": lambda: case_without_words(replace(filled(Case), outbox={})),
    "Message": lambda: message_without_words(filled(Message), NOW),
    "Evidence": lambda: file_without_words(filled(Evidence), NOW),
    "Entry": lambda: erased(an_entry()),
}


@pytest.mark.parametrize("kind", ERASED)
def test_every_text_is_erased_or_said_to_be_none_of_a_person(kind: str) -> None:
    left = set(marked(ERASED[kind](), kind))
    assert sorted(each for each in left - STAYS if each.rpartition(".")[2] not in MAY_STAY) == []


def test_what_is_said_to_stay_is_there() -> None:
    left = {each for kind, made in ERASED.items() for each in marked(made(), kind)}
    assert sorted(STAYS - left) == []
    assert sorted(MAY_STAY - {each.rpartition(".")[2] for each in left}) == []


def test_a_text_that_nobody_thought_of_would_be_found() -> None:
    """A control: with one field more than is erased there is something left."""
    forgotten = replace(case_without_words(replace(filled(Case), outbox={})), offer=filled(Case).offer)
    assert "Case.offer.comment" in set(marked(forgotten, "Case"))


def test_of_an_erased_seller_an_order_keeps_the_id_alone() -> None:
    bare = without_seller(filled(Order))
    left = {each for each in marked(bare, "Order") if each.startswith("Order.body.seller.")}
    assert left == {"Order.body.seller.id"}
    assert bare.body.buyer == filled(Order).body.buyer
    notes = {each for each in marked(bare, "Order") if each.rpartition(".")[2] in ("note", "body_told")}
    assert notes == set()


def test_of_an_erased_seller_a_case_keeps_nothing_that_they_wrote() -> None:
    left = set(marked(case_without_words(replace(filled(Case), outbox={}), accounts=False, whose=Role.SELLER), "Case"))
    of_the_account = {
        f"Case.refund.parts.account.{name}" for name in ("account_id", "ending", "fingerprint", "initials")
    }
    named = {
        each
        for each in left - STAYS - of_the_account
        if each.rpartition(".")[2] not in MAY_STAY - {"by_rule", "dry_rule"}
    }
    assert sorted(named) == []
    assert "Case.way_back.address" not in left
