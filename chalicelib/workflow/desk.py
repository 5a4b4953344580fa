"""Customer service's desk: what waits for whom, each queue with its most urgent work first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.claiming import holder
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import OPEN_REFUND, Filter, Page, Ports
from chalicelib.workflow.figures import MOST, is_stuck, read_cases
from chalicelib.workflow.search import SEARCHERS

# How far the queues are counted that nobody looks at.
ENOUGH = 100


class Queue(StrEnum):
    """What lies on the desk."""

    OURS = "ours"
    MINE = "mine"
    SECOND = "second"
    STUCK = "stuck"
    CHARGEBACKS = "chargebacks"
    LATE = "late"
    SELLER = "seller"
    REFUNDS = "refunds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The queues as far as they were read: `more` names those that may hold more. `waiting` are the orders of whose
    money a second person has to say what a first one said, `disputed` those about which a bank wants an answer."""

    cases: Mapping[Queue, Sequence[Case]]
    more: frozenset[Queue]
    waiting: Sequence[Order] = field(default=())
    disputed: Sequence[Order] = field(default=())

    def count(self, queue: Queue) -> int:
        """How much was read of a queue."""
        orders = {Queue.SECOND: self.waiting, Queue.CHARGEBACKS: self.disputed}
        return len(self.cases.get(queue, ())) + len(orders.get(queue, ()))


def desk(ports: Ports, actor: Actor, shown: Queue) -> Desk:
    """The desk of this person; of the queue that is `shown` at most MOST are read. Raises Forbidden but for customer
    service and operators."""
    if actor.role not in SEARCHERS:
        raise Forbidden(actor.role, "see_desk")
    ours = read_cases(ports, Filter(state=State.AWAITING_SUPPORT))
    seller = read_cases(ports, Filter(state=State.AWAITING_SELLER), MOST if shown is Queue.SELLER else ENOUGH)
    money = read_cases(ports, Filter(refund=OPEN_REFUND))
    late = ports.store.late_parcels(limit=ENOUGH)
    waiting = ports.store.wanting_second_person(limit=ENOUGH)
    disputed = ports.store.open_chargebacks(limit=ENOUGH)
    now = ports.now()
    return Desk(
        cases={
            Queue.OURS: ours,
            Queue.MINE: [case for case in ours if holder(case, now) == actor.id],
            Queue.SECOND: [case for case in ours if case.first_yes],
            Queue.STUCK: [case for case in money if needs_a_person(case)],
            Queue.LATE: late.items,
            Queue.SELLER: seller,
            Queue.REFUNDS: money,
        },
        more=frozenset(
            [
                *([Queue.OURS, Queue.MINE, Queue.SECOND] if len(ours) >= MOST else []),
                *([Queue.STUCK, Queue.REFUNDS] if len(money) >= MOST else []),
                *([Queue.SELLER] if len(seller) >= (MOST if shown is Queue.SELLER else ENOUGH) else []),
                *_unread(late, Queue.LATE),
                *_unread(waiting, Queue.SECOND),
                *_unread(disputed, Queue.CHARGEBACKS),
            ]
        ),
        waiting=waiting.items,
        disputed=disputed.items,
    )


def needs_a_person(case: Case) -> bool:
    """Whether the money of this case goes no further by itself: stuck, or without an account to go to."""
    return is_stuck(case) or (case.refund is not None and bool(case.refund.wants_account))


def _unread(page: Page[Case] | Page[Order], queue: Queue) -> Sequence[Queue]:
    return [queue] if page.next_cursor else []
