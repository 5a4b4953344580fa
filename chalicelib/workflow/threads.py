"""The thread about an order, before a case and on it, and the files that people show as evidence."""

from collections.abc import Callable, Collection
from dataclasses import replace

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.claiming import still_on_it
from chalicelib.domain.cases.outbox import noticed
from chalicelib.domain.cases.quotas import of_messages
from chalicelib.domain.cases.threads import Message, may_read
from chalicelib.domain.errors import Conflict, Forbidden
from chalicelib.domain.parties import TALKS, Actor, Role
from chalicelib.domain.ports import Page, Ports
from chalicelib.workflow.access import LATEST, Latest, case_for, order_for
from chalicelib.workflow.committing import ATTEMPTS
from chalicelib.workflow.joining import joined_ids

Remember = Callable[[Message], Answered]

# Before there is a case only the buyer and customer service talk.
TALKS_OF_ORDERS = TALKS - {Role.SELLER}


def latest_on_order(ports: Ports, order_id: str, actor: Actor, before: str | None = None) -> Page[Message]:
    """The end of what order_thread_page reads, oldest first, or what lies `before`. Raises as that."""
    _no_seller(actor)
    order_for(ports, order_id, actor)
    return ports.store.messages_page(order_id, lambda message: True, cursor=before, **LATEST).backwards


def order_thread_page(ports: Ports, order_id: str, actor: Actor, limit: int, cursor: str | None) -> Page[Message]:
    """What buyer and customer service wrote about an order, on its cases and before them, page by page. Raises
    NotFound, Invalid `bad_cursor`, Forbidden for sellers: theirs is the thread of a case."""
    _no_seller(actor)
    order_for(ports, order_id, actor)
    return ports.store.messages_page(order_id, lambda message: True, limit=limit, cursor=cursor)


def write_on_order(ports: Ports, order_id: str, text: str, actor: Actor, remember: Remember | None = None) -> Message:
    """A message about an order; where the order has an open case it belongs to that. Raises as order_thread_page does,
    Forbidden for who does not talk, Refused `too_many_messages`."""
    _no_seller(actor)
    talks(actor)
    order = order_for(ports, order_id, actor)
    if order.open_case:
        return write_on_case(ports, order.open_case, text, actor, remember)
    message = _message(ports, order_id, None, text, actor)
    quota = of_messages(order_id, actor, message.at)
    ports.store.commit(Change(message=message, quota=quota, answered=remember(message) if remember else None))
    return message


def case_thread_page(ports: Ports, case_id: str, actor: Actor, limit: int, cursor: str | None) -> Page[Message]:
    """The thread of a case, page by page; what was written before it is adopted, though not shown to the seller, and
    what was written on cases that are joined with it belongs to it. Raises NotFound, Invalid `bad_cursor`."""
    case = case_for(ports, case_id, actor)
    joined = joined_ids(ports, case)
    return ports.store.messages_page(
        case.order_id, lambda message: may_read(message, case, actor.role, joined), limit=limit, cursor=cursor
    )


def latest_on_case(
    ports: Ports,
    case: Case,
    actor: Actor,
    before: str | None = None,
    within: Latest | None = None,
    joined: Collection[str] | None = None,
) -> Page[Message]:
    """The end of the thread of a case that the actor may see, oldest first, or what lies `before`; the cursor leads to
    earlier ones. `joined`: the ids of the cases joined with it, from who read them already. Raises Invalid
    `bad_cursor`."""
    together = joined_ids(ports, case) if joined is None else joined
    page = ports.store.messages_page(
        case.order_id,
        lambda message: may_read(message, case, actor.role, together),
        cursor=before,
        **(within or LATEST),
    )
    return page.backwards


def write_on_case(ports: Ports, case_id: str, text: str, actor: Actor, remember: Remember | None = None) -> Message:
    """A message on a case, or on the one in which its conversation goes on; the other parties are told by mail when the
    conversation pauses. Raises NotFound, Forbidden for who does not talk, Refused `too_many_messages`."""
    talks(actor)
    case = case_for(ports, case_id, actor)
    if case.goes_on_in is not None:
        case = case_for(ports, case.goes_on_in, actor)
    message = _message(ports, case.order_id, case.case_id, text, actor)
    quota = of_messages(case.order_id, actor, message.at)
    for _ in range(ATTEMPTS):
        noted = still_on_it(noticed(case, actor.role, message.at, ports.pace), actor, message.at)
        change = Change(case=noted, message=message, quota=quota)
        try:
            ports.store.commit(replace(change, answered=remember(message)) if remember else change)
        except Conflict:
            case = case_for(ports, case.case_id, actor)
            continue
        return message
    raise Conflict("case")


def _message(ports: Ports, order_id: str, case_id: str | None, text: str, actor: Actor) -> Message:
    return Message(
        message_id=ports.new_id(), order_id=order_id, case_id=case_id, at=ports.now(), by=actor.plain, text=text
    )


def talks(actor: Actor) -> None:
    """Raises Forbidden for who neither writes nor shows files: operators, and the marketplace's systems."""
    if actor.role not in TALKS:
        raise Forbidden(actor.role, "talk")


def _no_seller(actor: Actor) -> None:
    if actor.role is Role.SELLER:
        raise Forbidden(actor.role, "order_messages")
