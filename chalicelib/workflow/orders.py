"""Orders and their changes of status, as the OMS pushes them: out of order, repeated, racing a case."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.cases.change import Answered, Change, Push
from chalicelib.domain.cases.commands import OrderMoved
from chalicelib.domain.cases.step import Act
from chalicelib.domain.cases.steps.late_parcels import may_yet_arrive
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.order import Order, StatusPush, with_body, with_status
from chalicelib.domain.orders.statuses import ARRIVED, PARCEL_LEFT, OrderStatus
from chalicelib.domain.orders.sums import check_body
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow.committing import ATTEMPTS, context_for, wake

# A change to one of these, after a case opened, is a parcel (or an order) that moved.
_MOVES = PARCEL_LEFT | {OrderStatus.CANCELLED}


# Only the marketplace's own systems say how an order stands.
PUSHERS = frozenset({Role.SYSTEM})


class News(StrEnum):
    """What a push was to Batal."""

    CREATED = "created"
    APPLIED = "applied"
    OLD = "old"


# Keeps an answer under the caller's Idempotency-Key.
Remember = Callable[[tuple[Order, News]], Answered]


def upsert(ports: Ports, body: OrderBody, actor: Actor) -> tuple[Order, News]:
    """Take in a whole order; the second value says whether it was news.

    Raises Forbidden for everyone but the system, Invalid where the amounts do not add up, Invalid
    `identity_changed` where a known order would change its buyer, seller, platform or currency, Invalid
    `unknown_platform` where a new one is of a platform without a policy.
    """
    _only_the_system(actor)
    check_body(body)
    for _ in range(ATTEMPTS):
        before = ports.store.order(body.order_id)
        if before is None:
            _check_platform(ports, body.platform)
        after = with_body(before, body, ports.now())
        if after is None and before is not None:
            return before, News.OLD
        if after and _commit(ports, Push(before=before, after=after), actor):
            return after, News.APPLIED if before else News.CREATED
    raise Conflict("order")


def _check_platform(ports: Ports, platform: str) -> None:
    """An order that lives by no policy could never be cancelled: its sender learns it now, and not its buyer then."""
    if not ports.policies.knows(platform):
        raise Invalid("unknown_platform", platform=platform, known=list(ports.policies.names()))


def change_status(
    ports: Ports, order_id: str, push: StatusPush, actor: Actor, remember: Remember | None = None
) -> tuple[Order, News]:
    """Take in a change of status; the second value says whether it was news. Raises Forbidden, NotFound."""
    _only_the_system(actor)
    for _ in range(ATTEMPTS):
        before = ports.store.order(order_id)
        if before is None:
            raise NotFound("order")
        after = with_status(before, push, ports.now())
        if after is None:
            return before, News.OLD
        if _commit(ports, Push(before=before, after=after), actor, remember):
            return after, News.APPLIED
    raise Conflict("order")


def _only_the_system(actor: Actor) -> None:
    if actor.role not in PUSHERS:
        raise Forbidden(actor.role, "push_order")


def _commit(ports: Ports, push: Push, actor: Actor, remember: Remember | None = None) -> bool:
    """The push, and in the same transaction what it means for an open case, so that neither can overtake the other."""
    change = _with_late_parcel(ports, push, actor) or Change(push=push)
    moved = push.before is not None and push.before.status is not push.after.status
    if push.before and push.before.open_case and moved and push.after.status in _MOVES:
        change = _with_open_case(ports, push, push.before.open_case, actor)
    late = change.case.late_parcel if change.case else None
    if late and push.before and late is not push.before.late_parcel and change.case:
        ports.store.list_late_parcel(change.case.case_id, ports.now())
        change = replace(change, push=replace(push, after=replace(push.after, late_parcel=late)))
    if remember:
        change = replace(change, answered=remember((push.after, News.APPLIED)))
    try:
        ports.store.commit(change)
    except Conflict:
        return False
    if change.case:
        wake(ports, change.case)
    return True


def _with_late_parcel(ports: Ports, push: Push, actor: Actor) -> Change | None:
    """What a push means for the case that cancelled the whole order, where the parcel left all the same."""
    before, after = push.before, push.after
    if before is None or before.open_case or not before.fully_cancelled:
        return None
    says = after.told or after.status
    if says not in PARCEL_LEFT or says is (before.told or before.status) or says is before.late_parcel:
        return None
    for case_id in reversed(before.cases):
        case = ports.store.case(case_id)
        if case is None or case.outcome is not Outcome.CANCELLED:
            continue
        # A parcel that was being called back is known to be on its way; that it arrives all the same is news.
        if case.goods is not None and not (says in ARRIVED and may_yet_arrive(case)):
            continue
        if change := _heard(ports, push, case, says, actor):
            return change
    return None


def _with_open_case(ports: Ports, push: Push, case_id: str, actor: Actor) -> Change:
    case = ports.store.case(case_id)
    if case is None:
        raise Conflict("case")
    # Where it closed between the two reads, the commit's test of the order will tell.
    return _heard(ports, push, case, push.after.status, actor) or Change(push=push)


def _heard(ports: Ports, push: Push, case: Case, status: OrderStatus, actor: Actor) -> Change | None:
    """The push with what a case makes of its order's move; None where that is nothing to it any more."""
    moved_to = OrderMoved(order_status=status, tracking_number=push.after.tracking_number)
    act = Act(said=moved_to, actor=actor, now=ports.now(), decision_id=ports.new_id(), salt=ports.new_salt())
    try:
        return replace(advance(case, act, context_for(ports, case)), push=push)
    except Refused:
        return None
