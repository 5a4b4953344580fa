"""The model: what can happen next, as small steps, each of them one look or one write that nothing can interrupt.

Each step gives back False where it cannot happen, else it changes the world; the default of a parameter is all that it
may be. The steps are written in the few words of
Python that `promela.py` can read: so SPIN searches the very relation that `search.py` walks here.

What is kept is the order of looks and writes in `chalicelib/workflow` (`committing`, `delivering`, `waiting`,
`sweeping`), who may come in between, and who may die there. What is left out: what the rules decide, refunds by a
provider, runs begun anew, reminders, and time beyond "the deadline has come" and "the lease is old". A look is one step
with what follows it where others could write in between only what it does not look at.
"""

# ruff: noqa: RUF009  (`_per` makes fields of the world)

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# Requests of people, Lambdas of executions, and a sweep: each a process that may die between two steps.
# Each list is also the default of a parameter: all that it may be.
PEOPLE: Any = (0, 1)
LAMBDAS: Any = (2, 3)
SWEEPS: Any = (4,)
WORKERS: Any = (0, 1, 2, 3, 4)
CASES: Any = (0, 1)
# A case makes three commits at most (asked, offered, ended). Each promises an effect that reaches somebody.
EFFECTS: Any = (0, 1, 2)
START = 1  # Of wake-ups bit 0 starts the execution, and bit n resumes it after commit n.

# Whom a row waits for; NOBODY: there is no row yet.
NOBODY, SELLER, BUYER, CLOSED = 0, 1, 2, 3
# What somebody has seen or been given: nothing, something that is no longer so, what still is. A row's revision, the
# number of a lease and a token are compared for that alone, so no numbers are kept of them.
NONE, OLD, CURRENT = 0, 1, 2
# Whose the lease is, and how much of it is left: none, less than half, more.
EXECUTION, SWEEP = 0, 1
OVER, LATE, FRESH = 0, 1, 2
# Where an execution is. TO_...: Step Functions will invoke a Lambda; the next: they did.
UNSTARTED, TO_ENTER, WAITING, TO_EXPIRE, EXPIRING, TO_CLOSE, CLOSING, ENDED = 0, 1, 2, 3, 4, 5, 6, 7
# What a process does next.
IDLE, OPENS, COMMITS, WAKES, ANSWERS, TAKES, SENDS, PUTS, LOOKS, SPEAKS, RETURNS, LAPSES = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
)
# What people say.
YES, NO, OFFER = 1, 2, 3
SAID: Any = (YES, NO, OFFER)


@dataclass(frozen=True)
class Rules:
    """What the house holds by; 0 where a control breaks it."""

    tests_slot: int = 1  # a case opens only where the order's slot is free
    tests_rev: int = 1  # a decision is committed only on the row that it was made on
    keeps_outbox: int = 1  # what is to be told is promised by the commit, not told by whoever lives on
    commits_first: int = 1  # nothing is told before it is committed
    takes_lease: int = 1  # whoever delivers has the lease
    outlives: int = 1  # a lease outlives who has it
    strikes_on_rev: int = 1  # a strike is written on the row as it is
    strikes_what_it_did: int = 1  # and strikes what was delivered, not what is there by now
    waits_outlast: int = 1  # a wait is longer than the Lambda lives that enters it
    looks_again: int = 1  # the row is read again once the token is stored
    token_after: int = 1  # the token is read after the commit
    repeats_wakes: int = 1  # a wake-up is promised until somebody struck it


def _per(count: int, value: int = 0) -> list[int]:
    return field(default_factory=lambda: [value] * count)


