"""Races for the money in a wallet: debits against each other and against refunds that come in, sixteen threads at once.

Nothing is lost, nothing counts twice, no wallet ever holds less than nothing, and the ledger says the same.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.domain.cases.change import Change
from chalicelib.domain.errors import Conflict, Invalid, Refused
from chalicelib.domain.money.wallet import Credit, Debit
from chalicelib.workflow import wallets
from infra.sandbox.builders import SYSTEM
from tests.proofs.figures import figure
from tests.proofs.races import ROUNDS, THREADS, Ground, LostReply, Move, Party, RacingStore, Ring, Round, Story
from tests.proofs.test_races import FEW, LOSSES, MANY, approve, opened

WHOLE = 150_000


def debit(amount: int, event_id: str | None = None) -> Move:
    """The marketplace takes this much; of an event of its own, unless one is named."""

    def move(party: Party, story: Story) -> Debit:
        event = event_id or uuid4().hex
        return wallets.debit(party.ports, story.buyer, "IDR", amount, event, "order LZD-9", SYSTEM)

    return move


def filled(ring: Ring, number: int) -> Sequence[Story]:
    """Stories whose buyers have the whole sum in their wallets."""
    stories = ring.stories(number, opened())
    for story in stories:
        approve(ring.lead, story)
    return stories


def taken(each: Round) -> list[Debit]:
    """The debits that somebody was told had been made."""
    return [one.answer for one in each.told if isinstance(one.answer, Debit)]


def refusals(rounds: Sequence[Round]) -> Iterator[Any]:
    return (one.error for each in rounds for one in each.told if one.error)


def tell(ring: Ring, race: str, rounds: int, text: str) -> None:
    figure("races", f"{race}: {rounds} rounds, {THREADS} threads, {ring.contestants} contestants, {text}")


def test_debits_that_meet_take_no_more_than_there_is(ring: Ring) -> None:
    rounds = ring.rounds(filled(ring, ROUNDS), (debit(40_000),), each=4)
    ending = ring.ending()
    for each in rounds:
        assert len(taken(each)) == 3, "as often as there is enough"
        assert ending.wallet(each.story.buyer, "IDR").balance == WHOLE - 3 * 40_000
    for refused in refusals(rounds):
        assert isinstance(refused, Refused)
        assert (refused.code, refused.details["balance"]) == ("balance_too_low", 30_000)
    assert ending.broken() == []
    assert ring.came_second
    tell(ring, "debit/debit", ROUNDS, f"{sum(len(taken(each)) for each in rounds)} debits, each within what there was")


def test_a_refund_that_meets_debits_loses_nothing_and_is_spent_once(ring: Ring) -> None:
    rounds = ring.rounds(ring.stories(ROUNDS, opened()), (approve, debit(100_000)), each=4)
    ending, spent = ring.ending(), Counter[int]()
    for each in rounds:
        assert ending.case(each.story.case_id).outcome == "cancelled"
        assert ending.wallet(each.story.buyer, "IDR").balance == WHOLE - 100_000 * len(taken(each)) >= 0
        spent[len(taken(each))] += 1
    assert {error.code for error in refusals(rounds)} <= {"balance_too_low", "already_decided"}
    assert ending.broken() == []
    assert set(spent) == {0, 1} or ROUNDS < MANY, "debits come before and after the refund"
    tell(ring, "credit/debit", ROUNDS, f"spent at once in {spent[1]}, too early in {spent[0]}")


@pytest.mark.parametrize("how", LOSSES, ids=["sent again", "forgotten", "for good"])
def test_an_event_that_many_tell_counts_once_and_all_hear_the_same_also_where_replies_are_lost(
    ring: Ring, how: dict[str, Any]
) -> None:
    stories, replies = filled(ring, FEW), LostReply(**how)
    with replies.on(ring.parties):
        rounds = ring.rounds(stories, (debit(100_000, "one event"),), each=4)
    ending = ring.ending()
    for each in rounds:
        assert len({told.at for told in taken(each)}) == 1
        assert len(taken(each)) == len(each.told)
        assert ending.wallet(each.story.buyer, "IDR").balance == WHOLE - 100_000
    assert ending.broken() == []
    assert replies.lost
    tell(ring, "one event", FEW, f"{len(replies.lost)} replies lost, each event counted once")


def test_of_two_amounts_of_one_event_the_first_counts_and_the_other_is_refused(ring: Ring) -> None:
    rounds = ring.rounds(filled(ring, FEW), (debit(100_000, "one event"), debit(60_000, "one event")), each=4)
    ending = ring.ending()
    for each in rounds:
        (amount,) = {told.amount for told in taken(each)}
        assert ending.wallet(each.story.buyer, "IDR").balance == WHOLE - amount
    for refused in refusals(rounds):
        assert isinstance(refused, Invalid)
        assert refused.code == "event_differs"
    assert ending.broken() == []
    tell(ring, "two amounts of one event", FEW, "the first counted")


class CarelessPurse(RacingStore):
    """Looks whether there is enough before it writes, and not while. It is here to be caught."""

    def commit(self, change: Change) -> None:
        if (debit := change.debit) is None:
            super().commit(change)
            return
        if self.wallet(debit.buyer_id, debit.currency).balance < debit.amount:
            raise Conflict("wallet")
        less = Credit(
            buyer_id=debit.buyer_id,
            currency=debit.currency,
            amount=-debit.amount,
            refund_id=debit.event_id,
            part="debit",
            case_id="none",
            order_id="none",
            at=debit.at,
        )
        super().commit(replace(change, debit=None, credits=(less,)))


def test_a_store_that_did_not_test_the_balance_would_be_caught(ground: Ground) -> None:
    ring = Ring(ground, CarelessPurse)
    ring.rounds(filled(ring, 4), (debit(100_000),), each=4, crowds=False)
    assert any("I4: the wallet holds -" in each for each in ring.ending().broken())
