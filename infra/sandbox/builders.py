"""Builders of sample orders and cases, for tests and for the specimens of mails: each shows only what it is about,
everything else is a plain, valid order in Budi's name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from chalicelib.adapters.policies import shipped
from chalicelib.domain.cases import asking
from chalicelib.domain.cases.case import Case, Pending
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.choices import Channel
from chalicelib.domain.cases.commands import Ask, Reject, Said
from chalicelib.domain.cases.effects import encode
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.cases.step import Act, StepContext
from chalicelib.domain.money.payout import AccountKept
from chalicelib.domain.money.promising import promise
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.money.recording import told_anew, with_books
from chalicelib.domain.orders.body import Discount, Fulfilment, Line, OrderBody, Person, Seller, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import with_body
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import due_of
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import Answer, Policy, Silence
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.policies.seller_rules import NO_RULES
from chalicelib.domain.policies.spans import Span

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # a Monday, 10:00 in Jakarta
BUDI = Actor(role=Role.BUYER, id="budi")
SELLER = Actor(role=Role.SELLER, id="toko-baju")
SUPPORT = Actor(role=Role.SUPPORT, id="sari")
OPERATOR = Actor(role=Role.OPERATOR, id="omar")
FINANCE = Actor(role=Role.FINANCE, id="fitri")
SYSTEM = Actor(role=Role.SYSTEM, id="oms")
ACTORS = {actor.role: actor for actor in (BUDI, SELLER, SUPPORT, OPERATOR, FINANCE, SYSTEM)}
NO = Reject(reason_code=RefusingReason.ALREADY_PACKED)


def a_body(
    *,
    order_id: str = "LZD-1",
    platform: str = "lazada",
    status: str = "processing",
    version: int = 1,
    buyer: str = "budi",
    seller: str = "toko-baju",
    lines: tuple[Line, ...] | None = None,
    tenders: Mapping[str, int] | tuple[Tender, ...] | None = None,
    shipping_fee: int = 0,
    service_fee: int = 0,
    tax: int = 0,
    discounts: tuple[Discount, ...] = (),
    placed_at: datetime | None = None,
    paid_at: datetime | None = None,
    paid: bool = True,
    fulfilment: str = "seller",
    category: str | None = "fashion",
    currency: str = "IDR",
    locale: str = "id",
    **more: Any,
) -> OrderBody:
    """An order as the OMS pushes it: one shirt at Rp150.000, paid by wallet, unless said otherwise (amounts by method,
    or whole tenders); `more` are facts that few platforms tell."""
    lines = lines or (Line(line_id="1", name="Kemeja", quantity=1, unit_price=150_000, category=category),)
    placed_at = placed_at or NOW - timedelta(days=1)
    body = OrderBody(
        order_id=order_id,
        platform=platform,
        version=version,
        status=OrderStatus(status),
        buyer=Person(id=buyer, name="Budi", email=f"{buyer}@example.com", phone="+62811111", locale=locale),
        seller=Seller(id=seller, name="Toko Baju", email=f"{seller}@example.com", locale=locale),
        placed_at=placed_at,
        paid_at=(paid_at or placed_at) if paid else None,
        currency=currency,
        lines=lines,
        shipping_fee=shipping_fee,
        service_fee=service_fee,
        tax=tax,
        discounts=discounts,
        tenders=(),
        fulfilment=Fulfilment(fulfilment),
        **more,
    )
    paid_with = tenders or {"wallet": due_of(body)}
    if isinstance(paid_with, Mapping):
        paid_with = tuple(Tender(method=Method(name), amount=part) for name, part in paid_with.items())
    return replace(body, tenders=paid_with)


def an_order(*, status_version: int | None = None, guard: Mapping[str, Any] | None = None, **body: Any) -> Order:
    """An order as Batal keeps it; `guard` sets Batal's own fields."""
    made = a_body(**body)
    return Order(
        body=made,
        status=made.status,
        status_version=status_version or made.version,
        status_at=NOW - timedelta(hours=1),
        **(guard or {}),
    )


