"""Whatever is quoted explains itself in sentences that add up: in both languages(), in every currency, for every label
and every way of payment, for refunds as for quotes, and for orders of which parts went before."""

from dataclasses import replace

from babel.numbers import list_currencies
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.money.explanation import MOST_GOODS, Explanation, Remark, Way, explanation, paid_by
from chalicelib.domain.money.quote import Quote, less_deduction, less_elsewhere, less_fee, quote
from chalicelib.domain.money.recording import collected, with_books
from chalicelib.domain.money.refund import PartState, Refund, RefundPart
from chalicelib.domain.money.value import QuoteLine
from chalicelib.domain.orders.methods import CHANNELS, Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import LostPromotions
from chalicelib.locales import languages, texts
from chalicelib.locales.formats import digits_of
from infra.sandbox.builders import NOW, refunded
from tests.domain.money_orders import EXAMPLES
from tests.domain.test_quote import orders, policies
from tests.locales.reading import reads_back
from tests.proofs.figures import FULL

CURRENCIES = sorted(list_currencies())
LABELS = sorted(key.removeprefix("quote.") for key in texts("id") if key.startswith("quote."))
RULES = sorted(key.removeprefix("rule.") for key in texts("id") if key.startswith("rule."))
NAMES = st.text(max_size=120) | st.sampled_from(["Rp5", "Jadi total yang dikembalikan Rp5.", "X: Rp5. So", "-"])
AMOUNTS = st.integers(-(10**12), 10**12)
LINES = st.builds(QuoteLine, label=st.sampled_from(LABELS), amount=AMOUNTS, rule=st.sampled_from(RULES), detail=NAMES)


@st.composite
def explanations(draw: st.DrawFn) -> Explanation:
    """Any lines that come to no less than nothing, divided anyhow over any ways of payment."""
    lines = draw(st.lists(LINES, max_size=30))
    short = -sum(line.amount for line in lines)
    if short > 0:
        lines.append(replace(draw(LINES), amount=short + draw(st.integers(0, 10**6))))
    total = rest = sum(line.amount for line in lines)
    ways = []
    for last in [False] * draw(st.integers(0, 5)) + [True]:
        amount = rest if last else draw(st.integers(0, rest))
        rest -= amount
        method = draw(st.sampled_from(Method))
        channel = draw(st.none() | st.sampled_from(sorted(CHANNELS)) | NAMES)
        paid = draw(st.none() | st.integers(amount + 1, 10**14))
        ways.append(Way(method=method, channel=channel, amount=amount, paid=paid))
    return Explanation(
        currency=draw(st.sampled_from(CURRENCIES)),
        lines=lines,
        total=total,
        ways=[way for way in ways if way.amount],
        remarks=draw(st.lists(st.sampled_from(Remark), unique=True)),
    )


@settings(max_examples=max(150 if FULL else 40, EXAMPLES), deadline=None)
@given(explanations(), st.sampled_from([*languages(), "fr", "in_ID"]))
def test_any_lines_and_ways_that_add_up_are_read_back_as_they_were_meant(of: Explanation, locale: str) -> None:
    reads_back(of, locale)


def test_every_label_every_rule_and_every_kind_of_currency_is_among_them() -> None:
    assert len(LABELS) > 25
    assert len(RULES) > 18
    assert {digits_of(currency) for currency in CURRENCIES} >= {0, 2, 3}


def a_refund(made: Quote) -> Refund:
    parts = (
        RefundPart(
            method=part.method,
            channel=part.channel,
            amount=part.amount,
            state=PartState.DUE,
            arrives_by=part.arrives_by,
            tender_id=part.tender_id,
        )
        for part in made.tenders
    )
    return Refund(refund_id="rf", currency=made.currency, total=made.refund_total, parts=tuple(parts))


@st.composite
def quotes(draw: st.DrawFn) -> tuple[Order, Quote]:
    """A quote for some pieces of any order, of which others may have gone and of which some may have been paid; with an
    agreed fee, a deduction, or money that went back elsewhere."""
    order, policy = draw(orders()), draw(policies())
    currency = draw(st.sampled_from(CURRENCIES))
    order = with_books(replace(order, body=replace(order.body, currency=currency)), None)
    policy = replace(policy, lost_promotions=draw(st.sampled_from(LostPromotions)))
    for tender in order.body.valid_tenders:
        if draw(st.integers(0, 4)) == 0:
            order = collected(order, tender.tender_id, draw(st.integers(0, tender.amount)))
    if draw(st.booleans()):
        first = some(draw, order)
        order = refunded(order, quote(order, policy, draw(st.sampled_from(Fault)), NOW, wanted=first), first)
    made = quote(order, policy, draw(st.sampled_from(Fault)), NOW, wanted=some(draw, order))
    if draw(st.booleans()):
        made = less_fee(made, draw(st.integers(0, made.refund_total)))
    if made.refund_total and draw(st.booleans()):
        made = less_deduction(made, draw(st.integers(1, made.refund_total)))
    if draw(st.booleans()):
        made = less_elsewhere(made, {x.tender_id: draw(st.integers(0, x.amount)) for x in made.tenders})
    return order, made


def some(draw: st.DrawFn, order: Order) -> dict[str, int]:
    return {line_id: count for line_id, most in order.remaining.items() if (count := draw(st.integers(0, most)))}


@settings(max_examples=max(100 if FULL else 40, EXAMPLES), deadline=None)
@given(quotes(), st.sampled_from(languages()), st.booleans())
def test_every_quote_and_every_refund_explains_itself_and_adds_up(
    quoted: tuple[Order, Quote], locale: str, sent: bool
) -> None:
    order, made = quoted
    of = explanation(made, paid_by(order), a_refund(made) if sent else None)
    assert of.total == made.refund_total
    assert [way.amount for way in of.ways] == [tender.amount for tender in made.tenders]
    assert all(way.paid is None or way.paid > way.amount for way in of.ways)
    assert sum(line.label in ("goods", "goods_more") for line in of.lines) <= MOST_GOODS
    reads_back(of, locale)


@given(quotes())
def test_what_is_said_to_be_in_proportion_is_so_but_for_rounding(quoted: tuple[Order, Quote]) -> None:
    order, made = quoted
    paid = paid_by(order)
    if Remark.DIVIDED not in explanation(made, paid).remarks:
        return
    back = {tender.tender_id: tender.amount for tender in made.tenders}
    for tender_id, amount in paid.items():
        exact = made.refund_total * amount / sum(paid.values())
        assert abs(back.get(tender_id, 0) - exact) <= len(paid) + 1