@dataclass
class World:
    """All that steps see and change: one number for each case, for each process, or for both of them."""

    cases: list[int] = _per(1, 2)  # how many cases there can be
    slot: list[int] = _per(1)  # whether the order has an open case
    faults: list[int] = _per(1, 3)  # how much may still go wrong
    used: list[int] = _per(1)
    requests: list[int] = _per(2, 2)  # how often each person will still say something
    # The rows.
    state: list[int] = _per(2)
    turn: list[int] = _per(2)
    mails: list[int] = _per(2)
    wakes: list[int] = _per(2)
    holder: list[int] = _per(2)
    lease: list[int] = _per(2)
    lapsed: list[int] = _per(2)
    token: list[int] = _per(2)
    token_turn: list[int] = _per(2)
    # The executions: where, with which turn in the ticket.
    place: list[int] = _per(2)
    ticket: list[int] = _per(2)
    # The processes: what each does next, on which case, what it was given, and what it saw.
    at: list[int] = _per(5)
    on: list[int] = _per(5)
    word: list[int] = _per(5)
    given_turn: list[int] = _per(5)
    given_token: list[int] = _per(5)
    saw: list[int] = _per(5)
    saw_turn: list[int] = _per(5)
    saw_closed: list[int] = _per(5)
    lease_of: list[int] = _per(5)
    to_send: list[int] = _per(5)
    to_wake: list[int] = _per(5)
    sent: list[int] = _per(5)
    woken: list[int] = _per(5)
    answers: list[int] = _per(5)
    # What came of it, which no step looks at.
    told: list[int] = _per(6)  # how often each effect of a case reached the world
    paid: list[int] = _per(2)
    ended: list[int] = _per(2)


def a_world(*, cases: int = 1, faults: int = 0, requests: tuple[int, int] = (1, 1)) -> World:
    """Nothing has happened: so many cases there can be, so much may go wrong, so often each of two people speaks."""
    return World(cases=[cases], faults=[faults], requests=list(requests))


Step = Callable[..., bool]


# --- what several steps do ------------------------------------------------------------------------------------------


def rests(s: World, r: Rules, w: int) -> None:
    """The process has done what it came for, or is dead: nothing of it is left."""
    s.at[w] = IDLE
    s.on[w] = 0
    s.word[w] = 0
    s.given_turn[w] = 0
    s.given_token[w] = 0
    s.saw[w] = 0
    s.saw_turn[w] = 0
    s.saw_closed[w] = 0
    s.lease_of[w] = 0
    s.to_send[w] = 0
    s.to_wake[w] = 0
    s.sent[w] = 0
    s.woken[w] = 0
    s.answers[w] = 0


def sees(s: World, r: Rules, w: int) -> None:
    """The process reads the row."""
    s.saw[w] = CURRENT
    s.saw_turn[w] = s.turn[s.on[w]]
    s.saw_closed[w] = 0
    if s.state[s.on[w]] == CLOSED:
        s.saw_closed[w] = 1


def writes(s: World, r: Rules, w: int) -> None:
    """The row has a new revision: what anybody has read of it is old."""
    for x in WORKERS:
        if s.on[x] == s.on[w] and s.saw[x] == CURRENT:
            s.saw[x] = OLD


def leases(s: World, r: Rules, w: int, whose: int) -> None:
    """The outbox belongs to one deliverer from now on."""
    s.holder[s.on[w]] = whose
    s.lease[s.on[w]] = FRESH
    for x in WORKERS:
        if s.on[x] == s.on[w] and s.lease_of[x] == CURRENT:
            s.lease_of[x] = OLD


def waits_no_more(s: World, r: Rules, c: int) -> None:
    """The task of an execution is over: nobody waits on its token, wherever that is."""
    s.token[c] = NONE
    s.token_turn[c] = 0
    for x in WORKERS:
        if s.on[x] == c and s.given_token[x] == CURRENT:
            s.given_token[x] = OLD
        if s.on[x] == c and s.answers[x] == CURRENT:
            s.answers[x] = NONE


def commits(s: World, r: Rules, w: int, deliverer: int) -> None:
    """What each commit writes beside the state: revision, turn, promises, and the lease where nobody has it."""
    s.to_wake[w] = s.wakes[s.on[w]] | 1 << s.turn[s.on[w]]
    if r.keeps_outbox == 1:
        s.mails[s.on[w]] |= 1 << s.turn[s.on[w]]
    s.lapsed[s.on[w]] = 0
    if s.state[s.on[w]] == CLOSED:
        s.to_wake[w] &= ~START
        s.slot[0] = 0
        s.ended[s.on[w]] += 1
    s.wakes[s.on[w]] = s.to_wake[w]
    if r.repeats_wakes == 0:
        s.wakes[s.on[w]] = 0
    writes(s, r, w)
    s.turn[s.on[w]] += 1
    if s.lease[s.on[w]] == OVER or (s.holder[s.on[w]] == EXECUTION and deliverer == EXECUTION):
        leases(s, r, w, deliverer)
    sees(s, r, w)


