"""Erasing a person: a job that goes through everything that is kept of a buyer or a seller, and takes out what names
them.

It finishes what runs first: an order that is not at its end is left as it is and looked at again. Then, order by order,
what leads to a person goes before what the order itself says; only what is still there is written, so that whatever
dies in between is begun again, and done twice is done once. In the end go what repeats their words: kept answers, files
of other jobs, what receivers of events answered.
"""

import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.soundness import erased
from chalicelib.domain.errors import Conflict, Forbidden
from chalicelib.domain.jobs import AboutPerson, Erasure, Job, JobKind, JobState, PersonExport, Transfer
from chalicelib.domain.orders.erased import without_buyer, without_seller
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.clues import clues_of
from chalicelib.domain.people.erasing import (
    at_an_end,
    case_without_words,
    file_without_words,
    message_without_words,
)
from chalicelib.domain.people.mail_stops import stop_id
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.seller_rules import SellerRules
from chalicelib.domain.ports import LONGEST_PAGE, Page, Ports, every
from chalicelib.domain.reconciliation.jobs import Reconciliation
from chalicelib.workflow.inbox import forget_views
from chalicelib.workflow.jobs import NDJSON, new_id
from chalicelib.workflow.rounds import RESERVE, Later, SecondsLeft, Work

# Who has a person erased, and reads all that is known of one.
ERASERS = frozenset({Role.OPERATOR})
# Whose data can be asked for, and erased.
ERASED = (Role.BUYER, Role.SELLER)

# What is gone through, in this order.
_ORDERS, _ANSWERS, _JOBS, _ATTEMPTS = range(4)
_JOBS_AT_ONCE = 5
# A larger file is not rewritten line by line on a function's disk: it goes as a whole.
_MOST_BYTES = 200 * 1024**2


