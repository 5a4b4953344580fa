"""Orders and their changes of status, as the OMS pushes them: out of order, repeated, racing a case."""

import logging
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.cases.change import Answered, Change, Push
from chalicelib.domain.cases.commands import Amended, Correct, OrderMoved, Said
from chalicelib.domain.cases.corrections import LATE_MONEY, correct, give_back_late, late_money, whole_of
from chalicelib.domain.cases.outbox import clued_anew, with_clues, with_wake
from chalicelib.domain.cases.step import Act, S, StepContext
from chalicelib.domain.cases.steps.amendments import amended_by
from chalicelib.domain.cases.steps.late_parcels import may_yet_arrive
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.money.books import unexplained, wants_second_person
from chalicelib.domain.money.payments import BY_SYSTEMS, PaymentTold, with_payment
from chalicelib.domain.money.recording import told_anew, with_books
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.order import Order, left_too_many, status_for
from chalicelib.domain.orders.pushes import StatusPush, with_body, with_status
from chalicelib.domain.orders.statuses import ARRIVED, PARCEL_LEFT, OrderStatus
from chalicelib.domain.orders.sums import check_body
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.clues import same_clues
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.ports import Ports
from chalicelib.workflow.committing import ATTEMPTS, commit, context_for, traced, wake

# A change to one of these, after a case opened, is a parcel (or an order) that moved.
_MOVES = PARCEL_LEFT | {OrderStatus.CANCELLED}


# Only the marketplace's own systems say how an order stands.
PUSHERS = frozenset({Role.SYSTEM})
# But what they said wrongly of a payment two persons correct.
CORRECTORS = frozenset({Role.SUPPORT, Role.OPERATOR})


class News(StrEnum):
    """What a push was to Batal."""

    CREATED = "created"
    APPLIED = "applied"
    OLD = "old"


log = logging.getLogger(__name__)
# What the log says, and the alarm counts.
UNEXPLAINED = "money is unexplained"

# Keeps an answer under the caller's Idempotency-Key.
Remember = Callable[[tuple[Order, News]], Answered]


def upsert(ports: Ports, body: OrderBody, actor: Actor, remember: Remember | None = None) -> tuple[Order, News]:
    """Take in a whole order; the second value says whether it was news.

    Raises Forbidden for everyone but the system, Invalid where the amounts do not add up, Invalid
    `identity_changed` where a known order would change its buyer, seller, platform or currency, Invalid
    `unknown_platform` where a new one is of a platform without a policy.
    """
    only_the_system(actor)
    check_body(body)
    for _ in range(ATTEMPTS):
        before = ports.store.order(body.order_id)
        if before is None:
            _check_platform(ports, body.platform)
        after = with_body(before, body, ports.now())
        if after is None and before is not None:
            _settle_late_money(ports, before, actor)
            return before, News.OLD
        news = News.APPLIED if before else News.CREATED
        if after and (told := _commit(ports, before, after, actor, remember, news)):
            return told, news
    raise Conflict("order")


def _check_platform(ports: Ports, platform: str) -> None:
    """An order that lives by no policy could never be cancelled: its sender learns it now, and not its buyer then."""
    if not ports.policies.knows(platform):
        raise Invalid("unknown_platform", platform=platform, known=list(ports.policies.names()))


def change_status(
    ports: Ports, order_id: str, push: StatusPush, actor: Actor, remember: Remember | None = None
) -> tuple[Order, News]:
    """Take in a change of status; the second value says whether it was news. Raises Forbidden, and as take_in."""
    only_the_system(actor)
    return take_in(ports, order_id, actor, remember, lambda order: with_status(order, push, ports.now()))


