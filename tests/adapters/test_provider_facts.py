"""What is known of providers, judged: windows, nights, parts, amounts, and what nobody told."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.providers import payout_channels
from chalicelib.adapters.providers.facts import DOKU, MIDTRANS, STRIPE, XENDIT, Fact, able
from chalicelib.adapters.providers.reading import minor_of, moment_of
from chalicelib.domain.money.providers import UNREADABLE, Ability, May, Never, NotBefore, PartRequest, Shut
from chalicelib.domain.orders.methods import Method, brand_of, channel_of
from chalicelib.domain.zones import Zone
from infra.sandbox.providers.fakes import FAKES, GIVERS

NOON = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
M = Method


def judged(
    facts: tuple[Fact, ...],
    method: Method,
    channel: str | None = None,
    *,
    days: float | None = 1,
    amount: int = 100_000,
    before: int = 0,
    now: datetime = NOON,
    currency: str = "IDR",
    **references: str,
) -> Ability:
    request = PartRequest(
        key="rf_1-x-1",
        refund_id="rf_1",
        tender_id="x",
        method=method,
        channel=channel,
        amount=amount,
        currency=currency,
        references={"id": "1", **references},
        collected=100_000,
        collected_at=None if days is None else now - timedelta(days=days),
        given_before=before,
    )
    return able(facts, request, now, ("id",))


@pytest.mark.parametrize(
    ("facts", "method", "channel", "days"),
    [
        (MIDTRANS, M.PAYLATER, "kredivo", 14),
        (MIDTRANS, M.EWALLET, "dana", 45),
        (MIDTRANS, M.EWALLET, "OVO", 7),
        (MIDTRANS, M.EWALLET, "ShopeePay", 365),
        (MIDTRANS, M.EWALLET, "gopay", 180),
        (MIDTRANS, M.QRIS, None, 45),
        (XENDIT, M.QRIS, None, 30),
        (XENDIT, M.PAYLATER, "kredivo", 14),
        (XENDIT, M.PAYLATER, "indodana", 30),
    ],
)
def test_a_window_ends_after_its_days(facts: tuple[Fact, ...], method: Method, channel: str | None, days: int) -> None:
    assert judged(facts, method, channel, days=days) == May()
    assert judged(facts, method, channel, days=days + 0.001) == Never(Shut.WINDOW_SHUT)
    assert judged(facts, method, channel, days=None) == May()


@pytest.mark.parametrize(("kind", "days"), [("deeplink", 45), ("coins", 90), ("tokenization", 180)])
def test_the_kind_of_a_payment_narrows_its_window(kind: str, days: int) -> None:
    assert judged(MIDTRANS, M.EWALLET, "gopay", days=days, kind=kind) == May()
    assert judged(MIDTRANS, M.EWALLET, "gopay", days=days + 1, kind=kind) == (Never(Shut.WINDOW_SHUT))


def test_virtual_accounts_have_no_way_back() -> None:
    for facts in (MIDTRANS, XENDIT, STRIPE):
        assert judged(facts, M.VIRTUAL_ACCOUNT, "bca") == Never(Shut.NO_WAY_BACK)
    assert judged(MIDTRANS, M.CARD, currency="USD") == Never(Shut.NO_WAY_BACK)
    assert judged(STRIPE, M.CARD, currency="USD") == May()


def test_shopeepay_sleeps_from_five_to_midnight_until_six_in_jakarta() -> None:
    def at(hour: int, minute: int) -> Ability:
        now = datetime(2026, 11, 26, hour, minute, tzinfo=Zone.WIB.clock).astimezone(UTC)
        return judged(MIDTRANS, M.EWALLET, "shopeepay", now=now)

    tomorrow = datetime(2026, 11, 27, 6, 0, tzinfo=Zone.WIB.clock)
    assert at(23, 54) == May()
    assert at(23, 55) == NotBefore(tomorrow)
    assert at(5, 59) == NotBefore(tomorrow - timedelta(days=1))
    assert at(6, 0) == May()


def test_a_window_that_ends_before_the_night_does_is_shut() -> None:
    now = datetime(2026, 11, 26, 23, 58, tzinfo=Zone.WIB.clock)
    assert judged(MIDTRANS, M.EWALLET, "shopeepay", days=364.9, now=now) == Never(Shut.WINDOW_SHUT)


def test_all_or_nothing_where_parts_are_refused() -> None:
    assert judged(MIDTRANS, M.EWALLET, "ovo", amount=99_999) == Never(Shut.PARTIAL_REFUSED)
    assert judged(MIDTRANS, M.EWALLET, "ovo") == May()
    assert judged(XENDIT, M.PAYLATER, "indodana", amount=10) == May()
    assert judged(XENDIT, M.PAYLATER, "indodana", amount=10, before=10) == Never(Shut.TOO_MANY_PARTIALS)


def test_amounts_have_a_range_where_one_is_known() -> None:
    facts = (Fact(method=M.CARD, least=10_000, most=50_000, source="here"),)
    assert judged(facts, M.CARD, amount=9_999) == Never(Shut.AMOUNT_OUT_OF_RANGE)
    assert judged(facts, M.CARD, amount=50_001) == Never(Shut.AMOUNT_OUT_OF_RANGE)
    assert judged(facts, M.CARD, amount=50_000) == May()


def test_a_payment_that_nobody_named_is_asked_of_nobody() -> None:
    assert judged(MIDTRANS, M.CARD, id="") == Never(Shut.NO_REFERENCE)


# Where each of them says in public what it does.
PAGES = {
    "midtrans": (MIDTRANS, "docs.midtrans.com/"),
    "xendit": (XENDIT, "docs.xendit.co/"),
    "stripe": (STRIPE, "docs.stripe.com/"),
    "doku": (DOKU, "developers.doku.com/"),
}


def test_every_fact_names_the_page_that_it_is_from() -> None:
    assert set(PAGES) == set(GIVERS)
    for facts, pages in PAGES.values():
        for each in facts:
            page = each.source.removeprefix(pages).split(" ")[0]
            assert each.source.startswith(pages), each.source
            assert re.fullmatch(r"[a-z-]+(/[a-z-]+)*", page), each.source
    assert payout_channels.LIMITS.startswith("docs.xendit.co/")
    for channel in payout_channels.CHANNELS.values():
        assert channel.source in (payout_channels.CORRIDORS, payout_channels.PROGRAMS)


def test_every_way_to_pay_that_a_fake_knows_has_a_fact_or_a_channel() -> None:
    for name, (facts, _) in PAGES.items():
        for method, channel in FAKES[name].ways:
            assert not isinstance(judged(facts, method, channel), Never), (name, method, channel)
    for _, channel in FAKES["xendit_payouts"].ways:
        assert channel in payout_channels.CHANNELS


def test_every_payout_channel_that_is_a_brand_of_ours_pays_by_a_method_of_it() -> None:
    for name, channel in payout_channels.CHANNELS.items():
        assert name == channel_of(name), "a channel is looked up by its code"
        brand = brand_of(name)
        assert brand is None or channel.method in brand.methods, name
        assert channel.code.startswith("ID_")
        assert channel.least >= 1
        assert channel.most is None or channel.most > channel.least
    codes = [channel.code for channel in payout_channels.CHANNELS.values()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("told", "digits", "minor"),
    [
        ("5000.00", 0, 5000),
        (5000, 0, 5000),
        ("5000", 0, 5000),
        (12.34, 2, 1234),
        ("0.5", 0, UNREADABLE),
        (True, 0, UNREADABLE),
        ("x", 0, UNREADABLE),
        (None, 0, UNREADABLE),
        ("NaN", 0, UNREADABLE),
        ("Infinity", 0, UNREADABLE),
        (-1, 0, UNREADABLE),
        ("1e999999999", 0, UNREADABLE),
        ("9" * 18, 0, 10**18 - 1),
        ("9" * 19, 0, UNREADABLE),
    ],
)
def test_amounts_are_read_as_they_are_written(told: object, digits: int, minor: int) -> None:
    assert minor_of(told, digits) == minor


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2025-04-10T07:37:29.651482099Z", datetime(2025, 4, 10, 7, 37, 29, 651482, tzinfo=UTC)),
        ("2015-02-27 02:30:20", datetime(2015, 2, 26, 19, 30, 20, tzinfo=UTC)),
        ("2021-12-02T14:52:21.566Z", datetime(2021, 12, 2, 14, 52, 21, 566000, tzinfo=UTC)),
        ("yesterday", NOON),
        (None, NOON),
    ],
)
def test_moments_are_read_as_they_are_written(told: object, read: datetime) -> None:
    assert moment_of(told, Zone.WIB.clock, NOON) == read
