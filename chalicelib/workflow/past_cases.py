"""Past cases as the house knows them: put together from rows and timelines, order by order."""

from collections.abc import Iterator

from chalicelib.domain.cases.case import Case
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Ports
from chalicelib.domain.simulation.past import PastCase, past_of


def pasts_of(ports: Ports, order: Order) -> Iterator[tuple[Case, PastCase | None]]:
    """The cases of an order, from the oldest on, each with what a simulation takes of it; None of one that is not
    decided yet or was never asked for."""
    earlier = list[Case]()
    for case_id in order.cases:
        case = ports.store.case(case_id)
        if case is None:
            continue
        yield case, past_of(case, ports.store.timeline(case_id), order, earlier)
        earlier.append(case)
