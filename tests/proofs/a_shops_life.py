"""A seller who leaves a trace in every place that keeps anything; `a_life` has the buyer's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.domain.cases.commands import Approve, GoodsReceived, MakeOffer, Reject
from chalicelib.domain.jobs import Exported
from chalicelib.domain.orders.body import OrderBody, Seller
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import MailStop, Why
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.policies.seller_rules import SellerRule
from chalicelib.domain.ports import Ports
from chalicelib.edge.moving import workers
from chalicelib.workflow import asking, decisions, exporting, inbox, orders, rounds
from chalicelib.workflow.evidence import announce_evidence, evidence_of
from chalicelib.workflow.seller_rules import save_seller_rules
from chalicelib.workflow.threads import write_on_case
from infra.sandbox.builders import BUDI, OPERATOR, SUPPORT, SYSTEM, a_body, an_ask
from tests.proofs.a_life import PNG

SHOP = "s-4411"
NAME, EMAIL, PHONE, STREET = "Dewi Kartikasari", "dewi.k@rahasia.example", "+6281377788899", "Jalan Anggrek 9"
SOLD_BY = Seller(id=SHOP, name=NAME, email=EMAIL, phone=PHONE, shop_name=f"Toko {NAME}", return_address=STREET)
DEWI = Actor(role=Role.SELLER, id=SHOP, person="dewi-1", name=NAME)
SAID = f"Saya {NAME}, {STREET}, telepon 0813-7778-8899, {EMAIL}"
# What nobody may find of her, however it is written.
TRACES = ("dewi", "kartikasari", "rahasia", "81377788899", "anggrek")


def sold(order_id: str, **more: Any) -> OrderBody:
    return replace(a_body(order_id=order_id, **more), seller=SOLD_BY)


def sold_and_answered(ports: Ports, post: Callable[[str, bytes], None], settle: Callable[[], None]) -> str:
    """She sells, makes rules, offers, writes, shows a photo, refuses; once more she grants, and waits for goods that
    come back. Gives the case that still waits."""
    save_seller_rules(ports, DEWI, SHOP, [SellerRule(name=NAME, dry=True)], STREET)
    inbox.keep_view(ports, DEWI, f"{NAME}'s", {"q": NAME})
    orders.upsert(ports, sold("S-1"), SYSTEM)
    case_id = asking.ask(ports, "S-1", an_ask(comment=f"Halo {NAME}"), BUDI).case_id
    write_on_case(ports, case_id, SAID, DEWI)
    announced, _ = announce_evidence(ports, case_id, "dewi.png", "image/png", 10_000, DEWI)
    post(announced.key, PNG + NAME.encode())
    assert evidence_of(ports, case_id, SUPPORT)
    decisions.say(ports, case_id, Reject(reason_code=RefusingReason.ALREADY_PACKED, comment=SAID), DEWI)
    settle()
    orders.upsert(ports, sold("S-2"), SYSTEM)
    granted = asking.ask(ports, "S-2", an_ask(), BUDI).case_id
    decisions.say(ports, granted, MakeOffer(fee=1_000, comment=SAID), DEWI)
    decisions.say(ports, granted, Approve(note=f"{NAME} called from {PHONE}"), SUPPORT)
    settle()
    orders.upsert(ports, sold("S-3", status="delivered"), SYSTEM)
    back = asking.ask(ports, "S-3", an_ask(kind=Kind.RETURN, reason_code="damaged"), BUDI).case_id
    decisions.say(ports, back, Approve(return_address=f"{NAME}, {STREET}"), DEWI)
    ports.store.put_mail_stop(MailStop(address=EMAIL, why=Why.BOUNCE, at=ports.now(), case_id=case_id))
    for of in (Exported.ORDERS, Exported.CASES):
        exporting.begin(ports, OPERATOR, of)
    rounds.go_on(ports, workers())
    return back


def goods_are_back(ports: Ports, case_id: str, settle: Callable[[], None]) -> None:
    """The last of her requests ends."""
    decisions.say(ports, case_id, GoodsReceived(), DEWI)
    settle()
