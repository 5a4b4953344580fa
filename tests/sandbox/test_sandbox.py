"""The sandbox as its users meet it: it starts, serves, moves its clock, begins anew, and ends cleanly."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from chalicelib.domain.orders.body import Tender
from infra.sandbox.builders import a_body
from infra.sandbox.clock import SandboxClock
from infra.sandbox.seed import ORDERS
from tests.e2e.test_webhooks import receiver
from tests.sandbox.running import ROOT, call, free_port, sandbox, started, token, wait_for


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


def test_the_two_stories_are_loaded_and_every_platform_has_every_status(address: str) -> None:
    _, orders = call(address, "/v1/orders?limit=100", token=token(address, "budi", "buyer"))
    assert "LZD-1001" in [order["order_id"] for order in orders["items"]]
    assert {order["platform"] for order in ORDERS} == {"lazada", "shopee", "tokopedia"}
    assert {order["status"] for order in ORDERS} == {
        "unpaid",
        "placed",
        "processing",
        "ready_to_ship",
        "shipped",
        "delivered",
        "completed",
        "cancelled",
    }


def test_a_token_speaks_for_whom_it_was_made(address: str) -> None:
    status, order = call(address, "/v1/orders/LZD-1002", token=token(address, "ani", "buyer"))
    assert (status, order["order_id"]) == (200, "LZD-1002")
    seller = token(address, "dewi", "seller", seller_id="toko-sepatu")
    assert call(address, "/v1/orders/LZD-1002", token=seller)[0] == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sandbox/token", {"sub": "x", "role": "king"}),
        ("/sandbox/token", {"sub": "", "role": "buyer"}),
        ("/sandbox/token", {"sub": "dewi", "role": "seller"}),
        ("/sandbox/clock", {"advance_seconds": -1}),
        ("/sandbox/clock", {"advance_seconds": "soon"}),
        ("/sandbox/clock", {"advance_seconds": 10**12}),
        ("/sandbox/clock", {}),
    ],
)
def test_nonsense_is_refused_clearly(address: str, path: str, body: Any) -> None:
    status, problem = call(address, path, body)
    assert (status, problem["code"]) == (422, "validation_failed")


def test_moving_the_clock_lets_silence_speak_before_it_answers_and_reset_begins_anew(address: str) -> None:
    ani = token(address, "ani", "buyer")
    wish = {"reason_code": "found_cheaper", "channel": "app", "accept_terms": True}
    _, case = call(address, "/v1/orders/TKP-3001/cancellations", wish, ani)
    _, before = call(address, "/sandbox/clock")
    status, moved = call(address, "/sandbox/clock", {"advance_seconds": 49 * 3600})
    assert status == 200
    assert moved["now"] > before["now"]
    assert call(address, f"/v1/cases/{case['case_id']}", token=ani)[1]["outcome"] == "expired"
    assert call(address, "/sandbox/reset", {})[0] == 200
    assert call(address, "/sandbox/clock")[1]["now"] < moved["now"]
    assert call(address, "/sandbox/outbox")[1] == {"items": []}
    assert call(address, "/sandbox/events")[1] == {"items": []}
    assert call(address, f"/v1/cases/{case['case_id']}", token=ani)[0] == 404
    _, order = call(address, "/v1/orders/TKP-3001", token=ani)
    assert (order["status"], order["cases"]) == ("processing", [])


def paid_at_stripe(order_id: str, payment: str) -> Any:
    """An order by card whose payment a provider knows."""
    tender = {"method": "card", "amount": 150_000, "provider": "stripe", "references": {"payment_intent": payment}}
    return a_body(order_id=order_id, tenders=(msgspec.convert(tender, Tender),))


def test_the_fake_provider_of_the_sandbox_is_asked_behaves_as_told_and_shows_its_ledger(address: str) -> None:
    budi, oms = token(address, "budi", "buyer"), token(address, "oms", "system")
    seller = token(address, "dewi", "seller", seller_id="toko-baju")
    body = json.loads(msgspec.json.encode(paid_at_stripe("PAY-1", "pi_77")))
    assert call(address, "/v1/orders/PAY-1", body, oms, "PUT")[0] in (200, 201)
    assert call(address, "/sandbox/providers/stripe", {"behaviour": "reverse"})[0] == 200
    wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
    _, case = call(address, "/v1/orders/PAY-1/cancellations", wish, budi)
    assert call(address, f"/v1/cases/{case['case_id']}/approve", {}, seller)[0] == 200
    refund = f"/v1/refunds/rf_{case['case_id']}"
    for _ in range(6):
        call(address, "/sandbox/clock", {"advance_seconds": 600})
    _, went = call(address, refund, token=oms)
    assert (went["state"], went["parts"][0]["state"]) == ("succeeded", "succeeded")
    _, ledger = call(address, "/sandbox/providers/stripe")
    assert [line["amount"] for line in ledger["ledger"]] == [150_000]
    for _ in range(4):
        call(address, "/sandbox/clock", {"advance_seconds": 86_400})
    _, back = call(address, refund, token=oms)
    assert (back["state"], back["parts"][0]["state"]) == ("failed", "reversed")
    assert call(address, "/sandbox/providers/nobody")[0] == 404
    assert call(address, "/sandbox/providers/stripe", {"behaviour": "kind"})[0] == 422
    assert call(address, "/sandbox/reset", {})[0] == 200
    assert call(address, "/sandbox/providers/stripe")[1]["ledger"] == []


def test_what_integrators_were_told_is_a_page_and_a_document(address: str) -> None:
    budi = token(address, "budi", "buyer")
    wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
    assert call(address, "/v1/orders/LZD-1001/cancellations", wish, budi)[0] == 201
    call(address, "/sandbox/clock", {"advance_seconds": 120})
    # Whoever delivers it may still be at it; and the bus keeps no order, which is what `seq` is for.
    end, first = time.monotonic() + 60, None
    while first is None and time.monotonic() < end:
        told = call(address, "/sandbox/events")[1]["items"]
        first = next((event for event in told if (event["order_id"], event["seq"]) == ("LZD-1001", 1)), None)
    assert first is not None
    assert (first["type"], first["specversion"], first["seq"]) == ("case.opened", "1.0", 1)
    request = urllib.request.Request(f"{address}/sandbox/events", headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        page = answer.read().decode()
    assert "case.opened" in page
    assert "event 1 of its order" in page


def test_events_are_forwarded_to_a_server_of_yours(address: str) -> None:
    with receiver() as (url, took):
        form = urllib.parse.urlencode({"url": url}).encode()
        with urllib.request.urlopen(f"{address}/sandbox/forward", form) as answer:
            page = answer.read().decode()
        (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", page)
        wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
        ani = token(address, "ani", "buyer")
        assert call(address, "/v1/orders/LZD-1002/cancellations", wish, ani)[0] == 201
        end = time.monotonic() + 60
        while not took.posts and time.monotonic() < end:
            call(address, "/sandbox/clock", {"advance_seconds": 1})
        headers, body = took.posts[0]
        Webhook(secret).verify(body, dict(headers))
        call(address, "/sandbox/reset", {})


def test_the_secrets_of_systems_that_sign_are_told(address: str) -> None:
    assert call(address, "/sandbox/secrets")[1].keys() == {"orders", "payments"}


def test_mails_and_people_are_pages_for_people(address: str) -> None:
    for path, word in (
        ("/sandbox/mails", "<h1>"),
        ("/sandbox/people", "Budi"),
        ("/sandbox/mails/kinds", "approved by silence"),
        ("/sandbox/mails/kinds/0", "iframe"),
    ):
        status, page = call(address, path)
        assert status == 200
        assert word in page


def test_a_busy_port_gives_one_clear_line(address: str) -> None:
    port = int(address.rpartition(":")[2])
    process = started(port)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.strip().splitlines() == [
        f"Port {port} is taken; choose another one, for example: make run PORT={port + 1}"
    ]


def test_a_port_that_is_none_gives_one_clear_line() -> None:
    for given in ("eighty", "70000"):
        process = started(given)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert len(err.strip().splitlines()) == 1


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_told(number: signal.Signals) -> None:
    port = free_port()
    process = started(port)
    wait_for(f"http://127.0.0.1:{port}/health", process)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "Ctrl-C ends it" in out
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


_TOLD_WHILE_IT_LOADS = """
import os, signal, sys
from infra.sandbox.__main__ import main

