"""A specimen of every kind of mail, made by the domain itself: one case in every state that promises one.

`/sandbox/mails/kinds` shows them in every language, and the tests of the mails read the very same.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.cases.beside import Beside
from chalicelib.domain.cases.case import Case, Pending
from chalicelib.domain.cases.choices import Alternative, GoodsFault, ParcelWay, ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Amended,
    Appeal,
    Approve,
    ContestGoods,
    Correct,
    DeclineOffer,
    Expire,
    Extend,
    GoodsReceived,
    MakeOffer,
    OrderMoved,
    ParcelAnswered,
    PartTold,
    PayOut,
    RefundSucceeded,
    Reject,
    Reopen,
    ReturnLabel,
    Said,
    SettleParcel,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.corrections import correct, whole_of
from chalicelib.domain.cases.effects import Mail as MailEffect
from chalicelib.domain.cases.effects import MailKind, Promise, to_both
from chalicelib.domain.cases.goodwill import give
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.cases.steps.support import appeal_until, may_appeal_still
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.money.goodwill import Gesture
from chalicelib.domain.money.providers import Shut
from chalicelib.domain.money.quote import less_elsewhere
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.policy import (
    Answer,
    Declined,
    Elsewhere,
    MoneyBack,
    Offers,
    ParcelMoves,
    Returns,
    Silence,
)
from chalicelib.domain.policies.reasons import GivenFor, Kind, RefusingReason
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.ports import Mail
from chalicelib.mail import Links, compose
from infra.sandbox.builders import (
    BUDI,
    NO,
    NOW,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_case,
    a_context,
    a_policy,
    an_account,
    an_act,
    an_asking,
    an_order,
    outbox_of,
)

LATER = NOW + timedelta(days=30)


def said(
    case: Case,
    what: Said,
    actor: Actor = SELLER,
    *,
    by: StepContext | None = None,
    now: datetime = NOW,
    order: Order | None = None,
) -> Case:
    """The case after somebody said something; `order` is the one that it is about."""
    change = advance(case, an_act(what, actor, now=now), replace(by or a_context(), order=order or _order_of(case)))
    assert change.case is not None
    return change.case


def _order_of(case: Case) -> Order:
    """An order that such a case may be about: as much was paid for it, in the same ways."""
    paid = {tender.method: tender.amount for tender in case.full_quote.tenders}
    missing = case.full_quote.paid - case.full_quote.refund_total
    first = next(iter(paid), None)
    tenders = {method: amount + (missing if method is first else 0) for method, amount in paid.items()}
    lines = tuple(
        Line(line_id=line_id, name="?", quantity=count, unit_price=0) for line_id, count in case.lines.items()
    )
    whole = sum(tenders.values())
    return an_order(lines=lines, service_fee=whole, tenders=tenders or None, status=case.order_status)


def order_of(**body: Any) -> Order:
    """Two shirts and a hat, with everything that can stand on a bill, paid in two ways."""
    lines = (
        Line(line_id="1", name="Kemeja Batik", quantity=2, unit_price=150_000, category="fashion"),
        Line(line_id="2", name="Topi", quantity=1, unit_price=25_000, category="fashion"),
    )
    more: dict[str, Any] = {"lines": lines, "shipping_fee": 12_000, "tenders": {"wallet": 237_000, "card": 100_000}}
    return an_order(**{**more, **body})


def silent(policy: str, **order: Any) -> Callable[[str], tuple[Case, Order]]:
    """Nobody answers until long after the deadline."""

    def made(locale: str) -> tuple[Case, Order]:
        goods = order_of(locale=locale, **order)
        chosen = a_policy(policy)
        return said(a_case(goods, policy=chosen), Expire(), SYSTEM, by=a_context(chosen), now=LATER), goods

    return made


def answered(what: Said, actor: Actor = SELLER) -> Callable[[str], tuple[Case, Order]]:
    """Somebody answers in time."""

    def made(locale: str) -> tuple[Case, Order]:
        goods = order_of(locale=locale)
        return said(a_case(goods), what, actor), goods

    return made


def opened(locale: str) -> tuple[Case, Order]:
    goods = order_of(locale=locale)
    return replace(a_case(goods)), goods


def at_once(locale: str) -> tuple[Case, Order]:
    goods = order_of(locale=locale, status="placed", paid_at=NOW - timedelta(minutes=5))
    return a_case(goods), goods


def moved(moves: ParcelMoves, to: OrderStatus) -> Callable[[str], tuple[Case, Order]]:
    """The order moves while the seller thinks."""

    def made(locale: str) -> tuple[Case, Order]:
        goods = order_of(locale=locale)
        policy = a_policy(parcel_moves=moves)
        return said(a_case(goods, policy=policy), OrderMoved(order_status=to), SYSTEM, by=a_context(policy)), goods

    return made


def paid_back(locale: str) -> tuple[Case, Order]:
    refunding, goods = answered(Approve())(locale)
    return said(refunding, RefundSucceeded(amount=100_000, event_id="e1"), SYSTEM, now=NOW + timedelta(hours=2)), goods


def told_of_money(*, failed: bool) -> Callable[[str], tuple[Case, Order]]:
    """The provider could not send it; or it went, and came back."""

    def made(locale: str) -> tuple[Case, Order]:
        case, goods = answered(Approve())(locale) if failed else paid_back(locale)
        assert case.refund
        name, part = next((name, part) for name, part in case.refund.by_name.items() if part.method is Method.CARD)
        told = Told.FAILED if failed else Told.REVERSED
        report = Report(event_id="e9", part=name, told=told, amount=part.amount, at=LATER)
        return said(case, PartTold(report=report), SYSTEM, now=LATER), goods

    return made


def without_way_back(*then: Said) -> Callable[[str], tuple[Case, Order]]:
    """A part cannot go back the way it came: its buyer is asked for an account."""

    def made(locale: str) -> tuple[Case, Order]:
        case, goods = answered(Approve())(locale)
        assert case.refund
        name, part = next((name, part) for name, part in case.refund.by_name.items() if part.method is Method.CARD)
        told = Report(event_id="e9", part=name, told=Told.FAILED, amount=part.amount, at=LATER, code=Shut.NO_WAY_BACK)
        case = said(case, PartTold(report=told), SYSTEM, now=LATER)
        for each in then:
            case = said(
                replace(case, outbox={}),
                each,
                SYSTEM if isinstance(each, Expire) else BUDI,
                now=case.deadline_at or LATER,
            )
        return case, goods

    return made


def left_late(way: ParcelWay | None = None) -> Callable[[str], tuple[Case, Order]]:
    """The parcel leaves although the order was cancelled; then customer service says what becomes of it."""

    def made(locale: str) -> tuple[Case, Order]:
        goods = order_of(locale=locale, tenders={"wallet": 337_000})
        left = said(said(a_case(goods), Approve(), order=goods), OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM)
        return (said(left, SettleParcel(way=way, note="seen"), SUPPORT) if way else left), goods

    return made


def cancelled_elsewhere(locale: str) -> tuple[Case, Order]:
    case, goods = called_back(locale)
    return said(case, OrderMoved(order_status=OrderStatus.CANCELLED), SYSTEM), goods


def corrected(locale: str) -> tuple[Case, Order]:
    """The platform cancels an order that nobody asked to cancel, and Batal gives the money back."""
    policy = a_policy(cancelled_elsewhere=Elsewhere.BATAL_PAYS)
    before = order_of(locale=locale, tenders={"card": 337_000})
    after = replace(before, status=OrderStatus.CANCELLED)
    whole = whole_of(before, after, a_context(policy), NOW)
    assert whole
    act = an_act(Correct(reason="out_of_stock"), SYSTEM)
    case = correct(with_books(after, None), whole, act, a_context(policy), "c1").case
    assert case
    return case, after


def given_freely(reason: GivenFor, tender: str) -> Callable[[str], tuple[Case, Order]]:
    """Customer service gives money back without a request."""

    def made(locale: str) -> tuple[Case, Order]:
        order = replace(order_of(locale=locale, tenders={tender: 337_000}), status=OrderStatus.DELIVERED)
        wish = Gesture(amount=25_000, reason=reason, note="seen")
        act = an_act(Correct(reason=reason.value, note="seen"), SUPPORT)
        case = give(with_books(order, None), wish, act, a_context(a_policy()), "c1").case
        assert case
        return case, order

    return made


def offered(locale: str, **offer: Any) -> tuple[Case, Order]:
    goods = order_of(locale=locale)
    return said(a_case(goods), MakeOffer(**(offer or {"fee": 10_000}), comment="Sudah dikemas")), goods


def answering(what: Said, declined: Declined = Declined.SELLER, **offer: Any) -> Callable[..., Any]:
    """The buyer answers an offer."""

    def made(locale: str) -> tuple[Case, Order]:
        case, goods = offered(locale, **offer)
        policy = a_policy(offers=Offers(declined=declined))
        return said(case, what, BUDI, by=a_context(policy)), goods

    return made


def kept_for(answer: Said | None = None, offerer: Actor = SELLER) -> Callable[[str], tuple[Case, Order]]:
    """Money back is offered for goods that are kept, and the buyer answers."""

    def made(locale: str) -> tuple[Case, Order]:
        goods, by = order_of(locale=locale), a_context(a_policy(offers=Offers()))
        offer = MakeOffer(partial_refund=50_000, comment="Satu kancing hilang")
        case = said(a_case(goods), offer, offerer, order=goods, by=by)
        return said(case, answer, BUDI, order=goods, by=by) if answer else case, goods

    return made


def offered_by_support(locale: str) -> tuple[Case, Order]:
    case, goods = silent("lazada")(locale)
    return said(case, MakeOffer(fee=10_000), SUPPORT, now=LATER), goods


def unanswered(if_silent: Silence) -> Callable[[str], tuple[Case, Order]]:
    """The buyer does not answer an offer."""

    def made(locale: str) -> tuple[Case, Order]:
        case, goods = opened(locale)
        policy = a_policy(offers=Offers(answer=Answer(within=Span(amount=1, unit="days"), if_silent=if_silent)))
        asked = said(case, MakeOffer(fee=10_000), by=a_context(policy))
        return said(asked, Expire(), SYSTEM, by=a_context(policy), now=LATER), goods

    return made


def agreed_by_one(locale: str) -> tuple[Case, Order]:
    case, goods = opened(locale)
    return said(case, Approve(), SUPPORT, by=a_context(a_policy(second_person_above=0))), goods


def returned(
    *told: tuple[Said, Actor, datetime], reason: str = "damaged", **order: Any
) -> Callable[[str], tuple[Case, Order]]:
    """A return, and what is said to it."""

    def made(locale: str) -> tuple[Case, Order]:
        goods = replace(order_of(locale=locale, status="delivered", **order), status_at=NOW)
        case = an_asking(goods, kind=Kind.RETURN, reason_code=reason).case
        assert case is not None
        for what, actor, now in told:
            case = said(case, what, actor, now=now)
        return case, goods

    return made


AGREED = (Approve(return_address="Jl. Braga 5, Bandung"), SELLER, NOW)
SENT = (ShippedBack(tracking_number="JNE-77"), BUDI, NOW)
DELIVERED = ParcelAnswered(word=ParcelWord.DELIVERED)
ARRIVED = (DELIVERED, SYSTEM, NOW)
CONTESTED = (ContestGoods(fault=GoodsFault.DAMAGED, comment="Kancingnya lepas"), SELLER, NOW)
DEDUCTED = Approve(deduction=37_000, comment="Kemejanya masih layak dijual lebih murah", note="foto dilihat")
LABEL = ReturnLabel(pickup_code="JNE-4711", address="Gudang Toko Baju, Bandung")


def called_back(locale: str) -> tuple[Case, Order]:
    goods, policy = order_of(locale=locale, status="shipped"), a_policy(money_back=MoneyBack.ON_RECEIPT)
    return said(a_case(goods, policy=policy), Approve(), by=a_context(policy)), goods


def arrived_back(locale: str) -> tuple[Case, Order]:
    case, goods = called_back(locale)
    return said(case, DELIVERED, SYSTEM), goods


def picked_up(locale: str) -> tuple[Case, Order]:
    """By policy the money goes as soon as the carrier has the goods."""
    case, goods = returned(AGREED, SENT, tenders={"wallet": 337_000})(locale)
    quick = a_policy(returns=Returns(quick_at_most=1_000_000))
    return said(case, ParcelAnswered(word=ParcelWord.PICKED_UP), SYSTEM, by=a_context(quick)), goods


def never_back(locale: str) -> tuple[Case, Order]:
    case, goods = called_back(locale)
    return said(case, Expire(), SYSTEM, now=LATER), goods


def back_again(locale: str) -> tuple[Case, Order]:
    case, goods = called_back(locale)
    return said(case, GoodsReceived(), by=a_context(a_policy(money_back=MoneyBack.ON_RECEIPT))), goods


def stopped_on_its_way(locale: str) -> tuple[Case, Order]:
    goods, policy = order_of(locale=locale, status="shipped"), a_policy(money_back=MoneyBack.ON_INTERCEPTION)
    agreed = said(a_case(goods, policy=policy), Approve(), by=a_context(policy))
    return said(agreed, ParcelAnswered(word=ParcelWord.INTERCEPTED), SYSTEM, by=a_context(policy)), goods


def cannot_deliver(locale: str) -> tuple[Case, Order]:
    goods = order_of(locale=locale)
    case = an_asking(goods, actor=SELLER, reason_code="out_of_stock").case
    assert case is not None
    return case, goods


def again(what: Said, actor: Actor) -> Callable[[str], tuple[Case, Order]]:
    """A refused request that comes back to customer service."""

    def made(locale: str) -> tuple[Case, Order]:
        goods = order_of(locale=locale, guard={"cases": ("c1",)})
        return said(said(a_case(goods), NO), what, actor, order=goods), goods

    return made


def noticed(locale: str) -> tuple[Case, Order]:
    case, goods = opened(locale)
    return replace(case, outbox={Promise(1, each): Pending() for each in to_both(MailKind.MESSAGE)}), goods


def given_elsewhere(locale: str) -> tuple[Case, Order]:
    case, goods = opened(locale)
    told = Amended(before=case.quote, after=less_elsewhere(case.quote, {"wallet": 187_000, "card": 100_000}))
    return said(case, told, SYSTEM), goods


def more_time(locale: str) -> tuple[Case, Order]:
    case, goods = opened(locale)
    assert case.deadline_at
    return said(case, Extend(until=case.deadline_at + timedelta(days=1)), SUPPORT), goods


STORIES: Mapping[str, tuple[tuple[str, ...], Callable[[str], tuple[Case, Order]]]] = {
    "asked": (("request_received:buyer", "decision_needed:seller"), opened),
    "approved by the seller": (("approved:buyer", "approved:seller"), answered(Approve())),
    "approved by support": (("approved:buyer", "approved:seller"), answered(Approve(), SUPPORT)),
    "approved by silence": (("approved:buyer", "approved:seller"), silent("shopee")),
    "approved at once": (("approved:buyer", "approved:seller"), at_once),
    "refused by the seller": (("rejected:buyer", "rejected:seller"), answered(NO)),
    "refused by support": (("rejected:buyer", "rejected:seller"), answered(NO, SUPPORT)),
    "expired": (("expired:buyer", "expired:seller"), silent("tokopedia")),
    "withdrawn": (("withdrawn:buyer", "withdrawn:seller"), answered(Withdraw(), BUDI)),
    "escalated by silence": (("escalated:buyer", "escalated:seller"), silent("lazada")),
    "escalated by the parcel": (
        ("escalated:buyer", "escalated:seller"),
        moved(ParcelMoves.SUPPORT, OrderStatus.SHIPPED),
    ),
    "overtaken by the parcel": (("overtaken:buyer", "overtaken:seller"), moved(ParcelMoves.END, OrderStatus.SHIPPED)),
    "overtaken by the platform": (
        ("overtaken:buyer", "overtaken:seller"),
        moved(ParcelMoves.END, OrderStatus.CANCELLED),
    ),
    "the parcel leaves all the same": (("late_parcel:seller",), left_late()),
    **{
        f"a late parcel: {way}": (("parcel_settled:buyer", "parcel_settled:seller"), left_late(way))
        for way in ParcelWay
    },
    "an offer lapses": (("expired:buyer", "expired:seller"), unanswered(Silence.EXPIRE)),
    "the platform cancels what was agreed": (("approved:buyer", "approved:seller"), cancelled_elsewhere),
    "paid back": (("money_returned:buyer",), paid_back),
    "money does not go": (("money_delayed:buyer",), told_of_money(failed=True)),
    "an account is wanted": (("account_wanted:buyer",), without_way_back()),
    "an account is still wanted": (("account_wanted:buyer",), without_way_back(Expire())),
    "an account is named": (("account_set:buyer",), without_way_back(PayOut(account=an_account()))),
    "money bounces": (("money_bounced:buyer",), told_of_money(failed=False)),
    "a fee is offered": (("offer_made:buyer", "reminder:buyer"), offered),
    "another way is offered": (
        ("offer_made:buyer",),
        lambda locale: offered(locale, alternative=Alternative.CHANGE_ADDRESS),
    ),
    "money back for kept goods is offered": (("offer_made:buyer",), kept_for()),
    "customer service offers money back for kept goods": (("offer_made:buyer",), kept_for(offerer=SUPPORT)),
    "goods are kept for money back": (("settled:buyer", "settled:seller"), kept_for(AcceptOffer())),
    "customer service's offer of money back is accepted": (
        ("settled:buyer", "settled:seller"),
        kept_for(AcceptOffer(), SUPPORT),
    ),
    "money back for kept goods is declined": (("offer_declined:seller",), kept_for(DeclineOffer())),
    "the fee is accepted": (("approved:buyer", "approved:seller"), answering(AcceptOffer())),
    "another way is agreed": (
        ("settled:buyer", "settled:seller"),
        answering(AcceptOffer(), alternative=Alternative.CHANGE_VARIANT),
    ),
    "the fee is declined": (("offer_declined:seller",), answering(DeclineOffer())),
    "the fee is declined for good": (
        ("offer_declined:buyer", "offer_declined:seller"),
        answering(DeclineOffer(), Declined.END),
    ),
    "the fee is declined, customer service decides": (
        ("escalated:buyer", "escalated:seller"),
        answering(DeclineOffer(), Declined.SUPPORT),
    ),
    "customer service offers": (("offer_made:buyer",), offered_by_support),
    "the offer is not answered": (("escalated:buyer", "escalated:seller"), unanswered(Silence.ESCALATE)),
    "a second person must agree": (("escalated:buyer", "escalated:seller"), agreed_by_one),
    "a parcel does not come back": (("escalated:buyer", "escalated:seller"), never_back),
    "a return is asked": (("request_received:buyer", "decision_needed:seller", "reminder:seller"), returned()),
    "nothing arrived": (("request_received:buyer", "decision_needed:seller"), returned(reason="not_received")),
    "nothing arrived, agreed": (
        ("approved:buyer", "approved:seller"),
        returned((Approve(), SELLER, NOW), reason="not_received", tenders={"wallet": 337_000}),
    ),
    "nothing arrived, customer service agrees": (
        ("approved:buyer", "approved:seller"),
        returned((Approve(note="the carrier lost it"), SUPPORT, NOW), reason="not_received"),
    ),
    "nothing arrived, withdrawn": (
        ("withdrawn:buyer", "withdrawn:seller"),
        returned((Withdraw(), BUDI, NOW), reason="not_received"),
    ),
    "a return is refused": (
        ("rejected:buyer", "rejected:seller"),
        returned((Reject(reason_code=RefusingReason.USED_OR_INCOMPLETE), SELLER, NOW)),
    ),
    "a return is withdrawn": (("withdrawn:buyer", "withdrawn:seller"), returned((Withdraw(), BUDI, NOW))),
    "a return is agreed": (("goods_awaited:buyer", "goods_awaited:seller", "reminder:buyer"), returned(AGREED)),
    "goods never come": (
        ("expired:buyer", "expired:seller"),
        returned(AGREED, (Expire(), SYSTEM, LATER)),
    ),
    "goods are sent": (("goods_sent:seller", "reminder:seller"), returned(AGREED, SENT)),
    "goods are back": (
        ("approved:buyer", "approved:seller"),
        returned(AGREED, SENT, (GoodsReceived(), SELLER, NOW), tenders={"wallet": 337_000}),
    ),
    "goods count as back": (
        ("approved:buyer", "approved:seller"),
        returned(AGREED, SENT, ARRIVED, (Expire(), SYSTEM, LATER), tenders={"wallet": 337_000}),
    ),
    "goods arrive": (
        ("goods_arrived:buyer", "goods_arrived:seller", "reminder:seller"),
        returned(AGREED, SENT, ARRIVED),
    ),
    "nobody saw the goods": (
        ("escalated:buyer", "escalated:seller"),
        returned(AGREED, SENT, (Expire(), SYSTEM, LATER)),
    ),
    "goods are contested": (("escalated:buyer", "escalated:seller"), returned(AGREED, SENT, CONTESTED)),
    "a part is deducted": (
        ("approved:buyer", "approved:seller"),
        returned(AGREED, SENT, CONTESTED, (DEDUCTED, SUPPORT, NOW), tenders={"wallet": 337_000}),
    ),
    "the money goes with the pick-up": (("approved:buyer", "approved:seller"), picked_up),
    "a label comes": (("return_label:buyer",), returned(AGREED, (LABEL, SYSTEM, NOW))),
    "a parcel called back arrives": (("goods_arrived:buyer", "goods_arrived:seller"), arrived_back),
    "a parcel is called back": (("goods_awaited:buyer", "goods_awaited:seller", "reminder:seller"), called_back),
    "a parcel is stopped on its way": (("approved:buyer", "approved:seller"), stopped_on_its_way),
    "a parcel is back": (("approved:buyer", "approved:seller"), back_again),
    "the platform cancels by itself": (("approved:buyer",), corrected),
    "goodwill": (("approved:buyer",), given_freely(GivenFor.GOODWILL, "card")),
    "the buyer keeps faulty goods": (
        ("approved:buyer",),
        given_freely(GivenFor.PARTIAL_KEEP, "wallet"),
    ),
    "the seller cannot deliver": (("approved:buyer", "approved:seller"), cannot_deliver),
    "the buyer appeals": (("reopened:buyer", "reopened:seller"), again(Appeal(comment="Belum dikirim"), BUDI)),
    "support reopens": (("reopened:buyer", "reopened:seller"), again(Reopen(), SUPPORT)),
    "something went back elsewhere": (("amended:buyer", "amended:seller"), given_elsewhere),
    "more time": (("deadline_extended:buyer", "deadline_extended:seller"), more_time),
    "somebody wrote": (("message:buyer", "message:seller"), noticed),
}

EVERY = [(story, effect) for story, (effects, _) in STORIES.items() for effect in effects]


def specimen(story: str, effect: str, locale: str, links: Links) -> Mail:
    """The mail, by the very effect that the domain promised for it."""
    case, order = STORIES[story][1](locale)
    promised = [
        promise
        for promise in case.outbox
        if isinstance(mail := promise.effect, MailEffect) and f"{mail.kind}:{mail.to}" == effect
    ]
    assert len(promised) == 1, f"{story} does not promise {effect}: {sorted(outbox_of(case))}"
    return compose(promised[0], case, order, beside_of(case, order), links=links)


def beside_of(case: Case, order: Order) -> Beside:
    """What the workflow finds for the mails of such a case: the appeal's last day, and a word of customer service."""
    appeals = appeal_until(case, a_context()) if may_appeal_still(case, order) else None
    wrote = Message(
        message_id="m1", order_id=case.order_id, case_id=case.case_id, at=NOW, by=SUPPORT, text="Apakah paketnya utuh?"
    )
    return Beside(appeal_until=appeals, message=wrote)
