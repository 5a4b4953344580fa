"""The invariants (architecture.md section 2), checked from outside: what the rows say, what the world got.

What each timeline entry must have brought about is typed here by hand, not taken from the code under proof.
"""

from collections.abc import Iterator, Sequence

from chalicelib.domain.case import Case
from chalicelib.domain.order import Order
from chalicelib.domain.timeline import Entry, intact
from tests.proofs.world import ProofWorld

ENDED = ("event:order.release_shipment", "event:case.closed")
CANCELLED = ("mail:approved:buyer", "mail:approved:seller", "event:order.cancelled")

# (command, where it led): what it owes; money_returned only where money was due.
OWES: dict[tuple[str, str], tuple[str, ...]] = {
    ("ask", "awaiting_seller"): (
        "mail:request_received:buyer",
        "mail:decision_needed:seller",
        "event:case.opened",
        "event:order.hold_shipment",
    ),
    ("ask", "cancelled"): ("event:case.opened", *CANCELLED, "mail:money_returned:buyer", "event:case.closed"),
    ("ask", "refunding"): ("event:case.opened", *CANCELLED, "event:refund.requested"),
    ("approve", "cancelled"): (*CANCELLED, "mail:money_returned:buyer", "event:case.closed"),
    ("approve", "refunding"): (*CANCELLED, "event:refund.requested"),
    ("approve", "awaiting_support"): ("mail:escalated:buyer", "mail:escalated:seller", "event:case.escalated"),
    ("expire", "cancelled"): (*CANCELLED, "mail:money_returned:buyer", "event:case.closed"),
    ("expire", "refunding"): (*CANCELLED, "event:refund.requested"),
    ("expire", "awaiting_support"): ("mail:escalated:buyer", "mail:escalated:seller", "event:case.escalated"),
    ("expire", "expired"): ("mail:expired:buyer", "mail:expired:seller", *ENDED),
    ("reject", "rejected"): ("mail:rejected:buyer", "mail:rejected:seller", *ENDED),
    ("withdraw", "withdrawn"): ("mail:withdrawn:buyer", "mail:withdrawn:seller", *ENDED),
    ("order_moved", "overtaken"): ("mail:overtaken:buyer", "mail:overtaken:seller", *ENDED),
    ("order_moved", "awaiting_seller"): ("event:case.parcel_moved",),
    ("order_moved", "awaiting_support"): ("event:case.parcel_moved",),
    ("order_moved", "refunding"): ("event:case.parcel_moved",),
    ("refund_succeeded", "cancelled"): ("mail:money_returned:buyer", "event:case.closed"),
    ("refund_failed", "refunding"): ("event:refund.failed",),
    ("expire again", "refunding"): ("event:refund.requested", "event:refund.overdue"),
}

WAITS_IN = {
    "awaiting_seller": "AwaitSeller",
    "awaiting_support": "AwaitSupport",
    "refunding": "AwaitRefund",
}


def violations(world: ProofWorld, order_id: str, *, faults: int) -> list[str]:
    """Every broken invariant, by number. `faults` is how often something went wrong: each may double one effect."""
    order = world.store.order(order_id)
    if order is None:
        return ["I7: the order is gone"]
    found: list[str] = []
    cases = [case for case in (world.store.case(case_id) for case_id in order.cases) if case]
    found += _slot(order, cases)
    found += _money(world, order, cases)
    for case in cases:
        entries = world.store.timeline(case.case_id)
        found += _timeline(case, entries)
        found += _effects(world, case, entries, 1 + faults)
        found += _execution(world, case)
        if case.deadline_at and (world.clock.at - case.deadline_at).total_seconds() > 60 + 91:
            found.append(f"I11: {case.case_id} is still {case.state} long after its deadline")
    known = {case.case_id for case in cases}
    found += [
        f"I3: a mail {effect} without a committed row"
        for case_id, effect in world.outside.mails
        if case_id not in known
    ]
    return found


