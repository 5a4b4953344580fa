"""What must be true of parts that Batal asks payment providers for (I13), checked from outside: against the ledgers
that the fakes keep of the money that really went.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.money.refund import RefundPart
from chalicelib.domain.ports import OPEN_REFUND, Filter, every
from infra.sandbox.providers.till import CANCELLED, Line
from tests.fakes.provider_town import Town, payment_of

# Where people see a part that does not go on by itself; of the last its buyer was asked.
SEEN = ("failed", "reversed", "held", "needs_account")


def went_for(town: Town, case: Case, name: str, part: RefundPart) -> list[int]:
    """What the provider's own ledger says of a part, under whatever keys: what went, and came back, in its order."""
    if part.provider is None or part.provider not in town.fakes:
        return []
    mine = f"{case.refund_id}-{name}-"
    return [line.amount for line in town.lines(part.provider) if line.key.startswith(mine) or _of_all(line, case, part)]


def _of_all(line: Line, case: Case, part: RefundPart) -> bool:
    """Whether all of the payment was cancelled, and the part is all of it."""
    return (line.key, line.payment, line.amount) == (CANCELLED, payment_of(case.order_id), part.amount)


def went_twice(town: Town, case: Case) -> Iterator[str]:
    """At every moment: parts of which more had gone than is theirs, or that went one way and another."""
    for name, part in case.refund.by_name.items() if case.refund else ():
        lines = went_for(town, case, name, part)
        if max(accumulate(lines), default=0) > part.amount:
            yield f"I13: of part {name} of {case.case_id} went {lines}, {part.amount} is its own"
        net = sum(lines)
        if part.state == "redirected" and net:
            yield f"I13: part {name} of {case.case_id} went to the wallet instead, and {net} the first way"


def unsettled(store: Any, town: Town, case: Case) -> Iterator[str]:
    """When nobody has anything more to say: what is told wrongly, and what nobody sees."""
    yield from went_twice(town, case)
    for name, part in case.refund.by_name.items() if case.refund else ():
        if part.provider is None:
            continue
        net, told = sum(went_for(town, case, name, part)), f"part {name} of {case.case_id} is {part.state}"
        by_hand = part.report is None or part.report.told != "succeeded"
        if part.state == "paid" and net != part.amount and not by_hand:
            yield f"I13: {told}, {net} of {part.amount} went"
        if part.state not in ("paid", "redirected", *SEEN):
            yield f"I13: {told}, and nothing more happens"
        if part.state in SEEN and not _is_listed(store, case):
            yield f"I13: {told}, and nobody sees it"
        if part.state in SEEN and not part.is_in_doubt and net:
            yield f"I13: {told}, {net} went"


def _is_listed(store: Any, case: Case) -> bool:
    listed = every(lambda at: store.cases(Filter(order_id=case.order_id, refund=OPEN_REFUND), cursor=at))
    return any(each.case_id == case.case_id for each in listed)
