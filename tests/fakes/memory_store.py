"""The Store in memory, with the same rules as the real one; the contract suite holds both to them."""

import base64
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any, TypeVar

import msgspec

from chalicelib.domain.cases.card import card_of, words_of
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import NOTHING_YET, Answered, Change, GrantedToday, Slot
from chalicelib.domain.cases.effects import Promise, encode
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.log import Logged, LogPage, LogPlace, Position
from chalicelib.domain.cases.mail_fates import MailFate
from chalicelib.domain.cases.steps.late_parcels import is_late
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry, logged_at
from chalicelib.domain.cases.webhooks import Attempt, Letter, Webhook
from chalicelib.domain.errors import Conflict, Invalid, Refused
from chalicelib.domain.figures.counting import Counters, Counting, Place, Share, Subject
from chalicelib.domain.jobs import Job, JobKind
from chalicelib.domain.money.books import wants_second_person
from chalicelib.domain.money.chargebacks import is_disputed
from chalicelib.domain.money.dispatch import Dispatch, DispatchId
from chalicelib.domain.money.ledger import LedgerEntry, entry_of_opening
from chalicelib.domain.money.payout import AccountSealed
from chalicelib.domain.money.wallet import Credit, Debit, Wallet
from chalicelib.domain.orders.order import Order
from chalicelib.domain.people.clues import NOTHING_NOTED, Noted
from chalicelib.domain.people.digests import Digest, DigestAsks, DigestNote
from chalicelib.domain.people.mail_stops import DELAYS_KEPT, MailDelay, MailStop, Why, stop_id
from chalicelib.domain.people.uses import Use
from chalicelib.domain.policies.learned import Cells, Situation
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.seller_rules import NO_RULES, SellerRules
from chalicelib.domain.ports import (
    JOBS_KEPT,
    LIST_BYTES,
    MOST_CARDS,
    PAGE,
    PAGE_BYTES,
    Cards,
    CasesFound,
    Filter,
    Held,
    Page,
    Token,
)

T = TypeVar("T")


