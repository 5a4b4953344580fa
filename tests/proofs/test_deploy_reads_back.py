"""After a deploy each case is read back as an earlier version meant it, with its money. Values are typed by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import pytest

from chalicelib.domain.cases.case import Case, Offer, Pending
from chalicelib.domain.cases.choices import Alternative, Channel
from chalicelib.domain.cases.effects import encode
from chalicelib.domain.money.books import left_by
from chalicelib.domain.money.ledger import Occasion
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import MoneyBack
from chalicelib.domain.ports import Filter
from chalicelib.edge.shapes import case_shape, entry_shape
from chalicelib.workflow import decisions, figures, wallets
from chalicelib.workflow.held import Which, find_unlisted, held_effects, release
from infra.sandbox.builders import BUDI, OPERATOR, SELLER, SUPPORT, SYSTEM, outbox_of
from tests.proofs.golden import after_deploy
from tests.proofs.golden_moments import MORE, YES
from tests.proofs.ledger import adds_up, ledger_of
from tests.proofs.scenarios import ORDER
from tests.proofs.world import Laboratory

# Where the latest case of each moment stands: closed as what, or open for whom.
STANDS: Mapping[tuple[str, str | None], tuple[str, ...]] = {
    ("awaiting_seller", "seller"): (
        "the parcel is held",
        "the parcel left meanwhile",
        "a part is cancelled, another is asked for",
        "asked by phone",
        "mails parked, open",
        "mails tried twice",
        "messages and evidence",
        "an answer by mail",
        "an answered key",
        "a dry rule of the seller",
        "an operator's own policy",
        "a mail stop",
    ),
    ("awaiting_buyer", "buyer"): ("a fee is offered", "an alternative is offered"),
    ("awaiting_support", "support"): (
        "a refund is recalled",
        "a first yes",
        "claimed, with more time",
        "appealed",
        "reopened",
    ),
    ("awaiting_goods", "buyer"): ("a return to be sent",),
    ("awaiting_goods", "seller"): ("a return on its way", "a parcel called back", "a parcel to be intercepted"),
    ("refunding", "system"): (
        "mixed tenders, a provider owes the rest",
        "a refund failed",
        "a refund is overdue",
        "the parcel left after the money",
        "events tried once, refunding",
    ),
    ("cancelled", None): (
        "approved, nothing paid yet",
        "approved, nobody woken",
        "granted by a rule of the seller",
    ),
    ("returned", None): ("mixed tenders with cash, returned",),
    ("rejected", None): ("events parked, closed",),
    ("settled", None): ("settled",),
    ("withdrawn", None): ("withdrawn",),
    ("overtaken", None): ("overtaken",),
    ("expired", None): ("expired",),
}
IN_SECOND_RUN = {"a refund is recalled", "appealed", "reopened"}
PLACES = [(moment, place) for place, moments in STANDS.items() for moment in moments]


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


def refund_of(case: Case) -> list[tuple[str, int, str]]:
    assert case.refund
    return sorted((part.method, part.amount, part.state.value) for part in case.refund.parts)


@pytest.mark.parametrize(("moment", "place"), PLACES)
def test_a_case_stands_where_it_stood_and_everybody_can_see_it(
    lab: Laboratory, moment: str, place: tuple[str, str | None]
) -> None:
    world, case = after_deploy(lab, moment)
    assert (case.outcome or case.state, case.waiting_for) == place
    assert case.run == (2 if moment in IN_SECOND_RUN else 1)
    order = world.store.order(ORDER)
    assert order
    for wanted in ({"buyer_id": "budi"}, {"seller_id": "toko-baju"}, {"order_id": ORDER}, {"state": case.state}):
        assert case.case_id in [each.case_id for each in world.store.cases(Filter(**wanted)).items]
    assert [each.order_id for each in world.store.orders(seller_id="toko-baju").items] == [ORDER]
    assert (case.case_id in world.store.due(at(30, 0, 0).replace(year=2027), 10)) is (case.wake_at is not None)
    for actor in (BUDI, SELLER, SUPPORT):
        assert msgspec.json.encode(case_shape(case, "en", staff=actor is SUPPORT))
        # Whose move it is finds something to say.
        assert decisions.may_say(world.ports, case, order, actor) or actor.role != case.waiting_for
    assert [entry_shape(entry, Role.SUPPORT) for entry in world.store.timeline(case.case_id)]


def test_no_moment_with_a_case_is_left_out() -> None:
    assert {moment for moment, _ in PLACES} == set(MORE) - {"a message before any case"}


def test_an_offer_is_still_on_the_table(lab: Laboratory) -> None:
    _, fee = after_deploy(lab, "a fee is offered")
    assert fee.offer == Offer(fee=10_000, comment="Ongkos", by=SELLER)
    assert (fee.rounds, fee.deadline_at, fee.if_silent) == (1, at(24, 3, 0), "escalate")
    _, other = after_deploy(lab, "an alternative is offered")
    assert other.offer == Offer(alternative=Alternative.CHANGE_VARIANT, by=SELLER)
    _, agreed = after_deploy(lab, "settled")
    assert agreed.offer == Offer(alternative=Alternative.CHANGE_VARIANT, by=SELLER, accepted=True)


def test_goods_under_way_keep_their_tracking_number(lab: Laboratory) -> None:
    _, to_be_sent = after_deploy(lab, "a return to be sent")
    assert to_be_sent.goods
    assert (to_be_sent.goods.agreed_at, to_be_sent.goods.sent_at) == (at(23, 3, 0), None)
    assert (to_be_sent.deadline_at, to_be_sent.if_silent) == (at(30, 3, 0), "expire")
    _, sent = after_deploy(lab, "a return on its way")
    assert sent.goods
    assert (sent.goods.tracking_number, sent.goods.carrier, sent.goods.sent_at) == ("JNE-1", "JNE", at(24, 3, 0, 3))
    assert sent.if_silent == "approve"
    world, called_back = after_deploy(lab, "a parcel called back")
    assert world.ports.policies.version("lazada", called_back.policy.version).money_back is MoneyBack.ON_RECEIPT


def test_a_parcel_that_moved_or_was_held_is_remembered(lab: Laboratory) -> None:
    assert after_deploy(lab, "the parcel is held")[1].parcel == "held"
    world, case = after_deploy(lab, "the parcel left meanwhile")
    order = world.store.order(ORDER)
    assert order
    assert (case.moved_to, order.status, order.tracking_number, order.carrier) == ("shipped", "shipped", "JNE-7", "JNE")
    _, recalled = after_deploy(lab, "a refund is recalled")
    assert (recalled.refund, recalled.moved_to, recalled.money_sent) == (None, "shipped", False)
    assert after_deploy(lab, "the parcel left after the money")[1].money_sent


def test_what_is_left_of_an_order_is_known_to_the_piece_and_to_the_rupiah(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "a part is cancelled, another is asked for")
    order = world.store.order(ORDER)
    assert order
    assert (case.lines, case.attempt, order.attempts) == ({"1": 1}, 2, 2)
    assert (order.cancelled, order.remaining) == ({"2": 1}, {"1": 1, "2": 1})
    assert left_by(with_books(order, None)) == {"wallet": 135_000}
    assert order.cases == ("id1", "id4")
    world, _ = after_deploy(lab, "mixed tenders with cash, returned")
    order = world.store.order(ORDER)
    assert order
    assert (order.returned, order.cancelled, order.return_attempts) == ({"1": 1}, {}, 1)
    assert left_by(with_books(order, None)) == {"voucher": 0, "coins": 0, "cod": 0}


def test_money_is_where_it_was(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "mixed tenders, a provider owes the rest")
    assert refund_of(case) == [
        ("card", 80_000, "due"),
        ("coins", 10_000, "given_back"),
        ("voucher", 20_000, "given_back"),
        ("wallet", 40_000, "paid"),
    ]
    wallet = world.store.wallet("budi", "IDR")
    assert wallet.balance == 40_000
    (entry,) = wallet.entries
    assert isinstance(entry, Credit)
    assert (entry.amount, entry.part, entry.refund_id, entry.case_id) == (40_000, "wallet", "rf_id1", "id1")
    world, case = after_deploy(lab, "mixed tenders with cash, returned")
    assert refund_of(case) == [
        ("cod", 100_000, "paid"),
        ("coins", 20_000, "given_back"),
        ("voucher", 30_000, "given_back"),
    ]
    assert world.store.wallet("budi", "IDR").balance == 100_000
    _, failed = after_deploy(lab, "a refund failed")
    assert failed.refund
    assert (failed.refund.state, failed.refund.due, failed.refund.events) == ("failed", 150_000, ("e1",))
    _, overdue = after_deploy(lab, "a refund is overdue")
    assert overdue.refund
    assert (overdue.refund.state, overdue.refund.overdue) == ("pending", True)
    assert figures.is_stuck(failed)
    assert figures.is_stuck(overdue)


@pytest.mark.parametrize(
    ("file", "moment", "credits"),
    [
        ("0.1.0", "instantly cancelled", [150_000]),
        ("0.1.0-more", "mixed tenders, a provider owes the rest", [40_000]),
        ("0.1.0-more", "mixed tenders with cash, returned", [100_000]),
        ("0.1.0-more", "a part is cancelled, another is asked for", [25_000]),
        ("0.2.0", "a late parcel", [150_000]),
        ("0.4.0", "nobody can be written to", [150_000]),
    ],
)
def test_old_balances_become_opening_entries_and_can_be_spent_before_and_after(
    lab: Laboratory, file: str, moment: str, credits: list[int]
) -> None:
    world, _ = after_deploy(lab, moment, file)
    store, (whole,) = world.store, credits
    assert ledger_of(store) == []
    assert store.wallet("budi", "IDR").balance == whole
    wallets.debit(world.ports, "budi", "IDR", 1, "d1", "order LZD-9", SYSTEM)
    assert store.open_ledger() == len(credits)
    assert adds_up(store, "budi", "IDR")
    opening = [entry for entry in ledger_of(store) if entry.what is Occasion.OPENING]
    assert [[leg.amount for leg in entry.legs] for entry in opening] == [[-whole, whole]]
    wallets.debit(world.ports, "budi", "IDR", whole - 1, "d2", "order LZD-9", SYSTEM)
    assert store.wallet("budi", "IDR").balance == 0
    assert adds_up(store, "budi", "IDR")


def test_customer_service_finds_its_own_marks(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "a first yes")
    assert (case.first_yes, case.if_silent) == ("sari", "escalate")
    assert [entry.note for entry in world.store.timeline(case.case_id)] == [None, "first"]
    _, claimed = after_deploy(lab, "claimed, with more time")
    assert (claimed.claimed_by, claimed.deadline_at, claimed.lapsed) == ("sari", at(27, 3, 0), True)
    _, phoned = after_deploy(lab, "asked by phone")
    assert (phoned.asked.channel, phoned.asked.by, phoned.asked.on_behalf_of) == (Channel.PHONE, SUPPORT, "budi")
    assert phoned.asked.comment == "called us"
    _, appealed = after_deploy(lab, "appealed")
    assert (appealed.appeals, appealed.entries) == (1, 3)
    _, reopened = after_deploy(lab, "reopened")
    assert (reopened.appeals, reopened.claimed_by) == (0, "sari")


def test_what_was_parked_stays_parked_and_nothing_else_does(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "mails parked, open")
    held = Pending(tries=8, held=True)
    pleas = {"1:mail:request_received:buyer": held, "1:mail:decision_needed:seller": held}
    assert outbox_of(case) == {"1:mail:reminder:seller:1": Pending(next_at=at(23, 23, 0)), **pleas}
    assert find_unlisted(world.store, world.clock()) == 2
    assert find_unlisted(world.store, world.clock()) == 2, "run again, it lists nothing twice"
    listed = held_effects(world.ports, OPERATOR, Which()).items
    assert {(one.case.case_id, encode(one.promise)) for one in listed} == {(case.case_id, plea) for plea in pleas}
    YES(world)
    world.pump()
    world.recover()
    # Neither mail would help after the answer.
    after = world.case(case.case_id)
    assert after
    assert outbox_of(after) == {}
    assert held_effects(world.ports, OPERATOR, Which()).items == []
    world, closed = after_deploy(lab, "events parked, closed")
    assert outbox_of(closed) == {"2:event:order.release_shipment": held, "2:event:case.closed": held}
    assert closed.wake_at is None
    world.recover()
    assert world.case(closed.case_id) == closed
    find_unlisted(world.store, world.clock())
    released = release(world.ports, OPERATOR, Which(kind="event"), "the bus is back")
    assert len(released.delivering) == 2
    world.recover()
    assert set(world.outside.events.values()) == {1}
    after = world.case(closed.case_id)
    assert after
    assert outbox_of(after) == {}


def test_what_failed_is_tried_again_at_its_hour(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "mails tried twice")
    again = Pending(tries=2, next_at=at(23, 3, 1, 31))
    assert outbox_of(case) == {
        "1:mail:reminder:seller:1": Pending(next_at=at(23, 23, 0)),
        "1:mail:request_received:buyer": again,
        "1:mail:decision_needed:seller": again,
    }
    mail = ("id1", "1:mail:request_received:buyer")
    world.clock.advance(59)
    world.sweep()
    assert world.outside.mails[mail] == 0
    world.clock.advance(1)
    world.sweep()
    assert world.outside.mails[mail] == 1
    _, refunding = after_deploy(lab, "events tried once, refunding")
    again = Pending(tries=1, next_at=at(23, 3, 0, 30))
    assert outbox_of(refunding) == {"2:event:order.cancelled": again, "2:event:refund.requested": again}
    _, asleep = after_deploy(lab, "approved, nobody woken")
    assert "2:resume" in outbox_of(asleep)
