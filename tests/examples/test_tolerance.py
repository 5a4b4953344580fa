"""Whatever a payload leaves out or writes otherwise, a mapping makes a push that Batal takes, or names the field."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from examples.mappings import lazada, shopee, shopify, tiktok, tokopedia, woocommerce
from examples.mappings.reading import Json, MappingError
from tests.examples.told import BUYER, PLACED, SELLER, body_of, lazada_row, payload

TOLD: Json = {"placed_at": PLACED, "version": 1}


def lazada_of(told: Any) -> Json:
    return lazada.order(told.get("head") or {}, items=told.get("items"), buyer=BUYER, seller=SELLER, **TOLD)


def lazada_both() -> Any:
    rows = [
        {**lazada_row(order_item_id=str(number)), "paid_price": "94.00", "voucher_seller": "5.00"} for number in (1, 2)
    ]
    return {"head": {**payload("lazada", "order_cod"), "price": "198.00", "shipping_fee": "0.00"}, "items": rows}


def plain(module: Any) -> Callable[[Any], Json]:
    def made(told: Any) -> Json:
        push: Json = module.order(told, buyer=BUYER, seller=SELLER, **TOLD)
        return push

    return made


def shopee_with_escrow(told: Any) -> Json:
    more = {**TOLD, "order_id": "S", "status": "processing", "currency": "IDR"}
    return shopee.order(told, buyer=BUYER, seller=SELLER, **more)


def shopee_with_gap(told: Any) -> Json:
    return shopee.order(told, buyer=BUYER, seller=SELLER, gap="other_discount", **TOLD)


def shopify_full() -> Any:
    """One with all that Shopify may say: refunds, a parcel, two currencies, a discount on the shipping."""
    whole = payload("shopify", "order_discount_code_three_lines")
    back = payload("shopify", "refund_less_than_calculated")["refund"]
    whole["refunds"] = [{**back, "id": 1, "created_at": PLACED}]
    whole["shipping_lines"][0] |= {"price": "5.00", "discounted_price": "0.00", "title": "Post"}
    whole["fulfillments"] = [{"id": 7, "status": "success", "line_items": [{"id": 11, "quantity": 1}]}]
    whole |= {"presentment_currency": "EUR", "total_price_set": {"presentment_money": {"amount": "550.00"}}}
    return whole


CASES: dict[str, tuple[Callable[[Any], Json], Callable[[], Any]]] = {
    "lazada": (lazada_of, lazada_both),
    "shopee": (shopee_with_gap, lambda: payload("shopee", "order_detail_cod")),
    "shopee_escrow": (shopee_with_escrow, lambda: payload("shopee", "adjustments_via_aggregator")),
    "tiktok": (plain(tiktok), lambda: payload("tiktok", "order_cod_tax_included")),
    "tiktok_cancelled": (plain(tiktok), lambda: payload("tiktok", "order_cancelled_eur")),
    "tokopedia": (plain(tokopedia), lambda: payload("tokopedia", "order_single_auto_cancelled")),
    "shopify": (plain(shopify), shopify_full),
    "shopify_tax": (plain(shopify), lambda: payload("shopify", "order_tax_23_percent")),
    "woocommerce": (plain(woocommerce), lambda: payload("woocommerce", "order_processing")),
}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where every field of a payload stands."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from places(inner, (*path, step))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def taken(make: Callable[[Any], Json], told: Any) -> Json | None:
    """The push, which Batal takes; None where the mapping named what is wrong."""
    try:
        push = make(told)
    except MappingError as error:
        if not error.path:
            raise AssertionError(f"no path: {error.problem}") from error
        return None
    try:
        body_of(push)
    except Invalid as error:  # pragma: no cover
        raise AssertionError(f"{error.code} {error.details}: {json.dumps(push)}") from error
    return push


NOTHING: tuple[Any, ...] = (None, "", [], {})


@pytest.mark.parametrize("name", CASES)
def test_whatever_is_missing_or_empty_is_no_crash_and_no_wrong_push(name: str) -> None:
    make, tell = CASES[name]
    whole = tell()
    assert taken(make, whole) is not None
    mapped = 0
    for path in places(whole):
        for nothing in NOTHING:
            told = copy.deepcopy(whole)
            at(told, path[:-1])[path[-1]] = nothing
            mapped += taken(make, told) is not None
        if isinstance(path[-1], str):
            told = copy.deepcopy(whole)
            del at(told, path[:-1])[path[-1]]
            mapped += taken(make, told) is not None
    # Most of what platforms say, an order can do without.
    assert mapped > len(list(places(whole))) * 2


@pytest.mark.parametrize("name", CASES)
def test_numbers_and_flags_are_read_however_they_are_written(name: str) -> None:
    make, tell = CASES[name]
    whole = tell()
    plain_push = make(whole)
    for path in places(whole):
        value = at(whole, path)
        others: list[Any] = [str(value).lower(), str(value)] if isinstance(value, bool) else []
        if isinstance(value, bool):
            others.append(str(int(value)))
        elif isinstance(value, (int, float)):
            others = [str(value), f" {value} ", value if isinstance(value, float) else float(value)]
            # A float that is an id would be another one.
            others = others[:2] if "id" in str(path[-1]) else others
        elif isinstance(value, str) and value.replace(".", "", 1).isdigit() and "." in value:
            others = [float(value), f"{value}00"]
        for other in others:
            told = copy.deepcopy(whole)
            at(told, path[:-1])[path[-1]] = other
            assert make(told) == plain_push, path


@pytest.mark.parametrize("name", CASES)
def test_fields_that_nobody_knows_change_nothing(name: str) -> None:
    make, tell = CASES[name]
    whole = tell()
    told = copy.deepcopy(whole)
    for path in [(), *places(whole)]:
        if isinstance(at(told, path), dict):
            at(told, path)["new_in_2030"] = {"a": [1, None]}
    assert make(told) == make(whole)


@pytest.mark.parametrize("name", CASES)
def test_a_field_of_another_shape_is_named(name: str) -> None:
    make, tell = CASES[name]
    whole = tell()
    for path in places(whole):
        for odd in ("???", -1, 1.005, True, [["x"]], {"x": "y"}, "2026-13-45T00:00:00Z"):
            told = copy.deepcopy(whole)
            at(told, path[:-1])[path[-1]] = odd
            taken(make, told)
