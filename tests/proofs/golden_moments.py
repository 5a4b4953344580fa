"""The moments of a deploy that golden files hold, each reached by real steps. What stands here once is never changed:
its file could not be written again. New moments are a set, and a file, of their own.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.choices import Alternative, Channel, GoodsFault, ParcelWay, ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Appeal,
    Approve,
    Claim,
    ContestGoods,
    Extend,
    GoodsReceived,
    MakeOffer,
    ParcelAnswered,
    PartTold,
    RedirectPart,
    RefundFailed,
    RefundSucceeded,
    Reject,
    Reopen,
    ReturnLabel,
    Said,
    SettleParcel,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.effects import Mail, MailKind, Promise, encode
from chalicelib.domain.cases.mail_fates import Fate
from chalicelib.domain.cases.webhooks import Reply as Posted
from chalicelib.domain.jobs import Exported
from chalicelib.domain.money.chargebacks import ChargebackOf
from chalicelib.domain.money.goodwill import Gesture
from chalicelib.domain.money.payments import Payment, PaymentTold
from chalicelib.domain.money.payout import bank_account
from chalicelib.domain.money.providers import Shut
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.orders.body import (
    Charge,
    Discount,
    Funding,
    Line,
    LineDiscount,
    Package,
    Person,
    Pieces,
    Reach,
    Relation,
    Scope,
    Tender,
)
from chalicelib.domain.orders.chargebacks import ChargebackState, ChargebackWord
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import due_of
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import Why
from chalicelib.domain.people.retention import Times
from chalicelib.domain.policies.learning import Learning
from chalicelib.domain.policies.policy import MoneyBack, ParcelMoves
from chalicelib.domain.policies.reasons import GivenFor, Kind, RefusingReason
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.seller_rules import SellerRule
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.policies.urgency import Urge, UrgeBy
from chalicelib.edge.moving import workers
from chalicelib.workflow import (
    chargebacks,
    claims,
    decisions,
    erasing,
    exporting,
    goodwill,
    mail_stops,
    orders,
    payouts,
    policies,
    replies,
    retaining,
    rounds,
    seller_rules,
    simulating,
    telling,
    threads,
    webhooks,
)
from chalicelib.workflow import evidence as files
from infra import references
from infra.sandbox.builders import BUDI, NOW, OPERATOR, SELLER, SUPPORT, SYSTEM, a_policy
from tests.fakes.ports import Listener
from tests.proofs.over_http import Reply, request
from tests.proofs.scenarios import DAY, ORDER, TWO_LINES, Step, ask, asking_for, other_phone, pump, say, sweeping, wait
from tests.proofs.world import ProofWorld

Moments = Mapping[str, tuple[Mapping[str, Any], tuple[Step, ...]]]


def latest(world: ProofWorld) -> str:
    """The latest case of the order."""
    order = world.store.order(ORDER)
    assert order
    return order.cases[-1]


@cache
def answer(said: Said, actor: Actor = SELLER) -> Step:
    """What somebody says to the latest case of the order."""
    return lambda world: decisions.say(world.ports, latest(world), said, actor)


@cache
def provider(event_id: str, amount: int, *, succeeded: bool = True) -> Step:
    """The payment provider's word about the refund."""
    said = (RefundSucceeded if succeeded else RefundFailed)(event_id=event_id, amount=amount)
    return lambda world: decisions.refund_event(world.ports, latest(world), said, SYSTEM)


def parcel_left(world: ProofWorld) -> Any:
    news = StatusPush(
        status=OrderStatus.SHIPPED, version=2, at=NOW + timedelta(minutes=2), tracking_number="JNE-7", carrier="JNE"
    )
    return orders.change_status(world.ports, ORDER, news, SYSTEM)


def operator_keeps(**changes: Any) -> Step:
    """The operator keeps the next version of the profile."""
    return lambda world: policies.publish_policy(
        world.ports, OPERATOR, a_policy(version=policies.next_version(world.ports, "lazada"), **changes)
    )


def seller_keeps(*rules: SellerRule) -> Step:
    return lambda world: seller_rules.save_seller_rules(world.ports, SELLER, SELLER.id, rules)


