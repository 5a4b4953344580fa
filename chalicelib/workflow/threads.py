"""The thread about an order, before a case and on it, and the files that people show as evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.cases.case import Actor, Case, Role
from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.outbox import noticed
from chalicelib.domain.cases.threads import MOST_BYTES, Evidence, Message, check_evidence, may_read
from chalicelib.domain.errors import Conflict, Forbidden
from chalicelib.domain.ports import House, Upload
from chalicelib.workflow.access import case_for, order_for
from chalicelib.workflow.committing import ATTEMPTS

Keep = Callable[[Message], Answered]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was really uploaded, with an address to open it."""

    evidence: Evidence
    url: str


def order_thread(house: House, order_id: str, actor: Actor) -> Sequence[Message]:
    """What buyer and customer service wrote about an order, on its cases and before them. Raises NotFound, Forbidden
    for sellers: theirs is the thread of a case."""
    _no_seller(actor)
    order_for(house, order_id, actor)
    return house.store.messages(order_id)


def write_on_order(house: House, order_id: str, text: str, actor: Actor, keep: Keep | None = None) -> Message:
    """A message about an order; where the order has an open case it belongs to that. Raises as order_thread does."""
    _no_seller(actor)
    order = order_for(house, order_id, actor)
    if order.open_case:
        return write_on_case(house, order.open_case, text, actor, keep)
    message = _message(house, order_id, None, text, actor)
    house.store.commit(Change(message=message, answered=keep(message) if keep else None))
    return message


def case_thread(house: House, case_id: str, actor: Actor) -> Sequence[Message]:
    """The thread of a case; what was written before it is adopted, though not shown to the seller. Raises NotFound."""
    return thread_of(house, case_for(house, case_id, actor), actor)


def thread_of(house: House, case: Case, actor: Actor) -> Sequence[Message]:
    """The thread of a case that the actor may see."""
    return [each for each in house.store.messages(case.order_id) if may_read(each, case, actor.role)]


def write_on_case(house: House, case_id: str, text: str, actor: Actor, keep: Keep | None = None) -> Message:
    """A message on a case; the other parties are told by mail when the conversation pauses. Raises NotFound."""
    case = case_for(house, case_id, actor)
    message = _message(house, case.order_id, case_id, text, actor)
    for _ in range(ATTEMPTS):
        change = Change(case=noticed(case, actor.role, message.at, house.pace), message=message)
        try:
            house.store.commit(replace(change, answered=keep(message)) if keep else change)
        except Conflict:
            case = case_for(house, case_id, actor)
            continue
        return message
    raise Conflict("case")


def announce_evidence(
    house: House, case_id: str, filename: str, content_type: str, size: int, actor: Actor, back: str | None = None
) -> tuple[Evidence, Upload]:
    """A place for one file, and how to post it there; `size` in bytes; browsers are led `back` afterwards.

    Raises NotFound, Invalid `file_type_not_allowed`, `file_too_large`, `too_many_files`.
    """
    case = case_for(house, case_id, actor)
    ending = check_evidence(content_type, size, len(house.store.evidence(case.case_id)))
    # Nobody can guess a key: it is a random id under a random id.
    evidence_id = house.new_id()
    key = f"evidence/{case.case_id}/{evidence_id}.{ending}"
    evidence = Evidence(
        evidence_id=evidence_id,
        case_id=case.case_id,
        at=house.now(),
        by=actor,
        filename=filename,
        content_type=content_type,
        size=size,
        key=key,
    )
    upload = house.files.upload(key, content_type, MOST_BYTES, house.now(), back)
    house.store.put_evidence(evidence)
    return evidence, upload


def evidence_of(house: House, case_id: str, actor: Actor) -> Sequence[File]:
    """The files of a case that were really uploaded. Raises NotFound."""
    case = case_for(house, case_id, actor)
    known = house.store.evidence(case.case_id)
    lying = house.files.present(f"evidence/{case.case_id}/") if known else ()
    return [File(evidence=e, url=house.files.download(e.key, e.filename)) for e in known if e.key in lying]


def _message(house: House, order_id: str, case_id: str | None, text: str, actor: Actor) -> Message:
    return Message(message_id=house.new_id(), order_id=order_id, case_id=case_id, at=house.now(), by=actor, text=text)


def _no_seller(actor: Actor) -> None:
    if actor.role is Role.SELLER:
        raise Forbidden(actor.role, "order_messages")
