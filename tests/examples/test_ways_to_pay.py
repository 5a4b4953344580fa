"""How platforms say that something was paid, and what Batal is told of it."""

from typing import Any

import pytest

from chalicelib.domain.orders.methods import CHANNELS, Method, channel_of
from chalicelib.edge.limits import MOST_TENDERS
from examples.mappings import checking, lazada, paying, shopee, shopify, tiktok, tokopedia, woocommerce
from examples.mappings.paying import way
from examples.mappings.reading import Json, MappingError
from tests.examples.told import BUYER, PLACED, SELLER, body_of, lazada_row, payload, shopify_two_cards


def test_the_brands_of_the_mappings_are_batals_own() -> None:
    for method, channel in paying.BRANDS.values():
        assert Method(method) in CHANNELS[channel].methods
    assert {channel_of(word) for word in paying.BRANDS} == {channel for _, channel in paying.BRANDS.values()}
    assert {method for _, method in paying._WORDS} <= set(Method)
    assert checking.MOST_TENDERS == MOST_TENDERS


@pytest.mark.parametrize(
    ("told", "method", "channel"),
    [
        ("GoPay", "ewallet", "gopay"),
        ("GO-PAY", "ewallet", "gopay"),
        ("OVO", "ewallet", "ovo"),
        ("Dana", "ewallet", "dana"),
        ("ShopeePay", "ewallet", "shopeepay"),
        ("QRIS", "qris", None),
        ("QRIS - GoPay", "qris", "gopay"),
        ("GoPay Later", "paylater", "gopaylater"),
        ("SPayLater", "paylater", "spaylater"),
        ("Shopee PayLater", "paylater", "spaylater"),
        ("Kredivo", "paylater", "kredivo"),
        ("BCA Virtual Account", "virtual_account", "bca"),
        ("Virtual Account Mandiri", "virtual_account", "mandiri"),
        ("Transfer Bank BRI", "bank", "bri"),
        ("BCA", "bank", "bca"),
        ("Indomaret", "virtual_account", "indomaret"),
        ("Credit Card/Debit Card", "card", None),
        ("Kartu Kredit Visa", "card", "visa"),
        ("Cash on delivery (COD)", "cod", None),
        ("midtrans_sub_gopay", "ewallet", "gopay"),
        ("midtrans_sub_bca_va", "virtual_account", "bca"),
        ("midtrans_sub_qris", "qris", None),
        ("midtrans_sub_echannel", "virtual_account", "mandiri"),
        ("xendit_bcava", "virtual_account", "bca"),
        ("xendit_ovo", "ewallet", "ovo"),
        ("Online Payment", None, None),
        ("GoPay, OVO, DANA", "ewallet", None),
        ("Credit Card, GoPay, Bank Transfer", None, None),
        ("GoPay or Kredivo", None, None),
        ("gift card", "voucher", None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_word_is_a_method_and_a_brand_or_nothing(told: str | None, method: str | None, channel: str | None) -> None:
    expected = {"method": method, "channel": channel}
    assert way(told) == {name: value for name, value in expected.items() if value}


def tender_of(push: Json) -> Json:
    """The one tender, which Batal takes, without its amount."""
    body_of(push)
    (tender,) = push["tenders"]
    return {name: value for name, value in tender.items() if name != "amount"}


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("DANA", {"method": "ewallet", "channel": "dana"}),
        ("MIXEDCARD", {"method": "card"}),
        ("COD", {"method": "cod"}),
        ("Bank Transfer", {"method": "bank"}),
        ("BCA VA", {"method": "virtual_account", "channel": "bca"}),
        ("LazPayLater", {"method": "paylater"}),
        ("Lazada Wallet", {"method": "wallet"}),
        ("something new", {"method": "card"}),
    ],
)
def test_lazadas_payment_method(word: str, told: Json) -> None:
    assert tender_of(lazada.order([lazada_row()], buyer=BUYER, seller=SELLER, payment_method=word)) == told


def shopee_of(word: str, **more: Any) -> Json:
    told = {**payload("shopee", "order_detail_cod"), "cod": False, "payment_method": word}
    return shopee.order(told, buyer=BUYER, seller=SELLER, gap="other_discount", **more)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("ShopeePay", {"method": "ewallet", "channel": "shopeepay"}),
        ("SPayLater", {"method": "paylater", "channel": "spaylater"}),
        ("QRIS", {"method": "qris"}),
        ("Credit Card/Debit Card", {"method": "card"}),
        ("Online Payment", {"method": "card"}),
    ],
)
def test_shopees_payment_method(word: str, told: Json) -> None:
    assert tender_of(shopee_of(word)) == told


