"""The scenarios that are broken at every call: each a list of steps from outside, none of which repeats itself."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from chalicelib.domain.cases.choices import Alternative
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Appeal,
    Approve,
    Confirm,
    DeclineOffer,
    Extend,
    GoodsReceived,
    MakeOffer,
    RedirectPart,
    RefundSucceeded,
    Reject,
    Said,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.money.payments import Payment, PaymentTold
from chalicelib.domain.orders.body import Line, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import Declined, Elsewhere, MoneyBack, Offers, ParcelMoves
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.workflow import asking, decisions, orders, payouts, threads, wallets
from infra.sandbox.builders import BUDI, NO, NOW, SELLER, SUPPORT, SYSTEM, a_body, a_policy, an_ask
from infra.sandbox.providers.till import Behaviour
from tests.fakes.provider_halls import an_account
from tests.fakes.provider_town import card_by, payment_of
from tests.proofs.found_by import lost_clues
from tests.proofs.invariants import violations
from tests.proofs.provider_money import unsettled
from tests.proofs.world import ProofWorld

ORDER = "LZD-1"
Step = Callable[[ProofWorld], Any]


def the_case(world: ProofWorld) -> str:
    """The case of the order, if the asking got that far."""
    order = world.store.order(ORDER)
    return order.cases[0] if order and order.cases else "none"


def push(world: ProofWorld, **body: Any) -> None:
    """The order arrives, and was paid; this is before the scenario, and always succeeds."""
    pushed = a_body(**body)
    for tender in pushed.tenders:
        world.town.pay(tender, pushed.paid_at or pushed.placed_at)
    orders.upsert(world.ports, pushed, SYSTEM)


def ask(world: ProofWorld) -> Any:
    return asking.ask(world.ports, ORDER, an_ask(), BUDI)


def asking_for(actor: Actor = BUDI, **wish: Any) -> Step:
    return lambda world: asking.ask(world.ports, ORDER, an_ask(**wish), actor)


@cache
def write(text: str, actor: Actor = BUDI) -> Step:
    return lambda world: threads.write_on_case(world.ports, the_case(world), text, actor)


def more_time(world: ProofWorld) -> Any:
    case = world.case(the_case(world))
    until = (case.deadline_at if case and case.deadline_at else world.clock()) + timedelta(hours=6)
    return decisions.say(world.ports, the_case(world), Extend(until=until, note="holiday"), SUPPORT)


@cache
def say(said: Said, actor: Actor = SELLER) -> Step:
    return lambda world: decisions.say(world.ports, the_case(world), said, actor)


def pump(world: ProofWorld) -> None:
    world.pump()


@cache
def wait(seconds: int) -> Step:
    return lambda world: world.clock.advance(seconds)


def sweeping(world: ProofWorld) -> None:
    world.sweep()


@cache
def status(name: str, version: int) -> Step:
    news = StatusPush(status=OrderStatus(name), version=version, at=NOW + timedelta(minutes=version))
    return lambda world: orders.change_status(world.ports, ORDER, news, SYSTEM)


def other_phone(world: ProofWorld) -> Any:
    """The order system tells another phone of the buyer's."""
    order = world.store.order(ORDER)
    assert order
    buyer = replace(order.body.buyer, phone="+62 812 0000 111")
    return orders.upsert(world.ports, replace(order.body, version=2, buyer=buyer), SYSTEM)


def packed(world: ProofWorld) -> Any:
    """The parcel has a number, and has not left."""
    news = StatusPush(
        status=OrderStatus.READY_TO_SHIP, version=3, at=NOW + timedelta(minutes=3), tracking_number="JNE-000-1"
    )
    return orders.change_status(world.ports, ORDER, news, SYSTEM)


def given_elsewhere(world: ProofWorld) -> Any:
    """The marketplace gave something back itself."""
    return orders.hear_of_payment(
        world.ports, ORDER, PaymentTold(tender_id="wallet", payment=Payment.REFUNDED, amount=30_000, at=NOW), SYSTEM
    )


