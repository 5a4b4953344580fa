"""Moving out: what a house holds, written down, and another house that takes it in as it was."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Appeal, Approve, MakeOffer, Reject, Withdraw
from chalicelib.domain.errors import BatalError, Forbidden
from chalicelib.domain.jobs import Exported, Imported, JobState
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.workflow import exporting, orders
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, NOW, OPERATOR, SELLER, SUPPORT, SYSTEM, a_body, an_ask
from tests.fakes.ports import Neighbourhood
from tests.proofs.figures import FULL
from tests.workflow.moving_houses import (
    a_case_row,
    an_order_row,
    as_it_is,
    begun,
    empty_house,
    go_on,
    lines_of,
    moved,
    result,
    shelf,
    taken_in,
    told,
    written,
)

SHIRTS = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),
    Line(line_id="2", name="Celana", quantity=1, unit_price=99_999),
)
DEEDS = (
    "ask",
    "ask_part",
    "approve",
    "reject",
    "offer",
    "withdraw",
    "appeal",
    "ship",
    "deliver",
    "pass",
    "sweep",
    "amend",
)


def does(house: Neighbourhood, deed: str, order_id: str, nth: int) -> None:
    """One thing that may happen to an order; what cannot be is refused, as in life."""
    ports = house.ports
    order = ports.store.order(order_id)
    assert order
    case_id = order.cases[-1] if order.cases else "none"
    with suppress(BatalError):
        match deed:
            case "ask":
                ask(ports, order_id, an_ask(), BUDI)
            case "ask_part":
                ask(ports, order_id, an_ask(lines={"1": 1}), BUDI)
            case "approve":
                say(ports, case_id, Approve(), SELLER)
            case "reject":
                say(ports, case_id, Reject(reason_code=RefusingReason.ALREADY_PACKED), SELLER)
            case "offer":
                say(ports, case_id, MakeOffer(fee=5_000), SELLER)
            case "withdraw":
                say(ports, case_id, Withdraw(), BUDI)
            case "appeal":
                say(ports, case_id, Appeal(comment="Belum dikirim"), BUDI)
            case "ship" | "deliver":
                status = OrderStatus.SHIPPED if deed == "ship" else OrderStatus.DELIVERED
                push = StatusPush(status=status, at=house.clock(), version=100 + nth, tracking_number="JNE-1")
                orders.change_status(ports, order_id, push, SYSTEM)
            case "amend":
                body = a_body(order_id=order_id, version=100 + nth, lines=(SHIRTS[0],), tenders={"wallet": 100_000})
                orders.upsert(ports, body, SYSTEM)
            case "pass":
                house.clock.advance(20 * 3600)
            case _:
                sweep(ports)


def lived(deeds: list[tuple[str, int]]) -> Neighbourhood:
    """A house of three orders, paid in three ways, in which all this happened."""
    house = empty_house()
    for number, paid in enumerate(({"wallet": 199_999}, {"card": 199_999}, {"card": 150_000, "wallet": 49_999})):
        body = a_body(order_id=f"O-{number}", lines=SHIRTS, tenders=paid)
        orders.upsert(house.ports, body, SYSTEM)
    for nth, (deed, number) in enumerate(deeds):
        does(house, deed, f"O-{number}", nth)
    # What programs are to hear goes out, so that the house is at rest.
    sweep(house.ports)
    return house


lives = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 2)), max_size=25)


@settings(max_examples=80 if FULL else 20, deadline=None)
@given(lives)
def test_what_was_written_down_is_the_same_in_an_empty_house(deeds: list[tuple[str, int]]) -> None:
    house, other = lived(deeds), empty_house()
    moved(house, other)
    assert told(other) == told(house)


@settings(max_examples=30 if FULL else 10, deadline=None)
@given(lives)
def test_taken_in_twice_it_changes_nothing(deeds: list[tuple[str, int]]) -> None:
    house, other = lived(deeds), empty_house()
    moved(house, other)
    before = (dict(other.store.order_rows), dict(other.store.case_rows), dict(other.store.entry_rows))
    moved(house, other)
    assert (other.store.order_rows, other.store.case_rows, other.store.entry_rows) == before


@settings(max_examples=30 if FULL else 10, deadline=None)
@given(lives)
def test_nothing_of_it_is_told_again_and_no_money_moves(deeds: list[tuple[str, int]]) -> None:
    house, other = lived(deeds), empty_house()
    moved(house, other)
    promised = {promise.effect for case in other.store.case_rows.values() for promise in case.outbox}
    assert {type(effect).__name__ for effect in promised} <= {"NoteClues"}
    assert not other.store.credits
    assert not other.store.dispatches
    assert not other.store.log_rows


def a_full_life() -> Neighbourhood:
    """One of three requests waits for its seller, one for support, and one is granted."""
    house = lived([("ask", 0), ("ask_part", 1), ("approve", 1), ("ask", 2), ("reject", 2), ("appeal", 2)])
    assert {case.state for case in house.store.case_rows.values()} >= {State.AWAITING_SELLER, State.REFUNDING}
    return house


def test_an_open_case_goes_on_in_its_new_house() -> None:
    house, other = a_full_life(), empty_house()
    moved(house, other)
    (open_case,) = (case for case in other.store.case_rows.values() if case.state is State.AWAITING_SELLER)
    say(other.ports, open_case.case_id, Approve(), SELLER)
    assert other.case(open_case.case_id).outcome == "cancelled"
    assert sum(credit.amount for credit in other.store.credits.values()) == 199_999


def test_a_case_of_which_programs_were_still_to_hear_is_refused() -> None:
    house, other = lived([]), empty_house()
    ask(house.ports, "O-0", an_ask(), BUDI)
    taken_in(other, Imported.ORDERS, written(house, Exported.ORDERS))
    (answer,) = taken_in(other, Imported.CASES, written(house, Exported.CASES))
    assert answer["code"] == "not_at_rest"
    assert "1:event:case.opened" in answer["details"]["promised"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("seller_id", "toko-lain", "identity_changed"),
        ("case_id", "../x", "validation_failed"),
        ("policy", {"name": "lazada", "version": 99, "parcel_moves": "end"}, "policy_forbids"),
        ("unheard_of", 1, "validation_failed"),
    ],
)
def test_a_case_that_cannot_have_been_written_down_so_is_refused(field: str, value: object, code: str) -> None:
    house, other = lived([("ask", 0)]), empty_house()
    taken_in(other, Imported.ORDERS, written(house, Exported.ORDERS))
    (row,) = (json.loads(line) for line in written(house, Exported.CASES).splitlines())
    row["case"][field] = value
    (answer,) = taken_in(other, Imported.CASES, lines_of([row]))
    assert (answer["fate"], answer["code"]) == ("refused", code)
    assert not other.store.case_rows


def test_a_file_that_somebody_wrote_in_is_refused() -> None:
    house, other = a_full_life(), empty_house()
    taken_in(other, Imported.ORDERS, written(house, Exported.ORDERS))
    rows = [json.loads(line) for line in written(house, Exported.CASES).splitlines()]
    rows[0]["timeline"][0]["comment"] = "Saya tidak jadi"
    answers = taken_in(other, Imported.CASES, lines_of(rows))
    assert [x.get("code") for x in answers] == ["timeline_broken", None, None]


def test_what_changed_in_a_period_is_written_alone() -> None:
    house = lived([("ask", 0), ("pass", 0), ("ask", 1)])
    since = NOW + timedelta(hours=1)
    (row,) = (json.loads(line) for line in written(house, Exported.CASES, since=since).splitlines())
    assert row["case"]["order_id"] == "O-1"
    assert len(written(house, Exported.CASES, until=since).splitlines()) == 1
    assert written(house, Exported.ORDERS, since=since) == b""


def test_ledger_and_events_are_written_too() -> None:
    house = lived([("ask", 0), ("approve", 0), ("pass", 0)])
    (entry,) = (json.loads(line) for line in written(house, Exported.LEDGER).splitlines())
    assert sum(leg["amount"] for leg in entry["legs"]) == 0
    events = [json.loads(line) for line in written(house, Exported.EVENTS).splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["type"] for event in events} >= {"case.opened", "order.cancelled"}


def test_a_long_export_is_written_part_by_part_and_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "LONGEST_PAGE", 2)
    house = empty_house()
    many = [a_body(order_id=f"O-{number:03}", lines=tuple(_long_lines())) for number in range(30)]
    for body in many:
        orders.upsert(house.ports, body, SYSTEM)
    job = exporting.begin(house.ports, OPERATOR, Exported.ORDERS)
    left = iter([600.0, *[600.0] * 4, *[1.0] * 3])
    rounds = 0
    while not as_it_is(house, job).state.ended:
        left = iter([600.0, *[600.0] * 4, *[1.0] * 3])
        go_on(house.ports, lambda: next(left))  # noqa: B023
        rounds += 1
        assert rounds < 50
    assert rounds > 3
    assert [row["order"]["body"]["order_id"] for row in result(house, job)] == [body.order_id for body in many]
    done = as_it_is(house, job)
    assert (done.state, done.done, done.total) == (JobState.DONE, 30, 30)
    assert done.parts > 0  # type: ignore[attr-defined]
    assert not shelf(house).growing


def _long_lines() -> Iterator[Line]:
    for number in range(400):
        yield Line(line_id=f"{number}", name="Kemeja " + "x" * 700, quantity=1, unit_price=1_000)


def test_only_operators_move_out() -> None:
    for actor in (SYSTEM, SUPPORT, BUDI):
        with pytest.raises(Forbidden):
            exporting.begin(empty_house().ports, actor, Exported.ORDERS)


# --- crashes


class Crash(BaseException):
    """The function dies."""


# Whatever changes anything in store, bucket or state machine.
WRITES = {
    "store": ("commit", "put_job", "list_chargeback", "list_second_person", "list_late_parcel"),
    "files": ("lay", "begin_parts", "put_part", "end_parts"),
}


def crashing(house: Neighbourhood, at: int, *, after: bool) -> Callable[[], int]:
    """Die at the `at`-th write, before it or after; gives how many there were."""
    made = [0]

    def wrap(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def write(*given: Any, **more: Any) -> Any:
            made[0] += 1
            if made[0] == at and not after:
                raise Crash
            answer = real(*given, **more)
            if made[0] == at:
                raise Crash
            return answer

        setattr(owner, name, write)

    for owner, names in ((house.store, WRITES["store"]), (shelf(house), WRITES["files"])):
        for name in names:
            wrap(owner, name)
    return lambda: made[0]


def imported(at: int, *, after: bool, of: Imported, file: bytes, before: bytes = b"") -> tuple[Neighbourhood, Any, int]:
    """A house after an import that died once, and went on."""
    house = empty_house()
    if before:
        taken_in(house, Imported.ORDERS, before)
    job = begun(house, of, file)
    writes = crashing(house, at, after=after)
    for _ in range(4):
        with suppress(Crash):
            go_on(house.ports)
        house.clock.advance(17 * 60)
    answers = [(x["row"], x.get("id"), x["fate"] != "refused", x.get("code")) for x in result(house, job)]
    done = as_it_is(house, job)
    return house, (answers, done.state, done.done, done.failed), writes()


ORDERS = lines_of([*(an_order_row(f"O-{number}") for number in range(4)), {"order_id": "O-4"}])
CASES = lines_of(a_case_row(f"O-{number}", deadline_at=(NOW + timedelta(days=9)).isoformat()) for number in range(5))


@pytest.mark.parametrize(("of", "file", "before"), [(Imported.ORDERS, ORDERS, b""), (Imported.CASES, CASES, ORDERS)])
@pytest.mark.parametrize("after", [False, True])
def test_an_import_that_dies_at_any_write_ends_as_one_that_did_not(
    of: Imported, file: bytes, before: bytes, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.workflow.importing._BIT", 1_500)
    whole, said, writes = imported(0, after=after, of=of, file=file, before=before)
    for at in range(1, writes + 1):
        house, told_of_it, _ = imported(at, after=after, of=of, file=file, before=before)
        assert told_of_it == said, at
        mine, theirs = told(house), told(whole)
        assert (mine["orders"].keys(), mine["cases"].keys()) == (theirs["orders"].keys(), theirs["cases"].keys())
        assert [x["open_case"] for x in mine["orders"].values()] == [x["open_case"] for x in theirs["orders"].values()]


def exported(at: int, *, after: bool) -> tuple[bytes, int]:
    house = a_full_life()
    job = exporting.begin(house.ports, OPERATOR, Exported.CASES)
    writes = crashing(house, at, after=after)
    for _ in range(4):
        with suppress(Crash):
            go_on(house.ports)
        house.clock.advance(17 * 60)
    done = as_it_is(house, job)
    assert done.report
    return shelf(house).lying[done.report], writes()


@pytest.mark.parametrize("after", [False, True])
def test_an_export_that_dies_at_any_write_is_the_same_file(after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("results", "exporting"):
        monkeypatch.setattr(f"chalicelib.workflow.{module}.LEAST_PART", 1_000)
    monkeypatch.setattr("tests.fakes.ports.LEAST_PART", 1_000)
    monkeypatch.setattr(exporting, "LONGEST_PAGE", 1)
    whole, writes = exported(0, after=after)
    assert len(whole.splitlines()) == 3
    for at in range(1, writes + 1):
        assert exported(at, after=after)[0] == whole, at
