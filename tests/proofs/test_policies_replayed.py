"""A simulated policy comes to what happens under it.

The policy that was in force brings about what happened, case by case, over random histories. And another policy, where
the simulation calls its answer exact, or told by what people said, comes to what the service itself does under that
policy when the same people say the same at the same moments.
"""

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.commands import Approve, Reject, Said, Withdraw
from chalicelib.domain.errors import BatalError
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.learned import NOTHING_HEARD
from chalicelib.domain.policies.policy import Answer, Fee, InstantWindow, Policy, Silence
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.policies.seller_rules import WHERE, SellerRule, SellerRules
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.simulation.past import PastCase, Way, past_of
from chalicelib.domain.simulation.replay import Basis, looked_back, reckons, replay
from chalicelib.workflow import asking, decisions, orders
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT, SYSTEM, a_body, a_policy, an_ask
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.fakes.provider_town import no_sockets
from tests.proofs.figures import FULL, figure
from tests.proofs.test_histories import STEPS, History

HISTORIES = 300 if FULL else 8
SCRIPTS = 2000 if FULL else 70
SEED = int(os.environ.get("BATAL_SEED", "0")) or random.SystemRandom().randrange(10**9)


def no_days_off(at: datetime, country: str | None) -> tuple[()]:
    return ()


def pasts_of(history: History) -> list[PastCase]:
    """What a simulation takes of all that happened."""
    found = []
    for order in history.orders():
        cases = [history.store_case(case_id) for case_id in order.cases]
        found += [past_of(case, history.store.timeline(case.case_id), order, cases) for case in cases]
    return [past for past in found if past is not None]


def test_the_policy_in_force_brings_about_what_happened() -> None:
    ways, reckoned = Counter[Way](), Counter[bool]()
    for number in range(HISTORIES):
        history = History(dice=random.Random(SEED + number))
        with no_sockets():
            history.begin()
            for _ in range(STEPS):
                history.step()
            history.finish()
        for past in pasts_of(history):
            policy = history.store.policy(past.policy, past.version)
            wrong = looked_back(past, policy, no_days_off)[1]
            assert wrong == (), f"BATAL_SEED={SEED + number}: {past.case_id} {past.happened}"
            ways[past.happened.way] += 1
            reckoned[reckons(past, policy, no_days_off)] += 1
    assert sum(ways.values()) > HISTORIES // 2
    # Where its order was told anew since, nobody knows what amounts were reckoned from.
    figure(
        "simulation",
        f"{sum(ways.values())} cases of {HISTORIES} histories, seed {SEED}: each as it happened under its own policy; "
        f"amounts reckoned anew to the unit in {reckoned[True]}; {dict(sorted(ways.items()))}",
    )


# --- the same people under another policy


@dataclass(frozen=True, kw_only=True)
class Script:
    """An order, a request, and who says what so many hours after it; customer service so long after it was asked."""

    body: OrderBody
    reason: str
    kind: Kind
    by_rule: bool
    says: Sequence[tuple[float, Actor, Said]]
    support: tuple[float, Said] | None


STATUSES = ("placed", "processing", "ready_to_ship", "shipped", "delivered", "payment_review", "unpaid", "lost")
YES, NO = Approve(), Reject(reason_code=RefusingReason.ALREADY_PACKED)
SPANS = (Span(amount=6, unit="hours"), Span(amount=1, unit="days"), Span(amount=2, unit="working_days"))


def a_script(dice: random.Random, number: int) -> Script:
    status = dice.choice(STATUSES)
    returning = status == "delivered"
    ago = timedelta(hours=dice.choice([0.2, 2, 30, 70]))
    said: Sequence[tuple[Actor, Said]] = dice.choice([[(SELLER, YES)], [(SELLER, NO)], [(BUDI, Withdraw())], [], []])
    reasons = ["damaged", "not_received"] if returning else ["changed_mind", "wrong_size", "late_delivery"]
    return Script(
        body=a_body(
            order_id=f"O-{number}",
            status=status,
            placed_at=NOW - ago,
            paid=status != "unpaid",
            shipping_fee=dice.choice([0, 18_000]),
            service_fee=dice.choice([0, 1_000]),
            category=dice.choice(["fashion", "food"]),
            shipping_service=dice.choice([None, "same_day"]),
            delivered_at=NOW - ago if returning else None,
        ),
        reason=dice.choice(reasons),
        kind=Kind.RETURN if returning else Kind.CANCELLATION,
        by_rule=dice.random() < 0.15,
        says=[(dice.choice([0.5, 3, 8, 20, 30]), *each) for each in said],
        support=dice.choice([None, (5.0, Approve(note="looked")), (20.0, replace(NO, note="looked"))]),
    )


