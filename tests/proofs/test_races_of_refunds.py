"""Races for one part of a refund: what is reported of it, people who retry or redirect it, the schedule that asks its
provider, and the provider's own notification, sixteen threads at once.

Whoever wins, the money goes once; whoever loses hears why, or changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import PartTold, RedirectPart, RetryPart
from chalicelib.domain.errors import Refused
from chalicelib.domain.money.dispatch import Dispatch
from chalicelib.domain.money.refund import RefundPart, Report, Told
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.parties import Actor, Role
from chalicelib.workflow.decisions import part_event, say
from chalicelib.workflow.refund_calls import call_due, hear
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import NOW, SUPPORT, SYSTEM
from infra.sandbox.providers.serving import Say
from infra.sandbox.providers.till import Behaviour
from tests.fakes.ports import HandClock
from tests.fakes.provider_town import Letter, Town, card_by, no_sockets
from tests.proofs.figures import figure
from tests.proofs.provider_money import went_twice
from tests.proofs.races import ROUNDS, THREADS, Ending, Ground, Maker, Move, Party, RacingStore, Ring, Round, Story
from tests.proofs.test_races import LEASE_OVER, MANY, THIRD, approve, listed, opened, sweep_it

WHOLE = 150_000
ENDS_THERE = LEASE_OVER + timedelta(minutes=3)
RINI = Actor(role=Role.SUPPORT, id="rini")
REFUSALS = {"part_is_done", "part_not_stuck"}


class Calls(Town):
    """The town, and how often each of its providers was asked for money."""

    def __init__(self, ring: Ring) -> None:
        self.hands, self.asked = HandClock(), Counter[str]()
        super().__init__(self.hands, self._counted)
        for party in (*ring.parties, ring.lead):
            names = frozenset(self.providers)
            party.ports = replace(party.ports, provider_names=names, providers=self.providers)

    def _counted(self, name: str, call: Callable[[], Say | None]) -> Say | None:
        self.asked[name] += 1
        return call()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with no_sockets():
        yield


# --- how stories begin ---------------------------------------------------------------------------------------------


def card(provider: str | None, story: Story) -> Tender:
    if provider is None:
        return Tender(method=Method.CARD, amount=WHOLE)
    return card_by(provider, story.order_id, WHOLE)


def granted(provider: str | None) -> Maker:
    """The seller agreed; the part is to be asked for, by Batal or by the marketplace."""

    def make(party: Party, story: Story) -> None:
        opened(tenders=(card(provider, story),))(party, story)
        approve(party, story)
        sweep_it(party, story)
        party.clock.at, party.store.only = NOW, None

    return make


def reported_failed(party: Party, story: Story) -> None:
    """The marketplace was asked, and said that it did not go."""
    granted(None)(party, story)
    _report(party, story, Told.FAILED, "first")


def lived(ring: Ring, town: Town, number: int, *steps: Callable[[Party, Story], Any], by: str) -> list[Story]:
    """Stories that are each lived through, since their provider remembers them; it fails what it is asked."""
    made = []
    for _ in range(number):
        ring.lead.clock.at, ring.lead.store.only = NOW, None
        (story,) = ring.stories(1, granted(by))
        town.pay(card(by, story), NOW)
        for step in steps:
            step(ring.lead, story)
        made.append(story)
    ring.lead.store.only = None
    return made


# --- what the contestants do ---------------------------------------------------------------------------------------


def _report(party: Party, story: Story, told: Told, event_id: str) -> Case:
    report = Report(event_id=event_id, part="1", told=told, amount=WHOLE, at=party.clock.at)
    return part_event(party.ports, story.case_id, PartTold(report=report), SYSTEM)


def report(party: Party, story: Story) -> Case:
    """The money went after all."""
    return _report(party, story, Told.SUCCEEDED, "late")


def retry(party: Party, story: Story) -> Case:
    return say(party.ports, story.case_id, RetryPart(part="1", note="asked"), SUPPORT)


def redirect(party: Party, story: Story) -> Case:
    return say(party.ports, story.case_id, RedirectPart(part="1", note="asked"), RINI)


def call(party: Party, story: Story) -> int:
    """The schedule, as if this refund alone were due."""
    party.clock.at, party.store.only = ENDS_THERE, [story.case_id]
    turns = count()
    return call_due(party.ports, lambda: next(turns) < 30).seen


def heard(letters: Mapping[str, Sequence[Letter]]) -> Move:
    """The provider's notification arrives."""

    def move(party: Party, story: Story) -> int:
        party.clock.at = ENDS_THERE
        return sum(hear(party.ports, *letter) for letter in letters[story.tag])

    return move


# --- what must hold ------------------------------------------------------------------------------------------------


def part_of(ending: Ending, story: Story) -> RefundPart:
    refund = ending.case(story.case_id).refund
    assert refund
    return refund.by_name["1"]


def clearly_refused(rounds: Sequence[Round]) -> Counter[str]:
    """Whoever lost heard why."""
    errors = [one.error for each in rounds for one in each.told if one.error]
    assert all(isinstance(error, Refused) for error in errors), errors
    codes = Counter(error.code for error in errors)
    assert set(codes) <= REFUSALS
    return codes


def won(each: Round, move: Move) -> int:
    return sum(one.move is move for one in each.winners)


