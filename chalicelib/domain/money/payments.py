"""What the marketplace tells of payments: money that arrived, will never come, or went back without Batal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.books import accounts_of, books_of, least_by
from chalicelib.domain.money.recording import collected, corrected, voided
from chalicelib.domain.orders.books import Account, Correction
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import GivenBack, with_given_back


class Payment(StrEnum):
    """What became of a tender."""

    COLLECTED = "collected"
    VOID = "void"
    REFUNDED = "refunded"
    RETURNED = "returned"
    CORRECTED = "corrected"


# These say what money did; a person says what was wrong before.
BY_SYSTEMS = frozenset(Payment) - {Payment.CORRECTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTold:
    """What became of one tender, in all and in minor units; `at` in UTC.

    collected   what arrived; the largest told stays
    void        nothing will arrive by it
    refunded, returned   what the marketplace gave back itself; `refund_id` says which refund brought that about
    references  by what a provider knows the payment, by name
    corrected   what arrived in truth, as a person says it with a `note`, and a second one confirms by saying the same
    """

    tender_id: str
    payment: Payment
    amount: int
    at: datetime
    refund_id: str | None = None
    references: Mapping[str, str] | None = None
    note: str | None = None


def with_payment(order: Order, told: PaymentTold, person: str) -> Order | None:
    """The order, which has its books, after that word; None where it is no news.

    Raises Invalid `validation_failed` for a tender that the order never had, more given back than it brought, a void
    one that was told as collected, or a correction below what went back already; Invalid `note_required`; Refused
    `same_person` where the first of two corrects again.
    """
    tender = next((each for each in order.body.tenders if each.tender_id == told.tender_id), None)
    account = accounts_of(order).get(told.tender_id)
    if tender is None and account is None:
        raise _wrong("tender_id", "no such tender")
    account = account or Account()
    match told.payment:
        case Payment.REFUNDED | Payment.RETURNED:
            given = GivenBack(tender_id=told.tender_id, amount=told.amount, refund_id=told.refund_id)
            return with_given_back(order, given, at_most=max(account.collected, tender.amount if tender else 0))
        case Payment.COLLECTED:
            if account.told and told.amount <= account.collected:
                return None
            return collected(_with_references(order, told), told.tender_id, told.amount)
        case Payment.VOID:
            if account.told and account.collected:
                raise _wrong("state", f"{account.collected} were collected")
            after = voided(order, told.tender_id)
            return None if after == order else after
        case Payment.CORRECTED:
            return _corrected(order, account, told, person)


def _corrected(order: Order, account: Account, told: PaymentTold, person: str) -> Order | None:
    if not (told.note or "").strip():
        raise Invalid("note_required")
    least = least_by(order, told.tender_id)
    if told.amount < least:
        raise _wrong("amount", f"{least} went back or were kept already")
    if account.told and account.collected == told.amount:
        return None
    books = books_of(order)
    others = tuple(each for each in books.corrections if each.tender_id != told.tender_id)
    waiting = next((each for each in books.corrections if each.tender_id == told.tender_id), None)
    if waiting is None or waiting.amount != told.amount:
        mine = Correction(tender_id=told.tender_id, amount=told.amount, by=person, note=(told.note or "").strip())
        return replace(order, books=replace(books, corrections=(*others, mine)))
    if waiting.by == person:
        raise Refused("same_person")
    return corrected(replace(order, books=replace(books, corrections=others)), told.tender_id, told.amount)


def _with_references(order: Order, told: PaymentTold) -> Order:
    """The order with what the payment is known by, and when it came; what was told of it before stays."""
    tenders = tuple(
        replace(
            each,
            references={**(each.references or {}), **(told.references or {})} or None,
            collected_at=each.collected_at or told.at,
        )
        if each.tender_id == told.tender_id
        else each
        for each in order.body.tenders
    )
    return replace(order, body=replace(order.body, tenders=tenders))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("validation_failed", errors=[{"field": field, "message": message}])
