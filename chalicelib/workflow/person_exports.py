"""All that is known of a buyer or a seller, written down for them: their orders with what was told of them, every
request with its file as they may have it, what was written, the files that were shown; a buyer's wallets, and by
how many clues they are found; a seller's rules and views.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.jobs import JobState, PersonExport
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow import inbox
from chalicelib.workflow.erasing import ERASERS, orders_of
from chalicelib.workflow.jobs import new_id
from chalicelib.workflow.results import grown, whole
from chalicelib.workflow.rounds import RESERVE, SecondsLeft, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForms:
    """How things are written down, as JSON values: an order as a party of it sees it, the whole file of a case for
    them."""

    order: Callable[[Role, Order], Any]
    file: Callable[[Ports, str, Actor], Any]


def begin(ports: Ports, actor: Actor, person: str, role: Role = Role.BUYER) -> PersonExport:
    """Have all that is known of a buyer or a seller written down. Raises Forbidden, Refused `too_many_jobs`."""
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
        role=role,
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
        page = orders_of(ports, work.job, work.job.cursor)
        who = Actor(role=work.job.role, id=work.job.person)
        found = [each for order in page.items for each in _of_order(ports, order, who, forms)]
        if page.next_cursor is None and who.role is Role.SELLER:
            found.append(_made_for_themselves(ports, who))
        elif page.next_cursor is None:
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


def _of_order(ports: Ports, order: Order, who: Actor, forms: PersonForms) -> Iterator[Any]:
    selling = who.role is Role.SELLER
    person = order.body.seller if selling else order.body.buyer
    stopped = bool(person.email and ports.store.stopped([person.email]))
    told = {"name": person.name, "email": person.email, "phone": person.phone, "locale": person.locale}
    if selling:
        told |= {"shop_name": order.body.seller.shop_name, "return_address": order.body.seller.return_address}
    yield {"about": "order", "order": forms.order(who.role, order), "contact": told, "mail_stopped": stopped}
    for message in ports.store.messages(order.order_id):
        if message.by == who or (message.case_id is None and not selling):
            by = {"role": message.by.role}
            yield {"about": "message", "order_id": order.order_id, "at": message.at, "by": by, "text": message.text}
    for case_id in order.cases:
        file = {"about": "request", "file": forms.file(ports, case_id, who)}
        yield file if selling else file | {"found_by": len(ports.store.noted(case_id).fingerprints)}


def _made_for_themselves(ports: Ports, seller: Actor) -> Any:
    rules, kept = ports.store.seller_rules(seller.id), inbox.views(ports, seller)
    return {
        "about": "shop",
        "rules": rules.rules,
        "return_address": rules.return_address,
        "digest": rules.digest,
        "views": [{"name": view.name, "fields": view.fields} for view in kept],
    }


def _wallet(ports: Ports, person: str, currency: str) -> Any:
    wallet = ports.store.wallet(person, currency)
    return {"about": "wallet", "currency": currency, "balance": wallet.balance, "entries": wallet.entries}
