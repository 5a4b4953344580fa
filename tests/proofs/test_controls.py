"""The proofs can fail: each rule that holds the house together is broken here by hand, and a proof turns red.

The first control drops the outbox altogether and delivers right after the commit, as most programs do.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.cases.beside import NOTHING_BESIDE
from chalicelib.domain.cases.case import Case, Deliverer
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.effects import Announcement
from chalicelib.domain.cases.effects import Mail as MailEffect
from chalicelib.domain.money.providers import Ability, Became, Habits, ProviderAnswer
from chalicelib.domain.money.sending import Next, Send, Sending, next_step
from chalicelib.domain.ports import Mail, Ports, Store
from chalicelib.workflow import committing, refund_calls
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.delivering import deliver
from chalicelib.workflow.events import event_of
from chalicelib.workflow.waiting import enter
from infra.sandbox.builders import BUDI, SELLER, an_ask
from infra.sandbox.providers.till import Behaviour
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.proofs.figures import figure
from tests.proofs.invariants import violations
from tests.proofs.scenarios import ORDER, in_the_end, run
from tests.proofs.world import Laboratory, ProofWorld, laboratory


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    with laboratory() as made:
        yield made


class PaysInline:
    """A store that keeps no promises: what a change promises is delivered at once, before or after the row is there."""

    def __init__(self, store: Store, *, before: bool) -> None:
        self.store, self.before = store, before
        self.ports: Ports | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, change: Change) -> None:
        case = change.case
        if case is None:
            self.store.commit(change)
            return
        kept = {key: pending for key, pending in case.outbox.items() if key.wakes}
        if self.before:
            self._pay(change)
        self.store.commit(replace(change, case=replace(case, outbox=kept)))
        if not self.before:
            self._pay(change)

    def _pay(self, change: Change) -> None:
        ports, case = self.ports, change.case
        assert ports
        assert case
        order = ports.store.order(case.order_id)
        assert order
        for effect in case.outbox:
            if isinstance(effect.effect, MailEffect):
                ports.mailer.send(ports.compose(effect, case, order, NOTHING_BESIDE))
            elif isinstance(effect.effect, Announcement):
                ports.events.publish([event_of(effect, effect.effect.name, case, order, change.entry)])


def paying_inline(world: ProofWorld, *, before: bool) -> ProofWorld:
    store = PaysInline(world.store, before=before)
    world.ports = store.ports = replace(world.ports, store=store)
    return world


def found_with_every_crash(lab: Laboratory, scenario: str, *, before: bool) -> list[str]:
    calls = run(paying_inline(lab.world(), before=before), scenario)
    found = []
    for at in range(1, len(calls) + 2):
        world = paying_inline(lab.world(), before=before)
        run(world, scenario, at=at, mode="before")
        world.recover()
        found += violations(world, ORDER, faults=1)
    return found


@pytest.mark.whole
def test_a_house_that_owes_nothing_works_without_faults_and_loses_effects_with_them(lab: Laboratory) -> None:
    world = paying_inline(lab.world(), before=False)
    run(world, "approve")
    assert violations(world, ORDER, faults=0) == []
    found = found_with_every_crash(lab, "approve", before=False)
    assert "I3: 2:mail:approved:buyer was never delivered" in found
    assert "I3: 1:mail:request_received:buyer was never delivered" in found
    assert {each[:2] for each in found} == {"I3"}
    figure("control", f"without outbox: {len(set(found))} different effects lost, each named by I3")


@pytest.mark.whole
def test_a_house_that_pays_before_it_commits_sends_mails_about_nothing(lab: Laboratory) -> None:
    found = found_with_every_crash(lab, "approve", before=True)
    assert [each for each in found if "without a committed row" in each or "that no entry promises" in each]


class ForgetsTheLedger(DynamoStore):
    """Decides, pays, and tells the ledger nothing."""

    def commit(self, change: Change) -> None:
        super().commit(replace(change, ledger=None))


class ForgetsTheDebit(DynamoStore):
    """Tells the ledger of what is taken out of wallets, and takes nothing."""

    def commit(self, change: Change) -> None:
        super().commit(replace(change, debit=None))


@pytest.mark.parametrize("house", [ForgetsTheLedger, ForgetsTheDebit])
def test_a_house_whose_ledger_says_something_else_than_its_wallets_is_found_out(
    lab: Laboratory, house: type[DynamoStore]
) -> None:
    world = lab.world()
    world.store = house(prefix=lab.store.prefix)
    world.ports = replace(world.ports, store=world.store)
    run(world, "the wallet is spent")
    world.recover()
    assert {each[:3] for each in violations(world, ORDER, faults=0)} == {"I12"}


BY_PROVIDER = "a provider that nobody can ask gives back a part"


def sends_again_unasked(sending: Sending, ability: Ability, habits: Habits, now: datetime) -> Next:
    """What was sent without an answer is sent again under its key, and nobody is asked what became of it."""
    if sending.open:
        return Send(sending.number, sending.key)
    return next_step(sending, ability, habits, now)


def takes_a_new_key(sending: Sending, now: datetime) -> Sending:
    """An answer that is lost counts as a refusal: the next try has a key of its own."""
    return replace(sending, open=False, answer=ProviderAnswer(became=Became.FAILED, is_final=True, again=True))


@pytest.mark.parametrize(
    ("what", "careless"), [("next_step", sends_again_unasked), ("unanswered", takes_a_new_key)], ids=["unasked", "key"]
)
def test_a_house_that_is_careless_with_providers_pays_twice_and_is_found_out(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch, what: str, careless: Callable[..., Any]
) -> None:
    monkeypatch.setattr(refund_calls, what, careless)
    world = lab.world()
    calls = run(world, BY_PROVIDER)
    assert in_the_end(world, faults=0) == [], "as long as nothing goes wrong"
    asked, found = calls.index("xendit.POST /v3/refunds") + 1, set[str]()
    for at, mode in ((asked, "lost"), *((asked + behind, "before") for behind in (1, 2))):
        world = lab.world()
        # Nothing is told that would put it right.
        world.town.behave(Behaviour.NORMAL, silent=True)
        run(world, BY_PROVIDER, at=at, mode=mode)
        found |= set(in_the_end(world, faults=1))
    assert [each for each in found if each.startswith("I13: of part 1 ")]
    figure("control", f"{careless.__name__}: {len(found)} different violations, I13 among them")


# --- one rule broken at a time, on the fakes

ASKED = ["decision_needed:seller", "request_received:buyer"]
APPROVED = sorted([*ASKED, "approved:buyer", "approved:seller"])


def asked(around: Neighbourhood) -> Case:
    around.push()
    return ask(around.ports, "LZD-1", an_ask(), BUDI)


def a_decision_in_the_middle_of_paying(around: Neighbourhood) -> None:
    case = asked(around)

    def decide_now(mail: Mail) -> None:
        if mail.kind == "request_received":
            say(around.ports, case.case_id, Approve(), SELLER)

    around.outbox.while_sending = decide_now
    enter(around.ports, case.case_id, 1, 1, "token")
    around.outbox.while_sending = lambda mail: None
    for _ in range(3):
        around.clock.advance(91)
        row = around.store.case(case.case_id)
        if row:
            deliver(around.ports, row)


def test_the_shipped_strike_loses_nothing() -> None:
    around = a_neighbourhood()
    a_decision_in_the_middle_of_paying(around)
    assert around.outbox.kinds == APPROVED


def test_striking_by_position_loses_an_effect() -> None:
    around = a_neighbourhood()
    store = around.store

    def keep_by_position(before: Case, after: Case) -> bool:
        places = [place for place, key in enumerate(before.outbox) if key not in after.outbox]
        current = store.case_rows[before.case_id]
        left = {key: pending for place, (key, pending) in enumerate(current.outbox.items()) if place not in places}
        store.case_rows[before.case_id] = replace(current, rev=current.rev + 1, outbox=left)
        return True

    store.save_outbox = keep_by_position  # type: ignore[method-assign]
    a_decision_in_the_middle_of_paying(around)
    assert around.outbox.kinds != APPROVED


def test_a_strike_that_does_not_test_the_revision_loses_an_effect() -> None:
    around = a_neighbourhood()
    store = around.store

    def keep_whatever_the_row_is(before: Case, after: Case) -> bool:
        store.case_rows[before.case_id] = after
        return True

    store.save_outbox = keep_whatever_the_row_is  # type: ignore[method-assign]
    a_decision_in_the_middle_of_paying(around)
    assert around.outbox.kinds != APPROVED


def two_overlapping_payers(around: Neighbourhood) -> None:
    case = asked(around)
    around.clock.advance(91)
    second: list[bool] = []

    def overlap(mail: Mail) -> None:
        if not second:
            second.append(True)
            row = around.store.case(case.case_id)
            assert row
            deliver(around.ports, row)

    around.outbox.while_sending = overlap
    row = around.store.case(case.case_id)
    assert row
    deliver(around.ports, row)


def test_the_shipped_lease_keeps_a_second_payer_away() -> None:
    around = a_neighbourhood()
    two_overlapping_payers(around)
    assert around.outbox.kinds == ASKED


def test_paying_without_moving_wake_at_pays_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    around = a_neighbourhood()
    monkeypatch.setattr(
        "chalicelib.workflow.delivering.taken_over", lambda case, now, pace: replace(case, leased_to=Deliverer.SWEEP)
    )
    two_overlapping_payers(around)
    assert around.outbox.kinds != ASKED


def a_wait_entered_just_before_the_commit(around: Neighbourhood) -> None:
    case = asked(around)
    commit = around.store.commit

    def enter_first(change: Change) -> None:
        around.store.commit = commit  # type: ignore[method-assign]
        enter(around.ports, case.case_id, 1, 1, "token")
        # The row moved by the strike, so this decision is made again on the row as it is now.
        around.store.commit(change)

    around.store.commit = enter_first  # type: ignore[method-assign]
    say(around.ports, case.case_id, Approve(), SELLER)


def test_the_shipped_wake_up_answers_a_wait_entered_just_before_the_commit() -> None:
    around = a_neighbourhood()
    a_wait_entered_just_before_the_commit(around)
    assert [token.token for token, _ in around.executions.answered] == ["token"]


def test_a_token_read_before_the_commit_leaves_an_execution_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    around = a_neighbourhood()
    woken = committing.wake
    early = around.store.token

    def with_the_early_token(ports: Ports, case: Case) -> bool:
        seen_before = None  # what the table held before the commit: nothing yet
        monkeypatch.setattr(around.store, "token", lambda case_id: seen_before)
        try:
            return woken(ports, case)
        finally:
            monkeypatch.setattr(around.store, "token", early)

    monkeypatch.setattr(committing, "wake", with_the_early_token)
    a_wait_entered_just_before_the_commit(around)
    assert around.executions.answered == []