def down(*services: str) -> Step:
    """From here on these services refuse everything."""

    def step(world: ProofWorld) -> None:
        world.services.mood = lambda service, given: "down" if service in services else "well"

    return step


def until_parked(world: ProofWorld) -> None:
    """Sweeps come by until whatever fails was tried often enough."""
    for _ in range(world.ports.pace.max_tries):
        world.clock.advance(2_000)
        world.sweep()


def write_before(world: ProofWorld) -> Any:
    return threads.write_on_order(world.ports, ORDER, "Bisa dibatalkan?", BUDI)


def write_later(text: str, actor: Actor) -> Step:
    def step(world: ProofWorld) -> Any:
        world.clock.advance(10)
        return threads.write_on_case(world.ports, latest(world), text, actor)

    return step


def show(filename: str, content_type: str, size: int, actor: Actor) -> Step:
    return lambda world: files.announce_evidence(world.ports, latest(world), filename, content_type, size, actor)


def give_more_time(world: ProofWorld) -> Any:
    """Two days more, until Friday."""
    until = NOW + timedelta(days=4)
    return decisions.say(world.ports, latest(world), Extend(until=until, note="holiday"), SUPPORT)


def stop_budi(world: ProofWorld) -> None:
    mail_stops.stop(world.ports, ["Budi@example.com"], Why.BOUNCE, None)


def told_shipped(world: ProofWorld) -> Any:
    """The order system says again what is long past."""
    news = StatusPush(status=OrderStatus.SHIPPED, version=9, at=NOW + timedelta(minutes=2))
    return orders.change_status(world.ports, ORDER, news, SYSTEM)


ASKED = {"channel": "web", "accept_terms": True, "reason_code": "wrong_size"}


def ask_over_http(world: ProofWorld, key: str = "tap-1", **changes: Any) -> Reply:
    """Budi taps the button; told again it is one request."""
    route = "/v1/orders/{order_id}/cancellations"
    return request(world, BUDI, "POST", route, ASKED | changes, key=key, order_id=ORDER)


def answer_by_mail(world: ProofWorld) -> Any:
    """The seller answers to our mail. Told again it is one message."""
    reply = replies.Reply(
        received_as="mail-1", case_id=latest(world), role=Role.SELLER, sender="toko-baju@example.com", text="Belum."
    )
    return replies.take_reply(world.ports, reply)


CONTACT = {"channel": "phone", "address": "+62 21 500 123", "checked_at": "2026-11-20T00:00:00Z", "platform": "lazada"}


def keep_contacts(world: ProofWorld) -> Any:
    return request(world, OPERATOR, "PUT", "/v1/support/contacts", {"items": [CONTACT]})


YES, NO = answer(Approve()), answer(Reject(reason_code=RefusingReason.ALREADY_PACKED))
CARD = {"tenders": {"card": 150_000}}
DEAR = {"lines": (Line(line_id="1", name="Kamera", quantity=1, unit_price=6_000_000),)}
PARTS = {"lines": TWO_LINES, "shipping_fee": 10_000}
MIXED = {"tenders": {"voucher": 20_000, "coins": 10_000, "wallet": 40_000, "card": 80_000}}
WITH_CASH = {"status": "delivered", "tenders": {"voucher": 30_000, "coins": 20_000, "cod": 100_000}}
RETURN = asking_for(kind=Kind.RETURN, reason_code="damaged")
SENT_BACK = answer(ShippedBack(tracking_number="JNE-1", carrier="JNE"), BUDI)
BY_PHONE = asking_for(SUPPORT, channel=Channel.PHONE, on_behalf_of="budi", comment="called us")
CHEAP = SellerRule(
    name="Murah", reasons=("wrong_size", "changed_mind"), at_most=200_000, within=Span(amount=3, unit="days")
)
DRY = SellerRule(name="Semua mode", categories=("fashion",), dry=True)

