"""Lists: sparse KEYS_ONLY indexes read through the raw client, rows fetched by key, cursors that resume exactly."""

import base64
import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any, TypeVar

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ports import LIST_BYTES, Page

T = TypeVar("T")
Key = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index of one table: its name and the attributes of its key."""

    client: Any
    table: str
    name: str
    hash_key: str
    range_key: str

    def keys(
        self,
        value: str,
        *,
        start: Key | None = None,
        forward: bool = True,
        up_to: str | None = None,
        since: str | None = None,
        page: int = 100,
    ) -> Iterator[Key]:
        """Keys under `value` in the order of the range key, page by page, lazily."""
        condition, values = "#h = :h", {":h": {"S": value}}
        names = {"#h": self.hash_key}
        for sign, bound, mark in (("<=", up_to, ":u"), (">=", since, ":s")):
            if bound is not None:
                condition += f" AND #r {sign} {mark}"
                values[mark] = {"S": bound}
                names["#r"] = self.range_key
        query: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": forward,
            "Limit": page,
        }
        if start:
            query["ExclusiveStartKey"] = {name: {"S": text} for name, text in start.items()}
        while True:
            answer = self.client.query(**query)
            for item in answer["Items"]:
                yield {name: text["S"] for name, text in item.items()}
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def merged(streams: Iterable[Iterator[Key]], by: Callable[[Key], Any]) -> Iterator[Key]:
    """Several sorted streams of keys as one."""
    return heapq.merge(*streams, key=by)


def paged(
    keys: Iterator[Key],
    fetch: Callable[[Sequence[Key]], Sequence[T | None]],
    matches: Callable[[T], bool],
    limit: int,
    position: Callable[[Key], Key] = lambda key: key,
    *,
    size: Callable[[T], int],
) -> Page[T]:
    """The first `limit` items that `keeps` lets through, as far as they fit, and the cursor of the last one where more
    follow. `size` is an item's in bytes."""
    found: list[tuple[Key, T]] = []
    full = limit
    while len(found) <= full:
        batch = list(islice(keys, limit + 1))
        if not batch:
            break
        items = fetch(batch)
        found += [(key, item) for key, item in zip(batch, items, strict=True) if item is not None and matches(item)]
        full = fitting((item for _, item in found), limit, size)
    more = len(found) > full
    found = found[:full]
    return Page(
        items=[item for _, item in found],
        next_cursor=cursor_of(position(found[-1][0])) if more and found else None,
    )


def fitting(items: Iterable[T], limit: int, size: Callable[[T], int]) -> int:
    """How many of the first items a page holds: at most `limit`, the one that passes LIST_BYTES being its last."""
    sizes = accumulate(map(size, islice(items, limit)), initial=0)
    return min(limit, sum(before < LIST_BYTES for before in sizes))


def cut(items: Iterable[T], place: Callable[[T], str], of: str, limit: int | None, cursor: str | None) -> Page[T]:
    """A page of items that were all read, the last place first. Raises Invalid `bad_cursor`."""
    start = key_of(cursor, ("of", "place"), of)
    left = sorted(items, key=place, reverse=True)
    if start:
        left = [item for item in left if place(item) < start["place"]]
    if limit is None or len(left) <= limit:
        return Page(items=left)
    return Page(items=left[:limit], next_cursor=cursor_of({"of": of, "place": place(left[limit - 1])}))


def cursor_of(key: Key) -> str:
    """An opaque cursor."""
    return (
        base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode())
        .decode()
        .rstrip("=")
    )


def key_of(cursor: str | None, names: Iterable[str], within: str | None = None) -> Key | None:
    """The key in a cursor of ours. The first of the names is the partition's, which must be `within` where one is read
    alone. Raises Invalid `bad_cursor` where it is none, or one of another list."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeError, RecursionError) as error:
        raise Invalid("bad_cursor") from error
    names = tuple(names)
    if not (isinstance(key, dict) and set(key) == set(names) and all(isinstance(x, str) and x for x in key.values())):
        raise Invalid("bad_cursor")
    if within is not None and key[names[0]] != within:
        raise Invalid("bad_cursor")
    return key
