"""What a cancellation costs on AWS: the stories run in the sandbox, their calls counted, times infra/prices.json.

    python -m infra.cost [--cases 100000]

Counted: requests, Lambda runs, DynamoDB units (by the size of the item, before or after, whichever is larger, twice in
transactions; and one for each index), state transitions, mails, events. Assumed: how long a Lambda runs, since no
laptop can tell.
"""

import argparse
import json
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from botocore.client import BaseClient
from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Approve
from chalicelib.workflow import asking, decisions, orders
from infra.sandbox import aws
from infra.sandbox.builders import BUDI, NO, SELLER, SYSTEM, a_body, an_ask
from infra.sandbox.mails import by_sns, came_back
from infra.sandbox.world import World, world
from infra.stages import ROOT

PRICES: Mapping[str, Any] = json.loads((ROOT / "infra" / "prices.json").read_text("utf-8"))
# Seconds and gigabytes of a warm run: an assumption; the figures of your own stack stand on its dashboard.
_SECONDS, _GIGABYTES = 0.15, 0.75
_LOGGED = 2000  # bytes a Lambda run writes to its log
# Indexes that a written item appears in, by table and the first letter of its sort key.
_INDEXES = {("cases", "R"): 5, ("cases", "T"): 1, ("orders", ""): 2}

_looking = threading.local()


def count(calls: Counter[str], service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Add one call to what was used; what it writes into tables is counted apart, by `counting_writes`."""
    calls["calls"] += 1
    if service == "dynamodb":
        _count_reads(calls, operation, params)
    elif (service, operation) == ("sesv2", "SendEmail"):
        calls["ses_mail"] += 1
    elif (service, operation) == ("events", "PutEvents"):
        calls["event"] += len(params["Entries"])


def _count_reads(calls: Counter[str], operation: str, params: Mapping[str, Any]) -> None:
    if operation == "BatchGetItem":
        calls["dynamodb_read_unit"] += sum(len(each["Keys"]) for each in params["RequestItems"].values())
    elif operation in ("GetItem", "Query"):
        calls["dynamodb_read_unit"] += 1


@contextmanager
def counting_writes(calls: Counter[str], operation: str, params: Mapping[str, Any]) -> Iterator[None]:
    """Add what the call within writes: a unit for each started KB of an item as it was or as it is, an update of one
    attribute as well; what is refused costs as much."""
    writes: list[tuple[str, Mapping[str, Any]]] = []
    if operation == "TransactWriteItems":
        writes = [write for item in params["TransactItems"] for write in item.items()]
    elif operation == "BatchWriteItem":
        writes = [
            (kind.removesuffix("Request"), {"TableName": table, **what})
            for table, requests in params["RequestItems"].items()
            for request in requests
            for kind, what in request.items()
        ]
    elif operation in ("PutItem", "UpdateItem", "DeleteItem"):
        writes = [(operation.removesuffix("Item"), params)]
    before = [_kilobytes(what) for _, what in writes]
    try:
        yield
    finally:
        times = 2 if operation == "TransactWriteItems" else 1
        for (kind, what), size in zip(writes, before, strict=True):
            calls["dynamodb_write_unit"] += times * max(size, _kilobytes(what)) + _indexes(kind, what)


def _kilobytes(what: Mapping[str, Any]) -> int:
    """Started KB of the item that is written, as it lies in moto's table; 1 where there is none."""
    tables: Any = dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]].tables
    table = tables[what["TableName"]]
    given = what.get("Key") or what["Item"]
    item = table.get_item(*(DynamoType(given[name]) for name in table.table_key_attrs))
    return max(1, math.ceil(_bytes_of(item) / 1024)) if item else 1


