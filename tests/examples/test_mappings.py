"""Every payload that we know of a platform becomes a push that Batal takes, or says why it cannot."""

import ast
import sys
from pathlib import Path

import pytest

from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.locales.formats import _EXPONENTS
from examples import mappings
from examples.mappings import lazada, pushing, reading, shopee, shopify, tiktok, tokopedia, woocommerce
from examples.mappings.reading import MappingError
from tests.examples.told import BUYER, PLACED, PUSHES, SELLER, body_of, lazada_row, payload, tiktok_cod

MODULES = sorted(Path(mappings.__path__[0]).glob("*.py"))
# Those that order systems tell, some of which are new.
OURS = {*OrderStatus, "payment_review", "on_hold", "partly_shipped", "failed_delivery", "lost"}
OURS |= {"returning_to_seller", "returned_to_seller"}
PLATFORMS = (lazada, shopee, shopify, tiktok, tokopedia, woocommerce)


@pytest.mark.parametrize("name", PUSHES)
def test_a_payload_becomes_an_order_that_batal_takes(name: str) -> None:
    body = body_of(PUSHES[name]())
    assert body.platform == name.split("_")[0]
    assert body.paid > 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_mapping_needs_the_standard_library_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert all(each.name.split(".")[0] in sys.stdlib_module_names for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert (node.module or "").split(".")[0] in sys.stdlib_module_names
        elif isinstance(node, ast.ImportFrom):
            assert node.module in ("checking", "pushing", "reading")


def test_a_mapping_knows_the_currencies_that_batal_knows() -> None:
    assert dict(reading.EXPONENTS) == _EXPONENTS
    assert set(pushing._FAR) | {"cancelled", "partly_shipped"} == OURS


@pytest.mark.parametrize("module", PLATFORMS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_status_of_a_platform_is_one_of_ours(module: object) -> None:
    for table in ("STATUSES", "PACKAGES"):
        assert set(getattr(module, table, {}).values()) <= OURS


def test_every_status_that_the_platforms_document_is_known() -> None:
    assert set(payload("shopee", "statuses")["status"]) <= set(shopee.STATUSES)
    assert set(payload("shopee", "statuses")["return_status"]) <= set(shopee.RETURNS)
    assert set(payload("tiktok", "statuses")["status"]) <= set(tiktok.STATUSES)
    assert set(payload("woocommerce", "statuses")["status"]) <= set(woocommerce.STATUSES)
    for words in payload("lazada", "reverse_push_statuses").values():
        assert set(words) <= set(lazada.REVERSALS)


@pytest.mark.parametrize("module", PLATFORMS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_status_that_nobody_knows_is_named_and_not_guessed(module: object) -> None:
    fields = ("order_status", "status", "fulfillment_status")
    with pytest.raises(MappingError, match="tomorrow"):
        module.status({**dict.fromkeys(fields, "tomorrow"), "update_time": 1603698638})  # type: ignore[attr-defined]


def test_what_does_not_add_up_is_refused_with_both_numbers() -> None:
    with pytest.raises(MappingError, match=r"total_amount: .*53000 VND.*32119 VND"):
        shopee.order(payload("shopee", "order_detail_cod"), buyer=BUYER, seller=SELLER)
    with pytest.raises(MappingError, match=r"line_items\[0\]"):
        tiktok.order(payload("tiktok", "order_doc_sample_idr"), buyer=BUYER, seller=SELLER)


def test_a_gap_is_booked_as_a_discount_of_the_platforms_where_it_is_given_a_name() -> None:
    made = shopee.order(payload("shopee", "order_detail_cod"), buyer=BUYER, seller=SELLER, gap="other_discount")
    assert made["discounts"] == [{"code": "other_discount", "amount": 20_881, "funded_by": "platform"}]


def test_more_than_the_parts_come_to_is_refused_whatever_a_gap_is_called() -> None:
    told = payload("tiktok", "order_cod_tax_included")
    told["payment"]["total_amount"] = "434567"
    with pytest.raises(MappingError, match=r"434566 VND.*434567 VND"):
        tiktok.order(told, buyer=BUYER, seller=SELLER, gap="other_discount")


def test_tax_inside_the_prices_is_told_and_not_added() -> None:
    made = tiktok_cod()
    assert (made["tax"], made["tax_included"]) == (39_506, True)
    told = payload("tiktok", "order_cod_tax_included")
    told["payment"]["total_amount"] = str(434_566 + 39_506)
    assert tiktok.order(told, buyer=BUYER, seller=SELLER)["tax_included"] is False


def test_lines_of_lazada_and_tiktok_stay_one_while_their_pieces_are_sent() -> None:
    rows = [lazada_row(order_item_id=str(number)) for number in range(3)]
    rows[0] |= {"status": "shipped", "package_id": "P1"}
    rows[1] |= {"status": "canceled", "cancel_return_initiator": "cancellation-seller"}
    made = lazada.order(rows, buyer=BUYER, seller=SELLER)
    body_of({**made, "status": "shipped"})
    (line,) = made["lines"]
    assert (line["quantity"], line["quantities"], line.get("package")) == (3, {"rejected": 1, "shipped": 1}, None)
    assert made["status"] == "partly_shipped"


def test_a_trade_push_is_a_word_about_one_piece() -> None:
    assert lazada.status(payload("lazada", "trade_push")) == {
        "status": "unpaid",
        "at": "2020-10-26T07:50:38Z",
        "event_id": "260000000000001/260000000000002/unpaid/1603698638",
        "lines": [{"line_id": "260000000000002", "quantity": 1}],
    }


def test_a_reverse_order_says_which_piece_and_why() -> None:
    assert lazada.cancellation(payload("lazada", "reverse_detail")) == {
        "cancel_id": "1",
        "state": "requested",
        "by": "buyer",
        "reason_code": "out_of_stock",
        "comment": "Out of stock",
        "lines": [{"line_id": "2", "quantity": 1}],
        "refunded": 0,
    }
    assert lazada.refunds(payload("lazada", "reverse_detail"), currency="SGD", at=PLACED) == []


def test_a_cancellation_of_tiktoks_says_which_piece_why_and_by_whom() -> None:
    assert tiktok.cancellation(payload("tiktok", "cancellation_complete")) == {
        "order_id": "580000000000000005",
        "cancel_id": "4040000000000000002",
        "state": "refunded",
        "by": "buyer",
        "reason_code": "other",
        "comment": "ecom_order_to_ship_canceled_reason_high_delivery_costs",
        "lines": [{"line_id": "580000000000000006", "quantity": 1}],
    }


def test_the_year_one_is_no_date_and_a_time_limit_is_the_sellers() -> None:
    told = payload("tokopedia", "order_single_auto_cancelled")
    assert "preorder" not in tokopedia.order(told, buyer=BUYER, seller=SELLER, placed_at=PLACED)
    assert tokopedia.cancellation(told) == {
        "order_id": "12000001",
        "state": "granted",
        "by": "platform",
        "reason_code": "seller_slow",
        "comment": "seller exceeded the time limit",
        "lines": [{"line_id": "20", "quantity": 1}],
    }


def test_a_request_that_names_the_order_alone_is_about_all_of_it() -> None:
    asked = tokopedia.cancellation(payload("tokopedia", "webhook_request_cancellation_and_bundle"))
    assert asked == {"order_id": "43000001", "state": "requested", "by": "buyer", "reason_code": "other"}


def test_a_return_that_is_still_looked_at_brought_nothing_back() -> None:
    assert shopee.refunds(payload("shopee", "return_inspection_deadlines"), at=PLACED) == []


def test_an_order_without_money_of_its_own_is_told_by_the_names_of_what_it_lacks() -> None:
    with pytest.raises(MappingError, match=r"seller.id"):
        tiktok.order(payload("tiktok", "order_cod_tax_included"))
    with pytest.raises(MappingError, match="placed_at="):
        tokopedia.order(payload("tokopedia", "order_single_auto_cancelled"), buyer=BUYER, seller=SELLER, version=1)
