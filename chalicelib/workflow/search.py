"""Finding orders and cases by what customer service is told: a number, a buyer, a seller."""

from collections.abc import Sequence

from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.orders.order import REFUND, Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Filter, Ports
from chalicelib.domain.reference import as_reference

SEARCHERS = frozenset({Role.SUPPORT, Role.OPERATOR})


def found(ports: Ports, actor: Actor, wanted: str, most: int) -> tuple[Sequence[Order], Sequence[Case]]:
    """Orders and cases of that very number, else at most so many of a buyer or a seller of that name.

    Raises Forbidden but for customer service and operators.
    """
    if actor.role not in SEARCHERS:
        raise Forbidden(actor.role, "search")
    store = ports.store
    # Of a refund's number what follows `rf_` is the case's; a key is never empty.
    number = wanted.removeprefix(REFUND) or wanted
    case = store.case(as_reference(number) or number)
    order = store.order(wanted) or (store.order(case.order_id) if case else None)
    if order:
        its_cases = [case] if case else [each for each in (store.case(name) for name in order.cases) if each]
        return [order], its_cases
    orders = [*store.orders(buyer_id=wanted, limit=most).items, *store.orders(seller_id=wanted, limit=most).items]
    cases = [
        *store.cases(Filter(buyer_id=wanted), limit=most).items,
        *store.cases(Filter(seller_id=wanted), limit=most).items,
    ]
    return orders, cases