def goes_once(ending: Ending, town: Town, stories: Sequence[Story]) -> Counter[str]:
    """Where each part stands, whose money went one way or the other, and never both."""
    found = Counter[str]()
    for story in stories:
        case, part = ending.case(story.case_id), part_of(ending, story)
        assert [*went_twice(town, case)] == []
        wallet = ending.wallet(story.buyer, "IDR").balance
        assert wallet == (WHOLE if part.state == "redirected" else 0), (story, part)
        found[part.state.word] += 1
    return found


def tell(ring: Ring, race: str, rounds: int, text: str) -> None:
    figure("races", f"{race}: {rounds} rounds, {THREADS} threads, {ring.contestants} contestants, {text}")


def test_of_a_report_a_retry_and_a_redirect_one_decides_where_the_money_goes(ring: Ring) -> None:
    rounds = ring.rounds(ring.stories(ROUNDS, reported_failed), (report, retry, redirect), each=4)
    ending, codes = ring.ending(), clearly_refused(rounds)
    for each in rounds:
        state = part_of(ending, each.story).state
        assert won(each, redirect) == (state == "redirected"), each
        # What was asked for again goes no other way, and what went one way is not asked for again.
        assert not (won(each, redirect) and won(each, retry)), each
        case = ending.case(each.story.case_id)
        assert case.refund
        told_late = any(one.move is report for one in each.told)
        assert state in ("redirected", "paid", *(() if told_late else ("due", "sent"))), each
        late = [one for one in case.refund.not_taken if one.not_taken == "went_another_way"]
        assert bool(late) == (state == "redirected" and told_late), "the late word is seen"
    ends = goes_once(ending, Calls(ring), [each.story for each in rounds])
    assert ending.broken() == []
    assert ring.came_second
    assert {"succeeded", "redirected"} <= set(ends) or ROUNDS < MANY
    tell(ring, "report/retry/redirect", ROUNDS, f"the money went once in all ({listed(ends)}; {listed(codes)})")


def test_rounds_of_the_schedule_that_meet_ask_a_provider_once(ring: Ring) -> None:
    town = Calls(ring)
    stories = ring.stories(THIRD, granted("xendit"))
    for story in stories:
        town.pay(card("xendit", story), NOW)
    rounds = ring.rounds(stories, (call,), each=4)
    assert not [one.error for each in rounds for one in each.told if one.error]
    assert town.asked["xendit.POST /v3/refunds"] == THIRD
    assert ring.came_second
    goes_once(ring.ending(), town, stories)
    tell(ring, "call/call", THIRD, "each provider was asked once")


@pytest.mark.parametrize("mood", [Behaviour.FAIL, Behaviour.NORMAL])
def test_a_notification_the_schedule_and_people_who_redirect_or_retry_pay_once(ring: Ring, mood: Behaviour) -> None:
    town = Calls(ring)
    town.behave(mood)
    stories = lived(ring, town, THIRD, call, by="xendit")
    town.behave(Behaviour.NORMAL)
    town.hands.at = ENDS_THERE + timedelta(minutes=3)
    letters = by_story(town.letters(), stories)
    # What nobody may do before the schedule has told the end, somebody does in a later race.
    moves = heard(letters), call, redirect, retry
    rounds = [each for _ in range(3) for each in ring.rounds(stories, moves, each=4)]
    codes, ends = clearly_refused(rounds), goes_once(ring.ending(), town, stories)
    for later in (timedelta(minutes=1), timedelta(hours=7), timedelta(days=2)):
        ring.lead.clock.at = town.hands.at = max(town.hands.at, ENDS_THERE) + later
        for story in stories:
            sweep_as_of_now(ring.lead, story)
        for letter in town.letters():
            hear(ring.lead.ports, *letter)
    ending = ring.ending()
    in_the_end = goes_once(ending, town, stories)
    assert set(in_the_end) <= {"succeeded", "redirected", "failed", "held"}
    assert mood is Behaviour.FAIL or set(in_the_end) == {"succeeded"}
    assert ring.came_second
    tell(
        ring,
        f"hear/call/redirect/retry, {mood}",
        THIRD,
        f"then {listed(ends)}, in the end {listed(in_the_end)}; {listed(codes)}",
    )


def by_story(letters: Sequence[Letter], stories: Sequence[Story]) -> Mapping[str, Sequence[Letter]]:
    return {story.tag: [each for each in letters if f"{story.case_id}-".encode() in each[2]] for story in stories}


def sweep_as_of_now(party: Party, story: Story) -> None:
    """Promises are delivered and the schedule comes by, whatever the hour is."""
    party.store.only = [story.case_id]
    sweep(party.ports)
    turns = count()
    call_due(party.ports, lambda: next(turns) < 30)
    party.store.only = None


class CarelessDispatches(RacingStore):
    """Writes a dispatch whatever the row is by now. It is here to be caught."""

    def put_dispatch(self, dispatch: Dispatch) -> bool:
        self._meet()
        while True:
            now = self.dispatch(dispatch.id)
            if super().put_dispatch(replace(dispatch, rev=now.rev + 1 if now else 1)):
                return True


def test_a_dispatch_that_is_not_written_under_its_revision_would_be_caught(ground: Ground) -> None:
    ring = Ring(ground, CarelessDispatches)
    town = Calls(ring)
    stories = ring.stories(4, granted("xendit"))
    for story in stories:
        town.pay(card("xendit", story), NOW)
    ring.rounds(stories, (call,), each=4, crowds=False)
    assert town.asked["xendit.POST /v3/refunds"] > len(stories)
