"""Deployments that are faulty: between the kit and a sandbox stands somebody who changes what is answered."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import urllib3

Json = dict[str, Any]
# What becomes of an answer: by the call ("GET /v1/...") and its status.
Alters = Callable[[str, int, Any], Any]
# An answer that never arrives.
LOST = object()
_CARRIED = ("authorization", "content-type", "idempotency-key", "accept-language")


@contextmanager
def between(url: str, alters: Alters) -> Iterator[str]:
    """The address of whoever stands before the deployment there."""
    pool = urllib3.PoolManager(maxsize=8)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))) or None
            carried = {name: text for name in _CARRIED if (text := self.headers.get(name))}
            found = pool.request(self.command, url + self.path, body=body, headers=carried)
            told = alters(f"{self.command} {self.path}", found.status, json.loads(found.data or b"null"))
            if told is LOST:
                self.close_connection = True
                return
            content = json.dumps(told).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


Log = list[Json]


def a_lost_release(events: Log) -> Log:
    return [event for event in events if event["type"] != "order.release_shipment"]


def a_swapped_sequence(events: Log) -> Log:
    return [*events[:1], *events[2:3], *events[1:2], *events[3:]]


def a_case_opened_twice(events: Log) -> Log:
    twin = [{**event, "case_id": "BTL-TWIN", "id": "BTL-TWIN:1"} for event in events if event["type"] == "case.opened"]
    return [*events[:1], *twin, *events[1:]]


def a_double_refund(events: Log) -> Log:
    """Asked for once more under another key, as if the first had never been answered."""
    found = []
    for event in events:
        found.append(event)
        if event["type"] == "refund.requested":
            parts = [{**part, "key": f"{part['key']}-again"} for part in event["data"]["parts"]]
            found.append({**event, "id": f"{event['id']}-again", "data": {**event["data"], "parts": parts}})
    return found


def a_double_credit(wallet: Json) -> Json:
    """The wallet is paid twice."""
    return {**wallet, "entries": wallet["entries"] * 2}


def a_case_for_each_call(case: Json) -> Json:
    """Whoever asks again under the same key gets another case."""
    return {**case, "case_id": f"{case['case_id']}-{next(_TWINS)}"}


def closings_that_the_bus_lost(told: Json, order_id: str) -> Json:
    lost = [event for event in told["items"] if event["order_id"] == order_id and event["type"] == "case.closed"]
    return {"items": [event for event in told["items"] if event not in lost]}


_TWINS = count(1)
# Which fault is planted where: by the ending in whose log, its numbers closed up, so that they do not show it.
IN_LOGS: Mapping[str, Callable[[Log], Log]] = {
    "offer-accepted": a_double_refund,
    "refused": a_lost_release,
    "withdrawn": a_swapped_sequence,
    "offer-declined": a_case_opened_twice,
}
# In which wallet, in which answer to asking, and of which order's events on the bus.
IN_WALLET, IN_ASKING, ON_BUS = "agreed", "part", "seller-cannot"


def loses_every(nth: int) -> Alters:
    """A way on which every so many-th answer is lost, after the work was done."""
    numbers = count(1)
    return lambda call, status, answer: LOST if next(numbers) % nth == 0 else answer


def faulty(run: str) -> Alters:
    """A deployment with a fault of its own in each of some endings of a run."""

    def altered(call: str, status: int, answer: Any) -> Any:
        if status >= 300:
            return answer
        for ending, alters in IN_LOGS.items():
            if call.endswith(f"order_id=KIT-{run}-{ending}"):
                events = [{**event, "seq": seq} for seq, event in enumerate(alters(answer["items"]), 1)]
                return {**answer, "items": [{**each, "prev_seq": each["seq"] - 1 or None} for each in events]}
        if f"/v1/wallets/kit-{run}-{IN_WALLET}?" in call:
            return a_double_credit(answer)
        if call == f"POST /v1/orders/KIT-{run}-{IN_ASKING}/cancellations":
            return a_case_for_each_call(answer)
        if call == "GET /sandbox/events":
            return closings_that_the_bus_lost(answer, f"KIT-{run}-{ON_BUS}")
        return answer

    return altered
