"""What a cancellation costs on AWS: the stories run in the sandbox, their calls counted, times infra/prices.json.

    python -m infra.cost [--cases 100000]

Counted: requests, Lambda runs, DynamoDB units (by the size of the item, before or after, whichever is larger, twice in
transactions; and one for each index), state transitions, mails, events. Assumed: how long a Lambda runs, since no
laptop can tell.
"""

import argparse
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
from botocore.client import BaseClient
from chalice.test import Client

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.orders.body import Line, OrderBody
from chalicelib.domain.parties import Actor, Role
from chalicelib.workflow import asking, decisions, orders
from infra.sandbox import aws, tokens
from infra.sandbox.builders import BUDI, SELLER, SYSTEM, a_body, an_ask
from infra.sandbox.mails import by_sns, came_back
from infra.sandbox.world import World, world
from infra.stages import ROOT
from infra.units import Used, charging, half_reads

PRICES: Mapping[str, Any] = json.loads((ROOT / "infra" / "prices.json").read_text("utf-8"))
# Seconds and gigabytes of a warm run: an assumption; the figures of your own stack stand on its dashboard.
_SECONDS, _GIGABYTES = 0.15, 0.75
_LOGGED = 2000  # bytes a Lambda run writes to its log

_looking = threading.local()


def count(calls: Counter[str], service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Add one call to what was used; units of DynamoDB are counted apart (units.py)."""
    calls["calls"] += 1
    calls[f"{service}.{operation}"] += 1
    if (service, operation) == ("sesv2", "SendEmail"):
        calls["ses_mail"] += 1
    elif (service, operation) == ("events", "PutEvents"):
        calls["event"] += len(params["Entries"])


@contextmanager
def counted(calls: Counter[str]) -> Iterator[None]:
    """Every call of botocore is counted while this lasts, but for moto's own to Lambda."""
    make, invoke = BaseClient._make_api_call, aws.invoke

    def noted(client: Any, operation: str, params: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        if service == "lambda" or getattr(_looking, "now", False):
            return make(client, operation, params)
        count(calls, service, operation, params)
        if service != "dynamodb":
            return make(client, operation, params)
        used = Used()
        try:
            with charging(operation, params) as used:
                answer = make(client, operation, params)
                used.half_reads = half_reads(operation, params, answer)
                return answer
        finally:
            calls["dynamodb_write_unit"] += used.writes
            calls["dynamodb_index_unit"] += used.of_indexes
            calls["dynamodb_read_unit"] += used.half_reads / 2  # type: ignore[assignment]

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


def bare(this: World, _calls: Counter[str]) -> str:
    """Of one shirt, without words and keys, past API Gateway: Budi asks, the seller says yes, the money goes into the
    wallet."""
    case_id = asking.ask(this.ports, ORDER, an_ask(), BUDI).case_id
    waits(this, case_id)
    decisions.say(this.ports, case_id, Approve(), SELLER)
    return case_id


def _by_http(this: World, calls: Counter[str], answer: str, said: Mapping[str, str]) -> str:
    """Of three lines, with words and keys: Budi looks, asks and looks again; the seller looks, answers and looks again;
    Budi looks what came of it."""
    with Client(this.app) as client:
        request = partial(call, client, calls)
        options = f"/v1/orders/{ORDER}/cancellation-options"
        request(BUDI, "GET", options)
        request(BUDI, "GET", f"{options}?reason_code=wrong_size")
        wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True, "comment": WORDS}
        case_id: str = request(BUDI, "POST", f"/v1/orders/{ORDER}/cancellations", wish)["case_id"]
        waits(this, case_id)
        told = arrive(this)
        request(BUDI, "GET", f"/v1/cases/{case_id}")
        request(SELLER, "GET", "/v1/cases")
        request(SELLER, "POST", f"/v1/cases/{case_id}/{answer}", said)
        until(lambda: closed(this, case_id), "the case did not end")
        arrive(this, told)
        request(SELLER, "GET", f"/v1/cases/{case_id}")
        request(BUDI, "GET", f"/v1/cases/{case_id}")
    return case_id


def approved(this: World, calls: Counter[str]) -> str:
    """All of it, and the seller says yes."""
    return _by_http(this, calls, "approve", {"comment": WORDS})


def refused(this: World, calls: Counter[str]) -> str:
    """All of it, and the seller says no."""
    return _by_http(this, calls, "reject", {"reason_code": "already_packed", "comment": WORDS})


def pushed(this: World, calls: Counter[str]) -> None:
    """An order is pushed, and moves three times; nobody asks for anything."""
    with Client(this.app) as client:
        call(client, calls, SYSTEM, "PUT", "/v1/orders/C-2", an_order(this, "C-2", status="placed"))
        for version, status in enumerate(("processing", "shipped", "delivered"), 2):
            moved = {"status": status, "version": version, "at": this.clock().isoformat()}
            call(client, calls, SYSTEM, "POST", "/v1/orders/C-2/status", moved)


def an_order(this: World, order_id: str, *, lines: int = 3, **more: Any) -> OrderBody:
    """Of yesterday, paid by wallet."""
    bought = tuple(Line(line_id=f"{number}", name="Kemeja", quantity=1, unit_price=50_000) for number in range(lines))
    return a_body(order_id=order_id, lines=bought, placed_at=this.clock() - timedelta(days=1), **more)


ORDER = "C-1"
WORDS = "Maaf, saya salah pilih ukuran. Mohon dibantu, terima kasih banyak."


def call(client: Client, calls: Counter[str], actor: Actor, method: str, path: str, body: object = None) -> Any:
    bearer = tokens.token(actor.id, actor.role, actor.id if actor.role is Role.SELLER else None)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    headers |= {} if actor is SYSTEM else {"Idempotency-Key": f"{calls['api_request']}"}
    calls.update(api_request=1, lambda_request=1)
    content = b"" if body is None else msgspec.json.encode(body)
    answer = client.http.request(method, path, headers=headers, body=content)
    assert answer.status_code in (200, 201), answer.body
    return json.loads(answer.body)


# What each story is, told once; of `pushed` no case comes.
STORIES: Mapping[str, Callable[[World, Counter[str]], str | None]] = {
    "bare": bare,
    "approved": approved,
    "refused": refused,
    "pushed": pushed,
}


def used(story: str) -> Counter[str]:
    """What one case of a story uses, or one order."""
    calls: Counter[str] = Counter()
    with world() as this:
        orders.upsert(this.ports, an_order(this, ORDER, lines=1 if story == "bare" else 3), SYSTEM)
        with counted(calls):
            case_id = STORIES[story](this, calls)
            if case_id is not None:
                until(lambda: closed(this, case_id), "the case did not end")
        if case_id is not None:
            until(lambda: ended(this, case_id), "the execution did not end")
            calls["states_transition"] = len(aws.states_entered(f"{case_id}-1"))
    calls["lambda_gb_second"] = round(calls["lambda_request"] * _SECONDS * _GIGABYTES, 2)  # type: ignore[assignment]
    return calls


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000, help="cases a month")
    parser.add_argument("--json", action="store_true", help="what each story uses, as tests/e2e/used.json holds it")
    given = parser.parse_args()
    wanted: int = given.cases
    if given.json:
        print(json.dumps({story: used(story) for story in STORIES}, indent=2, sort_keys=True))
        return
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
