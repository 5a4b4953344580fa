"""What Batal expects to have moved for a refund and its order, from the tables."""

from collections.abc import Iterator

from chalicelib.domain.cases.case import Case
from chalicelib.domain.money.books import accounts_of
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.order import Order
from chalicelib.domain.reconciliation.expecting import Line, Tenders, names_of_payment, part_line, payment_line


def lines_of(case: Case, order: Order) -> Iterator[Line]:
    """A line for each part of the case's refund that a provider gives back, and for each payment of its order that was
    collected. `provider` is None where nobody said who it is."""
    if case.refund is None:
        return
    tenders: Tenders = {
        tender.tender_id: (
            tender.provider,
            names_of_payment(tender.reference, tender.references, order.body.payment_id),
        )
        for tender in order.body.tenders
    }
    accounts = accounts_of(with_books(order, None))
    for tender in order.body.tenders:
        collected = accounts[tender.tender_id].collected if tender.tender_id in accounts else 0
        method, currency = tender.method.value, order.body.currency
        if line := payment_line(tenders, order.order_id, tender.tender_id, method, collected, currency):
            yield line
    for name, part in case.refund.by_name.items():
        expected = part_line(
            tenders,
            case.refund_id,
            case.order_id,
            part.tender_id,
            method=part.method.value,
            state=part.state.word,
            amount=part.amount,
            currency=case.refund.currency,
            names=(case.refund.key_of(name), part.reference),
            due_by=part.arrives_by.isoformat(),
            to_account=part.account is not None,
            paid_by=part.provider,
        )
        if expected:
            yield expected
