"""Quantities as forms ask for them: one field for each line."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from chalicelib.domain.errors import Invalid
from chalicelib.edge.limits import MOST_PIECES, OWN_ID
from chalicelib.edge.reading import taken

_Quantity = Annotated[int, Meta(ge=0, le=MOST_PIECES)]


_PLAIN = re.compile(OWN_ID)


def line_field(line_id: str) -> str:
    """The name of a line's field, which is part of its HTML id as well: `line-<id>`. An id that HTML could not take so,
    or that would make a form of 500 lines too large, is named by a digest, behind a sign that no other has."""
    plain = _PLAIN.fullmatch(line_id) is not None
    return f"line-{line_id}" if plain else f"line-~{hashlib.blake2b(line_id.encode(), digest_size=8).hexdigest()}"


def fields_of(most: Mapping[str, int]) -> tuple[str, ...]:
    """The names of the fields for these lines."""
    return tuple(map(line_field, most))


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
    filled = {line: taken(text, _Quantity, typed=True, named=line_field(line)) for line, text in typed.items() if text}
    pieces = {line: count for line, count in filled.items() if count}
    if not pieces:
        raise Invalid("validation_failed", errors=[{"field": "lines", "message": "choose at least one"}])
    return None if pieces == dict(most) else pieces
