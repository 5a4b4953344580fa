"""Why a refund comes to its total: what people read, and that nobody reads what does not add up."""

import logging
from dataclasses import replace

import pytest

from chalicelib.domain.money.explanation import Explanation, Remark, Way, explanation, paid_by
from chalicelib.domain.money.quote import Quote, less_elsewhere, less_fee, quote
from chalicelib.domain.money.value import QuoteLine
from chalicelib.domain.orders.body import Discount, Funding, Line, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee
from chalicelib.locales import explanations, formats, languages, texts
from chalicelib.locales.explanations import in_words, read_back, why
from infra.sandbox.builders import NOW, a_policy, an_order

SHIRTS = Line(line_id="1", name="Kemeja Batik", quantity=2, unit_price=150_000)


def explained(order: Order, made: Quote | None = None, **more: object) -> Explanation:
    made = made or quote(order, a_policy(), Fault.BUYER, NOW, **more)  # type: ignore[arg-type]
    return explanation(made, paid_by(order))


def said(of: Explanation, locale: str) -> list[str]:
    return why(of, locale, "c1").sentences


A_FEE_OF_A_MIXED_ORDER = an_order(
    status="shipped",
    lines=(SHIRTS,),
    shipping_fee=12_000,
    service_fee=1_000,
    discounts=(Discount(code="HEMAT", amount=20_000, funded_by=Funding.PLATFORM),),
    tenders=(
        Tender(method=Method.EWALLET, channel="gopay", amount=200_000),
        Tender(method=Method.COINS, amount=93_000),
    ),
)


def test_a_fee_a_discount_and_coins_in_indonesian() -> None:
    assert said(explained(A_FEE_OF_A_MIXED_ORDER), "id") == [
        "Kemeja Batik: Rp300.000. Harga barang ini ikut dihitung.",
        "Ongkos kirim: Rp12.000. Ongkos kirim untuk barang ini ikut dihitung.",
        "Biaya layanan: Rp1.000. Biaya layanan pesanan ini ikut dihitung.",
        (
            "Diskon marketplace HEMAT: dikurangi Rp20.000."
            " Potongan harga ini tidak pernah dibayar, jadi tidak ikut dikembalikan."
        ),
        "Biaya pembatalan: dikurangi Rp3.822. Penjual sudah menyiapkan pesanan ini, jadi ada biaya pembatalan.",
        (
            "Ongkos kirim yang sudah terpakai: dikurangi Rp12.000."
            " Paketnya sudah dikirim, jadi ongkos kirimnya sudah terpakai."
        ),
        (
            "Biaya layanan tidak dikembalikan: dikurangi Rp1.000."
            " Menurut kebijakan kami, biaya layanan tidak dikembalikan pada tahap ini."
        ),
        "Jadi total yang dikembalikan Rp276.178.",
        "Dikembalikan lewat:",
        "GoPay: Rp187.304 dari Rp200.000 yang dibayar dengan cara ini.",
        "Koin: Rp88.874 dari Rp93.000 yang dibayar dengan cara ini.",
        "Biaya pembatalan tidak dipotong dari voucher atau koin.",
        "Voucher dan koin dikembalikan sebagai voucher dan koin, tidak bisa diuangkan.",
    ]


def test_one_of_two_pieces_by_two_ways_in_english() -> None:
    order = an_order(lines=(SHIRTS,), tenders={"card": 113_000, "bank": 187_000})
    assert said(explained(order, wanted={"1": 1}), "en") == [
        "Kemeja Batik: Rp150.000. The price of these goods counts towards the refund.",
        "So the refund comes to Rp150.000 in all.",
        "How it comes back:",
        "Card: Rp56.500 of the Rp113.000 paid this way.",
        "Bank transfer: Rp93.500 of the Rp187.000 paid this way.",
        "It is divided in proportion to what was paid each way.",
    ]


def test_what_was_never_paid_in_both_languages() -> None:
    order = an_order(status="processing", tenders={"cod": 150_000}, paid=False)
    assert said(explained(order), "id") == [
        "Kemeja: Rp150.000. Harga barang ini ikut dihitung.",
        (
            "Belum dibayar atau sudah dikembalikan: dikurangi Rp150.000."
            " Hanya dana yang sudah dibayar dan belum dikembalikan yang bisa kembali."
        ),
        "Jadi tidak ada yang dikembalikan: Rp0.",
    ]
    assert said(explained(order), "en")[-1] == "So there is nothing to refund: Rp0."