# Released with 0.1.0. name: (the order, the steps up to the moment of the deploy)
MOMENTS: Moments = {
    "awaiting_seller": ({}, (ask, pump)),
    "awaiting_seller, nothing paid yet": ({}, (ask,)),
    "awaiting_support": ({}, (ask, pump, wait(86_403), pump)),
    "refunding": ({"tenders": {"card": 150_000}}, (ask, pump, say(Approve()), pump)),
    "closed": ({}, (ask, pump, say(Reject(reason_code=RefusingReason.ALREADY_PACKED)), pump)),
    "instantly cancelled": ({"status": "placed", "placed_at": NOW - timedelta(minutes=5)}, (ask, pump)),
    "decided by support": (
        {},
        (ask, pump, wait(86_403), pump, say(Approve(note="seller is silent"), SUPPORT), pump),
    ),
}

# What the first file lacks.
MORE: Moments = {
    # offers
    "a fee is offered": ({}, (ask, pump, answer(MakeOffer(fee=10_000, comment="Ongkos")), pump)),
    "an alternative is offered": (
        {},
        (ask, pump, answer(MakeOffer(alternative=Alternative.CHANGE_VARIANT)), pump),
    ),
    "settled": (
        {},
        (
            ask,
            pump,
            answer(MakeOffer(alternative=Alternative.CHANGE_VARIANT)),
            pump,
            answer(AcceptOffer(), BUDI),
            pump,
        ),
    ),
    # goods that come back
    "a return to be sent": ({"status": "delivered"}, (RETURN, pump, YES, pump)),
    "a return on its way": ({"status": "delivered"}, (RETURN, pump, YES, pump, wait(DAY), SENT_BACK, pump)),
    "a parcel called back": (
        {"status": "shipped"},
        (operator_keeps(money_back=MoneyBack.ON_RECEIPT), ask, pump, YES, pump),
    ),
    "a parcel to be intercepted": (
        {"status": "shipped"},
        (operator_keeps(money_back=MoneyBack.ON_INTERCEPTION), ask, pump, YES, pump),
    ),
    "the parcel is held": ({}, (ask, pump, answer(ParcelAnswered(word=ParcelWord.HELD), SYSTEM))),
    "the parcel left meanwhile": ({}, (ask, pump, parcel_left, pump)),
    # a part, and another
    "a part is cancelled, another is asked for": (
        PARTS,
        (asking_for(lines={"2": 1}), pump, YES, pump, wait(60), asking_for(lines={"1": 1}), pump),
    ),
    # money
    "mixed tenders, a provider owes the rest": (MIXED, (ask, pump, YES, pump)),
    "mixed tenders with cash, returned": (
        WITH_CASH,
        (RETURN, pump, YES, pump, SENT_BACK, pump, answer(GoodsReceived()), pump),
    ),
    "a refund failed": (CARD, (ask, pump, YES, pump, provider("e1", 150_000, succeeded=False), pump)),
    "a refund is overdue": (CARD, (ask, pump, YES, pump, wait(3 * 86_400 + 3), pump)),
    "a refund is recalled": (CARD, (ask, pump, YES, parcel_left, pump)),
    "the parcel left after the money": (CARD, (ask, pump, YES, pump, parcel_left, pump)),
    # customer service
    "a first yes": (DEAR, (ask, pump, answer(Approve(note="first"), SUPPORT), pump)),
    "claimed, with more time": (
        {},
        (ask, pump, wait(86_403), pump, answer(Claim(note="mine"), SUPPORT), give_more_time, pump),
    ),
    "asked by phone": ({}, (BY_PHONE, pump)),
    # a second run
    "appealed": ({}, (ask, pump, NO, pump, wait(60), answer(Appeal(comment="not packed at all"), BUDI), pump)),
    "reopened": (
        {},
        (
            ask,
            pump,
            answer(Withdraw(), BUDI),
            pump,
            wait(60),
            answer(Reopen(note="asked to"), SUPPORT),
            pump,
        ),
    ),
    # other ends
    "withdrawn": ({}, (ask, pump, answer(Withdraw(), BUDI), pump)),
    "overtaken": ({}, (operator_keeps(parcel_moves=ParcelMoves.END), ask, pump, parcel_left, pump)),
    "expired": ({}, (ask, pump, wait(86_403), pump, wait(2 * 86_400 + 3), pump)),
    # what is owed
    "approved, nothing paid yet": ({}, (ask, pump, YES)),
    "approved, nobody woken": ({}, (ask, pump, down("sfn"), YES)),
    "mails parked, open": ({}, (down("sesv2"), ask, pump, until_parked)),
    "events parked, closed": ({}, (ask, pump, down("eventbridge"), NO, pump, until_parked)),
    "mails tried twice": ({}, (down("sesv2"), ask, pump, wait(31), sweeping)),
    "events tried once, refunding": (CARD, (ask, pump, down("eventbridge"), YES, pump)),
    # what people wrote
    "a message before any case": ({}, (write_before,)),
    "messages and evidence": (
        {},
        (
            write_before,
            wait(10),
            ask,
            pump,
            write_later("Salah ukuran, maaf.", BUDI),
            write_later("Sudah dikemas?", SUPPORT),
            show("struk belanja.jpg", "image/jpeg", 48_213, BUDI),
            wait(1),
            show("foto.png", "image/png", 1_024, SELLER),
        ),
    ),
    "an answer by mail": ({}, (ask, pump, wait(10), answer_by_mail)),
    "an answered key": ({}, (ask_over_http, pump)),
    # settings
    "granted by a rule of the seller": ({}, (seller_keeps(CHEAP, DRY), ask, pump)),
    "a dry rule of the seller": ({}, (seller_keeps(DRY), ask, pump)),
    "an operator's own policy": (
        {},
        (operator_keeps(if_silent="approve"), ask, pump, operator_keeps(if_silent="expire"), keep_contacts),
    ),
    "a mail stop": ({}, (stop_budi, ask, pump)),
}


