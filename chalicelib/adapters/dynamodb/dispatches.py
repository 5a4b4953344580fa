"""Tries that payment providers are asked for: one row each beside their case, in a queue by when they are looked at
next; and rows that lead from what a provider knows one by to it."""

import heapq
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from chalicelib.adapters.aws import unavailable
from chalicelib.adapters.dynamodb.codec import SHARDS, dumped, loaded, shard, stamp
from chalicelib.adapters.dynamodb.listing import ListTables
from chalicelib.adapters.dynamodb.settings import get, saved, translated
from chalicelib.adapters.dynamodb.tables import DISPATCH, dispatch_key, known_as_key
from chalicelib.domain.money.dispatch import Dispatch, DispatchId


class DispatchTable(ListTables):
    """The part of the store that keeps them."""

    def dispatch(self, id: DispatchId) -> Dispatch | None:
        """A try that a provider is asked for, or None."""
        row = get(self.tables.dispatch, id.case_id, dispatch_key(id.part, id.tries))
        return loaded(row.body, Dispatch) if row else None

    def put_dispatch(self, dispatch: Dispatch) -> bool:
        """Write it where it is new or still at the revision before."""
        row, id = self.tables.dispatch, dispatch.id
        queued = dispatch.next_at is not None
        written = row(
            id.case_id,
            dispatch_key(id.part, id.tries),
            body=dumped(dispatch),
            rev=dispatch.rev,
            queue_shard=f"{DISPATCH}#{shard(id.case_id)}" if queued else None,
            queue_at=stamp(dispatch.next_at) if dispatch.next_at else None,
        )
        free = row.case_id.does_not_exist() if dispatch.rev == 1 else row.rev == dispatch.rev - 1
        known = dispatch.sending.known_as
        # The way back to it first: what is written twice leads to the same place.
        if known is not None:
            with translated():
                row(known_as_key(dispatch.provider, known), DISPATCH, body=dumped(id), rev=0).save()
        return saved(written, free)

    def due_dispatches(self, now: datetime, limit: int) -> Sequence[DispatchId]:
        """Those whose `next_at` has come, the longest due first."""
        index = self._index("cases", "queue", "queue_shard", "queue_at")
        with unavailable("dynamodb"):
            found = [
                (key["queue_at"], key["case_id"], key["sk"])
                for number in range(SHARDS)
                for key in islice(index.keys(f"{DISPATCH}#{number}", up_to=stamp(now), page=limit), limit)
            ]
        return [_id_of(case_id, sk) for _, case_id, sk in heapq.nsmallest(limit, found)]

    def dispatch_known_as(self, provider: str, reference: str) -> DispatchId | None:
        """The one that a provider knows by this reference."""
        row = get(self.tables.dispatch, known_as_key(provider, reference), DISPATCH)
        return loaded(row.body, DispatchId) if row else None


def _id_of(case_id: str, sk: str) -> DispatchId:
    _, part, tries = sk.split("#")
    return DispatchId(case_id=case_id, part=part, tries=int(tries))
