"""`python -m tests.benchmarks.steps`: what each step of a case costs in CPU of our own, beside one bare transaction.

AWS answers from memory, the same bytes each time as it once did, so that all of botocore is paid for and nothing of any
emulator. Ratios within one run are what to compare; milliseconds are this machine's. The bare transaction is the one
that asking commits, sent by boto3 with its parameters ready.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

import boto3
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from chalice.test import Client
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from chalicelib.domain.cases.commands import Approve
from chalicelib.workflow import asking, decisions, orders
from infra.cost import ORDER, an_order, call, until
from infra.sandbox import aws
from infra.sandbox.builders import BUDI, SELLER, SYSTEM, an_ask
from infra.sandbox.world import World, world

TIMES, WARM_UP = 60, 10


@dataclass(slots=True)
class Tape:
    """What AWS answered, to be answered again in the same order."""

    answers: list[tuple[int, Any, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    at: int = 0

    def record(self, request: Any, answer: Any) -> None:
        status, headers, body = answer
        target = request.headers.get("X-Amz-Target", "")
        self.asked.append(target.decode() if isinstance(target, bytes) else target)
        self.answers.append((status, dict(headers), body))

    def again(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        """In place of moto: what was answered at this point."""
        status, headers, body = self.answers[self.at % len(self.answers)]
        self.at += 1
        return AWSResponse(request.url, status, headers, MockRawResponse(body))


@contextmanager
def recording() -> Iterator[Tape]:
    """All that AWS answers while this lasts, by this thread: the state machine goes its own way meanwhile."""
    tape, process = Tape(), BotocoreStubber.process_request

    def noted(stubber: Any, request: Any) -> Any:
        answer = process(stubber, request)
        tape.record(request, answer)
        return answer

    with patch.object(BotocoreStubber, "process_request", noted):
        yield tape


def cost(step: Callable[[], object], tape: Tape) -> float:
    """The median CPU of a step, in milliseconds, answered from its tape."""
    taken = []
    with patch.object(BotocoreStubber, "__call__", tape.again):
        for number in range(TIMES + WARM_UP):
            tape.at = 0
            began = time.process_time()
            step()
            spent = time.process_time() - began
            if tape.at != len(tape.answers):
                raise RuntimeError(f"{tape.at} calls, and {len(tape.answers)} when it was recorded")
            if number >= WARM_UP:
                taken.append(spent * 1000)
    return statistics.median(taken)


@contextmanager
def entered() -> Iterator[list[tuple[str, Any]]]:
    """What the state machine invokes; it does nothing else with it while this lasts."""
    noted: list[tuple[str, Any]] = []

    def invoked(_app: Any, name: str, event: Any) -> Any:
        noted.append((name, event))
        raise RuntimeError("later")

    with patch.object(aws, "invoke", invoked):
        yield noted


def steps(this: World) -> Iterator[tuple[str, int, float]]:
    """Each step: its name, how many calls it makes, and its CPU."""
    orders.upsert(this.ports, an_order(this, ORDER), SYSTEM)
    with Client(this.app) as client:
        look = partial(
            call, client, Counter(), BUDI, "GET", f"/v1/orders/{ORDER}/cancellation-options?reason_code=wrong_size"
        )
        look()
        with recording() as tape:
            look()
        yield "options, over HTTP", len(tape.answers), cost(look, tape)
    sent: list[Any] = []
    make = BaseClient._make_api_call

    def noting(client: Any, operation: str, params: Any) -> Any:
        sent.extend([params] if operation == "TransactWriteItems" else [])
        return make(client, operation, params)

    ask = partial(asking.ask, this.ports, ORDER, an_ask(), BUDI)
    with entered() as invoked:
        with recording() as tape, patch.object(BaseClient, "_make_api_call", noting):
            case_id = ask().case_id
        until(lambda: invoked, "nobody was invoked")
    yield "ask", len(tape.answers), cost(ask, tape)
    bare = partial(boto3.client("dynamodb").transact_write_items, **sent[0])
    committed = Tape(tape.answers[tape.asked.index("DynamoDB_20120810.TransactWriteItems") :][:1])
    yield "one bare transaction", 1, cost(bare, committed)
    name, event = invoked[0]
    enter = partial(aws.invoke, this.app, name, event)
    with recording() as tape:
        told, failed = enter()
        assert not failed, told
    yield "enter, with its mails", len(tape.answers), cost(enter, tape)
    approve = partial(decisions.say, this.ports, case_id, Approve(), SELLER)
    with recording() as tape:
        approve()
    yield "approve", len(tape.answers), cost(approve, tape)


def main() -> None:
    """Measure every step."""
    with world() as this:
        found = list(steps(this))
    bare = next(spent for name, _, spent in found if name == "one bare transaction")
    for name, calls, spent in sorted(found, key=lambda each: each[2]):
        print(f"{spent:7.2f} ms {spent / bare:6.1f} x  {calls:3} calls  {name}")


if __name__ == "__main__":
    main()
