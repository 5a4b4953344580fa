"""The invariants (docs/reliability.md, "Promises"), checked from outside: what the rows say, what the world got.

What each timeline entry must have brought about is typed here by hand, not taken from the code under proof.
"""

from collections.abc import Iterator, Sequence

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.money.books import accounts_of, due, given_by, owed_by, unexplained
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import Refund, RefundPart
from chalicelib.domain.money.wallet import Debit
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import BOUND_FOR_BUYER
from infra.sandbox.builders import outbox_of
from tests.proofs.ledger import ledger_violations
from tests.proofs.told import log_violations
from tests.proofs.world import ProofWorld

SETTLED = ("mail:parcel_settled:buyer", "mail:parcel_settled:seller", "event:order.late_parcel_settled")
ESCALATED = ("mail:escalated:buyer", "mail:escalated:seller", "event:case.escalated")
RETURNED = ("mail:approved:buyer", "mail:approved:seller", "event:order.returned")
PAID_AT_ONCE = ("event:case.closed",)
AWAITED = ("mail:goods_awaited:buyer", "mail:goods_awaited:seller")
REOPENED = ("mail:reopened:buyer", "mail:reopened:seller", "event:case.reopened")
OF_PARCELS = ("event:order.hold_shipment", "event:order.release_shipment")
ENDED = ("event:order.release_shipment", "event:case.closed")
CANCELLED = ("mail:approved:buyer", "mail:approved:seller", "event:order.cancelled")
KEPT_GOODS = (
    *("mail:settled:buyer", "mail:settled:seller"),
    *("event:case.partial_refund_agreed", "event:order.release_shipment"),
)

WAITING = ("awaiting_seller", "awaiting_buyer", "awaiting_support", "awaiting_goods", "refunding")