def tells_at_once(s: World, r: Rules, c: int) -> None:
    """Without an outbox what is asked, and silence, is told as it is committed; whoever decides may die in between."""
    if r.keeps_outbox == 0:
        s.told[c * 3 + s.turn[c] - 1] += 1


def delivers(s: World, r: Rules, w: int) -> None:
    """The process has the lease, and goes about delivering what the row holds. Its own execution is awake already."""
    s.at[w] = SENDS
    s.lease_of[w] = CURRENT
    s.word[w] = s.mails[s.on[w]]
    s.to_send[w] = s.mails[s.on[w]]
    s.to_wake[w] = s.wakes[s.on[w]]
    if w in LAMBDAS:
        s.woken[w] = s.wakes[s.on[w]]
        s.to_wake[w] = 0


def has_delivered(s: World, r: Rules, w: int) -> None:
    """Where a process goes that delivered, or left that to others."""
    s.lease_of[w] = 0
    s.word[w] = 0
    s.to_send[w] = 0
    s.sent[w] = 0
    s.woken[w] = 0
    s.saw[w] = NONE
    if w in PEOPLE:
        s.at[w] = WAKES
    else:
        s.saw_turn[w] = 0
        s.saw_closed[w] = 0
        if s.given_token[w] != 0:
            s.at[w] = PUTS
        elif w in LAMBDAS:
            s.at[w] = RETURNS
        else:
            rests(s, r, w)


def looks_whether_to_deliver(s: World, r: Rules, w: int) -> None:
    """The row's own execution: the lease that the commit set is its own while enough of it is left."""
    if s.holder[s.on[w]] == SWEEP and s.lease[s.on[w]] != OVER:
        has_delivered(s, r, w)
    elif s.holder[s.on[w]] == EXECUTION and s.lease[s.on[w]] == FRESH:
        delivers(s, r, w)
    elif s.mails[s.on[w]] == 0 and s.wakes[s.on[w]] == 0:
        has_delivered(s, r, w)
    else:
        s.at[w] = TAKES


def leads_on(s: World, r: Rules, w: int) -> None:
    """The execution takes the ticket, and goes where it says."""
    waits_no_more(s, r, s.on[w])
    s.ticket[s.on[w]] = s.saw_turn[w]
    s.place[s.on[w]] = TO_ENTER
    if s.saw_closed[w] == 1:
        s.place[s.on[w]] = TO_CLOSE


# --- people: committing.py ------------------------------------------------------------------------------------------


def sees_an_order(s: World, r: Rules, w: int = PEOPLE) -> bool:
    """Somebody means to cancel an order that has no open case."""
    if not (s.at[w] == IDLE and s.requests[w] > 0 and s.slot[0] == 0 and s.state[s.cases[0] - 1] == NOBODY):
        return False
    s.at[w] = OPENS
    return True


def opens(s: World, r: Rules, w: int = PEOPLE, c: int = CASES) -> bool:
    """The case opens, if the order's slot is still free."""
    if not (s.at[w] == OPENS and s.state[c] == NOBODY and c < s.cases[0] and (c == 0 or s.state[0] != NOBODY)):
        return False
    if s.slot[0] == 0 or r.tests_slot == 0:
        s.on[w] = c
        s.slot[0] = 1
        s.state[c] = SELLER
        s.requests[w] -= 1
        s.at[w] = WAKES
        commits(s, r, w, EXECUTION)
        tells_at_once(s, r, c)
        s.saw[w] = NONE
    else:
        rests(s, r, w)
    return True


def opens_no_more(s: World, r: Rules, w: int = PEOPLE) -> bool:
    """All cases that there can be were opened."""
    if not (s.at[w] == OPENS and s.state[s.cases[0] - 1] != NOBODY):
        return False
    s.requests[w] -= 1
    rests(s, r, w)
    return True