@cache
def debit(amount: int, event_id: str) -> Step:
    """The marketplace takes money out of the buyer's wallet."""
    return lambda world: wallets.debit(world.ports, "budi", "IDR", amount, event_id, "order LZD-9", SYSTEM)


def money_went(world: ProofWorld) -> Any:
    said = RefundSucceeded(event_id="e1", amount=150_000)
    return decisions.refund_event(world.ports, the_case(world), said, SYSTEM)


def calling(world: ProofWorld) -> None:
    """The schedule asks providers, and they tell what they have to tell."""
    world.call()


@cache
def mood(of: Behaviour, *, silent: bool = False) -> Step:
    """So providers behave from now on."""
    return lambda world: world.town.behave(of, silent=silent)


def naming_an_account(world: ProofWorld) -> Any:
    """The buyer says where the money should go."""
    return payouts.name_account(world.ports, the_case(world), an_account(), None, BUDI, None)


DAY = 86_400 + 3
# What is taken while answers are lost is told to nobody either: what became of it has to be asked.
LOST, FOUND = mood(Behaviour.LOSE_ANSWER, silent=True), mood(Behaviour.NORMAL)
# The provider that took it has no way back for it, and says so before it is asked.
WITHOUT_WAY = Tender(
    method=Method.VIRTUAL_ACCOUNT, amount=150_000, provider="midtrans", references={"order_id": payment_of(ORDER)}
)
RINI = Actor(role=Role.SUPPORT, id="rini")
CHANGE_ADDRESS = MakeOffer(alternative=Alternative.CHANGE_ADDRESS)
TWO_LINES = (
    Line(line_id="1", name="Kemeja", quantity=1, unit_price=100_000),
    Line(line_id="2", name="Topi", quantity=2, unit_price=25_000),
)

