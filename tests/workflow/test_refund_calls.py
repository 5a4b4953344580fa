"""Parts of refunds that Batal asks providers for itself: real adapters against served fakes, with nothing but the
clock between them and a granted request."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.commands import Approve, PartTold, RedirectPart, RefundFailed, ResolvePart, RetryPart
from chalicelib.domain.errors import Invalid, NotFound, Refused
from chalicelib.domain.money.providers import AfterLoss, Shut
from chalicelib.domain.money.refund import NotTaken, PartState, RefundPart, Report, Told
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import part_event, refund_event, say
from chalicelib.workflow.payouts import name_account
from chalicelib.workflow.refund_calls import call_due, hear
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, SELLER, SUPPORT, SYSTEM, an_ask, an_order
from infra.sandbox.providers.fakes import references
from infra.sandbox.providers.till import Behaviour
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.fakes.provider_halls import NAMES, Hall, adapter, an_account, hall

PAID = 150_000


@dataclass
class Shop:
    """A house, a provider that it speaks to, and the order that was paid there."""

    around: Neighbourhood
    hall: Hall
    case: Case
    deaf: bool = False  # what the provider tells by itself is lost
    name: str = "1"  # of the part that the provider is asked for

    def now(self) -> Case:
        return self.around.case(self.case.case_id)

    @property
    def part(self) -> RefundPart:
        refund = self.now().refund
        assert refund
        return refund.by_name[self.name]

    def rounds(self, count: int = 1, **span: float) -> None:
        """The schedules come by, again and again; with what the provider tells by itself in between."""
        for _ in range(count):
            sweep(self.around.ports)
            call_due(self.around.ports)
            for headers, raw in self.hall.letters() if not self.deaf else ():
                hear(self.around.ports, self.hall.name, headers, raw)
            call_due(self.around.ports)
            self.around.clock.advance(timedelta(**span).total_seconds() if span else 60)
            self.hall.clock.at = self.around.clock()

    def went(self) -> int:
        """What really went there, by the provider's own ledger."""
        self.hall.fake.catch_up()
        return sum(each.amount for each in self.hall.till.ledger)


@pytest.fixture(params=NAMES)
def the_hall(request: pytest.FixtureRequest) -> Iterator[Hall]:
    with hall(request.param) as made:
        yield made


def granted(made: Hall, ago: timedelta = timedelta(days=2)) -> Shop:
    """A granted request whose money this provider is asked for: back the way it came, or out to an account."""
    if made.pays_out:
        return to_be_paid_out(made)
    around = a_neighbourhood()
    made.clock.at = around.clock()
    paid = made.pay(amount=PAID, ago=ago)
    tender = Tender(method=Method.CARD, amount=PAID, provider=made.name, references=references(made.name, paid))
    around.ports = replace(around.ports, provider_names=frozenset({made.name}), providers={made.name: made.provider})
    around.push(an_order(tenders=(tender,)))
    case = ask(around.ports, "LZD-1", an_ask(), BUDI)
    say(around.ports, case.case_id, Approve(), SELLER)
    return Shop(around, made, case)


def to_be_paid_out(made: Hall) -> Shop:
    """Paid by virtual account, which takes nothing back; the buyer named an account."""
    around = a_neighbourhood()
    made.clock.at = around.clock()
    names, providers = frozenset({made.name}), {made.name: made.provider}
    around.ports = replace(around.ports, provider_names=names, providers=providers, payouts=made.name)
    around.push(an_order(tenders={"virtual_account": PAID}))
    case = ask(around.ports, "LZD-1", an_ask(), BUDI)
    say(around.ports, case.case_id, Approve(), SELLER)
    told = Report(event_id="e1", part="1", told=Told.FAILED, amount=PAID, at=around.clock(), code=Shut.NO_WAY_BACK)
    part_event(around.ports, case.case_id, PartTold(report=told), SYSTEM)
    name_account(around.ports, case.case_id, an_account(), None, BUDI, None)
    return Shop(around, made, case, name="2")


def test_money_goes_back_the_way_it_came_once_and_closes_the_case(the_hall: Hall) -> None:
    shop = granted(the_hall)
    assert shop.part.provider == the_hall.name
    assert shop.went() == 0, "nothing is asked in the path of a request"
    shop.rounds(40, minutes=30)
    assert (shop.part.state, shop.now().state, shop.went()) == (PartState.PAID, State.CLOSED, PAID)
    if not the_hall.pays_out:
        assert "refund.requested" not in shop.around.bus.names, "the marketplace is not asked as well"
    assert shop.part.reference


