"""The scenarios that are broken at every call: each a list of steps from outside, none of which repeats itself."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from chalicelib.domain.cases.case import Offer
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.orders.order import Line, OrderStatus, StatusPush
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import Declined, MoneyBack, Offers, ParcelMoves
from chalicelib.domain.policies.reasons import Kind
from chalicelib.workflow import asking, decisions, orders, threads
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT, SYSTEM, a_body, a_policy, a_wish
from tests.proofs.world import ProofWorld

ORDER = "LZD-1"
Step = Callable[[ProofWorld], Any]


def the_case(world: ProofWorld) -> str:
    """The case of the order, if the asking got that far."""
    order = world.store.order(ORDER)
    return order.cases[0] if order and order.cases else "none"


def push(world: ProofWorld, **body: Any) -> None:
    """The order arrives; this is before the scenario, and always succeeds."""
    orders.upsert(world.ports, a_body(**body), SYSTEM)


def ask(world: ProofWorld) -> Any:
    return asking.ask(world.ports, ORDER, a_wish(), BUDI)


def asking_for(actor: Actor = BUDI, **wish: Any) -> Step:
    return lambda world: asking.ask(world.ports, ORDER, a_wish(**wish), actor)


@cache
def write(text: str, actor: Actor = BUDI) -> Step:
    return lambda world: threads.write_on_case(world.ports, the_case(world), text, actor)


def more_time(world: ProofWorld) -> Any:
    case = world.case(the_case(world))
    until = (case.deadline_at if case and case.deadline_at else world.clock()) + timedelta(hours=6)
    return decisions.say(world.ports, the_case(world), Command.EXTEND, SUPPORT, until=until, note="holiday")


@cache
def say(command: Command, actor: Actor = SELLER, **said: Any) -> Step:
    return lambda world: decisions.say(world.ports, the_case(world), command, actor, **said)


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


def money_went(world: ProofWorld) -> Any:
    return decisions.refund_event(world.ports, the_case(world), SYSTEM, event_id="e1", succeeded=True, amount=150_000)


DAY = 86_400 + 3
RINI = Actor(role=Role.SUPPORT, id="rini")
CHANGE_ADDRESS = Offer(alternative="change_address")
TWO_LINES = (
    Line(line_id="1", name="Kemeja", quantity=1, unit_price=100_000),
    Line(line_id="2", name="Topi", quantity=2, unit_price=25_000),
)

# name: (the order, the policy's changes, the steps)
SCENARIOS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], tuple[Step, ...]]] = {
    "ask": ({}, {}, (ask, pump)),
    "approve": ({}, {}, (ask, pump, say(Command.APPROVE), pump)),
    "approve before the wait is entered": ({}, {}, (ask, say(Command.APPROVE), pump)),
    "approve a card payment": (
        {"tenders": {"card": 150_000}},
        {},
        (ask, pump, say(Command.APPROVE), pump, money_went, pump),
    ),
    "reject": ({}, {}, (ask, pump, say(Command.REJECT, reason_code="already_packed"), pump)),
    "withdraw": ({}, {}, (ask, pump, say(Command.WITHDRAW, BUDI), pump)),
    "silence expires": ({}, {"if_silent": "expire"}, (ask, pump, wait(DAY), pump)),
    "silence approves": ({}, {"if_silent": "approve"}, (ask, pump, wait(DAY), pump)),
    "silence met by the sweep": ({}, {"if_silent": "approve"}, (ask, pump, wait(DAY + 60), sweeping, pump)),
    "escalation and support's decision": (
        {},
        {},
        (ask, pump, wait(DAY), pump, say(Command.APPROVE, SUPPORT, note="seller is silent"), pump),
    ),
    "shipped while waiting, then approved": (
        {},
        {},
        (ask, pump, status("shipped", 2), say(Command.APPROVE), pump),
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
        (ask, pump, say(Command.OFFER, offer=Offer(fee=10_000)), pump, say(Command.ACCEPT_OFFER, BUDI), pump),
    ),
    "an alternative is agreed": (
        {},
        {},
        (ask, pump, say(Command.OFFER, offer=CHANGE_ADDRESS), pump, say(Command.ACCEPT_OFFER, BUDI), pump),
    ),
    "an offer is declined, support decides": (
        {},
        {"offers": Offers(declined=Declined.SUPPORT)},
        (
            ask,
            say(Command.OFFER, offer=Offer(fee=10_000)),
            pump,
            say(Command.DECLINE_OFFER, BUDI),
            pump,
            say(Command.REJECT, SUPPORT, reason_code="policy", note="seen"),
            pump,
        ),
    ),
    "a part of the order": (
        {"lines": TWO_LINES},
        {},
        (asking_for(lines={"1": 1}), pump, say(Command.APPROVE), pump),
    ),
    "a return": (
        {"status": "delivered"},
        {},
        (
            asking_for(kind=Kind.RETURN, reason_code="damaged"),
            pump,
            say(Command.APPROVE),
            pump,
            say(Command.SHIPPED_BACK, BUDI, tracking_number="JNE-1"),
            say(Command.GOODS_RECEIVED),
            pump,
        ),
    ),
    "a parcel is called back": (
        {"status": "shipped"},
        {"money_back": MoneyBack.ON_RECEIPT},
        (ask, pump, say(Command.APPROVE), pump, say(Command.GOODS_RECEIVED), pump),
    ),
    "an appeal": (
        {},
        {},
        (
            ask,
            pump,
            say(Command.REJECT, reason_code="already_packed"),
            pump,
            say(Command.APPEAL, BUDI, comment="not packed at all"),
            pump,
            say(Command.APPROVE, SUPPORT, note="seen"),
            pump,
        ),
    ),
    "two people of support": (
        {},
        {"second_person_above": 100_000},
        (
            ask,
            pump,
            say(Command.APPROVE, SUPPORT, note="first"),
            pump,
            say(Command.CONFIRM, RINI, note="second"),
            pump,
        ),
    ),
    "the seller cannot deliver": ({}, {}, (asking_for(SELLER, reason_code="out_of_stock"), pump)),
    "shipped before the money was sent": (
        {"tenders": {"card": 150_000}},
        {},
        (ask, pump, say(Command.APPROVE), status("shipped", 2), pump),
    ),
    "more time": ({}, {}, (ask, pump, more_time, say(Command.REJECT, reason_code="already_packed"), pump)),
    "a message": ({}, {}, (ask, pump, write("Sudah dikirim?"), write("Belum.", SELLER), wait(130), sweeping)),
    "the sweep carries it": (
        {},
        {"if_silent": "expire"},
        (ask, wait(91), sweeping, wait(DAY), sweeping, wait(91), sweeping),
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
) -> list[str]:
    """Run a scenario with a fault at its `at`-th AWS call; gives the calls that were made.

    `between` is told the number of each step that is over.
    """
    order, changes, steps = SCENARIOS[name]
    if changes:
        policy = dict(changes)
        world.store.put_policy(a_policy(version=2, if_silent=policy.pop("if_silent", None), **policy))
    push(world, **order)
    world.faults.arm(at, mode)
    for number, step in enumerate(steps, start=1):
        world.attempt(lambda step=step: step(world))
        between(number)
    calls = list(world.faults.calls)
    if at is not None and at > len(calls):
        # The crash behind the last call: the process is gone, and nothing was left to do.
        world.faults.struck = True
    world.faults.disarm()
    return calls