# name: (the order, the policy's changes, the steps)
SCENARIOS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], tuple[Step, ...]]] = {
    "ask": ({}, {}, (ask, pump)),
    "approve": ({}, {}, (ask, pump, say(Approve()), pump)),
    "approve before the wait is entered": ({}, {}, (ask, say(Approve()), pump)),
    "approve a card payment": (
        {"tenders": {"card": 150_000}},
        {},
        (ask, pump, say(Approve()), pump, money_went, pump),
    ),
    "reject": ({}, {}, (ask, pump, say(NO), pump)),
    "withdraw": ({}, {}, (ask, pump, say(Withdraw(), BUDI), pump)),
    "silence expires": ({}, {"if_silent": "expire"}, (ask, pump, wait(DAY), pump)),
    "silence approves": ({}, {"if_silent": "approve"}, (ask, pump, wait(DAY), pump)),
    "silence met by the sweep": ({}, {"if_silent": "approve"}, (ask, pump, wait(DAY + 60), sweeping, pump)),
    "escalation and support's decision": (
        {},
        {},
        (ask, pump, wait(DAY), pump, say(Approve(note="seller is silent"), SUPPORT), pump),
    ),
    "shipped while waiting, then approved": (
        {},
        {},
        (ask, pump, status("shipped", 2), say(Approve()), pump),
    ),
    "shipped while waiting ends it": (
        {},
        {"parcel_moves": ParcelMoves.END},
        (ask, pump, status("shipped", 2), pump),
    ),
    "instant cancellation": (
        {"status": "placed", "placed_at": NOW - timedelta(minutes=5)},
        {},
        (ask, pump),
    ),
    "an offer is accepted": (
        {},
        {},
        (ask, pump, say(MakeOffer(fee=10_000)), pump, say(AcceptOffer(), BUDI), pump),
    ),
    "an alternative is agreed": (
        {},
        {},
        (ask, pump, say(CHANGE_ADDRESS), pump, say(AcceptOffer(), BUDI), pump),
    ),
    "goods are kept for a part of the money": (
        {},
        {},
        (ask, pump, say(MakeOffer(partial_refund=10_000)), pump, say(AcceptOffer(), BUDI), pump),
    ),
    "an offer is declined, support decides": (
        {},
        {"offers": Offers(declined=Declined.SUPPORT)},
        (
            ask,
            say(MakeOffer(fee=10_000)),
            pump,
            say(DeclineOffer(), BUDI),
            pump,
            say(Reject(reason_code=RefusingReason.POLICY, note="seen"), SUPPORT),
            pump,
        ),
    ),
    "a part of the order": (
        {"lines": TWO_LINES},
        {},
        (asking_for(lines={"1": 1}), pump, say(Approve()), pump),
    ),
    "a return": (
        {"status": "delivered"},
        {},
        (
            asking_for(kind=Kind.RETURN, reason_code="damaged"),
            pump,
            say(Approve()),
            pump,
            say(ShippedBack(tracking_number="JNE-1"), BUDI),
            say(GoodsReceived()),
            pump,
        ),
    ),
    "a parcel is called back": (
        {"status": "shipped"},
        {"money_back": MoneyBack.ON_RECEIPT},
        (ask, pump, say(Approve()), pump, say(GoodsReceived()), pump),
    ),
    "an appeal": (
        {},
        {},
        (
            ask,
            pump,
            say(NO),
            pump,
            say(Appeal(comment="not packed at all"), BUDI),
            pump,
            say(Approve(note="seen"), SUPPORT),
            pump,
        ),
    ),
    "two people of support": (
        {},
        {"second_person_above": 100_000},
        (
            ask,
            pump,
            say(Approve(note="first"), SUPPORT),
            pump,
            say(Confirm(note="second"), RINI),
            pump,
        ),
    ),
    "the seller cannot deliver": ({}, {}, (asking_for(SELLER, reason_code="out_of_stock"), pump)),
    "shipped before the money was sent": (
        {"tenders": {"card": 150_000}},
        {},
        (ask, pump, say(Approve()), status("shipped", 2), pump),
    ),
    "given elsewhere, then approved": ({}, {}, (ask, pump, given_elsewhere, pump, say(Approve()), pump)),
    "the platform cancels, and Batal pays": (
        {"tenders": {"card": 150_000}},
        {"cancelled_elsewhere": Elsewhere.BATAL_PAYS},
        (status("cancelled", 2), pump, money_went, pump),
    ),
    "the marketplace has a wallet of its own": (
        {},
        {"built_in_wallet": False},
        (ask, pump, say(Approve()), pump, money_went, pump),
    ),
    "the wallet is spent": (
        {},
        {},
        (ask, pump, say(Approve()), pump, debit(60_000, "d1"), debit(60_000, "d1"), debit(90_001, "d2")),
    ),
    "more time": ({}, {}, (ask, pump, more_time, say(NO), pump)),
    "a message": ({}, {}, (ask, pump, write("Sudah dikirim?"), write("Belum.", SELLER), wait(130), sweeping)),
    "callers say something else by now": ({}, {}, (ask, pump, other_phone, packed, pump, say(NO), pump)),
    "the sweep carries it": (
        {},
        {"if_silent": "expire"},
        (ask, wait(91), sweeping, wait(DAY), sweeping, wait(91), sweeping),
    ),
    "a provider gives it back": (
        {"tenders": (card_by("midtrans", ORDER, 150_000),)},
        {},
        (ask, pump, say(Approve()), pump, calling, wait(180), calling, pump),
    ),
    "a provider refuses, and it goes to the wallet": (
        {"tenders": (card_by("stripe", ORDER, 150_000),)},
        {},
        (
            ask,
            pump,
            say(Approve()),
            pump,
            mood(Behaviour.REFUSE),
            calling,
            mood(Behaviour.NORMAL),
            say(RedirectPart(part="1", note="asked"), SUPPORT),
            pump,
            wait(91),
            calling,
        ),
    ),
    "a provider that nobody can ask gives back a part": (
        {"tenders": (card_by("xendit", ORDER, 150_000),), "lines": TWO_LINES},
        {},
        (asking_for(lines={"2": 1}), pump, say(Approve()), pump, calling, wait(180), calling, wait(60), calling, pump),
    ),
    "a provider cancels what is not settled": (
        {"tenders": (card_by("midtrans", ORDER, 150_000),), "paid_at": NOW - timedelta(hours=2)},
        {},
        (ask, pump, say(Approve()), pump, calling, pump),
    ),
    "an answer is lost where the key can be asked about": (
        {"tenders": (card_by("stripe", ORDER, 150_000),)},
        {},
        (ask, pump, say(Approve()), pump, LOST, calling, FOUND, wait(60), calling, wait(8 * DAY), calling, pump),
    ),
    "an answer is lost where one has to search": (
        {"tenders": (card_by("xendit", ORDER, 150_000),)},
        {},
        (ask, pump, say(Approve()), pump, LOST, calling, FOUND, wait(400), calling, pump),
    ),
    "an answer is lost where one asks again": (
        {"tenders": (card_by("doku", ORDER, 150_000),)},
        {},
        (ask, pump, say(Approve()), pump, LOST, calling, FOUND, wait(60), calling, pump),
    ),
    "a provider has no way back, and pays to an account": (
        {"tenders": (WITHOUT_WAY,)},
        {},
        (
            ask,
            pump,
            say(Approve()),
            pump,
            calling,
            naming_an_account,
            wait(91),
            sweeping,
            LOST,
            calling,
            FOUND,
            wait(180),
            calling,
            wait(8 * DAY),
            calling,
            pump,
        ),
    ),
}

