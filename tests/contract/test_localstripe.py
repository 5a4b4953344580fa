"""Our adapter for Stripe before a Stripe that others wrote: what it asks is taken, and their signature is verified."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import urllib3

from chalicelib.adapters.providers.stripe import Stripe
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.providers import Became, PartRequest
from chalicelib.domain.orders.methods import Method
from tests.sandbox.running import ROOT, free_port

KEY, SECRET = "sk_test_1", "whsec_1"
CARD = {
    "type": "card",
    "card[number]": "4242424242424242",
    "card[exp_month]": "12",
    "card[exp_year]": "2030",
    "card[cvc]": "123",
}
HTTP = urllib3.PoolManager(retries=False)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "tests.fakes.loopback_stripe", str(port)], cwd=ROOT)
    try:
        _until_it_listens(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _until_it_listens(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with closing(socket.socket()) as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("it does not listen")


def post(address: str, path: str, **form: Any) -> bytes:
    """Somebody else speaks to it, as its documentation says."""
    answer = HTTP.request_encode_body(
        "POST", f"{address}{path}", form, headers={"Authorization": f"Bearer {KEY}"}, encode_multipart=False
    )
    assert answer.status == 200, answer.data
    return answer.data


def adapter(address: str, secret: str = SECRET) -> Stripe:
    secrets = {"secret_key": KEY, "webhook_secret": secret}
    return Stripe(secrets=secrets, now=lambda: datetime.now(UTC), base_url=address)


def part_of(payment: str, amount: int, key: str = "rf_1-card-1") -> PartRequest:
    return PartRequest(
        key=key,
        refund_id="rf_1",
        tender_id="card",
        method=Method.CARD,
        amount=amount,
        currency="IDR",
        references={"payment_intent": payment},
        collected=150_000,
    )


def paid(address: str) -> str:
    """A payment by card of 150,000 rupiah, which have two digits there."""
    card = json.loads(post(address, "/v1/payment_methods", **CARD))["id"]
    asked = {"amount": 15_000_000, "currency": "idr", "payment_method": card, "confirm": "true"}
    return str(json.loads(post(address, "/v1/payment_intents", **asked))["id"])


def test_what_we_ask_for_is_taken_in_their_units_and_found_again_by_our_mark(address: str) -> None:
    payment, stripe = paid(address), adapter(address)
    assert stripe.find(part_of(payment, 40_000)).became is Became.UNKNOWN
    sent = stripe.send(part_of(payment, 40_000))
    assert (sent.became, sent.amount) == (Became.SUCCEEDED, 40_000)
    stripe.send(part_of(payment, 10_000, key="rf_2-card-1"))
    assert stripe.find(part_of(payment, 40_000)) == sent
    answer = HTTP.request("GET", f"{address}/v1/refunds/{sent.reference}", headers={"Authorization": f"Bearer {KEY}"})
    refund = json.loads(answer.data)
    assert (refund["amount"], refund["currency"]) == (4_000_000, "idr")
    assert refund["metadata"] == {"batal_key": "rf_1-card-1", "refund_id": "rf_1"}


def test_a_payment_that_nobody_made_is_refused_for_good(address: str) -> None:
    answer = adapter(address).send(part_of("pi_nobodys", 40_000))
    assert (answer.became, answer.is_final) == (Became.FAILED, True)


def test_what_they_sign_is_verified_and_by_another_secret_is_not(address: str) -> None:
    heard: list[tuple[Mapping[str, str], bytes]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard.append((headers, self.rfile.read(int(headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Ear) as ear:
        listening = threading.Thread(target=ear.handle_request)
        listening.start()
        post(address, "/_config/webhooks/ours", url=f"http://127.0.0.1:{ear.server_port}/", secret=SECRET)
        post(address, "/v1/customers", email="budi@example.com")
        listening.join(timeout=60)
    ((headers, raw),) = heard
    assert adapter(address).heard(headers, raw) == [], "it is about no refund"
    with pytest.raises(Invalid, match="unauthorized"):
        adapter(address, "whsec_2").heard(headers, raw)
    with pytest.raises(Invalid, match="unauthorized"):
        adapter(address).heard(headers, raw.replace(b"customer", b"costumer"))