def begin(ports: Ports, actor: Actor, person: str, role: Role = Role.BUYER) -> Erasure:
    """Have a buyer or a seller erased. Asked again while that goes on, it is the same job; once it is over, a new one
    finds what came since. Raises Forbidden, Refused `too_many_jobs`."""
    if actor.role not in ERASERS:
        raise Forbidden(actor.role, "erase_person")
    for job_id in ports.store.open_jobs(JobKind.ERASURE):
        known = ports.store.job(job_id)
        if isinstance(known, Erasure) and (known.person, known.role) == (person, role) and not known.state.ended:
            return known
    now = ports.now()
    job = Erasure(
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


def work_on(work: Work[Erasure], seconds_left: SecondsLeft) -> None:
    """Go on with an erasure as far as the time reaches. Raises Later while an order of theirs is not at its end."""
    steps = {_ORDERS: _orders, _ANSWERS: _answers, _JOBS: _jobs, _ATTEMPTS: _attempts}
    while work.job.phase in steps:
        if seconds_left() <= RESERVE:
            return
        steps[work.job.phase](work, seconds_left)
    work.save(state=JobState.DONE, total=work.job.done, ended_at=work.ports.now(), lease_until=None)


def _gone(work: Work[Erasure], counted: Counter[str]) -> dict[str, int]:
    return dict(Counter(work.job.erased) + counted)


def _orders(work: Work[Erasure], seconds_left: SecondsLeft) -> None:
    """A page of their orders; after the last one on, unless one of them goes on."""
    ports, job = work.ports, work.job
    page = orders_of(ports, job, job.cursor)
    counted, waits = Counter[str](), job.waits_for if job.cursor else 0
    for order in page.items:
        if seconds_left() <= RESERVE:
            # This page is read again; what of it is erased already is passed over.
            work.save(erased=_gone(work, counted))
            return
        waits += not _order(ports, job, order, counted)
    ended = page.next_cursor is None
    work.save(
        cursor=page.next_cursor,
        waits_for=waits,
        done=sum(_gone(work, counted).values()),
        phase=_ANSWERS if ended and not waits else _ORDERS,
        erased=_gone(work, counted),
        tries=0,
    )
    if ended and waits:
        raise Later


def _order(ports: Ports, job: Erasure, listed: Order, counted: Counter[str]) -> bool:
    """Erase the buyer of an order with all that is kept about it; False where it is not at its end."""
    # A list may lag behind.
    order = ports.store.order(listed.order_id)
    if order is None:
        return True
    person = order.body.seller if job.role is Role.SELLER else order.body.buyer
    if person.id != job.person:
        return True
    cases = [case for case in map(ports.store.case, order.cases) if case]
    files = [file for case in cases for file in ports.store.evidence(case.case_id)]
    if not at_an_end(order, cases, files, ports.now()):
        return False
    if person.email:
        ports.store.lift_mail_stop(stop_id(person.email))
    return erase_order(ports, order, cases, counted, whose=job.role)


def orders_of(ports: Ports, job: AboutPerson, cursor: str | None) -> Page[Order]:
    """A page of the orders of the person whom a job is about."""
    if job.role is Role.SELLER:
        return ports.store.orders(seller_id=job.person, limit=LONGEST_PAGE, cursor=cursor)
    return ports.store.orders(buyer_id=job.person, limit=LONGEST_PAGE, cursor=cursor)


def erase_order(
    ports: Ports,
    order: Order,
    cases: Sequence[Case],
    counted: Counter[str],
    *,
    accounts: bool = True,
    whose: Role = Role.BUYER,
) -> bool:
    """Erase the buyer of an order that is at its end, with all that is kept about it, and count what went; without
    `accounts`, which accounts money went to is kept. Or its seller: what is known of the buyer stays, and so do
    accounts and what the buyer's cases are found by. False where somebody wrote meanwhile: some of it may be left."""
    try:
        for case in cases:
            if whose is Role.BUYER:
                _what_leads_to_it(ports, order, case, counted, accounts)
            _case(ports, case, counted, accounts and whose is Role.BUYER, whose)
        for message in ports.store.messages(order.order_id):
            if message.erased_at is None:
                ports.store.put_erased_message(message_without_words(message, ports.now()))
                counted["messages"] += 1
        bare = without_seller(order) if whose is Role.SELLER else without_buyer(order)
        if bare != replace(order, body_told=None):
            ports.store.commit(Change(push=Push(before=order, after=bare)))
            counted["orders"] += 1
    except Conflict:
        # Somebody wrote meanwhile, or our own write was heard twice: it is looked at anew.
        return False
    return True


def _what_leads_to_it(ports: Ports, order: Order, case: Case, counted: Counter[str], accounts: bool) -> None:
    """What a buyer's case is found by, and the accounts that money went to."""
    if not order.body.buyer.is_erased or ports.store.noted(case.case_id).fingerprints:
        ports.store.forget_clues(case, [ports.fingerprint(clue) for clue in clues_of(order, case)])
    if accounts:
        counted["accounts"] += ports.store.forget_accounts(case.case_id)


def _case(ports: Ports, case: Case, counted: Counter[str], accounts: bool, whose: Role) -> None:
    for file in ports.store.evidence(case.case_id):
        if file.erased_at is not None:
            continue
        for key in (file.key, file.sealed_key):
            ports.files.remove(key)
        ports.store.put_erased_evidence(file_without_words(file, ports.now()))
        counted["files"] += 1
    for entry in ports.store.timeline(case.case_id):
        bare = erased(entry)
        if bare != entry:
            ports.store.put_erased_entry(case, bare)
            counted["entries"] += 1
    bare_case = case_without_words(case, accounts=accounts, whose=whose)
    if bare_case != case:
        ports.store.unlist_held(case.case_id, case.outbox.keys() - bare_case.outbox.keys())
        ports.store.commit(Change(case=replace(bare_case, rev=case.rev + 1)))
        counted["cases"] += 1


def _answers(work: Work[Erasure], seconds_left: SecondsLeft) -> None:
    """A page of the answers that are kept: those that tell of the person's orders are kept no longer."""
    ports, job, counted = work.ports, work.job, Counter[str]()
    named = _quoted(_ids(ports, job))
    page = ports.store.answers(limit=LONGEST_PAGE, cursor=job.cursor)
    for each in page.items:
        if _names(each.body.encode(), named):
            ports.store.forget_answer(each.key)
            counted["answers"] += 1
    phase = _ANSWERS if page.next_cursor else _JOBS
    work.save(cursor=page.next_cursor, phase=phase, erased=_gone(work, counted), tries=0)


def _jobs(work: Work[Erasure], seconds_left: SecondsLeft) -> None:
    """Some other jobs: of what they brought in or wrote down, the lines that tell of the person's orders go. Raises
    Later while one of them goes on, as it may write more."""
    ports, job, counted = work.ports, work.job, Counter[str]()
    ids = _ids(ports, job)
    page = ports.store.jobs(limit=_JOBS_AT_ONCE, cursor=job.cursor)
    for each in page.items:
        if not isinstance(each, (Transfer, Reconciliation)):
            continue
        if not each.state.ended:
            raise Later
        counted["lines"] += _lines_of(ports, each, job, ids)
    phase = _JOBS if page.next_cursor else _ATTEMPTS
    work.save(cursor=page.next_cursor, phase=phase, erased=_gone(work, counted), tries=0)


def _attempts(work: Work[Erasure], seconds_left: SecondsLeft) -> None:
    """What receivers of events answered about their requests may repeat what they were told. Then what a seller made
    for themselves: rules, and ways of looking at the inbox."""
    ports, job = work.ports, work.job
    about = {case_id for order in _all_orders(ports, job) for case_id in order.cases}
    gone = sum(ports.store.forget_attempts(each.webhook_id, about) for each in ports.store.webhooks())
    erased_so_far = _gone(work, Counter(attempts=gone, settings=_settings(ports, job)))
    work.save(phase=_ATTEMPTS + 1, cursor=None, done=sum(erased_so_far.values()), erased=erased_so_far, tries=0)


def _settings(ports: Ports, job: Erasure) -> int:
    if job.role is not Role.SELLER:
        return 0
    rules = ports.store.seller_rules(job.person)
    ports.store.forget_digests(job.person)
    if said := (rules.rules or rules.return_address or rules.digest is not Rhythm.SINGLE):
        ports.store.put_seller_rules(job.person, SellerRules(version=rules.version + 1))
    return bool(said) + forget_views(ports, job.person)


def _all_orders(ports: Ports, job: Erasure) -> Iterator[Order]:
    return every(lambda cursor: orders_of(ports, job, cursor))


def _ids(ports: Ports, job: Erasure) -> frozenset[str]:
    """By which what is kept elsewhere is known to tell of them."""
    ids = {job.person}
    for order in _all_orders(ports, job):
        ids |= {order.order_id, *order.cases, *(each.message_id for each in ports.store.messages(order.order_id))}
        ids |= {each.evidence_id for case_id in order.cases for each in ports.store.evidence(case_id)}
    return frozenset(ids)


def _quoted(ids: Collection[str]) -> Sequence[bytes]:
    """As JSON has them."""
    return [msgspec.json.encode(each) for each in ids]


def _names(text: bytes, named: Sequence[bytes]) -> bool:
    return any(each in text for each in named)


def _lines_of(ports: Ports, job: Job, erasure: Erasure, ids: Collection[str]) -> int:
    """Take lines that tell of the person out of a job's files; how many those were, or files where all of one goes."""
    whole = isinstance(job, PersonExport) and (job.person, job.role) == (erasure.person, erasure.role)
    # Files of providers are no JSON.
    named = [each.encode() for each in ids] if isinstance(job, Reconciliation) else _quoted(ids)
    gone = 0
    for key, size in sorted(ports.files.present(job.folder).items()):
        if whole or size > _MOST_BYTES or key.startswith(f"{job.folder}tail"):
            ports.files.remove(key)
            gone += 1
            continue
        with tempfile.TemporaryDirectory() as place:
            before, after = Path(place) / "before", Path(place) / "after"
            if not ports.files.fetch(key, before):
                continue
            left_out = 0
            with before.open("rb") as lines, after.open("wb") as kept:
                for line in lines:
                    if _names(line, named):
                        left_out += 1
                    else:
                        kept.write(line)
            if left_out:
                ports.files.lay(key, NDJSON, after)
            gone += left_out
    return gone
