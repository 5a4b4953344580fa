"""Refunds asked of providers in random weather: lost and slow answers, crashes, doubled, late and missing notices,
nights, windows that shut, money that bounces. Over HTTP, against fakes whose own ledgers say what really went.

No money goes twice, whatever is said to have failed certainly did not go, and every part ends where people see it.
`BATAL_SEED=... BATAL_RUNS=1` plays one run again.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import accumulate

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.money.hearing import told
from chalicelib.domain.money.providers import AfterLoss, Became, Habits, PartRequest, Provider, ProviderAnswer
from chalicelib.domain.money.sending import (
    Done,
    Find,
    GiveUp,
    Next,
    Send,
    Sending,
    answered,
    begun,
    next_step,
    reported,
    unanswered,
)
from infra.sandbox.providers.midtrans import FakeMidtrans
from infra.sandbox.providers.till import Behaviour, Line
from tests.fakes.provider_halls import NAMES, Hall, adapter, anew, hall, known
from tests.proofs.figures import FULL, figure

RUNS = int(os.environ.get("BATAL_RUNS", "10000" if FULL else "30"))
SEED = int(os.environ.get("BATAL_SEED") or random.SystemRandom().randrange(10**9))
CONTROLS = 20261126  # of which it is known that they catch
LONGEST = timedelta(days=40)
# Money that bounces does so within days, and is then heard of or found by the look after a week.
AFTERWARDS = timedelta(days=8)
WEATHER = {
    Behaviour.NORMAL: 5,
    Behaviour.LOSE_ANSWER: 4,
    Behaviour.SLOW: 3,
    Behaviour.DOUBLE: 2,
    Behaviour.LATE: 2,
    Behaviour.FAIL: 1,
    Behaviour.REFUSE: 1,
    Behaviour.REVERSE: 1,
    Behaviour.BUSY: 2,
}

Conductor = Callable[[Sending, Provider, PartRequest, Hall], Next]


def careful(sending: Sending, provider: Provider, request: PartRequest, the: Hall) -> Next:
    """As it is shipped."""
    return next_step(sending, provider.able(request, the.now()), provider.habits, the.now())


@dataclass(slots=True)
class Part:
    """One part on its way, and every call that was made for it: which, and what was stored of its answer."""

    request: PartRequest
    sending: Sending
    calls: list[tuple[Find | Send, ProviderAnswer | None]] = field(default_factory=list)
    failures: set[str | None] = field(default_factory=set)  # keys that the provider told to have failed
    end: Done | GiveUp | None = None

    def asked(self) -> PartRequest:
        return known(replace(self.request, key=self.sending.key), self.sending.known_as)


@dataclass(slots=True)
class Run:
    """One payment, its parts, and the weather."""

    the: Hall
    dice: random.Random
    conductor: Conductor
    parts: list[Part] = field(default_factory=list)
    begun: bool = False

    def play(self) -> None:
        """Until everything has ended and nothing more can come."""
        self._begin()
        start, ended = self.the.now(), None
        while self.the.now() < start + LONGEST:
            self._weather()
            self._somebody_cancels()
            self._letters()
            waits = [self._go_on(part) for part in self.dice.sample(self.parts, len(self.parts))]
            ended = (ended or self.the.now()) if all(part.end for part in self.parts) else None
            if ended is not None and self.the.now() > ended + AFTERWARDS:
                return
            self._sleep(min(waits))

    def _begin(self) -> None:
        self.the.wait(minutes=self.dice.randrange(24 * 60))
        way = self.dice.choice(self.the.ways())
        paid = self.the.pay(way=way, ago=timedelta(days=self.dice.choice((0.5, 1, 2, 6.99, 13.9, 29.9, 400))))
        shares = self.dice.choice(((100_000,), (100_000,), (40_000,), (30_000, 70_000), (10_000, 20_000, 30_000)))
        before = 0
        for number, amount in enumerate(shares):
            part = f"rf_{number}-card"
            request = replace(self.the.request(paid, amount, part=part), given_before=before)
            self.parts.append(Part(request, Sending(part=part, amount=amount)))
            before += amount

    def _weather(self) -> None:
        if not self.begun or self.dice.random() < 0.3:
            self.begun = True
            till = self.the.till
            till.behaviour = self.dice.choices(list(WEATHER), list(WEATHER.values()))[0]
            till.silent = self.dice.random() < 0.3

    def _somebody_cancels(self) -> None:
        """Whom Batal knows nothing of, in the provider's own pages."""
        if isinstance(self.the.fake, FakeMidtrans) and self.dice.random() < 0.02:
            self.the.fake.cancel("own-1")

    def _letters(self) -> None:
        letters = self.the.letters()
        self.dice.shuffle(letters)
        for headers, raw in letters:
            heard = tuple(self.the.provider.heard(headers, raw))
            # A success may never arrive; a failure is told again until it does, as all who tell it say. Where money may
            # come back, that may be lost as well: it is looked after.
            lost = self.the.provider.habits.takes_back or not any(each.became is Became.FAILED for each in heard)
            if self.dice.random() < 0.25 and lost:
                continue
            for notification in heard * (2 if self.dice.random() < 0.2 else 1):
                for part in self.parts:
                    if notification.became is Became.FAILED:
                        part.failures.add(notification.key)
                    part.sending = told(part.sending, notification, self.the.now())

    def _go_on(self, part: Part) -> timedelta:
        """One step of a part; how long until its next."""
        step = self.conductor(part.sending, self.the.provider, part.asked(), self.the)
        part.end = step if isinstance(step, Done | GiveUp) else None
        if isinstance(step, Done):
            part.sending = reported(part.sending)
        if isinstance(step, Find | Send):
            self._call(part, step)
            return timedelta(seconds=1)
        return (
            timedelta(days=1)
            if part.end
            else step.at - self.the.now()
            if not isinstance(step, Done | GiveUp)
            else LONGEST
        )

    def _call(self, part: Part, step: Find | Send) -> None:
        """Store, call, store: with a crash at any point between."""
        part.sending = begun(part.sending, step, self.the.now())
        part.calls.append((step, None))
        crash = self.dice.random()
        if crash < 0.1:
            return  # before the call
        provider = self.the.provider
        if self.dice.random() < 0.05:
            provider = adapter(self.the.name, self.the.clock, "http://127.0.0.1:9")  # nobody listens
        try:
            asked = part.asked()
            answer = provider.find(asked) if isinstance(step, Find) else provider.send(asked)
        except Unavailable:
            part.sending = unanswered(part.sending, self.the.now())
            return
        if crash < 0.2:
            return  # after it, before its answer was stored
        part.calls[-1] = (step, answer)
        part.sending = answered(part.sending, step, answer, self.the.now())

    def _sleep(self, until_next: timedelta) -> None:
        """Sometimes until the next step, sometimes shorter: then it comes too early, and must wait."""
        short = timedelta(seconds=self.dice.choice((1, 20, 50, 300, 3600, 6 * 3600)))
        span = min(until_next, short) if self.dice.random() < 0.5 else until_next
        self.the.wait(seconds=max(span.total_seconds(), 1))


