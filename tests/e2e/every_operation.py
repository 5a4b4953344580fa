"""One request for each operation of the API that the contract calls valid, and that is taken.

Each is made when needed, in a world of its own order; `who` is the one it works for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec

from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_body
from infra.sandbox.providers import street
from tests.e2e.conftest import Marketplace

BUYER, SELLER, SUPPORT = ("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari")
SECOND, OPERATOR, OMS = ("support", "rini"), ("operator", "omar"), ("system", "oms")
FINANCE = ("finance", "fitri")
EVERY_ROLE = (BUYER, SELLER, SUPPORT, OPERATOR, FINANCE, OMS)

NOTE = {"note": "checked with both sides"}
_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request that works: what fills the places of its path, its query, its body, and who makes it."""

    who: tuple[str, str] = SUPPORT
    places: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> Any:
        """The body as it is read."""
        return msgspec.json.decode(self.body) if isinstance(self.body, bytes) else self.body


Made = Callable[[Marketplace], Request]


def an_order(market: Marketplace, **more: Any) -> str:
    return market.order(f"EVERY-{next(_numbers)}", **more)


def a_batch(market: Marketplace) -> Request:
    body = a_body(order_id=f"EVERY-{next(_numbers)}", placed_at=market.world.clock())
    return Request(who=OMS, body=msgspec.json.encode(body), headers={"Content_Type": "application/x-ndjson"})


def a_case(market: Marketplace, **more: Any) -> str:
    case_id: str = market.ask(an_order(market, **more))["case_id"]
    return case_id


def a_refusal(market: Marketplace) -> str:
    case_id = a_case(market)
    market.say("seller", case_id, "reject", reason_code="already_packed")
    return case_id


def an_offer(market: Marketplace) -> str:
    case_id = a_case(market)
    market.say("seller", case_id, "offer", fee=1_000)
    return case_id


def goods_on_their_way(market: Marketplace) -> str:
    order_id = an_order(market, status="delivered")
    wish = {"reason_code": "damaged", "channel": "app", "accept_terms": True}
    case_id: str = market.buyer("POST", f"/v1/orders/{order_id}/returns", wish).json["case_id"]
    market.say("seller", case_id, "approve")
    return case_id


def goods_sent_back(market: Marketplace) -> str:
    case_id = goods_on_their_way(market)
    market.say("buyer", case_id, "shipped-back", tracking_number="JNE-1")
    return case_id


def a_first_yes(market: Marketplace) -> str:
    dear = (Line(line_id="1", name="Laptop", quantity=1, unit_price=9_000_000),)
    case_id = a_case(market, lines=dear)
    market.say("support", case_id, "approve", **NOTE)
    return case_id


def a_refund(market: Marketplace) -> str:
    case_id = a_case(market, tenders={"card": 150_000})
    market.say("seller", case_id, "approve")
    return case_id


def a_late_parcel(market: Marketplace) -> str:
    case_id = a_case(market)
    market.say("seller", case_id, "approve")
    market.status(market.case(case_id)["order_id"], "shipped")
    return case_id


def put_order(market: Marketplace) -> Request:
    order_id = f"EVERY-{next(_numbers)}"
    body = msgspec.to_builtins(a_body(order_id=order_id, placed_at=market.world.clock()))
    return Request(who=OMS, places={"order_id": order_id}, body=body)


def on_order(who: tuple[str, str] = BUYER, body: Any = None, query: Any = None, **order: Any) -> Made:
    return lambda market: Request(who=who, places={"order_id": an_order(market, **order)}, body=body, query=query or {})


def on_case(
    who: tuple[str, str], body: Any = None, case: Callable[[Marketplace], str] = a_case, query: Any = None
) -> Made:
    return lambda market: Request(who=who, places={"case_id": case(market)}, body=body, query=query or {})


def extend(market: Marketplace) -> Request:
    case_id = a_case(market)
    until = (market.row(case_id).deadline_at or market.world.clock()).timestamp() + 86_400
    moment = msgspec.to_builtins(market.world.clock().fromtimestamp(until, market.world.clock().tzinfo))
    return Request(places={"case_id": case_id}, body={"until": moment, **NOTE})


def refund_event(market: Marketplace) -> Request:
    case_id = a_refund(market)
    at = msgspec.to_builtins(market.world.clock())
    body = {"event_id": "e1", "status": "succeeded", "amount": 150_000, "at": at}
    return Request(who=OMS, places={"refund_id": f"rf_{case_id}"}, body=body)


def on_part(who: tuple[str, str], body: Any, *, failed: bool = False) -> Made:
    def made(market: Marketplace) -> Request:
        refund_id = f"rf_{a_refund(market)}"
        if failed:
            event = {"event_id": "f1", "state": "failed", "amount": 150_000, "at": A_MOMENT}
            market.oms("POST", f"/v1/refunds/{refund_id}/parts/1/events", event)
        return Request(who=who, places={"refund_id": refund_id, "part": "1"}, body=body)

    return made


