"""Answers to mails: what a party writes back becomes a message on the case, and the files evidence.

Nothing here may go on without end: whoever answers may be a machine that says it of no header.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.evidence import Evidence, check_evidence, places_taken, seen, upload_prefix
from chalicelib.domain.cases.threads import REPLIES_A_CASE, REPLIES_A_DAY, Message, takes_replies
from chalicelib.domain.errors import Invalid, NotFound, Refused
from chalicelib.domain.orders.body import Person
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.addresses import plain, same_mailbox
from chalicelib.domain.ports import Mail, Ports
from chalicelib.mail.attachments import LeftOut, SentFile
from chalicelib.workflow.threads import write_on_case

log = logging.getLogger(__name__)

# SES tells everything at least once; within this time a mail that is told again is known.
_REMEMBERED = timedelta(days=4)
# Longer than a case with its returns may take: what was counted of it is counted to its end.
_COUNTED = timedelta(days=400)
_DAY = timedelta(days=1)
# As long as the API lets a message be.
_LONGEST = 4000
# Words that are said twice on purpose are shorter than this; longer ones come twice from a machine.
_SAID_TWICE = 25
# Mails that say that nothing was taken: to one address about one case, and in all, in a day.
_TOLD_ABOUT_CASE, _TOLD_IN_ALL = 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What somebody answered to a mail of ours: to the address for `role` on `case_id`, from an address of theirs.

    `received_as` is the receiver's own id of the mail, the same each time it is told; its own for each address.
    """

    received_as: str
    case_id: str
    role: Role
    sender: str
    text: str
    files: Sequence[SentFile] = ()
    left_out: Sequence[LeftOut] = ()


class NotTaken(StrEnum):
    """Why nothing of a reply was taken, or not all of it."""

    EMPTY = "empty"
    FILES = "files"
    STRANGER = "stranger"
    CLOSED = "closed"
    UNKNOWN = "unknown"
    TOO_MANY = "too_many"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a reply: the message, if any; why something was not taken, and which files.

    `party` is the reader whose address it was sent to, and `case` theirs, where both are known.
    """

    message: Message | None = None
    why: NotTaken | None = None
    left_out: tuple[LeftOut, ...] = ()
    case: Case | None = None
    party: Person | None = None


def take_reply(ports: Ports, reply: Reply) -> Taken:
    """The reply as a message on the case's thread, its files as evidence of the case. Told again it does nothing.

    Not taken: nothing said, an unknown case or one that closed too long ago, a sender other than the party the mail
    went to (a forwarded mail is no proxy), words that the party sent before, and more than one party may send.
    """
    case = ports.store.case(reply.case_id)
    order = ports.store.order(case.order_id) if case else None
    if case is None or order is None:
        return Taken(why=NotTaken.UNKNOWN)
    party = {Role.BUYER: order.body.buyer, Role.SELLER: order.body.seller}[reply.role]
    if party.mailbox is None or not same_mailbox(party.mailbox, reply.sender):
        log.warning("reply from somebody else", extra={"case_id": reply.case_id, "role": reply.role})
        return Taken(why=NotTaken.STRANGER, case=case, party=party)
    if ports.store.answered(_key("reply", reply.received_as), ports.now()) is not None:
        return Taken(case=case, party=party)
    if not takes_replies(case, ports.now()):
        return Taken(why=NotTaken.CLOSED, case=case, party=party)
    if not reply.text and not reply.files:
        why = NotTaken.FILES if reply.left_out else NotTaken.EMPTY
        return Taken(why=why, left_out=tuple(reply.left_out), case=case, party=party)
    return _take(ports, reply, case, order, party)


def _take(ports: Ports, reply: Reply, case: Case, order: Order, party: Person) -> Taken:
    repeated = _key("said", reply.case_id, reply.role, " ".join(reply.text.split()).lower())
    if len(reply.text) > _SAID_TWICE and not reply.files and ports.store.answered(repeated, ports.now()) is not None:
        return Taken(why=NotTaken.REPEATED, case=case, party=party)
    if not _counted(ports, reply):
        return Taken(why=NotTaken.TOO_MANY, case=case, party=party)
    actor = Actor(id=party.id, role=reply.role)
    left_out = [*reply.left_out, *_keep_files(ports, reply, actor)]
    if not reply.text and len(left_out) - len(reply.left_out) == len(reply.files):
        return Taken(why=NotTaken.FILES, left_out=tuple(left_out), case=case, party=party)

    def remember(message: Message) -> Answered:
        return _row(_key("reply", reply.received_as), reply.received_as, message.at, _REMEMBERED)

    try:
        message = write_on_case(ports, reply.case_id, _cut(reply.text), actor, remember)
    except NotFound:
        return Taken(why=NotTaken.UNKNOWN)
    except Refused as refused:
        if refused.code != "too_many_messages":
            raise
        return Taken(why=NotTaken.TOO_MANY, case=case, party=party)
    if len(reply.text) > _SAID_TWICE:
        _put(ports, _row(repeated, reply.received_as, message.at, _COUNTED))
    why = NotTaken.FILES if left_out else None
    return Taken(message=message, why=why, left_out=tuple(left_out), case=case, party=party)


def _keep_files(ports: Ports, reply: Reply, actor: Actor) -> list[LeftOut]:
    """The reply's files as evidence; those that were refused. A reply that is told again finds its files there."""
    refused = []
    for number, file in enumerate(reply.files):
        known = ports.store.evidence(reply.case_id)
        evidence_id = _key("file", reply.received_as, reply.case_id, str(number), _digest(file.content))[:32]
        if evidence_id in {each.evidence_id for each in known}:
            continue
        try:
            ending = check_evidence(file.content_type, len(file.content), places_taken(known, actor.role, ports.now()))
        except Invalid as error:
            refused.append(LeftOut(filename=file.filename, why=error.code))
            continue
        evidence = Evidence(
            evidence_id=evidence_id,
            case_id=reply.case_id,
            at=ports.now(),
            by=actor,
            filename=file.filename,
            content_type=file.content_type,
            size=len(file.content),
            key=f"{upload_prefix(reply.case_id)}{evidence_id}.{ending}",
        )
        # The id holds the digest: what lies there already is this very file.
        ports.files.seal(evidence.sealed_key, file.content_type, file.content)
        ports.store.see_evidence(seen(evidence, file.content, ports.now()))
    return refused