def doubles(run: Run) -> list[str]:
    """Parts, and payments, of which at some moment more had gone than is theirs, by the provider's own ledger."""
    ledger = run.the.till.ledger
    found = [
        f"{part.sending.part}: {most} of {part.request.amount}"
        for part in run.parts
        if (most := most_standing(line for line in ledger if line.key.rsplit("-", 1)[0] == part.sending.part))
        > part.request.amount
    ]
    collected = run.parts[0].request.collected
    return [*found, *(f"{most} of {collected}" for most in [most_standing(ledger)] if most > collected)]


def most_standing(lines: Iterable[Line]) -> int:
    """The most that had gone and not come back at any moment."""
    return max(accumulate((line.amount for line in lines), initial=0))


def untrue(run: Run) -> Iterator[str]:
    """What the provider's own ledger contradicts."""
    yield from doubles(run)
    for part in run.parts:
        # What was cancelled went for every part of that payment, of which it was too much for some.
        name, net = part.sending.part, run.the.went(part.sending.part)
        if isinstance(part.end, Done) and net != part.request.amount:
            yield f"{name} is told as gone, {net} went"
        elif isinstance(part.end, GiveUp) and part.end.failed and net:
            yield f"{name} is told as failed, {net} went"


def broken(run: Run) -> Iterator[str]:
    """Every promise that this run broke."""
    yield from untrue(run)
    for part in run.parts:
        if part.end is None:
            yield f"{part.sending.part} never ended: {part.sending}"
        elif isinstance(part.end, GiveUp) and not part.end.why:
            yield f"{part.sending.part} is held without a reason"
        yield from blind(part, run.the.provider.habits)