# (command, where it led): what it promises; money that is there at once has no mail of its own.
PROMISES: dict[tuple[str, str], tuple[str, ...]] = {
    ("ask", "awaiting_seller"): (
        "mail:request_received:buyer",
        "mail:decision_needed:seller",
        "event:case.opened",
        "event:order.hold_shipment",
    ),
    ("ask", "cancelled"): ("event:case.opened", *CANCELLED, *PAID_AT_ONCE),
    ("ask", "refunding"): ("event:case.opened", *CANCELLED, "event:refund.requested"),
    ("approve", "cancelled"): (*CANCELLED, *PAID_AT_ONCE),
    ("approve", "refunding"): (*CANCELLED, "event:refund.requested"),
    ("approve", "awaiting_support"): ("mail:escalated:buyer", "mail:escalated:seller", "event:case.escalated"),
    ("expire", "cancelled"): (*CANCELLED, *PAID_AT_ONCE),
    ("expire", "refunding"): (*CANCELLED, "event:refund.requested"),
    ("expire", "awaiting_support"): ("mail:escalated:buyer", "mail:escalated:seller", "event:case.escalated"),
    ("expire", "expired"): ("mail:expired:buyer", "mail:expired:seller", *ENDED),
    ("reject", "rejected"): ("mail:rejected:buyer", "mail:rejected:seller", *ENDED),
    ("withdraw", "withdrawn"): ("mail:withdrawn:buyer", "mail:withdrawn:seller", *ENDED),
    ("order_moved", "overtaken"): ("mail:overtaken:buyer", "mail:overtaken:seller", *ENDED),
    ("order_moved", "awaiting_seller"): ("event:case.parcel_moved",),
    ("order_moved", "awaiting_support"): ("event:case.parcel_moved",),
    ("order_moved", "refunding"): ("event:case.parcel_moved",),
    ("order_moved", "awaiting_buyer"): ("event:case.parcel_moved",),
    ("order_moved", "awaiting_goods"): ("event:case.parcel_moved",),
    ("order_moved, decided anew", "awaiting_support"): ESCALATED,
    ("order_moved, as agreed", "cancelled"): (*CANCELLED, *PAID_AT_ONCE),
    ("order_moved, as agreed", "refunding"): (*CANCELLED, "event:refund.requested"),
    ("order_moved, too late", "cancelled"): ("mail:late_parcel:seller", "event:order.shipped_after_cancellation"),
    ("order_moved, later still", "cancelled"): ("event:order.shipped_after_cancellation",),
    ("order_moved, too late", "refunding"): (
        "event:case.parcel_moved",
        "mail:late_parcel:seller",
        "event:order.shipped_after_cancellation",
    ),
    ("order_moved, later still", "refunding"): ("event:case.parcel_moved", "event:order.shipped_after_cancellation"),
    ("parcel_answered", "awaiting_seller"): (),
    ("parcel_answered", "awaiting_buyer"): (),
    ("parcel_answered", "awaiting_support"): (),
    ("parcel_answered", "awaiting_goods"): (),
    ("parcel_answered", "refunding"): (),
    ("parcel_answered", "cancelled"): (*CANCELLED, *PAID_AT_ONCE),
    ("parcel_answered", "returned"): (*RETURNED, *PAID_AT_ONCE),
    ("offer", "awaiting_buyer"): ("mail:offer_made:buyer", "event:case.offer_made"),
    ("accept_offer", "cancelled"): (*CANCELLED, *PAID_AT_ONCE),
    ("accept_offer", "refunding"): (*CANCELLED, "event:refund.requested"),
    ("accept_offer", "awaiting_support"): ESCALATED,
    ("accept_offer", "settled"): ("mail:settled:buyer", "mail:settled:seller", "event:order.change_agreed", *ENDED),
    ("goods are kept", "settled"): (*KEPT_GOODS, *PAID_AT_ONCE),
    ("goods are kept", "refunding"): (*KEPT_GOODS, "event:refund.requested"),
    ("decline_offer", "awaiting_seller"): ("mail:offer_declined:seller", "event:case.offer_declined"),
    ("decline_offer", "awaiting_support"): ESCALATED,
    ("decline_offer", "rejected"): ("mail:offer_declined:buyer", "mail:offer_declined:seller", *ENDED),
    ("extend", "awaiting_seller"): ("mail:deadline_extended:buyer", "mail:deadline_extended:seller"),
    ("extend", "awaiting_buyer"): ("mail:deadline_extended:buyer", "mail:deadline_extended:seller"),
    ("extend", "awaiting_support"): ("mail:deadline_extended:buyer", "mail:deadline_extended:seller"),
    ("extend", "awaiting_goods"): ("mail:deadline_extended:buyer", "mail:deadline_extended:seller"),
    ("claim", "awaiting_support"): (),
    ("correct", "cancelled"): ("event:case.opened", "mail:approved:buyer", *PAID_AT_ONCE),
    ("correct", "refunding"): ("event:case.opened", "mail:approved:buyer", "event:refund.requested"),
    ("amended", "awaiting_seller"): ("mail:amended:buyer", "mail:amended:seller", "event:case.amended"),
    ("amended", "awaiting_buyer"): ("mail:amended:buyer", "mail:amended:seller", "event:case.amended"),
    ("amended", "awaiting_support"): ("mail:amended:buyer", "mail:amended:seller", "event:case.amended"),
    ("amended", "awaiting_goods"): ("mail:amended:buyer", "mail:amended:seller", "event:case.amended"),
    ("a first yes", "awaiting_support"): (),
    ("goods arrive", "awaiting_goods"): ("mail:goods_arrived:buyer", "mail:goods_arrived:seller"),
    ("goods leave", "awaiting_goods"): ("mail:goods_sent:seller",),
    ("contest_goods", "awaiting_support"): (*ESCALATED, "event:return.contested"),
    ("contest_goods again", "awaiting_support"): ("event:return.contested",),
    ("return_label", "awaiting_goods"): ("mail:return_label:buyer",),
    ("shipped_back again", "awaiting_goods"): (),
    ("shipped_back again", "awaiting_support"): (),
    ("settle_parcel", "cancelled"): SETTLED,
    ("settle_parcel", "refunding"): SETTLED,
    ("confirm", "cancelled"): (*CANCELLED, *PAID_AT_ONCE),
    ("confirm", "returned"): (*RETURNED, *PAID_AT_ONCE),
    ("confirm", "refunding"): (*CANCELLED, "event:refund.requested"),
    ("appeal", "awaiting_support"): REOPENED,
    ("reopen", "awaiting_support"): REOPENED,
    ("approve", "awaiting_goods"): AWAITED,
    ("approve", "returned"): (*RETURNED, *PAID_AT_ONCE),
    ("expire", "awaiting_goods"): AWAITED,
    ("expire", "returned"): (*RETURNED, *PAID_AT_ONCE),
    ("shipped_back", "awaiting_goods"): ("mail:goods_sent:seller", "event:return.shipped"),
    ("goods_received", "cancelled"): (*CANCELLED, *PAID_AT_ONCE),
    ("goods_received", "returned"): (*RETURNED, *PAID_AT_ONCE),
    ("refund_succeeded", "settled"): ("mail:money_returned:buyer", "event:case.closed"),
    ("refund_succeeded", "cancelled"): ("mail:money_returned:buyer", "event:case.closed"),
    ("refund_failed", "refunding"): ("event:refund.failed",),
    ("expire again", "refunding"): (),
}

