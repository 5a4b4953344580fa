"""Races for one case on an emulator with atomic transactions: sixteen threads, and exactly one winner in every round.

`BATAL_RACE_ROUNDS` sets the rounds of each pair (100, in the quick form 24).
Where an effect, a token or a reply is at stake instead of a
decision, none may be lost and none may happen twice.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases import asking
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change, Push
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Appeal,
    Approve,
    Confirm,
    GoodsReceived,
    MakeOffer,
    RefundFailed,
    RefundSucceeded,
    Reject,
    Reopen,
    Withdraw,
)
from chalicelib.domain.errors import Refused
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.workflow import claims
from chalicelib.workflow.asking import ask as ask_for
from chalicelib.workflow.decisions import expire, refund_event, say
from chalicelib.workflow.orders import News, change_status
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter, time_out
from infra.sandbox.builders import NO, NOW, SELLER, SUPPORT, SYSTEM, a_context, a_policy, an_act, an_ask, an_order
from tests.proofs.figures import FULL, figure
from tests.proofs.races import (
    ROUNDS,
    THREADS,
    CarelessStore,
    Ending,
    Ground,
    LostReply,
    Maker,
    Move,
    Party,
    Ring,
    Round,
    Story,
)

THIRD = -(-ROUNDS // 3)  # where three variations make up a race
FEWER = -(-THIRD // 3)
FEW = THIRD if FULL else FEWER  # for variations, and for pairs beside those that meet most often
MANY = 100  # rounds after which every way a race can end has been seen
LEASE_OVER = NOW + timedelta(seconds=91)
GRACE_OVER = timedelta(seconds=61)
HALF = {"wallet": 50_000, "card": 100_000}


# --- how stories begin ---------------------------------------------------------------------------------------------


def pushed(**body: Any) -> Maker:
    """The OMS has told of an order; nobody has asked yet."""

    def make(party: Party, story: Story) -> None:
        order = an_order(order_id=story.order_id, buyer=story.buyer, **body)
        party.store.commit(Change(push=Push(before=None, after=order)))

    return make


def opened(platform: str = "lazada", **body: Any) -> Maker:
    """The buyer asked (by phone, so that the story can be copied), and the seller has not answered."""

    def make(party: Party, story: Story) -> None:
        pushed(platform=platform, **body)(party, story)
        order = party.store.order(story.order_id)
        assert order
        act = an_act(an_ask(), SYSTEM)
        party.store.commit(asking.ask(order, act, a_context(a_policy(platform)), story.case_id))

    return make


def awaited(platform: str = "lazada", **body: Any) -> Maker:
    """The execution has started and delivered everything, but has no token yet."""

    def make(party: Party, story: Story) -> None:
        opened(platform, **body)(party, story)
        enter(party.ports, story.case_id, run=1, turn=1, token=None)

    return make


def refunding(party: Party, story: Story) -> None:
    """The seller agreed, and the card's provider owes an answer."""
    opened(tenders={"card": 150_000})(party, story)
    approve(party, story)


def offered(party: Party, story: Story) -> None:
    """The seller has offered a fee."""
    opened()(party, story)
    offer(party, story)


def refused(party: Party, story: Story) -> None:
    """The seller has said no."""
    opened()(party, story)
    reject(party, story)


def first_of_two(party: Party, story: Story) -> None:
    """One person of customer service said yes to a large refund."""
    dear = Line(line_id="1", name="Laptop", quantity=1, unit_price=9_000_000)
    opened(lines=(dear,))(party, story)
    say(party.ports, story.case_id, Approve(note="first"), SUPPORT)


def to_come_back(party: Party, story: Story) -> None:
    """The seller agreed to a return and waits for the goods."""
    pushed(status="delivered")(party, story)
    order = party.store.order(story.order_id)
    assert order
    act = an_act(an_ask(kind=Kind.RETURN, reason_code="damaged"), SYSTEM)
    delivered = replace(order, status_at=NOW)
    party.store.commit(asking.ask(delivered, act, a_context(a_policy("lazada")), story.case_id))
    approve(party, story)


# --- what the contestants do ---------------------------------------------------------------------------------------


def approve(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, Approve(), SELLER)


def reject(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, NO, SELLER)


def offer(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, MakeOffer(fee=10_000), SELLER)


