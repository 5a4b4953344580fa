"""The sandbox served: everything in one process, until Ctrl-C."""

import base64
import logging
import threading
from queue import SimpleQueue

from chalicelib import wiring
from chalicelib.edge.moving import workers
from chalicelib.workflow import counting, rounds
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.files import file_routes
from infra.sandbox.history import Made, make_history, said_of
from infra.sandbox.mails import mail_routes
from infra.sandbox.providers.street import calls_go_out
from infra.sandbox.reset import begin_anew
from infra.sandbox.routes import sandbox_routes
from infra.sandbox.seed import seed
from infra.sandbox.server import make_server
from infra.sandbox.stopping import asked_within, told_by_signals
from infra.sandbox.telling import tell_webhooks_for_ever
from infra.sandbox.world import World, world

_SWEEP_EVERY = 1.0

WELCOME = """
Batal's sandbox is up: real routes, the real state machine, nothing leaves this machine.

  {url}/sandbox/people   pick a person: Budi cancels LZD-1001, Ani tries LZD-1002
  {url}/sandbox/mails    read the mails; the seller answers from there
  {url}/sandbox/events   what integrators are told, as it happens
  {url}/docs             every operation, with examples; /openapi.json for programs
  make example PORT={port}   in another terminal: a tiny marketplace plays against it
  make history PORT={port}   in another terminal: a year of history, so that charts, figures and odds are alive

  curl -s -X POST {url}/sandbox/token -d '{{"sub":"budi","role":"buyer"}}' -H 'Content-Type: application/json'
  curl -s -X POST {url}/sandbox/clock -d '{{"advance_seconds":86400}}' -H 'Content-Type: application/json'

Order system and payment system may sign what they send (Standard Webhooks), each with its secret: {url}/sandbox/secrets
  orders    {orders}
  payments  {payments}

  body='{{"order_id":"LZD-1002","status":"shipped","version":2,"at":"'$(date -u +%FT%TZ)'","tracking_number":"JNE-1"}}'
  id=msg_1; at=$(date +%s); key={orders_key}
  mark=$(printf '%s.%s.%s' "$id" "$at" "$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64)
  curl -s {url}/v1/orders/LZD-1002/status -d "$body" -H 'Content-Type: application/json' \\
    -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$mark"

Ctrl-C ends it. The README's tour goes on from here.
"""


def welcome(url: str) -> str:
    """What is said at the start: where to go, and how to speak as the marketplace's systems."""
    known = wiring.settings()
    orders, payments = known.orders_secret, known.payments_secret
    key = base64.b64decode(orders.removeprefix("whsec_")).hex()
    return WELCOME.format(url=url, port=url.rpartition(":")[2], orders=orders, payments=payments, orders_key=key)


def serve(port: int, *, history: bool = False) -> None:
    """Serve until told to stop, from the beginning with a year of `history` where that is wanted. Raises OSError where
    the port is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    asked = told_by_signals()
    url = f"http://127.0.0.1:{port}"
    with world(public_url=url, SIGN_IN_URL=f"{url}/sandbox/people") as this:
        # What is done by schedule, and what may not meet it.
        alone = threading.Lock()

        def past() -> Made:
            with alone:
                return make_history(this.ports, this.store)

        def anew() -> None:
            with alone:
                begin_anew(this.ports, this.clock)

        this.app.register_blueprint(sandbox_routes(this.clock, anew, past))
        this.app.register_blueprint(mail_routes(this.app))
        this.app.register_blueprint(file_routes())
        server = make_server(this.app, port)
        seed(this.ports)
        if history:
            print(said_of(past()), flush=True)
        threading.Thread(target=server.server.serve_forever, daemon=True).start()
        # Apart from the sweep: a receiver may let everybody wait for ten seconds.
        threading.Thread(target=tell_webhooks_for_ever, args=(this.ports,), daemon=True).start()
        print(welcome(url), flush=True)
        _sweep_until(asked, this, alone)
        server.server.shutdown()
        print("\nStopped.")


def _sweep_until(asked: SimpleQueue[int], this: World, alone: threading.Lock) -> None:
    """The schedule, every second instead of every minute."""
    while not asked_within(asked, _SWEEP_EVERY):
        try:
            with alone:
                sweep(this.ports)
                calls_go_out(this.ports)
                counting.catch_up(this.ports)
                rounds.go_on(this.ports, workers())
        except Exception:
            logging.getLogger(__name__).exception("the sweep failed; the next one tries again")
