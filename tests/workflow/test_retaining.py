"""What has outlived its time goes as if its people had been erased: no sooner than the law lets it, and all of it
counted."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.jobs import JobKind, JobState, Retention
from chalicelib.domain.people.retention import LAW, Times, checked
from chalicelib.domain.ports import LONGEST_PAGE
from chalicelib.edge.moving import workers
from chalicelib.handlers import state_machine
from chalicelib.settings import read, retention_in
from chalicelib.workflow import asking, orders, retaining, rounds
from chalicelib.workflow.payouts import KEPT
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.threads import write_on_order
from infra.sandbox.builders import SUPPORT, SYSTEM, a_body, an_ask
from tests.fakes.ports import Neighbourhood
from tests.proofs.a_life import EMAIL, WULAN, her_order
from tests.workflow.moving_houses import empty_house, go_on
from tests.workflow.test_erasing import a_life, left_of_her, sums
from tests.workflow.test_watching import TICK

FIVE_YEARS, TEN_YEARS = (timedelta(days=LAW[each]) for each in ("words", "accounts"))
LAW_S = Times()


@pytest.fixture
def house() -> Neighbourhood:
    return a_life()


def passed(house: Neighbourhood, span: timedelta) -> None:
    """Time goes by, and with it what lives shorter than orders, as TTL and lifecycles see to it."""
    house.clock.at += span
    house.store.answers_kept.clear()
    house.store.tried.clear()
    house.store.log_rows.clear()
    for key in [key for key in house.ports.files.lying if key.startswith("jobs/")]:  # type: ignore[attr-defined]
        del house.ports.files.lying[key]  # type: ignore[attr-defined]
    sweep(house.ports)


def a_day(house: Neighbourhood, times: Times = LAW_S, seconds_left: rounds.SecondsLeft = lambda: 900.0) -> Retention:
    """What a day's walk did, once it is over."""
    began = retaining.begin_daily(house.ports, times)
    assert began
    while not (job := house.store.job(began.job_id)) or not job.state.ended:
        house.clock.advance(60)
        go_on(house.ports, seconds_left)
    assert isinstance(job, Retention)
    house.clock.advance(86_400)
    return job


def a_job(house: Neighbourhood) -> Retention:
    (job,) = house.store.jobs(kind=JobKind.RETENTION).items
    assert isinstance(job, Retention)
    return job


def test_words_live_five_years_and_not_a_day_less(house: Neighbourhood) -> None:
    passed(house, FIVE_YEARS - timedelta(days=1))
    early = a_day(house)
    assert (early.state, early.done, early.erased) == (JobState.DONE, 1, {})
    assert house.store.order_rows["W-1"].body.buyer.email == EMAIL
    before = sums(house)
    done = a_day(house)
    assert (done.state, done.waits_for, done.problem) == (JobState.DONE, 0, None)
    assert set(done.erased) == {"orders", "cases", "entries", "messages", "files"}
    assert all(done.erased.values())
    assert sums(house) == before


def test_accounts_that_money_went_to_live_ten_years(house: Neighbourhood) -> None:
    passed(house, FIVE_YEARS + timedelta(days=1))
    a_day(house)
    assert house.store.accounts
    assert [each for each in left_of_her(house) if not each.startswith("accounts")] == []
    passed(house, TEN_YEARS - FIVE_YEARS)
    assert a_day(house).erased == {"accounts": 1}
    assert left_of_her(house) == []


def test_a_dry_run_counts_and_takes_nothing(house: Neighbourhood) -> None:
    passed(house, FIVE_YEARS + timedelta(days=1))
    before = left_of_her(house)
    did = a_day(house, Times(dry_run=True))
    assert did.erased == {"orders": 1, "cases": 1}
    assert left_of_her(house) == before
    assert a_day(house).erased["orders"] == 1
    assert a_day(house, Times(dry_run=True)).erased == {}


def test_time_runs_anew_whenever_somebody_does_anything(house: Neighbourhood) -> None:
    passed(house, FIVE_YEARS - timedelta(days=1))
    write_on_order(house.ports, "W-1", "Halo lagi", WULAN)
    passed(house, timedelta(days=30))
    assert a_day(house).erased == {}


def test_what_still_goes_on_is_left_to_a_later_walk() -> None:
    house = empty_house()
    orders.upsert(house.ports, her_order("W-1"), SYSTEM)
    asking.ask(house.ports, "W-1", an_ask(), WULAN)
    house.clock.at += FIVE_YEARS + timedelta(days=1)
    did = a_day(house)
    assert (did.waits_for, did.erased) == (1, {})


def test_a_stopped_address_stays_stopped_as_long_as_an_order_has_it(house: Neighbourhood) -> None:
    passed(house, FIVE_YEARS + timedelta(days=1))
    young = replace(her_order("W-2"), placed_at=house.clock.at)
    orders.upsert(house.ports, young, SYSTEM)
    a_day(house)
    assert house.store.stopped([EMAIL])
    assert house.store.order_rows["W-2"].body.buyer.email == EMAIL
    passed(house, FIVE_YEARS + timedelta(days=1))
    a_day(house)
    assert not house.store.stopped([EMAIL])