ASKED_FOR = "event:refund.requested"

# What is told of parts, and what people do with them.
OF_PARTS = ("part_told", "retry_part", "redirect_part", "resolve_part", "pay_out", "chargeback_told", "expire again")
OF_MONEY_UNDER_WAY = tuple(
    f"mail:{kind}:buyer"
    for kind in ("money_delayed", "money_bounced", "money_returned", "account_wanted", "account_set")
)

# Where news is still true: a mail that was tried in vain, and whose case is elsewhere by then, is not sent any more.
NEWS = {
    "request_received": WAITING,
    "deadline_extended": WAITING,
    "amended": WAITING,
    "reopened": WAITING,
    "escalated": ("awaiting_support",),
    "goods_awaited": ("awaiting_goods",),
    "goods_sent": ("awaiting_goods",),
    "goods_arrived": ("awaiting_goods",),
    "return_label": ("awaiting_goods",),
    **dict.fromkeys(("rejected", "expired", "withdrawn", "overtaken", "settled"), ("closed",)),
}

# Promises whose hour is policy's: a reminder that is due, or is not, or that nobody needs any more.
PLANNED = ("mail:reminder:", "mail:message:")

WAITS_IN = {
    "awaiting_buyer": "AwaitBuyer",
    "awaiting_goods": "AwaitGoods",
    "awaiting_seller": "AwaitSeller",
    "awaiting_support": "AwaitSupport",
    "refunding": "AwaitRefund",
}


def violations(world: ProofWorld, order_id: str, *, faults: int, log_began_later: bool = False) -> list[str]:
    """Every broken invariant, by number. `faults` is how often something went wrong: each may double one effect.
    `log_began_later`: the first decisions were made by a version that kept no log."""
    order = world.store.order(order_id)
    if order is None:
        return ["I7: the order is gone"]
    found: list[str] = []
    cases = [case for case in (world.store.case(case_id) for case_id in order.cases) if case]
    found += _slot(order, cases)
    found += _money(world, order, cases)
    timelines = {case.case_id: world.store.timeline(case.case_id) for case in cases}
    found += log_violations(world.store, order, timelines, began_later=log_began_later)
    for case in cases:
        entries = timelines[case.case_id]
        found += _timeline(case, entries)
        found += _goods(entries)
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
    open_ids = [case.case_id for case in cases if case.open and case.holds_slot]
    if len(open_ids) > 1:
        yield f"I1: {len(open_ids)} open cases"
    if (order.open_case or None) != (open_ids[0] if open_ids else None):
        yield f"I1: the slot holds {order.open_case}, open is {open_ids}"


