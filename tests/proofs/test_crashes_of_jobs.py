"""Every crash point of long work: each AWS call of an import, an export and a batch goes wrong in each way.

Later rounds go on, and the end is the one of a job that nothing happened to: no row is lost, none is there twice.
`make proofs` walks through all calls, `make test` through every 19th.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.s3.models import s3_backends

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.jobs import Exported, Imported, Transfer
from chalicelib.edge.batches import taken_in
from chalicelib.edge.moving import workers
from chalicelib.workflow import asking, decisions, exporting, importing, orders, results, rounds
from infra.sandbox.builders import BUDI, NOW, OPERATOR, SELLER, SYSTEM, a_body, an_ask
from tests.proofs.faults import MODES, points_of
from tests.proofs.figures import figure, some
from tests.proofs.world import REGION, Laboratory, ProofWorld, laboratory
from tests.workflow.moving_houses import a_case_row, an_ended_row, an_order_row, lines_of

BUCKET = "batal-evidence"
ORDERS = lines_of([*(an_order_row(f"O-{number}") for number in range(3)), {"order_id": "O-9"}])
UNTIL = (NOW + timedelta(days=3)).isoformat()
CASES = lines_of(a_case_row(f"O-{number}", deadline_at=UNTIL) for number in (0, 1, 9))
HISTORY = lines_of([an_ended_row("O-2"), an_ended_row("O-2", case_id="older", attempt=1)])


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    with laboratory() as made, pytest.MonkeyPatch.context() as patch:
        boto3.client("s3", region_name=REGION).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        # Small enough that one file is read in several bits, and a result has parts.
        patch.setattr(importing, "_BIT", 1_200)
        patch.setattr("chalicelib.workflow.results.LEAST_PART", 600)
        patch.setattr("chalicelib.workflow.exporting.LEAST_PART", 600)
        patch.setattr("chalicelib.workflow.exporting.LONGEST_PAGE", 1)
        patch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 600)
        yield made
    logging.getLogger("chalicelib").setLevel(logging.NOTSET)


def a_world(lab: Laboratory) -> ProofWorld:
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys.clear()
    return lab.world()


def lying(key: str) -> bytes:
    content: bytes = boto3.client("s3", region_name=REGION).get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return content


@dataclass(frozen=True)
class Story:
    """What is there before, and the request; what is done in rounds afterwards, the schedule does."""

    before: Callable[[ProofWorld], None]
    begins: Callable[[ProofWorld], Any]


def a_file(of: Imported, content: bytes) -> Callable[[ProofWorld], Any]:
    def begins(world: ProofWorld) -> Any:
        return importing.begin(world.ports, SYSTEM, of, dry_run=False, rows=content)

    return begins


def with_orders(world: ProofWorld) -> None:
    for line in ORDERS.splitlines()[:3]:
        taken_in(world.ports, SYSTEM, line, lambda: True)


def with_requests(world: ProofWorld) -> None:
    for number in range(3):
        orders.upsert(world.ports, a_body(order_id=f"LZD-{number}"), SYSTEM)
        case = asking.ask(world.ports, f"LZD-{number}", an_ask(), BUDI)
        if number:
            decisions.say(world.ports, case.case_id, Approve(), SELLER)
    world.recover()


def a_batch(world: ProofWorld) -> Any:
    """What was not reached, or met an outage, comes again."""
    answers = taken_in(world.ports, SYSTEM, ORDERS, lambda: True)
    return None if any(answer["status"] == 503 for answer in answers) else answers


STORIES: Mapping[str, Story] = {
    "orders move in": Story(lambda world: None, a_file(Imported.ORDERS, ORDERS)),
    "open cases move in": Story(with_orders, a_file(Imported.CASES, CASES)),
    "history moves in": Story(with_orders, a_file(Imported.HISTORY, HISTORY)),
    "cases move out": Story(with_requests, lambda world: exporting.begin(world.ports, OPERATOR, Exported.CASES)),
    "a batch": Story(lambda world: None, a_batch),
}


def told(lab: Laboratory, name: str, at: int | None = None, mode: str = "") -> tuple[Any, Sequence[str], list[int]]:
    """What there is in the end, with the calls that led there and where processes could die. A caller who got no answer
    says it again."""
    world, story = a_world(lab), STORIES[name]
    story.before(world)
    world.faults.arm(at, mode)
    while world.attempt(lambda: story.begins(world)) is None:
        pass
    for _ in range(4):
        world.attempt(lambda: rounds.go_on(world.ports, workers()))
        world.pump()
        world.clock.advance(17 * 60)
    calls, points = list(world.faults.calls), world.faults.crash_points()
    world.faults.disarm()
    world.recover()
    return in_the_end(world), calls, points


def in_the_end(world: ProofWorld) -> Any:
    ids = sorted(order.order_id for order in world.store.all_orders(limit=100).items)
    found = [order for order in map(world.store.order, ids) if order]
    cases = [case for order in found for case in map(world.store.case, order.cases) if case]
    jobs = [job for job in world.store.jobs().items if job.done]
    assert all(isinstance(job, Transfer) and job.report for job in jobs), jobs
    return {
        "orders": [(x.order_id, x.body, x.cases, x.open_case, x.attempts, x.books) for x in found],
        "cases": [(x.case_id, x.state, x.outcome, x.deadline_at, x.entries, sorted(x.lines)) for x in cases],
        "timelines": [[(x.seq, x.command, x.at) for x in world.store.timeline(case.case_id)] for case in cases],
        "waits": sorted((x.case_id, str(x.state)) for x in cases if world.store.token(x.case_id)),
        "results": sorted({_result(lying(job.report)) for job in jobs if job.report}),
        "mails": sorted(world.outside.mails),
    }


def _result(content: bytes) -> tuple[Any, ...]:
    """The lines of a result; that a row was new a job does not know that died right after it."""
    lines = [json.loads(line) for line in content.splitlines()]
    return tuple(
        (x["row"], x.get("id"), x["fate"] == "refused", x.get("code")) if "fate" in x else json.dumps(x) for x in lines
    )


@pytest.mark.parametrize("name", STORIES)
def test_long_work_that_is_broken_anywhere_ends_as_work_that_was_not(lab: Laboratory, name: str) -> None:
    whole, calls, crash_points = told(lab, name)
    assert whole["orders"]
    struck = 0
    for mode in MODES:
        for at in some(points_of(mode, calls, crash_points), 19):
            broken, _, _ = told(lab, name, at, mode)
            assert broken == whole, f"{mode} at {at} ({calls[at - 1]})"
            struck += 1
    figure("crashes of jobs", f"{name}: {len(calls)} calls, {struck} faults survived")


def test_a_job_that_kept_no_progress_would_be_found(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control: where the tail of a result is forgotten, lines are torn."""
    real = results.grown

    def forgets(ports: Any, job: Any, lines: bytes) -> Mapping[str, Any]:
        return {**real(ports, job, lines), "tail": None}

    monkeypatch.setattr("chalicelib.workflow.exporting.grown", forgets)
    with pytest.raises(json.JSONDecodeError):
        told(lab, "cases move out")
