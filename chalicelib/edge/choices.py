"""Which words a field takes, for whom said another: found in the type that their request was read as."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import inspect

_STEP = re.compile(r"\.(\w+)|\[(?:\d+|\.\.\.)\]")


@lru_cache(maxsize=256)
def choices_at(shape: Any, place: str) -> tuple[str, ...]:
    """The words that stand at a place of a type (`tenders[0].method`), as they are listed there; none where it takes
    any."""
    found = [inspect.type_info(shape)]
    for step in _STEP.finditer(f".{place}" if place and not place.startswith("[") else place):
        found = [inner for each in found for inner in _into(each, step[1])]
    return tuple(dict.fromkeys(str(word) for each in found for word in _words(each)))


def _plain(held: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(held, inspect.Metadata):
        yield from _plain(held.type)
    elif isinstance(held, inspect.UnionType):
        for each in held.types:
            yield from _plain(each)
    else:
        yield held


def _into(held: inspect.Type, name: str | None) -> Iterator[inspect.Type]:
    """What lies under a field's name, or under a number or key where there is none."""
    for each in _plain(held):
        if name is not None and isinstance(each, inspect.StructType | inspect.DataclassType):
            yield from (field.type for field in each.fields if field.encode_name == name)
        elif name is None and isinstance(each, inspect.DictType):
            yield each.value_type
        elif name is None and isinstance(each, inspect.CollectionType):
            yield each.item_type


def _words(held: inspect.Type) -> Iterator[object]:
    for each in _plain(held):
        if isinstance(each, inspect.EnumType):
            yield from (member.value for member in each.cls)
        elif isinstance(each, inspect.LiteralType):
            yield from each.values
