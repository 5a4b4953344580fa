"""Quantities as forms ask for them: one field `line-<id>` for each line."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from chalicelib.domain.errors import Invalid
from chalicelib.edge.limits import MOST_PIECES
from chalicelib.edge.reading import taken

_Quantity = Annotated[int, Meta(ge=0, le=MOST_PIECES)]


def fields_of(most: Mapping[str, int]) -> tuple[str, ...]:
    """The names of the fields for these lines."""
    return tuple(f"line-{line_id}" for line_id in most)


def named(pieces: Mapping[str, int] | None) -> list[dict[str, object]] | None:
    """The same as requests name them."""
    return None if pieces is None else [{"line_id": line, "quantity": count} for line, count in pieces.items()]


def pieces_in(given: Mapping[str, str], most: Mapping[str, int]) -> dict[str, int] | None:
    """The quantities that were filled in, by line id; None means all of `most`, as does a form that does not ask.

    Raises Invalid `validation_failed` where one is no number, or all of them are nothing.
    """
    typed = {line: given.get(field) for line, field in zip(most, fields_of(most), strict=True)}
    if all(value is None for value in typed.values()):
        return None
    filled = {line: taken(text, _Quantity, typed=True, named=f"line-{line}") for line, text in typed.items() if text}
    pieces = {line: count for line, count in filled.items() if count}
    if not pieces:
        raise Invalid("validation_failed", errors=[{"field": "lines", "message": "choose at least one"}])
    return None if pieces == dict(most) else pieces
