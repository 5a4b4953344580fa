"""The contract's examples: what tests really send, and what they are answered; `python -m tests.e2e.write_examples`.

The world they are made in stands still at one moment, and what is drawn at random (ids, salts, hashes) is named anew in
the order in which it appears: the file changes where the API does.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from chalicelib import wiring
from infra.sandbox.clock import SandboxClock
from infra.sandbox.outage import events
from infra.stages import ROOT
from tests.e2e.conftest import Marketplace, marketplace
from tests.e2e.contract import ROUTES
from tests.e2e.every_operation import (
    CHARGEBACK,
    GIVEN,
    REQUESTS,
    Request,
    a_case,
    a_refund,
    an_order,
    put_order,
)

FILE = ROOT / "chalicelib" / "edge" / "contract" / "examples.json"
_RANDOM = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16}|(?<=BTL-)[0-9A-Z]{9})\b")
_OF_THE_BUS = ("event_id", "occurred_at", "seq", "prev_seq")


class StillClock(SandboxClock):
    """Time stands still, but for what it is moved by."""

    def __call__(self) -> datetime:
        """Now, in UTC."""
        return datetime(2026, 11, 23, 5, tzinfo=UTC) + self._ahead


def standing_still(market: Marketplace) -> Marketplace:
    """The same marketplace at one moment."""
    clock = StillClock()
    wiring.set_clock(clock)
    return dataclasses.replace(market, world=dataclasses.replace(market.world, clock=clock))


def examples(market: Marketplace) -> dict[str, Any]:
    """Of each operation a request and its answer, of each event one that was told."""
    made = {ROUTES[key].name: _of(market, *key, REQUESTS[key](market)) for key in ROUTES}
    for happens in HAPPENINGS:
        happens(market)
    _go_out(market)
    named: dict[str, Any] = _named_anew({**made, **_told(market)})
    return named


def _of(market: Marketplace, method: str, path: str, request: Request) -> dict[str, Any]:
    place = path.format(**request.places) + (f"?{urlencode(request.query)}" if request.query else "")
    answer = market.as_(*request.who, method, place, request.body, **request.headers)
    assert answer.status < 300, (method, path, answer.text)
    said = {"places": request.places or None, "query": request.query or None, "body": request.said}
    told = {"status": answer.status, "answer": _short(answer.json)}
    return {**{name: each for name, each in said.items() if each is not None}, **told}


def _short(answer: Any) -> Any:
    """One of a list is enough, and of the contract its head."""
    if "openapi" in answer:
        return {name: answer[name] for name in ("openapi", "info", "servers")} | {"paths": {}}
    return {**answer, "items": answer["items"][:1]} if isinstance(answer.get("items"), list) else answer


def _told(market: Marketplace) -> Mapping[str, Any]:
    """The first event of each kind that was told."""
    found: dict[str, Any] = {}
    page: Any = {"next_cursor": None, "has_more": True}
    while page["has_more"]:
        after = f"&after={page['next_cursor']}" if page["next_cursor"] else ""
        page = market.operator("GET", f"/v1/events?limit=100{after}").json
        for event in page["items"]:
            found.setdefault(event["type"], {"told": event})
    # What has no number is told by the bus alone.
    for event in events():
        data = {name: each for name, each in event["data"].items() if name not in _OF_THE_BUS}
        found.setdefault(event["type"], {"told": {**event, "data": data}})
    return found


def _named_anew(made: Any) -> Any:
    """What was drawn at random as a number of its kind: the first, the second, and so on."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"{len(names) + 1:04d}".ljust(len(found[0]), "0"))

    return json.loads(_RANDOM.sub(named, json.dumps(made)))


def _go_out(market: Marketplace) -> None:
    """What was promised is told by whoever delivers; and nobody says how refunds went, for long."""
    for seconds in (91, 91, 14 * 86_400, 91):
        market.later(seconds)


def _declined(market: Marketplace) -> None:
    case_id = a_case(market, platform="shopee")
    market.say("seller", case_id, "offer", fee=1_000)
    market.say("buyer", case_id, "decline-offer", comment="Terlalu mahal")


def _kept(market: Marketplace) -> None:
    case_id = a_case(market)
    market.say("seller", case_id, "offer", partial_refund=30_000, comment="Kancingnya kurang satu")
    market.say("buyer", case_id, "accept-offer")


def _changed(market: Marketplace) -> None:
    case_id = a_case(market)
    market.say("seller", case_id, "offer", alternative="change_address")
    market.say("buyer", case_id, "accept-offer")


def _told_anew(market: Marketplace) -> None:
    order_id = an_order(market)
    market.ask(order_id)
    market.oms("POST", f"/v1/orders/{order_id}/payments", GIVEN)


def _moved(market: Marketplace) -> None:
    order_id = an_order(market)
    market.ask(order_id)
    market.status(order_id, "shipped")


def _recalled(market: Marketplace) -> None:
    case_id = market.ask(an_order(market, platform="tokopedia", status="shipped"))["case_id"]
    market.say("seller", case_id, "approve")


def _disputed(market: Marketplace) -> None:
    order_id = market.case(a_refund(market))["order_id"]
    market.oms("POST", f"/v1/orders/{order_id}/chargebacks", CHARGEBACK)


def _with_coins(market: Marketplace) -> None:
    market.say("seller", a_case(market, tenders={"wallet": 140_000, "coins": 10_000}), "approve")


def _masked(market: Marketplace) -> None:
    request = put_order(market)
    order_id = request.places["order_id"]
    body = {**request.body, "buyer": {**request.body["buyer"], "email": "b***i@shop.test"}}
    market.oms("PUT", f"/v1/orders/{order_id}", body)
    market.ask(order_id)


# What no request of every operation's brings about.
HAPPENINGS: tuple[Callable[[Marketplace], None], ...] = (
    _declined,
    _kept,
    _changed,
    _told_anew,
    _moved,
    _recalled,
    _disputed,
    _with_coins,
    _masked,
)


def text(made: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(dict(sorted(made.items())), ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write the file."""
    with marketplace() as market:
        FILE.write_text(text(examples(standing_still(market))), encoding="utf-8")


if __name__ == "__main__":
    main()
