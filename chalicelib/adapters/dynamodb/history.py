"""What gathers beside a case and an order: timeline entries, messages, files, what is held; whole, or page by page."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from chalicelib.adapters.dynamodb import codec
from chalicelib.adapters.dynamodb.codec import entry_of, evidence_key, loaded, shard, stamp, text_of, thread_key
from chalicelib.adapters.dynamodb.lists import cursor_of, key_of
from chalicelib.adapters.dynamodb.settings import SettingsTable, saved, translated
from chalicelib.adapters.dynamodb.tables import (
    CHARGEBACK,
    HELD,
    LATE_PARCEL,
    SECOND_PERSON,
    chargeback_key,
    entry_key,
    held_key,
    second_person_key,
)
from chalicelib.domain.cases.effects import Promise, encode
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ports import PAGE, PAGE_BYTES, Page

T = TypeVar("T")

# What has no day comes after all that has.
_NO_DAY = datetime.max.replace(tzinfo=UTC)


class HistoryTables(SettingsTable):
    """The part of the store that lies under one key each, in the order of time."""

    def timeline(self, case_id: str) -> Sequence[Entry]:
        """All entries of a case, oldest first."""
        row = self.tables.entry
        with translated():
            return [entry_of(each) for each in row.query(case_id, row.sk.startswith("T#"), consistent_read=True)]

    def entries(self, case_id: str, seqs: Collection[int]) -> Mapping[int, Entry]:
        """These entries of a case; one that is not there is left out."""
        row = self.tables.entry
        with translated():
            found = row.batch_get([(case_id, entry_key(seq)) for seq in sorted(seqs)], consistent_read=True)
            return {entry.seq: entry for entry in map(entry_of, found)}

    def timeline_page(
        self,
        case_id: str,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
        newest_first: bool = False,
        most_bytes: int = PAGE_BYTES,
    ) -> Page[Entry]:
        """The same, page by page."""
        row, within = self.tables.entry, (newest_first, most_bytes)
        return self._under(row, case_id, "T#", entry_of, lambda entry: True, limit, cursor, *within)

    def messages(self, order_id: str) -> Sequence[Message]:
        """All messages about an order, oldest first."""
        row = self.tables.message
        with translated():
            found = row.query(thread_key(order_id), row.sk.startswith("M#"), consistent_read=True)
            return [loaded(each.body, Message) for each in found]

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
        """The same, page by page, as far as `keeps` lets them through."""
        row, key, within = self.tables.message, thread_key(order_id), (newest_first, most_bytes)
        return self._under(row, key, "M#", lambda each: loaded(each.body, Message), keeps, limit, cursor, *within)

    def see_evidence(self, evidence: Evidence) -> Evidence:
        """Keep a file as it was seen, once and for all; the one that was kept first where another was."""
        row = self.tables.evidence
        key = (evidence.case_id, evidence_key(evidence))
        if saved(row(*key, body=codec.dumped(evidence), seen=True), row.seen.does_not_exist()):
            return evidence
        with translated():
            return loaded(row.get(*key, consistent_read=True).body, Evidence)

    def evidence(self, case_id: str) -> Sequence[Evidence]:
        """The files of a case, oldest first."""
        row = self.tables.evidence
        with translated():
            found = row.query(case_id, row.sk.startswith("E#"), consistent_read=True)
            return [loaded(each.body, Evidence) for each in found]

    def evidence_page(
        self, case_id: str, keeps: Callable[[Evidence], bool], *, limit: int = PAGE, cursor: str | None = None
    ) -> Page[Evidence]:
        """The same, page by page, as far as `keeps` lets them through."""
        row = self.tables.evidence
        return self._under(row, case_id, "E#", lambda each: loaded(each.body, Evidence), keeps, limit, cursor)

    def list_held(self, case_id: str, promises: Collection[Promise], since: datetime) -> None:
        """List, before the row says so, that these promises wait for a person."""
        for promise in promises:
            self._list(case_id, held_key(encode(promise)), HELD, since)

    def list_late_parcel(self, case_id: str, since: datetime) -> None:
        """List, before the row says so, that a parcel left although the case had cancelled its order."""
        self._list(case_id, LATE_PARCEL, LATE_PARCEL, since)

    def unlist_held(self, case_id: str, promises: Collection[Promise]) -> None:
        """Forget it, after the row says so no longer."""
        with translated():
            for promise in promises:
                self.tables.held(case_id, held_key(encode(promise))).delete()

    def list_chargeback(self, order_id: str, due_by: datetime | None) -> None:
        """List, before the order says so, that a bank wants an answer about it, and by when."""
        self._list(thread_key(order_id), chargeback_key(order_id), CHARGEBACK, due_by or _NO_DAY)

    def unlist_chargeback(self, order_id: str) -> None:
        """Forget it, after the order says so no longer."""
        with translated():
            self.tables.held(thread_key(order_id), chargeback_key(order_id)).delete()

    def list_second_person(self, order_id: str, since: datetime) -> None:
        """List, before the order says so, that a second person is wanted for money of it."""
        self._list(thread_key(order_id), second_person_key(order_id), SECOND_PERSON, since)

    def unlist_second_person(self, order_id: str) -> None:
        """Forget it, after the order says so no longer."""
        with translated():
            self.tables.held(thread_key(order_id), second_person_key(order_id)).delete()

    def _list(self, case_id: str, sort_key: str, queue: str, since: datetime) -> None:
        with translated():
            row = self.tables.held(case_id, sort_key, queue_shard=f"{queue}#{shard(case_id)}", queue_at=stamp(since))
            row.save()

    def _under(
        self,
        model: Any,
        key: str,
        prefix: str,
        make: Callable[[Any], T],
        keeps: Callable[[T], bool],
        limit: int,
        cursor: str | None,
        newest_first: bool = False,
        most_bytes: int = PAGE_BYTES,
    ) -> Page[T]:
        """What lies under one key, in the order of the sort key or backwards, a page of it."""
        start = key_of(cursor, ("case_id", "sk"), key)
        if start and not start["sk"].startswith(prefix):
            raise Invalid("bad_cursor")
        after = {name: {"S": text} for name, text in start.items()} if start else None
        found: list[tuple[str, T]] = []
        size, full = 0, limit
        with translated():
            rows = model.query(
                key,
                model.sk.startswith(prefix),
                consistent_read=True,
                last_evaluated_key=after,
                page_size=limit + 1,
                scan_index_forward=not newest_first,
            )
            for row in rows:
                item = make(row)
                if keeps(item):
                    found.append((row.sk, item))
                    size += len(text_of(row).encode())
                    if size >= most_bytes:
                        full = min(full, len(found))
                if len(found) > full:
                    break
        last = cursor_of({"case_id": key, "sk": found[full - 1][0]}) if len(found) > full else None
        return Page(items=[item for _, item in found[:full]], next_cursor=last)