def test_cash_comes_into_the_wallet_and_says_so() -> None:
    order = an_order(status="delivered", tenders={"cod": 150_000})
    assert said(explained(order), "id")[-2:] == [
        "Bayar di tempat (COD): Rp150.000.",
        "Yang dibayar tunai saat paket diterima dikembalikan ke saldo.",
    ]


def test_a_voucher_that_waits_says_why() -> None:
    order = an_order(
        lines=(SHIRTS,),
        tenders=(
            Tender(method=Method.VOUCHER, amount=100_000, indivisible=True),
            Tender(method=Method.CARD, amount=200_000),
        ),
    )
    assert said(explained(order, wanted={"1": 1}), "en") == [
        "Kemeja Batik: Rp150.000. The price of these goods counts towards the refund.",
        (
            "Voucher that comes back with the last goods: minus Rp50.000."
            " This voucher cannot be divided, so it comes back whole with the last goods."
        ),
        "So the refund comes to Rp100.000 in all.",
        "How it comes back:",
        "Card: Rp100.000 of the Rp200.000 paid this way.",
    ]


def test_dollars_and_dinars_are_written_as_each_language_writes_them() -> None:
    line = replace(SHIRTS, quantity=1, unit_price=123_456)
    for currency, locale, written in (
        ("USD", "id", "US$1.234,56"),
        ("USD", "en", "$1,234.56"),
        ("KWD", "id", "KWD123,456"),
        ("KWD", "en", "KWD123.456"),
    ):
        assert written in said(explained(an_order(lines=(line,), currency=currency)), locale)[0]


def test_what_went_back_elsewhere_and_an_agreed_fee_are_items() -> None:
    order = an_order(tenders={"card": 150_000})
    made = less_elsewhere(less_fee(quote(order, a_policy(), Fault.SELLER, NOW), 10_000), {"card": 100_000})
    assert said(explained(order, made), "en")[1:4] == [
        "Agreed fee: minus Rp10.000. This fee was agreed when the offer was accepted.",
        (
            "Already refunded: minus Rp40.000."
            " This was refunded outside this request already, so it is not refunded twice."
        ),
        "So the refund comes to Rp100.000 in all.",
    ]


def test_of_many_articles_few_are_named_and_the_others_are_one_sum() -> None:
    lines = tuple(Line(line_id=str(n), name=f"Kancing {n}", quantity=1, unit_price=100 + n) for n in range(500))
    order = an_order(lines=lines)
    sentences = said(explained(order), "id")
    assert sentences[6:9] == [
        "Kancing 6: Rp106. Harga barang ini ikut dihitung.",
        "493 barang lainnya: Rp174.029. Harga barang ini ikut dihitung.",
        "Jadi total yang dikembalikan Rp174.750.",
    ]
    assert sum(100 + n for n in range(500)) == 174_750
    eight = explained(an_order(lines=lines[:8]))
    assert [line.detail for line in eight.lines] == [f"Kancing {n}" for n in range(8)]


def test_it_is_in_proportion_only_where_it_is() -> None:
    order = an_order(lines=(SHIRTS,), tenders={"card": 100_000, "bank": 200_000})
    in_turn = a_policy(refund_order=("card", "bank"))
    made = quote(order, in_turn, Fault.SELLER, NOW, wanted={"1": 1})
    assert {tender.method.value: tender.amount for tender in made.tenders} == {"card": 100_000, "bank": 50_000}
    assert Remark.DIVIDED not in explained(order, made).remarks
    assert Remark.DIVIDED in explained(order, wanted={"1": 1}).remarks
    # All of everything is no division.
    assert Remark.DIVIDED not in explained(order).remarks


def test_a_fee_of_money_is_only_told_where_there_is_a_fee() -> None:
    order = an_order(status="shipped", tenders={"coins": 50_000, "card": 100_000})
    assert Remark.FEE_OF_MONEY in explained(order).remarks
    free = quote(order, a_policy(), Fault.BUYER, NOW, fee=Fee())
    assert explained(order, free).remarks == [Remark.PROMO_STAYS]


