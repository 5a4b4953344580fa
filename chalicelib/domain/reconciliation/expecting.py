"""What is expected of whom, as lines of an export: which parts of refunds and which payments a settlement file should
show, and under which names. Whoever reads them, from the tables or over HTTP, asks here."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.orders.methods import Method, PaidBackBy

# Nobody who settles has these in a file; a method that is not known yet is expected, and missing if that is wrong.
_NOT_BACK = {method.value for method in Method if method.paid_back_by is not PaidBackBy.PROVIDER}
# Cash may be collected by somebody who settles it, though it goes back into the wallet.
_NOT_COLLECTED = _NOT_BACK - {Method.COD.value}
# A part that failed too often did not go: that the file has none of it is right, and a line is `contradicted`, which
# stops the person who would send it another way. Where the buyer is asked for an account, nothing went either.
_STATES = {"held": "failed", "needs_account": "failed"}
# Another part goes in its place, or the bank gave it back instead.
_GOES_NO_MORE = ("redirected", "charged_back")
# Whose file shows what a provider of payouts paid, where that is a name for a part of a company.
_SETTLED_BY = {"xendit_payouts": "xendit"}

Line = dict[str, Any]
# Of each tender its provider, None where nobody said, and by what that knows the payment, the strongest first.
Tenders = Mapping[str, tuple[str | None, list[str]]]
NOBODY_SAID: tuple[str | None, list[str]] = (None, [])


def names_of_payment(reference: str | None, references: Mapping[str, str] | None, payment_id: str | None) -> list[str]:
    """By what a provider knows a payment: at last by what orders that were paid together share."""
    return _named([reference, *(references or {}).values(), payment_id])


def payment_line(
    tenders: Tenders, order_id: str, tender_id: str, method: str, collected: int, currency: str
) -> Line | None:
    """The line of a payment of which so much was collected, in minor units; None where nobody settles it."""
    provider, references = tenders[tender_id]
    if not collected or method in _NOT_COLLECTED:
        return None
    return {
        "id": f"{order_id}:{tender_id}",
        "kind": "payment",
        "provider": provider,
        "order_id": order_id,
        "references": references,
        "amount": collected,
        "currency": currency,
        "state": "collected",
        "due_by": None,
    }


def part_line(
    tenders: Tenders,
    refund_id: str,
    order_id: str,
    tender_id: str,
    *,
    method: str,
    state: str,
    amount: int,
    currency: str,
    names: Iterable[str | None],
    due_by: str,
    to_account: bool = False,
    paid_by: str | None = None,
) -> Line | None:
    """The line of a part of a refund that stands in this state, as others are told it; `names` are those of the part
    itself. What goes `to_account` is settled by whoever it is `paid_by`, never by who took the money. None where no
    provider gives it back."""
    if not amount or method in _NOT_BACK or state in _GOES_NO_MORE:
        return None
    provider, references = (settles(paid_by), []) if to_account else tenders.get(tender_id, NOBODY_SAID)
    return {
        "id": f"{refund_id}:{tender_id}",
        "kind": "refund",
        "provider": provider,
        "order_id": order_id,
        "references": _named([*names, *references]),
        "amount": amount,
        "currency": currency,
        "state": _STATES.get(state, state),
        "due_by": due_by,
    }


def settles(paid_by: str | None) -> str | None:
    """In whose file stands what this provider paid out; None where nobody said who paid."""
    return _SETTLED_BY.get(paid_by, paid_by) if paid_by else None


def _named(references: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(each for each in references if each))
