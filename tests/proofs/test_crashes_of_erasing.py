"""Every crash point of erasing a person, a buyer or a seller: each AWS call of it goes wrong in each way, and later
rounds end as one that nothing happened to: nothing of them is found in any table or file, every file verifies, every
sum adds up.

`make proofs` walks through all calls, `make test` through every 97th.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.s3.models import s3_backends

from chalicelib.adapters.dynamodb.packing import DICTIONARIES, unpacked
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.jobs import JobState
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import Ports
from chalicelib.edge.case_file import case_file
from chalicelib.edge.moving import workers
from chalicelib.workflow import erasing, rounds
from infra.sandbox.builders import BUDI, OPERATOR, SUPPORT
from infra.verify_case_file import faults
from tests.proofs.a_life import TRACES, WULAN, found, lived
from tests.proofs.a_shops_life import DEWI, goods_are_back, sold_and_answered
from tests.proofs.a_shops_life import TRACES as SHOPS_TRACES
from tests.proofs.faults import MODES, points_of
from tests.proofs.figures import figure, some
from tests.proofs.world import REGION, Laboratory, ProofWorld, laboratory

BUCKET = "batal-evidence"


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    with laboratory() as made:
        boto3.client("s3", region_name=REGION).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield made
    logging.getLogger("chalicelib").setLevel(logging.NOTSET)


@dataclass(frozen=True)
class Erased:
    """Somebody to erase: their life, and what nobody may find of them."""

    actor: Actor
    lived: Callable[[Ports, Callable[[str, bytes], None], Callable[[], None]], None]
    traces: Sequence[str]


def sold_till_the_end(ports: Ports, post: Callable[[str, bytes], None], settle: Callable[[], None]) -> None:
    goods_are_back(ports, sold_and_answered(ports, post, settle), settle)


BUYER = Erased(WULAN, lived, TRACES)
SHOP = Erased(DEWI, sold_till_the_end, SHOPS_TRACES)
BOTH = pytest.mark.parametrize("who", [BUYER, SHOP], ids=["buyer", "seller"])


def a_life(lab: Laboratory, who: Erased) -> ProofWorld:
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys.clear()
    world = lab.world()
    bucket = boto3.client("s3", region_name=REGION)

    def settle() -> None:
        world.pump()
        world.clock.advance(600)
        world.sweep()
        world.pump()

    who.lived(world.ports, lambda key, content: bucket.put_object(Bucket=BUCKET, Key=key, Body=content), settle)
    world.recover()
    return world


def written_in(value: Any) -> Iterator[bytes | str]:
    """Every text in an attribute, what is packed as what it says, what the safe sealed as what it holds."""
    (kind, one) = next(iter(value.items()))
    if kind == "M":
        for key, each in one.items():
            yield key
            yield from written_in(each)
    elif kind in ("L", "SS", "NS", "BS"):
        for each in one:
            yield from written_in(each) if isinstance(each, dict) else (each,)
    elif kind == "B":
        raw = bytes(one)
        yield raw
        yield raw[::-1]
        if raw and raw[0] in DICTIONARIES:
            yield unpacked(raw)
    else:
        yield str(one)


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    client = boto3.client("dynamodb", region_name=REGION)
    for table in client.list_tables()["TableNames"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            yield from ((table, item) for item in page["Items"])


def kind_of(table: str, item: Mapping[str, Any]) -> str:
    """What a row is: its table and the beginning of its keys."""
    keys = [str(item[name]["S"]) for name in ("sk", "case_id", "name", "wallet", "key", "order_id") if name in item]
    marks = ("log#", "order#", "job#", "webhook#", "tok#", "policy#")
    begin = next((mark for key in keys for mark in marks if key.startswith(mark)), "")
    return f"{table} {begin}{keys[0].partition('#')[0][:12]}"


def left_of(who: Erased) -> list[str]:
    """Where she is found: in every row of every table, in every object of every bucket."""
    places: list[tuple[str, bytes | str]] = []
    for table, item in rows():
        name = kind_of(table, item)
        places += [(f"{name} {attribute}", each) for attribute, value in item.items() for each in written_in(value)]
    s3 = boto3.client("s3", region_name=REGION)
    for bucket in s3.list_buckets()["Buckets"]:
        for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", ()):
            places += [(f"s3 {item['Key']}", item["Key"])]
            places += [(f"s3 {item['Key']}", s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read())]
    return found(places, who.traces)


def told(lab: Laboratory, who: Erased, at: int | None = None, mode: str = "") -> tuple[Any, Sequence[str], list[int]]:
    """What there is in the end, with the calls that led there and where processes could die."""
    world = a_life(lab, who)
    world.faults.arm(at, mode)
    while world.attempt(lambda: erasing.begin(world.ports, OPERATOR, who.actor.id, who.actor.role)) is None:
        pass
    for _ in range(5):
        world.attempt(lambda: rounds.go_on(world.ports, workers()))
        world.clock.advance(17 * 60)
    calls, points = list(world.faults.calls), world.faults.crash_points()
    world.faults.disarm()
    return in_the_end(world, who), calls, points


def in_the_end(world: ProofWorld, who: Erased) -> Any:
    cases = [case for order in world.store.all_orders(limit=100).items for case in map(world.store.case, order.cases)]
    sound, files = [], []
    for case in cases:
        assert case
        sound.append(examine(world.store.timeline(case.case_id), case.entries, case.head).whole)
        for actor in (who.actor, SUPPORT):
            document: Any = case_file(world.ports, case.case_id, actor, "secret")
            files += faults(document, case.head, "secret")
    return {
        "left": left_of(who),
        "jobs": sorted({str(job.state) for job in world.store.jobs().items}),
        "sound": sound,
        "faults": files,
        "money": [(case.quote, case.refund and case.refund.total) for case in cases if case],
        "wallets": [world.store.wallet(buyer, "IDR").balance for buyer in (WULAN.id, BUDI.id)],
        "books": [(order.books, order.gone, order.cancelled) for order in world.store.all_orders(limit=100).items],
    }


@BOTH
def test_she_is_found_in_every_kind_of_row_before_and_in_none_afterwards(lab: Laboratory, who: Erased) -> None:
    world = a_life(lab, who)
    before = {place.rpartition(":")[0] for place in left_of(who)}
    kinds = {" ".join(place.split(" ")[:2]) for place in before}
    assert len(kinds) > 10, kinds
    money = in_the_end(world, who)
    whole, _, _ = told(lab, who)
    assert whole["left"] == []
    assert whole["jobs"] == [JobState.DONE]
    assert set(whole["sound"]) == {Soundness.ERASED}
    assert whole["faults"] == []
    for name in ("money", "wallets", "books"):
        assert whole[name] == money[name], name


@BOTH
def test_an_erasure_that_is_broken_anywhere_ends_as_one_that_was_not(lab: Laboratory, who: Erased) -> None:
    whole, calls, crash_points = told(lab, who)
    struck = 0
    for mode in MODES:
        for at in some(points_of(mode, calls, crash_points), 97):
            broken, _, _ = told(lab, who, at, mode)
            assert broken == whole, f"{mode} at {at} ({calls[at - 1]})"
            struck += 1
    figure(f"crashes of erasing a {who.actor.role}", f"{len(calls)} calls, {struck} faults survived")
