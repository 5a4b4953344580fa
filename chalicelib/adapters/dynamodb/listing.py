"""Lists of orders and cases: keys from sparse indexes, rows by key."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain, groupby, islice
from typing import Any

from chalicelib.adapters.aws import unavailable
from chalicelib.adapters.dynamodb import codec, order_rows
from chalicelib.adapters.dynamodb.codec import SHARDS, case_of, case_size, inbox, moment, promise_of, stamp
from chalicelib.adapters.dynamodb.history import HistoryTables
from chalicelib.adapters.dynamodb.lists import Index, Key, cursor_of, fitting, key_of, merged, paged
from chalicelib.adapters.dynamodb.settings import get, translated
from chalicelib.adapters.dynamodb.tables import CHARGEBACK, HELD, LATE_PARCEL, MONEY_OPEN, ROW, SECOND_PERSON, order_in
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.steps.late_parcels import is_late
from chalicelib.domain.money.books import wants_second_person
from chalicelib.domain.money.chargebacks import is_disputed
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import LONGEST_PAGE, PAGE, Filter, Held, Page, every


class ListTables(HistoryTables):
    """The part of the store that lists."""

    @cached_property
    def _client(self) -> Any:
        """The raw client: PynamoDB is slow where many keys are read."""
        return self.tables.connection.client

    def all_orders(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        """Every order there is: the table is read, a page of its keys at a time."""
        key = key_of(cursor, ("order_id",))
        with unavailable("dynamodb"):
            return paged(self._all_keys(key), self._orders, lambda order: True, limit, size=_body_size)

    def _all_keys(self, start: Key | None) -> Iterator[Key]:
        query: dict[str, Any] = {
            "TableName": f"{self.prefix}orders",
            "ProjectionExpression": "order_id",
            "Limit": LONGEST_PAGE + 1,
        }
        if start:
            query["ExclusiveStartKey"] = {"order_id": {"S": start["order_id"]}}
        while True:
            answer = self._client.scan(**query)
            yield from ({"order_id": item["order_id"]["S"]} for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def orders(
        self,
        *,
        buyer_id: str | None = None,
        seller_id: str | None = None,
        status: str | None = None,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Page[Order]:
        """Orders of one buyer or of one seller, newest first by `placed_at`."""
        whose = "buyer_id" if buyer_id is not None else "seller_id"
        index = self._index("orders", "by_buyer" if buyer_id is not None else "by_seller", whose, "placed")
        owner = buyer_id or seller_id or ""
        start = key_of(cursor, (whose, "placed", "order_id"), owner)
        with unavailable("dynamodb"):
            keys = index.keys(owner, start=start, forward=False)
            return paged(
                keys,
                self._orders,
                lambda order: status is None or order.standing == status,
                limit,
                size=_body_size,
            )

    def cases(
        self, wanted: Filter, *, limit: int = PAGE, cursor: str | None = None, by_deadline: bool = False
    ) -> Page[Case]:
        """Cases that meet the filter."""
        with unavailable("dynamodb"):
            if by_deadline and (wanted.order_id is not None or wanted.buyer_id is not None):
                return self._few_by_deadline(wanted, limit, cursor)
            if by_deadline and wanted.seller_id is None and wanted.state is None:
                return self._all_by_deadline(wanted, limit, cursor)
            if wanted.order_id is not None:
                return self._page_of_cases(self._of_order(wanted.order_id, cursor), wanted.matches, limit)
            if wanted.buyer_id is not None or wanted.seller_id is not None:
                mine = wanted.buyer_id is not None
                name, whose, by = ("by_buyer", "buyer_id", "created") if mine else ("inbox", "seller_id", "inbox")
                owner = wanted.buyer_id or wanted.seller_id or ""
                start = key_of(cursor, (whose, by, "case_id", "sk"), owner)
                index = self._index("cases", name, whose, by)
                keys = index.keys(owner, start=start, forward=not mine)
                return self._page_of_cases(keys, wanted.matches, limit)
            # A closed case is queued by its last change, so that what is older is not even read.
            since = wanted.updated_since if wanted.state == State.CLOSED else None
            start = key_of(cursor, ("queue_at", "case_id"))
            states = [wanted.state] if wanted.state else list(State)
            if wanted.of_open_refunds:
                open_in = {State.REFUNDING: State.REFUNDING, State.CLOSED: MONEY_OPEN}
                states = [queue for state, queue in open_in.items() if state in states]
            keys = self._queued(states, start, since)
            return self._page_of_cases(keys, wanted.matches, limit, "queue_at", "case_id")

    def _few_by_deadline(self, wanted: Filter, limit: int, cursor: str | None) -> Page[Case]:
        """Cases of one buyer or one order: few enough to read all of them, which no index has in this order."""
        owner = wanted.order_id or wanted.buyer_id or ""
        start = key_of(cursor, ("of", "inbox"), owner)
        found = every(lambda more: self.cases(wanted, limit=LONGEST_PAGE, cursor=more))
        left = sorted((inbox(case), case) for case in found if start is None or inbox(case) > start["inbox"])
        full = fitting((case for _, case in left), limit, case_size)
        last = cursor_of({"of": owner, "inbox": left[full - 1][0]}) if len(left) > full else None
        return Page(items=[case for _, case in left[:full]], next_cursor=last)

    def _all_by_deadline(self, wanted: Filter, limit: int, cursor: str | None) -> Page[Case]:
        """Cases of every open state by deadline, then the closed ones."""
        start = key_of(cursor, ("phase", "queue_at", "case_id"))

        def phase(name: str, states: Sequence[str], since: datetime | None = None) -> Iterator[Key]:
            if start and start["phase"] > name:
                return
            begun = start if start and start["phase"] == name else None
            for key in self._queued(states, begun, since):
                yield {**key, "phase": name}

        still_open = [state for state in State if state is not State.CLOSED]
        keys = chain(phase("1", still_open), phase("2", [State.CLOSED], wanted.updated_since))
        return self._page_of_cases(keys, wanted.matches, limit, "phase", "queue_at", "case_id")

    def due(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of cases whose `wake_at` has come, most overdue first; reads due rows only."""
        index = self._index("cases", "due", "due_shard", "wake_at")
        with unavailable("dynamodb"):
            found = [
                (key["wake_at"], key["case_id"])
                for number in range(SHARDS)
                for key in islice(index.keys(str(number), up_to=stamp(now), page=limit), limit)
            ]
        return [case_id for _, case_id in heapq.nsmallest(limit, found)]

    def held(
        self,
        keeps: Callable[[Held], bool],
        since: datetime | None = None,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Page[Held]:
        """What is held, the longest held first; the rows know whether what was listed still is."""
        start = key_of(cursor, ("queue_at", "case_id", "sk"))
        with unavailable("dynamodb"):
            keys = self._queued([HELD], start, since)
            return paged(
                keys,
                self._held,
                keeps,
                limit,
                lambda key: _only(key, "queue_at", "case_id", "sk"),
                size=lambda one: case_size(one.case),
            )

    def late_parcels(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Case]:
        """The cases whose parcel left late and of which nobody has said what becomes of it."""
        start = key_of(cursor, ("queue_at", "case_id"))
        with unavailable("dynamodb"):
            keys = self._queued([LATE_PARCEL], start)
            return self._page_of_cases(keys, is_late, limit, "queue_at", "case_id")

    def open_chargebacks(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        """The orders about which a bank has not decided, by the day that was listed; those without one come last."""
        return self._listed_orders(CHARGEBACK, is_disputed, limit, cursor)

    def wanting_second_person(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        """The orders of whose money a second person has to say what a first one said, the longest waiting first."""
        return self._listed_orders(SECOND_PERSON, wants_second_person, limit, cursor)

    def _listed_orders(self, queue: str, keeps: Callable[[Order], bool], limit: int, cursor: str | None) -> Page[Order]:
        start = key_of(cursor, ("queue_at", "case_id", "sk"))
        with unavailable("dynamodb"):
            return paged(
                self._queued([queue], start),
                lambda keys: order_rows.orders(self.tables, [order_in(key["sk"]) for key in keys]),
                keeps,
                limit,
                lambda key: _only(key, "queue_at", "case_id", "sk"),
                size=_body_size,
            )

    def _held(self, keys: Sequence[Key]) -> Sequence[Held | None]:
        ids = dict.fromkeys(key["case_id"] for key in keys)
        rows = self._cases([{"case_id": case_id} for case_id in ids])
        cases = {case.case_id: case for case in rows if case}
        found: list[Held | None] = []
        for key in keys:
            promise, case = promise_of(key["sk"]), cases.get(key["case_id"])
            still = case is not None and promise in case.outbox and case.outbox[promise].held
            found.append(Held(promise=promise, since=moment(key["queue_at"]), case=case) if case and still else None)
        return found

    def _queued(self, states: Sequence[str], start: Key | None, since: datetime | None = None) -> Iterator[Key]:
        if State.CLOSED in states:
            states = [*states, MONEY_OPEN]
        begin = start["queue_at"] if start else stamp(since) if since else None
        index = self._index("cases", "queue", "queue_shard", "queue_at")

        names = [name for name in ("queue_at", "case_id", "sk") if start is None or name in start]

        def place(key: Key) -> tuple[str, ...]:
            return tuple(key[name] for name in names)

        def in_order(keys: Iterator[Key]) -> Iterator[Key]:
            # Within one moment DynamoDB sorts as it likes; what was shown is told by the whole place.
            for _, moments in groupby(keys, lambda key: key["queue_at"]):
                yield from sorted(moments, key=place)

        streams = [
            in_order(index.keys(f"{state}#{number}", since=begin)) for state in states for number in range(SHARDS)
        ]
        return (key for key in merged(streams, place) if start is None or place(key) > place(start))

    def _of_order(self, order_id: str, cursor: str | None) -> Iterator[Key]:
        head = get(self.tables.order, order_id)
        ids = list(reversed(head.cases or ())) if head else []
        start = key_of(cursor, ("case_id",))
        if start and start["case_id"] in ids:
            ids = ids[ids.index(start["case_id"]) + 1 :]
        return ({"case_id": case_id} for case_id in ids)

    def _orders(self, keys: Sequence[Key]) -> Sequence[Order | None]:
        return order_rows.orders(self.tables, [key["order_id"] for key in keys])

    def _page_of_cases(
        self, keys: Iterator[Key], matches: Callable[[Case], bool], limit: int, *place: str
    ) -> Page[Case]:
        """A page whose cursor is made of these of a key; of all of them where none is named."""
        return paged(keys, self._cases, matches, limit, lambda key: _only(key, *(place or key)), size=case_size)

    def _cases(self, keys: Sequence[Key]) -> Sequence[Case | None]:
        """Rows by key, in the order of the keys; None where one is gone. PynamoDB asks again for unprocessed keys."""
        ids = [(key["case_id"], ROW) for key in keys]
        with translated():
            found = {row.case_id: case_of(row) for row in self.tables.case.batch_get(ids, consistent_read=True)}
        return [found.get(key["case_id"]) for key in keys]

    def _index(self, table: str, name: str, hash_key: str, range_key: str) -> Index:
        return Index(client=self._client, table=self.prefix + table, name=name, hash_key=hash_key, range_key=range_key)


def _body_size(order: Order) -> int:
    return len(codec.dumped(order.body))


def _only(key: Key, *names: str) -> Key:
    return {name: key[name] for name in names}