def says(s: World, r: Rules, w: int = PEOPLE, c: int = CASES, word: int = SAID) -> bool:
    """Somebody who may answer reads the row before its deadline, and decides. Only a seller makes an offer."""
    if not (s.at[w] == IDLE and s.requests[w] > 0 and s.lapsed[c] == 0):
        return False
    if not (s.state[c] == SELLER or (s.state[c] == BUYER and word != OFFER)):
        return False
    s.at[w] = COMMITS
    s.on[w] = c
    s.word[w] = word
    s.answers[w] = s.token[c]
    s.saw[w] = CURRENT
    if r.token_after == 1:
        s.answers[w] = 0
    if r.commits_first == 0:
        s.saw_turn[w] = s.turn[c]
    return True


def tells_early(s: World, r: Rules, w: int = PEOPLE, c: int = CASES, k: int = EFFECTS) -> bool:
    """Only where a control lets it: what is about to be decided is told."""
    if not (
        r.commits_first == 0 and s.at[w] == COMMITS and s.on[w] == c and s.saw_turn[w] == k and s.told[c * 3 + k] == 0
    ):
        return False
    s.told[c * 3 + k] += 1
    return True


def decides(s: World, r: Rules, w: int = PEOPLE) -> bool:
    """The decision is committed, if the row is still the one that was read; else it is made again."""
    if s.at[w] != COMMITS:
        return False
    if s.saw[w] == CURRENT or r.tests_rev == 0:
        s.state[s.on[w]] = CLOSED
        if s.word[w] == OFFER:
            s.state[s.on[w]] = BUYER
        if s.word[w] == YES:
            s.paid[s.on[w]] += 1
        s.requests[w] -= 1
        s.at[w] = WAKES
        s.word[w] = 0
        commits(s, r, w, EXECUTION)
        s.saw[w] = NONE
        if r.keeps_outbox == 0:
            s.at[w] = SENDS
            s.to_send[w] = 1 << (s.turn[s.on[w]] - 1)
    else:
        rests(s, r, w)
    return True


def starts(s: World, r: Rules, w: int = WORKERS) -> bool:
    """The execution is started; its name makes the second start do nothing."""
    if not ((s.at[w] == WAKES or s.at[w] == SENDS) and (s.to_wake[w] & START) != 0):
        return False
    if s.place[s.on[w]] == UNSTARTED:
        s.place[s.on[w]] = TO_ENTER
        s.ticket[s.on[w]] = 0
        if s.saw_turn[w] == 1:
            s.ticket[s.on[w]] = 1
    s.to_wake[w] &= ~START
    if w in SWEEPS:
        s.woken[w] |= START
    return True


def reads_the_token(s: World, r: Rules, w: int = WORKERS) -> bool:
    """A token of an earlier turn has to be answered; where there is none, whoever enters the wait looks again."""
    if not ((s.at[w] == WAKES or s.at[w] == SENDS) and s.to_wake[w] > START and (s.to_wake[w] & START) == 0):
        return False
    if w in SWEEPS:
        s.woken[w] |= s.to_wake[w]
    s.to_wake[w] = 0
    if r.token_after == 1:
        s.answers[w] = 0
        if s.token_turn[s.on[w]] < s.saw_turn[w]:
            s.answers[w] = s.token[s.on[w]]
    return True


def answers(s: World, r: Rules, w: int = WORKERS) -> bool:
    """A token is answered with the row as it was read; one that nobody waits on changes nothing."""
    if not (s.at[w] == ANSWERS or ((s.at[w] == WAKES or s.at[w] == SENDS) and s.to_wake[w] == 0 and s.answers[w] != 0)):
        return False
    if s.answers[w] == CURRENT:
        leads_on(s, r, w)
    s.answers[w] = 0
    if s.at[w] == ANSWERS:
        rests(s, r, w)
    return True


def has_answered(s: World, r: Rules, w: int = PEOPLE) -> bool:
    """A person's request ends. What they woke in vain stays promised."""
    if not (s.at[w] == WAKES and s.to_wake[w] == 0 and s.answers[w] == 0):
        return False
    rests(s, r, w)
    return True


# --- executions: waiting.py -----------------------------------------------------------------------------------------