@pytest.mark.parametrize("behaviour", [Behaviour.NORMAL, Behaviour.LOSE_ANSWER, Behaviour.SLOW])
def test_money_that_was_paid_hours_ago_goes_back_once(the_hall: Hall, behaviour: Behaviour) -> None:
    the_hall.till.behaviour = behaviour
    shop = granted(the_hall, ago=timedelta(hours=3))
    shop.rounds(3)
    the_hall.till.behaviour = Behaviour.NORMAL
    shop.rounds(60, minutes=30)
    assert (shop.part.state, shop.went()) == (PartState.PAID, PAID)


@pytest.mark.parametrize("behaviour", [Behaviour.DOUBLE, Behaviour.LATE, Behaviour.SLOW])
def test_however_a_provider_behaves_the_money_goes_once(the_hall: Hall, behaviour: Behaviour) -> None:
    the_hall.till.behaviour = behaviour
    shop = granted(the_hall)
    shop.rounds(80, minutes=30)
    assert (shop.part.state, shop.went()) == (PartState.PAID, PAID)


def test_a_lost_answer_is_never_a_second_payment(the_hall: Hall) -> None:
    the_hall.till.behaviour = Behaviour.LOSE_ANSWER
    shop = granted(the_hall)
    shop.rounds(3)
    the_hall.till.behaviour = Behaviour.NORMAL
    shop.rounds(100, hours=1)
    assert shop.went() == PAID
    assert shop.part.state in (PartState.PAID, PartState.HELD), "or a person looks"


def test_a_refusal_is_told_and_the_part_goes_to_the_wallet_instead(the_hall: Hall) -> None:
    the_hall.till.behaviour = Behaviour.FAIL
    shop = granted(the_hall)
    for _ in range(60):
        shop.rounds(1, hours=2)
        if shop.part.state in (PartState.FAILED, PartState.HELD):
            break
    assert shop.part.state in (PartState.FAILED, PartState.HELD)
    assert shop.went() == 0
    assert shop.part.report
    assert shop.part.report.code
    if shop.part.is_in_doubt:
        with pytest.raises(Refused):
            say(shop.around.ports, shop.case.case_id, RedirectPart(part=shop.name, note="asked"), SUPPORT)
        return
    say(shop.around.ports, shop.case.case_id, RedirectPart(part=shop.name, note="asked"), SUPPORT)
    assert shop.around.store.wallet("budi", "IDR").balance == PAID
    shop.rounds(20, hours=6)
    assert shop.went() == 0


def test_a_retry_by_a_person_is_a_further_try_under_another_key(the_hall: Hall) -> None:
    the_hall.till.behaviour = Behaviour.FAIL
    shop = granted(the_hall)
    for _ in range(60):
        shop.rounds(1, hours=2)
        if shop.part.state in (PartState.FAILED, PartState.HELD):
            break
    doubt = shop.part.is_in_doubt
    the_hall.till.behaviour = Behaviour.NORMAL
    say(shop.around.ports, shop.case.case_id, RetryPart(part=shop.name, note="the bank is back"), SUPPORT)
    assert shop.part.tries == (1 if doubt else 2)
    shop.rounds(60, hours=1)
    assert shop.went() == (0 if doubt else PAID)


def test_money_that_came_back_unheard_is_found_by_looking_and_success_is_told_once() -> None:
    with hall("stripe") as made:
        made.till.behaviour = Behaviour.REVERSE
        shop = granted(made)
        shop.deaf = True
        shop.rounds(4, minutes=30)
        assert shop.part.state is PartState.PAID
        heard = shop.now().rev
        shop.rounds(11, hours=6)
        assert (shop.part.state, shop.now().rev) == (PartState.PAID, heard)
        shop.rounds(3, hours=6)
        assert (shop.part.state, shop.went()) == (PartState.REVERSED, 0)