def take_in(
    ports: Ports, order_id: str, actor: Actor, remember: Remember | None, heard: Callable[[Order], Order | None]
) -> tuple[Order, News]:
    """Take in a word about an order that is there: `heard` makes of it what it then is, None where that is no news, and
    is asked anew for each try. Raises Refused `order_unknown_yet` for the marketplace's systems, whose words may
    overtake one another, and NotFound for people; what `heard` does; Conflict where others kept writing first."""
    for _ in range(ATTEMPTS):
        before = ports.store.order(order_id)
        if before is None:
            raise Refused("order_unknown_yet") if actor.role in PUSHERS else NotFound("order")
        after = heard(before)
        if after is None:
            _settle_late_money(ports, before, actor)
            return before, News.OLD
        if told := _commit(ports, before, after, actor, remember):
            return told, News.APPLIED
    raise Conflict("order")


def hear_of_payment(
    ports: Ports, order_id: str, told: PaymentTold, actor: Actor, remember: Remember | None = None
) -> tuple[Order, News]:
    """Take in what became of a payment; the second value says whether it was news. What was told wrongly two persons
    correct. Raises Forbidden, NotFound, Invalid and Refused as with_payment, and Invalid `validation_failed` for a word
    that is for others to say."""
    if actor.role not in PUSHERS | CORRECTORS:
        raise Forbidden(actor.role, "push_order")
    if actor.role not in (PUSHERS if told.payment in BY_SYSTEMS else CORRECTORS):
        message = "the marketplace's systems say this" if told.payment in BY_SYSTEMS else "people of its staff say this"
        raise Invalid("validation_failed", errors=[{"field": "state", "message": message}])

    def heard(order: Order) -> Order | None:
        after = with_payment(with_books(order, fill_of(ports, order)), told, actor.id)
        if after is not None and told.payment not in BY_SYSTEMS and wants_second_person(after):
            # Listed first: what waits for a second person is never missing from their queue.
            ports.store.list_second_person(order_id, ports.now())
        return after

    taken = take_in(ports, order_id, actor, remember, heard)
    if told.payment not in BY_SYSTEMS:
        unlist_where_agreed(ports, order_id)
    return taken


def unlist_where_agreed(ports: Ports, order_id: str) -> None:
    """Take an order out of the queue of those that want a second person, where it wants none any more."""
    order = ports.store.order(order_id)
    if order is not None and not wants_second_person(order):
        ports.store.unlist_second_person(order_id)


def only_the_system(actor: Actor) -> None:
    """Raises Forbidden for everyone else."""
    if actor.role not in PUSHERS:
        raise Forbidden(actor.role, "push_order")


def _commit(
    ports: Ports,
    before: Order | None,
    told: Order,
    actor: Actor,
    remember: Remember | None = None,
    news: News = News.APPLIED,
) -> Order | None:
    """The order as it was told, with its books; in the same transaction what it means for an open case, or for money
    that came late, so that neither can overtake the other. None where somebody else wrote first."""
    fill = fill_of(ports, told)
    push = Push(before=before, after=told_anew(before, told, fill))
    change = _with_late_parcel(ports, push, actor) or Change(push=push)
    if before and before.open_case and _may_have_moved(before, push.after):
        change = _with_open_case(ports, push, before.open_case, before, actor)
    if change.case is None and before and not before.open_case:
        change = _with_correction(ports, push, actor) or change
    if change.case is None:
        change = _with_late_money(ports, push, actor) or change
    if change.case is None:
        change = _with_new_money(ports, push, actor) or change
    if before and before.open_case and not same_clues(before, push.after):
        change = _with_clues(ports, change, before.open_case)
    late = change.case.late_parcel if change.case else None
    if late and before and late is not before.late_parcel and change.case:
        ports.store.list_late_parcel(change.case.case_id, ports.now())
        change = replace(change, push=replace(push, after=replace(push.after, late_parcel=late)))
    if remember:
        change = replace(change, answered=remember((push.after, news)))
    try:
        ports.store.commit(traced(ports, change))
    except Conflict:
        return None
    _note_what_is_unexplained(before, push.after, fill)
    if change.case:
        wake(ports, change.case)
        if before and before.open_case and change.case.case_id != before.open_case and change.slot:
            given_back = replace(push.after, books=change.slot.books or push.after.books)
            tell_of_new_money(ports, replace(push, after=given_back), actor)
    return push.after