def case_left(world: ProofWorld) -> Case | None:
    """The latest case, if there is one yet."""
    order = world.store.order(ORDER)
    return world.case(order.cases[-1]) if order and order.cases else None


def until_held(world: ProofWorld) -> None:
    """Mail and bus stay away until everything was given up."""
    for _ in range(world.ports.pace.max_tries + 4):
        world.clock.advance(3_700)
        world.sweep()


AWAY = down("sesv2", "eventbridge")
FEE, TAKES = answer(MakeOffer(fee=10_000)), answer(AcceptOffer(), BUDI)

# What 0.2.0 brought: agreements that last, parcels that leave late, effects that are held and listed.
NEXT: Moments = {
    "agreed, but the parcel had moved": ({}, (ask, pump, parcel_left, pump, YES, pump)),
    "a fee agreed, but the parcel had moved": ({}, (ask, pump, parcel_left, pump, FEE, pump, TAKES, pump)),
    "a late parcel": ({}, (ask, pump, YES, pump, parcel_left, pump)),
    "a late parcel, called back": (
        {},
        (ask, pump, YES, pump, parcel_left, pump, answer(SettleParcel(way=ParcelWay.RECALL, note="seen"), SUPPORT)),
    ),
    "an attempt given back": ({}, (operator_keeps(if_silent="expire"), ask, pump, wait(86_403), pump)),
    "an offer not answered": ({}, (ask, pump, FEE, pump, wait(86_403), pump)),
    "everything held, closed": ({}, (AWAY, ask, pump, YES, pump, until_held)),
    "told again from further back": ({"status": "delivered"}, (RETURN, pump, told_shipped)),
}

BROKEN = answer(ContestGoods(fault=GoodsFault.DAMAGED, comment="Lensanya retak"))
LESS = answer(Approve(deduction=1_000_000, note="seen"), SUPPORT)
HERE = answer(ParcelAnswered(word=ParcelWord.DELIVERED), SYSTEM)
LABEL = answer(ReturnLabel(pickup_code="JNE-4711", address="Gudang, Bandung"), SYSTEM)
RETURNING = (RETURN, pump, YES, pump, SENT_BACK, pump)

# More than fit beside what serialises an order.
MANY = tuple(Line(line_id=f"{n}", name=f"Kain batik tulis nomor {n}", quantity=2, unit_price=50_000) for n in range(60))