def _money(world: ProofWorld, order: Order, cases: Sequence[Case]) -> Iterator[str]:
    wallet = world.store.wallet(order.body.buyer.id, order.body.currency)
    refunds = [case.refund for case in cases if case.refund]
    here = [case.refund for case in cases if case.refund and case.policy.built_in_wallet]
    paid = sum(p.amount for refund in here for p in refund.parts if p.state == "paid" and p.method in ("wallet", "cod"))
    taken_out = sum(entry.amount for entry in wallet.entries if isinstance(entry, Debit))
    put_in = sum(entry.amount for entry in wallet.entries) - taken_out
    if wallet.balance != paid - taken_out or put_in != paid or wallet.balance < 0:
        yield f"I4: the wallet holds {wallet.balance}, refunds say {paid}, and {taken_out} was taken out"
    yield from ledger_violations(world.store, wallet, cases)
    yield from (f"I4: {each}" for each in wrong_in_books(order, refunds))
    for kind, found in (("cancellation", order.cancelled), ("return", order.returned)):
        granted = [
            case.granted_lines for case in cases if case.refund and (case.kind == "return") is (kind == "return")
        ]
        for line in order.body.lines:
            wanted = sum(lines.get(line.line_id, 0) for lines in granted)
            # What the order does not list any more went as well.
            told_away = order.books.acknowledged.get(line.line_id, 0) if order.books else 0
            if found.get(line.line_id, 0) != wanted or wanted > line.quantity + told_away:
                yield f"I4: {wanted} of line {line.line_id} refunded ({kind}), the order says {dict(found)}"


def wrong_in_books(order: Order, refunds: Sequence[Refund]) -> list[str]:
    """What the books say that refunds do not, and what they say of money that nobody has."""
    return list(_in_books(with_books(order, None), [part for refund in refunds for part in refund.going]))


def _in_books(known: Order, parts: Sequence[RefundPart]) -> Iterator[str]:
    accounts, stays, back = accounts_of(known), due(known), owed_by(known)
    odd, given = unexplained(known), given_by(known)
    renamed = any(account.formerly for account in accounts.values())
    for promo in (False, True):
        taken = sum(account.taken for account in accounts.values() if account.promo is promo)
        sent = sum(part.amount for part in parts if part.method.is_promo is promo)
        if taken != sent:
            yield f"{sent} refunded, the books say {taken} ({'promotions' if promo else 'money'})"
    for tender_id, account in accounts.items():
        sent = sum(part.amount for part in parts if part.tender_id == tender_id)
        if sent != account.taken and not renamed:
            yield f"{tender_id}: {sent} refunded, the books say {account.taken}"
        if account.taken + account.kept > account.collected or min(account.kept, account.settled) < 0:
            yield f"{tender_id}: more went back than was collected: {account}"
        rest = account.collected - stays.get(tender_id, 0) - account.taken - given[tender_id] - account.kept
        if back.get(tender_id, 0) + odd.get(tender_id, 0) != max(0, rest):
            yield f"{tender_id}: {rest} is nowhere"
    for line in known.body.lines:
        if not 0 <= known.gone[line.line_id] <= line.quantity:
            yield f"{known.gone[line.line_id]} pieces of line {line.line_id} are gone"


def _timeline(case: Case, entries: Sequence[Entry]) -> Iterator[str]:
    if examine(entries, case.entries, case.head).whole is not Soundness.INTACT:
        yield "I10: the timeline is not what the row says"
    if entries and (entries[-1].state, entries[-1].outcome) != (case.state, case.outcome):
        yield "I2: the row and its last entry disagree"
    reopened = sum(entry.command in ("appeal", "reopen") for entry in entries)
    if case.run != 1 + reopened + sum(map(_recalls, entries)):
        yield f"I2: {case.run} runs, {reopened} of them reopened"
    closings = sum(entry.state == "closed" and entry.came_from != "closed" for entry in entries)
    if closings not in (reopened, reopened + 1):
        yield "I2: closed more than once in a run"
    moved = False
    for entry in entries:
        moved = moved or left_for_the_buyer(entry)
        agreed = entry.command in ("approve", "expire", "accept_offer") and entry.actor.role != "support"
        paid = entry.outcome == "cancelled" or (entry.state == "refunding" and entry.came_from != "refunding")
        if moved and agreed and paid and case.kind == "cancellation" and not keeps_goods(entry):
            yield "I5: approved although the parcel had moved"


def keeps_goods(entry: Entry) -> bool:
    """Whether it gives a part of the money back for goods that stay with the buyer, wherever they are by then."""
    return entry.command != "offer" and "partial_refund" in (entry.facts or {})


