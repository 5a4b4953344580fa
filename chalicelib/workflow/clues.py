"""Having a case found by what callers may say of it; and having it found no more."""

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Promise
from chalicelib.domain.orders.order import Order
from chalicelib.domain.people.clues import KEPT, clues_of, noting
from chalicelib.domain.ports import LONGEST_PAGE, Filter, Ports, every


def note(ports: Ports, promise: Promise, case: Case, order: Order) -> bool:
    """Let the case be found by what is known of it now, as `promise` says; whether there was anything to do. Done anew
    it is the same."""
    wanted = frozenset(ports.fingerprint(clue) for clue in clues_of(order, case))
    noted = noting(ports.store.noted(case.case_id), wanted, promise, case)
    if noted is not None:
        ports.store.note_clues(case, noted, ports.now() + KEPT)
    return noted is not None


def forget_person(ports: Ports, buyer_id: str) -> int:
    """Let no case of this buyer be found by what callers say; how many cases that were. What is said of them later is
    noted again, so the words of their orders have to be erased first: this is a step of erasing a person, for whoever
    may do that."""
    read = every(lambda cursor: ports.store.cases(Filter(buyer_id=buyer_id), limit=LONGEST_PAGE, cursor=cursor))
    forgotten = 0
    for case in read:
        order = ports.store.order(case.order_id)
        known = [ports.fingerprint(clue) for clue in clues_of(order, case)] if order else []
        ports.store.forget_clues(case, known)
        forgotten += 1
    return forgotten
