"""What a push may say of a tender, and what refuses it: nothing else of the order is looked at here."""

import json
from typing import Any

import msgspec
import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.body import OrderBody, Tender, TenderState
from chalicelib.domain.orders.methods import Method
from chalicelib.edge.limits import LONGEST_ID, MOST_REFERENCES, MOST_TENDERS
from chalicelib.edge.order_bodies import OrderPut
from chalicelib.edge.reading import read_json
from infra.sandbox.builders import NOW, a_body

PAID = {"method": "ewallet", "amount": 150_000}
ALL = {
    **PAID,
    "tender_id": "pay-1",
    "provider": "midtrans",
    "channel": "gopay",
    "reference": "f45a0c6e",
    "references": {"transaction_id": "f45a0c6e", "originalPartnerReferenceNo": "2026-1"},
    "state": "collected",
    "collected_at": NOW.isoformat(),
}


def read(*tenders: Any) -> OrderBody:
    """The order that a push with these tenders is read as."""
    raw = {**msgspec.to_builtins(a_body()), "tenders": list(tenders)}
    return msgspec.convert(read_json(json.dumps(raw), OrderPut), OrderBody, from_attributes=True)


def errors_of(refused: Invalid) -> list[dict[str, str]]:
    """What is wrong, field by field."""
    errors: Any = refused.details["errors"]
    return list(errors)


def refused(*tenders: Any) -> str:
    """The field that is named."""
    with pytest.raises(Invalid) as error:
        read(*tenders)
    return errors_of(error.value)[0]["field"]


def test_all_that_may_be_told_of_a_tender_is_read() -> None:
    assert read(ALL).tenders == (
        Tender(
            method=Method.EWALLET,
            amount=150_000,
            tender_id="pay-1",
            provider="midtrans",
            channel="gopay",
            reference="f45a0c6e",
            references={"transaction_id": "f45a0c6e", "originalPartnerReferenceNo": "2026-1"},
            state=TenderState.COLLECTED,
            collected_at=NOW,
        ),
    )


def test_a_tender_of_which_nobody_says_more_is_named_by_its_method() -> None:
    (tender,) = read(PAID).tenders
    assert tender == Tender(method=Method.EWALLET, amount=150_000)
    assert tender.tender_id == "ewallet"


def test_null_says_nothing() -> None:
    silent = dict.fromkeys(("tender_id", "provider", "channel", "reference", "references", "state", "collected_at"))
    assert read({**PAID, **silent}) == read(PAID)


@pytest.mark.parametrize("method", Method)
def test_every_method_is_taken(method: Method) -> None:
    assert read({**PAID, "method": method}).tenders[0].method is method


def test_ids_are_composed_and_may_be_of_any_kind() -> None:
    (tender,) = read(
        {**PAID, "tender_id": "gid://shopify/Order[1]", "reference": "e\u0301", "references": {"a": "e\u0301"}}
    ).tenders
    assert (tender.tender_id, tender.reference, tender.references) == ("gid://shopify/Order[1]", "\xe9", {"a": "\xe9"})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"method": "cheque"}, "tenders[0].method"),
        ({"method": "GoPay"}, "tenders[0].method"),
        ({"amount": -1}, "tenders[0].amount"),
        ({"amount": 1.5}, "tenders[0].amount"),
        ({"amount": "150000"}, "tenders[0].amount"),
        ({"amount": 10**13 + 1}, "tenders[0].amount"),
        ({"tender_id": ""}, "tenders[0].tender_id"),
        ({"tender_id": " pay"}, "tenders[0].tender_id"),
        ({"tender_id": "x" * (LONGEST_ID + 1)}, "tenders[0].tender_id"),
        ({"tender_id": 5}, "tenders[0].tender_id"),
        ({"provider": "\u202e"}, "tenders[0].provider"),
        ({"channel": "go\npay"}, "tenders[0].channel"),
        ({"channel": "x" * (LONGEST_ID + 1)}, "tenders[0].channel"),
        ({"reference": "x" * (LONGEST_ID + 1)}, "tenders[0].reference"),
        ({"references": {}}, "tenders[0].references"),
        ({"references": {f"r{n}": "x" for n in range(MOST_REFERENCES + 1)}}, "tenders[0].references"),
        ({"references": {"a": "x" * (LONGEST_ID + 1)}}, "tenders[0].references.a"),
        ({"references": {"a": ""}}, "tenders[0].references"),
        ({"references": {"a": None}}, "tenders[0].references"),
        ({"references": {"a b": "x"}}, "tenders[0].references"),
        ({"references": {"x" * 65: "x"}}, "tenders[0].references"),
        ({"references": "tx-1"}, "tenders[0].references"),
        ({"state": "paid"}, "tenders[0].state"),
        ({"state": "collected", "collected_at": "2026-11-22 10:00"}, "tenders[0].collected_at"),
        ({"state": "collected", "collected_at": "1970-01-01T00:00:00Z"}, "tenders[0].collected_at"),
        ({"indivisible": "yes"}, "tenders[0].indivisible"),
        ({"brand": "gopay"}, "tenders[0].brand"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    named = refused({**PAID, **wrong})
    assert named.startswith(field)


def test_an_order_has_no_more_tenders_than_anybody_pays_by() -> None:
    many = [{**PAID, "amount": 1, "tender_id": f"t{number}"} for number in range(MOST_TENDERS)]
    assert len(read(*many).tenders) == MOST_TENDERS
    assert refused(*many, {**PAID, "tender_id": "more"}) == "tenders"


def test_a_refusal_repeats_no_reference() -> None:
    secret = "4811-reference" * 20
    with pytest.raises(Invalid) as error:
        read({**PAID, "reference": secret, "references": {"a": secret}})
    assert secret not in str(error.value.details)