# What the house is built on: the proofs walk through every call of these. The others begin as these do.
CORE = frozenset(list(SCENARIOS)[:13]) | {"the sweep carries it"}


def known_steps(name: str) -> int:
    """With how many steps a scenario begins as an earlier one of the same order and policy did; every one begins with
    asking and waiting, whatever the order."""
    order, changes, steps = SCENARIOS[name]
    known = 0
    for other, (its_order, its_changes, its_steps) in SCENARIOS.items():
        if other == name:
            break
        shared = 0
        while shared < min(len(steps), len(its_steps)) and steps[shared] is its_steps[shared]:
            shared += 1
        same = (order, changes) == (its_order, its_changes)
        known = max(known, shared if same else min(shared, 2))
    return known


def run(
    world: ProofWorld,
    name: str,
    *,
    at: int | None = None,
    mode: str = "",
    between: Callable[[int], None] = lambda number: None,
    turning: bool = False,
) -> list[str]:
    """Run a scenario with a fault at its `at`-th AWS call; gives the calls that were made.

    `between` is told the number of each step that is over. Where rows are `turning`, the order was pushed before they
    could become small, and from then on they may.
    """
    order, changes, steps = SCENARIOS[name]
    if changes:
        policy = dict(changes)
        world.store.put_policy(a_policy(version=2, if_silent=policy.pop("if_silent", None), **policy))
    push(world, **order)
    if turning:
        world.store.write_small()
    world.faults.arm(at, mode)
    for number, step in enumerate(steps, start=1):
        world.attempt(lambda step=step: step(world))  # type: ignore[misc]
        between(number)
    calls = list(world.faults.calls)
    if at is not None and at > len(calls):
        # The crash behind the last call: the process is gone, and nothing was left to do.
        world.faults.struck = True
    world.faults.disarm()
    return calls


def in_the_end(world: ProofWorld, *, faults: int) -> list[str]:
    """What callers say in vain; and where providers are asked, what is wrong once nobody has anything more to say about
    a refund."""
    lost = list(lost_clues(world, ORDER))
    if not world.town.is_busy:
        return lost
    world.settle()
    case = world.case(the_case(world))
    return [
        *lost,
        *violations(world, ORDER, faults=faults),
        *(unsettled(world.store, world.town, case) if case else ()),
    ]