# What 0.3.0 brought: goods that are seen before they are paid, and rows whose long bodies lie apart.
SEEN: Moments = {
    "goods that nobody saw yet": ({"status": "delivered"}, RETURNING),
    "goods that arrived": ({"status": "delivered"}, (*RETURNING, HERE, pump)),
    "goods that are contested": ({"status": "delivered"}, (*RETURNING, BROKEN, pump)),
    "a first yes to less": ({"status": "delivered", **DEAR}, (*RETURNING, BROKEN, pump, LESS, pump)),
    "of many lines, one is asked for": ({"lines": MANY}, (asking_for(lines={"7": 1}), pump)),
    "a return with a label": ({"status": "delivered"}, (RETURN, pump, YES, pump, LABEL, pump)),
}

# A shirt with a gift, with facts of its own; a charge that stays and one that goes; shipping that somebody else paid.
TOLD_FACTS: Mapping[str, Any] = {
    "lines": (
        Line(
            line_id="gid://toko/1 %#",
            name="Kemeja",
            quantity=2,
            unit_price=50_000,
            discounts=(LineDiscount(code="HEMAT", amount=5_000, funded_by=Funding.BRAND),),
            tax=3_000,
        ),
        Line(
            line_id="hadiah",
            name="Gantungan kunci",
            quantity=2,
            unit_price=10_000,
            discounts=(LineDiscount(code="HADIAH", amount=20_000, funded_by=Funding.PLATFORM),),
            parent_line_id="gid://toko/1 %#",
            relation=Relation.GIFT,
        ),
    ),
    "shipping_fee": 10_000,
    "discounts": (
        Discount(code="ONGKIR", amount=10_000, funded_by={Funding.SELLER: 1, Funding.BANK: 1}, scope=Scope.SHIPPING),
    ),
    "charges": (
        Charge(kind="gift_wrap", amount=2_000, line_id="gid://toko/1 %#"),
        Charge(kind="insurance", amount=1_000, refundable=False),
    ),
    "display_id": "INV/2026/XI/7",
}
MASKED = Person(id="budi", name="", email="****oo@toko.example", contact=Reach.MASKED)


def gave_elsewhere(amount: int) -> Step:
    """The marketplace says that it gave back so much itself."""
    told = PaymentTold(tender_id="wallet", payment=Payment.REFUNDED, amount=amount, at=NOW)
    return lambda world: orders.hear_of_payment(world.ports, ORDER, told, SYSTEM)


def masked(world: ProofWorld) -> Any:
    """The order system has no address of the buyer's any more."""
    order = world.store.order(ORDER)
    assert order
    return orders.upsert(world.ports, replace(order.body, version=7, buyer=MASKED), SYSTEM)


def cancelled_by_platform(world: ProofWorld) -> Any:
    news = StatusPush(
        status=OrderStatus.CANCELLED, version=2, at=NOW + timedelta(minutes=2), cancel_reason="out_of_stock"
    )
    return orders.change_status(world.ports, ORDER, news, SYSTEM)


IN_PARCELS: Mapping[str, Any] = {
    "lines": TWO_LINES,
    "packages": tuple(
        Package(
            package_id=f"P{line.line_id}",
            status=OrderStatus.READY_TO_SHIP,
            lines=(Pieces(line_id=line.line_id, quantity=line.quantity),),
            carrier="JNE",
        )
        for line in TWO_LINES
    ),
}


@cache
def parcel_word(package_id: str, status: str) -> Step:
    """A word about one parcel, of a platform that has no versions."""
    at = NOW + timedelta(minutes=2)
    news = StatusPush(
        status=OrderStatus(status), event_id="e1", at=at, package_id=package_id, tracking_number=f"JNE-{package_id}"
    )
    return lambda world: orders.change_status(world.ports, ORDER, news, SYSTEM)


def claimed(world: ProofWorld) -> Any:
    return claims.claim(world.ports, ORDER, "c1", "P2", SYSTEM)


THE_OTHER = asking_for(lines={"2": 1})
BATAL_PAYS = operator_keeps(cancelled_elsewhere="batal_pays")
NEVER_CAME = asking_for(kind=Kind.RETURN, reason_code="not_received")

