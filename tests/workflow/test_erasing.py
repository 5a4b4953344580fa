"""A person is erased: nothing of them is found anywhere, every file still verifies, every sum still adds up."""

import logging
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import pytest

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.jobs import Erasure, JobState
from chalicelib.domain.money.ledger import sums_of
from chalicelib.domain.orders.body import Person, Reach
from chalicelib.edge.case_file import case_file
from chalicelib.workflow import asking, decisions, erasing, orders
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import OPERATOR, SELLER, SUPPORT, SYSTEM, an_ask
from infra.verify_case_file import faults, remarks
from tests.fakes.ports import Neighbourhood
from tests.proofs.a_life import EMAIL, NAME, PHONE, WHO, WULAN, found, her_order, lived
from tests.workflow.moving_houses import as_it_is, empty_house, go_on, shelf


def everything(value: Any, place: str = "") -> Iterator[tuple[str, bytes | str]]:
    """Every text and every bytes that a value holds, with where they are."""
    if isinstance(value, (bytes, str)) and not isinstance(value, Enum):
        yield place, value
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from everything(getattr(value, each.name), f"{place}.{each.name}")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from everything(key, f"{place} key")
            yield from everything(one, f"{place}[{key if isinstance(key, str) else '..'}]")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from everything(one, f"{place}[]")


def rows_of(house: Neighbourhood) -> dict[str, Any]:
    """All that the tables hold, by the name of each place."""
    return {name: rows for name, rows in vars(house.store).items() if name not in ("_lock", "clock")}


def left_of_her(house: Neighbourhood) -> list[str]:
    """Where she is found: in tables, in files."""
    tables = [each for name, rows in rows_of(house).items() for each in everything(rows, name)]
    # The fake's safe writes backwards.
    tables += [(f"{place} unsealed", each[::-1]) for place, each in tables if isinstance(each, bytes)]
    return found([*tables, *((key, key) for key in shelf(house).lying), *shelf(house).lying.items()])


def a_life() -> Neighbourhood:
    house = empty_house()

    def settle() -> None:
        house.clock.advance(600)
        sweep(house.ports)

    lived(house.ports, lambda key, content: shelf(house).lying.update({key: content}), settle)
    return house


def erased(house: Neighbourhood, rounds: int = 3) -> Erasure:
    job = erasing.begin(house.ports, OPERATOR, WHO)
    for _ in range(rounds):
        house.clock.advance(11 * 60)
        sweep(house.ports)
        go_on(house.ports)
    done = as_it_is(house, job)
    assert isinstance(done, Erasure)
    return done


def sums(house: Neighbourhood) -> Any:
    """All money there is: per order, per case, in wallets, in the ledger."""
    orders_ = {key: (x.books, x.cancelled, x.gone, x.given_elsewhere) for key, x in house.store.order_rows.items()}
    cases = {
        key: (x.quote, x.refund and (x.refund.total, [(p.amount, p.state) for p in x.refund.parts]))
        for key, x in house.store.case_rows.items()
    }
    return orders_, cases, house.store.wallet(WHO, "IDR").balance, sums_of(house.store.ledger_rows.values())


def test_an_erased_person_is_found_nowhere() -> None:
    house = a_life()
    assert left_of_her(house)
    done = erased(house)
    assert (done.state, done.waits_for, done.problem) == (JobState.DONE, 0, None)
    assert left_of_her(house) == []
    assert {"orders", "cases", "entries", "messages", "files", "accounts", "answers", "lines", "attempts"} == set(
        done.erased
    )


def test_every_case_file_still_verifies_and_every_sum_still_adds_up() -> None:
    house = a_life()
    before = sums(house)
    files = {case_id: house.store.timeline(case_id) for case_id in house.store.case_rows}
    erased(house)
    assert sums(house) == before
    for case_id, entries in files.items():
        case = house.case(case_id)
        assert examine(house.store.timeline(case_id), case.entries, case.head).whole is Soundness.ERASED
        assert [entry.hash for entry in house.store.timeline(case_id)] == [entry.hash for entry in entries]
        for actor in (WULAN, SELLER, SUPPORT):
            document: Any = case_file(house.ports, case_id, actor, "secret")
            assert faults(document, case.head, "secret") == []
            assert remarks(document)


PLACES = sorted(name for name in rows_of(empty_house()))


