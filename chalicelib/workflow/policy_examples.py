"""What a policy means for a plain order: the same order, asked about at each status."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.money.quote import Quote, quote
from chalicelib.domain.orders.body import Line, OrderBody, Person, Seller, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Answer, Policy
from chalicelib.domain.ports import Ports
from chalicelib.workflow.policies import may_read

_ASKED_AT = (
    OrderStatus.PLACED,
    OrderStatus.PROCESSING,
    OrderStatus.READY_TO_SHIP,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
)
# Paid this long ago, so that what is granted for some hours only is over.
_AGO = timedelta(days=2)
_GOODS, _SHIPPING, _SERVICE = 200_000, 20_000, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a buyer gets who changes their mind at this status, how long the seller may take, and whether nobody need
    agree. At DELIVERED it is a return."""

    status: OrderStatus
    quote: Quote
    answer: Answer | None
    at_once: bool


def examples(ports: Ports, actor: Actor, policy: Policy) -> Sequence[Example]:
    """An order of 200,000 minor units for goods, 20,000 for shipping and 2,000 for service, all by wallet, in the
    currency of the policy's figures. Raises Forbidden for parties."""
    may_read(actor)
    now = ports.now()
    holidays = ports.calendar.holidays(now, policy.home)
    found = []
    for status in _ASKED_AT:
        returning = status is OrderStatus.DELIVERED
        if returning and policy.returns is None:
            continue
        order = _order(ports, policy, status)
        fee = policy.returns.fee if returning and policy.returns else None
        answer = policy.returns.answer if returning and policy.returns else policy.answer_at(status, preorder=False)
        found.append(
            Example(
                status=status,
                quote=quote(order, policy, Fault.BUYER, now, holidays, fee=fee),
                answer=answer,
                at_once=policy.instant_until(order, now, holidays) is not None,
            )
        )
    return found


def _order(ports: Ports, policy: Policy, status: OrderStatus) -> Order:
    at = ports.now() - _AGO
    body = OrderBody(
        order_id="example",
        platform=policy.name,
        version=1,
        status=status,
        buyer=Person(id="buyer", name="buyer"),
        seller=Seller(id="seller", name="seller"),
        placed_at=at,
        paid_at=at,
        currency=policy.currency_of_figures,
        lines=(Line(line_id="1", name="goods", quantity=1, unit_price=_GOODS),),
        shipping_fee=_SHIPPING,
        service_fee=_SERVICE,
        tenders=(Tender(method=Method.WALLET, amount=_GOODS + _SHIPPING + _SERVICE),),
    )
    return Order(body=body, status=status, status_version=1, status_at=at)