def test_one_walk_a_day_and_none_while_one_goes_on(house: Neighbourhood) -> None:
    assert retaining.begin_daily(house.ports, LAW_S)
    assert retaining.begin_daily(house.ports, LAW_S) is None
    house.clock.advance(86_400)
    assert retaining.begin_daily(house.ports, LAW_S) is None
    go_on(house.ports)
    assert retaining.begin_daily(house.ports, LAW_S)


def test_no_round_is_unbounded_and_what_is_left_goes_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retaining, "PAGES", 1)
    house = empty_house()
    for number in range(LONGEST_PAGE + 1):
        orders.upsert(house.ports, a_body(order_id=f"o{number:03}"), SYSTEM)
    house.clock.at += FIVE_YEARS + timedelta(days=1)
    assert retaining.begin_daily(house.ports, LAW_S)
    first = go_on(house.ports)
    assert (first.seen, first.ended, first.erased) == (1, 0, {JobKind.RETENTION: {"orders": LONGEST_PAGE}})
    assert go_on(house.ports) == rounds.Rounds(seen=1, ended=1, erased={JobKind.RETENTION: {"orders": 1}})


def test_a_round_that_breaks_off_has_counted_what_went(house: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    passed(house, FIVE_YEARS + timedelta(days=1))

    def breaks(message: Any) -> None:
        raise RuntimeError

    began = retaining.begin_daily(house.ports, LAW_S)
    assert began
    with monkeypatch.context() as broken:
        broken.setattr(house.store, "put_erased_message", breaks)
        did = rounds.go_on(house.ports, workers())
    assert {"cases": 1, "files": 1}.items() <= did.erased[JobKind.RETENTION].items()
    rest = rounds.go_on(house.ports, workers()).erased[JobKind.RETENTION]
    assert rest.keys() == {"messages", "orders"}
    job = house.store.job(began.job_id)
    assert isinstance(job, Retention)
    assert job.erased == {**did.erased[JobKind.RETENTION], **rest}


def test_a_round_without_time_goes_on_later(house: Neighbourhood) -> None:
    passed(house, FIVE_YEARS + timedelta(days=1))
    left = iter([900.0, 1.0])
    job = a_day(house, seconds_left=lambda: next(left, 900.0))
    assert (job.state, job.erased["orders"]) == (JobState.DONE, 1)


def test_an_order_that_was_erased_is_not_met_again(house: Neighbourhood) -> None:
    passed(house, TEN_YEARS + timedelta(days=1))
    assert a_day(house).erased
    assert a_day(house).erased == {}


def test_what_is_said_of_an_old_order_is_kept_from_then_on(house: Neighbourhood) -> None:
    passed(house, FIVE_YEARS + timedelta(days=1))
    a_day(house)
    write_on_order(house.ports, "W-1", "Masih ada pertanyaan?", SUPPORT)
    assert a_day(house).erased == {}
    passed(house, FIVE_YEARS + timedelta(days=1))
    assert a_day(house).erased == {"messages": 1}


def test_what_went_is_a_metric_by_the_kind_of_job_and_what_it_was(
    house: Neighbourhood, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    passed(house, FIVE_YEARS + timedelta(days=1))
    monkeypatch.setattr(wiring, "ports", lambda: house.ports)
    monkeypatch.setattr(wiring, "now", house.clock)
    state_machine.reconcile(TICK, None)
    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert line["Job"] == "retention"
    assert {name: figure for name, figure in line.items() if name.startswith("erased_")} == {
        f"erased_{what}": count for what, count in a_job(house).erased.items()
    }
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert metrics["Dimensions"] == [["Tables", "Job"]]
    state_machine.reconcile(TICK, None)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("short", [Times(words=LAW["words"] - 1), Times(accounts=LAW["accounts"] - 1)])
def test_no_time_is_shorter_than_the_law_wants(short: Times) -> None:
    with pytest.raises(Invalid):
        checked(short)
    with pytest.raises(ValueError, match="RETENTION"):
        read({"RETENTION": f"words={short.words},accounts={short.accounts}"})


def test_the_page_says_the_times_that_the_walk_goes_by() -> None:
    page = (Path(__file__).parents[2] / "docs" / "retention.md").read_text()
    assert {name: int(days) for name, days in re.findall(r"`(\w+)=(\d+)` days", page)} == LAW


def test_a_deployment_may_keep_longer() -> None:
    assert retention_in("words=2500, dry=1") == Times(words=2_500, dry_run=True)
    assert retention_in("") == LAW_S


def test_a_sealed_account_lives_as_long_as_the_law_wants() -> None:
    """Its row ends by TTL, as does what its case knows of it by the walk."""
    assert timedelta(days=LAW["accounts"]) == KEPT