@pytest.mark.parametrize("name", ["stripe", "xendit_payouts"])
def test_what_was_found_by_looking_and_is_told_afterwards_is_no_news(name: str) -> None:
    with hall(name) as made:
        made.till.behaviour = Behaviour.REVERSE
        shop = granted(made)
        shop.rounds(4, minutes=30)
        shop.deaf = True
        shop.rounds(40, hours=6)
        assert (shop.part.state, shop.went()) == (PartState.REVERSED, 0)
        known = shop.now().rev
        shop.deaf = False
        shop.rounds(2, minutes=30)
        assert (shop.part.state, shop.now().rev) == (PartState.REVERSED, known)


def test_what_a_person_wants_asked_again_after_two_weeks_is_given_new_patience(the_hall: Hall) -> None:
    the_hall.till.behaviour = Behaviour.LOSE_ANSWER
    shop = granted(the_hall)
    shop.deaf = True
    shop.rounds(3)
    assert len(the_hall.till.refunds) == 1
    away = adapter(the_hall.name, the_hall.clock, "http://127.0.0.1:9")
    shop.around.ports = replace(shop.around.ports, providers={the_hall.name: away})
    shop.rounds(60, hours=6)
    assert (shop.part.state, shop.part.tries) == (PartState.HELD, 1)
    say(shop.around.ports, shop.case.case_id, RetryPart(part=shop.name, note="they are back soon"), SUPPORT)
    shop.rounds(4, hours=2)
    if the_hall.provider.habits.after_loss is AfterLoss.REPEAT:
        # It would have to be sent again, and its key protects no more.
        assert (shop.part.state, shop.went()) == (PartState.HELD, PAID)
        return
    assert (shop.part.state, shop.part.tries) == (PartState.DUE, 1)
    shop.around.ports = replace(shop.around.ports, providers={the_hall.name: the_hall.provider})
    the_hall.till.behaviour = Behaviour.NORMAL
    shop.rounds(4, hours=3)
    assert (shop.part.state, shop.went()) == (PartState.PAID, PAID)


def test_without_a_reference_nobody_is_asked_and_people_see_why() -> None:
    with hall("stripe") as made:
        around = a_neighbourhood()
        around.ports = replace(around.ports, provider_names=frozenset({"stripe"}), providers={"stripe": made.provider})
        around.push(an_order(tenders=(Tender(method=Method.CARD, amount=PAID, provider="stripe"),)))
        case = ask(around.ports, "LZD-1", an_ask(), BUDI)
        say(around.ports, case.case_id, Approve(), SELLER)
        shop = Shop(around, made, case)
        shop.rounds(3)
        assert shop.part.state is PartState.FAILED
        assert shop.part.report
        assert shop.part.report.code == "no_reference"


def test_a_provider_that_hangs_holds_up_no_mail(the_hall: Hall) -> None:
    shop = granted(the_hall)
    sweep(shop.around.ports)
    shop.around.clock.advance(91)
    sweep(shop.around.ports)
    assert {"approved:buyer", "approved:seller"} <= set(shop.around.outbox.kinds)
    assert shop.went() == 0


def test_what_is_not_signed_or_not_ours_changes_nothing(the_hall: Hall) -> None:
    shop = granted(the_hall)
    before = dict(shop.around.store.dispatches)
    with pytest.raises(Invalid):
        hear(shop.around.ports, the_hall.name, {}, b"{}")
    with pytest.raises(NotFound):
        hear(shop.around.ports, "nobody", {}, b"{}")
    assert shop.around.store.dispatches == before


def test_a_marketplace_that_keeps_its_own_provider_is_asked_by_the_event() -> None:
    around = a_neighbourhood()
    around.push(an_order(tenders=(Tender(method=Method.CARD, amount=PAID, provider="stripe"),)))
    case = ask(around.ports, "LZD-1", an_ask(), BUDI)
    say(around.ports, case.case_id, Approve(), SELLER)
    around.clock.advance(91)
    sweep(around.ports)
    assert "refund.requested" in around.bus.names
    assert around.store.dispatches == {}
    assert isinstance(around.clock(), datetime)


