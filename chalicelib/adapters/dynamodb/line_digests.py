"""Pieces of lines, counted by digests of line ids: 500 ids of a platform are more than a decision should write."""

import hashlib
from collections.abc import Mapping

from chalicelib.domain.orders.body import OrderBody


def line_digest(line_id: str) -> bytes:
    """By which pieces of a line are counted: of 500 lines two are alike once in 10^14 orders."""
    return hashlib.blake2b(line_id.encode(), digest_size=8).digest()


def by_digest(counts: Mapping[str, int]) -> dict[bytes, int]:
    """Counts by the digests of their lines."""
    return {line_digest(line_id): count for line_id, count in counts.items()}


def by_line(counts: Mapping[bytes, int], body: OrderBody) -> dict[str, int]:
    """Counts by line id, of the lines that the order lists."""
    digests = ((line.line_id, line_digest(line.line_id)) for line in body.lines) if counts else ()
    return {line_id: counts[digest] for line_id, digest in digests if digest in counts}
