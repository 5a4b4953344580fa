"""What a provider tells by itself about a part that was asked of it: late, twice, in any order, or not at all."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.money.providers import Became, Notification, ProviderAnswer, is_all_of
from chalicelib.domain.money.sending import Sending, Stuck, known_to_have_gone

# So many notifications about one part are known again; what is told anew later changes nothing either.
_REMEMBERED = 50


def told(sending: Sending, notification: Notification, now: datetime, currency: str | None = None) -> Sending:
    """After a notification about money in that currency. Repeated ones change nothing; one that contradicts what is
    known, or that nobody vouches for, only makes it time to ask."""
    if notification.event_id in sending.events or not concerns(sending, notification):
        return sending
    sending = replace(sending, events=(*sending.events, notification.event_id)[-_REMEMBERED:])
    if _of_earlier(sending, notification):
        gone = notification.became is Became.SUCCEEDED
        return replace(sending, stuck=Stuck.TWO_SUCCEEDED) if gone else sending
    if sending.stuck is Stuck.VANISHED:
        sending = replace(sending, stuck=None)
    if not notification.vouched:
        return sending if _says_nothing_new(sending, notification) else _to_ask(sending, notification.reference, now)
    # As many minor units of another currency are other money.
    is_other = None not in (currency, notification.currency) and notification.currency != currency
    if is_other or not is_all_of(notification.became, notification.amount, sending.amount):
        return replace(sending, stuck=Stuck.WRONG_AMOUNT)
    if _says_nothing_new(sending, notification):
        return sending
    if _is_doubted(sending) or _is_settled(sending):
        return _to_ask(sending, notification.reference, now)
    heard = replace(
        sending,
        answer=ProviderAnswer(
            became=notification.became,
            reference=notification.reference or sending.known_as,
            amount=notification.amount,
            code=notification.code,
            is_final=notification.became is Became.FAILED,
            again=notification.again,
            way_gone=notification.way_gone,
        ),
        open=False,
        stuck=Stuck.REVERSED if sending.went and notification.became is Became.FAILED else sending.stuck,
        last_at=now,
        silences=0,
    )
    return known_to_have_gone(heard, now)


def concerns(sending: Sending, notification: Notification) -> bool:
    """Whether a notification speaks of this part: by our key, or by theirs where ours is not told."""
    if not sending.number:
        return False
    if notification.key is not None:
        return notification.key in {sending.key, *sending.earlier}
    return notification.reference in {sending.known_as, *sending.earlier.values()} - {None}


def _of_earlier(sending: Sending, notification: Notification) -> bool:
    """Whether it speaks of a try before the present one."""
    if notification.key is not None:
        return notification.key != sending.key
    return notification.reference != sending.known_as


def _says_nothing_new(sending: Sending, notification: Notification) -> bool:
    """The same again, or an early word that comes late."""
    if sending.answer is None or not _is_settled(sending):
        return False
    return notification.became in (sending.answer.became, Became.PENDING)


def _is_settled(sending: Sending) -> bool:
    return sending.answer is not None and sending.answer.became in (Became.SUCCEEDED, Became.FAILED)


def _is_doubted(sending: Sending) -> bool:
    """Whether what was certain was contradicted, and the provider has not been asked since: words arrive in any order,
    and whichever comes last may be the older one."""
    return sending.open and sending.answer is not None and sending.answer.became is Became.PENDING


def _to_ask(sending: Sending, reference: str | None, now: datetime) -> Sending:
    """Whatever was certain is in doubt: the provider is asked next, and no other try may begin before it answered."""
    answer = sending.answer
    if answer is not None:
        settled = answer.became in (Became.SUCCEEDED, Became.FAILED)
        became = Became.PENDING if settled else answer.became
        answer = replace(answer, became=became, is_final=False, reference=answer.reference or reference, wait=None)
    return replace(sending, answer=answer, open=True, silences=0, last_at=None, since=now)
