"""What every Store must keep, fake and real alike, so that the fake cannot lie."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest

from chalicelib.domain.cases.case import Pending
from chalicelib.domain.cases.change import Answered, Change, Push
from chalicelib.domain.cases.commands import Approve, OrderMoved, Withdraw
from chalicelib.domain.cases.effects import decode
from chalicelib.domain.errors import Conflict, Invalid, Refused
from chalicelib.domain.money.books import left_by
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import GivenBack, StatusPush, with_body, with_given_back, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.ports import Filter, Store, Token
from infra.sandbox.builders import BUDI, NO, NOW, SYSTEM, a_body, a_policy, an_asking, an_order
from tests.contract.rows import answer, left_of, opened, pushed


def test_an_order_comes_back_as_it_was_pushed(store: Store) -> None:
    assert pushed(store) == an_order()


def test_an_unknown_order_case_or_wallet_is_nothing(store: Store) -> None:
    assert store.order("nope") is None
    assert store.case("nope") is None
    assert store.token("nope") is None
    assert store.answered("nope", NOW) is None
    assert list(store.timeline("nope")) == []
    assert store.wallet("nope", "IDR").balance == 0


def test_a_case_comes_back_as_it_was_committed(store: Store) -> None:
    change = opened(store)
    assert store.case("c1") == change.case
    (entry,) = store.timeline("c1")
    assert replace(entry, log_place=None) == change.entry


def test_an_open_case_holds_its_orders_slot(store: Store) -> None:
    opened(store)
    order = store.order("LZD-1")
    assert order
    assert (order.open_case, order.cases, order.attempts) == ("c1", ("c1",), 1)
    assert left_of(order) == {"wallet": 150_000}


def test_a_second_case_for_one_order_conflicts(store: Store) -> None:
    seen = pushed(store)
    store.commit(an_asking(seen, case_id="c1"))
    with pytest.raises(Conflict):
        store.commit(an_asking(seen, case_id="c2"))
    assert store.case("c2") is None


def test_a_case_decided_on_an_order_that_changed_meanwhile_conflicts(store: Store) -> None:
    seen = pushed(store)
    push = StatusPush(status=OrderStatus.SHIPPED, version=2, at=NOW)
    store.commit(Change(push=Push(before=seen, after=with_status(seen, push, NOW) or seen)))
    with pytest.raises(Conflict):
        store.commit(an_asking(seen))


def elsewhere(act: Callable[[], None]) -> None:
    """Somebody else does this meanwhile: of what they read and wrote, whoever waits here remembers nothing."""
    other = Thread(target=act)
    other.start()
    other.join()


def test_an_order_that_moved_since_it_was_read_is_no_reason_to_refuse_what_does_not_rest_on_it(store: Store) -> None:
    opened(store)
    withdrawal, push = answer(store, Withdraw(), actor=BUDI), StatusPush(status=OrderStatus.SHIPPED, version=2, at=NOW)

    def moved() -> None:
        seen = store.order("LZD-1")
        assert seen
        store.commit(Change(push=Push(before=seen, after=with_status(seen, push, NOW) or seen)))

    assert store.order("LZD-1")
    elsewhere(moved)
    store.commit(withdrawal)
    order = store.order("LZD-1")
    assert order
    assert (order.status, order.open_case, order.rev) == (OrderStatus.SHIPPED, None, 4)


def test_pieces_that_went_since_an_order_was_read_are_not_forgotten(store: Store) -> None:
    """Two cases, one after the other; whoever decides the second has read the order before the first was."""
    lines = tuple(Line(line_id=each, name="Kemeja", quantity=2, unit_price=50_000) for each in "12")
    seen = pushed(store, lines=lines, tenders={"wallet": 200_000})
    store.commit(an_asking(seen, case_id="c1", lines={"1": 1}))
    approval = answer(store, Approve())
    elsewhere(lambda: store.commit(approval))
    second = store.order("LZD-1")
    assert second
    store.commit(an_asking(second, case_id="c2", lines={"2": 1}))
    approval = answer(store, Approve(), case_id="c2")
    assert store.order("LZD-1")
    elsewhere(lambda: store.commit(approval))
    order = store.order("LZD-1")
    assert order
    assert order.cancelled == {"1": 1, "2": 1}


def taken_of(order: Order) -> dict[str, int]:
    assert order.books
    return {tender_id: account.taken for tender_id, account in order.books.accounts.items()}


def test_a_decision_on_a_row_that_moved_on_conflicts_and_changes_nothing(store: Store) -> None:
    opened(store)
    approval, withdrawal = answer(store, Approve()), answer(store, Withdraw(), actor=BUDI)
    store.commit(withdrawal)
    before = (store.case("c1"), store.order("LZD-1"), list(store.timeline("c1")))
    with pytest.raises(Conflict):
        store.commit(approval)
    assert (store.case("c1"), store.order("LZD-1"), list(store.timeline("c1"))) == before
    assert store.wallet("budi", "IDR").balance == 0


def test_an_approval_credits_the_wallet_and_frees_the_slot_in_one_go(store: Store) -> None:
    opened(store)
    store.commit(answer(store, Approve()))
    order, wallet = store.order("LZD-1"), store.wallet("budi", "IDR")
    assert order
    assert (order.open_case, taken_of(order), order.cancelled) == (None, {"wallet": 150_000}, {"1": 1})
    assert order.standing is OrderStatus.CANCELLED
    assert (wallet.balance, [entry.amount for entry in wallet.entries]) == (150_000, [150_000])


def test_the_same_commit_again_is_success_and_pays_once(store: Store) -> None:
    opened(store)
    approval = answer(store, Approve())
    store.commit(approval)
    store.commit(approval)
    assert store.wallet("budi", "IDR").balance == 150_000


def test_a_lost_reply_is_recognised_even_when_the_row_has_moved_on(store: Store) -> None:
    asked = opened(store)
    store.commit(answer(store, Withdraw(), actor=BUDI))
    store.commit(asked)
    case = store.case("c1")
    assert case
    assert case.outcome == "withdrawn"


def test_a_refund_decided_on_an_order_that_was_told_anew_meanwhile_conflicts(store: Store) -> None:
    change = opened(store)
    approval, before = answer(store, Approve()), store.order("LZD-1")
    assert before
    given = with_given_back(before, GivenBack(tender_id="wallet", amount=20_000))
    assert given
    store.commit(Change(push=Push(before=before, after=given)))
    with pytest.raises(Conflict):
        store.commit(approval)
    assert store.case("c1") == change.case


def test_an_instant_cancellation_opens_and_ends_in_one_commit(store: Store) -> None:
    change = an_asking(pushed(store, status="placed", placed_at=NOW - timedelta(minutes=5)))
    store.commit(change)
    order = store.order("LZD-1")
    assert order
    assert (order.open_case, order.cases, taken_of(order)) == (None, ("c1",), {"wallet": 150_000})
    assert store.wallet("budi", "IDR").balance == 150_000


def test_a_push_never_writes_the_guard_fields(store: Store) -> None:
    opened(store)
    before = store.order("LZD-1")
    assert before
    after = with_body(before, a_body(version=5), NOW)
    assert after
    store.commit(Change(push=Push(before=before, after=replace(after, open_case=None, left=None, cases=()))))
    order = store.order("LZD-1")
    assert order
    assert (order.open_case, order.cases, left_of(order), order.body.version) == ("c1", ("c1",), {"wallet": 150_000}, 5)


def test_a_push_and_what_it_means_for_the_case_are_one_commit(store: Store) -> None:
    opened(store)
    before = store.order("LZD-1")
    assert before
    after = with_status(before, StatusPush(status=OrderStatus.CANCELLED, version=2, at=NOW), NOW)
    assert after
    moved = answer(store, OrderMoved(order_status=OrderStatus.CANCELLED), actor=SYSTEM)
    store.commit(replace(moved, push=Push(before=before, after=after)))
    order, case = store.order("LZD-1"), store.case("c1")
    assert order
    assert case
    assert (order.status, order.open_case, case.outcome) == (OrderStatus.CANCELLED, None, "overtaken")


def test_a_push_read_before_a_case_opened_conflicts(store: Store) -> None:
    seen = pushed(store)
    store.commit(an_asking(seen))
    after = with_status(seen, StatusPush(status=OrderStatus.SHIPPED, version=2, at=NOW), NOW)
    assert after
    with pytest.raises(Conflict):
        store.commit(Change(push=Push(before=seen, after=after)))


def test_a_new_order_is_new_only_once(store: Store) -> None:
    pushed(store)
    with pytest.raises(Conflict):
        store.commit(Change(push=Push(before=None, after=an_order())))


def test_striking_removes_what_was_delivered_and_nothing_else(store: Store) -> None:
    case = opened(store).case
    assert case
    sent = decode("1:mail:request_received:buyer")
    later = {key: pending for key, pending in case.outbox.items() if key != sent}
    later[decode("1:start")] = Pending(tries=1, next_at=NOW + timedelta(seconds=30))
    after = replace(case, rev=case.rev + 1, outbox=later, wake_at=NOW + timedelta(seconds=30))
    assert store.save_outbox(case, after)
    assert store.case("c1") == after


def test_striking_on_a_row_that_moved_on_is_refused_and_loses_no_newer_effect(store: Store) -> None:
    case = opened(store).case
    assert case
    store.commit(answer(store, Approve()))
    moved_on = store.case("c1")
    assert not store.save_outbox(case, replace(case, rev=case.rev + 1, outbox={}))
    assert store.case("c1") == moved_on


def test_due_gives_what_has_come_most_overdue_first(store: Store) -> None:
    for number, minutes in (("a", 3), ("b", 1), ("c", 2), ("d", 9)):
        case = opened(store, case_id=number, order_id=f"O-{number}").case
        assert case
        store.save_outbox(case, replace(case, rev=case.rev + 1, wake_at=NOW + timedelta(minutes=minutes)))
    assert list(store.due(NOW + timedelta(minutes=3), 10)) == ["b", "c", "a"]
    assert list(store.due(NOW + timedelta(minutes=3), 2)) == ["b", "c"]


def test_a_row_that_need_not_be_woken_is_never_due(store: Store) -> None:
    case = opened(store).case
    assert case
    store.save_outbox(case, replace(case, rev=case.rev + 1, outbox={}, wake_at=None))
    assert list(store.due(NOW + timedelta(days=365), 10)) == []


def test_a_token_is_remembered_until_the_next(store: Store) -> None:
    opened(store)
    store.put_token("c1", Token(run=1, turn=1, token="first"))
    store.put_token("c1", Token(run=1, turn=2, token="second"))
    assert store.token("c1") == Token(run=1, turn=2, token="second")


def test_an_answer_is_kept_with_its_effect_and_only_once(store: Store) -> None:
    kept = Answered(key="k", fingerprint="f", status=201, body="{}", expires_at=NOW + timedelta(days=2))
    seen = pushed(store)
    store.commit(replace(an_asking(seen), answered=kept))
    assert store.answered("k", NOW) == kept
    other = pushed(store, order_id="LZD-2")
    with pytest.raises(Refused) as refused:
        store.commit(replace(an_asking(other, case_id="c2"), answered=replace(kept, fingerprint="g")))
    assert refused.value.code == "idempotency_in_progress"
    assert store.case("c2") is None


def test_an_answer_that_has_run_out_is_none_and_makes_room_for_the_next(store: Store) -> None:
    """DynamoDB deletes it days later."""
    kept = Answered(key="k", fingerprint="f", status=201, body="{}", expires_at=NOW + timedelta(days=2))
    store.commit(Change(answered=kept))
    assert store.answered("k", kept.expires_at - timedelta(seconds=1)) == kept
    assert store.answered("k", kept.expires_at) is None
    soon, late = (
        replace(kept, fingerprint="g", since=at, expires_at=at + timedelta(days=2)) for at in (NOW, kept.expires_at)
    )
    with pytest.raises(Refused) as refused:
        store.commit(Change(answered=soon))
    assert refused.value.code == "idempotency_in_progress"
    store.commit(Change(answered=late))
    assert store.answered("k", kept.expires_at) == late


def test_policy_versions_are_kept_and_the_newest_is_current(store: Store) -> None:
    first, second = a_policy(version=2), a_policy(version=3, max_attempts=7)
    store.put_policy(first)
    store.put_policy(second)
    assert store.policy("lazada", None) == second
    assert store.policy("lazada", 2) == first
    assert store.policy("nobody", None) is None
    store.put_policy(a_policy("shopee", version=2))
    assert list(store.policy_names()) == ["lazada", "shopee"]
    with pytest.raises(Conflict):
        store.put_policy(first)


def test_orders_are_listed_newest_first_for_buyer_and_seller(store: Store) -> None:
    for number in range(5):
        pushed(store, order_id=f"O-{number}", placed_at=NOW + timedelta(minutes=number))
    pushed(store, order_id="X", buyer="ani", seller="toko-sepatu")
    mine = store.orders(buyer_id="budi", limit=2)
    assert [order.order_id for order in mine.items] == ["O-4", "O-3"]
    rest = store.orders(buyer_id="budi", limit=3, cursor=mine.next_cursor)
    assert [order.order_id for order in rest.items] == ["O-2", "O-1", "O-0"]
    assert rest.next_cursor is None
    assert [order.order_id for order in store.orders(seller_id="toko-sepatu").items] == ["X"]


def test_orders_are_listed_by_status_with_full_pages(store: Store) -> None:
    for number in range(6):
        status = "shipped" if number % 2 else "processing"
        pushed(store, order_id=f"O-{number}", status=status, placed_at=NOW + timedelta(minutes=number))
    page = store.orders(buyer_id="budi", status="shipped", limit=2)
    assert [order.order_id for order in page.items] == ["O-5", "O-3"]
    assert [
        o.order_id for o in store.orders(buyer_id="budi", status="shipped", limit=2, cursor=page.next_cursor).items
    ] == ["O-1"]


def test_cases_are_listed_for_everyone_who_asks_by_key(store: Store) -> None:
    for number in range(4):
        order = pushed(store, order_id=f"O-{number}")
        store.commit(an_asking(order, case_id=f"c{number}", now=NOW + timedelta(minutes=number)))
    store.commit(answer(store, NO, "c0", now=NOW + timedelta(minutes=9)))
    assert [case.case_id for case in store.cases(Filter(buyer_id="budi")).items] == ["c3", "c2", "c1", "c0"]
    assert [case.case_id for case in store.cases(Filter(seller_id="toko-baju")).items] == ["c1", "c2", "c3", "c0"]
    assert [case.case_id for case in store.cases(Filter(order_id="O-2")).items] == ["c2"]
    assert [case.case_id for case in store.cases(Filter(state="closed")).items] == ["c0"]
    assert [case.case_id for case in store.cases(Filter(state="awaiting_seller")).items] == ["c1", "c2", "c3"]
    assert {case.case_id for case in store.cases(Filter()).items} == {"c0", "c1", "c2", "c3"}
    assert [case.case_id for case in store.cases(Filter(seller_id="toko-baju", state="closed")).items] == ["c0"]


@pytest.mark.parametrize(
    "filters", [{"buyer_id": "budi"}, {"seller_id": "toko-baju"}, {"state": "awaiting_seller"}, {}]
)
def test_cursors_walk_through_every_case_exactly_once(store: Store, filters: dict[str, str]) -> None:
    for number in range(7):
        opened(store, case_id=f"c{number}", order_id=f"O-{number}")
    seen, cursor = [], None
    while True:
        page = store.cases(Filter(**filters), limit=3, cursor=cursor)  # type: ignore[arg-type]
        seen += [case.case_id for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(page.items) == 3
    assert sorted(seen) == [f"c{number}" for number in range(7)]


@pytest.mark.parametrize("cursor", ["nonsense", "eyJhIjoiYiJ9", "e30", "!!!"])
def test_a_cursor_that_is_not_ours_is_refused(store: Store, cursor: str) -> None:
    opened(store)
    with pytest.raises(Invalid) as invalid:
        store.cases(Filter(buyer_id="budi"), cursor=cursor)
    assert invalid.value.code == "bad_cursor"


def test_a_cursor_of_somebody_elses_list_is_refused(store: Store) -> None:
    for number in range(3):
        opened(store, case_id=f"c{number}", order_id=f"O-{number}")
    of_cases = store.cases(Filter(buyer_id="budi"), limit=1).next_cursor
    of_orders = store.orders(buyer_id="budi", limit=1).next_cursor
    assert of_cases
    assert of_orders
    for read in (
        lambda: store.cases(Filter(buyer_id="ani"), cursor=of_cases),
        lambda: store.orders(buyer_id="ani", cursor=of_orders),
    ):
        with pytest.raises(Invalid) as invalid:
            read()
        assert invalid.value.code == "bad_cursor"


@pytest.mark.parametrize("lines", [91, 100])
def test_an_order_of_many_lines_is_granted_in_whole(store: Store, lines: int) -> None:
    many = tuple(Line(line_id=f"line-{number}", name="Kancing", quantity=3, unit_price=500) for number in range(lines))
    pushed(store, lines=many, tenders={"wallet": lines * 1500})
    order = store.order("LZD-1")
    assert order
    store.commit(an_asking(order, case_id="c1"))
    store.commit(answer(store, Approve()))
    after = store.order("LZD-1")
    assert after
    assert after.cancelled == {f"line-{number}": 3 for number in range(lines)}
    assert after.remaining == {}


def test_pieces_add_up_over_the_cases_of_an_order(store: Store) -> None:
    many = tuple(Line(line_id=f"line-{number}", name="Kancing", quantity=3, unit_price=500) for number in range(100))
    pushed(store, lines=many, tenders={"wallet": 150_000})
    for number in (1, 2):
        order = store.order("LZD-1")
        assert order
        wish = {f"line-{each}": 1 for each in range(100)}
        store.commit(an_asking(order, case_id=f"c{number}", lines=wish, policy=a_policy(max_attempts=9)))
        store.commit(answer(store, Approve(), f"c{number}"))
    after = store.order("LZD-1")
    assert after
    assert after.cancelled == {f"line-{number}": 2 for number in range(100)}


def test_what_went_back_elsewhere_is_kept_and_a_refund_takes_it_into_account(store: Store) -> None:
    before = pushed(store)
    given = with_given_back(before, GivenBack(tender_id="wallet", amount=20_000))
    assert given
    store.commit(Change(push=Push(before=before, after=given)))
    order = store.order("LZD-1")
    assert order
    assert (order.given, left_by(with_books(order, None))) == ({"wallet": 20_000}, {"wallet": 130_000})
    store.commit(an_asking(order))
    approval = answer(store, Approve())
    store.commit(approval)
    order = store.order("LZD-1")
    assert order
    assert (taken_of(order), left_by(order), order.given) == ({"wallet": 130_000}, {"wallet": 0}, {"wallet": 20_000})
