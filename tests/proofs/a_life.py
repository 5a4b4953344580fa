"""A buyer who leaves a trace in every place that keeps anything, and the search for what is left of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.cases.commands import Appeal, Approve, Reject
from chalicelib.domain.cases.log import Position
from chalicelib.domain.cases.webhooks import Attempt, Reply, Webhook
from chalicelib.domain.jobs import Exported
from chalicelib.domain.money.payout import AccountSealed, bank_account
from chalicelib.domain.orders.body import OrderBody, Package, Person, Pieces
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import MailStop, Why
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.ports import Ports
from chalicelib.edge.moving import workers
from chalicelib.workflow import asking, decisions, exporting, orders, rounds
from chalicelib.workflow.evidence import announce_evidence, evidence_of
from chalicelib.workflow.threads import write_on_case, write_on_order
from infra.sandbox.builders import OPERATOR, SELLER, SUPPORT, SYSTEM, a_body, an_ask

WHO = "b-771"
WULAN = Actor(role=Role.BUYER, id=WHO, name="Wulandari Prameswari")
NAME, EMAIL, PHONE, STREET = "Wulandari Prameswari", "wulan.p@rahasia.example", "+6281298765432", "Jalan Melati 17"
HOLDER, NUMBER, PARCEL, CODE = "Prameswari W", "5556667778", "JNE-WULAN-881", "wulandari.png"
# What nobody may find of her, however it is written.
TRACES = (
    "wulan",
    "prameswari",
    "rahasia",
    "81298765432",
    "melati",
    NUMBER,
    "jne-wulan",
)
PNG = b"\x89PNG\r\n\x1a\n a photo of Wulandari at Jalan Melati 17"
MORE = 4


def her_order(order_id: str, **more: Any) -> OrderBody:
    body = a_body(order_id=order_id, buyer=WHO, **more)
    parcel = Package(
        package_id="p1",
        status=OrderStatus.PROCESSING,
        lines=(Pieces(line_id="1", quantity=1),),
        tracking_number=PARCEL,
        carrier="JNE",
    )
    return replace(body, buyer=Person(id=WHO, name=NAME, email=EMAIL, phone=PHONE), packages=(parcel,))


def lived(ports: Ports, post: Callable[[str, bytes], None], settle: Callable[[], None]) -> None:
    """She orders, writes, asks, shows a photo, is refused, appeals, is granted; once more by a virtual account."""
    said = f"Saya {NAME}, {STREET}, telepon 0812-9876-5432, {EMAIL}"
    orders.upsert(ports, her_order("W-1"), SYSTEM)
    write_on_order(ports, "W-1", said, WULAN)

    def remember(case: Case) -> Answered:
        kept = msgspec.json.encode({"case_id": case.case_id, "comment": case.asked.comment}).decode()
        return Answered(
            key="k" * 64, fingerprint="f", status=201, body=kept, expires_at=ports.now() + timedelta(hours=48)
        )

    case_id = asking.ask(ports, "W-1", an_ask(comment=said), WULAN, remember).case_id
    announced, _ = announce_evidence(ports, case_id, CODE, "image/png", 10_000, WULAN)
    post(announced.key, PNG)
    assert evidence_of(ports, case_id, SUPPORT)
    write_on_case(ports, case_id, f"Halo {NAME}", SELLER)
    no = Reject(reason_code=RefusingReason.ALREADY_PACKED, comment=f"Maaf, {NAME}", tracking_number=PARCEL)
    decisions.say(ports, case_id, no, SELLER)
    settle()
    decisions.say(ports, case_id, Appeal(comment=said), WULAN)
    decisions.say(ports, case_id, Approve(note=f"{NAME} called from {PHONE}"), SUPPORT)
    settle()
    ports.store.put_account(
        AccountSealed(
            case_id=case_id,
            account_id="a1",
            fingerprint=ports.vault.fingerprint(bank_account("bca", NUMBER, HOLDER)),
            sealed=ports.vault.seal(case_id, bank_account("bca", NUMBER, HOLDER)),
            kept_until=ports.now() + timedelta(days=3653),
        )
    )
    orders.change_status(
        ports,
        "W-1",
        StatusPush(status=OrderStatus.SHIPPED, at=ports.now(), version=7, tracking_number=PARCEL, carrier="JNE"),
        SYSTEM,
    )
    settle()
    ports.store.put_mail_stop(MailStop(address=EMAIL, why=Why.BOUNCE, at=ports.now(), case_id=case_id))
    place = Position(pos=ports.store.log_clock())
    ports.store.put_webhook(
        Webhook(
            webhook_id="w1",
            url="https://hooks.example/in",
            types=("*",),
            created_at=ports.now(),
            created_by="omar",
            upto=place,
        )
    )
    echo = Reply(status=500, answer=f"no parcel {PARCEL} of {NAME}")
    told = Attempt(event_id=f"{case_id}:1:event:case.opened", type="case.opened", at=ports.now(), number=1, reply=echo)
    ports.store.note_attempts("w1", [told])
    for of in (Exported.ORDERS, Exported.CASES):
        exporting.begin(ports, OPERATOR, of)
    rounds.go_on(ports, workers())


# --- searching


def traces_in(text: str, traces: Sequence[str] = TRACES) -> list[str]:
    """What a text has of somebody, however it is written."""
    plain = text.casefold()
    bare = "".join(sign for sign in plain if sign.isalnum())
    return [each for each in traces if each in plain or "".join(x for x in each if x.isalnum()) in bare]


def found(places: Iterable[tuple[str, bytes | str]], traces: Sequence[str] = TRACES) -> list[str]:
    """Where something of somebody is left."""
    left = []
    for place, content in places:
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        left += [f"{place}: {trace}" for trace in traces_in(text, traces)]
    return left