def _slot(order: Order, cases: Sequence[Case]) -> Iterator[str]:
    open_ids = [case.case_id for case in cases if case.open]
    if len(open_ids) > 1:
        yield f"I1: {len(open_ids)} open cases"
    if (order.open_case or None) != (open_ids[0] if open_ids else None):
        yield f"I1: the slot holds {order.open_case}, open is {open_ids}"


def _money(world: ProofWorld, order: Order, cases: Sequence[Case]) -> Iterator[str]:
    wallet = world.store.wallet(order.body.buyer.id, order.body.currency)
    refunds = [case.refund for case in cases if case.refund]
    paid = sum(
        p.amount for refund in refunds for p in refund.parts if p.state == "paid" and p.method in ("wallet", "cod")
    )
    if wallet.balance != paid or sum(entry.amount for entry in wallet.entries) != paid:
        yield f"I4: the wallet holds {wallet.balance}, refunds say {paid}"
    for tender in order.body.tenders:
        taken = sum(p.amount for refund in refunds for p in refund.parts if p.method == tender.method)
        left = order.left_to_refund[tender.method]
        if left < 0 or taken + left != tender.amount:
            yield f"I4: {tender.method}: {taken} refunded and {left} left of {tender.amount}"
    cancelled = any(refund for refund in refunds)
    if cancelled != order.fully_cancelled:
        yield f"I4: refunded is {cancelled}, cancelled is {order.fully_cancelled}"


def _timeline(case: Case, entries: Sequence[Entry]) -> Iterator[str]:
    if not intact(entries, case.entries, case.head):
        yield "I10: the timeline is not what the row says"
    if entries and (entries[-1].state, entries[-1].outcome) != (case.state, case.outcome):
        yield "I2: the row and its last entry disagree"
    if sum(entry.state == "closed" for entry in entries) > 1:
        yield "I2: closed more than once"
    moved = False
    for entry in entries:
        moved = moved or entry.command == "order_moved"
        agreed = entry.command in ("approve", "expire") and entry.actor.role != "support"
        if moved and agreed and (entry.state == "refunding" or entry.outcome == "cancelled"):
            yield "I5: approved although the parcel had moved"


def _effects(world: ProofWorld, case: Case, entries: Sequence[Entry], most: int) -> Iterator[str]:
    allowed = set()
    for number, entry in enumerate(entries):
        place = entry.outcome or entry.state
        again = "expire again" if entry.command == "expire" and entry.came_from == "refunding" else entry.command
        left_since = any(later.state != entry.state for later in entries[number + 1 :])
        for what in OWES[again, place]:
            effect = f"{entry.seq}:{what}"
            allowed.add(effect)
            kind, _, _ = what.partition(":")
            times = (
                world.outside.mails[case.case_id, effect]
                if kind == "mail"
                else world.outside.events[f"{case.case_id}:{effect}"]
            )
            dropped = what == "mail:decision_needed:seller" and left_since
            free = what == "mail:money_returned:buyer" and not case.quote.refund_total
            parked = effect in case.owed and case.owed[effect].parked
            if times == 0 and not (dropped or free or parked):
                yield f"I3: {effect} was never paid"
            if times > most:
                yield f"I3: {effect} was paid {times} times"
    yield from (
        f"I3: a mail {effect} that no entry owes"
        for case_id, effect in world.outside.mails
        if case_id == case.case_id and effect not in allowed
    )
    unpaid = [effect for effect, owed in case.owed.items() if not owed.parked]
    if unpaid:
        yield f"I3: still owed after recovery: {unpaid}"
    if case.wake_at is None and (case.open or unpaid):
        yield "I3: nobody will ever look at this row again"


def _execution(world: ProofWorld, case: Case) -> Iterator[str]:
    execution = world.executions.executions.get(f"{case.case_id}-{case.run}")
    if execution is None or execution.status in ("FAILED", "ABORTED"):
        return  # nobody restarts it: the sweep carries the case
    if not case.open and execution.status != "SUCCEEDED":
        yield f"I6: the case is closed, its execution is {execution.status} in {execution.state}"
    if case.open and (execution.status != "RUNNING" or execution.state != WAITS_IN[case.state]):
        yield f"I6: the case is {case.state}, its execution is {execution.status} in {execution.state}"