def _with_clues(ports: Ports, change: Change, case_id: str) -> Change:
    """The same change, its open case found by what callers say from now on; where it makes another one, that speaks for
    itself, and the open one is found as before."""
    now = ports.now()
    if change.case is None:
        case = ports.store.case(case_id)
        if case is None:
            raise Conflict("case")
        return replace(change, case=clued_anew(case, now, ports.pace))
    if change.case.case_id != case_id:
        return change
    outbox = with_clues(change.case.outbox, change.case.rev)
    return replace(change, case=with_wake(replace(change.case, outbox=outbox), now, ports.pace))


def _note_what_is_unexplained(before: Order | None, after: Order, fill: tuple[str, ...] | None) -> None:
    """Where this word left money for nothing, somebody is to look; nothing moves by itself."""
    if after.books is None:
        return
    was = unexplained(with_books(before, fill)) if before else {}
    if any(amount > was.get(tender_id, 0) for tender_id, amount in unexplained(after).items()):
        log.warning(UNEXPLAINED, extra={"order_id": after.order_id})


def fill_of(ports: Ports, order: Order) -> tuple[str, ...] | None:
    """In which order refunds of an order are filled, where its platform has a policy that says so."""
    try:
        return ports.policies.current(order.body.platform).refund_order
    except Refused:
        return None


def _with_late_parcel(ports: Ports, push: Push, actor: Actor) -> Change | None:
    """What a push means for the case that cancelled the whole order, where the parcel left all the same."""
    before, after = push.before, push.after
    if before is None or before.open_case:
        return None
    if before.cancelled and (change := _with_late_pieces(ports, push, before, actor)):
        return change
    if not before.fully_cancelled:
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


def _with_late_pieces(ports: Ports, push: Push, before: Order, actor: Actor) -> Change | None:
    """The same for a part that was cancelled, where parcels tell that more of a line left than was not cancelled."""
    late = left_too_many(push.after) - left_too_many(before)
    for case_id in reversed(before.cases) if late else ():
        case = ports.store.case(case_id)
        if case and case.outcome is Outcome.CANCELLED and late & set(case.lines) and case.late_parcel is None:
            statuses = [each.status for each in push.after.parcels if late & {x.line_id for x in each.lines}]
            gone = [status for status in statuses if status in PARCEL_LEFT]
            if gone and (change := _heard(ports, push, case, gone[-1], actor)):
                return change
    return None


def _may_have_moved(before: Order, after: Order) -> bool:
    return before.status is not after.status or before.parcels != after.parcels


def _with_open_case(ports: Ports, push: Push, case_id: str, before: Order, actor: Actor) -> Change:
    """What a push means for an open case: only where the pieces that it is about have moved."""
    case = ports.store.case(case_id)
    if case is None:
        raise Conflict("case")
    returning = case.kind is Kind.RETURN
    was, status = (status_for(order, case.lines, returning=returning) for order in (before, push.after))
    if was is status or status not in _MOVES:
        return Change(push=push)
    # Where it closed between the two reads, the commit's test of the order will tell.
    return _heard(ports, push, case, status, actor) or Change(push=push)


def policy_context(ports: Ports, order: Order) -> StepContext | None:
    """By which a case begins that nobody asked for; None for an order from before its platform had to have a policy."""
    try:
        policy = ports.policies.current(order.body.platform)
    except Refused:
        return None
    return StepContext(
        policy=policy,
        holidays=ports.calendar.holidays(ports.now(), policy.home),
        pace=ports.pace,
        order=order,
        providers=ports.provider_names,
    )


def _with_correction(ports: Ports, push: Push, actor: Actor) -> Change | None:
    """What a push means for an order that its platform cancelled by itself, where Batal gives the money back."""
    before, after = push.before, push.after
    context = policy_context(ports, after)
    if before is None or context is None:
        return None
    whole = whole_of(before, after, context, ports.now())
    if whole is None:
        return None
    act = _act(ports, Correct(reason=after.body.cancel_reason), actor)
    return replace(correct(after, whole, act, context, ports.new_reference()), push=push)


