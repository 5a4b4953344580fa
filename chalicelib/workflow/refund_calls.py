"""Asking payment providers for parts of refunds: never in the path of a request, and apart from mails and events, so
that a provider that hangs holds up nothing else.

A delivered `RefundCall` writes a dispatch down, and no more. A schedule of its own takes up what is due: it stores what
it is about to do, does it, and stores what came of it (domain/money/sending.py). What is certain in the end is told to
the case as anybody's report would be.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import PartTold
from chalicelib.domain.errors import BatalError, NotFound, Unavailable
from chalicelib.domain.money.books import account_of, given_by
from chalicelib.domain.money.chargebacks import STOPPED, waits_for
from chalicelib.domain.money.dispatch import Dispatch, DispatchId, id_in
from chalicelib.domain.money.hearing import told as after_notification
from chalicelib.domain.money.providers import Became, Never, Notification, PartRequest, Provider, Shut
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import AWAITED_PARTS, RefundPart, Report, Told
from chalicelib.domain.money.sending import (
    Done,
    Find,
    GiveUp,
    Send,
    Sending,
    Stuck,
    WaitUntil,
    answered,
    begun,
    next_step,
    once_again,
    reported,
    unanswered,
)
from chalicelib.domain.orders.chargebacks import Chargeback, ChargebackState
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Ports
from chalicelib.domain.switches import Switch
from chalicelib.workflow.committing import ATTEMPTS
from chalicelib.workflow.decisions import CLOCK, part_event
from chalicelib.workflow.payouts import account_of as account_for

log = logging.getLogger(__name__)

# How many are taken up at once, and how many steps one of them may take before the others have their turn.
_AT_ONCE, _STEPS = 20, 4
# When to look again for a provider that is not there.
_NOT_CONFIGURED = timedelta(minutes=15)
# The same for a chargeback that is open; where it ends, somebody is asked at once.
_CHARGEBACK = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What one round did: how many dispatches it looked at, and of how many the case heard something final."""

    seen: int = 0
    ended: int = 0


def begin(ports: Ports, case: Case, name: str) -> None:
    """Write down that a provider is to be asked for this part, once per try. What a person wants asked again is looked
    at anew, under the key that it has."""
    part = case.refund.by_name.get(name) if case.refund else None
    if case.refund is None or part is None or part.provider is None or part.state not in AWAITED_PARTS:
        return
    id = DispatchId(case_id=case.case_id, part=name, tries=part.tries)
    known = ports.store.dispatch(id)
    if known is None:
        sending = Sending(part=case.refund.key_of(name), amount=part.amount)
        ports.store.put_dispatch(Dispatch(id=id, provider=part.provider, sending=sending, next_at=ports.now()))
    elif known.next_at is not None and known.next_at > ports.now():
        # It may have waited for a chargeback.
        ports.store.put_dispatch(replace(known, next_at=ports.now(), rev=known.rev + 1))
    elif known.next_at is None:
        again = once_again(known.sending, ports.now())
        ports.store.put_dispatch(replace(known, sending=again, next_at=ports.now(), rev=known.rev + 1))


def call_due(ports: Ports, time_left: Callable[[], bool] = lambda: True) -> Called:
    """Go on with everything that is due, until nothing is or the time is up; with nothing while refunds are off."""
    seen = ended = 0
    while (
        Switch.REFUNDS not in ports.off and time_left() and (due := ports.store.due_dispatches(ports.now(), _AT_ONCE))
    ):
        moved = False
        for id in due:
            if not time_left():
                break
            seen += 1
            try:
                went = _go_on(ports, id)
            except BatalError as error:
                # The others go on; this one is due still.
                log.warning("a refund call could not go on", extra={"case_id": id.case_id, "why": error.code})
                continue
            moved, ended = True, ended + went
        if not moved:
            break
    return Called(seen=seen, ended=ended)


