"""The files that people show: a transfer slip, a photo, a screenshot."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Actor

# Evidence: a transfer slip, a photo, a screenshot.
TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}


MOST_BYTES = 10 * 1024 * 1024


MOST_FILES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One file of a case; its bytes lie under `key` in the evidence bucket. `size` in bytes, as announced."""

    evidence_id: str
    case_id: str
    at: datetime
    by: Actor
    filename: str
    content_type: str
    size: int
    key: str


def check_evidence(content_type: str, size: int, so_far: int) -> str:
    """The file's ending. Raises Invalid `file_type_not_allowed`, `file_too_large`, `too_many_files`."""
    if content_type not in TYPES:
        raise Invalid("file_type_not_allowed", allowed=sorted(TYPES))
    if not 0 < size <= MOST_BYTES:
        raise Invalid("file_too_large", at_most=MOST_BYTES)
    if so_far >= MOST_FILES:
        raise Invalid("too_many_files", at_most=MOST_FILES)
    return TYPES[content_type]