def _with_late_money(ports: Ports, push: Push, actor: Actor) -> Change | None:
    """What a push means where money came for pieces that were gone already: it goes back, whatever else is asked."""
    if push.after.books is None:
        # Nothing happened to its money but what it says itself: most pushes need no reckoning.
        return None
    context = policy_context(ports, push.after)
    late = late_money(push.after, context, ports.now()) if context else None
    if context is None or late is None:
        return None
    act = _act(ports, Correct(reason=LATE_MONEY), actor)
    return replace(give_back_late(push.after, late, act, context, ports.new_reference()), push=push)


def _settle_late_money(ports: Ports, order: Order, actor: Actor) -> None:
    """Give back what came late and was not given back then, since whatever told of it said no more than that."""
    _commit_alone(ports, _with_late_money(ports, Push(before=order, after=order), actor))


def _commit_alone(ports: Ports, change: Change | None) -> bool:
    """What follows from an order as it lies, without a push; False where somebody wrote first: then it is for the next
    word, or for another try."""
    if change is None or change.case is None:
        return True
    if not commit(ports, replace(change, push=None)):
        return False
    wake(ports, change.case)
    return True


def _with_new_money(ports: Ports, push: Push, actor: Actor) -> Change | None:
    """What a push means for the money of an open case, where the same request would bring something else by now."""
    before = push.before
    if before is None or before.open_case is None or not _tells_of_money(before, push.after):
        return None
    case = ports.store.case(before.open_case)
    if case is None:
        raise Conflict("case")
    return _said(ports, push, case, _amended(ports, push, case), actor)


def tell_of_new_money(ports: Ports, push: Push, actor: Actor) -> bool:
    """The same, where the push itself already went with another case; False where somebody wrote first."""
    if push.before is None or push.before.open_case is None:
        return True
    case = ports.store.case(push.before.open_case)
    change = _said(ports, push, case, _amended(ports, push, case), actor) if case and case.open else None
    return _commit_alone(ports, change)


def _tells_of_money(before: Order, after: Order) -> bool:
    return (
        before.given_elsewhere != after.given_elsewhere
        or before.gone != after.gone
        or before.books != after.books
        or before.body != after.body
    )


def _amended(ports: Ports, push: Push, case: Case) -> Amended:
    context, before = context_for(ports, case), push.before or push.after
    fill = context.policy.refund_order
    return amended_by(case, with_books(before, fill), with_books(push.after, fill), context, ports.now())


def _heard(ports: Ports, push: Push, case: Case, status: OrderStatus, actor: Actor) -> Change | None:
    """The push with what a case makes of its order's move; None where that is nothing to it any more."""
    context, before = context_for(ports, case), push.before
    amended, whole = None, None
    if before is not None and case.open:
        whole = whole_of(before, push.after, context, ports.now())
        if _tells_of_money(before, push.after):
            amended = _amended(ports, push, case)
    moved = OrderMoved(order_status=status, tracking_number=push.after.tracking_number, amended=amended, whole=whole)
    return _said(ports, push, case, moved, actor)


def _act(ports: Ports, said: S, actor: Actor) -> Act[S]:
    return Act(said=said, actor=actor, now=ports.now(), decision_id=ports.new_id(), salt=ports.new_salt())


def _said(ports: Ports, push: Push, case: Case, said: Said, actor: Actor) -> Change | None:
    # What follows for a request from a payment that a person corrected follows by itself.
    speaker = actor if actor.role in PUSHERS else Actor(role=Role.SYSTEM, id=actor.id)
    act = Act(said=said, actor=speaker, now=ports.now(), decision_id=ports.new_id(), salt=ports.new_salt())
    context = replace(context_for(ports, case), order=push.after)
    try:
        return replace(advance(case, act, context), push=push)
    except Refused:
        return None
