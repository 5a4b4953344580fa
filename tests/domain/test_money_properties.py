"""What holds of an order's money whatever it is made of, and whatever happens to it.

In `make proofs` with 20,000 examples of each, here with some; a failure is shrunk to its smallest order, and printed.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import assume, given, note
from hypothesis import strategies as st

from chalicelib.domain.money.books import account_of, due, given_by, owed_by, unexplained
from chalicelib.domain.money.explanation import explanation, paid_by
from chalicelib.domain.money.net_worth import net_worth
from chalicelib.domain.money.payments import Payment
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import check_body
from chalicelib.domain.policies.policy import Fee, Policy
from chalicelib.locales import languages
from tests.domain.money_lives import FREE, Life, acknowledging, added
from tests.domain.money_orders import EXAMPLES, MANY, bodies, changed, counts, fees, part_of, policies
from tests.locales.reading import reads_back
from tests.proofs.figures import figure

FEW = (1, 1, 2, 2, 3)


def delivered(body: OrderBody, policy: Policy = FREE) -> Life:
    """An order of which everything was paid: it arrived."""
    life = Life.begun(replace(body, status=OrderStatus.DELIVERED), policy)
    for tender in body.valid_tenders:
        life.collects(tender.tender_id, tender.amount)
    return life


def pieces_of(data: st.DataObject, wanted: Mapping[str, int]) -> list[str]:
    """The single pieces, in any order; of very many only the first few alone, so that an example ends."""
    return data.draw(st.permutations([line_id for line_id, count in wanted.items() for _ in range(count)]))


def cut(data: st.DataObject, pieces: list[str]) -> list[dict[str, int]]:
    """The pieces in requests of one or more."""
    found, rest = list[dict[str, int]](), list(pieces)
    while rest:
        size = len(rest) if len(found) == 7 else data.draw(st.integers(1, max(1, min(len(rest), 3))))
        found.append(dict(Counter(rest[:size])))
        rest = rest[size:]
    return found


@MANY
@given(bodies())
def test_what_things_are_worth_is_never_negative_and_adds_up_to_what_is_paid(body: OrderBody) -> None:
    check_body(body)
    worth = net_worth(body)
    assert all(worth.net(place) >= 0 for place in worth.gross)
    assert sum(worth.net(place) for place in worth.gross) == body.paid
    for number, discount in enumerate(worth.discounts):
        assert sum(lowered.get(number, 0) for lowered in worth.lowered.values()) == discount.amount


@MANY
@given(bodies(), policies(charging=False), st.data())
def test_parts_in_any_order_give_by_each_tender_what_they_give_at_once(
    body: OrderBody, policy: Policy, data: st.DataObject
) -> None:
    wanted = data.draw(st.composite(counts)({line.line_id: line.quantity for line in body.lines}))
    life, once = delivered(body, policy), delivered(body, policy)
    for part in cut(data, pieces_of(data, wanted)):
        life.cancels(part)
        life.check()
    once.cancels(wanted)
    assert life.given_back == once.given_back


@MANY
@given(bodies(), policies(charging=False), fees(), st.data())
def test_cutting_a_request_changes_neither_fee_nor_refund_in_total(
    body: OrderBody, policy: Policy, fee: Fee, data: st.DataObject
) -> None:
    if any(line.shipping for line in body.lines) and any(tender.indivisible for tender in body.tenders):
        # What is kept of a line's shipping comes off a voucher that waits for the last piece, or off money.
        fee = replace(fee, keep_shipping=False)
    wanted = data.draw(st.composite(counts)({line.line_id: line.quantity for line in body.lines}))
    life, once = delivered(body, policy), delivered(body, policy)
    for part in cut(data, pieces_of(data, wanted)):
        life.cancels(part, fee)
    once.cancels(wanted, fee)
    note("\n".join([*life.acts, *once.acts]))
    in_parts, at_once = sum(life.given_back.values()), sum(once.given_back.values())
    assert in_parts + life.fees == at_once + once.fees
    if any(not each.quote.money for each in life.given):
        # A fee comes off money alone: where a part sends none back, what is left of the fee is not taken.
        assert life.fees <= once.fees
    else:
        assert life.fees == once.fees


@MANY
@given(bodies(), policies(), st.data())
def test_by_the_sellers_fault_all_that_was_collected_goes_back_but_what_never_does(
    body: OrderBody, policy: Policy, data: st.DataObject
) -> None:
    """However little of it was collected: what is not refundable stays paid by every tender in its part."""
    life = Life.begun(replace(body, status=OrderStatus.UNPAID), policy)
    for tender in body.valid_tenders:
        life.collects(tender.tender_id, data.draw(part_of(tender.amount)))
    taken_in = {tender.tender_id: account_of(life.known, tender.tender_id).collected for tender in body.valid_tenders}
    life.cancels(life.order.remaining)
    life.check()
    stays = due(life.known)
    assert life.given_back == added({name: max(0, amount - stays[name]) for name, amount in taken_in.items()})
    if all(charge.refundable for charge in body.charges):
        assert not any(stays.values())


@MANY
@given(bodies(), policies(charging=False), st.data())
def test_paying_before_or_after_a_cancellation_ends_in_the_same_money(
    body: OrderBody, policy: Policy, data: st.DataObject
) -> None:
    unpaid = replace(
        body, status=OrderStatus.UNPAID, tenders=tuple(replace(tender, state=None) for tender in body.valid_tenders)
    )
    wanted = data.draw(st.composite(counts)({line.line_id: line.quantity for line in body.lines}))
    amounts = {tender.tender_id: data.draw(part_of(tender.amount)) for tender in unpaid.tenders}
    early, late = Life.begun(unpaid, policy), Life.begun(unpaid, policy)
    for tender_id, amount in amounts.items():
        early.collects(tender_id, amount)
    early.cancels(wanted)
    late.cancels(wanted)
    assert late.given_back == {}
    for tender_id in data.draw(st.permutations(sorted(amounts))):
        late.collects(tender_id, amounts[tender_id])
        if data.draw(st.booleans()):
            late.settles()
            late.check()
    late.settles()
    assert late.given_back == early.given_back
    assert unexplained(late.known) == unexplained(early.known)


@MANY
@given(bodies(), policies(charging=False), st.data())
def test_money_that_nobody_tells_of_ends_the_same_before_and_after_a_cancellation(
    body: OrderBody, policy: Policy, data: st.DataObject
) -> None:
    """Of what went while nothing was paid, nothing is paid: what the buyer is out of pocket is the same."""
    # Of an order that is gone before it arrives nobody takes cash, not even for what never goes back.
    assume(all(charge.refundable for charge in body.charges) or not any(x.method is Method.COD for x in body.tenders))
    unpaid = replace(
        body, status=OrderStatus.UNPAID, tenders=tuple(replace(tender, state=None) for tender in body.valid_tenders)
    )
    wanted = data.draw(st.composite(counts)({line.line_id: line.quantity for line in body.lines}))
    early, late = Life.begun(unpaid, policy), Life.begun(unpaid, policy)
    for life, acts in ((early, ("paid", "cancel")), (late, ("cancel", "paid"))):
        for act in acts:
            if act == "cancel":
                life.cancels(wanted)
            else:
                life.moves(OrderStatus.DELIVERED)
        life.check()
        life.settles()
    out_of_pocket = [
        {name: account.collected - account.taken for name, account in life.known.books.accounts.items()}
        for life in (early, late)
        if life.known.books
    ]
    note("\n".join([*early.acts, *late.acts]))
    assert out_of_pocket[0] == out_of_pocket[1]


@MANY
@given(bodies(indivisible=False), policies(charging=False), st.data())
def test_an_acknowledgement_changes_no_money(body: OrderBody, policy: Policy, data: st.DataObject) -> None:
    """The marketplace tells exactly what stands: nothing goes back for that, and the rest brings what it would have."""
    life = delivered(replace(body, tenders=tuple(replace(x, state=None) for x in body.valid_tenders)), policy)
    wanted = data.draw(st.composite(counts)({line.line_id: line.quantity for line in body.lines}))
    life.cancels(wanted)
    assume(life.order.remaining)
    before = life.known
    unseen = Life(policy=policy, order=before, told=before.body)
    assert life.push(acknowledging(before))
    life.check()
    assert owed_by(life.known) == owed_by(before)
    assert unexplained(life.known) == unexplained(before) == {}
    assert life.order.remaining == before.remaining
    life.cancels(life.order.remaining)
    unseen.cancels(unseen.order.remaining)
    parts, unseen_parts = life.given[-1].parts, unseen.given[-1].parts
    assert sum(parts.values()) == sum(unseen_parts.values())
    # What never goes back stays paid by every tender in its part, rounded anew for what the order lists now.
    assert parts == unseen_parts or not all(charge.refundable for charge in body.charges)


@MANY
@given(bodies(sizes=FEW), policies(), st.data())
def test_facts_told_in_any_order_and_again_come_to_the_same(
    body: OrderBody, policy: Policy, data: st.DataObject
) -> None:
    start = Life.begun(body, policy)
    start.cancels(data.draw(st.composite(counts)(start.order.remaining)))
    fact = st.sampled_from(body.tenders).flatmap(
        # More than was paid by it nobody gives back, and to say so is refused.
        lambda x: (
            st.tuples(st.just("gave"), st.just(x.tender_id), part_of(x.amount))
            | st.tuples(st.just("collects"), st.just(x.tender_id), part_of(2 * x.amount))
        )
    )
    told = data.draw(st.lists(fact, max_size=6))
    ends = []
    for facts in (told, data.draw(st.permutations([*told, *told[:2]]))):
        life = Life(policy=policy, order=start.order, told=start.told)
        for kind, tender_id, amount in facts:
            getattr(life, kind)(tender_id, amount)
        life.check()
        ends.append((owed_by(life.known), unexplained(life.known)))
    assert ends[0] == ends[1]


@MANY
@given(bodies(), policies(charging=False), st.data())
def test_goodwill_is_neither_late_money_nor_given_again(body: OrderBody, policy: Policy, data: st.DataObject) -> None:
    """However much is given freely, before or between parts: nothing is owed for it, and all that goes back in the end
    is what would have gone back without it, or what went before the last part where that is more."""
    life, without = delivered(body, policy), delivered(body, policy)
    first = data.draw(st.composite(counts)(life.order.remaining))
    acts = data.draw(st.permutations(["goodwill", "part", "goodwill"]))
    note(str(acts))
    for act in acts:
        if act == "part":
            life.cancels(first)
        else:
            life.gives_freely(data.draw(part_of(body.paid)))
            assert life.settles() == {}
        life.check()
    before = added(life.given_back, life.freely)
    life.cancels(life.order.remaining)
    life.check()
    for each in life.given:
        # Everything was paid for and nothing came late: only goodwill counts.
        assert not {line.label for line in each.quote.lines} & {"not_collected", "late_money", "refunded_before"}
    counted = -sum(line.amount for x in life.given for line in x.quote.lines if line.label == "goodwill_before")
    without.cancels(without.order.remaining)
    back = added(life.given_back, life.freely)
    note("\n".join(life.acts))
    assert sum(back.values()) == max(sum(without.given_back.values()), sum(before.values()))
    assert sum(life.given_back.values()) + counted == sum(without.given_back.values())
    assert counted <= sum(life.freely.values())
    for name, amount in back.items():
        assert amount <= account_of(life.known, name).collected
        assert amount <= max(without.given_back.get(name, 0), before.get(name, 0))


KINDS = [
    *["part", "amend"] * 3,
    *["pay", "gave", "elsewhere", "status", "recall", "again", "goodwill"],
]


def test_whatever_happens_nothing_is_negative_lost_or_given_twice() -> None:
    seen: Counter[str] = Counter()

    @MANY
    @given(st.data())
    def live(data: st.DataObject) -> None:
        seen.update(examples=1, combined=lived(data))

    live()
    share = seen["combined"] / seen["examples"]
    # Where few are drawn many of them are the smallest that there are, and chance has its way.
    assert share >= (0.25 if EXAMPLES >= 1_000 else 1 / EXAMPLES), "what does not meet proves nothing of how it meets"
    figure("money", f"{seen['examples']} lives of orders; {share:.0%} with discount, two tenders, a part, an amendment")


def lived(data: st.DataObject) -> bool:
    """One order and what happens to it; whether discount, two tenders, a part and an amendment met."""
    policy = data.draw(policies())
    ids = ["A", "B", "C"]
    body = data.draw(bodies(ids=ids[: data.draw(st.integers(1, 3))]) if data.draw(st.integers(0, 9)) else bodies())
    ids = sorted({*ids, *(line.line_id for line in body.lines)})
    status = data.draw(st.sampled_from(("unpaid", "processing", "processing", "processing", "delivered")))
    life = Life.begun(replace(body, status=OrderStatus(status)), policy)
    eager = data.draw(st.booleans())
    tenders, discount, done = len(body.tenders), bool(body.discounts), Counter[str]()
    for _ in range(data.draw(st.integers(3, 9))):
        kind = data.draw(st.sampled_from(KINDS))
        try:
            done[kind] += ACTS[kind](life, data, ids)
            life.check()
            if eager:
                life.settles()
                assert life.settles() == {}
                life.check()
        except AssertionError:
            note("\n".join(life.acts))
            raise
        tenders, discount = max(tenders, len(life.order.body.tenders)), discount or bool(life.order.body.discounts)
    return bool(done["part"] and done["amend"] and discount and tenders > 1)


def a_part(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    wanted = data.draw(st.composite(counts)(life.order.remaining))
    life.cancels(
        wanted,
        data.draw(st.none() | fees()),
        agreed=data.draw(st.sampled_from((0, 0, 5, 10**6))),
        deducted=data.draw(st.sampled_from((0, 0, 3, 10**6))),
        returned=data.draw(st.booleans()),
    )
    for locale in languages():
        reads_back(explanation(life.given[-1].quote, paid_by(life.known)), locale)
    return bool(wanted)


def an_amendment(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    told = data.draw(changed(life.order.body, ids))
    return life.push(told)


def a_payment(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    tender = data.draw(st.sampled_from(life.order.body.tenders))
    payment = data.draw(st.sampled_from((Payment.COLLECTED, Payment.COLLECTED, Payment.CORRECTED, Payment.VOID)))
    life.pays(tender.tender_id, payment, data.draw(part_of(tender.amount * 2)))
    return True


def money_given(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    tender = data.draw(st.sampled_from(life.order.body.tenders))
    life.gave(tender.tender_id, data.draw(part_of(tender.amount)))
    return True


def pieces_gone_elsewhere(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    named = data.draw(st.none() | st.sampled_from([tender.tender_id for tender in life.order.body.tenders]))
    known: Counter[str] = Counter()
    for refund in life.order.body.refunds:
        known.update({x.line_id: x.quantity for x in refund.lines})
    room = {x.line_id: max(0, x.quantity - known[x.line_id]) for x in life.order.body.lines}
    pieces = data.draw(st.composite(counts)(room)) if data.draw(st.booleans()) else {}
    life.refunded_elsewhere(data.draw(part_of(life.order.body.paid)), named, pieces)
    return True


def a_status(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    life.moves(data.draw(st.sampled_from(OrderStatus)))
    return True


def a_recall(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    return life.recalls()


def told_again(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    """What was told is told once more, and late: neither says anything new."""
    before = life.known
    assert not life.push(life.told, version=life.told.version)
    assert life.push(replace(life.order.body, refunds=()))
    assert life.known.books == before.books
    assert given_by(life.known) == given_by(before)
    return True


def goodwill(life: Life, data: st.DataObject, ids: list[str]) -> bool:
    named = data.draw(st.none() | st.sampled_from([tender.tender_id for tender in life.order.body.tenders]))
    return bool(life.gives_freely(data.draw(part_of(life.order.body.paid)), named))


ACTS: Mapping[str, Callable[[Life, st.DataObject, list[str]], bool]] = {
    "part": a_part,
    "amend": an_amendment,
    "pay": a_payment,
    "gave": money_given,
    "elsewhere": pieces_gone_elsewhere,
    "status": a_status,
    "recall": a_recall,
    "again": told_again,
    "goodwill": goodwill,
}
