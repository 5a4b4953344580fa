"""The scenarios that are broken at every call: each a list of steps from outside, none of which repeats itself."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.case import Actor
from chalicelib.domain.order import OrderStatus, StatusPush
from chalicelib.domain.policy import ParcelMoves
from chalicelib.domain.transitions import Command
from chalicelib.workflow import asking, deciding, orders
from tests.builders import BUDI, NOW, SELLER, SUPPORT, SYSTEM, a_body, a_policy, a_wish
from tests.proofs.world import ProofWorld

ORDER = "LZD-1"
Step = Callable[[ProofWorld], Any]


def the_case(world: ProofWorld) -> str:
    """The case of the order, if the asking got that far."""
    order = world.store.order(ORDER)
    return order.cases[0] if order and order.cases else "none"


def push(world: ProofWorld, **body: Any) -> None:
    """The order arrives; this is before the scenario, and always succeeds."""
    orders.upsert(world.house, a_body(**body), SYSTEM)


def ask(world: ProofWorld) -> Any:
    return asking.ask(world.house, ORDER, a_wish(), BUDI)


def say(command: Command, actor: Actor = SELLER, **said: Any) -> Step:
    return lambda world: deciding.say(world.house, the_case(world), command, actor, **said)


def pump(world: ProofWorld) -> None:
    world.pump()


def wait(seconds: int) -> Step:
    return lambda world: world.clock.advance(seconds)


def sweeping(world: ProofWorld) -> None:
    world.sweep()


def status(name: str, version: int) -> Step:
    news = StatusPush(status=OrderStatus(name), version=version, at=NOW + timedelta(minutes=version))
    return lambda world: orders.change_status(world.house, ORDER, news, SYSTEM)


def money_went(world: ProofWorld) -> Any:
    return deciding.refund_event(world.house, the_case(world), SYSTEM, event_id="e1", succeeded=True, amount=150_000)


DAY = 86_400 + 3

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
    "the sweep carries it": (
        {},
        {"if_silent": "expire"},
        (ask, wait(91), sweeping, wait(DAY), sweeping, wait(91), sweeping),
    ),
}


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
