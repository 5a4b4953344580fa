"""Chargebacks among refunds that are under way: the marketplace pays what it is asked for, once per key, and the bank
gives what it gives. Whatever comes when, nothing is asked for twice that somebody gave."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import pytest

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.commands import Approve, PartTold, PayOut, RedirectPart, ResolvePart, RetryPart
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.errors import BatalError, Forbidden, Invalid, Refused
from chalicelib.domain.money.books import accounts_of, banks_took, given_by
from chalicelib.domain.money.chargebacks import ChargebackOf, paid_as_well, waits_for
from chalicelib.domain.money.payments import Payment, PaymentTold
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import PartState, Refund, Report, Told
from chalicelib.domain.orders.body import Line, Tender
from chalicelib.domain.orders.chargebacks import ChargebackState, ChargebackWord
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.workflow.asking import ask
from chalicelib.workflow.chargebacks import hear_of_chargeback, open_chargebacks
from chalicelib.workflow.decisions import expire, part_event, say
from chalicelib.workflow.orders import News, hear_of_payment
from chalicelib.workflow.refund_calls import call_due
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT, an_ask, an_order
from infra.sandbox.providers.till import Behaviour
from tests.domain.money_orders import EXAMPLES
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.fakes.provider_halls import hall
from tests.proofs.figures import FULL
from tests.proofs.invariants import wrong_in_books

OMS = Actor(role=Role.SYSTEM, id="oms")
OPERATOR = Actor(role=Role.OPERATOR, id="ops")
INQUIRY, OPENED, WON, LOST, WITHDRAWN = ChargebackState
CARD, BANK = 100_000, 50_000
LINES = tuple(Line(line_id=str(n), name="Kemeja", quantity=1, unit_price=50_000, category="fashion") for n in (1, 2, 3))


@dataclass
class Shop:
    """A house without executions, an order of three shirts paid by card and bank, and a marketplace that pays each key
    that it is asked for, once."""

    around: Neighbourhood = field(default_factory=lambda: a_neighbourhood(orchestrated=False))
    seen: int = 0
    asked: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    paid: dict[str, tuple[str, int]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    number: int = 0

    def __post_init__(self) -> None:
        self.around.push(an_order(lines=LINES, tenders={"card": CARD, "bank": BANK}))

    @property
    def order(self) -> Order:
        found = self.around.store.order("LZD-1")
        assert found
        return with_books(found, None)

    @property
    def cases(self) -> list[Case]:
        return [self.around.case(case_id) for case_id in self.order.cases]

    def grant(self, *lines: str) -> Case:
        wanted = dict.fromkeys(lines, 1) or None
        case = ask(self.around.ports, "LZD-1", an_ask(lines=wanted), BUDI)
        return say(self.around.ports, case.case_id, Approve(), SELLER) if case.state is State.AWAITING_SELLER else case

    def bank(self, state: ChargebackState, amount: int = CARD, **more: object) -> News:
        self.number += 1
        event_id, tender_id = str(more.pop("event_id", f"cb{self.number}")), str(more.pop("tender_id", "card"))
        word = ChargebackWord(event_id=event_id, state=state, amount=amount, at=self.around.clock(), **more)  # type: ignore[arg-type]
        told = ChargebackOf(tender_id=tender_id, word=word)
        return hear_of_chargeback(self.around.ports, "LZD-1", told, OMS)[1]

    def rounds(self, days: float = 0) -> None:
        """The sweep comes by, and what it publishes is heard."""
        for _ in range(3):
            sweep(self.around.ports)
            self.around.clock.advance(120)
        self.around.clock.advance(days * 86_400)
        for event in self.around.bus.published[self.seen :]:
            for part in event.detail["parts"] if event.name == "refund.requested" else ():
                if part["key"] not in self.failed:
                    self.asked[part["key"]] = (event.detail["case_id"], part["tender_id"], part["amount"])
        self.seen = len(self.around.bus.published)

    def report(self, case: Case, name: str, told: Told) -> None:
        assert case.refund
        self.number += 1
        report = Report(
            event_id=f"r{self.number}",
            part=name,
            told=told,
            amount=case.refund.by_name[name].amount,
            at=self.around.clock(),
        )
        part_event(self.around.ports, case.case_id, PartTold(report=report), OMS)
        self.around.clock.advance(1)


def refund(case: Case) -> Refund:
    assert case.refund
    return case.refund


def entries(shop: Shop, case: Case) -> list[Entry]:
    return list(shop.around.store.timeline(case.case_id))


def test_what_is_granted_while_a_chargeback_is_open_waits_and_goes_on_once_it_is_won() -> None:
    shop = Shop()
    shop.bank(OPENED)
    case = shop.grant()
    shop.rounds(days=30)
    shop.rounds()
    assert {tender for _, tender, _ in shop.asked.values()} == {"bank"}
    card, _ = refund(shop.around.case(case.case_id)).parts
    assert (card.state, card.withheld, card.tries) == (PartState.DUE, True, 1)
    assert not refund(shop.around.case(case.case_id)).parts[0].report
    shop.bank(WON)
    shop.rounds()
    assert ("card", CARD) in {(tender, amount) for _, tender, amount in shop.asked.values()}
    assert not refund(shop.around.case(case.case_id)).parts[0].withheld


def test_nobody_is_asked_for_what_was_promised_just_before_and_not_yet_sent() -> None:
    shop = Shop()
    shop.grant()
    shop.bank(OPENED)
    shop.rounds()
    assert {tender for _, tender, _ in shop.asked.values()} == {"bank"}
    shop.bank(WITHDRAWN)
    shop.rounds()
    assert {tender for _, tender, _ in shop.asked.values()} == {"bank", "card"}


def test_an_event_that_was_kept_back_by_an_outage_asks_only_for_what_may_go() -> None:
    shop = Shop()
    shop.grant()
    shop.around.bus.down = True
    shop.rounds()
    shop.bank(OPENED)
    shop.around.bus.down = False
    shop.around.clock.advance(7_200)
    shop.rounds()
    assert {tender for _, tender, _ in shop.asked.values()} == {"bank"}
    shop.bank(WON)
    shop.rounds()
    assert {tender for _, tender, _ in shop.asked.values()} == {"bank", "card"}


def test_what_was_sent_stands_and_is_neither_asked_again_nor_tried_anew_while_the_bank_looks() -> None:
    shop = Shop()
    case = shop.grant()
    shop.rounds()
    keys = set(shop.asked)
    assert len(keys) == 2
    shop.bank(OPENED, due_by=NOW + timedelta(days=7))
    told = [event for event in shop.around.bus.published if event.name == "order.chargeback"]
    shop.rounds()
    told = [event for event in shop.around.bus.published if event.name == "order.chargeback"]
    assert [(each.detail["waits"], [part["part"] for part in each.detail["parts"]]) for each in told] == [(True, ["1"])]
    shop.report(shop.around.case(case.case_id), "1", Told.FAILED)
    before = len(shop.around.bus.published)
    for _ in range(4):
        shop.rounds(days=10)
    later = [
        part["tender_id"]
        for event in shop.around.bus.published[before:]
        if event.name in ("refund.requested", "refund.overdue")
        for part in event.detail["parts"]
    ]
    assert "card" not in later
    assert "bank" in later
    for way in (RetryPart(part="1", note="again"), RedirectPart(part="1", note="else")):
        with pytest.raises(Refused) as refused:
            say(shop.around.ports, case.case_id, way, SUPPORT)
        assert refused.value.code == "part_frozen"
    say(shop.around.ports, case.case_id, ResolvePart(part="1", reference="TF-1", note="by hand"), SUPPORT)
    assert refund(shop.around.case(case.case_id)).parts[0].state is PartState.PAID


def test_what_was_lost_closes_parts_that_did_not_go() -> None:
    shop = Shop()
    shop.bank(OPENED)
    case = shop.grant()
    shop.rounds()
    shop.report(shop.around.case(case.case_id), "2", Told.SUCCEEDED)
    assert shop.around.case(case.case_id).state is State.REFUNDING
    shop.bank(LOST)
    after = shop.around.case(case.case_id)
    assert (after.state, after.outcome) == (State.CLOSED, Outcome.CANCELLED)
    assert [part.state for part in refund(after).parts] == [PartState.CHARGED_BACK, PartState.PAID]
    assert (refund(after).total, refund(after).charged_back) == (BANK, CARD)
    assert shop.order.open_case is None
    assert wrong_in_books(shop.order, [refund(after)]) == []
    shop.rounds(days=60)
    assert {tender for _, tender, _ in shop.asked.values()} == {"bank"}


def test_a_part_of_what_was_promised_goes_on_where_the_bank_gave_less() -> None:
    shop = Shop()
    case = shop.grant()
    shop.rounds()
    shop.report(shop.around.case(case.case_id), "1", Told.FAILED)
    shop.bank(LOST, 30_000)
    after = refund(shop.around.case(case.case_id))
    assert [(part.amount, part.state, part.tries) for part in after.parts] == [
        (70_000, PartState.DUE, 2),
        (BANK, PartState.DUE, 1),
        (30_000, PartState.CHARGED_BACK, 1),
    ]
    shop.rounds()
    assert ("card", 70_000) in {(tender, amount) for _, tender, amount in shop.asked.values()}
    assert wrong_in_books(shop.order, [after]) == []


def test_what_may_have_gone_as_well_is_for_a_person_and_settles_once_it_is_known_to_have_failed() -> None:
    shop = Shop()
    case = shop.grant()
    shop.rounds()
    shop.bank(LOST)
    assert paid_as_well(shop.order) == {"card": CARD}
    assert list(waits_for(shop.order)) == ["card"]
    for _ in range(3):
        shop.rounds(days=10)
    assert len(shop.asked) == 2, "nobody is asked again by another key"
    shop.report(shop.around.case(case.case_id), "1", Told.FAILED)
    assert refund(shop.around.case(case.case_id)).parts[0].state is PartState.CHARGED_BACK
    assert paid_as_well(shop.order) == {}


def test_what_had_gone_already_is_seen_and_never_paid_again() -> None:
    shop = Shop()
    case = shop.grant()
    shop.rounds()
    for name in ("1", "2"):
        shop.report(shop.around.case(case.case_id), name, Told.SUCCEEDED)
    shop.bank(LOST)
    assert paid_as_well(shop.order) == {"card": CARD}
    assert given_by(shop.order) == {"card": 0, "bank": 0}
    assert shop.around.case(case.case_id).state is State.CLOSED
    # It comes back: then it is what the bank gave.
    shop.report(shop.around.case(case.case_id), "1", Told.REVERSED)
    assert refund(shop.around.case(case.case_id)).parts[0].state is PartState.CHARGED_BACK
    assert (paid_as_well(shop.order), given_by(shop.order)) == ({}, {"card": CARD, "bank": 0})


def test_what_the_bank_gave_lowers_a_request_that_is_open_and_both_sides_hear_of_it() -> None:
    shop = Shop()
    case = ask(shop.around.ports, "LZD-1", an_ask(), BUDI)
    shop.bank(LOST, CARD)
    after = shop.around.case(case.case_id)
    assert (after.quote.refund_total, entries(shop, after)[-1].command) == (BANK, "amended")
    granted = say(shop.around.ports, case.case_id, Approve(), SELLER)
    assert [(part.tender_id, part.amount) for part in refund(granted).parts] == [("bank", BANK)]


def test_every_word_is_heard_once_by_each_case_whatever_is_told_again() -> None:
    shop = Shop()
    first, second = shop.grant("1"), None
    shop.rounds()
    assert shop.bank(OPENED, event_id="same") is News.APPLIED
    count = len(entries(shop, first))
    assert shop.bank(OPENED, event_id="same") is News.OLD
    assert len(entries(shop, first)) == count
    assert second is None
    with pytest.raises(Invalid):
        shop.bank(OPENED, 1, event_id="same")


def test_cases_follow_when_a_word_comes_again_after_a_crash_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    shop.bank(OPENED)
    case = shop.grant()
    with monkeypatch.context() as away:
        away.setattr("chalicelib.workflow.chargebacks.decide", lambda *args, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shop.bank(LOST, event_id="lost")
    assert refund(shop.around.case(case.case_id)).parts[0].withheld
    assert paid_as_well(shop.order) == {"card": CARD}
    assert shop.bank(LOST, event_id="lost") is News.OLD
    assert refund(shop.around.case(case.case_id)).parts[0].state is PartState.CHARGED_BACK


@pytest.mark.parametrize(("ends", "becomes"), [(LOST, PartState.CHARGED_BACK), (WON, PartState.DUE)])
def test_the_clock_mends_what_no_word_does(
    monkeypatch: pytest.MonkeyPatch, ends: ChargebackState, becomes: PartState
) -> None:
    shop = Shop()
    shop.bank(OPENED)
    case = shop.grant()
    monkeypatch.setattr("chalicelib.workflow.chargebacks.decide", lambda *args, **more: None)
    shop.bank(ends)
    shop.rounds(days=30)
    expire(shop.around.ports, case.case_id)
    card = refund(shop.around.case(case.case_id)).parts[0]
    assert (card.state, card.withheld) == (becomes, False)
    shop.rounds()
    assert ("card" in {tender for _, tender, _ in shop.asked.values()}) is (ends is WON)


def test_only_systems_tell_and_only_of_orders_that_there_are() -> None:
    shop = Shop()
    told = ChargebackOf(tender_id="card", word=ChargebackWord(event_id="e", state=OPENED, amount=1))
    for actor in (BUDI, SELLER, SUPPORT, OPERATOR):
        with pytest.raises(Forbidden):
            hear_of_chargeback(shop.around.ports, "LZD-1", told, actor)
    # The order's own word may still be on its way: it is said again, not given up.
    with pytest.raises(Refused) as refused:
        hear_of_chargeback(shop.around.ports, "LZD-9", told, OMS)
    assert refused.value.code == "order_unknown_yet"


def test_operators_see_what_banks_want_answered_the_nearest_day_first() -> None:
    shop = Shop()
    days = {"A": 9, "B": 2, "C": None, "D": 5}
    for name, day in days.items():
        shop.around.push(an_order(order_id=name, tenders={"card": 150_000}))
        due_by = NOW + timedelta(days=day) if day else None
        word = ChargebackWord(event_id=name, state=INQUIRY if name == "B" else OPENED, amount=1, due_by=due_by)
        hear_of_chargeback(shop.around.ports, name, ChargebackOf(tender_id="card", word=word), OMS)
    word = ChargebackWord(event_id="won", state=WON, amount=1)
    hear_of_chargeback(shop.around.ports, "D", ChargebackOf(tender_id="card", word=word), OMS)
    found = open_chargebacks(shop.around.ports, OPERATOR, 10)
    assert [order.order_id for order in found.items] == ["B", "A", "C"]
    with pytest.raises(Forbidden):
        open_chargebacks(shop.around.ports, SUPPORT, 10)


def by_provider(ends: ChargebackState, amount: int, behaviour: Behaviour = Behaviour.NORMAL) -> tuple[int, list[str]]:
    """A chargeback that is opened once the provider is about to be asked; what went there in the end, and the parts."""
    with hall("stripe") as made:
        made.till.behaviour = behaviour
        around = a_neighbourhood()
        made.clock.at = around.clock()
        paid = made.pay(amount=150_000, ago=timedelta(hours=20))
        tender = Tender(
            method=Method.CARD, amount=150_000, provider="stripe", references={"payment_intent": paid.names[0]}
        )
        around.ports = replace(around.ports, provider_names=frozenset({"stripe"}), providers={"stripe": made.provider})
        around.push(an_order(tenders=(tender,)))
        case = ask(around.ports, "LZD-1", an_ask(), BUDI)
        say(around.ports, case.case_id, Approve(), SELLER)
        around.clock.advance(100)
        sweep(around.ports)  # the call is written down
        shop = Shop.__new__(Shop)
        shop.around, shop.number = around, 0
        shop.bank(OPENED, 150_000)

        def rounds(count: int) -> None:
            for _ in range(count):
                call_due(around.ports)
                sweep(around.ports)
                around.clock.advance(3_600)
                made.clock.at = around.clock()

        rounds(30)
        made.fake.catch_up()
        assert sum(each.amount for each in made.till.ledger) == 0, "nothing is sent while the bank looks"
        shop.bank(ends, amount)
        rounds(60)
        made.fake.catch_up()
        parts = [f"{part.state} {part.amount}" for part in refund(around.case(case.case_id)).parts]
        return sum(each.amount for each in made.till.ledger), parts


@pytest.mark.parametrize(
    ("ends", "amount", "went", "parts"),
    [
        (WON, 150_000, 150_000, ["paid 150000"]),
        (LOST, 150_000, 0, ["charged_back 150000"]),
        (LOST, 50_000, 100_000, ["paid 100000", "charged_back 50000"]),
    ],
)
def test_a_provider_is_not_asked_while_the_bank_looks_and_only_for_what_is_left_after(
    ends: ChargebackState, amount: int, went: int, parts: list[str]
) -> None:
    assert by_provider(ends, amount) == (went, parts)


@dataclass
class History:
    """Anything in any order, by dice, with real money: what the marketplace paid, by key, and what banks gave."""

    dice: Random
    shop: Shop = field(default_factory=Shop)
    # What had been paid, or may have been, before the bank last gave money, by tender.
    before_lost: dict[str, int] = field(default_factory=dict)
    acts: list[str] = field(default_factory=list)

    def grants(self) -> None:
        lines = self.dice.choice(("1", "2", "12", "123"))
        try:
            self.shop.grant(*lines)
        except BatalError as refused:
            self.acts.append(refused.code)

    def banks(self) -> None:
        state = self.dice.choice((OPENED, OPENED, LOST, LOST, WON, WITHDRAWN, INQUIRY))
        tender_id = self.dice.choice(("card", "card", "bank"))
        amount, before = self.dice.choice((1, 30_000, 50_000, CARD)), self._committed()
        took = banks_took(self.shop.order)
        try:
            self.shop.bank(state, amount, tender_id=tender_id)
        except Invalid as refused:
            self.acts.append(refused.code)
            return
        self.acts.append(f"{state} {tender_id} {amount}")
        if banks_took(self.shop.order) != took:
            self.before_lost[tender_id] = before[tender_id]

    def time_passes(self) -> None:
        self.shop.rounds(self.dice.choice((0.0, 4.0)))
        self.shop.rounds()

    def market_does_what_it_was_asked(self) -> None:
        """Pays a key, once, and tells, or tells later; or says that it failed."""
        for case_id, name in self._open():
            case = self.shop.around.case(case_id)
            key = refund(case).key_of(name)
            if name not in refund(case).open_parts or key not in self.shop.asked:
                continue
            does = self.dice.choice(("pays", "fails", "fails", "pays quietly", "nothing"))
            if key in self.shop.paid:
                self.shop.report(case, name, Told.SUCCEEDED)
            elif does == "fails":
                # Whoever says that it failed does not pay it later, however often they are asked under that key.
                del self.shop.asked[key]
                self.shop.failed.add(key)
                self.shop.report(case, name, Told.FAILED)
            elif does != "nothing":
                _, tender_id, amount = self.shop.asked[key]
                self.shop.paid[key] = (tender_id, amount)
                if does == "pays":
                    self.shop.report(case, name, Told.SUCCEEDED)
            self.acts.append(f"{does} {key}")

    def people_retry(self) -> None:
        for case_id, name in self._open():
            try:
                say(self.shop.around.ports, case_id, RetryPart(part=name, note="again"), SUPPORT)
            except Refused as refused:
                self.acts.append(refused.code)

    def more_is_collected(self) -> None:
        told = PaymentTold(tender_id="card", payment=Payment.COLLECTED, amount=150_000, at=self.shop.around.clock())
        hear_of_payment(self.shop.around.ports, "LZD-1", told, OMS)

    def goes_on(self) -> None:
        """One thing after another; what must hold holds after each."""
        often = (self.grants, self.banks, self.time_passes, self.market_does_what_it_was_asked, self.people_retry)
        act = self.dice.choice((*often, *often, *often, self.more_is_collected))
        self.acts.append(act.__name__)
        act()
        if self.dice.random() < 0.5:
            self.shop.rounds()
        self._check()

    def _open(self) -> list[tuple[str, str]]:
        return [(case.case_id, name) for case in self.shop.cases if case.refund for name in case.refund.open_parts]

    def _committed(self) -> Counter[str]:
        """What was paid, or may be by a key that is out, by tender."""
        found: Counter[str] = Counter()
        for tender_id, amount in self.shop.paid.values():
            found[tender_id] += amount
        for key, (_, tender_id, amount) in self.shop.asked.items():
            found[tender_id] += 0 if key in self.shop.paid else amount
        return found

    def _check(self) -> None:
        order, paid, told = self.shop.order, Counter[str](), "\n".join(self.acts)
        assert wrong_in_books(order, [case.refund for case in self.shop.cases if case.refund]) == [], told
        given = given_by(order)
        for tender_id, account in accounts_of(order).items():
            assert account.taken + given[tender_id] <= account.collected, f"{tender_id} gives more than it got\n{told}"
        for tender_id, amount in self.shop.paid.values():
            paid[tender_id] += amount
        # What was out before the bank gave money is out; whatever went after that fits into what was collected.
        for tender_id, took in banks_took(order).items():
            most = max(self.before_lost.get(tender_id, 0), accounts_of(order)[tender_id].collected - took)
            assert paid[tender_id] <= most, f"{tender_id} left twice\n{told}"


@pytest.mark.parametrize("first", range(0, max(EXAMPLES // 20, 40 if FULL else 20), 10))
def test_whatever_banks_and_people_do_no_money_leaves_twice(first: int) -> None:
    for seed in range(first, first + 10):
        history = History(Random(seed))
        for _ in range(20):
            history.goes_on()


def test_no_account_is_asked_for_or_taken_for_money_that_waits_for_a_bank() -> None:
    around = a_neighbourhood(orchestrated=False)
    around.push(an_order(tenders={"virtual_account": 150_000}))
    shop = Shop.__new__(Shop)
    shop.around, shop.number = around, 0
    case = ask(around.ports, "LZD-1", an_ask(), BUDI)
    case = say(around.ports, case.case_id, Approve(), SELLER)
    around.clock.advance(120)
    sweep(around.ports)
    report = Report(event_id="shut", part="1", told=Told.FAILED, amount=150_000, at=around.clock(), code="no_way_back")
    part_event(around.ports, case.case_id, PartTold(report=report), OMS)
    assert refund(around.case(case.case_id)).parts[0].state is PartState.NEEDS_ACCOUNT
    around.clock.advance(120)
    sweep(around.ports)
    shop.bank(OPENED, 150_000, tender_id="virtual_account")
    with pytest.raises(Refused) as refused:
        say(around.ports, case.case_id, PayOut(account=None), BUDI)
    assert refused.value.code == "part_frozen"
    asked = around.outbox.kinds.count("account_wanted:buyer")
    assert asked == 1
    around.clock.advance(30 * 86_400)
    expire(around.ports, case.case_id)
    sweep(around.ports)
    assert around.outbox.kinds.count("account_wanted:buyer") == asked
    shop.bank(LOST, 150_000, tender_id="virtual_account")
    assert refund(around.case(case.case_id)).parts[0].state is PartState.CHARGED_BACK
    assert around.case(case.case_id).state is State.CLOSED
