"""What every Store must keep of messages, evidence, settings, second runs and returns."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cases import asking
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change, Slot
from chalicelib.domain.cases.commands import (
    Appeal,
    Approve,
    Extend,
    GoodsReceived,
    OrderMoved,
    Reopen,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.mail_fates import Fate, MailFate
from chalicelib.domain.cases.outbox import Pace, noticed
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Conflict, Invalid, Refused
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import DELAYS_KEPT, MailDelay, MailStop, Why
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.seller_rules import SellerRule, SellerRules
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.ports import Filter, Store
from infra.sandbox.builders import BUDI, NO, NOW, SELLER, SUPPORT, SYSTEM, a_context, an_act, an_ask, outbox_of
from tests.contract.rows import answer, left_of, opened, pushed


def a_message(number: int = 1, case_id: str | None = None, text: str = "Halo") -> Message:
    at = NOW + timedelta(seconds=number)
    return Message(message_id=f"m{number}", order_id="LZD-1", case_id=case_id, at=at, by=BUDI, text=text)


def stored(store: Store, case_id: str = "c1") -> Case:
    case = store.case(case_id)
    assert case
    return case


def returned(store: Store) -> None:
    """A return that was agreed, shipped and received: the whole of an order."""
    seen = pushed(store, status="delivered")
    act = an_act(an_ask(kind=Kind.RETURN, reason_code="damaged"), BUDI)
    store.commit(asking.ask(replace(seen, status_at=NOW), act, a_context(), "c1"))
    store.commit(answer(store, Approve()))
    store.commit(answer(store, ShippedBack(tracking_number="J-1"), actor=BUDI))
    store.commit(answer(store, GoodsReceived()))


# --- messages


def test_messages_come_back_oldest_first_with_those_from_before_the_case(store: Store) -> None:
    store.commit(Change(message=a_message(1)))
    case = opened(store).case
    assert case
    store.commit(Change(case=noticed(case, Role.BUYER, NOW, Pace()), message=a_message(2, "c1")))
    assert list(store.messages("LZD-1")) == [a_message(1), a_message(2, "c1")]
    assert list(store.messages("LZD-2")) == []


def test_a_message_and_the_notice_of_it_are_one_commit(store: Store) -> None:
    case = opened(store).case
    assert case
    after = noticed(case, Role.BUYER, NOW, Pace())
    store.commit(Change(case=after, message=a_message(1, "c1")))
    assert stored(store) == after
    assert f"{after.rev}:mail:message:seller" in outbox_of(stored(store))


def test_a_message_on_a_row_that_moved_on_conflicts_and_is_not_kept(store: Store) -> None:
    case = opened(store).case
    assert case
    store.commit(answer(store, Withdraw(), actor=BUDI))
    with pytest.raises(Conflict):
        store.commit(Change(case=noticed(case, Role.BUYER, NOW, Pace()), message=a_message(1, "c1")))
    assert list(store.messages("LZD-1")) == []


def test_a_message_said_again_is_kept_once(store: Store) -> None:
    case = opened(store).case
    assert case
    change = Change(case=noticed(case, Role.BUYER, NOW, Pace()), message=a_message(1, "c1"))
    store.commit(change)
    store.commit(change)
    assert len(store.messages("LZD-1")) == 1


def test_a_message_under_a_key_that_is_taken_is_refused(store: Store) -> None:
    pushed(store)
    kept = Answered(key="k", fingerprint="f", status=201, body="{}", expires_at=NOW + timedelta(days=2))
    store.commit(Change(message=a_message(1), answered=kept))
    with pytest.raises(Refused) as refused:
        store.commit(Change(message=a_message(2), answered=replace(kept, fingerprint="g")))
    assert refused.value.code == "idempotency_in_progress"
    assert len(store.messages("LZD-1")) == 1


# --- evidence and settings


def test_evidence_comes_back_oldest_first_for_its_case_only(store: Store) -> None:
    def a_file(number: int, case_id: str = "c1") -> Evidence:
        return Evidence(
            evidence_id=f"e{9 - number}",
            case_id=case_id,
            at=NOW + timedelta(seconds=number),
            by=SELLER,
            filename="bukti transfer.jpg",
            content_type="image/jpeg",
            size=1024,
            key=f"evidence/{case_id}/e{9 - number}.jpg",
        )

    for each in (a_file(1), a_file(2), a_file(3, "c2")):
        store.commit(Change(evidence=each))
    assert list(store.evidence("c1")) == [a_file(1), a_file(2)]
    assert list(store.evidence("c3")) == []


def test_a_file_is_seen_once_and_written_no_more(store: Store) -> None:
    announced = Evidence(
        evidence_id="e1",
        case_id="c1",
        at=NOW,
        by=SELLER,
        filename="slip.png",
        content_type="image/png",
        size=5,
        key="evidence/c1/e1.png",
    )
    store.commit(Change(evidence=announced))
    first = replace(announced, size=3, seen_at=NOW + timedelta(minutes=1), sha256="a" * 64)
    assert store.see_evidence(first) == first
    other = replace(first, size=4, sha256="b" * 64, refused="file_type_not_allowed")
    assert store.see_evidence(other) == first
    assert list(store.evidence("c1")) == [first]


def test_the_last_setting_counts(store: Store) -> None:
    assert store.setting("support_contacts") is None
    store.put_setting("support_contacts", {"items": []})
    store.put_setting("support_contacts", {"items": [{"channel": "phone", "address": "1500"}]})
    assert store.setting("support_contacts") == {"items": [{"channel": "phone", "address": "1500"}]}


# --- a new run, money taken back, goods returned


def test_an_appeal_takes_the_orders_slot_again(store: Store) -> None:
    opened(store)
    store.commit(answer(store, NO))
    order = store.order("LZD-1")
    assert order
    assert order.open_case is None
    store.commit(answer(store, Appeal(comment="Belum dikemas"), actor=BUDI, order=order))
    order = store.order("LZD-1")
    assert order
    assert (order.open_case, order.cases, stored(store).run) == ("c1", ("c1",), 2)


def test_two_appeals_that_saw_one_row_cannot_both_have_the_slot(store: Store) -> None:
    opened(store)
    store.commit(answer(store, NO))
    order = store.order("LZD-1")
    first = answer(store, Appeal(comment="Belum dikemas"), actor=BUDI, order=order)
    second = answer(store, Reopen(), actor=SUPPORT, decision_id="d-other", order=order)
    store.commit(first)
    with pytest.raises(Conflict):
        store.commit(second)


def test_a_refund_that_was_never_sent_can_be_taken_back_whole(store: Store) -> None:
    opened(store, tenders={"card": 150_000})
    store.commit(answer(store, Approve()))
    order = store.order("LZD-1")
    assert order
    assert (left_of(order), order.cancelled) == ({"card": 0}, {"1": 1})
    push = StatusPush(status=OrderStatus.SHIPPED, version=2, at=NOW)
    moved = answer(store, OrderMoved(order_status=push.status), actor=SYSTEM)
    store.commit(moved)
    order = store.order("LZD-1")
    assert order
    assert (left_of(order), order.cancelled.get("1", 0)) == ({"card": 150_000}, 0)
    assert order.open_case == "c1"


def test_a_return_counts_apart_from_cancellations(store: Store) -> None:
    returned(store)
    order = store.order("LZD-1")
    assert order
    assert (dict(order.returned), dict(order.cancelled)) == ({"1": 1}, {})
    assert (order.attempts, order.return_attempts) == (0, 1)
    assert left_of(order) == {"wallet": 0}
    assert store.wallet("budi", "IDR").balance == 150_000


def test_an_attempt_can_be_given_back(store: Store) -> None:
    opened(store)
    withdrawal = answer(store, Withdraw(), actor=BUDI)
    assert withdrawal.slot
    store.commit(replace(withdrawal, slot=replace(withdrawal.slot, attempts=-1)))
    order = store.order("LZD-1")
    assert order
    assert order.attempts == 0


def test_a_slot_is_only_released_by_the_case_that_holds_it(store: Store) -> None:
    opened(store)
    withdrawal = answer(store, Withdraw(), actor=BUDI)
    with pytest.raises(Conflict):
        store.commit(replace(withdrawal, slot=Slot(order_id="LZD-1", case_id="c9", releases=True)))
    assert stored(store).open


def test_a_payer_marks_what_it_is_about_to_send_and_a_decision_made_before_loses(store: Store) -> None:
    opened(store, tenders={"card": 150_000})
    store.commit(answer(store, Approve()))
    case = stored(store)
    recall = answer(store, OrderMoved(order_status=OrderStatus.SHIPPED), actor=SYSTEM)
    assert store.save_outbox(case, replace(case, rev=case.rev + 1, money_sent=True))
    with pytest.raises(Conflict):
        store.commit(recall)
    assert stored(store).money_sent


# --- lists


def test_lists_keep_what_the_filter_says_and_nothing_else(store: Store) -> None:
    for number in range(3):
        opened(store, case_id=f"c{number}", order_id=f"O-{number}")
    store.commit(answer(store, NO, "c0", now=NOW + timedelta(minutes=5)))
    store.commit(answer(store, Withdraw(), "c1", actor=BUDI, now=NOW + timedelta(minutes=9)))

    def ids(**wanted: object) -> set[str]:
        return {case.case_id for case in store.cases(Filter(**wanted)).items}  # type: ignore[arg-type]

    assert ids(outcome="rejected") == {"c0"}
    assert ids(kind="return") == set()
    assert ids(kind="cancellation") == {"c0", "c1", "c2"}
    assert ids(updated_since=NOW + timedelta(minutes=6)) == {"c1"}
    assert ids(due_before=NOW + timedelta(days=9)) == {"c2"}
    assert ids(due_before=NOW) == set()
    assert ids(state="closed", updated_since=NOW + timedelta(minutes=6)) == {"c1"}
    assert ids(buyer_id="budi", seller_id="somebody-else") == set()
    assert ids(order_id="O-2", state="closed") == set()


def test_what_is_read_is_what_was_written_in_every_field(store: Store) -> None:
    case = opened(store).case
    assert case
    actor = Actor(role=Role.SUPPORT, id="rini")
    after = advance(case, an_act(Extend(until=NOW + timedelta(days=2)), actor), a_context())
    store.commit(after)
    assert stored(store) == after.case
    assert list(store.timeline("c1"))[-1] == after.entry


# --- sellers' rules, stopped addresses


def test_the_last_rules_of_a_seller_count(store: Store) -> None:
    assert store.seller_rules("toko-baju") == SellerRules()
    first = SellerRules(version=1, rules=(SellerRule(name="a", within=Span(amount=2, unit="hours")),))
    store.put_seller_rules("toko-baju", first)
    store.put_seller_rules("toko-sepatu", SellerRules(version=1))
    assert store.seller_rules("toko-baju") == first
    store.put_seller_rules("toko-baju", SellerRules(version=2))
    assert store.seller_rules("toko-baju") == SellerRules(version=2)


def a_stop(address: str, why: Why = Why.BOUNCE) -> MailStop:
    return MailStop(address=address, why=why, at=NOW, case_id="c1")


def test_an_address_is_stopped_until_it_is_lifted_however_it_is_written(store: Store) -> None:
    both = {"BUDI@example.com", "ani@example.com"}
    assert set(store.stopped(both)) == set()
    store.put_mail_stop(a_stop("Budi@Example.com"))
    store.put_mail_stop(a_stop("budi@example.com", Why.COMPLAINT))
    assert set(store.stopped(both)) == {"BUDI@example.com"}
    assert list(store.mail_stops().items) == [a_stop("budi@example.com", Why.COMPLAINT)]
    store.lift_mail_stop(a_stop("budi@example.com").stop_id)
    store.lift_mail_stop("never-stopped")
    assert set(store.stopped(both)) == set()


def test_late_mails_are_noted_once_listed_the_latest_first_and_forgotten_after_a_week(store: Store) -> None:
    def late(mail_id: str, at: datetime) -> MailDelay:
        return MailDelay(mail_id=mail_id, at=at, why="General", case_id="c1")

    first, second = late("m1", NOW), late("m2", NOW + timedelta(hours=1))
    for delay in (first, second, first):
        store.put_mail_delay(delay)
    assert list(store.mail_delays(NOW, limit=10)) == [second, first]
    assert list(store.mail_delays(NOW, limit=1)) == [second]
    assert list(store.mail_delays(NOW + timedelta(minutes=1), limit=10)) == [second]
    store.put_mail_delay(late("m3", NOW + DELAYS_KEPT + timedelta(minutes=30)))
    assert [delay.mail_id for delay in store.mail_delays(NOW, limit=10)] == ["m3", "m2"]


def test_all_stopped_addresses_are_listed_page_by_page(store: Store) -> None:
    stops = {f"{number}@example.com" for number in range(5)}
    for address in stops:
        store.put_mail_stop(a_stop(address))
    found: list[str] = []
    cursor = None
    for size in (2, 2, 1):
        page = store.mail_stops(limit=2, cursor=cursor)
        assert len(page.items) == size
        found += [stop.address for stop in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(found) == sorted(stops)
    with pytest.raises(Invalid):
        store.mail_stops(cursor="nonsense")


def test_what_became_of_a_mail_later_counts_in_whichever_order_it_is_told(store: Store) -> None:
    def told(fate: Fate, minutes: int) -> MailFate:
        return MailFate(run=1, turn=2, fate=fate, at=NOW + timedelta(minutes=minutes), handed_at=NOW)

    assert store.mail_fate("c-fate") is None
    delivered = told(Fate.DELIVERED, 5)
    for fate in (told(Fate.LATE, 2), delivered, told(Fate.LATE, 3)):
        store.put_mail_fate("c-fate", fate)
    assert store.mail_fate("c-fate") == delivered
    assert store.mail_fate("c-other") is None