def may_tell(ports: Ports, address: str, case_id: str) -> bool:
    """Whether one more mail may say to this address that nothing was taken. Few may: whoever reads it could be a
    machine that answers."""
    return (
        not ports.store.stopped({address})
        and _free(ports, _told_about_case(ports, address, case_id)) is not None
        and _free(ports, _told_in_all(ports, address)) is not None
    )


def tell_sender(ports: Ports, mail: Mail) -> None:
    """Send it, and count it. Raises Unavailable; told again it is tried again."""
    ports.mailer.send(mail)
    for keys in (_told_about_case(ports, mail.to, mail.case_id), _told_in_all(ports, mail.to)):
        free = _free(ports, keys)
        if free is not None:
            _put(ports, _row(free, mail.case_id, ports.now(), 2 * _DAY))


def _told_about_case(ports: Ports, address: str, case_id: str) -> list[str]:
    day = ports.now().date().isoformat()
    return [_key("told", plain(address), case_id, day, str(number)) for number in range(_TOLD_ABOUT_CASE)]


def _told_in_all(ports: Ports, address: str) -> list[str]:
    day = ports.now().date().isoformat()
    return [_key("told", plain(address), day, str(number)) for number in range(_TOLD_IN_ALL)]


def _free(ports: Ports, keys: Sequence[str]) -> str | None:
    return next((key for key in keys if ports.store.answered(key, ports.now()) is None), None)


def _counted(ports: Ports, reply: Reply) -> bool:
    """Count this reply, once; False where the party has sent as many as it may. Places are taken from the first on, so
    the next free one is found by halving."""
    places = [_key("place", reply.case_id, reply.role, str(number)) for number in range(REPLIES_A_CASE)]
    first, last = 0, len(places)
    while first < last:
        middle = (first + last) // 2
        if ports.store.answered(places[middle], ports.now()) is None:
            last = middle
        else:
            first = middle + 1
    before = ports.store.answered(places[first - 1], ports.now()) if first else None
    if before is not None and before.fingerprint == reply.received_as:
        return True
    a_day_ago = ports.store.answered(places[first - REPLIES_A_DAY], ports.now()) if first >= REPLIES_A_DAY else None
    if first == len(places) or (a_day_ago is not None and ports.now() - _taken_at(a_day_ago) < _DAY):
        return False
    _put(ports, _row(places[first], reply.received_as, ports.now(), _COUNTED))
    return True


def _taken_at(row: Answered) -> datetime:
    return row.expires_at - _COUNTED


def _row(key: str, fingerprint: str, at: datetime, kept: timedelta) -> Answered:
    return Answered(key=key, fingerprint=fingerprint, status=201, body="{}", expires_at=at + kept, since=at)


def _put(ports: Ports, row: Answered) -> None:
    """Keep a row; where another process was faster, its row says the same."""
    try:
        ports.store.commit(Change(answered=row))
    except Refused as error:
        if error.code != "idempotency_in_progress":
            raise


def _key(*parts: str) -> str:
    return _digest("|".join(parts).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