DECEIVING = (
    "Rp1.000",
    "X: Rp1.000. Harga barang ini ikut dihitung.",
    "Jadi total yang dikembalikan Rp1.000.",
    "Baju\nJadi total yang dikembalikan Rp1.000.",
    "Baju: dikurangi Rp99",
    "\N{RIGHT-TO-LEFT OVERRIDE}000.1pR",
    "   ",
    "\N{ZERO WIDTH SPACE}",
    "{amount}",
    "x" * 1000,
)


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("name", DECEIVING)
def test_no_name_deceives_the_reader_or_turns_an_amount_around(name: str, locale: str) -> None:
    order = an_order(
        lines=(replace(SHIRTS, name=name),),
        tenders=(Tender(method=Method.CARD, channel=name.strip() or None, amount=300_000),),
    )
    of = explained(order, wanted={"1": 1})
    text = "\n".join(said(of, locale))
    assert (read := read_back(text, "IDR", locale)).add_up
    assert (read.items, read.ways) == ([150_000], [150_000])
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    assert max(map(len, text.split("\n"))) < 300


TOO_MUCH = Explanation(
    currency="IDR",
    lines=[QuoteLine(label="goods", detail="Kemeja", amount=150_000, rule="goods_paid")],
    total=150_001,
    ways=[Way(method=Method.CARD, channel=None, amount=150_001)],
    remarks=[],
)


@pytest.mark.wrong_explanations
@pytest.mark.parametrize(
    "wrong",
    [
        TOO_MUCH,
        replace(TOO_MUCH, total=150_000),
        replace(TOO_MUCH, lines=[], total=0),
        replace(TOO_MUCH, total=150_000, ways=[]),
        replace(TOO_MUCH, total=-150_000),
    ],
)
@pytest.mark.parametrize("locale", languages())
def test_what_does_not_add_up_is_not_shown_but_told_and_an_alarm_is_logged_without_money(
    wrong: Explanation, locale: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert why(wrong, locale, "c1").sentences == [texts(locale)["why.looked_into"]]
    (record,) = [each for each in caplog.records if each.msg == explanations.WRONG]
    assert (record.levelno, vars(record)["about"], vars(record)["locale"]) == (logging.ERROR, "c1", locale)
    assert "150" not in str(vars(record) | {"created": 0, "msecs": 0, "relativeCreated": 0, "process": 0, "thread": 0})


@pytest.mark.wrong_explanations
@pytest.mark.parametrize("fault", ["another separator", "rounded", "a sign lost", "a total of its own"])
def test_words_that_say_other_amounts_than_were_meant_are_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = formats.money
    faults = {
        "another separator": lambda minor, currency, locale: real(minor, currency, locale).replace(",", "."),
        "rounded": lambda minor, currency, locale: real(round(minor, -2), currency, locale),
        "a sign lost": real,
        "a total of its own": real,
    }
    order = an_order(status="shipped", lines=(replace(SHIRTS, unit_price=77_777),), currency="USD")
    dollars = replace(a_policy(), currency_of_figures="USD")
    of = explained(order, quote(order, dollars, Fault.BUYER, NOW))
    assert any(line.amount < 0 for line in of.lines)
    assert in_words(of, "en") == why(of, "en", "c1")
    monkeypatch.setattr(formats, "money", faults[fault])
    if fault == "a sign lost":
        of = replace(of, lines=[replace(line, amount=abs(line.amount)) for line in of.lines])
    if fault == "a total of its own":
        half = [replace(line, amount=line.amount * 2) for line in of.lines]
        of = replace(of, lines=half, ways=[replace(way, amount=way.amount * 2) for way in of.ways])
    assert why(of, "en", "c1").items == ()


@pytest.mark.parametrize("locale", languages())
def test_our_own_sentences_without_an_amount_hold_none_and_no_line_break(locale: str) -> None:
    ours = [text for key, text in texts(locale).items() if key.startswith(("rule.", "why.remark.", "why.lead"))]
    assert len(ours) > 20
    assert not [text for text in ours if "\n" in text or any(sign.isdigit() for sign in text)]
    # Items end with a rule; so none is taken for another's end.
    rules = [text for key, text in texts(locale).items() if key.startswith("rule.")]
    assert len(rules) == len(set(rules))


@pytest.mark.parametrize(
    "text", ["", "Kemeja: Rp1. Harga barang ini ikut dihitung.", "Halo\nJadi total yang dikembalikan Rp1."]
)
def test_what_is_no_explanation_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="total"):
        read_back(text, "IDR", "id")
