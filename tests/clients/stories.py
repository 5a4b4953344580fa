"""Both reference stories by the generated Python client, against a served sandbox: `python stories.py http://...`.

Runs where nothing of Batal is installed: with httpx, which the client brings, and the client alone.
"""

import re
import sys
import time

import httpx
from batal_client import AuthenticatedClient
from batal_client.api.cases import get_case, get_options, post_cancellation
from batal_client.api.decisions import reject
from batal_client.api.events import list_events
from batal_client.api.money import get_wallet
from batal_client.models import (
    AskPost,
    CaseAnswer,
    Channel,
    EventsAnswer,
    OptionsAnswer,
    Outcome,
    Problem,
    ProblemCode,
    RejectPost,
    WalletAnswer,
)

ADDRESS = sys.argv[1]


def caller(sub: str, role: str, **more: str) -> AuthenticatedClient:
    """Somebody of the sandbox."""
    token = httpx.post(f"{ADDRESS}/sandbox/token", json={"sub": sub, "role": role, **more}).json()["token"]
    return AuthenticatedClient(base_url=ADDRESS, token=token, timeout=httpx.Timeout(30))


def link_in_mail(to: str) -> str:
    """The signed link that a seller got."""
    for _ in range(100):
        text = httpx.get(f"{ADDRESS}/sandbox/outbox", params={"to": to}).text
        if found := re.search(rf"{ADDRESS}/d/[A-Za-z0-9_.-]+", text):
            return found[0]
        time.sleep(0.1)
    raise AssertionError("no mail came")


def granted() -> None:
    """LZD-1001: Budi's shirt is of the wrong size; the seller says yes by the link in the mail."""
    budi = caller("budi", "buyer")
    options = get_options.sync("LZD-1001", client=budi, accept_language="en")
    assert isinstance(options, OptionsAnswer)
    assert options.eligible
    asked = AskPost(reason_code="wrong_size", channel=Channel.APP, accept_terms=True, quote_id=options.quote.quote_id)
    first = post_cancellation.sync_detailed("LZD-1001", client=budi, body=asked, idempotency_key="py-1")
    again = post_cancellation.sync_detailed("LZD-1001", client=budi, body=asked, idempotency_key="py-1")
    case = first.parsed
    assert isinstance(case, CaseAnswer)
    assert first.headers["location"] == again.headers["location"] == f"{ADDRESS}/v1/cases/{case.case_id}"
    assert again.headers["idempotent-replayed"] == "true"
    httpx.post(link_in_mail("toko-baju@example.com"), data={"answer": "approve"})
    closed = get_case.sync(case.case_id, client=budi)
    assert isinstance(closed, CaseAnswer)
    assert closed.outcome is Outcome.CANCELLED
    wallet = get_wallet.sync("budi", client=budi)
    assert isinstance(wallet, WalletAnswer)
    assert wallet.balance == 163_000


def refused() -> None:
    """LZD-1002: Ani's shoes are on their way; the seller refuses, with the tracking number."""
    ani, seller = caller("ani", "buyer"), caller("dewi", "seller", seller_id="toko-sepatu")
    asked = AskPost(reason_code="changed_mind", channel=Channel.WEB, accept_terms=True)
    case = post_cancellation.sync("LZD-1002", client=ani, body=asked)
    assert isinstance(case, CaseAnswer)
    no = RejectPost(reason_code="already_shipped", tracking_number="JNE-881")
    told = reject.sync(case.case_id, client=seller, body=no)
    assert isinstance(told, CaseAnswer)
    assert told.outcome is Outcome.REJECTED
    second = reject.sync_detailed(case.case_id, client=seller, body=no, accept_language="en")
    assert isinstance(second.parsed, Problem)
    assert (second.status_code, second.parsed.code) == (409, ProblemCode.ALREADY_DECIDED)


def heard() -> None:
    """What the order system hears of both."""
    events = list_events.sync(client=caller("oms", "system"), order_id="LZD-1001")
    assert isinstance(events, EventsAnswer)
    assert "order.cancelled" in [str(event.type_) for event in events.items]


granted()
refused()
heard()
print("both stories, by the Python client")
