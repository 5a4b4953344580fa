"""docs/platforms.md says every field of an order push, and what it says of statuses is what the mappings do."""

import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from chalicelib.domain.orders.body import KINDS_OF_CHARGES, Funding, Reach, Scope, TenderState
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.edge.order_bodies import OrderPut
from examples.mappings import lazada, shopee, tiktok, tokopedia, woocommerce
from tests.docs.pages import DOCS, table_rows

PAGE = (DOCS / "platforms.md").read_text(encoding="utf-8")


def fields_of(shape: Any, before: str = "") -> Iterator[str]:
    """Every field of a body with all that it holds, as `lines[].discounts[].code`."""
    for name, kind in get_type_hints(shape).items():
        yield f"{before}{name}"
        for inner, many in _shapes(kind):
            yield from fields_of(inner, f"{before}{name}{'[]' if many else ''}.")


def _shapes(kind: Any, many: bool = False) -> Iterator[tuple[Any, bool]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind, many
    for inner in get_args(kind):
        yield from _shapes(inner, many or get_origin(kind) is tuple)


def test_every_field_of_a_push_is_explained() -> None:
    fields = list(fields_of(OrderPut))
    assert "lines[].discounts[].funded_by" in fields
    assert "seller.shop_name" in fields
    assert [each for each in fields if f"`{each}`" not in PAGE] == []


@pytest.mark.parametrize("words", [Method, TenderState, Funding, Scope, Reach, KINDS_OF_CHARGES])
def test_every_word_that_a_field_may_hold_is_named(words: Any) -> None:
    assert [each for each in words if f"`{each}`" not in PAGE] == []


def test_every_status_of_ours_has_a_row_and_theirs_stand_in_it() -> None:
    rows = {row[0].strip("`"): row[1:] for row in table_rows(PAGE, 7)}
    assert set(OrderStatus) <= set(rows)
    for column, module in ((0, lazada), (1, shopee), (2, tiktok), (3, tokopedia), (5, woocommerce)):
        for status, cells in rows.items():
            told = set(re.split(r", ", cells[column])) - {"", "LOGISTICS_LOST of a parcel"}
            theirs = {word for word, ours in module.STATUSES.items() if ours == status}
            assert told <= theirs, (module.__name__, status)