def hear(ports: Ports, name: str, headers: Mapping[str, str], raw: bytes) -> int:
    """Take in a provider's own notification; gives how many of its words were about refunds of ours. The schedule goes
    on from there. Raises NotFound for a provider that is not spoken to, Invalid as its adapter does."""
    provider = ports.providers.get(name)
    if provider is None:
        raise NotFound("provider")
    return sum(_heard(ports, name, notification) for notification in provider.heard(headers, raw))


def _heard(ports: Ports, name: str, notification: Notification) -> bool:
    id = _concerned(ports, name, notification)
    for _ in range(ATTEMPTS):
        dispatch = ports.store.dispatch(id) if id else None
        if dispatch is None or dispatch.provider != name:
            log.warning("a provider told of a refund that is none of ours", extra={"provider": name})
            return False
        case = ports.store.case(dispatch.id.case_id)
        currency = case.refund.currency if case and case.refund else None
        sending = after_notification(dispatch.sending, notification, ports.now(), currency)
        if sending == dispatch.sending:
            return True
        # What says nothing new wakes nobody: the case would hear once more what it was told.
        is_news = replace(sending, events=dispatch.sending.events) != dispatch.sending
        next_at = ports.now() if is_news else dispatch.next_at
        if ports.store.put_dispatch(replace(dispatch, sending=sending, next_at=next_at, rev=dispatch.rev + 1)):
            return True
    raise Unavailable("refunds")


def _concerned(ports: Ports, name: str, notification: Notification) -> DispatchId | None:
    """By our key, or by what the provider calls it."""
    if id := id_in(notification.key or ""):
        return id
    return ports.store.dispatch_known_as(name, notification.reference) if notification.reference else None


def _go_on(ports: Ports, id: DispatchId) -> bool:
    """Take what steps can be taken now; whether the case heard something final."""
    dispatch, case = ports.store.dispatch(id), ports.store.case(id.case_id)
    if dispatch is None:
        return False
    part = case.refund.by_name.get(id.part) if case and case.refund else None
    order = ports.store.order(case.order_id) if case else None
    if case is None or part is None or order is None or part.tries != id.tries:
        _look_again(ports, dispatch, None)
        return False
    provider, order = ports.providers.get(dispatch.provider), with_books(order, None)
    if provider is None:
        # Its keys are missing, or it was taken out of the settings: that is for whoever deploys.
        log.error("a provider that refunds wait for is not configured", extra={"provider": dispatch.provider})
        _look_again(ports, dispatch, ports.now() + _NOT_CONFIGURED)
        return False
    waits_for_bank = waits_for(order).get(part.tender_id)
    if dispatch.sending.number == 0 and dispatch.sending.amount != part.amount:
        # A bank gave some of it before anything was sent.
        dispatch = replace(dispatch, sending=replace(dispatch.sending, amount=part.amount))
    account = account_for(ports, case.case_id, part) if part.account else None
    # Whatever was to be paid out to an account is never asked for in another way.
    gone = part.account is not None and account is None
    for _ in range(_STEPS):
        now, sending = ports.now(), dispatch.sending
        request = replace(_request(case, part, order, sending), account=account)
        ability = Never(Shut.ACCOUNT_GONE) if gone else provider.able(request, now)
        step = next_step(sending, ability, provider.habits, now)
        if isinstance(step, Done):
            if not sending.reported:
                _tell(ports, dispatch, Told.SUCCEEDED)
            _look_again(ports, replace(dispatch, sending=reported(sending)), step.look_at)
            return not sending.reported
        if isinstance(step, GiveUp):
            _tell(ports, dispatch, *_given_up(step))
            _look_again(ports, dispatch, None)
            return True
        if isinstance(step, WaitUntil):
            if sending.answer and sending.answer.became is Became.PENDING:
                _tell(ports, dispatch, Told.PENDING)
            _look_again(ports, dispatch, step.at)
            return False
        if isinstance(step, Send) and part.state not in AWAITED_PARTS:
            # A person went another way meanwhile.
            _look_again(ports, dispatch, None)
            return False
        if isinstance(step, Send) and waits_for_bank is not None:
            return _waits(ports, dispatch, waits_for_bank)
        about_to = replace(dispatch, sending=begun(sending, step, now), rev=dispatch.rev + 1)
        if not ports.store.put_dispatch(about_to):
            return False
        sending = _called(ports, provider, request, about_to.sending, step)
        dispatch = replace(about_to, sending=sending, rev=about_to.rev + 1)
        if not ports.store.put_dispatch(dispatch):
            # Whoever wrote first asks again: what was sent is marked as sent.
            return False
    return False