def test_the_search_finds_what_is_left_in_any_one_place() -> None:
    """A control for each place: what is put back there, as it was before, is found."""
    before, house = a_life(), a_life()
    erased(house)
    where = {line.partition(".")[0].partition("[")[0].partition(" ")[0] for line in left_of_her(before)}
    tables = where & set(PLACES)
    assert {"order_rows", "case_rows", "entry_rows", "threads", "files", "accounts", "answers_kept", "stops"} <= tables
    assert {"log_rows", "tried"} <= tables
    for name in sorted(tables):
        clean = vars(house.store)[name]
        vars(house.store)[name] = vars(before.store)[name]
        assert left_of_her(house), name
        vars(house.store)[name] = clean
    for key in shelf(before).lying:
        if not found([(key, shelf(before).lying[key])]):
            continue
        clean_file = dict(shelf(house).lying)
        shelf(house).lying[key] = shelf(before).lying[key]
        assert left_of_her(house), key
        shelf(house).lying.clear()
        shelf(house).lying.update(clean_file)


def said_of_her(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Where log lines tell of her: in what they say, what they carry beside it, and tracebacks."""
    told = [(f"{each.name} {name}", f"{value}") for each in caplog.records for name, value in vars(each).items()]
    return found([*told, ("as it is shown", caplog.text)])


def test_no_log_line_tells_of_her_while_she_is_erased(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a store breaks off in the middle of what is hers."""
    house = a_life()
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    lost = house.store.put_erased_message

    def breaks_once(message: Any) -> None:
        monkeypatch.setattr(house.store, "put_erased_message", lost)
        raise RuntimeError("the store is gone")

    monkeypatch.setattr(house.store, "put_erased_message", breaks_once)
    assert erased(house).state is JobState.DONE
    assert "a job could not go on" in caplog.text
    assert said_of_her(caplog) == []


@pytest.mark.parametrize(
    "says",
    [
        lambda log: log.info("erased %s", NAME),
        lambda log: log.info("erased", extra={"email": EMAIL}),
        lambda log: log.debug("phone", extra={"read": {"phone": [PHONE]}}),
    ],
)
def test_a_log_line_that_tells_of_her_is_found(caplog: pytest.LogCaptureFixture, says: Any) -> None:
    """A control, for each way in which a line may tell."""
    caplog.set_level(logging.DEBUG)
    says(logging.getLogger("chalicelib.workflow.erasing"))
    assert said_of_her(caplog)


def test_what_leads_to_her_case_by_what_she_says_is_gone() -> None:
    house = a_life()
    assert house.store.clue_rows
    erased(house)
    assert not any(house.store.clue_rows.values())
    assert house.store.noted_rows == {}


def test_a_request_that_runs_is_finished_first() -> None:
    house = a_life()
    orders.upsert(house.ports, her_order("W-2"), SYSTEM)
    case_id = asking.ask(house.ports, "W-2", an_ask(comment=NAME), WULAN).case_id
    waits = erased(house)
    assert (waits.state, waits.waits_for) == (JobState.WORKING, 1)
    assert house.store.order_rows["W-1"].body.buyer.name == ""
    assert house.store.order_rows["W-2"].body.buyer.name == NAME
    decisions.say(house.ports, case_id, Approve(), SELLER)
    for _ in range(3):
        house.clock.advance(11 * 60)
        sweep(house.ports)
        go_on(house.ports)
    assert as_it_is(house, waits).state is JobState.DONE
    assert left_of_her(house) == []


def test_asked_twice_it_is_one_job_and_once_over_a_new_one_finds_what_came_since() -> None:
    house = a_life()
    first = erasing.begin(house.ports, OPERATOR, WHO)
    assert erasing.begin(house.ports, OPERATOR, WHO).job_id == first.job_id
    erased(house)
    again = erased(house)
    assert again.job_id != first.job_id
    assert again.state is JobState.DONE


def test_an_order_system_that_goes_on_naming_her_brings_nobody_back() -> None:
    house = a_life()
    erased(house)
    orders.upsert(house.ports, her_order("W-1", version=9), SYSTEM)
    orders.upsert(house.ports, her_order("W-1", version=9), SYSTEM)
    house.clock.advance(600)
    sweep(house.ports)
    assert left_of_her(house) == []


def test_a_buyer_whom_a_platform_hides_is_not_taken_for_one_who_was_erased() -> None:
    house = empty_house()
    hidden = Person(id=WHO, name="", contact=Reach.NONE)
    orders.upsert(house.ports, replace(her_order("W-1"), buyer=hidden), SYSTEM)
    assert house.store.order_rows["W-1"].parcels[0].tracking_number
    orders.upsert(house.ports, her_order("W-1", version=2), SYSTEM)
    found = house.store.order_rows["W-1"].body
    assert (found.buyer.name, found.packages[0].tracking_number) == (NAME, her_order("W-1").packages[0].tracking_number)


def test_only_operators_may() -> None:
    house = empty_house()
    for actor in (SUPPORT, SELLER, SYSTEM, WULAN):
        with pytest.raises(Forbidden):
            erasing.begin(house.ports, actor, WHO)