# What 0.4.0 brought: orders as platforms send them.
TOLD: Moments = {
    "of a set with a gift a part is asked for": (TOLD_FACTS, (asking_for(lines={"gid://toko/1 %#": 1}), pump)),
    "something was given elsewhere": ({}, (ask, pump, gave_elsewhere(20_000), pump)),
    "given elsewhere, and agreed": ({}, (gave_elsewhere(20_000), ask, pump, parcel_left, pump, YES, pump)),
    "a correction waits for its provider": (CARD, (BATAL_PAYS, cancelled_by_platform, pump)),
    "goods never came": ({"status": "delivered"}, (NEVER_CAME, pump)),
    "of two parcels one left, the other is asked for": (IN_PARCELS, (parcel_word("P1", "shipped"), THE_OTHER, pump)),
    "a part is asked for that a warehouse has claimed": (IN_PARCELS, (claimed, THE_OTHER, pump)),
    "nobody can be written to": ({}, (ask, pump, masked, AWAY, YES)),
}


def told_anew(*lines: Line, version: int = 7) -> Step:
    """The order system tells the order with these lines, paid by what they come to."""

    def step(world: ProofWorld) -> Any:
        order = world.store.order(ORDER)
        assert order
        body = replace(order.body, version=version, lines=lines, tenders=())
        (paid_by,) = order.body.tenders[:1]
        tenders = (replace(paid_by, amount=due_of(body)),)
        return orders.upsert(world.ports, replace(body, tenders=tenders), SYSTEM)

    return step


def paid(tender_id: str, amount: int) -> Step:
    told = PaymentTold(tender_id=tender_id, payment=Payment.COLLECTED, amount=amount, at=NOW)
    return lambda world: orders.hear_of_payment(world.ports, ORDER, told, SYSTEM)


def corrected(world: ProofWorld) -> Any:
    told = PaymentTold(tender_id="wallet", payment=Payment.CORRECTED, amount=100_000, at=NOW, note="seen at the bank")
    return orders.hear_of_payment(world.ports, ORDER, told, SUPPORT)


SHIRTS = Line(line_id="1", name="Kemeja", quantity=3, unit_price=50_000)
TWO_CARDS: Mapping[str, Any] = {
    "lines": (SHIRTS,),
    "tenders": (
        Tender(method=Method.CARD, amount=90_000, tender_id="visa", channel="visa"),
        Tender(method=Method.CARD, amount=60_000, tender_id="jcb", channel="jcb"),
    ),
}
UNPAID: Mapping[str, Any] = {"status": "unpaid", "paid": False, "tenders": {"virtual_account": 150_000}}
ONE_OF_THEM = asking_for(lines={"1": 1})

# What 0.5.0 brought: an account per tender.
BOOKED: Moments = {
    "a part is gone and acknowledged, another is asked for": (
        {"lines": (SHIRTS,)},
        (ONE_OF_THEM, pump, YES, pump, told_anew(replace(SHIRTS, quantity=2)), ONE_OF_THEM, pump),
    ),
    "a request whose order was told cheaper": ({}, (ask, pump, told_anew(replace(SHIRTS, quantity=1)), pump)),
    "money came after the cancellation": (UNPAID, (ask, pump, paid("virtual_account", 150_000), pump)),
    "of two cards a part is asked for": (TWO_CARDS, (ONE_OF_THEM, pump)),
    "what was collected is corrected by one of two": ({}, (paid("wallet", 150_000), corrected, ask, pump)),
}


@cache
def part_told(part: str, told: Told, amount: int, hours: int = 1, code: str | None = None) -> Step:
    """A word about one part of the refund."""
    at = NOW + timedelta(hours=hours)
    report = Report(event_id=f"{part}-{told}", part=part, told=told, amount=amount, at=at, code=code)
    return lambda world: decisions.part_event(world.ports, latest(world), PartTold(report=report), SYSTEM)


TWO_WAYS: Mapping[str, Any] = {
    "tenders": (Tender(method=Method.CARD, amount=100_000), Tender(method=Method.BANK, amount=50_000))
}
A_LAPTOP: Mapping[str, Any] = {
    "lines": (Line(line_id="1", name="Laptop", quantity=1, unit_price=9_000_000),),
    "tenders": {"card": 9_000_000},
}
TO_WALLET = RedirectPart(part="1", note="the card is closed")
BY_VA: Mapping[str, Any] = {"tenders": {"virtual_account": 150_000}}
BY_CARD: Mapping[str, Any] = {"tenders": {"card": 150_000}}
NO_WAY_BACK = part_told("1", Told.FAILED, 150_000, code=Shut.NO_WAY_BACK)


