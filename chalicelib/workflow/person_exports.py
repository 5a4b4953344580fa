"""All that is known of a buyer, written down for them: their orders with what was told of them, every request with its
file as they may have it, what was written, the files that were shown, their wallets, by how many clues they are found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.jobs import JobState, PersonExport
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import LONGEST_PAGE, Ports
from chalicelib.workflow.erasing import ERASERS
from chalicelib.workflow.jobs import new_id
from chalicelib.workflow.results import grown, whole
from chalicelib.workflow.rounds import RESERVE, SecondsLeft, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForms:
    """How things are written down, as JSON values: an order as its buyer sees it, the whole file of a case for them."""

    order: Callable[[Role, Order], Any]
    file: Callable[[Ports, str, Actor], Any]


def begin(ports: Ports, actor: Actor, person: str) -> PersonExport:
    """Have all that is known of a buyer written down. Raises Forbidden, Refused `too_many_jobs`."""
    if actor.role not in ERASERS:
        raise Forbidden(actor.role, "export_person")
    now = ports.now()
    job = PersonExport(
        job_id=new_id(ports, now),
        by=actor.plain,
        began_at=now,
        upload_by=now,
        state=JobState.WORKING,
        person=person,
        updated_at=now,
    )
    ports.store.begin_job(job)
    return job


def worker(forms: PersonForms) -> Callable[[Work[PersonExport], SecondsLeft], None]:
    """What goes on with them, for rounds."""
    return lambda work, seconds_left: _write_out(work, seconds_left, forms)


def _write_out(work: Work[PersonExport], seconds_left: SecondsLeft, forms: PersonForms) -> None:
    ports = work.ports
    while work.job.phase == 0:
        if seconds_left() <= RESERVE:
            return
        page = ports.store.orders(buyer_id=work.job.person, limit=LONGEST_PAGE, cursor=work.job.cursor)
        found = [each for order in page.items for each in _of_order(ports, order, work.job.person, forms)]
        if page.next_cursor is None:
            currencies = sorted({order.body.currency for order in page.items} | {"IDR"})
            found += [_wallet(ports, work.job.person, each) for each in currencies]
        lines = b"".join(msgspec.json.encode(each) + b"\n" for each in found)
        grows = grown(ports, work.job, lines)
        work.save(
            cursor=page.next_cursor,
            phase=0 if page.next_cursor else 1,
            done=work.job.done + len(found),
            tries=0,
            **grows,
        )
    report = whole(ports, work.job)
    work.save(state=JobState.DONE, total=work.job.done, report=report, ended_at=ports.now(), lease_until=None)


def _of_order(ports: Ports, order: Order, person: str, forms: PersonForms) -> Iterator[Any]:
    buyer = order.body.buyer
    stopped = bool(buyer.email and ports.store.stopped([buyer.email]))
    told = {"name": buyer.name, "email": buyer.email, "phone": buyer.phone, "locale": buyer.locale}
    yield {"about": "order", "order": forms.order(Role.BUYER, order), "contact": told, "mail_stopped": stopped}
    for message in ports.store.messages(order.order_id):
        if message.case_id is None or message.by == Actor(role=Role.BUYER, id=person):
            by = {"role": message.by.role}
            yield {"about": "message", "order_id": order.order_id, "at": message.at, "by": by, "text": message.text}
    for case_id in order.cases:
        yield {
            "about": "request",
            "file": forms.file(ports, case_id, Actor(role=Role.BUYER, id=person)),
            "found_by": len(ports.store.noted(case_id).fingerprints),
        }


def _wallet(ports: Ports, person: str, currency: str) -> Any:
    wallet = ports.store.wallet(person, currency)
    return {"about": "wallet", "currency": currency, "balance": wallet.balance, "entries": wallet.entries}