def test_what_the_caller_knows_better_is_told_without_what_the_payload_said_of_another() -> None:
    assert tender_of(shopee_of("ShopeePay", method="bank")) == {"method": "bank"}
    assert tender_of(shopee_of("ShopeePay", method="ewallet")) == {"method": "ewallet", "channel": "shopeepay"}


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("GoPay", {"method": "ewallet", "channel": "gopay"}),
        ("CCDC", {"method": "card"}),
        ("Bank transfer", {"method": "bank"}),
        ("Akulaku PayLater", {"method": "paylater", "channel": "akulaku"}),
    ],
)
def test_tiktoks_payment_method(word: str, told: Json) -> None:
    payment = payload("tiktok", "order_cod_tax_included") | {"is_cod": False, "payment_method_name": word}
    assert tender_of(tiktok.order(payment, buyer=BUYER, seller=SELLER)) == told


def tokopedia_of(**payment: Any) -> Json:
    single = payload("tokopedia", "order_single_auto_cancelled")
    single["payment_info"] = {**single.get("payment_info", {}), **payment}
    return tokopedia.order(single, buyer=BUYER, seller=SELLER, placed_at=PLACED, paid_at=PLACED, version=1)


@pytest.mark.parametrize(
    ("payment", "told"),
    [
        ({"payment_method": 0, "gateway_name": "GoPay"}, {"method": "ewallet", "channel": "gopay"}),
        ({"gateway_name": "OVO"}, {"method": "ewallet", "channel": "ovo"}),
        ({"gateway_name": "BCA Virtual Account"}, {"method": "virtual_account", "channel": "bca"}),
        ({"gateway_name": "Installment Payment"}, {"method": "card"}),
        ({"gateway_name": "unheard of"}, {"method": "bank"}),
        (
            {"gateway_name": "QRIS", "payment_ref_num": "PYM/20170720/XVII/VII/1"},
            {"method": "qris", "reference": "PYM/20170720/XVII/VII/1"},
        ),
    ],
)
def test_tokopedias_gateway(payment: Json, told: Json) -> None:
    assert tender_of(tokopedia_of(**payment)) == told


def woocommerce_of(method: str, title: str = "", transaction_id: str = "") -> Json:
    whole = payload("woocommerce", "order_processing")
    whole |= {"payment_method": method, "payment_method_title": title, "transaction_id": transaction_id}
    return woocommerce.order(whole, buyer=BUYER, seller=SELLER)


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (("bacs",), {"method": "bank"}),
        (("cod",), {"method": "cod"}),
        (
            ("midtrans_sub_gopay", "E-wallets", "tx-1"),
            {"method": "ewallet", "channel": "gopay", "provider": "midtrans", "reference": "tx-1"},
        ),
        (("xendit_qris", "QRIS"), {"method": "qris", "provider": "xendit"}),
        (
            ("midtrans", "Bayar dengan ShopeePay", "tx-2"),
            {"method": "ewallet", "channel": "shopeepay", "provider": "midtrans", "reference": "tx-2"},
        ),
        (("stripe", "Pay online", "pi_3"), {"method": "card", "provider": "stripe", "reference": "pi_3"}),
        (("stripe", "Pay online", "x" * 129), {"method": "card", "provider": "stripe"}),
        (("our_own_plugin", "", "tx-4"), {"method": "card"}),
    ],
)
def test_woocommerces_payment_method_and_title(ids: tuple[str, ...], told: Json) -> None:
    assert tender_of(woocommerce_of(*ids)) == told