@pytest.mark.parametrize("told", [Told.FAILED, Told.REVERSED])
def test_what_others_say_did_not_go_while_batal_asks_for_it_is_kept_and_opens_no_other_way(
    the_hall: Hall, told: Told
) -> None:
    shop = granted(the_hall)
    shop.rounds(1)
    report = Report(event_id="o1", part=shop.name, told=told, amount=PAID, at=shop.around.clock())
    part_event(shop.around.ports, shop.case.case_id, PartTold(report=report), SYSTEM)
    refund_event(shop.around.ports, shop.case.case_id, RefundFailed(event_id="o2", amount=PAID), SYSTEM)
    for said in (RedirectPart(part=shop.name, note="asked"), ResolvePart(part=shop.name, reference="TF", note="sent")):
        with pytest.raises(Refused, match="part_not_stuck"):
            say(shop.around.ports, shop.case.case_id, said, SUPPORT)
    refund = shop.now().refund
    assert refund
    assert [each.not_taken for each in refund.not_taken] == [NotTaken.ASKED_BY_BATAL] * 2
    shop.rounds(40, minutes=30)
    assert (shop.part.state, shop.part.tries, shop.went()) == (PartState.PAID, 1, PAID)
    assert shop.around.store.wallet("budi", "IDR").balance == 0


def test_what_others_say_of_a_part_that_nobody_can_be_asked_about_counts(the_hall: Hall) -> None:
    the_hall.till.behaviour = Behaviour.LOSE_ANSWER
    shop = granted(the_hall)
    held = replace(shop.part, state=PartState.HELD)
    case = shop.now()
    assert case.refund
    row = replace(case, refund=case.refund.with_part(shop.name, held))
    shop.around.store.case_rows[case.case_id] = row
    report = Report(event_id="o1", part=shop.name, told=Told.FAILED, amount=PAID, at=shop.around.clock())
    part_event(shop.around.ports, shop.case.case_id, PartTold(report=report), SYSTEM)
    assert shop.part.state is PartState.FAILED


@pytest.fixture
def payouts() -> Iterator[Hall]:
    with hall("xendit_payouts") as made:
        yield made


def test_money_is_paid_out_to_the_account_that_was_named_and_to_no_other(payouts: Hall) -> None:
    shop = granted(payouts)
    shop.rounds(10, minutes=30)
    assert (shop.part.state, shop.now().state) == (PartState.PAID, State.CLOSED)
    assert [(line.payment, line.amount) for line in payouts.till.ledger] == [(an_account().number, PAID)]


def test_a_payout_whose_account_is_gone_is_never_sent_in_any_way_and_people_see_why(payouts: Hall) -> None:
    shop = granted(payouts)
    shop.around.store.accounts.clear()
    shop.rounds(3)
    assert (shop.part.state, shop.part.report and shop.part.report.code) == (PartState.FAILED, "account_gone")
    assert payouts.till.refunds == []
    (dispatch,) = shop.around.store.dispatches.values()
    assert dispatch.next_at is None
    # The buyer names one again, and is paid.
    name_account(shop.around.ports, shop.case.case_id, an_account(), None, BUDI, None)
    shop.name = "3"
    shop.rounds(10, minutes=30)
    assert (shop.part.state, shop.went()) == (PartState.PAID, PAID)


def test_a_provider_that_needs_no_account_gets_no_payout_whose_account_is_gone() -> None:
    """Whoever pays out: a refund to the payment instead would be money that nobody asked for."""
    with hall("stripe") as made:
        shop = to_be_paid_out(made)
        shop.around.store.accounts.clear()
        shop.rounds(3)
        assert shop.part.report
        assert (shop.part.state, shop.part.report.code) == (PartState.FAILED, "account_gone")
        assert made.till.refunds == []


@pytest.mark.parametrize(
    ("behaviour", "ends"), [(Behaviour.LATE, PartState.PAID), (Behaviour.LOSE_ANSWER, PartState.HELD)]
)
def test_a_payout_that_was_sent_is_not_said_to_have_failed_because_its_account_is_gone_since(
    payouts: Hall, behaviour: Behaviour, ends: PartState
) -> None:
    """It is followed to its end where that can be seen; where it is not found, a person looks."""
    payouts.till.behaviour = behaviour
    shop = granted(payouts)
    shop.deaf = True
    shop.rounds(3)
    assert len(payouts.till.refunds) == 1
    shop.around.store.accounts.clear()
    shop.rounds(60, minutes=60 if behaviour is Behaviour.LATE else 1)
    assert (shop.part.state, shop.went()) == (ends, PAID)
    assert len(payouts.till.refunds) == 1