def _bytes_of(item: Any) -> int:
    # moto keeps some binary values as Base64.
    in_base64 = {name for name, value in item.attrs.items() if value.type == "B" and isinstance(value.value, str)}
    sizes = ((name, value.size() * (3 if name in in_base64 else 4) // 4) for name, value in item.attrs.items())
    return sum(len(name) + size for name, size in sizes)


def _indexes(kind: str, what: Mapping[str, Any]) -> int:
    if kind == "ConditionCheck":
        return 0
    key = what.get("Key") or what.get("Item") or {}
    sort = str(key.get("sk", {}).get("S", ""))[:1]
    return _INDEXES.get((what["TableName"].rpartition("-")[2], sort), 0)


@contextmanager
def counted(calls: Counter[str]) -> Iterator[None]:
    """Every call of botocore is counted while this lasts, but for moto's own to Lambda."""
    make, invoke = BaseClient._make_api_call, aws.invoke

    def noted(client: Any, operation: str, params: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        if service != "lambda" and not getattr(_looking, "now", False):
            count(calls, service, operation, params)
            with counting_writes(calls, operation, params):
                return make(client, operation, params)
        return make(client, operation, params)

    def invoked(app: Any, name: str, event: Any) -> Any:
        calls["lambda_request"] += 1
        return invoke(app, name, event)

    BaseClient._make_api_call, aws.invoke = noted, invoked
    try:
        yield
    finally:
        BaseClient._make_api_call, aws.invoke = make, invoke


def until(condition: Callable[[], object], otherwise: str) -> None:
    """Wait for what the state machine does on threads of its own, for 20 seconds at most. Our looking costs nothing."""
    end = time.monotonic() + 20
    _looking.now = True
    try:
        while not condition():
            assert time.monotonic() < end, otherwise
            time.sleep(0.05)
    finally:
        _looking.now = False


def closed(this: World, case_id: str) -> bool:
    """Whether the case has ended and its outbox is empty."""
    case = this.ports.store.case(case_id)
    return case is None or (case.state is State.CLOSED and not case.outbox)


def ended(this: World, case_id: str) -> bool:
    """Whether its execution has ended, too, and the sweep need not look again."""
    case = this.ports.store.case(case_id)
    return aws.executions().get(f"{case_id}-1") == "SUCCEEDED" and case is not None and not case.wake_at


def waits(this: World, case_id: str) -> None:
    """Until the seller is waited for."""
    until(lambda: this.ports.store.token(case_id) is not None, "nobody waits")


def arrive(this: World, already: int = 0) -> int:
    """SES tells of each mail that it arrived, but of the first `already`; gives how many it has told of."""
    sent = aws.outbox()
    for mail in sent[already:]:
        aws.invoke(this.app, "on_mail", by_sns(json.dumps(came_back(mail, "delivery"))))
    return len(sent)


def approved(this: World) -> tuple[str, int]:
    """Budi asks, the seller says yes, the money goes into the wallet. Gives the case, and the mails told of."""
    case = asking.ask(this.ports, "C-1", an_ask(), BUDI)
    waits(this, case.case_id)
    told = arrive(this)
    decisions.say(this.ports, case.case_id, Approve(), SELLER)
    return case.case_id, told


def refused(this: World) -> tuple[str, int]:
    """Budi asks, the seller says no."""
    case = asking.ask(this.ports, "C-1", an_ask(), BUDI)
    waits(this, case.case_id)
    told = arrive(this)
    decisions.say(this.ports, case.case_id, NO, SELLER)
    return case.case_id, told


Story = Callable[[World], tuple[str, int]]
# Each story, and the requests to API Gateway that come with it: looking, asking, answering, looking again.
STORIES: Mapping[str, tuple[Story, int]] = {"approved": (approved, 8), "refused": (refused, 8)}


def used(story: str) -> Counter[str]:
    """What one case of a story uses."""
    tell, requests = STORIES[story]
    calls: Counter[str] = Counter()
    with world() as this:
        now = this.clock()
        body = a_body(order_id="C-1", placed_at=now - timedelta(days=1))
        orders.upsert(this.ports, body, SYSTEM)
        with counted(calls):
            case_id, told = tell(this)
            until(lambda: closed(this, case_id), "the case did not end")
            arrive(this, told)
        until(lambda: ended(this, case_id), "the execution did not end")
        calls["states_transition"] = len(aws.states_entered(f"{case_id}-1"))
    calls["api_request"] = requests
    calls["lambda_request"] += requests
    calls["lambda_gb_second"] = round(calls["lambda_request"] * _SECONDS * _GIGABYTES, 2)  # type: ignore[assignment]
    return calls


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000, help="cases a month")
    wanted: int = parser.parse_args().cases
    priced = [name for name, price in PRICES.items() if isinstance(price, float) and name != "log_gb"]
    columns = {story: used(story) for story in STORIES}
    print(f"Prices of {PRICES['region']}, {PRICES['as_of']}, in {PRICES['currency']}. {PRICES['note']}\n")
    print(f"{'one case':24}" + "".join(f"{story:>12}{'':>12}" for story in columns))
    for name in priced:
        cells = (f"{calls[name]:>12}{calls[name] * PRICES[name]:>12.7f}" for calls in columns.values())
        print(f"{name:24}" + "".join(cells))
    sums = {}
    for story, calls in columns.items():
        logs = calls["lambda_request"] * _LOGGED / 1e9 * PRICES["log_gb"]
        sums[story] = sum(calls[name] * PRICES[name] for name in priced) + logs
    print(f"{'sum, with logs':24}" + "".join(f"{'':>12}{each:>12.7f}" for each in sums.values()))
    # The sweep and the watch run whether anything happens or not.
    idle = (60 * 24 * 30 + 12 * 24 * 30) * (PRICES["lambda_request"] + 0.1 * 0.5 * PRICES["lambda_gb_second"])
    fixed = sum(PRICES["monthly"].values()) + idle
    print(
        f"\na month: {fixed:.2f} with no case at all; {fixed + wanted * sums['approved']:.2f} with {wanted:,} approved"
    )


if __name__ == "__main__":
    main()