def accept(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, AcceptOffer(), Actor(role=Role.BUYER, id=story.buyer))


def confirm(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, Confirm(note="second"), Actor(role=Role.SUPPORT, id="rini"))


def support_rejects(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, Reject(reason_code=RefusingReason.POLICY, note="no"), SUPPORT)


def received(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, GoodsReceived(), SELLER)


def appeal(party: Party, story: Story) -> Any:
    buyer = Actor(role=Role.BUYER, id=story.buyer)
    return say(party.ports, story.case_id, Appeal(comment="not packed"), buyer)


def reopen(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, Reopen(note="again"), SUPPORT)


def withdraw(party: Party, story: Story) -> Any:
    return say(party.ports, story.case_id, Withdraw(), Actor(role=Role.BUYER, id=story.buyer))


def lapse(party: Party, story: Story) -> Any:
    assert story.deadline
    party.clock.at = story.deadline
    return expire(party.ports, story.case_id)


def ship(party: Party, story: Story) -> Any:
    push = StatusPush(status=OrderStatus.SHIPPED, version=2, at=NOW)
    return change_status(party.ports, story.order_id, push, SYSTEM)


def ask(party: Party, story: Story) -> Any:
    return ask_for(party.ports, story.order_id, an_ask(), Actor(role=Role.BUYER, id=story.buyer))


def claim(party: Party, story: Story) -> Any:
    """A warehouse is about to hand the parcel over."""
    return claims.claim(party.ports, story.order_id, "claim", None, SYSTEM)


def ask_with_a_key(party: Party, story: Story) -> Any:
    """Everybody with the same Idempotency-Key."""

    def remember(case: Case) -> Answered:
        return Answered(key=story.order_id, fingerprint="f", status=201, body="{}", expires_at=LEASE_OVER)

    return ask_for(party.ports, story.order_id, an_ask(), Actor(role=Role.BUYER, id=story.buyer), remember)


def sweep_it(party: Party, story: Story) -> Any:
    """The sweep, as if this row alone were due; the commit's lease is over."""
    party.clock.at, party.store.only = LEASE_OVER, [story.case_id]
    return sweep(party.ports)


def sweep_again(party: Party, story: Story) -> Any:
    """The next sweep, when the first one's lease is over, too."""
    party.clock.at, party.store.only = LEASE_OVER + (LEASE_OVER - NOW), [story.case_id]
    return sweep(party.ports)


def sweep_the_lapsed(party: Party, story: Story) -> Any:
    """The sweep after deadline and grace: silence speaks, and what it promises is delivered at once."""
    assert story.deadline
    party.clock.at, party.store.only = story.deadline + GRACE_OVER, [story.case_id]
    return sweep(party.ports)


def time_out_late(party: Party, story: Story) -> Any:
    """The execution's own timer fires so late that the sweep is there too; then it enters where it was led."""
    assert story.deadline
    party.clock.at = story.deadline + GRACE_OVER
    ticket = time_out(party.ports, story.case_id, run=1, turn=1)
    token = None if ticket["next"] == "Closed" else f"later-{story.tag}"
    return enter(party.ports, story.case_id, ticket["run"], ticket["turn"], token)


def sweep_all(party: Party, story: Story) -> Any:
    """The sweep over all that is due."""
    party.clock.at = LEASE_OVER
    return sweep(party.ports)


def enter_first(party: Party, story: Story) -> Any:
    return enter(party.ports, story.case_id, run=1, turn=1, token=f"token-{story.tag}")


def money_went(party: Party, story: Story, event_id: str = "ev-1") -> Any:
    return refund_event(party.ports, story.case_id, RefundSucceeded(event_id=event_id, amount=150_000), SYSTEM)


def money_failed(party: Party, story: Story, event_id: str = "ev-2") -> Any:
    return refund_event(party.ports, story.case_id, RefundFailed(event_id=event_id, amount=150_000), SYSTEM)


# --- what must hold ------------------------------------------------------------------------------------------------


def one_winner(round_: Round, ending: Ending) -> Move:
    """Exactly one was told that it won; the row is the winner's; every loser was shown that row."""
    assert len(round_.winners) == 1, round_
    winner = round_.winners[0]
    assert ending.case(round_.story.case_id) == winner.answer
    for loser in round_.told:
        assert loser.sees == winner.answer, loser
        assert loser.error is None or isinstance(loser.error, Refused), loser
    return winner.move


def listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def tell(ring: Ring, pair: str, rounds: int, text: str) -> None:
    race = f"{pair}: {rounds} rounds, {THREADS} threads, {ring.contestants} contestants"
    figure("races", f"{race}, {text}; {ring.came_second} writes came second")


@pytest.mark.parametrize(
    ("pair", "moves", "makers", "number"),
    [
        ("approve/reject", (approve, reject), (opened(), opened(tenders=HALF)), ROUNDS),
        ("approve/withdraw", (approve, withdraw), (opened(), opened(tenders=HALF)), ROUNDS),
        ("approve/expire", (approve, lapse), (opened("tokopedia"), opened("shopee", tenders=HALF), opened()), ROUNDS),
        ("offer/reject", (offer, reject), (opened(),), FEW),
        ("accept/withdraw", (accept, withdraw), (offered,), FEW),
        ("accept/expire", (accept, lapse), (offered,), FEW),
        ("confirm/reject", (confirm, support_rejects), (first_of_two,), FEW),
        ("received/expire", (received, lapse), (to_come_back,), FEW),
        ("appeal/reopen", (appeal, reopen), (refused,), FEW),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_of_two_answers_that_exclude_each_other_exactly_one_wins(
    ring: Ring, pair: str, moves: tuple[Move, ...], makers: tuple[Maker, ...], number: int
) -> None:
    rounds = ring.rounds(ring.stories(number, *makers), moves, each=4)
    ending = ring.ending()
    won = Counter(one_winner(each, ending) for each in rounds)
    assert ending.broken() == []
    assert set(won) == set(moves) or number < MANY, "a race that always ends the same way is none"
    assert ring.came_second
    score = " : ".join(str(won[move]) for move in moves)
    tell(ring, pair, number, f"exactly one winner in {won.total()} ({score})")


@pytest.mark.parametrize("rows", ["small", "turning"])
def test_a_parcel_that_ships_while_the_seller_approves_comes_before_or_after_never_between(
    ring: Ring, rows: str
) -> None:
    if rows == "turning":
        ring.turning()
    makers = opened("shopee"), opened("shopee", tenders=HALF), opened(), opened(tenders=HALF)
    rounds = ring.rounds(ring.stories(ROUNDS, *makers), (approve, ship), each=4)
    ending, ends = ring.ending(), Counter[str]()
    for each in rounds:
        case, order = ending.case(each.story.case_id), ending.order(each.story.order_id)
        ended = case.outcome or case.state
        assert sum(one.move is ship and one.answer[1] is News.APPLIED for one in each.told) == 1, (
            "the push is news exactly once"
        )
        assert order.status is OrderStatus.SHIPPED
        assert len(each.winners) == (ended != "overtaken"), each
        assert (case.refund is None) == (ended in ("overtaken", "awaiting_support")), "I5"
        for loser in (one for one in each.told if one.move is approve and not one.won):
            assert isinstance(loser.error, Refused), loser
            assert loser.sees, loser
            assert loser.sees.decision == case.decision, loser
        ends[ended] += 1
    assert ending.broken() == []
    assert ring.came_second
    assert set(ends) == {"overtaken", "awaiting_support", "cancelled", "refunding"} or ROUNDS < MANY
    tell(ring, "approve/shipped", ROUNDS, f"exactly one order of events in {ends.total()} ({listed(ends)})")


@pytest.mark.parametrize("rows", ["small", "turning"])
def test_many_askings_of_one_order_at_once_open_one_case(ring: Ring, rows: str) -> None:
    if rows == "turning":
        ring.turning()
    instant = {"status": "placed", "placed_at": NOW - timedelta(minutes=5)}
    rounds = ring.rounds(
        ring.stories(ROUNDS, pushed(), pushed(**instant), pushed(tenders=HALF)), (ask, ask_with_a_key), each=4
    )
    ending, codes = ring.ending(), Counter[str]()
    for each in rounds:
        assert len(each.winners) == 1, each
        case = each.winners[0].answer
        assert ending.case(case.case_id) == case
        order = ending.order(each.story.order_id)
        assert (order.cases, order.attempts) == ((case.case_id,), 1)
        losers = [one.error for one in each.told if not one.won]
        assert all(isinstance(error, Refused) for error in losers), losers
        codes.update(error.code for error in losers if error)
    assert ending.broken() == []
    assert ring.came_second
    assert set(codes) == {"case_open", "already_cancelled", "idempotency_in_progress"} or ROUNDS < MANY
    tell(ring, "ask/ask", ROUNDS, f"exactly one case in {ROUNDS} ({listed(codes)})")


@pytest.mark.parametrize(
    ("pair", "move", "maker"),
    [
        ("claim/ask", ask, pushed()),
        ("claim/approve", approve, opened("tokopedia")),
        ("claim/expire", lapse, opened("tokopedia")),
        ("claim/expire, granted", lapse, opened("shopee")),
    ],
    ids=lambda given: given.replace("/", " and ") if isinstance(given, str) else "",
)
def test_what_a_warehouse_may_send_is_never_granted_as_unsent(ring: Ring, pair: str, move: Move, maker: Maker) -> None:
    rounds = ring.rounds(ring.stories(FEW, maker), (move, claim), each=4)
    ending, claimed = ring.ending(), 0
    for each in rounds:
        order = ending.order(each.story.order_id)
        cases = [ending.case(case_id) for case_id in order.cases]
        granted_as_unsent = [
            case for case in cases if case.outcome == "cancelled" and case.order_status == "processing"
        ]
        open_as_unsent = [case for case in cases if case.open and case.order_status == "processing"]
        assert not (order.claims and granted_as_unsent + open_as_unsent), each
        assert bool(order.claims) == any(one.error is None and one.move is claim for one in each.told)
        claimed += bool(order.claims)
    assert ending.broken() == []
    assert ring.came_second or move is not ask
    tell(ring, pair, FEW, f"{claimed} may leave, and none of them was granted as unsent")


def test_many_sweeps_of_one_case_at_once_send_every_mail_once(ring: Ring) -> None:
    ring.rounds(ring.stories(ROUNDS, opened()), (sweep_it,), each=4)
    assert ring.ending().broken(delivered=True) == []
    assert ring.came_second
    tell(ring, "deliver/deliver", ROUNDS, f"{len(ring.outbox.sent)} mails, each sent once")


def test_sixteen_sweeps_of_all_that_is_due_send_every_mail_once(ring: Ring) -> None:
    stories = ring.stories(max(1, ROUNDS // 10), opened())
    ring.race([(sweep_all, stories[0])] * THREADS, together=True)
    assert ring.ending().broken(delivered=True) == []
    tell(ring, "sweep/sweep", len(stories), f"{len(ring.outbox.sent)} mails, each sent once")


@pytest.mark.parametrize(
    ("pair", "moves", "each"),
    [
        ("lapse/lapse by sweeps", (sweep_the_lapsed,), 4),
        ("lapse/lapse by sweep and execution", (time_out_late, sweep_the_lapsed), 2),
    ],
    ids=["sweeps", "sweep and execution"],
)
def test_silence_speaks_once_and_every_mail_about_it_is_sent_once(
    ring: Ring, pair: str, moves: tuple[Move, ...], each: int
) -> None:
    makers = awaited("tokopedia"), awaited("lazada"), awaited("shopee")
    ring.rounds(ring.stories(FEW, *makers), moves, each=each, crowds=False)
    assert ring.ending().broken(delivered=True) == []
    assert ring.came_second
    tell(ring, pair, FEW, f"{len(ring.outbox.sent)} mails, each sent once")


@pytest.mark.parametrize(
    ("pair", "maker"),
    [("strike/decide", opened()), ("token/decide", awaited())],
    ids=["while it delivers and strikes", "while it stores its token"],
)
def test_a_decision_that_meets_its_entering_execution_loses_no_effect_and_no_token(
    ring: Ring, pair: str, maker: Maker
) -> None:
    # One execution each: Step Functions invoke a task again only after its function can no longer be running.
    stories = ring.stories(ROUNDS, maker)
    rounds = ring.rounds(stories, (enter_first, approve, reject, withdraw), each=4, crowds=False)
    assert all(len(each.winners) == 1 for each in rounds)
    answered = Counter(token.token for token, _ in ring.executions.answered)
    assert answered == {f"token-{story.tag}": 1 for story in stories}
    assert ring.ending().broken() == []
    ring.rounds(stories, (sweep_it,), each=1, crowds=False)
    assert ring.ending().broken(delivered=True) == []
    assert ring.came_second
    tell(ring, pair, ROUNDS, f"{len(ring.outbox.sent)} mails, each sent once, and {answered.total()} tokens answered")


def test_a_refund_event_told_many_times_at_once_counts_once(ring: Ring) -> None:
    for moves in ((money_went,), (money_failed,), (money_went, money_failed)):
        rounds = ring.rounds(ring.stories(THIRD, refunding), moves, each=4)
        ending = ring.ending()
        for each in rounds:
            assert [one for one in each.told if one.error] == []
            told = [entry.command for entry in ending.timeline(each.story.case_id)[2:]]
            if money_went in moves:
                assert told in (["refund_succeeded"], ["refund_failed", "refund_succeeded"])
            else:
                assert told == ["refund_failed"]
            assert len(each.winners) == len(told)
        assert ending.broken() == []
    assert ring.came_second
    tell(ring, "refund events", 3 * THIRD, "each word counted once")


# --- replies that get lost -----------------------------------------------------------------------------------------

LOSSES: tuple[dict[str, Any], ...] = ({}, {"forgetful": True}, {"for_good": True})


def test_a_winner_whose_reply_was_lost_learns_that_it_won(ring: Ring) -> None:
    lost = 0
    for how in LOSSES:
        replies = LostReply(**how)
        stories = ring.stories(FEWER, opened(), opened(tenders=HALF))
        with replies.on(ring.parties):
            rounds = ring.rounds(stories, (approve, reject), each=4)
        ending = ring.ending()
        for each in rounds:
            one_winner(each, ending)
        assert ending.broken() == []
        assert len(replies.lost) == len(stories)
        lost += len(replies.lost)
    tell(ring, "reply lost", lost, "the winner knew in all")


def test_a_winner_whose_reply_was_lost_learns_that_it_won_though_the_row_has_moved_on(ring: Ring) -> None:
    def the_money_goes(case_id: str) -> None:
        money_went(ring.lead, Story(case_id.removeprefix("c-")))

    def the_seller_refuses(case_id: str) -> None:
        say(ring.lead.ports, case_id, NO, SELLER)

    number, lost = -(-FEWER // 2), 0
    for how in LOSSES:
        for maker, move, meanwhile in (
            (opened(tenders={"card": 150_000}), approve, the_money_goes),
            (pushed(platform="shopee"), ask, the_seller_refuses),
        ):
            replies = LostReply(**how, meanwhile=meanwhile)
            stories = ring.stories(number, maker)
            with replies.on(ring.parties):
                rounds = ring.rounds(stories, (move,), each=4)
            ending = ring.ending()
            for each in rounds:
                assert len(each.winners) == 1, each
                won = each.winners[0].answer
                stored = ending.case(won.case_id)
                assert (stored.state, stored.entries) == ("closed", won.entries + 1), "others went on from what it did"
                assert all(isinstance(one.error, Refused) for one in each.told if not one.won)
            assert ending.broken() == []
            assert len(replies.lost) == number
            lost += number
    tell(ring, "reply lost, row moved on", lost, "the winner knew in all")


@pytest.mark.parametrize("for_good", [False, True], ids=["sent again", "for good"])
def test_a_payer_whose_replies_were_lost_sends_every_mail_once(ring: Ring, for_good: bool) -> None:
    replies = LostReply("UpdateItem", for_good=for_good)
    stories = ring.stories(FEW, opened())
    with replies.on(ring.parties):
        ring.rounds(stories, (sweep_it,), each=4)
    assert ring.ending().broken(delivered=not for_good) == []
    for story in stories:
        sweep_again(ring.lead, story)
    assert ring.ending().broken(delivered=True) == []
    assert replies.lost
    tell(
        ring,
        f"deliverer's reply lost {'for good' if for_good else 'once'}",
        FEW,
        f"{len(ring.outbox.sent)} mails, each sent once",
    )


def test_a_store_that_did_not_test_the_revision_would_be_caught(ground: Ground) -> None:
    ring = Ring(ground, CarelessStore)
    rounds = ring.rounds(ring.stories(4, opened()), (approve, reject), each=4, crowds=False)
    assert all(len(each.winners) > 1 for each in rounds)
    assert any("I10" in each for each in ring.ending().broken())