def promises(case: Case, entries: Sequence[Entry]) -> Iterator[tuple[str, bool]]:
    """Every effect that the timeline promised, and whether it may have been dropped, as nobody needs it any more."""
    withheld = case.refund is not None and any(part.withheld for part in case.refund.parts)
    disputed = withheld or any(entry.command == "chargeback_told" for entry in entries)
    for number, entry in enumerate(entries):
        if entry.command in ("deliver_again", "join", "separate"):
            continue
        place = entry.outcome or entry.state
        again = "expire again" if entry.command == "expire" and entry.came_from == "refunding" else entry.command
        recalled = entry.command == "order_moved" and entry.came_from == "refunding" and place == "awaiting_support"
        escalated = (
            entry.command == "order_moved" and entry.came_from == "awaiting_goods" and place == "awaiting_support"
        )
        again = "order_moved, decided anew" if recalled or escalated else again
        if entry.command == "order_moved" and entry.came_from in ("awaiting_goods", "awaiting_support"):
            again = "order_moved, as agreed" if place in ("cancelled", "refunding") else again
        if entry.command == "order_moved" and _comes_too_late(case, entry):
            first = not any(_comes_too_late(case, earlier) for earlier in entries[:number])
            again = "order_moved, too late" if first else "order_moved, later still"
        again = _of_goods(entry, entries[:number]) or again
        again = "goods are kept" if keeps_goods(entry) else again
        if (entry.command, entry.came_from, place) == ("approve", "awaiting_support", "awaiting_support"):
            again = "a first yes"
        taken_back = number + 1 < len(entries) and _recalls(entries[number + 1])
        left_since = any(later.state != entry.state for later in entries[number + 1 :])
        if (again, place) not in PROMISES and again not in OF_PARTS:
            yield f"{entry.seq}: {again} led to {place}", False
        in_part = case.rest and entry.came_from and "event:order.cancelled" in PROMISES.get((again, place), ())
        releases = ("event:order.release_shipment",) if in_part and case.kind == "cancellation" else ()
        if again in OF_PARTS:
            # Which of them depends on how the parts stand: each event that the entry froze is to be delivered.
            yield from ((f"{entry.seq}:event:{name}", False) for name in entry.events or {})
        if again in (*OF_PARTS, "refund_failed"):
            yield from ((f"{entry.seq}:{mail}", True) for mail in OF_MONEY_UNDER_WAY)
        for what in (*PROMISES.get((again, place), ()), *releases):
            if what in OF_PARCELS and case.kind == "return":
                continue
            if (
                again == "order_moved"
                and place == "refunding"
                and (entry.facts or {}).get("order_status") == "cancelled"
            ):
                continue
            if what == ASKED_FOR and case.refund and not _marketplace_pays(case.refund):
                continue
            if what == ASKED_FOR and what not in _events(entry) and disputed:
                # Nobody is asked for what waits for a bank.
                continue
            plea = what in ("mail:decision_needed:seller", "mail:offer_made:buyer")
            yield f"{entry.seq}:{what}", taken_back or (plea and left_since)


def _events(entry: Entry) -> set[str]:
    return {f"event:{name}" for name in entry.events or {}}


def _marketplace_pays(refund: Refund) -> bool:
    """Whether the marketplace is told to pay any of it, rather than Batal asking its providers."""
    return any(part.provider is None and not part.method.is_promo for part in refund.parts if not part.instead_of)


def _of_goods(entry: Entry, before: Sequence[Entry]) -> str | None:
    """What an entry says about goods on their way back, where its command alone does not tell."""
    words = [(earlier.facts or {}).get("parcel") for earlier in before]
    said = [earlier.command for earlier in before]
    word = (entry.facts or {}).get("parcel")
    if entry.command == "contest_goods" and "contest_goods" in said:
        return "contest_goods again"
    if entry.command == "shipped_back" and (entry.command in said or {"picked_up", "delivered"} & set(words)):
        return "shipped_back again"
    if entry.command != "parcel_answered" or entry.state != "awaiting_goods":
        return None
    if word == "delivered" and word not in words:
        return "goods arrive"
    sent = "shipped_back" in said or {"picked_up", "delivered"} & set(words)
    return "goods leave" if word == "picked_up" and not sent else None