def enters(s: World, r: Rules, w: int = LAMBDAS, c: int = CASES) -> bool:
    """Step Functions invoke the Lambda of a wait, with a token; it reads the row."""
    if not (s.at[w] == IDLE and s.place[c] == TO_ENTER and (w == 2 or s.at[2] != IDLE)):
        return False
    s.place[c] = WAITING
    s.on[w] = c
    s.given_turn[w] = s.ticket[c]
    s.given_token[w] = CURRENT
    sees(s, r, w)
    if s.turn[c] == s.given_turn[w]:
        looks_whether_to_deliver(s, r, w)
    else:
        s.answers[w] = s.given_token[w]
        s.at[w] = ANSWERS
    return True


def puts(s: World, r: Rules, w: int = LAMBDAS) -> bool:
    """The token is stored."""
    if s.at[w] != PUTS:
        return False
    s.token[s.on[w]] = NONE
    s.token_turn[s.on[w]] = 0
    if s.given_token[w] == CURRENT:
        s.token[s.on[w]] = CURRENT
        s.token_turn[s.on[w]] = s.given_turn[w]
    s.at[w] = LOOKS
    if r.looks_again == 0:
        rests(s, r, w)
    return True


def looks(s: World, r: Rules, w: int = LAMBDAS) -> bool:
    """The row is read again: who committed before the token was stored found none."""
    if s.at[w] != LOOKS:
        return False
    sees(s, r, w)
    if s.saw_turn[w] == s.given_turn[w]:
        rests(s, r, w)
    else:
        s.answers[w] = s.given_token[w]
        s.at[w] = ANSWERS
    return True


def fires(s: World, r: Rules, c: int = CASES) -> bool:
    """The timer of a wait, at its deadline. That of an earlier turn is left out: nothing may need it."""
    if not (s.place[c] == WAITING and s.lapsed[c] == 1 and s.ticket[c] == s.turn[c]):
        return False
    if not (
        r.waits_outlast == 0
        or not ((s.given_token[2] != 0 and s.on[2] == c) or (s.given_token[3] != 0 and s.on[3] == c))
    ):
        return False
    s.place[c] = TO_EXPIRE
    waits_no_more(s, r, c)
    return True


def expires(s: World, r: Rules, w: int = LAMBDAS, c: int = CASES) -> bool:
    """Step Functions invoke the Lambda by which silence speaks; it reads the row."""
    if not (s.at[w] == IDLE and s.place[c] == TO_EXPIRE and (w == 2 or s.at[2] != IDLE)):
        return False
    s.place[c] = EXPIRING
    s.on[w] = c
    s.given_turn[w] = s.ticket[c]
    sees(s, r, w)
    s.at[w] = RETURNS
    if s.turn[c] == s.given_turn[w] and s.state[c] != CLOSED:
        s.at[w] = SPEAKS
    return True


def speaks(s: World, r: Rules, w: int = LAMBDAS) -> bool:
    """Silence is committed, if the row is still the one that was read; else it is read again."""
    if s.at[w] != SPEAKS:
        return False
    if s.saw[w] == CURRENT or r.tests_rev == 0:
        s.state[s.on[w]] = CLOSED
        commits(s, r, w, EXECUTION)
        tells_at_once(s, r, s.on[w])
        s.to_wake[w] = 0
        s.saw[w] = NONE
        s.at[w] = RETURNS
    else:
        sees(s, r, w)
        if s.turn[s.on[w]] != s.given_turn[w]:
            s.at[w] = RETURNS
    return True


def closes(s: World, r: Rules, w: int = LAMBDAS, c: int = CASES) -> bool:
    """Step Functions invoke the Lambda of the end, which delivers what is left."""
    if not (s.at[w] == IDLE and s.place[c] == TO_CLOSE and (w == 2 or s.at[2] != IDLE)):
        return False
    s.place[c] = CLOSING
    s.on[w] = c
    sees(s, r, w)
    looks_whether_to_deliver(s, r, w)
    return True


def returns(s: World, r: Rules, w: int = LAMBDAS) -> bool:
    """A Lambda that nobody answers by a token has ended, and its execution goes on."""
    if s.at[w] != RETURNS:
        return False
    if s.place[s.on[w]] == CLOSING:
        s.place[s.on[w]] = ENDED
    else:
        leads_on(s, r, w)
    rests(s, r, w)
    return True