class MemoryStore:
    """All tables as dictionaries under one lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.order_rows: dict[str, Order] = {}
        self.case_rows: dict[str, Case] = {}
        self.entry_rows: dict[str, dict[int, Entry]] = {}
        self.tokens: dict[str, Token] = {}
        self.fates: dict[str, MailFate] = {}
        self.accounts: dict[tuple[str, str], AccountSealed] = {}
        self.dispatches: dict[DispatchId, Dispatch] = {}
        self.known_as: dict[tuple[str, str], DispatchId] = {}
        self.credits: dict[tuple[str, str], Credit] = {}
        self.debits: dict[tuple[str, str, str], Debit] = {}
        self.ledger_rows: dict[str, LedgerEntry] = {}
        self.unbooked: set[tuple[str, str]] = set()
        self.answers_kept: dict[str, Answered] = {}
        self.policies: dict[str, dict[int, Policy]] = {}
        self.threads: dict[str, list[Message]] = {}
        self.files: dict[str, dict[str, Evidence]] = {}
        self.settings: dict[str, Mapping[str, Any]] = {}
        self.rules: dict[str, SellerRules] = {}
        self.grants: dict[tuple[str, date], GrantedToday] = {}
        self.late: dict[str, datetime] = {}
        self.disputed: dict[str, datetime] = {}
        self.wanting: dict[str, datetime] = {}
        self.listed: dict[tuple[str, Promise], datetime] = {}
        self.used: Counter[tuple[str, str]] = Counter()
        self.uses: Counter[str] = Counter()
        self.stops: dict[str, MailStop] = {}
        self.delays: dict[tuple[datetime, str], MailDelay] = {}
        self.job_rows: dict[str, Job] = {}
        self.webhook_rows: dict[str, Webhook] = {}
        self.tried: dict[str, list[Attempt]] = {}
        self.buried: dict[str, dict[Position, Letter]] = {}
        self.log_rows: dict[tuple[int, str], Logged] = {}
        self.log_heads: dict[str, tuple[int, int]] = {}
        self.share_rows: dict[str, Share] = {}
        self.figures_rows: dict[Place, Counters] = {}
        self.clock: Callable[[], int] = lambda: time.time_ns() // 1000
        self.references: dict[str, str] = {}
        self.noted_rows: dict[str, Noted] = {}
        self.digest_rows: dict[tuple[datetime, str], Digest] = {}
        self.digest_notes_kept: dict[str, dict[str, DigestNote]] = {}
        self.digest_told: set[tuple[str, str]] = set()
        self.digest_asked: dict[tuple[str, datetime], DigestAsks] = {}
        self.clue_rows: dict[str, dict[tuple[datetime, str], datetime]] = {}

    def create_tables(self) -> None:
        """Nothing to make."""

    def everything(self, *, counters: bool = True) -> Mapping[str, str]:
        """All that is kept, to compare before and after; without what counts callers, if so wanted."""
        left_out = ("_lock", "clock") if counters else ("_lock", "clock", "uses")
        with self._lock:
            return {name: repr(rows) for name, rows in vars(self).items() if name not in left_out}

    def order(self, order_id: str) -> Order | None:
        return self.order_rows.get(order_id)

    def case(self, case_id: str) -> Case | None:
        return self.case_rows.get(case_id)

    def timeline(self, case_id: str) -> Sequence[Entry]:
        return [entry for _, entry in sorted(self.entry_rows.get(case_id, {}).items())]

    def entries(self, case_id: str, seqs: Collection[int]) -> Mapping[int, Entry]:
        known = self.entry_rows.get(case_id, {})
        return {seq: known[seq] for seq in seqs if seq in known}

    def timeline_page(
        self,
        case_id: str,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
        newest_first: bool = False,
        most_bytes: int = PAGE_BYTES,
    ) -> Page[Entry]:
        found = list(self.timeline(case_id))[:: -1 if newest_first else 1]
        return _page(found, lambda entry: f"T {case_id} {entry.seq}", limit, cursor, most_bytes)

    def dispatch(self, id: DispatchId) -> Dispatch | None:
        return self.dispatches.get(id)

    def put_dispatch(self, dispatch: Dispatch) -> bool:
        with self._lock:
            known = self.dispatches.get(dispatch.id)
            if (known.rev if known else 0) != dispatch.rev - 1:
                return False
            self.dispatches[dispatch.id] = dispatch
            if dispatch.sending.known_as is not None:
                self.known_as[dispatch.provider, dispatch.sending.known_as] = dispatch.id
            return True

    def due_dispatches(self, now: datetime, limit: int) -> Sequence[DispatchId]:
        due = [(each.next_at, each.id) for each in self.dispatches.values() if each.next_at and each.next_at <= now]
        due.sort(key=lambda each: (each[0], each[1].case_id, each[1].part, each[1].tries))
        return [id for _, id in due[:limit]]

    def dispatch_known_as(self, provider: str, reference: str) -> DispatchId | None:
        return self.known_as.get((provider, reference))

    def put_account(self, account: AccountSealed) -> None:
        self.accounts[account.case_id, account.account_id] = account

    def account(self, case_id: str, account_id: str) -> AccountSealed | None:
        return self.accounts.get((case_id, account_id))

    def cases_with_account(self, fingerprint: str) -> Sequence[str]:
        return sorted({each.case_id for each in self.accounts.values() if each.fingerprint == fingerprint})[:20]

    def begin_job(self, job: Job) -> None:
        with self._lock:
            old = [each for each in self.job_rows.values() if each.began_at < job.began_at - JOBS_KEPT]
            for each in old:
                del self.job_rows[each.job_id]
            self.job_rows[job.job_id] = job

    def job(self, job_id: str) -> Job | None:
        return self.job_rows.get(job_id)

    def put_job(self, job: Job) -> bool:
        with self._lock:
            if self.job_rows[job.job_id].rev != job.rev - 1:
                return False
            self.job_rows[job.job_id] = job
            return True

    def open_jobs(self, kind: JobKind | None = None) -> Sequence[str]:
        found = [job for job in self.job_rows.values() if kind in (None, job.kind)]
        return sorted(job.job_id for job in found if not job.state.ended)

    def strike_job(self, job_id: str) -> None:
        """Whether one is open its row says."""

    def jobs(self, *, kind: JobKind | None = None, limit: int = PAGE, cursor: str | None = None) -> Page[Job]:
        found = [job for job in self.job_rows.values() if kind in (None, job.kind)]
        found.sort(key=lambda job: job.job_id, reverse=True)
        return _page(found, lambda job: f"J {job.job_id}", limit, cursor)

    def put_token(self, case_id: str, token: Token) -> None:
        self.tokens[case_id] = token

    def token(self, case_id: str) -> Token | None:
        return self.tokens.get(case_id)

    def put_mail_fate(self, case_id: str, fate: MailFate) -> None:
        known = self.fates.get(case_id)
        if known is None or known.at <= fate.at:
            self.fates[case_id] = fate

    def mail_fate(self, case_id: str) -> MailFate | None:
        return self.fates.get(case_id)

    def wallet(self, buyer_id: str, currency: str, *, limit: int | None = None, cursor: str | None = None) -> Wallet:
        found: list[Credit | Debit] = [*self.credits.values(), *self.debits.values()]
        found = [entry for entry in found if (entry.buyer_id, entry.currency) == (buyer_id, currency)]
        found.sort(key=lambda entry: (entry.at, _name_of(entry)), reverse=True)
        whose = f"{buyer_id} {currency}"
        page = _page(found, lambda entry: f"W {whose} {_name_of(entry)}", limit or len(found) + 1, cursor)
        total = self._balance(buyer_id, currency)
        return Wallet(
            buyer_id=buyer_id, currency=currency, balance=total, entries=page.items, next_cursor=page.next_cursor
        )

    def _balance(self, buyer_id: str, currency: str) -> int:
        of = (buyer_id, currency)
        credits = sum(each.amount for each in self.credits.values() if (each.buyer_id, each.currency) == of)
        return credits - sum(each.amount for key, each in self.debits.items() if key[:2] == of)

    def debit(self, buyer_id: str, currency: str, event_id: str) -> Debit | None:
        return self.debits.get((buyer_id, currency, event_id))

    def ledger(
        self, currency: str, since: datetime, until: datetime, *, limit: int = PAGE, cursor: str | None = None
    ) -> Page[LedgerEntry]:
        found = [each for each in self.ledger_rows.values() if each.currency == currency]
        found = sorted((each for each in found if since <= each.at < until), key=lambda each: (each.at, each.entry_id))
        return _page(found, lambda each: f"L {currency} {each.entry_id}", limit, cursor)

    def open_ledger(self) -> int:
        opened = len(self.unbooked)
        for key in self.unbooked:
            entry = entry_of_opening(self.credits[key])
            self.ledger_rows[entry.entry_id] = entry
        self.unbooked.clear()
        return opened

    def shares(self, case_ids: Collection[str]) -> Mapping[str, Share]:
        return {each: self.share_rows[each] for each in case_ids if each in self.share_rows}

    def counters(self, places: Collection[Place]) -> Mapping[Place, Counters]:
        return {each: self.figures_rows[each] for each in places if each in self.figures_rows}

    def days_counted(self, subject: Subject, first: date, last: date) -> Mapping[date, Counters]:
        found = {place.day: row for place, row in self.figures_rows.items() if place.day and place.subject == subject}
        return {day: found[day] for day in sorted(found) if first <= day <= last}

    def learned(self, place: Place) -> Cells:
        return self.counters([place]).get(place, Counters()).learned

    def lessons(self, subject: Subject) -> Mapping[Situation, Cells]:
        return {
            place.situation: row.learned
            for place, row in self.figures_rows.items()
            if place.situation and place.subject == subject
        }

    def count(self, counting: Counting) -> bool:
        with self._lock:
            same = self.shares(counting.shares) == counting.before and all(
                (known.rev if (known := self.figures_rows.get(place)) else 0) == each.rev - 1
                for place, each in counting.counters.items()
            )
            if same:
                self.share_rows.update(counting.shares)
                self.figures_rows.update(counting.counters)
            return same

    def granted(self, person: str, day: date) -> GrantedToday:
        return self.grants.get((person, day), NOTHING_YET)

    def answered(self, key: str, now: datetime) -> Answered | None:
        kept = self.answers_kept.get(key)
        return kept if kept and kept.stands(now) else None

    def policy(self, name: str, version: int | None) -> Policy | None:
        versions = self.policies.get(name, {})
        return versions.get(version if version is not None else max(versions, default=0))

    def policy_names(self) -> Sequence[str]:
        return sorted(self.policies)

    def put_policy(self, policy: Policy) -> None:
        with self._lock:
            versions = self.policies.setdefault(policy.name, {})
            if policy.version in versions:
                raise Conflict("policy")
            versions[policy.version] = policy

    def take(self, use: Use) -> bool:
        with self._lock:
            left = self.uses[use.key] < use.most
            self.uses[use.key] += left
            return left

    def commit(self, change: Change) -> None:
        with self._lock:
            if self._landed(change):
                return
            if change.answered and (kept := self.answers_kept.get(change.answered.key)):
                since = change.answered.since
                if since is None or kept.stands(since):
                    raise Refused("idempotency_in_progress")
            self._test_case(change)
            self._test_granted(change)
            self._take_place(change)
            order = self._changed_order(change)
            for credit in change.credits:
                if (credit.refund_id, credit.part) in self.credits:
                    raise Conflict("money")
            if debit := change.debit:
                enough = self._balance(debit.buyer_id, debit.currency) >= debit.amount
                if not enough or self.debit(debit.buyer_id, debit.currency, debit.event_id):
                    raise Conflict("wallet")
            if change.quota:
                self.used[change.quota.order_id, change.quota.name] += 1
            if change.case:
                self.case_rows[change.case.case_id] = change.case
            if change.granted:
                whose = (change.granted.person, change.granted.day)
                self.grants[whose] = change.granted.seen.with_more(change.granted.worth)
            if change.message:
                self.threads.setdefault(change.message.order_id, []).append(change.message)
            if change.evidence:
                self.see_evidence(change.evidence)
            if change.case and change.entry:
                entry = replace(change.entry, log_place=self._log(change))
                rows = self.entry_rows.setdefault(change.case.case_id, {})
                rows.update({each.seq: each for each in (*change.earlier, entry)})
            if order:
                self.order_rows[order.order_id] = order
            for credit in change.credits:
                self.credits[credit.refund_id, credit.part] = credit
                if change.ledger is None:
                    self.unbooked.add((credit.refund_id, credit.part))
            if debit:
                self.debits[debit.buyer_id, debit.currency, debit.event_id] = debit
            if change.ledger:
                self.ledger_rows[change.ledger.entry_id] = change.ledger
            if change.answered:
                self.answers_kept[change.answered.key] = change.answered

    def _log(self, change: Change) -> LogPlace | None:
        case, entry = change.case, change.entry
        known = case and (case.order_id in self.order_rows or change.push)
        if case is None or entry is None or not entry.events or not known:
            return None
        told, last = self.log_heads.get(case.order_id, (0, 0))
        place = LogPlace(pos=max(self.clock(), last + 1), first=told + 1)
        self.log_heads[case.order_id] = (told + len(entry.events), place.pos)
        self.log_rows[place.pos, case.order_id] = logged_at(place, case.order_id, case.case_id, entry)
        return place

    def log_clock(self) -> int:
        return self.clock()

    def webhooks(self) -> Sequence[Webhook]:
        return sorted(self.webhook_rows.values(), key=lambda each: (each.created_at, each.webhook_id))

    def webhook(self, webhook_id: str) -> Webhook | None:
        return self.webhook_rows.get(webhook_id)

    def note_for_digest(self, seller_id: str, at: datetime, note: DigestNote) -> bool:
        with self._lock:
            notes = self.digest_notes_kept.setdefault(seller_id, {})
            if note.key in notes or (seller_id, note.key) in self.digest_told:
                return True
            digest = self.digest_rows.setdefault((at, seller_id), Digest(seller_id=seller_id, at=at))
            if digest.rev:
                return False
            notes[note.key] = note
            return True

    def digest_notes(self, seller_id: str) -> Sequence[DigestNote]:
        with self._lock:
            return [note for _, note in sorted(self.digest_notes_kept.get(seller_id, {}).items())]

    def due_digests(self, now: datetime, limit: int) -> Sequence[Digest]:
        with self._lock:
            return [each for _, each in sorted(self.digest_rows.items()) if each.is_due(now)][:limit]

    def put_digest(self, digest: Digest) -> bool:
        with self._lock:
            known = self.digest_rows.get((digest.at, digest.seller_id))
            if known is None or known.rev != digest.rev - 1:
                return False
            self.digest_rows[(digest.at, digest.seller_id)] = digest
            return True

    def end_digest(self, digest: Digest, now: datetime) -> None:
        with self._lock:
            for key in digest.told or ():
                self.digest_notes_kept.get(digest.seller_id, {}).pop(key, None)
                self.digest_told.add((digest.seller_id, key))
            self.digest_rows.pop((digest.at, digest.seller_id), None)

    def put_digest_asks(self, asks: DigestAsks) -> None:
        self.digest_asked[(asks.seller_id, asks.at)] = asks

    def digest_asks(self, seller_id: str, at: datetime) -> DigestAsks | None:
        return self.digest_asked.get((seller_id, at))

    def forget_digests(self, seller_id: str) -> None:
        with self._lock:
            self.digest_notes_kept.pop(seller_id, None)
            self.digest_told = {each for each in self.digest_told if each[0] != seller_id}
            self.digest_asked = {key: asks for key, asks in self.digest_asked.items() if key[0] != seller_id}

    def put_webhook(self, webhook: Webhook) -> bool:
        with self._lock:
            known = self.webhook_rows.get(webhook.webhook_id)
            if (known.rev if known else 0) != webhook.rev - 1:
                return False
            self.webhook_rows[webhook.webhook_id] = webhook
            return True

    def drop_webhook(self, webhook_id: str) -> None:
        self.webhook_rows.pop(webhook_id, None)
        self.buried.pop(webhook_id, None)

    def note_attempts(self, webhook_id: str, attempts: Sequence[Attempt]) -> None:
        self.tried.setdefault(webhook_id, []).extend(attempts)

    def attempts(self, webhook_id: str, *, limit: int = PAGE, cursor: str | None = None) -> Page[Attempt]:
        found = sorted(enumerate(self.tried.get(webhook_id, ())), key=lambda each: (each[1].at, each[0]), reverse=True)
        page = _page(found, lambda each: f"A {webhook_id} {each[1].at.isoformat()} {each[0]:06d}", limit, cursor)
        return Page(items=[attempt for _, attempt in page.items], next_cursor=page.next_cursor)

    def bury_letters(self, webhook_id: str, letters: Sequence[Letter]) -> None:
        self.buried.setdefault(webhook_id, {}).update({each.behind: each for each in letters})

    def dead_letters(self, webhook_id: str, *, limit: int) -> Sequence[Letter]:
        return [letter for _, letter in sorted(self.buried.get(webhook_id, {}).items())][:limit]

    def forget_letters(self, webhook_id: str, letters: Sequence[Letter]) -> None:
        for each in letters:
            self.buried.get(webhook_id, {}).pop(each.behind, None)

    def log(self, after: Position | None, *, horizon: timedelta, limit: int) -> LogPage:
        end = self.clock() - horizon // timedelta(microseconds=1)
        start = after or Position(pos=0)
        found = [each for key, each in sorted(self.log_rows.items()) if each.position > start and key[0] < end]
        if len(found) > limit:
            return LogPage(items=tuple(found[:limit]), upto=found[limit - 1].position, more=True)
        return LogPage(items=tuple(found), upto=max(start, Position(pos=end)), more=False)

    def save_outbox(self, before: Case, after: Case) -> bool:
        with self._lock:
            current = self.case_rows.get(before.case_id)
            if current is None or current.rev != before.rev:
                return False
            names = ("rev", "outbox", "wake_at", "leased_to", "lease_until", "money_sent")
            kept = replace(current, **{name: getattr(after, name) for name in names})
            self.case_rows[before.case_id] = kept
            return True

    def due(self, now: datetime, limit: int) -> Sequence[str]:
        found = [(c.wake_at, c.case_id) for c in list(self.case_rows.values()) if c.wake_at and c.wake_at <= now]
        return [case_id for _, case_id in sorted(found)[:limit]]

    def list_held(self, case_id: str, promises: Collection[Promise], since: datetime) -> None:
        self.listed.update({(case_id, promise): since for promise in promises})

    def unlist_held(self, case_id: str, promises: Collection[Promise]) -> None:
        for promise in promises:
            self.listed.pop((case_id, promise), None)

    def keep_reference(self, reference: str, case_id: str) -> str:
        return self.references.setdefault(reference, case_id)

    def case_known_as(self, reference: str) -> str | None:
        return self.references.get(reference)

    def noted(self, case_id: str) -> Noted:
        return self.noted_rows.get(case_id, NOTHING_NOTED)

    def note_clues(self, case: Case, noted: Noted, until: datetime) -> None:
        with self._lock:
            self.noted_rows[case.case_id] = noted
            for each in noted.begun:
                self.clue_rows.setdefault(each, {})[case.created_at, case.case_id] = until

    def cases_by_clues(self, fingerprints: Collection[str], now: datetime, most: int) -> CasesFound:
        if not fingerprints:
            return CasesFound(cases=())
        each = [
            {place for place, until in self.clue_rows.get(name, {}).items() if until > now} for name in fingerprints
        ]
        found = sorted(frozenset.intersection(*map(frozenset, each)), reverse=True)
        cases = [self.case_rows[case_id] for _, case_id in found[:most] if case_id in self.case_rows]
        return CasesFound(cases=cases, more=len(found) > most)

    def forget_clues(self, case: Case, also: Collection[str] = ()) -> None:
        with self._lock:
            for name in {*self.noted(case.case_id).fingerprints, *also}:
                self.clue_rows.get(name, {}).pop((case.created_at, case.case_id), None)
            self.noted_rows.pop(case.case_id, None)

    def list_late_parcel(self, case_id: str, since: datetime) -> None:
        self.late[case_id] = since

    def late_parcels(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Case]:
        ids = sorted(self.late, key=lambda case_id: (self.late[case_id], case_id))
        found = [case for case in map(self.case_rows.get, ids) if case and is_late(case)]
        return _page(found, lambda case: case.case_id, limit, cursor)

    def list_chargeback(self, order_id: str, due_by: datetime | None) -> None:
        self.disputed[order_id] = due_by or datetime.max.replace(tzinfo=UTC)

    def unlist_chargeback(self, order_id: str) -> None:
        self.disputed.pop(order_id, None)

    def open_chargebacks(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        ids = sorted(self.disputed, key=lambda order_id: (self.disputed[order_id], order_id))
        found = [order for order in map(self.order_rows.get, ids) if order and is_disputed(order)]
        return _page(found, lambda order: order.order_id, limit, cursor, LIST_BYTES)

    def list_second_person(self, order_id: str, since: datetime) -> None:
        self.wanting[order_id] = since

    def unlist_second_person(self, order_id: str) -> None:
        self.wanting.pop(order_id, None)

    def wanting_second_person(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        ids = sorted(self.wanting, key=lambda order_id: (self.wanting[order_id], order_id))
        found = [order for order in map(self.order_rows.get, ids) if order and wants_second_person(order)]
        return _page(found, lambda order: order.order_id, limit, cursor, LIST_BYTES)

    def held(
        self,
        keeps: Callable[[Held], bool],
        since: datetime | None = None,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Page[Held]:
        found = []
        for (case_id, promise), at in self.listed.items():
            case = self.case_rows.get(case_id)
            if case and promise in case.outbox and case.outbox[promise].held and (since is None or at >= since):
                found.append(Held(promise=promise, since=at, case=case))
        found.sort(key=lambda each: (each.since, each.case.case_id, encode(each.promise)))
        return _page(
            [each for each in found if keeps(each)],
            lambda each: f"{each.case.case_id} {encode(each.promise)}",
            limit,
            cursor,
        )

    def all_orders(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        found = [self.order_rows[order_id] for order_id in sorted(self.order_rows)]
        return _page(found, lambda order: order.order_id, limit, cursor, LIST_BYTES)

    def orders(
        self,
        *,
        buyer_id: str | None = None,
        seller_id: str | None = None,
        status: str | None = None,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Page[Order]:
        found = [
            order
            for order in self.order_rows.values()
            if (buyer_id or seller_id) == (order.body.buyer.id if buyer_id else order.body.seller.id)
            and (status is None or order.standing == status)
        ]
        found.sort(key=lambda order: (order.body.placed_at, order.order_id), reverse=True)
        return _page(found, lambda order: order.order_id, limit, cursor, LIST_BYTES)

    def cases(
        self, wanted: Filter, *, limit: int = PAGE, cursor: str | None = None, by_deadline: bool = False
    ) -> Page[Case]:
        found = [case for case in self.case_rows.values() if wanted.matches(case)]
        if by_deadline:
            found.sort(key=_inbox)
        elif wanted.order_id is not None or wanted.buyer_id is not None:
            found.sort(key=lambda case: (case.created_at, case.case_id), reverse=True)
        elif wanted.seller_id is not None:
            found.sort(key=_inbox)
        else:
            found.sort(key=lambda case: (case.deadline_at or case.updated_at, case.case_id))
        return _page(found, lambda case: case.case_id, limit, cursor, LIST_BYTES)

    def cards(self, seller_id: str) -> Cards:
        found = sorted((case for case in self.case_rows.values() if case.seller_id == seller_id), key=_inbox)
        cards = [card_of(self._with_words(case)) for case in found[:MOST_CARDS]]
        return Cards(items=cards, more=len(found) > MOST_CARDS)

    def put_card(self, case: Case) -> bool:
        with self._lock:
            row = self.case_rows[case.case_id]
            if row.rev != case.rev:
                return False
            self.case_rows[case.case_id] = replace(row, words=case.words)
            return True

    def _with_words(self, case: Case) -> Case:
        order = self.order_rows.get(case.order_id)
        return replace(case, words=words_of(order.body, case.lines)) if case.words is None and order else case

    def messages(self, order_id: str) -> Sequence[Message]:
        return sorted(self.threads.get(order_id, []), key=lambda message: (message.at, message.message_id))

    def messages_page(
        self,
        order_id: str,
        keeps: Callable[[Message], bool],
        *,
        limit: int = PAGE,
        cursor: str | None = None,
        newest_first: bool = False,
        most_bytes: int = PAGE_BYTES,
    ) -> Page[Message]:
        found = [message for message in self.messages(order_id) if keeps(message)][:: -1 if newest_first else 1]
        return _page(found, lambda message: f"M {order_id} {message.message_id}", limit, cursor, most_bytes)

    def see_evidence(self, evidence: Evidence) -> Evidence:
        with self._lock:
            files = self.files.setdefault(evidence.case_id, {})
            before = files.get(evidence.evidence_id)
            if before is None or before.seen_at is None:
                files[evidence.evidence_id] = evidence
            return files[evidence.evidence_id]

    def evidence(self, case_id: str) -> Sequence[Evidence]:
        return sorted(self.files.get(case_id, {}).values(), key=lambda file: (file.at, file.evidence_id))

    def evidence_page(
        self, case_id: str, keeps: Callable[[Evidence], bool], *, limit: int = PAGE, cursor: str | None = None
    ) -> Page[Evidence]:
        found = [evidence for evidence in self.evidence(case_id) if keeps(evidence)]
        return _page(found, lambda evidence: f"E {case_id} {evidence.evidence_id}", limit, cursor)

    def setting(self, name: str) -> Mapping[str, Any] | None:
        return self.settings.get(name)

    def put_setting(self, name: str, value: Mapping[str, Any]) -> None:
        self.settings[name] = value

    def seller_rules(self, seller_id: str) -> SellerRules:
        return self.rules.get(seller_id, NO_RULES)

    def put_seller_rules(self, seller_id: str, rules: SellerRules) -> None:
        self.rules[seller_id] = rules

    def stopped(self, addresses: Collection[str]) -> Mapping[str, Why]:
        return {address: self.stops[stop_id(address)].why for address in addresses if stop_id(address) in self.stops}

    def mail_stops(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[MailStop]:
        found = sorted(self.stops.values(), key=lambda stop: stop.stop_id)
        return _page(found, lambda stop: stop.stop_id, limit, cursor)

    def put_mail_stop(self, stop: MailStop) -> None:
        self.stops[stop.stop_id] = stop

    def lift_mail_stop(self, stop_id: str) -> None:
        self.stops.pop(stop_id, None)

    def put_mail_delay(self, delay: MailDelay) -> None:
        kept = {key: known for key, known in self.delays.items() if known.at >= delay.at - DELAYS_KEPT}
        self.delays = {**kept, (delay.at, delay.mail_id): delay}

    def mail_delays(self, since: datetime, *, limit: int) -> Sequence[MailDelay]:
        found = [self.delays[key] for key in sorted(self.delays, reverse=True)]
        return [delay for delay in found if delay.at >= since][:limit]

    def put_erased_entry(self, case: Case, entry: Entry) -> None:
        self.entry_rows[case.case_id][entry.seq] = entry
        place = entry.log_place
        if place and (place.pos, case.order_id) in self.log_rows:
            self.log_rows[place.pos, case.order_id] = logged_at(place, case.order_id, case.case_id, entry)

    def put_erased_message(self, message: Message) -> None:
        thread = self.threads.get(message.order_id, [])
        thread[:] = [message if each.message_id == message.message_id else each for each in thread]

    def put_erased_evidence(self, evidence: Evidence) -> None:
        self.files[evidence.case_id][evidence.evidence_id] = evidence

    def forget_accounts(self, case_id: str) -> int:
        gone = [key for key in self.accounts if key[0] == case_id]
        for key in gone:
            del self.accounts[key]
        return len(gone)

    def answers(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Answered]:
        return _page(
            [self.answers_kept[key] for key in sorted(self.answers_kept)], lambda each: each.key, limit, cursor
        )

    def forget_answer(self, key: str) -> None:
        self.answers_kept.pop(key, None)

    def forget_attempts(self, webhook_id: str, case_ids: Collection[str]) -> int:
        tried = self.tried.get(webhook_id, [])
        left = [each for each in tried if each.about not in case_ids]
        gone = len(tried) - len(left)
        tried[:] = left
        return gone

    def _landed(self, change: Change) -> bool:
        if change.message:
            return change.message in self.threads.get(change.message.order_id, [])
        if debit := change.debit:
            return self.debit(debit.buyer_id, debit.currency, debit.event_id) == debit
        if change.case is None or change.entry is None:
            return False
        there = self.entry_rows.get(change.case.case_id, {}).get(change.entry.seq)
        return there is not None and there.decision_id == change.entry.decision_id

    def _test_case(self, change: Change) -> None:
        if change.case is None:
            return
        current = self.case_rows.get(change.case.case_id)
        opens = change.slot is not None and change.slot.opens
        if (current.rev if current else 0) != (0 if opens else change.case.rev - 1):
            raise Conflict("case")

    def _test_granted(self, change: Change) -> None:
        granted = change.granted
        if granted and self.granted(granted.person, granted.day).told != granted.seen.told:
            raise Conflict("case")

    def _take_place(self, change: Change) -> None:
        quota = change.quota
        if quota and self.used[quota.order_id, quota.name] >= quota.most:
            raise quota.used_up()

    def _changed_order(self, change: Change) -> Order | None:
        push, slot = change.push, change.slot
        if push is None and slot is None:
            return None
        current = self.order_rows.get(push.after.order_id if push else slot.order_id if slot else "")
        order = current
        if push:
            if (current.rev if current else 0) != (push.before.rev if push.before else 0):
                raise Conflict("order")
            order = push.after if current is None else _pushed(current, push.after)
        if order is None:
            raise Conflict("order")
        if slot:
            order = _slotted(order, slot)
        return replace(order, rev=current.rev + 1 if current else 1)


# What no push ever writes (I7).
GUARD = ("rev", "open_case", "cases", "attempts", "return_attempts", "granted_worth", "cancelled", "returned")


def _pushed(current: Order, after: Order) -> Order:
    return replace(after, **{name: getattr(current, name) for name in GUARD})


def _slotted(order: Order, slot: Slot) -> Order:
    if slot.seen and order.rev != slot.seen.rev:
        raise Conflict("order")
    if slot.takes:
        if order.open_case:
            raise Conflict("order")
        order = replace(order, open_case=None if slot.releases else slot.case_id)
    elif not slot.beside:
        if order.open_case != slot.case_id:
            raise Conflict("order")
        order = replace(order, open_case=None if slot.releases else order.open_case)
    if slot.opens:
        order = replace(order, cases=tuple(dict.fromkeys((*order.cases, slot.case_id))))
    if not slot.retakes:
        order = replace(
            order,
            attempts=order.attempts + slot.attempts,
            return_attempts=order.return_attempts + slot.return_attempts,
        )
    books = slot.books or (slot.seen.books if slot.seen else None) or order.books
    return replace(
        order,
        books=books,
        left=None if books else order.left,
        granted_worth=order.granted_worth + slot.worth,
        cancelled=_plus(order.cancelled, slot.cancelled),
        returned=_plus(order.returned, slot.returned),
    )


def _plus(quantities: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {key: quantities.get(key, 0) + more.get(key, 0) for key in {**quantities, **more}}


def _name_of(entry: Credit | Debit) -> str:
    return f"{entry.refund_id}#{entry.part}" if isinstance(entry, Credit) else entry.event_id


def _inbox(case: Case) -> tuple[int, float, str]:
    if case.open:
        return 0, case.deadline_at.timestamp() if case.deadline_at else float("inf"), case.case_id
    return 1, -(case.closed_at or case.updated_at).timestamp(), case.case_id


def _without_outbox(item: Any) -> Any:
    return replace(item, outbox={}) if isinstance(item, Case) else item


def _page(
    found: list[T], id_of: Callable[[T], str], limit: int, cursor: str | None, most_bytes: int | None = None
) -> Page[T]:
    ids = [id_of(item) for item in found]
    start = 0
    if cursor is not None:
        try:
            start = ids.index(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))) + 1
        except ValueError as error:
            raise Invalid("bad_cursor") from error
    items = found[start : start + limit]
    if most_bytes is not None:
        sizes = accumulate(len(msgspec.json.encode(_without_outbox(item))) for item in items)
        items = items[: 1 + sum(size < most_bytes for size in sizes)]
    more = len(found) > start + len(items)
    last = base64.urlsafe_b64encode(json.dumps(id_of(items[-1])).encode()).decode() if items and more else None
    return Page(items=items, next_cursor=last)
