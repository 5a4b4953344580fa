"""The registry of payment methods and channels, and what people read of both."""

import pytest

from chalicelib.domain.orders.methods import CHANNELS, Method, PaidBackBy, brand_of, channel_of, code_of, tidied
from chalicelib.locales.tenders import paid_with


def test_vouchers_and_coins_alone_are_no_money() -> None:
    assert {method for method in Method if method.is_promo} == {Method.VOUCHER, Method.COINS}


@pytest.mark.parametrize("method", Method)
def test_what_is_no_money_is_given_back_by_whoever_gave_it(method: Method) -> None:
    if method.is_promo:
        assert method.paid_back_by is PaidBackBy.MARKETPLACE


def test_the_wallet_pays_back_what_it_took_and_what_was_paid_at_the_door() -> None:
    assert {each for each in Method if each.paid_back_by is PaidBackBy.WALLET} == {Method.WALLET, Method.COD}


@pytest.mark.parametrize("code", CHANNELS)
def test_a_channel_is_found_by_its_code_its_name_and_its_other_words(code: str) -> None:
    brand = CHANNELS[code]
    assert code_of(code) == code
    assert {channel_of(word) for word in (code, code.upper(), brand.name, *brand.also)} == {code}
    assert brand.methods


def test_no_word_is_that_of_two_channels() -> None:
    words = [word for code, brand in CHANNELS.items() for word in (code, *brand.also)]
    assert len(words) == len(set(words))
    assert all(code_of(word) == word for word in words)


@pytest.mark.parametrize("told", ["gopay", "GOPAY", "Go-Pay", "go_pay", "Go Pay"])
def test_a_channel_is_known_however_it_is_spelt(told: str) -> None:
    assert brand_of(told) is CHANNELS["gopay"]


@pytest.mark.parametrize(
    ("method", "channel", "indonesian", "english"),
    [
        ("ewallet", "gopay", "GoPay", "GoPay"),
        ("ewallet", "ID_OVO", "OVO", "OVO"),
        ("ewallet", None, "Dompet digital", "E-wallet"),
        ("qris", None, "QRIS", "QRIS"),
        ("qris", "qris", "QRIS", "QRIS"),
        ("qris", "dana", "QRIS (DANA)", "QRIS (DANA)"),
        ("virtual_account", "bca", "Virtual account BCA", "BCA virtual account"),
        ("virtual_account", "cimb_niaga", "Virtual account CIMB Niaga", "CIMB Niaga virtual account"),
        ("virtual_account", "indomaret", "Indomaret", "Indomaret"),
        ("bank", "mandiri", "Transfer bank Mandiri", "Mandiri bank transfer"),
        ("card", "visa", "Kartu Visa", "Visa card"),
        ("card", None, "Kartu", "Card"),
        ("paylater", "spaylater", "SPayLater", "SPayLater"),
        ("voucher", None, "Voucher", "Voucher"),
        ("store_credit", None, "Kredit toko", "Store credit"),
        ("cod", "cod", "Bayar di tempat (COD)", "Cash on delivery"),
    ],
)
def test_people_read_how_they_paid(method: str, channel: str | None, indonesian: str, english: str) -> None:
    assert [paid_with(Method(method), channel, locale) for locale in ("id", "en")] == [indonesian, english]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("jago_syariah", "Jago Syariah"),
        ("  blu   by bca ", "Blu By Bca"),
        ("blu by BCA", "blu by BCA"),
        ("NOBU", "NOBU"),
        ("_", ""),
        ("{channel}", "{channel}"),
    ],
)
def test_a_channel_that_nobody_listed_is_shown_as_it_was_told(told: str, read: str) -> None:
    assert tidied(told) == read
    assert paid_with(Method.EWALLET, told, "id") == (read if code_of(read) else "Dompet digital")


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("locale", ["id", "en"])
def test_whatever_is_told_there_is_something_to_read(method: Method, locale: str) -> None:
    for channel in (None, "", "?", "unheard of", *CHANNELS):
        words = paid_with(method, channel, locale)
        assert words.strip() == words != ""
        assert "{" not in words
