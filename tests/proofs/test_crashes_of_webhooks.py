"""Every crash point of webhooks: each AWS call of making one, handing over, giving up and telling again goes wrong in
each way. Whoever comes next goes on, and the receiver has everything: no event is lost, and none waits for ever.

`make proofs` walks through all calls, `make test` through every 151st.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.webhooks import Reply
from chalicelib.workflow import asking, decisions, feed, orders, telling, webhooks
from infra.sandbox.builders import BUDI, OPERATOR, SELLER, SYSTEM, a_body, an_ask
from tests.fakes.ports import Listener
from tests.proofs.faults import MODES, points_of
from tests.proofs.figures import figure, some
from tests.proofs.world import Laboratory, ProofWorld

REFUSED = Reply(status=500)


def happens(world: ProofWorld, number: int) -> None:
    orders.upsert(world.ports, a_body(order_id=f"LZD-{number}"), SYSTEM)
    case = asking.ask(world.ports, f"LZD-{number}", an_ask(), BUDI)
    if number % 2:
        decisions.say(world.ports, case.case_id, Approve(), SELLER)


def all_told(world: ProofWorld) -> list[str]:
    page = feed.of_all(world.ports, feed.Wanted(), 1_000)
    return sorted(event.event_id for event in page.items)


def told(
    lab: Laboratory, at: int | None = None, mode: str = ""
) -> tuple[ProofWorld, Listener, Sequence[str], list[int]]:
    """A receiver that refuses one order for so long that it is given up, takes it later, and is told all again."""
    world, listener = lab.world(), Listener()
    world.ports = replace(world.ports, receivers=listener)
    for number in range(3):
        happens(world, number)
    picky = world.store.order("LZD-1")
    assert picky
    listener.answers = lambda id: REFUSED if id.startswith(picky.cases[0]) else Reply(status=200)
    made: list[str] = []

    def makes() -> str:
        found = webhooks.webhooks(world.ports, OPERATOR)
        one = found[0] if found else webhooks.create(world.ports, OPERATOR, "https://shop.example/hooks", ("*",))
        made[:] = [one.webhook_id]
        return webhooks.replay_from(world.ports, OPERATOR, one.webhook_id, all_told(world)[0]).webhook_id

    def hands_over() -> None:
        for webhook_id in telling.with_work(world.ports):
            telling.tell_webhook(world.ports, webhook_id)

    world.faults.arm(at, mode)
    while world.attempt(makes) is None:
        pass
    for half_day in range(13):
        world.attempt(hands_over)
        world.clock.advance(12 * 3600)
        if half_day % 4 == 3:  # something is taken, so the receiver is not switched off
            world.attempt(lambda number=10 + half_day: happens(world, number))  # type: ignore[misc]
    listener.answers = lambda id: Reply(status=200)
    world.attempt(lambda: happens(world, 4))
    world.attempt(hands_over)
    calls, points = list(world.faults.calls), world.faults.crash_points()
    world.faults.disarm()
    webhooks.switch_on(world.ports, OPERATOR, made[0])
    for _ in range(4):
        world.clock.advance(200)
        hands_over()
    return world, listener, calls, points


def lost(world: ProofWorld, listener: Listener) -> list[str]:
    (webhook,) = webhooks.webhooks(world.ports, OPERATOR)
    wrong = [] if (webhook.waiting, webhook.dead, webhook.leased_until) == ((), 0, None) else [str(webhook)]
    return wrong + [event_id for event_id in all_told(world) if event_id not in listener.took]


def test_a_webhook_that_is_broken_anywhere_is_told_everything(lab: Laboratory) -> None:
    world, listener, calls, crash_points = told(lab)
    assert lost(world, listener) == []
    assert {"dynamodb.BatchWriteItem", "dynamodb.PutItem", "dynamodb.DeleteItem"} <= set(calls)
    struck = 0
    for mode in MODES:
        for at in some(points_of(mode, calls, crash_points), 151):
            broken, heard, _, _ = told(lab, at, mode)
            assert lost(broken, heard) == [], f"{mode} at {at} ({calls[at - 1]})"
            struck += 1
    figure("crashes of webhooks", f"{len(calls)} calls, {struck} faults survived")


def test_one_that_forgot_what_it_gave_up_would_be_found(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control: letters that are given up are buried nowhere."""
    monkeypatch.setattr(type(lab.store), "bury_letters", lambda self, webhook_id, letters: None)
    world, listener, _, _ = told(lab)
    assert lost(world, listener)