# --- delivering: delivering.py --------------------------------------------------------------------------------------


def takes(s: World, r: Rules, w: int = WORKERS) -> bool:
    """The lease is taken on the row that was read; who comes second leaves it alone."""
    if s.at[w] != TAKES:
        return False
    if r.takes_lease == 0:
        delivers(s, r, w)
    elif s.saw[w] == CURRENT:
        writes(s, r, w)
        leases(s, r, w, SWEEP)
        sees(s, r, w)
        delivers(s, r, w)
    else:
        has_delivered(s, r, w)
    return True


def sends(s: World, r: Rules, w: int = WORKERS, c: int = CASES, k: int = EFFECTS) -> bool:
    """An effect reaches the world, the oldest first."""
    if not (s.at[w] == SENDS and s.on[w] == c and (s.to_send[w] & ((2 << k) - 1)) == 1 << k):
        return False
    s.told[c * 3 + k] += 1
    s.sent[w] |= 1 << k
    s.to_send[w] &= ~(1 << k)
    return True


def is_refused(s: World, r: Rules, w: int = WORKERS) -> bool:
    """A service is away: what it was to get waits, and what comes behind it."""
    if not (s.at[w] == SENDS and s.to_send[w] != 0 and s.faults[0] > 0):
        return False
    s.faults[0] -= 1
    s.used[0] += 1
    s.to_send[w] = 0
    return True


def is_lost(s: World, r: Rules, w: int = WORKERS, c: int = CASES, k: int = EFFECTS) -> bool:
    """An effect reached the world, and the process is told that it did not."""
    if not (s.at[w] == SENDS and s.on[w] == c and (s.to_send[w] & ((2 << k) - 1)) == 1 << k and s.faults[0] > 0):
        return False
    s.faults[0] -= 1
    s.used[0] += 1
    s.told[c * 3 + k] += 1
    s.to_send[w] = 0
    return True


def strikes(s: World, r: Rules, w: int = WORKERS) -> bool:
    """What was delivered is struck, on the row as it is by now; a lease of one's own ends with that."""
    if not (s.at[w] == SENDS and s.to_send[w] == 0 and s.to_wake[w] == 0 and s.answers[w] == 0):
        return False
    if w in PEOPLE:
        has_delivered(s, r, w)
    elif s.saw[w] == CURRENT or r.strikes_on_rev == 0:
        if r.strikes_on_rev == 0:
            s.mails[s.on[w]] &= s.word[w]
        s.mails[s.on[w]] &= ~s.sent[w]
        s.wakes[s.on[w]] &= ~s.woken[w]
        if r.strikes_what_it_did == 0:
            s.mails[s.on[w]] = 0
        writes(s, r, w)
        if s.lease_of[w] == CURRENT:
            s.holder[s.on[w]] = EXECUTION
            s.lease[s.on[w]] = OVER
        has_delivered(s, r, w)
    else:
        sees(s, r, w)
    return True


# --- the sweep: sweeping.py -----------------------------------------------------------------------------------------


def sweeps(s: World, r: Rules, w: int = SWEEPS, c: int = CASES) -> bool:
    """A row is due: its deadline has come, or what it promised is nobody's."""
    if not (s.at[w] == IDLE and (s.lapsed[c] == 1 or (s.lease[c] == OVER and (s.mails[c] != 0 or s.wakes[c] != 0)))):
        return False
    s.on[w] = c
    sees(s, r, w)
    s.at[w] = TAKES
    if s.lapsed[c] == 1:
        s.at[w] = LAPSES
    return True


def lapses(s: World, r: Rules, w: int = SWEEPS) -> bool:
    """Silence is committed, with the lease where nobody has it: then what it promised is delivered at once."""
    if s.at[w] != LAPSES:
        return False
    if s.saw[w] == CURRENT or r.tests_rev == 0:
        s.state[s.on[w]] = CLOSED
        s.word[w] = s.lease[s.on[w]]
        commits(s, r, w, SWEEP)
        tells_at_once(s, r, s.on[w])
        if s.word[w] == OVER:
            delivers(s, r, w)
        else:
            rests(s, r, w)
    else:
        rests(s, r, w)
    return True