def _goods(entries: Sequence[Entry]) -> Iterator[str]:
    """A return is paid once somebody saw the goods; a number typed by the buyer and silence pay nothing."""
    for number, entry in enumerate(entries):
        paid = entry.outcome == "returned" or entry.state == "refunding"
        if not (paid and entry.command == "expire" and entry.came_from == "awaiting_goods"):
            continue
        sent = [(each.events or {}).get("return.shipped") for each in entries[:number]]
        told = [event for event in sent if event is not None]
        as_0_2_0_said = any("if_silent" not in event for event in told) or not told
        seen = any((each.facts or {}).get("parcel") == "delivered" for each in entries[:number])
        if not (seen or as_0_2_0_said):
            yield "goods: a return was paid by silence, and nobody had seen the goods"


def _effects(world: ProofWorld, case: Case, entries: Sequence[Entry], most: int) -> Iterator[str]:
    allowed = set()
    kept = outbox_of(case)
    mail_failed = world.outside.mail_failed
    for effect, dropped in promises(case, entries):
        allowed.add(effect)
        times = world.outside.mails[case.case_id, effect] + world.outside.events[f"{case.case_id}:{effect}"]
        held = effect in kept and kept[effect].held
        if times == 0 and not (dropped or held or (mail_failed and _is_old_news(effect, entries))):
            yield f"I3: {effect} was never delivered"
        if times > most:
            yield f"I3: {effect} was delivered {times} times"
    yield from (
        f"I3: a mail {effect} that no entry promises"
        for case_id, effect in world.outside.mails
        if case_id == case.case_id and effect not in allowed and not effect.partition(":")[2].startswith(PLANNED)
    )
    yield from (
        f"I3: {effect} was sent {times} times"
        for (case_id, effect), times in world.outside.mails.items()
        if case_id == case.case_id and effect.partition(":")[2].startswith(PLANNED) and times > most
    )
    yield from (
        f"I13: {event} is the marketplace's, and no entry promises it"
        for event in world.outside.events
        if event.startswith(f"{case.case_id}:")
        and event.endswith(ASKED_FOR)
        and event.removeprefix(f"{case.case_id}:") not in allowed
        # What 0.1.0 wrote down says of no entry what it promised.
        and not any(each.events is None and event.startswith(f"{case.case_id}:{each.seq}:") for each in entries)
    )
    now = world.clock.at
    undelivered = [
        effect
        for effect, pending in outbox_of(case).items()
        if not pending.held and (pending.next_at is None or pending.next_at <= now)
    ]
    if undelivered:
        yield f"I3: still pending after recovery: {undelivered}"
    if case.wake_at is None and (case.open or undelivered):
        yield "I3: nobody will ever look at this row again"


def _is_old_news(effect: str, entries: Sequence[Entry]) -> bool:
    seq, _, what = effect.partition(":")
    still = NEWS.get(what.split(":")[1] if what.startswith("mail:") else "")
    return still is not None and any(entry.state not in still for entry in entries[int(seq) :])


def _comes_too_late(case: Case, entry: Entry) -> bool:
    """Whether a parcel moved although its order was cancelled, and the money could not be held back."""
    gone = (entry.facts or {}).get("order_status") == "cancelled"
    stays = (entry.came_from, entry.state) in (("refunding", "refunding"), ("closed", "closed"))
    told = entry.events is not None  # version 0.1.0 did not say so
    return entry.command == "order_moved" and case.kind == "cancellation" and stays and told and not gone


def left_for_the_buyer(entry: Entry) -> bool:
    """Whether a parcel moved that no silence may approve any more; one that comes back as it was called may."""
    return entry.command == "order_moved" and (entry.facts or {}).get("order_status") in BOUND_FOR_BUYER


def _recalls(entry: Entry) -> bool:
    return (entry.command, entry.came_from, entry.state) == ("order_moved", "refunding", "awaiting_support")


def _execution(world: ProofWorld, case: Case) -> Iterator[str]:
    execution = world.executions.executions.get(f"{case.case_id}-{case.run}")
    if execution is None or execution.status in ("FAILED", "ABORTED"):
        return  # nobody restarts it: the sweep carries the case
    if not case.open and execution.status != "SUCCEEDED":
        yield f"I6: the case is closed, its execution is {execution.status} in {execution.state}"
    if case.open and (execution.status != "RUNNING" or execution.state != WAITS_IN[case.state]):
        yield f"I6: the case is {case.state}, its execution is {execution.status} in {execution.state}"