def test_two_cards_of_shopifys_are_two_tenders_with_their_references() -> None:
    made = shopify_two_cards()
    assert made["tenders"] == [
        {"method": "card", "amount": 138_46, "reference": "r1"},
        {"method": "card", "amount": 128_16, "reference": "r2", "tender_id": "2"},
    ]
    assert [tender.tender_id for tender in body_of(made).tenders] == ["card", "2"]


def shopify_of(*transactions: Json, rows: tuple[Json, ...] = (), **more: Any) -> Json:
    whole = {
        "id": 900000001,
        "currency": "IDR",
        "created_at": PLACED,
        "financial_status": "paid",
        "total_price": "150000.00",
        "line_items": [{"id": 1, "title": "A", "quantity": 1, "price": "150000.00"}],
        "transactions": [{"kind": "sale", "status": "success", **each} for each in transactions],
    }
    return shopify.order({**whole, **more}, tender_transactions=rows, buyer=BUYER, seller=SELLER)


def test_a_gateway_of_shopifys_is_a_provider_that_knows_the_payment() -> None:
    took = {"id": 7, "gateway": "Midtrans GoPay", "authorization": "auth-1", "amount": "150000.00"}
    assert shopify_of(took)["tenders"] == [
        {
            "method": "ewallet",
            "channel": "gopay",
            "provider": "Midtrans GoPay",
            "reference": "auth-1",
            "amount": 150_000,
        }
    ]


def test_a_card_of_shopifys_says_whose_it_is() -> None:
    details = {"credit_card_company": "American Express", "credit_card_number": "•••• •••• •••• 1"}
    took = {"gateway": "shopify_payments", "amount": "150000.00", "payment_details": details}
    (tender,) = shopify_of(took)["tenders"]
    assert (tender["method"], tender["channel"], tender["provider"]) == ("card", "amex", "shopify_payments")


def test_several_ways_of_shopifys_are_told_as_they_are() -> None:
    gift = {"id": 1, "gateway": "gift_card", "amount": "50000.00"}
    first, second = ({"id": n, "gateway": "xendit", "amount": "50000.00", "authorization": f"a{n}"} for n in (2, 3))
    made = shopify_of(gift, first, second)
    body = body_of(made)
    assert [(each.method, each.tender_id, each.amount) for each in body.tenders] == [
        ("voucher", "voucher", 50_000),
        ("card", "card", 50_000),
        ("card", "3", 50_000),
    ]
    with pytest.raises(MappingError, match=r"100000 IDR were paid of 150000 IDR"):
        shopify_of(gift, first)


def test_a_shop_that_says_no_transaction_is_paid_by_its_gateway() -> None:
    assert tender_of(shopify_of(gateway="ShopeePay")) == {"method": "ewallet", "channel": "shopeepay"}
    assert tender_of(shopify_of(payment_gateway_names=["manual"])) == {"method": "bank"}


def test_cash_and_transfers_have_no_provider() -> None:
    took = {"id": 1, "gateway": "Cash on Delivery (COD)", "authorization": "a", "amount": "150000.00"}
    assert tender_of(shopify_of(took)) == {"method": "cod"}


def test_money_that_went_back_before_the_rest_was_paid_is_no_tender() -> None:
    rows = tuple(
        {"id": number, "payment_method": way, "amount": amount, "currency": "IDR"}
        for number, (way, amount) in enumerate(
            [("credit_card", "150000.00"), ("credit_card", "-150000.00"), ("GoPay", "150000.00")], start=1
        )
    )
    assert tender_of(shopify_of(rows=rows)) == {"method": "ewallet"}


def test_more_tenders_than_batal_takes_are_named() -> None:
    many = [{"id": n, "gateway": "x", "amount": "1.00"} for n in range(MOST_TENDERS + 1)]
    with pytest.raises(MappingError, match="tenders: 21 tenders, Batal takes 20"):
        shopify_of(*many, total_price="21.00", line_items=[{"id": 1, "title": "A", "quantity": 1, "price": "21.00"}])


def test_two_transactions_of_one_id_are_named() -> None:
    took = [{"id": 5, "gateway": "x", "amount": "50000.00"}] * 3
    with pytest.raises(MappingError, match=r"tenders.tender_id: 5 stands twice"):
        shopify_of(*took)
