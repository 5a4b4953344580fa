"""Erasing a buyer or a seller: which of their orders are at an end, and what is left of each thing that is kept.

Ids, amounts, pieces, reasons and moments stay, so that every sum still adds up and every chain of hashes still
verifies; words, names, addresses, phones, numbers of parcels and accounts go. That no field is forgotten is held by
`tests/domain/test_nothing_of_a_person_is_left.py`, which fills every text there is.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Effect, Mail
from chalicelib.domain.cases.evidence import FORM_LASTS, Evidence
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.money.refund import RefundPart
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role

# What a file is called whose name was erased.
FILE = "file"
# What a seller's rule is called whose name was erased: it still says that one granted the request.
RULE = "-"


def at_an_end(order: Order, cases: Iterable[Case], files: Iterable[Evidence], now: datetime) -> bool:
    """Whether nothing about an order goes on: no request is open, no money of one is on its way, nothing of it is still
    to be told (what is held waits for a person, and may wait for ever), no form for a file is still good."""
    return (
        order.open_case is None
        and not any(case.open or (case.refund and case.refund.due) for case in cases)
        and all(pending.held for case in cases for pending in case.outbox.values())
        and not any(file.seen_at is None and now - file.at < FORM_LASTS for file in files)
    )


def case_without_words(case: Case, *, accounts: bool = True, whose: Role = Role.BUYER) -> Case:
    """The case without words of people. Mails that are held for whoever is known no more are dropped. Without
    `accounts` it is still known which accounts money was paid out to. Of a seller it goes as well where goods came to
    them, and what they called their rules."""
    asked = replace(case.asked, comment=None, by=case.asked.by.plain)
    decision = case.decision and replace(
        case.decision, comment=None, note=None, tracking_number=None, by=case.decision.by.plain
    )
    offer = case.offer and replace(case.offer, comment=None, by=case.offer.by.plain if case.offer.by else None)
    goods = case.goods and replace(case.goods, tracking_number=None, carrier=None)
    if goods and goods.contested:
        goods = replace(goods, contested=replace(goods.contested, comment=None))
    way_back = case.way_back and replace(case.way_back, label_url=None, pickup_code=None, carrier=None)
    if whose is Role.SELLER:
        asked = replace(asked, by_rule=asked.by_rule and RULE, dry_rule=asked.dry_rule and RULE)
        way_back = way_back and replace(way_back, address=None)
    refund = case.refund and replace(case.refund, parts=tuple(_bare(part, accounts) for part in case.refund.parts))
    return replace(
        case,
        words=CardWords(),
        asked=asked,
        decision=decision,
        offer=offer,
        goods=goods,
        way_back=way_back,
        refund=refund,
        outbox={each: pending for each, pending in case.outbox.items() if not _is_mail_of(each.effect, whose)},
    )


def _is_mail_of(effect: Effect, whose: Role) -> bool:
    """Whether it is a mail that goes with this person: all of a buyer's case, and a seller's own."""
    return isinstance(effect, Mail) and (whose is not Role.SELLER or effect.to is whose)


def _bare(part: RefundPart, accounts: bool) -> RefundPart:
    first = part.first_yes and replace(part.first_yes, reference=None)
    if not accounts:
        return replace(part, first_yes=first)
    account = part.account and replace(part.account, account_id="", ending="", initials="", fingerprint="")
    return replace(part, first_yes=first, account=account)


def message_without_words(message: Message, now: datetime) -> Message:
    """That somebody wrote, and when; not what."""
    return replace(message, text="", by=message.by.plain, erased_at=now)


def file_without_words(file: Evidence, now: datetime) -> Evidence:
    """That a file lay there, and its digest, which the timeline vouches for; not what it was called, nor its bytes."""
    return replace(file, filename=FILE, by=file.by.plain, erased_at=now)
