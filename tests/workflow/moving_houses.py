"""A house that something happens in, and files that move it into another one."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import inf
from typing import Any

import msgspec

from chalicelib.domain.jobs import Exported, Imported, Job
from chalicelib.domain.parties import Role
from chalicelib.domain.ports import Ports
from chalicelib.edge.moving import workers
from chalicelib.edge.shapes import case_shape, entry_shape, order_seen_by
from chalicelib.workflow import exporting, importing, rounds
from infra.sandbox.builders import NOW, OPERATOR, SYSTEM
from tests.fakes.ports import Neighbourhood, Shelf, a_neighbourhood

Row = Mapping[str, Any]


def empty_house() -> Neighbourhood:
    return a_neighbourhood(orchestrated=False)


def go_on(ports: Ports, seconds_left: rounds.SecondsLeft = lambda: inf) -> rounds.Rounds:
    return rounds.go_on(ports, workers(), seconds_left)


def shelf(house: Neighbourhood) -> Shelf:
    assert isinstance(house.ports.files, Shelf)
    return house.ports.files


def lines_of(rows: Iterable[Row]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def begun(house: Neighbourhood, of: Imported, file: bytes, *, dry_run: bool = False) -> Job:
    job, upload = importing.begin(house.ports, SYSTEM, of, dry_run=dry_run)
    assert upload
    shelf(house).lying[job.file] = file
    return job


def as_it_is(house: Neighbourhood, job: Job) -> Job:
    found = house.store.job(job.job_id)
    assert found
    return found


def result(house: Neighbourhood, job: Job) -> list[dict[str, Any]]:
    done = as_it_is(house, job)
    assert done.report, done
    return [json.loads(line) for line in shelf(house).lying[done.report].splitlines()]


def taken_in(house: Neighbourhood, of: Imported, file: bytes, *, dry_run: bool = False) -> list[dict[str, Any]]:
    """What is said of each row of a file."""
    job = begun(house, of, file, dry_run=dry_run)
    go_on(house.ports)
    return result(house, job)


def written(house: Neighbourhood, of: Exported, **more: Any) -> bytes:
    """The file of an export."""
    job = exporting.begin(house.ports, OPERATOR, of, **more)
    go_on(house.ports)
    done = as_it_is(house, job)
    assert done.report, done
    return shelf(house).lying[done.report]


def moved(house: Neighbourhood, into: Neighbourhood) -> None:
    """Everything of one house, in another."""
    into.clock.at = house.clock.at
    taken_in(into, Imported.ORDERS, written(house, Exported.ORDERS))
    taken_in(into, Imported.CASES, written(house, Exported.CASES))


def told(house: Neighbourhood) -> dict[str, Any]:
    """Orders, cases and timelines, as the API tells them."""
    orders = {key: order_seen_by(Role.SYSTEM, order) for key, order in house.store.order_rows.items()}
    cases = {key: case_shape(case, staff=True) for key, case in house.store.case_rows.items()}
    entries = {key: [entry_shape(x, Role.OPERATOR) for x in house.store.timeline(key)] for key in cases}
    made: dict[str, Any] = msgspec.to_builtins({"orders": orders, "cases": cases, "timelines": entries}, str_keys=True)
    return made


def an_order_row(order_id: str = "O-1", **more: Any) -> dict[str, Any]:
    """An order as PUT takes it: two shirts, paid by card."""
    return {
        "order_id": order_id,
        "platform": "lazada",
        "version": 1,
        "status": "processing",
        "buyer": {"id": "budi", "name": "Budi", "email": "budi@example.com"},
        "seller": {"id": "toko-baju", "name": "Toko Baju", "email": "toko@example.com"},
        "placed_at": _at(NOW - timedelta(days=3)),
        "paid_at": _at(NOW - timedelta(days=3)),
        "currency": "IDR",
        "lines": [{"line_id": "1", "name": "Kemeja", "quantity": 2, "unit_price": 75_000}],
        "tenders": [{"method": "card", "amount": 150_000}],
        **more,
    }


def a_case_row(order_id: str = "O-1", **more: Any) -> dict[str, Any]:
    """An open request of a buyer, who waits for the seller until tomorrow."""
    return {
        "case_id": f"old-{order_id}",
        "order_id": order_id,
        "kind": "cancellation",
        "asked_at": _at(NOW - timedelta(days=1)),
        "deadline_at": _at(NOW + timedelta(days=1)),
        "reason_code": "wrong_size",
        "comment": "Kebesaran",
        **more,
    }


def an_ended_row(order_id: str = "O-1", **more: Any) -> dict[str, Any]:
    """A request that its seller refused."""
    row = a_case_row(order_id, **{"outcome": "rejected", "closed_at": _at(NOW - timedelta(hours=5)), **more})
    del row["deadline_at"]
    return row


def _at(moment: datetime) -> str:
    return moment.isoformat()
