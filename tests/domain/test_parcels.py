"""Parcels of an order: any words in any order end in one place, and a request stands where its pieces do."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases import asking
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.orders.body import Line, Package, Pieces, Quantities
from chalicelib.domain.orders.order import Order, left_too_many, seen_for
from chalicelib.domain.orders.parcels import Claim
from chalicelib.domain.orders.pushes import StatusPush, with_body, with_claim, with_status
from chalicelib.domain.orders.statuses import MOVES, PARCEL_LEFT, OrderStatus, goes_on
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import NOW, a_body, a_policy, an_asking

TWO = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=100_000),
    Line(line_id="2", name="Celana", quantity=1, unit_price=50_000),
)


def parcel(package_id: str, status: str, lines: Mapping[str, int], at: datetime = NOW) -> Package:
    pieces = tuple(Pieces(line_id=line_id, quantity=count) for line_id, count in lines.items())
    return Package(package_id=package_id, status=OrderStatus(status), lines=pieces, at=at)


def an_order(*packages: Package, status: str = "processing", **more: Any) -> Order:
    order = with_body(None, a_body(lines=more.pop("lines", TWO), status=status, packages=packages, **more), NOW)
    assert order
    return order


def said(order: Order, status: str, *, minutes: int = 0, **more: Any) -> Order:
    more = more if "version" in more else {"event_id": "e", **more}
    push = StatusPush(status=OrderStatus(status), at=NOW + timedelta(minutes=minutes), **more)
    return with_status(order, push, NOW + timedelta(days=1)) or order


P1, P2 = parcel("P1", "processing", {"1": 2}), parcel("P2", "processing", {"2": 1})


def test_an_order_is_partly_shipped_until_all_has_left_and_then_as_far_as_the_last_of_it() -> None:
    order = said(an_order(P1, P2), "shipped", package_id="P1")
    assert order.status is OrderStatus.PARTLY_SHIPPED
    order = said(order, "delivered", package_id="P1")
    assert order.status is OrderStatus.PARTLY_SHIPPED
    order = said(order, "shipped", package_id="P2")
    assert order.status is OrderStatus.SHIPPED
    order = said(order, "delivered", package_id="P2", minutes=7)
    assert (order.status, order.delivered_at) == (OrderStatus.DELIVERED, NOW + timedelta(minutes=7))


def test_what_has_not_left_is_cancelled_as_unshipped_and_what_has_is_negotiated() -> None:
    order = said(an_order(P1, P2), "shipped", package_id="P1")
    unshipped, shipped = (an_asking(order, lines=lines).case for lines in ({"2": 1}, {"1": 1}))
    assert unshipped
    assert shipped
    assert (unshipped.order_status, unshipped.quote.fees_total) == ("processing", 0)
    assert (shipped.order_status, shipped.quote.fees_total) == ("shipped", 2_000)


@pytest.mark.parametrize("lines", [None, {"1": 1, "2": 1}])
def test_pieces_that_do_not_stand_alike_are_asked_for_apart_and_the_parts_are_named(lines: Any) -> None:
    order = said(an_order(P1, P2), "shipped", package_id="P1")
    told = asking.options(order, a_policy(), Kind.CANCELLATION, NOW, lines=lines)
    assert told.verdict.refusal == "mixed_standing"
    whole = {"1": 2} if lines is None else {"1": 1}
    assert [(group.status, dict(group.lines)) for group in told.groups] == [
        ("processing", {"2": 1}),
        ("shipped", whole),
    ]
    with pytest.raises(Refused) as refused:
        an_asking(order, lines=lines)
    assert refused.value.code == "mixed_standing"


def test_of_a_line_the_pieces_that_have_not_left_are_meant_first() -> None:
    order = an_order(parcel("P1", "shipped", {"1": 1}), status="processing")
    assert [(g.status, g.lines) for g in seen_for(order, {"1": 2})[1]] == [
        ("processing", {"1": 1}),
        ("shipped", {"1": 1}),
    ]
    assert seen_for(order, {"1": 1})[0].standing is OrderStatus.PROCESSING


def test_what_arrived_can_be_returned_while_the_rest_is_on_its_way() -> None:
    order = an_order(parcel("P1", "delivered", {"1": 2}), parcel("P2", "shipped", {"2": 1}))
    case = an_asking(order, kind=Kind.RETURN, reason_code="damaged", lines={"1": 1}).case
    assert case
    with pytest.raises(Refused) as refused:
        an_asking(order, kind=Kind.RETURN, reason_code="damaged", lines={"2": 1})
    assert refused.value.code == "not_delivered"


def test_quantities_alone_say_where_pieces_stand() -> None:
    lines = (
        Line(line_id="1", name="Kemeja", quantity=4, unit_price=1_000, quantities=Quantities(shipped=2, delivered=1)),
    )
    groups = seen_for(an_order(lines=lines, status="partly_shipped"), {"1": 4})[1]
    assert [(group.status, group.lines["1"]) for group in groups] == [
        ("processing", 2),
        ("shipped", 1),
        ("delivered", 1),
    ]


def test_pieces_that_the_seller_rejected_or_got_back_elsewhere_are_gone() -> None:
    lines = (
        Line(line_id="1", name="Kemeja", quantity=4, unit_price=1_000, quantities=Quantities(rejected=1, returned=1)),
    )
    assert an_order(lines=lines).remaining == {"1": 2}


def test_a_claimed_parcel_counts_as_shipped() -> None:
    order = with_claim(an_order(P1, P2), Claim(event_id="e", at=NOW, package_id="P2"))
    case = an_asking(order, lines={"2": 1}).case
    assert case
    assert case.order_status == "shipped"
    assert seen_for(order, {"1": 1})[0].standing is OrderStatus.PROCESSING


def test_a_cancelled_piece_that_leaves_in_a_parcel_is_noticed() -> None:
    order = an_order(P1, P2)
    assert left_too_many(said(order, "shipped", package_id="P2")) == frozenset()
    assert left_too_many(said(replace(order, cancelled={"2": 1}), "shipped", package_id="P2")) == {"2"}


@pytest.mark.parametrize("status", ["on_hold", "payment_review"])
def test_an_order_that_is_held_up_is_cancelled_without_asking_anybody(status: str) -> None:
    case = an_asking(an_order(status=status), policy=a_policy(instant=())).case
    assert case
    assert (case.outcome, case.quote.fees_total) == ("cancelled", 0)


@pytest.mark.parametrize(
    ("status", "silence"),
    [
        ("failed_delivery", Silence.ESCALATE),
        ("returning_to_seller", Silence.ESCALATE),
        ("returned_to_seller", Silence.APPROVE),
        ("lost", Silence.APPROVE),
    ],
)
def test_a_parcel_that_went_astray_is_asked_about_like_one_that_left(status: str, silence: Silence) -> None:
    reason = "parcel_lost" if status == "lost" else "delivery_failed"
    case = an_asking(an_order(status=status), reason_code=reason).case
    assert case
    assert (case.state, case.if_silent, case.quote.fees_total) == ("awaiting_seller", silence, 0)


def test_another_try_after_a_failed_delivery_is_a_move_and_an_older_word_is_none() -> None:
    order = said(an_order(P1), "shipped", package_id="P1")
    failed = said(order, "failed_delivery", package_id="P1", minutes=10)
    again = said(failed, "shipped", package_id="P1", minutes=20)
    assert [each.parcels[0].status for each in (failed, again)] == ["failed_delivery", "shipped"]
    assert said(again, "failed_delivery", package_id="P1", minutes=10).parcels == again.parcels


def test_a_line_without_a_parcels_name_is_one_of_its_own() -> None:
    order = said(an_order(), "shipped", lines=(Pieces(line_id="2", quantity=1),))
    assert order.status is OrderStatus.PARTLY_SHIPPED
    assert said(order, "delivered", lines=(Pieces(line_id="2", quantity=1),)).parcels[0].status == "delivered"


@pytest.mark.parametrize("about", [{"package_id": "P9"}, {"lines": (Pieces(line_id="x", quantity=1),)}])
def test_a_parcel_of_which_nobody_said_what_is_in_it_is_refused(about: Any) -> None:
    with pytest.raises(Invalid):
        said(an_order(P1), "shipped", **about)


def test_the_same_word_again_is_no_news() -> None:
    order = said(an_order(P1), "shipped", package_id="P1")
    push = StatusPush(status=OrderStatus.SHIPPED, at=NOW, event_id="e", package_id="P1")
    assert with_status(order, push, NOW) is None


WORDS = st.tuples(st.sampled_from(list(OrderStatus)), st.integers(0, 3), st.sampled_from(["P1", "P2"]))


@given(st.lists(WORDS, max_size=5), st.data())
def test_words_of_parcels_never_give_back_what_time_has_taken(
    words: Sequence[tuple[Any, ...]], data: st.DataObject
) -> None:
    order = an_order(P1, P2)
    for status, minutes, package_id in data.draw(st.permutations(words)):
        after = said(order, status, minutes=minutes, package_id=package_id)
        for was, now in zip(order.parcels, after.parcels, strict=True):
            assert now.status is was.status or now.status in MOVES[was.status]
        assert after.status is order.status or after.status in MOVES[order.status]
        if order.status in PARCEL_LEFT:
            assert after.status in PARCEL_LEFT | {OrderStatus.CANCELLED}
        order = after


@given(st.lists(WORDS.filter(lambda word: word[0] is not OrderStatus.CANCELLED), max_size=4), st.data())
def test_words_of_one_second_end_alike_in_whatever_order(words: Sequence[tuple[Any, ...]], data: st.DataObject) -> None:
    def told(some: Sequence[tuple[Any, ...]]) -> list[tuple[str, str]]:
        order = an_order(P1, P2)
        for status, _, package_id in some:
            order = said(order, status, minutes=1, package_id=package_id)
        return sorted((each.package_id, each.status.value) for each in order.parcels)

    assert told(words) == told(data.draw(st.permutations(words)))


def test_the_table_of_moves_knows_every_status() -> None:
    assert set(MOVES) == set(OrderStatus)
    assert goes_on(OrderStatus.SHIPPED, OrderStatus.DELIVERED)
    assert not goes_on(OrderStatus.SHIPPED, OrderStatus.FAILED_DELIVERY)


def test_words_about_one_parcel_are_ordered_among_themselves() -> None:
    order = said(an_order(P1, P2), "shipped", package_id="P1", version=5)
    order = said(order, "shipped", package_id="P2", version=4)
    assert [each.status for each in order.parcels] == ["shipped", "shipped"]
    assert said(order, "delivered", package_id="P2", version=3) is order
    assert said(order, "shipped", package_id="P2", version=4) is order
    with pytest.raises(Refused, match="version_taken"):
        said(order, "delivered", package_id="P2", version=4)


def test_of_pieces_on_their_way_those_that_may_still_arrive_count() -> None:
    order = an_order(parcel("P1", "shipped", {"1": 2}), parcel("P2", "lost", {"2": 1}))
    case = an_asking(order, lines={"1": 1, "2": 1}).case
    assert case
    assert (case.order_status, case.if_silent) == ("shipped", Silence.ESCALATE)
