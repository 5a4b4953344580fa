"""Many cases wait; a sweep touches only the due ones, and two sweeps at once do no work twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb.codec import case_attributes
from chalicelib.adapters.dynamodb.tables import ROW
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Mail
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import NOW, a_case, an_order
from tests.fakes.ports import a_neighbourhood
from tests.proofs.figures import FULL, figure
from tests.proofs.scenarios import push
from tests.proofs.world import Laboratory, laboratory

DUE = 20


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    with laboratory() as made:
        yield made


def waiting(number: int, order_id: str) -> Case:
    """A case that waits for its seller; the first few are due, since a lease ran out with two mails pending."""
    case = a_case(an_order(order_id=order_id), case_id=f"c{number:05d}")
    mails = {key: pending for key, pending in case.outbox.items() if isinstance(key.effect, Mail)}
    if number < DUE:
        return replace(case, outbox=mails, wake_at=NOW - timedelta(seconds=number), lease_until=None)
    return replace(case, outbox={}, wake_at=NOW + timedelta(days=1, seconds=number), lease_until=None)


def test_of_fifty_thousand_waiting_cases_a_sweep_touches_only_the_due() -> None:
    around, waits = a_neighbourhood(), 50_000
    around.push(an_order(order_id="O"))
    template = [waiting(number, "O") for number in (0, DUE)]
    for number in range(waits):
        like = template[number >= DUE]
        case = replace(like, case_id=f"c{number:05d}")
        around.store.case_rows[case.case_id] = case
    touched: list[str] = []
    read = around.store.case

    def noted(case_id: str) -> Case | None:
        touched.append(case_id)
        return read(case_id)

    around.store.case = noted  # type: ignore[method-assign]
    swept = sweep(around.ports)
    assert (swept.seen, swept.delivered, swept.failed) == (DUE, DUE, 0)
    assert set(touched) == {f"c{number:05d}" for number in range(DUE)}
    assert len(around.outbox.sent) == 2 * DUE
    figure("volume", f"{waits} waiting in memory: {len(set(touched))} rows touched for {DUE} due")


@pytest.mark.skipif(not FULL, reason="make proofs runs it")
def test_of_five_thousand_in_an_emulator_a_sweep_reads_only_the_due(lab: Laboratory) -> None:
    world, waits = lab.world(), 5_000
    push(world, order_id="O")
    row = world.store.tables.case
    with row.batch_write() as batch:
        for number in range(waits):
            case = waiting(number, "O")
            batch.save(row(case.case_id, ROW, **case_attributes(case, small=True)))
    read: list[int] = []

    def count(parsed: dict[str, object], model: object, **_: object) -> None:
        if getattr(model, "name", "") == "Query" and "Count" in parsed:
            read.append(int(str(parsed["Count"])))

    events = world.store.tables.connection.client.meta.events
    events.register("after-call.*.*", count)
    try:
        world.faults.arm()
        sweep(world.ports)
        calls = list(world.faults.calls)
        before = len(world.outside.mails)
        sweep(world.ports)
    finally:
        world.faults.disarm()
        events.unregister("after-call.*.*", count)
    assert sum(read) == DUE
    assert before == len(world.outside.mails) == 2 * DUE
    assert set(world.outside.mails.values()) == {1}
    per_due = sum(call == "dynamodb.GetItem" for call in calls) / DUE
    # The row twice, its order, and how its seller wants to be told.
    assert per_due <= 4
    figure(
        "volume", f"{waits} waiting in an emulator: {sum(read)} index items read for {DUE} due, {len(calls)} AWS calls"
    )