def named_account(market: Marketplace) -> Request:
    refund_id = f"rf_{a_refund(market)}"
    shut = {"event_id": "f1", "state": "failed", "amount": 150_000, "at": A_MOMENT, "code": "window_shut"}
    market.oms("POST", f"/v1/refunds/{refund_id}/parts/1/events", shut)
    account = {"bank": "BCA", "account_number": "1234567890", "holder": "Budi Santoso"}
    return Request(who=BUYER, places={"refund_id": refund_id}, body=account)


def put_policy(market: Marketplace) -> Request:
    current = market.as_(*OPERATOR, "GET", "/v1/policies/shopee").json
    return Request(who=OPERATOR, places={"name": "shopee"}, body=current | {"version": current["version"] + 1})


def simulate_policy(market: Marketplace) -> Request:
    return Request(
        who=OPERATOR, places={"name": "shopee"}, body=market.as_(*OPERATOR, "GET", "/v1/policies/shopee").json
    )


def bulk(market: Marketplace) -> Request:
    decisions = [{"case_id": a_case(market), "action": "approve"}]
    return Request(who=SELLER, body={"decisions": decisions})


def a_debit(market: Marketplace) -> Request:
    market.say("seller", a_case(market), "approve")
    body = {"event_id": f"d{next(_numbers)}", "currency": "IDR", "amount": 1_000, "reason": "order LZD-9"}
    return Request(who=OMS, places={"buyer_id": "budi"}, body=body)


A_MOMENT = "2026-11-23T04:00:00Z"
ASK = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
RETURN = ASK | {"reason_code": "damaged"}
PNG = b"\x89PNG\r\n\x1a\n"
SLIP = {"filename": "slip.png", "content_type": "image/png", "size": len(PNG)}
GIVEN = {"event_id": "p1", "tender_id": "wallet", "state": "refunded", "amount": 1_000, "at": "2026-11-23T03:00:00Z"}
CHARGEBACK = {
    "event_id": "cb1",
    "tender_id": "card",
    "state": "opened",
    "amount": 1_000,
    "due_by": "2026-12-01T00:00:00Z",
}
GOODWILL = {"amount": 1_000, "note": "the parcel came late"}
STATUS = {"status": "ready_to_ship", "version": 2, "at": "2026-11-23T03:00:00Z"}
HELP = {"channel": "email", "order_id": "EVERY-1", "reason": "wrong size"}
CONTACT = {"channel": "phone", "address": "1500", "checked_at": "2026-11-01T00:00:00Z"}
IMPORT = {"kind": "orders", "source": "inline", "dry_run": True, "rows": [{"order_id": "EVERY-0"}]}
SETTLEMENT = {
    "provider": "midtrans",
    "name": "november.csv",
    "since": "2026-11-01T00:00:00+07:00",
    "until": "2026-12-01T00:00:00+07:00",
    "zone": "Asia/Jakarta",
}
PAGED = {"limit": 2}
ORDER, CASE, REFUND = "/v1/orders/{order_id}", "/v1/cases/{case_id}", "/v1/refunds/{refund_id}"
PART = f"{REFUND}/parts/{{part}}"


def plain(who: tuple[str, str] = SUPPORT, **more: Any) -> Made:
    return lambda market: Request(who=who, **more)


# Port 9 throws away what comes, where anybody listens there at all.
NOBODY_LISTENS = "http://127.0.0.1:9/hooks"
WEBHOOK = "/v1/webhooks/{webhook_id}"


def on_webhook(body: Any = None, **more: Any) -> Made:
    """An operation on a webhook that nothing is posted to."""

    def made(market: Marketplace) -> Request:
        wanted = {"url": NOBODY_LISTENS, "types": ["refund.failed"]}
        webhook = market.as_(*OPERATOR, "POST", "/v1/webhooks", wanted).json["webhook_id"]
        return Request(who=OPERATOR, places={"webhook_id": webhook}, body=body, **more)

    return made


