"""Payment providers in random histories: their moods, the schedule that asks them, what they tell, and people who look
there before they speak. What Batal does must hold by itself; what others tell it is true."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import PartTold, RedirectPart, ResolvePart, Said
from chalicelib.domain.errors import Refused
from chalicelib.domain.money.providers import Became
from chalicelib.domain.money.refund import AWAITED_PARTS, RefundPart, Report, Told
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import Ports
from chalicelib.workflow import decisions
from chalicelib.workflow.refund_calls import call_due, hear
from infra.sandbox.builders import SYSTEM
from infra.sandbox.providers.fakes import GIVERS
from infra.sandbox.providers.till import Behaviour
from tests.fakes.provider_town import Letter, Town, card_by, payment_of
from tests.proofs.provider_money import went_for

MOODS = (*Behaviour, Behaviour.NORMAL, Behaviour.NORMAL, Behaviour.FAIL, Behaviour.REFUSE, Behaviour.LOSE_ANSWER)
# What a fake believes to have been paid: more than any order's money, so that it would pay twice if it were asked to.
GENEROUS = 1_000_000


def a_card(dice: random.Random, order_id: str, amount: int) -> Tender:
    """A card payment of any of them, or of one that the marketplace asks."""
    name = dice.choice([*GIVERS, None])
    return card_by(name, order_id, amount) if name else Tender(method=Method.CARD, amount=amount)


def asked(ports: Ports) -> int:
    """One round of the schedule; how often it had something to do."""
    turns = iter(range(60))
    return call_due(ports, lambda: next(turns, None) is not None).seen


def told(ports: Ports, town: Town, dice: random.Random | None = None) -> int:
    """What providers tell arrives: with `dice` successes may be lost, and anything may come twice or later."""
    letters = list(town.letters())
    if dice:
        dice.shuffle(letters)
    return sum(_told(ports, letter, dice) for letter in letters)


def _told(ports: Ports, letter: Letter, dice: random.Random | None) -> int:
    name, headers, raw = letter
    failure = any(each.became is Became.FAILED for each in ports.providers[name].heard(headers, raw))
    # A failure is told again until it arrives, as all who tell it say.
    if dice and dice.random() < 0.25 and not failure:
        return 0
    return sum(hear(ports, name, headers, raw) for _ in range(2 if dice and dice.random() < 0.2 else 1))


def settle(ports: Ports, town: Town, clock: Any, sweep: Any) -> None:
    """Time goes on until no provider has anything to do or to tell, and nothing is to be asked."""
    for _ in range(200):
        dispatches = map(ports.store.dispatch, ports.store.due_dispatches(clock.at + timedelta(days=400), 50))
        moments: list[datetime | None] = [town.next_moment(), *(each.next_at for each in dispatches if each)]
        if not any(moments):
            return
        clock.at = max(min(each for each in moments if each), clock.at + timedelta(seconds=1))
        asked(ports)
        told(ports, town)
        sweep()
    raise AssertionError("I13: refunds have no end")


def is_true(town: Town, case: Case, name: str, word: Told) -> bool:
    """Whether somebody who looked at the provider's would say this of a part."""
    part = case.refund.by_name[name] if case.refund else None
    if part is None or part.provider is None or word in (Told.SENT, Told.PENDING):
        return True
    if word is Told.SUCCEEDED:
        return sum(went_for(town, case, name, part)) == part.amount
    # Of what is asked for still anybody may say that it failed: that must do no harm.
    return part.state in AWAITED_PARTS or nothing_went(town, case, name, part)


def nothing_went(town: Town, case: Case, name: str, part: RefundPart) -> bool:
    """Whether the provider has nothing of a part, and nothing on its way."""
    if part.provider is None or part.provider not in town.fakes:
        return True
    till, mine = town.till(part.provider), f"{case.refund_id}-{name}-"
    on_its_way = any(each.key.startswith(mine) and each.state == "pending" for each in till.refunds)
    return not (on_its_way or till.delayed or sum(went_for(town, case, name, part)))


def may_resolve(town: Town, case: Case, name: str) -> bool:
    """Whether a person who looked would say that it went by hand, or sends it by hand."""
    part = case.refund.by_name[name] if case.refund else None
    if part is None or part.provider is None:
        return True
    asked_for = part.state in AWAITED_PARTS  # that is refused
    return asked_for or is_true(town, case, name, Told.SUCCEEDED) or nothing_went(town, case, name, part)


def end_by_people(ports: Ports, town: Town, case: Case, people: Sequence[Actor]) -> None:
    """What did not go by a provider is looked up there, and goes to the wallet, or is told as gone."""
    for name, part in case.refund.open_parts.items() if case.refund else ():
        if part.provider is None or not (part.is_stuck or part.may_go_elsewhere):
            continue
        if is_true(town, case, name, Told.SUCCEEDED):
            _both_say(ports, case, ResolvePart(part=name, reference="looked up", note="it went"), people)
            continue
        if part.is_in_doubt:
            at = ports.now()
            report = Report(event_id=f"looked-up-{name}-{at}", part=name, told=Told.FAILED, amount=part.amount, at=at)
            decisions.part_event(ports, case.case_id, PartTold(report=report), SYSTEM)
        _both_say(ports, case, RedirectPart(part=name, note="it did not go"), people)


def _both_say(ports: Ports, case: Case, said: Said, people: Sequence[Actor]) -> None:
    """Where one is enough, the second finds it done."""
    for number, actor in enumerate(people):
        try:
            decisions.say(ports, case.case_id, said, actor)
        except Refused:
            assert number


def above_paid(town: Town, order_id: str, cases: Sequence[Case], collected: int) -> Iterator[str]:
    """More went back by a payment's provider and to the wallet in its place than was `collected` of an order's money.
    The fakes would give more: they were paid as `GENEROUS` says."""
    for name in town.fakes:
        paid = town.till(name).payments.get(payment_of(order_id))
        if paid is None:
            continue
        back = sum(line.amount for line in town.lines(name) if line.payment == paid.names[0])
        for case in cases:
            for part in case.refund.parts if case.refund else ():
                first = case.refund.by_name.get(part.instead_of or "") if case.refund else None
                back += part.amount if first and first.provider == name and part.state == "paid" else 0
        if back > collected:
            yield f"I13: {back} of {collected} went back of {order_id}"