class Meanwhile:
    def find_spec(self, name, *_):
        if name == "infra.sandbox.serving":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Meanwhile())
os.environ["PORT"] = sys.argv[1]
main()
"""


def test_ctrl_c_while_it_loads_is_no_traceback() -> None:
    command = [sys.executable, "-c", _TOLD_WHILE_IT_LOADS, str(free_port())]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (told.returncode, told.stderr) == (-signal.SIGINT, b"")


_TOLD_AT_EVERY_STEP = """
import signal, sys
from infra.sandbox.stopping import asked_within, told_by_signals

asked, times = told_by_signals(), []

def tell(frame, event, _):
    if event == "line" and len(times) < 100:
        times.append(1)
        signal.raise_signal(signal.SIGTERM)
    return tell

sys.settrace(tell)
for _ in range(30):
    heard = asked_within(asked, 0.001)
sys.settrace(None)
print(heard, len(times) > 50)
"""


def test_being_told_at_any_step_of_its_waiting_does_not_hang_it() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _TOLD_AT_EVERY_STEP], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert told.stdout.decode() == "True True\n", told.stderr.decode()


def test_the_clock_only_moves_forwards() -> None:
    clock = SandboxClock()
    before = clock()
    clock.advance(3600)
    assert (clock() - before).total_seconds() >= 3600
    with pytest.raises(ValueError, match="forwards"):
        clock.advance(-1)