REQUESTS: Mapping[tuple[str, str], Made] = {
    ("GET", "/health"): plain(),
    ("GET", "/openapi.json"): plain(),
    ("GET", "/v1/reasons"): plain(),
    ("PUT", ORDER): put_order,
    ("POST", f"{ORDER}/status"): on_order(OMS, STATUS),
    ("POST", f"{ORDER}/payments"): on_order(OMS, GIVEN),
    ("POST", f"{ORDER}/chargebacks"): on_order(OMS, CHARGEBACK, tenders={"card": 150_000}),
    ("POST", f"{ORDER}/refunds"): on_order(SUPPORT, GOODWILL),
    ("POST", f"{ORDER}/shipping-claim"): on_order(OMS, {"event_id": "c1"}),
    ("GET", "/v1/orders"): plain(query={"buyer_id": "budi", "status": "processing", **PAGED}),
    ("GET", ORDER): on_order(),
    ("GET", f"{ORDER}/cancellation-options"): on_order(
        query={"kind": "cancellation", "lines": "1:1", "reason_code": "wrong_size"}
    ),
    ("POST", f"{ORDER}/cancellations"): on_order(body=ASK),
    ("POST", f"{ORDER}/returns"): on_order(body=RETURN, status="delivered"),
    ("GET", f"{ORDER}/messages"): on_order(query=PAGED),
    ("POST", f"{ORDER}/messages"): on_order(body={"text": "Halo"}),
    ("GET", "/v1/cases"): plain(
        query={
            "state": "awaiting_seller",
            "kind": "cancellation",
            "buyer_id": "budi",
            "due_before": "2027-01-01T00:00:00Z",
            "sort": "deadline_at",
            **PAGED,
        }
    ),
    ("GET", CASE): on_case(BUYER),
    ("GET", f"{CASE}/timeline"): on_case(BUYER, query=PAGED),
    ("GET", f"{CASE}/file"): on_case(BUYER),
    ("POST", f"{CASE}/approve"): on_case(SELLER, {}),
    ("POST", f"{CASE}/reject"): on_case(SELLER, {"reason_code": "already_packed"}),
    ("POST", f"{CASE}/offer"): on_case(SELLER, {"fee": 1_000}),
    ("POST", f"{CASE}/accept-offer"): on_case(BUYER, {}, an_offer),
    ("POST", f"{CASE}/decline-offer"): on_case(BUYER, {}, an_offer),
    ("POST", f"{CASE}/withdraw"): on_case(BUYER, {}),
    ("POST", f"{CASE}/appeal"): on_case(BUYER, {"comment": "Belum dikemas"}, a_refusal),
    ("POST", f"{CASE}/extend"): extend,
    ("POST", f"{CASE}/claim"): on_case(SUPPORT, NOTE, a_first_yes),
    ("POST", f"{CASE}/confirm"): on_case(SECOND, NOTE, a_first_yes),
    ("POST", f"{CASE}/reopen"): on_case(SUPPORT, NOTE, a_refusal),
    ("POST", f"{CASE}/shipped-back"): on_case(BUYER, {"tracking_number": "JNE-1"}, goods_on_their_way),
    ("POST", f"{CASE}/goods-received"): on_case(SELLER, {}, goods_on_their_way),
    ("POST", f"{CASE}/contest-goods"): on_case(SELLER, {"fault": "not_arrived"}, goods_sent_back),
    ("POST", f"{CASE}/return-label"): on_case(OMS, {"pickup_code": "JNE-4711"}, goods_on_their_way),
    ("POST", f"{CASE}/parcel"): on_case(OMS, {"result": "held"}),
    ("POST", "/v1/cases/bulk-decisions"): bulk,
    ("GET", f"{CASE}/messages"): on_case(SELLER, query=PAGED),
    ("POST", f"{CASE}/messages"): on_case(SELLER, {"text": "Baik, saya cek"}),
    ("GET", f"{CASE}/evidence"): on_case(SELLER, query=PAGED),
    ("POST", f"{CASE}/evidence"): on_case(BUYER, SLIP),
    ("GET", REFUND): lambda market: Request(places={"refund_id": f"rf_{a_refund(market)}"}),
    ("POST", f"{REFUND}/events"): refund_event,
    ("GET", "/v1/events"): plain(OPERATOR, query={"type": "case.opened", "order_id": "EVERY-1", **PAGED}),
    ("GET", "/v1/refunds"): plain(query={"state": "failed", "order_id": "EVERY-1", **PAGED}),
    ("GET", f"{REFUND}/payout-account"): lambda market: Request(places={"refund_id": f"rf_{a_refund(market)}"}),
    ("PUT", f"{REFUND}/payout-account"): named_account,
    ("POST", f"{PART}/events"): on_part(OMS, {"event_id": "e1", "state": "pending", "amount": 150_000, "at": A_MOMENT}),
    ("POST", f"{PART}/retry"): on_part(SUPPORT, NOTE),
    ("POST", f"{PART}/redirect"): on_part(SUPPORT, {"to": "wallet", **NOTE}, failed=True),
    ("POST", f"{PART}/resolve"): on_part(SUPPORT, {"reference": "TF-1", **NOTE}),
    ("POST", "/v1/providers/{name}/notifications"): plain(
        places={"name": "xendit"},
        body={"event": "payment.succeeded", "data": {}},
        headers={"x_callback_token": street.SECRETS["xendit"]["callback_token"]},
    ),
    ("GET", "/v1/wallets/{buyer_id}"): plain(BUYER, places={"buyer_id": "budi"}, query={"currency": "IDR"}),
    ("POST", "/v1/wallets/{buyer_id}/debits"): a_debit,
    ("GET", "/v1/ledger"): plain(OPERATOR, query={"since": "2026-11-01T00:00:00Z", "currency": "IDR", **PAGED}),
    ("POST", "/v1/reconciliations"): plain(FINANCE, body=SETTLEMENT),
    ("GET", "/v1/reconciliations"): plain(FINANCE, query=PAGED),
    ("GET", "/v1/jobs/{job_id}"): lambda market: Request(
        who=FINANCE, places={"job_id": market.as_(*FINANCE, "POST", "/v1/reconciliations", SETTLEMENT).json["job_id"]}
    ),
    ("GET", "/v1/jobs"): plain(OPERATOR, query={"kind": "import", **PAGED}),
    ("DELETE", "/v1/jobs/{job_id}"): lambda market: Request(
        who=OPERATOR, places={"job_id": market.operator("POST", "/v1/imports", IMPORT).json["job_id"]}
    ),
    ("POST", "/v1/imports"): plain(OMS, body=IMPORT),
    ("POST", "/v1/exports"): plain(OPERATOR, body={"kind": "cases", "since": "2026-11-01T00:00:00Z"}),
    ("POST", "/v1/people/{role}/{person_id}/export"): plain(OPERATOR, places={"role": "buyer", "person_id": "budi"}),
    ("POST", "/v1/people/{role}/{person_id}/erase"): plain(OPERATOR, places={"role": "buyer", "person_id": "ani"}),
    ("POST", "/v1/orders/batch"): a_batch,
    ("GET", "/v1/policies"): plain(query=PAGED),
    ("GET", "/v1/policies/{name}"): plain(places={"name": "lazada"}, query={"version": 1}),
    ("PUT", "/v1/policies/{name}"): put_policy,
    ("POST", "/v1/policies/{name}/simulate"): simulate_policy,
    ("GET", "/v1/sellers/{seller_id}/metrics"): plain(SELLER, places={"seller_id": "toko-baju"}),
    ("GET", "/v1/sellers/{seller_id}/policy"): plain(SELLER, places={"seller_id": "toko-baju"}),
    ("PUT", "/v1/sellers/{seller_id}/policy"): plain(
        SELLER, places={"seller_id": "toko-baju"}, body={"rules": [], "digest": "hourly"}
    ),
    ("GET", "/v1/metrics"): plain(OPERATOR),
    ("GET", "/v1/metrics/file"): plain(OPERATOR, query={"from": "2026-11-01"}),
    ("GET", "/v1/sellers/{seller_id}/metrics/file"): plain(SELLER, places={"seller_id": "toko-baju"}),
    ("GET", "/v1/mail-stops"): plain(query=PAGED),
    ("DELETE", "/v1/mail-stops"): plain(OPERATOR, query={"id": "nobodys"}),
    ("POST", f"{CASE}/settle-parcel"): on_case(SUPPORT, {"way": "recall", **NOTE}, a_late_parcel),
    ("GET", "/v1/held"): plain(OPERATOR, query={"kind": "mail", **PAGED}),
    ("POST", "/v1/held/deliver"): plain(OPERATOR, body={"kind": "mail", "note": "SES is back"}),
    ("POST", "/v1/webhooks"): plain(OPERATOR, body={"url": NOBODY_LISTENS, "types": ["*"]}),
    ("GET", "/v1/webhooks"): plain(OPERATOR, query={"type": "case.opened"}),
    ("GET", WEBHOOK): on_webhook(),
    ("DELETE", WEBHOOK): on_webhook(),
    ("POST", f"{WEBHOOK}/rotate"): on_webhook({"overlap_seconds": 60}),
    ("POST", f"{WEBHOOK}/enable"): on_webhook(),
    ("POST", f"{WEBHOOK}/test"): on_webhook(),
    ("GET", f"{WEBHOOK}/deliveries"): on_webhook(query=PAGED),
    ("POST", f"{WEBHOOK}/replay"): on_webhook({"since": "2026-11-01T00:00:00Z"}),
    ("GET", "/v1/days-off"): plain(OPERATOR),
    ("PUT", "/v1/days-off"): plain(OPERATOR, body={"items": [{"day": "2026-12-31", "name": "Libur"}]}),
    ("POST", "/v1/hand-overs"): plain(OMS, body={"role": "buyer", "sub": "budi", "next": "/orders"}),
    ("GET", "/v1/support/contacts"): plain(),
    ("PUT", "/v1/support/contacts"): plain(OPERATOR, body={"items": [CONTACT]}),
    ("POST", "/v1/support/messages"): plain(BUYER, body=HELP),
}