def _waits(ports: Ports, dispatch: Dispatch, chargeback: Chargeback) -> bool:
    """Nothing is sent while a chargeback is open, nor once it was lost; whether the case heard that nothing will."""
    if chargeback.state is ChargebackState.OPENED:
        _look_again(ports, dispatch, ports.now() + _CHARGEBACK)
        return False
    answer = dispatch.sending.answer
    failed = answer is not None and answer.became is Became.FAILED
    _tell(ports, dispatch, Told.FAILED if failed or dispatch.sending.number == 0 else Told.HELD, STOPPED)
    _look_again(ports, dispatch, None)
    return True


def _given_up(step: GiveUp) -> tuple[Told, str]:
    """What the case is told then, and why."""
    if step.why == Stuck.REVERSED:
        return Told.REVERSED, step.why
    return Told.FAILED if step.failed else Told.HELD, step.why


def _called(ports: Ports, provider: Provider, request: PartRequest, sending: Sending, step: Find | Send) -> Sending:
    asked = replace(request, key=step.key, known_as=sending.known_as)
    try:
        answer = provider.find(asked) if isinstance(step, Find) else provider.send(asked)
    except Unavailable:
        return unanswered(sending, ports.now())
    except BatalError as error:
        log.error("a provider cannot be asked", extra={"provider": provider.name, "why": error.code})
        return replace(sending, stuck=Stuck.CANNOT_BE_ASKED)
    return answered(sending, step, answer, ports.now())


def _look_again(ports: Ports, dispatch: Dispatch, at: datetime | None) -> None:
    """When to look at it next; None: nothing is to be done any more, until somebody says something new."""
    ports.store.put_dispatch(replace(dispatch, next_at=at, rev=dispatch.rev + 1))


def _tell(ports: Ports, dispatch: Dispatch, told: Told, code: str | None = None) -> None:
    """Tell the case; told once more after a crash in between, it is known by its id."""
    sending = dispatch.sending
    report = Report(
        event_id=f"{sending.key}:{told}:{dispatch.rev if told is not Told.PENDING else sending.number}",
        part=dispatch.id.part,
        told=told,
        amount=sending.amount,
        at=ports.now(),
        reference=sending.known_as,
        code=code,
    )
    part_event(ports, dispatch.id.case_id, PartTold(report=report, by_provider=True), CLOCK)


def _request(case: Case, part: RefundPart, order: Order, sending: Sending) -> PartRequest:
    """What the provider is asked; what it knows the payment by is told by the order as it is now."""
    tender = next((each for each in order.body.tenders if each.tender_id == part.tender_id), None)
    account = account_of(order, part.tender_id)
    collected = max(account.collected, part.amount)
    before = account.taken + given_by(order).get(part.tender_id, 0) - part.amount
    references = dict(tender.references or {}) if tender else {}
    if tender and tender.reference:
        references["reference"] = tender.reference
    return PartRequest(
        key=sending.key,
        refund_id=case.refund_id,
        tender_id=part.tender_id,
        method=part.method,
        channel=part.channel,
        amount=part.amount,
        currency=order.body.currency,
        references=references,
        collected=collected,
        collected_at=(tender.collected_at if tender else None) or order.body.paid_at,
        given_before=min(max(0, before), collected - part.amount),
        known_as=sending.known_as,
    )
