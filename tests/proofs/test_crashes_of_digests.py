"""Every crash point of digests: each AWS call of noting what is to be told, and of sending it, goes wrong in each way.
Whoever comes next goes on, and each request is told of: none is lost, and twice only where whoever handed the mail over
could not note so, as with every mail.

`make proofs` walks through all calls, `make test` through every 43rd.
"""

from collections import Counter
from collections.abc import Sequence

import pytest

from chalicelib.domain.cases.commands import Withdraw
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.workflow import asking, decisions, orders
from chalicelib.workflow.seller_rules import save_seller_rules
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, SELLER, SYSTEM, a_body, an_ask
from tests.proofs.faults import MODES, points_of
from tests.proofs.figures import figure, some
from tests.proofs.world import Laboratory, ProofWorld

DIGEST = ("", "None")


def told(lab: Laboratory, at: int | None = None, mode: str = "") -> tuple[ProofWorld, Sequence[str], list[int], int]:
    """Three requests, of which one is withdrawn later; how often the first digest was sent."""
    world = lab.world()
    save_seller_rules(world.ports, SELLER, SELLER.id, (), digest=Rhythm.TWICE_A_DAY)
    ids = []
    for number in range(3):
        orders.upsert(world.ports, a_body(order_id=f"LZD-{number}"), SYSTEM)
        ids.append(asking.ask(world.ports, f"LZD-{number}", an_ask(), BUDI).case_id)
    world.clock.advance(91)
    world.faults.arm(at, mode)
    for pause in (91, 4 * 3600, 91):
        world.attempt(lambda: sweep(world.ports))
        world.clock.advance(pause)
    calls, points = list(world.faults.calls), world.faults.crash_points()
    world.faults.disarm()
    for _ in range(5):
        world.clock.advance(200)
        sweep(world.ports)
    first = world.outside.mails[DIGEST]
    decisions.say(world.ports, ids[0], Withdraw(), BUDI)
    for _ in range(3):
        world.clock.advance(18 * 3600)
        sweep(world.ports)
    return world, calls, points, first


def wrong(world: ProofWorld, first: int, twice: bool) -> list[str]:
    seller = Counter({mail: count for mail, count in world.outside.mails.items() if ":seller" in mail[1]})
    singles = [f"{mail} went by itself" for mail in seller if "decision_needed" in mail[1]]
    digests = [] if first in ({1, 2} if twice else {1}) else [f"{first} digests"]
    waiting = [str(each) for each in world.store.digest_notes(SELLER.id)]
    open_still = [str(each) for each in world.store.due_digests(world.clock(), 10)]
    return [*singles, *digests, *waiting, *open_still]


def test_a_digest_that_is_broken_anywhere_tells_each_request_once(lab: Laboratory) -> None:
    world, calls, crash_points, first = told(lab)
    assert wrong(world, first, twice=False) == []
    assert {"sesv2.SendEmail", "dynamodb.TransactWriteItems", "dynamodb.PutItem"} <= set(calls)
    # Nobody can know whether a mail whose answer is lost went out, and who dies before noting so has not noted it.
    handed_over = len(calls) - calls[::-1].index("sesv2.SendEmail")
    unknown = {("lost", handed_over), ("resent", handed_over), ("before", handed_over + 1)}
    struck = doubled = 0
    for mode in MODES:
        for at in some(points_of(mode, calls, crash_points), 43):
            broken, _, _, times = told(lab, at, mode)
            assert wrong(broken, times, twice=(mode, at) in unknown) == [], f"{mode} at {at} ({calls[at - 1]})"
            struck += 1
            doubled += times > 1
    figure("crashes of digests", f"{len(calls)} calls, {struck} faults survived, {doubled} digests sent twice")


def test_one_that_did_not_note_what_it_told_would_be_found(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control: nothing that went out is known to have gone."""
    monkeypatch.setattr(type(lab.store), "end_digest", lambda self, digest, now: None)
    world, _, _, first = told(lab)
    assert wrong(world, first, twice=False)
