"""The expected outcome of every command in every state, typed by hand: a second table against the first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.cases.case import Case, Offer, Outcome, State
from chalicelib.domain.cases.choices import GoodsFault, ParcelWay, ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Amended,
    Appeal,
    Approve,
    ChargebackTold,
    Claim,
    Command,
    Confirm,
    ContestGoods,
    DeclineOffer,
    Expire,
    Extend,
    GoodsReceived,
    MakeOffer,
    OrderMoved,
    ParcelAnswered,
    PartTold,
    PayOut,
    RedirectPart,
    RefundFailed,
    RefundSucceeded,
    Reopen,
    ResolvePart,
    RetryPart,
    ReturnLabel,
    Said,
    SettleParcel,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.goods import Goods
from chalicelib.domain.cases.step import Act
from chalicelib.domain.cases.transitions import TABLE, CaseRefused, advance
from chalicelib.domain.errors import BatalError, Forbidden, Invalid, Refused
from chalicelib.domain.money.chargebacks import ChargebackOf
from chalicelib.domain.money.quote import less_elsewhere
from chalicelib.domain.money.refund import PartState, Refund, RefundPart, Report, Told
from chalicelib.domain.orders.chargebacks import ChargebackState, ChargebackWord
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import Answer, ParcelMoves, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.spans import Span
from infra.sandbox.builders import (
    ACTORS,
    NO,
    NOW,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_case,
    a_context,
    a_policy,
    an_account,
    an_act,
    an_order,
)

DEADLINE = NOW + timedelta(hours=24)

# Who may say a command at all; everybody else is forbidden in every state.
SPEAKERS = {
    "approve": "seller support",
    "reject": "seller support",
    "offer": "seller support",
    "accept_offer": "buyer",
    "decline_offer": "buyer",
    "withdraw": "buyer",
    "expire": "system",
    "order_moved": "system",
    "parcel_answered": "system",
    "extend": "support",
    "claim": "support",
    "confirm": "support",
    "appeal": "buyer",
    "reopen": "support",
    "shipped_back": "buyer",
    "goods_received": "seller support",
    "refund_succeeded": "system",
    "refund_failed": "system",
    "settle_parcel": "support",
    "contest_goods": "seller support",
    "return_label": "system",
    "amended": "system",
    "part_told": "system",
    "retry_part": "support operator",
    "redirect_part": "support operator",
    "resolve_part": "support operator",
    "pay_out": "buyer support",
    "chargeback_told": "system",
}

# What comes of it: `who: place` where it is taken, a refusal's code where it is not. Wallet only, no parcel moved,
# silence escalates, before the deadline (expire: at the deadline). The buyer has an offer of a fee; support's first yes
# was another's; goods come back from a buyer who has not sent them yet.
EXPECTED = {
    "awaiting_seller": {
        "approve": "seller support: cancelled",
        "reject": "seller support: rejected",
        "offer": "seller support: awaiting_buyer",
        "accept_offer": "not_now",
        "decline_offer": "not_now",
        "withdraw": "buyer: withdrawn",
        "expire": "system: awaiting_support",
        "order_moved": "system: awaiting_seller",
        "parcel_answered": "system: awaiting_seller",
        "extend": "support: awaiting_seller",
        "claim": "not_now",
        "confirm": "not_now",
        "appeal": "not_now",
        "reopen": "not_now",
        "shipped_back": "not_now",
        "goods_received": "not_now",
        "refund_succeeded": "not_now",
        "refund_failed": "not_now",
        "settle_parcel": "not_now",
        "contest_goods": "not_now",
        "return_label": "not_now",
        "amended": "system: awaiting_seller",
        "part_told": "not_now",
        "retry_part": "not_now",
        "redirect_part": "not_now",
        "resolve_part": "not_now",
        "pay_out": "not_now",
        "chargeback_told": "not_now",
    },
    "awaiting_buyer": {
        "approve": "seller support: cancelled",
        "reject": "support: rejected",
        "offer": "not_now",
        "accept_offer": "buyer: cancelled",
        "decline_offer": "buyer: awaiting_support",
        "withdraw": "buyer: withdrawn",
        "expire": "system: awaiting_support",
        "order_moved": "system: awaiting_buyer",
        "parcel_answered": "system: awaiting_buyer",
        "extend": "support: awaiting_buyer",
        "claim": "not_now",
        "confirm": "not_now",
        "appeal": "not_now",
        "reopen": "not_now",
        "shipped_back": "not_now",
        "goods_received": "not_now",
        "refund_succeeded": "not_now",
        "refund_failed": "not_now",
        "settle_parcel": "not_now",
        "contest_goods": "not_now",
        "return_label": "not_now",
        "amended": "system: awaiting_buyer",
        "part_told": "not_now",
        "retry_part": "not_now",
        "redirect_part": "not_now",
        "resolve_part": "not_now",
        "pay_out": "not_now",
        "chargeback_told": "not_now",
    },
    "awaiting_support": {
        "approve": "support: cancelled",
        "reject": "support: rejected",
        "offer": "support: awaiting_buyer",
        "accept_offer": "not_now",
        "decline_offer": "not_now",
        "withdraw": "buyer: withdrawn",
        "expire": "system: awaiting_support",
        "order_moved": "system: awaiting_support",
        "parcel_answered": "system: awaiting_support",
        "extend": "support: awaiting_support",
        "claim": "support: awaiting_support",
        "confirm": "support: cancelled",
        "appeal": "not_now",
        "reopen": "not_now",
        "shipped_back": "not_now",
        "goods_received": "not_now",
        "refund_succeeded": "not_now",
        "refund_failed": "not_now",
        "settle_parcel": "not_now",
        "contest_goods": "not_now",
        "return_label": "not_now",
        "amended": "system: awaiting_support",
        "part_told": "not_now",
        "retry_part": "not_now",
        "redirect_part": "not_now",
        "resolve_part": "not_now",
        "pay_out": "not_now",
        "chargeback_told": "not_now",
    },
    "awaiting_goods": {
        "approve": "not_now",
        "reject": "support: rejected",
        "offer": "not_now",
        "accept_offer": "not_now",
        "decline_offer": "not_now",
        "withdraw": "buyer: withdrawn",
        "expire": "system: expired",
        "order_moved": "system: awaiting_goods",
        "parcel_answered": "system: awaiting_goods",
        "extend": "support: awaiting_goods",
        "claim": "not_now",
        "confirm": "not_now",
        "appeal": "not_now",
        "reopen": "not_now",
        "shipped_back": "buyer: awaiting_goods",
        "goods_received": "seller support: returned",
        "refund_succeeded": "not_now",
        "refund_failed": "not_now",
        "settle_parcel": "not_now",
        "contest_goods": "not_now",
        "return_label": "system: awaiting_goods",
        "amended": "system: awaiting_goods",
        "part_told": "not_now",
        "retry_part": "not_now",
        "redirect_part": "not_now",
        "resolve_part": "not_now",
        "pay_out": "not_now",
        "chargeback_told": "not_now",
    },
    "refunding": {
        "approve": "not_now",
        "reject": "not_now",
        "offer": "not_now",
        "accept_offer": "not_now",
        "decline_offer": "not_now",
        "withdraw": "not_now",
        "expire": "system: refunding",
        "order_moved": "system: refunding",
        "parcel_answered": "system: refunding",
        "extend": "not_now",
        "claim": "not_now",
        "confirm": "not_now",
        "appeal": "not_now",
        "reopen": "not_now",
        "shipped_back": "not_now",
        "goods_received": "not_now",
        "refund_succeeded": "system: cancelled",
        "refund_failed": "system: refunding",
        "settle_parcel": "not_now",
        "contest_goods": "not_now",
        "return_label": "not_now",
        "amended": "not_now",
        "part_told": "system: refunding",
        "retry_part": "support operator: refunding",
        "redirect_part": "part_not_stuck",
        "resolve_part": "support operator: cancelled",
        "pay_out": "no_account_wanted",
        "chargeback_told": "system: refunding",
    },
    "closed": {
        "approve": "already_decided",
        "reject": "already_decided",
        "offer": "already_decided",
        "accept_offer": "already_decided",
        "decline_offer": "already_decided",
        "withdraw": "already_decided",
        "expire": "already_decided",
        "order_moved": "already_decided",
        "parcel_answered": "already_decided",
        "extend": "already_decided",
        "claim": "already_decided",
        "confirm": "already_decided",
        "appeal": "buyer: awaiting_support",
        "reopen": "support: awaiting_support",
        "shipped_back": "already_decided",
        "goods_received": "already_decided",
        "refund_succeeded": "already_decided",
        "refund_failed": "already_decided",
        "settle_parcel": "not_now",
        "contest_goods": "already_decided",
        "return_label": "already_decided",
        "amended": "already_decided",
        "part_told": "not_now",
        "retry_part": "not_now",
        "redirect_part": "not_now",
        "resolve_part": "not_now",
        "pay_out": "not_now",
        "chargeback_told": "not_now",
    },
}

PAIRS = [(state, command) for state in EXPECTED for command in EXPECTED[state]]


def a_case_in(state: str) -> Case:
    """A case that stands there, wallet only; one that is refunding waits for a card."""
    if state == "closed":
        return a_case(state=State.CLOSED, outcome=Outcome.REJECTED, deadline_at=None, if_silent=None, closed_at=NOW)
    if state == "awaiting_goods":
        goods = Goods(agreed_at=NOW)
        return a_case(state=State(state), kind=Kind.RETURN, goods=goods, deadline_at=DEADLINE, if_silent=Silence.EXPIRE)
    silence = Silence.EXPIRE if state == "awaiting_support" else Silence.ESCALATE
    case = a_case(state=State(state), deadline_at=DEADLINE, if_silent=silence)
    if state == "awaiting_buyer":
        return replace(case, offer=Offer(fee=10_000, by=SELLER), rounds=1)
    if state == "awaiting_support":
        return replace(case, first_yes="another")
    if state != "refunding":
        return case
    part = RefundPart(method=Method.CARD, amount=150_000, state=PartState.DUE, arrives_by=NOW)
    return replace(case, refund=Refund(refund_id=case.refund_id, currency="IDR", total=150_000, parts=(part,)))


_MONEY = a_case().quote
# What people and systems say, with what must be said along.
SAID: dict[str, Said] = {
    "approve": Approve(),
    "reject": NO,
    "offer": MakeOffer(fee=10_000),
    "accept_offer": AcceptOffer(),
    "decline_offer": DeclineOffer(),
    "withdraw": Withdraw(),
    "expire": Expire(),
    "order_moved": OrderMoved(order_status=OrderStatus.SHIPPED),
    "parcel_answered": ParcelAnswered(word=ParcelWord.HELD),
    "extend": Extend(until=DEADLINE + timedelta(days=2)),
    "claim": Claim(),
    "confirm": Confirm(),
    "appeal": Appeal(comment="please look again"),
    "reopen": Reopen(),
    "shipped_back": ShippedBack(tracking_number="JNE-1"),
    "goods_received": GoodsReceived(),
    "refund_succeeded": RefundSucceeded(event_id="e1", amount=150_000),
    "refund_failed": RefundFailed(event_id="e1", amount=150_000),
    "settle_parcel": SettleParcel(way=ParcelWay.RECALL, note="seen"),
    "contest_goods": ContestGoods(fault=GoodsFault.NOT_ARRIVED),
    "return_label": ReturnLabel(pickup_code="A1"),
    "part_told": PartTold(report=Report(event_id="e1", part="1", told=Told.PENDING, amount=150_000, at=NOW)),
    "retry_part": RetryPart(part="1", note="the bank is back"),
    "redirect_part": RedirectPart(part="1", note="the card is gone"),
    "resolve_part": ResolvePart(part="1", reference="TF-1", note="sent by hand"),
    "pay_out": PayOut(account=an_account(), note="told on the phone"),
    "chargeback_told": ChargebackTold(
        told=ChargebackOf(
            tender_id="card", word=ChargebackWord(event_id="e1", state=ChargebackState.OPENED, amount=150_000)
        )
    ),
    "amended": Amended(before=_MONEY, after=less_elsewhere(_MONEY, {"wallet": 140_000})),
}


def outcome_of(case: Case, command: str, role: Role, said: Said | None = None) -> str:
    """The place it led to, or the code of the refusal."""
    now = DEADLINE if command == "expire" else NOW + timedelta(hours=1)
    act = an_act(said or SAID[command], ACTORS[role], now=now)
    try:
        after = advance(case, act, a_context(order=an_order(guard={"cases": ("c1",)}))).case
    except BatalError as error:
        return error.code
    assert after is not None
    return str(after.outcome or after.state)


def test_the_second_table_knows_every_state_and_every_command() -> None:
    assert list(EXPECTED) == list(State)
    for commands in EXPECTED.values():
        assert (
            set(commands)
            == set(Command) - {"ask", "correct", "deliver_again", "join", "separate"}
            == set(SPEAKERS)
            == set(SAID)
        )


@pytest.mark.parametrize(("state", "command"), PAIRS)
def test_every_command_in_every_state_ends_as_the_second_table_says(state: str, command: str) -> None:
    expected = EXPECTED[state][command]
    who, _, place = expected.partition(": ") if ": " in expected else ("", "", expected)
    for role in Role:
        found = outcome_of(a_case_in(state), command, role)
        if role not in SPEAKERS[command].split():
            assert found == "forbidden", role
        elif role in who.split() or not who:
            assert found == place, role
        else:
            assert found in ("not_now", "already_decided"), role


@pytest.mark.parametrize("place", [*State, *Outcome])
def test_every_place_of_the_table_is_led_to_by_something(place: str) -> None:
    if place != "closed":
        assert any(place in rule.to for rule in TABLE.values())


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_no_state_waits_for_ever(state: State) -> None:
    assert (state, Command.EXPIRE) in TABLE


@pytest.mark.parametrize(
    ("if_silent", "place"), [("approve", "cancelled"), ("expire", "expired"), ("escalate", "awaiting_support")]
)
@pytest.mark.parametrize("state", ["awaiting_seller", "awaiting_support"])
def test_silence_means_what_was_fixed_when_the_wait_began(state: str, if_silent: str, place: str) -> None:
    case = replace(a_case_in(state), if_silent=Silence(if_silent), first_yes=None)
    assert outcome_of(case, "expire", Role.SYSTEM) == place


def test_silence_never_speaks_before_the_deadline() -> None:
    case = a_case_in("awaiting_seller")
    with pytest.raises(Refused) as refused:
        advance(case, an_act(Expire(), SYSTEM, now=DEADLINE - timedelta(microseconds=1)), a_context())
    assert refused.value.code == "not_yet"


@pytest.mark.parametrize("late", [timedelta(), timedelta(microseconds=1), timedelta(days=9)])
@pytest.mark.parametrize("command", ["approve", "reject", "withdraw"])
def test_at_the_deadline_and_after_it_people_are_too_late(command: str, late: timedelta) -> None:
    role = Role.BUYER if command == "withdraw" else Role.SELLER
    act = an_act(SAID[command], ACTORS[role], now=DEADLINE + late)
    case = a_case_in("awaiting_seller")
    with pytest.raises(CaseRefused) as refused:
        advance(case, act, a_context())
    assert refused.value.code == "deadline_passed"
    assert refused.value.case is case


def test_a_seller_who_comes_after_silence_spoke_hears_that_the_deadline_passed() -> None:
    escalated = advance(a_case_in("awaiting_seller"), an_act(Expire(), SYSTEM, now=DEADLINE), a_context()).case
    assert escalated
    with pytest.raises(Refused) as refused:
        advance(escalated, an_act(Approve(), SELLER, now=DEADLINE), a_context())
    assert refused.value.code == "deadline_passed"


@pytest.mark.parametrize(("role", "command"), [(Role.SELLER, "approve"), (Role.SYSTEM, "expire")])
def test_a_parcel_that_moved_sends_any_yes_but_supports_to_support(role: Role, command: str) -> None:
    moved = replace(a_case_in("awaiting_seller"), moved_to=OrderStatus.SHIPPED, if_silent=Silence.APPROVE)
    assert outcome_of(moved, command, role) == "awaiting_support"
    assert outcome_of(moved, "approve", Role.SUPPORT) == "cancelled"


@pytest.mark.parametrize(
    ("policy", "state", "place"),
    [
        (ParcelMoves.END, "awaiting_seller", "overtaken"),
        (ParcelMoves.END, "awaiting_support", "overtaken"),
        (ParcelMoves.SUPPORT, "awaiting_seller", "awaiting_support"),
        (ParcelMoves.SUPPORT, "awaiting_support", "awaiting_support"),
        (ParcelMoves.CONTINUE, "awaiting_seller", "awaiting_seller"),
    ],
)
@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_a_parcel_that_leaves_does_what_the_policy_says(
    policy: ParcelMoves, state: str, place: str, status: str
) -> None:
    case = a_case_in(state)
    case = replace(case, policy=replace(case.policy, parcel_moves=policy))
    assert outcome_of(case, "order_moved", Role.SYSTEM, OrderMoved(order_status=OrderStatus(status))) == place


def test_an_order_cancelled_by_its_own_system_ends_the_case_that_nobody_has_granted() -> None:
    gone = OrderMoved(order_status=OrderStatus.CANCELLED)
    for state in ("awaiting_seller", "awaiting_buyer", "awaiting_support"):
        assert outcome_of(replace(a_case_in(state), first_yes=None), "order_moved", Role.SYSTEM, gone) == "overtaken"
    assert outcome_of(a_case_in("awaiting_support"), "order_moved", Role.SYSTEM, gone) == "awaiting_support"


GOODWILL_UNDER_WAY = {
    "refund_succeeded": "settled",
    "refund_failed": "refunding",
    "part_told": "refunding",
    "retry_part": "refunding",
    "redirect_part": "part_not_stuck",
    "resolve_part": "settled",
    "expire": "refunding",
}
GOODWILL_DONE = {"refund_failed": "settled", "part_told": "settled", "retry_part": "part_is_done"}


def goodwill(*, done: bool = False) -> Case:
    """Money by a card that customer service gave without a request, on its way or there."""
    case = a_case_in("refunding")
    asked = replace(case.asked, reason_code="goodwill")
    given = replace(case, kind=Kind.CORRECTION, asked=asked, lines={}, holds_slot=False)
    if not done:
        return given
    assert given.refund
    (part,) = given.refund.parts
    refund = replace(given.refund, parts=(replace(part, state=PartState.PAID),))
    closed = replace(given, state=State.CLOSED, outcome=given.ends_as, deadline_at=None, closed_at=NOW)
    return replace(closed, refund=refund)


@pytest.mark.parametrize(
    ("command", "place", "done"),
    [
        *((command, place, False) for command, place in GOODWILL_UNDER_WAY.items()),
        *((command, place, True) for command, place in GOODWILL_DONE.items()),
    ],
)
def test_money_of_goodwill_ends_as_money_of_a_request_does(command: str, place: str, done: bool) -> None:
    for role in SPEAKERS[command].split():
        assert outcome_of(goodwill(done=done), command, Role(role)) == place


# The same where money back is offered for goods that are kept: on the table; agreed to, and a second person must look;
# agreed to, and the money on its way; there.
KEPT_GOODS = {
    "awaiting_buyer": {
        "accept_offer": "settled",
        "decline_offer": "awaiting_support",
        "approve": "cancelled",
        "withdraw": "withdrawn",
        "expire": "awaiting_support",
        "order_moved": "awaiting_buyer",
    },
    "awaiting_support": {
        "confirm": "settled",
        "approve": "settled",
        "reject": "rejected",
        "withdraw": "withdrawn",
        "offer": "awaiting_buyer",
        "expire": "awaiting_support",
        "order_moved": "awaiting_support",
        "parcel_answered": "awaiting_support",
        "amended": "awaiting_support",
    },
    "refunding": {
        "refund_succeeded": "settled",
        "refund_failed": "refunding",
        "resolve_part": "settled",
        "expire": "refunding",
        "order_moved": "refunding",
        "parcel_answered": "refunding",
        "settle_parcel": "not_now",
    },
    "closed": {
        "accept_offer": "already_decided",
        "refund_failed": "settled",
        "part_told": "settled",
        "order_moved": "already_decided",
        "appeal": "not_appealable",
        "reopen": "already_decided",
    },
}


def keeping_goods(state: str) -> Case:
    """A case in which money back was offered for goods that are kept."""
    case = a_case_in("refunding" if state == "closed" else state)
    offer = Offer(partial_refund=10_000, by=SELLER, accepted=None if state == "awaiting_buyer" else True)
    case = replace(case, offer=offer, holds_slot=state.startswith("awaiting"))
    if state != "closed":
        return case
    assert case.refund
    (part,) = case.refund.parts
    paid = replace(case.refund, parts=(replace(part, state=PartState.PAID),))
    return replace(
        case, refund=paid, state=State.CLOSED, outcome=Outcome.SETTLED, deadline_at=None, if_silent=None, closed_at=NOW
    )


@pytest.mark.parametrize(
    ("state", "command", "place"),
    [(state, command, place) for state, cells in KEPT_GOODS.items() for command, place in cells.items()],
)
def test_money_back_for_goods_that_are_kept_has_cells_of_its_own(state: str, command: str, place: str) -> None:
    who = [Role(role) for role in SPEAKERS[command].split()]
    found = {outcome_of(keeping_goods(state), command, role) for role in who}
    assert place in found
    assert found <= {place, "not_now", "already_decided"}


def test_what_a_provider_owes_keeps_the_case_open_until_it_is_paid() -> None:
    order = an_order(tenders={"wallet": 50_000, "card": 90_000, "coins": 10_000})
    change = advance(a_case(order), an_act(Approve()), a_context(order=order))
    assert change.case
    assert change.case.refund
    assert change.case.state is State.REFUNDING
    assert {part.method: str(part.state) for part in change.case.refund.parts} == {
        "card": "due",
        "wallet": "paid",
        "coins": "given_back",
    }
    assert [credit.amount for credit in change.credits] == [50_000]
    assert change.slot
    assert change.slot.books
    taken = {tender_id: account.taken for tender_id, account in change.slot.books.accounts.items()}
    assert (taken, change.slot.releases) == ({"card": 90_000, "wallet": 50_000, "coins": 10_000}, False)


def test_support_gives_a_note_with_everything_it_decides() -> None:
    for note in (None, "", "   "):
        act = Act(said=Approve(note=note), actor=SUPPORT, now=NOW, decision_id="d1", salt="salt")
        with pytest.raises(Invalid) as invalid:
            advance(a_case_in("awaiting_support"), act, a_context())
        assert invalid.value.code == "note_required"


def test_whoever_may_never_say_it_learns_nothing_about_the_case() -> None:
    with pytest.raises(Forbidden):
        advance(a_case_in("closed"), an_act(Approve(), ACTORS[Role.BUYER]), a_context())


def test_support_gets_a_deadline_of_its_own_in_the_policys_working_days() -> None:
    policy = a_policy(support=Answer(within=Span(amount=2, unit="working_days"), if_silent=Silence.EXPIRE))
    act = an_act(Expire(), SYSTEM, now=DEADLINE)
    escalated = advance(a_case_in("awaiting_seller"), act, a_context(policy)).case
    assert escalated
    assert (escalated.deadline_at, escalated.if_silent) == (DEADLINE + timedelta(days=2), Silence.EXPIRE)
    assert escalated.turn == 2