def blind(part: Part, habits: Habits) -> Iterator[str]:
    """A key that was sent again before its provider said that it does not know it, unless that is how one asks there; a
    try that rose by itself."""
    repeats = habits.after_loss is AfterLoss.REPEAT
    doubtful, before = False, Send(0, "")
    failures = set(part.failures)
    for step, answer in part.calls:
        if isinstance(step, Send):
            if step.number != before.number:
                if step.number != before.number + 1 or (before.number and before.key not in failures):
                    yield f"{part.sending.part}: try {step.number} after {before.number}"
            elif doubtful and not repeats:
                yield f"{part.sending.part}: {step.key} again, unasked"
            before, doubtful = step, answer is None
        elif answer is not None and answer.wait is None:
            doubtful = False
        if answer is not None and answer.became is Became.FAILED and answer.is_final:
            failures.add(before.key)


@pytest.fixture(scope="module")
def halls() -> Iterator[dict[str, Hall]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(hall(name)) for name in NAMES}


def played(halls: dict[str, Hall], seed: int, conductor: Conductor) -> Run:
    dice = random.Random(seed)
    the = halls[dice.choice(NAMES)]
    anew(the)
    run = Run(the, dice, conductor)
    run.play()
    return run


def test_no_money_goes_twice_and_every_part_ends_where_people_see_it(halls: dict[str, Hall]) -> None:
    ends, calls, lost, again = Counter[str](), 0, 0, 0
    for number in range(RUNS):
        run = played(halls, SEED + number, careful)
        faults = list(broken(run))
        assert faults == [], f"BATAL_SEED={SEED + number} BATAL_RUNS=1: {run.the.name}"
        for part in run.parts:
            end = part.end
            word = "succeeded" if isinstance(end, Done) else f"{'failed' if end.failed else 'held'}" if end else ""
            ends[word] += 1
            calls += len(part.calls)
            again += part.sending.number > 1
            lost += sum(answer is None for _, answer in part.calls)
    parts = sum(ends.values())
    assert ends["succeeded"] > parts / 5 or RUNS < 30
    said = ", ".join(f"{ends[word]} {word}" for word in ("succeeded", "failed", "held"))
    figure(
        "providers",
        f"{RUNS} runs, seed {SEED}, 0 double payments: {parts} parts, {again} of them in more than one try, "
        f"{calls} calls of which {lost} without an answer; {said}",
    )


def test_a_seed_plays_the_same_run_again(halls: dict[str, Hall]) -> None:
    for number in range(12):
        first, again = (played(halls, SEED + number, careful).parts for _ in range(2))
        assert [(part.calls, part.end) for part in first] == [(part.calls, part.end) for part in again]


def impatient(sending: Sending, provider: Provider, request: PartRequest, the: Hall) -> Next:
    """Sends the same key again without asking."""
    if sending.open and provider.habits.after_loss is AfterLoss.SEARCH:
        return Send(sending.number, sending.key)
    return careful(sending, provider, request, the)


def forgetful(sending: Sending, provider: Provider, request: PartRequest, the: Hall) -> Next:
    """Takes a new key where an answer was lost."""
    if sending.open and sending.number < 3:
        return Send(sending.number + 1, f"{sending.part}-{sending.number + 1}")
    return careful(sending, provider, request, the)


@pytest.mark.parametrize("conductor", [impatient, forgetful])
def test_a_careless_conductor_is_caught_by_the_ledgers(halls: dict[str, Hall], conductor: Conductor) -> None:
    twice = wrong = 0
    for number in range(100):
        run = played(halls, CONTROLS + number, conductor)
        twice += bool(doubles(run))
        wrong += bool(list(untrue(run)))
    assert twice
    figure("providers", f"control, {conductor.__name__}: of 100 runs {twice} pay twice, {wrong} say what is not true")