def names_account(world: ProofWorld) -> Any:
    account = bank_account("BCA", "1234567890", "Budi Santoso")
    return payouts.name_account(world.ports, latest(world), account, None, BUDI, None)


@cache
def chargeback(state: ChargebackState) -> Step:
    """The bank says how its dispute about the card stands."""
    word = ChargebackWord(event_id=f"cb-{state}", state=state, amount=150_000)
    told = ChargebackOf(tender_id="card", word=word)
    return lambda world: chargebacks.hear_of_chargeback(world.ports, ORDER, told, SYSTEM)


# What 0.6.0 brought: each part of a refund has a life of its own.
IN_PARTS: Moments = {
    "of two parts one has gone, the other failed": (
        TWO_WAYS,
        (ask, pump, YES, pump, part_told("1", Told.FAILED, 100_000), part_told("2", Told.SUCCEEDED, 50_000), pump),
    ),
    "a part came back after its case had closed": (
        TWO_WAYS,
        (
            *(ask, pump, YES, pump),
            *(part_told("1", Told.SUCCEEDED, 100_000), part_told("2", Told.SUCCEEDED, 50_000), pump),
            *(part_told("1", Told.REVERSED, 100_000, hours=48), pump),
        ),
    ),
    "one of two people sends a part to the wallet": (
        A_LAPTOP,
        (ask, pump, YES, pump, part_told("1", Told.FAILED, 9_000_000), answer(TO_WALLET, SUPPORT), pump),
    ),
    "a part waits for its buyer's account": (BY_VA, (ask, pump, YES, pump, NO_WAY_BACK, pump)),
    "an account was named": (BY_VA, (ask, pump, YES, pump, NO_WAY_BACK, pump, names_account, pump)),
    "a bank disputes what is to go back": (BY_CARD, (ask, pump, chargeback(ChargebackState.OPENED), YES, pump)),
    "money is offered for goods that the buyer keeps": (
        {},
        (ask, pump, answer(MakeOffer(partial_refund=20_000)), pump),
    ),
}


def gives_much(world: ProofWorld, by: Actor = SUPPORT) -> Any:
    wish = Gesture(amount=6_000_000, reason=GivenFor.GOODWILL, note="scratched")
    return goodwill.give_goodwill(world.ports, ORDER, wish, by)


def erases_card_words(world: ProofWorld) -> None:
    """Somebody's name and what they bought are taken out of the card."""
    case = world.store.case(latest(world))
    assert case
    assert world.store.put_card(replace(case, words=CardWords()))


# What 0.7.0 brought: since when a case is taken, a queue of what waits for a second person, and cards of cases.
ON_THE_DESK: Moments = {
    "taken by one of customer service": (
        {},
        (ask, pump, wait(86_403), pump, answer(Claim(note="mine"), SUPPORT), pump),
    ),
    "goodwill waits for a second person": (A_LAPTOP, (gives_much,)),
    "a case has a card": ({}, (ask, pump)),
    "a closed case has a card": ({}, (ask, pump, YES, pump)),
    "a card is without words of people": ({}, (ask, pump, erases_card_words)),
}


def gets_number(world: ProofWorld) -> None:
    """A case whose id is no number is given one."""
    case = world.store.case(latest(world))
    assert case
    assert references.number_case(world.store, case)


def mail_arrives(world: ProofWorld) -> None:
    """The mail service says that the mail which asks the seller was delivered."""
    effect = encode(Promise(1, Mail(MailKind.DECISION_NEEDED, Role.SELLER)))
    mail_stops.became(world.ports, latest(world), effect, Fate.DELIVERED, world.clock(), None)


def operator_says_why(world: ProofWorld) -> Any:
    wanted = a_policy(version=policies.next_version(world.ports, "lazada"), max_attempts=9)
    return policies.publish_policy(world.ports, OPERATOR, wanted, "more tries for everybody")