def some_policy(dice: random.Random, version: int) -> Policy:
    plain = a_policy(version=version)
    windows = (
        InstantWindow(
            statuses=tuple(dice.sample([OrderStatus.PLACED, OrderStatus.PROCESSING], dice.choice([1, 2]))),
            span=dice.choice([None, Span(amount=1, unit="hours"), Span(amount=40, unit="hours")]),
            other_services=dice.choice([(), ("same_day",)]),
        ),
    )
    some = dice.choice([Fee(), Fee(basis_points=500), Fee(flat=7_000, keep_shipping=True), Fee(keep_service_fee=True)])
    returns = plain.returns
    assert returns is not None
    return replace(
        plain,
        answers={
            status: Answer(within=dice.choice(SPANS), if_silent=dice.choice(list(Silence))) for status in plain.answers
        },
        instant=dice.choice([(), windows]),
        fees=dict.fromkeys(plain.answers, some),
        returns=dice.choice([returns, replace(returns, answer=Answer(within=SPANS[0], if_silent=Silence.APPROVE))]),
        support=Answer(within=dice.choice(SPANS), if_silent=Silence.EXPIRE),
        excluded_categories=dice.choice([(), (), ("food",)]),
        reminders=dice.choice([(), (Span(amount=3, unit="hours"),)]),
    )


def live(script: Script, policy: Policy) -> tuple[Neighbourhood, Case | None]:
    """What the service itself makes of it under a policy; no case where nobody could ask."""
    around = a_neighbourhood()
    around.store.put_policy(policy)
    if script.by_rule:
        # The rule holds wherever a rule may.
        rule = SellerRule(name="always", statuses=tuple(WHERE))
        around.store.put_seller_rules(script.body.seller.id, SellerRules(version=1, rules=(rule,)))
    orders.upsert(around.ports, script.body, SYSTEM)
    try:
        case_id = asking.ask(
            around.ports, script.body.order_id, an_ask(reason_code=script.reason, kind=script.kind), BUDI
        ).case_id
    except BatalError:
        return around, None
    says = [(NOW + timedelta(hours=hours), actor, said) for hours, actor, said in script.says]
    for _ in range(60):
        case = around.store.case(case_id)
        assert case is not None
        if case.state is State.AWAITING_SUPPORT and script.support and not any(who is SUPPORT for _, who, _ in says):
            hours, word = script.support
            says.append((around.clock.at + timedelta(hours=hours), SUPPORT, word))
        moments = [at for at, *_ in says] + ([case.wake_at] if case.wake_at else [])
        if not moments or case.state in (State.REFUNDING, State.AWAITING_GOODS):
            break
        around.clock.at = max(around.clock.at, min(moments))
        for each in [each for each in says if each[0] <= around.clock.at]:
            says.remove(each)
            try:
                decisions.say(around.ports, case_id, each[2], each[1])
            except BatalError:
                continue
        sweep(around.ports)
    return around, around.store.case(case_id)


def past_in(around: Neighbourhood, case: Case) -> PastCase | None:
    order = around.store.order(case.order_id)
    assert order is not None
    return past_of(case, around.store.timeline(case.case_id), order)


def test_another_policy_comes_to_what_the_service_does_under_it() -> None:
    bases, whys = Counter[str](), Counter[str]()
    for number in range(SCRIPTS):
        dice = random.Random(SEED + number)
        script, was, draft = a_script(dice, number), some_policy(dice, 9), some_policy(dice, 10)
        around, case = live(script, was)
        past = past_in(around, case) if case else None
        if past is None:
            continue
        told = f"BATAL_SEED={SEED + number}"
        assert looked_back(past, was, no_days_off)[1] == (), told
        assert reckons(past, was, no_days_off), told
        found = replay(past, draft, was, no_days_off, lambda past: NOTHING_HEARD)
        assert abs(sum(each.share.mean for each in found.endings) - 1) < 1e-9, told
        bases[found.basis] += 1
        whys[str(found.why)] += 1
        if found.basis is Basis.ESTIMATED:
            continue
        (ending,) = found.endings
        there, truth = live(script, draft)
        if truth is None:
            assert ending.way is Way.REFUSED, told
            continue
        really = past_in(there, truth)
        assert really is not None, told
        happened = really.happened
        assert ending.way is happened.way, told
        if found.exact_money:
            assert (ending.refund, ending.fees) == (happened.refund, happened.fees), told
        if truth.state is State.CLOSED:
            assert ending.mails == len(there.outbox.sent), told
    assert min(bases[basis] for basis in Basis) > SCRIPTS // 40
    asked = f"{sum(bases.values())} requests under two policies each, seed {SEED}"
    figure("simulation", f"{asked}: {dict(sorted(bases.items()))}, {dict(sorted(whys.items()))}")