# --- time, and what goes wrong --------------------------------------------------------------------------------------


def comes_to_the_deadline(s: World, r: Rules, c: int = CASES) -> bool:
    """Nobody answered in time."""
    if not ((s.state[c] == SELLER or s.state[c] == BUYER) and s.lapsed[c] == 0):
        return False
    s.lapsed[c] = 1
    return True


def ages(s: World, r: Rules, c: int = CASES) -> bool:
    """Half of a lease is over."""
    if s.lease[c] != FRESH:
        return False
    s.lease[c] = LATE
    return True


def runs_out(s: World, r: Rules, c: int = CASES) -> bool:
    """A lease is over. It outlives whoever delivers under it: no function runs that long."""
    if s.lease[c] != LATE:
        return False
    if not (
        r.outlives == 0
        or not (
            (s.lease_of[2] != 0 and s.on[2] == c)
            or (s.lease_of[3] != 0 and s.on[3] == c)
            or (s.lease_of[4] != 0 and s.on[4] == c)
        )
    ):
        return False
    s.lease[c] = OVER
    s.holder[c] = EXECUTION
    return True


def dies(s: World, r: Rules, w: int = WORKERS) -> bool:
    """A process is gone. Step Functions invoke a Lambda again whose task nobody answered."""
    if not (s.at[w] != IDLE and s.faults[0] > 0):
        return False
    s.faults[0] -= 1
    s.used[0] += 1
    if w in LAMBDAS:
        if s.given_token[w] != 0:
            if s.given_token[w] == CURRENT:
                s.place[s.on[w]] = TO_ENTER
                waits_no_more(s, r, s.on[w])
        elif s.place[s.on[w]] == EXPIRING:
            s.place[s.on[w]] = TO_EXPIRE
        elif s.place[s.on[w]] == CLOSING:
            s.place[s.on[w]] = TO_CLOSE
    elif s.at[w] == OPENS or s.at[w] == COMMITS:
        s.requests[w] -= 1
    rests(s, r, w)
    return True


STEPS: tuple[Step, ...] = (
    sees_an_order, opens, opens_no_more, says, tells_early, decides, starts, reads_the_token, answers, has_answered,
    enters, puts, looks, fires, expires, speaks, closes, returns,
    takes, sends, is_refused, is_lost, strikes, sweeps, lapses,
    comes_to_the_deadline, ages, runs_out, dies,
)  # fmt: skip


# --- what must hold -------------------------------------------------------------------------------------------------


def opened_twice(s: World) -> bool:
    """I1: an order has one open case."""
    return (s.state[0] == SELLER or s.state[0] == BUYER) and (s.state[1] == SELLER or s.state[1] == BUYER)


def ended_twice(s: World, c: int = CASES) -> bool:
    """I2: a case has one end."""
    return s.ended[c] > 1


def paid_twice(s: World, c: int = CASES) -> bool:
    """I4: money goes back once."""
    return s.paid[c] > 1


def told_unpromised(s: World, c: int = CASES, k: int = EFFECTS) -> bool:
    """I3: nothing is told that no commit promised."""
    return s.told[c * 3 + k] > 0 and s.turn[c] <= k


def told_too_often(s: World, c: int = CASES, k: int = EFFECTS) -> bool:
    """I3: each effect reaches the world once, and once more for each fault at most."""
    return s.told[c * 3 + k] > 1 + s.used[0]


NEVER = (opened_twice, ended_twice, paid_twice, told_unpromised, told_too_often)


def left_untold(s: World, c: int = CASES, k: int = EFFECTS) -> bool:
    """I3: what was promised was told."""
    return s.turn[c] > k and s.told[c * 3 + k] == 0


def left_pending(s: World, c: int = CASES) -> bool:
    """I3, I11: nothing is left to be delivered, and nobody is waited for."""
    return s.mails[c] != 0 or s.wakes[c] != 0 or s.state[c] == SELLER or s.state[c] == BUYER


def left_waiting(s: World, c: int = CASES) -> bool:
    """I6: the execution has ended as the row has."""
    return s.place[c] != UNSTARTED and s.place[c] != ENDED


IN_THE_END_NEVER = (left_untold, left_pending, left_waiting)