def a_receiver_is_away(world: ProofWorld) -> None:
    """A webhook whose receiver does not answer, so that letters wait for it."""
    ports = replace(world.ports, receivers=Listener(answers=lambda message_id: Posted(status=503)))
    made = webhooks.create(ports, OPERATOR, "https://shop.example/hooks", ("*",), "ops@shop.example")
    webhooks.replay_since(ports, OPERATOR, made.webhook_id, world.clock() - timedelta(days=1))
    telling.tell_webhook(ports, made.webhook_id)


def moves_out(world: ProofWorld) -> Any:
    return exporting.begin(world.ports, OPERATOR, Exported.CASES)


def has_budi_erased(world: ProofWorld) -> Any:
    return erasing.begin(world.ports, OPERATOR, BUDI.id)


def jobs_go_on(world: ProofWorld) -> None:
    """Rounds come by, until whatever waits was looked at again."""
    for _ in range(2):
        world.clock.advance(17 * 60)
        rounds.go_on(world.ports, workers())


def walks_through_what_is_old(world: ProofWorld) -> Any:
    return retaining.begin_daily(world.ports, Times())


# What 0.8.0 brought: a log, what callers say and numbers of older cases, what became of a mail, who keeps a version of
# a policy, when, and why; people who are erased, and times after which everybody is.
HEARD: Moments = {
    "what was decided is in the log": ({}, (ask, pump, YES)),
    "an offer is in the log": ({}, (ask, pump, answer(MakeOffer(fee=20_000)), pump)),
    "a case promises to be found": ({}, (ask,)),
    "a case is found": ({}, (ask, pump)),
    "an open case is to be found by another phone": ({}, (ask, pump, other_phone)),
    "an open case is found by another phone": ({}, (ask, pump, other_phone, wait(91), sweeping)),
    "an older case has a number": ({}, (ask, pump, gets_number)),
    "a mail was delivered": ({}, (ask, pump, mail_arrives)),
    "a version of a policy says who kept it and why": ({}, (operator_says_why, ask, pump)),
    "letters wait for a receiver that is away": ({}, (ask, pump, a_receiver_is_away)),
    "cases are about to move out": ({}, (ask, pump, moves_out)),
    "an erased order with its case": (
        {},
        (
            *(asking_for(comment="Saya Budi, 0812 3456 7890"), pump, YES, pump, wait(91), sweeping),
            *(has_budi_erased, jobs_go_on),
        ),
    ),
    "an open erasure": ({}, (asking_for(comment="Saya Budi"), pump, has_budi_erased, jobs_go_on)),
    "a walk through old orders has begun": ({}, (ask, pump, walks_through_what_is_old)),
    "customer service took it without its name": (
        {},
        (ask, pump, wait(86_403), pump, answer(Claim(note="mine"), SUPPORT), pump),
    ),
}


# By then a seller who wants two digests a day has had one.
UNTIL_TOLD = 12 * 3_600


def seller_wants_digests(world: ProofWorld) -> Any:
    return seller_rules.save_seller_rules(world.ports, SELLER, SELLER.id, (), digest=Rhythm.TWICE_A_DAY)


def operator_urges(world: ProofWorld) -> Any:
    """A version that urges step by step, and says how odds are learned."""
    plan = (Urge(basis_points=5_000), Urge(basis_points=7_500, by=UrgeBy.MARKETPLACE))
    wanted = replace(
        a_policy(version=policies.next_version(world.ports, "lazada")),
        urgency=plan,
        learning=Learning(table_strength=4, platform_strength=12, half_life=3),
    )
    return policies.publish_policy(world.ports, OPERATOR, wanted, "urged step by step")


def tries_a_draft(world: ProofWorld) -> Any:
    """A simulation that has begun."""
    return simulating.begin(world.ports, OPERATOR, a_policy(version=9, max_attempts=9))


# What 0.9.0 brought: digests, plans of urgency, learning as policy, simulations.
URGED: Moments = {
    "a request waits for its seller's digest": ({}, (seller_wants_digests, ask, pump)),
    "a digest was told": ({}, (seller_wants_digests, ask, pump, wait(UNTIL_TOLD), sweeping)),
    "a policy urges step by step": ({}, (operator_urges, ask, pump)),
    "a draft is about to be tried": ({}, (ask, pump, tries_a_draft)),
}