def a_policy(
    name: str = "lazada", *, within: Span | None = None, if_silent: str | None = None, **changes: Any
) -> Policy:
    """A shipped profile, with another answer time or meaning of silence at every status where given."""
    policy = shipped(name)
    assert policy is not None
    answers = {
        status: Answer(within=within or answer.within, if_silent=Silence(if_silent) if if_silent else answer.if_silent)
        for status, answer in policy.answers.items()
    }
    return replace(policy, answers=answers, **changes)


def a_context(
    policy: Policy | None = None, *, orchestrated: bool = True, order: Order | None = None, **pace: Any
) -> StepContext:
    """What a step needs to know of the world; `order` is the one that money is promised for."""
    policy = policy or a_policy()
    order = with_books(order or an_order(), policy.refund_order)
    return StepContext(policy=policy, pace=Pace(orchestrated=orchestrated, **pace), order=order)


def an_account(ending: str = "7890", **changes: Any) -> AccountKept:
    """A bank account that a buyer named, as their case keeps it."""
    plain: dict[str, Any] = {
        "account_id": f"a{ending}",
        "method": Method.BANK,
        "channel": "bca",
        "ending": ending,
        "initials": "B*** S***",
        "fingerprint": f"f{ending}",
    }
    return AccountKept(**{**plain, **changes})


def an_ask(**changes: Any) -> Ask:
    """Budi wants to cancel: wrong size."""
    return Ask(**{"reason_code": "wrong_size", "channel": Channel.APP, "accept_terms": True, **changes})


def refunded(order: Order, money: Quote, wanted: Mapping[str, int]) -> Order:
    """The order once these pieces were cancelled and this was promised for them."""
    known = with_books(order, None)
    gone = {**known.cancelled, **{line_id: known.cancelled.get(line_id, 0) + n for line_id, n in wanted.items()}}
    return replace(known, books=promise(known, wanted, money.promised).books, cancelled=gone)


def told(before: Order | None, body: OrderBody) -> Order:
    """The order after a push of this body, with its books."""
    after = with_body(before, body, NOW)
    assert after is not None
    return told_anew(before, after, None)


S = TypeVar("S", bound=Said)
NOTED: Mapping[str, Any] = {"note": "checked with both sides"}


def an_act(said: S, actor: Actor = SELLER, *, now: datetime = NOW, decision_id: str = "") -> Act[S]:
    """Somebody says something; support always gives a note, unless told otherwise by an empty one."""
    if actor.role is Role.SUPPORT and getattr(said, "note", "") is None:
        said = replace(said, **NOTED)
    mine = decision_id or f"d-{said.command}-{now.timestamp()}"
    return Act(said=said, actor=actor, now=now, decision_id=mine, salt="salt")


def an_asking(order: Order | None = None, *, policy: Policy | None = None, case_id: str = "c1", **more: Any) -> Change:
    """The change that opens a case for an order."""
    now = more.pop("now", NOW)
    orchestrated = more.pop("orchestrated", True)
    actor, seller = more.pop("actor", BUDI), more.pop("seller", NO_RULES)
    act = an_act(an_ask(**more), actor, now=now, decision_id=f"d-ask-{case_id}")
    known = replace(a_context(policy, orchestrated=orchestrated), seller=seller)
    return asking.ask(order or an_order(), act, known, case_id)


def a_case(order: Order | None = None, **more: Any) -> Case:
    """An open case: Budi asked, the seller has not answered; `state` and other fields can be set."""
    asked = {
        name: more.pop(name) for name in ("policy", "case_id", "now", "orchestrated", "reason_code") if name in more
    }
    case = an_asking(order, **asked).case
    assert case is not None
    return replace(case, **more)


def outbox_of(case: Case) -> dict[str, Pending]:
    """What a row has promised, by the ids under which it is kept."""
    return {encode(promise): pending for promise, pending in case.outbox.items()}


def outbox_now(case: Case) -> dict[str, Pending]:
    """What a row has promised, less what it plans for later: reminders, and notices of messages."""
    planned = (":mail:reminder:", ":mail:message:")
    promised = outbox_of(case).items()
    return {effect: pending for effect, pending in promised if not any(each in effect for each in planned)}
