"""The files that people show: a transfer slip, a photo, a screenshot."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Actor, Role

# Evidence: a transfer slip, a photo, a screenshot.
TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}

# Announced by who does not know, or need not say, what it is: its bytes tell.
ANY_TYPE = "application/octet-stream"

# How files of these types begin. What a browser or a mail program says of a type is often wrong, and may be a lie.
_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}


MOST_BYTES = 10 * 1024 * 1024

# What the bucket takes all the same: its own refusal is no page for people, so who brings too much hears it from us.
TAKEN_BYTES = 5 * MOST_BYTES


# Of each party of a case.
MOST_FILES = 20

# How long the form of an announced file is good for; a file that did not come by then gives its place back.
FORM_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One file of a case. Until it is seen, `size` (bytes) and `content_type` are as announced, and whoever has the
    form may post it to `key` again.

    `seen_at` is when its bytes were looked at, once and for all: then `size`, `content_type` and `sha256` are those of
    the bytes that lie under `sealed_key`, to which no form leads. `refused` says why it is not shown, by a code.
    `erased_at`: its bytes are gone since; the digest stays, as the timeline vouches for it.
    """

    evidence_id: str
    case_id: str
    at: datetime
    by: Actor
    filename: str
    content_type: str
    size: int
    key: str
    seen_at: datetime | None = None
    sha256: str | None = None
    refused: str | None = None
    erased_at: datetime | None = None

    @property
    def sealed_key(self) -> str:
        """Where its bytes lie once they were seen."""
        return f"sealed/{self.key.partition('/')[2]}"

    @property
    def shown(self) -> bool:
        """Whether it may be opened."""
        return self.seen_at is not None and self.refused is None


def upload_prefix(case_id: str) -> str:
    """Under which the uploads of a case lie."""
    return f"evidence/{case_id}/"


def check_evidence(content_type: str, size: int, so_far: int) -> str:
    """The file's ending, none of ANY_TYPE. Raises Invalid `file_type_not_allowed`, `file_too_large`,
    `too_many_files`."""
    if content_type not in (*TYPES, ANY_TYPE):
        raise Invalid("file_type_not_allowed", allowed=sorted(TYPES))
    if not 0 < size <= MOST_BYTES:
        raise Invalid("file_too_large", at_most=MOST_BYTES)
    if so_far >= MOST_FILES:
        raise Invalid("too_many_files", at_most=MOST_FILES)
    return TYPES.get(content_type, "")


def places_taken(files: Iterable[Evidence], role: Role, now: datetime, there: Collection[str] = ()) -> int:
    """How many of MOST_FILES a party has taken: files that were seen, or lie `there`, and forms that are still good."""
    return sum(
        file.by.role is role and (file.seen_at is not None or file.key in there or now - file.at < FORM_LASTS)
        for file in files
    )


def kind_of(content: bytes) -> str | None:
    """The type of these bytes, among those that are taken, by how they begin."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)


def seen(evidence: Evidence, content: bytes, now: datetime) -> Evidence:
    """The file as its bytes are. Refused where they are more than was said (`file_too_large`), of no type that is taken
    (`file_type_not_allowed`), or of another than was announced (`file_not_as_announced`)."""
    kind, refused = kind_of(content), None
    if evidence.content_type == ANY_TYPE and kind:
        evidence = replace(evidence, content_type=kind, filename=f"{evidence.filename}.{TYPES[kind]}")
    if len(content) > min(evidence.size, MOST_BYTES):
        refused = "file_too_large"
    elif kind is None:
        refused = "file_type_not_allowed"
    elif kind != evidence.content_type:
        refused = "file_not_as_announced"
    return replace(
        evidence,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        seen_at=now,
        refused=refused,
    )


def too_large(evidence: Evidence, size: int, now: datetime) -> Evidence:
    """A file that is refused by its size alone, unread."""
    return replace(evidence, size=size, seen_at=now, refused="file_too_large")


def digest_of(files: Sequence[Evidence]) -> dict[str, object] | None:
    """What a decision's entry says of the files that lay there: how many, and one SHA-256 over `id:sha256` of each, a
    line each, in the order in which they were seen. None where there were none."""
    there = sorted((file for file in files if file.shown), key=_in_order_of_sight)
    if not there:
        return None
    lines = "\n".join(f"{file.evidence_id}:{file.sha256}" for file in there)
    return {"count": len(there), "sha256": hashlib.sha256(lines.encode()).hexdigest()}


def _in_order_of_sight(file: Evidence) -> tuple[str, str]:
    return file.seen_at.isoformat().removesuffix("+00:00") if file.seen_at else "", file.evidence_id
