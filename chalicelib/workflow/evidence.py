"""The files of a case: announced, uploaded straight to the bucket, seen once, shown as they were seen.

A file is taken in when anybody first looks at the files of its case: a listing, the case's page, its file. Until then
nobody has seen it, and whoever brought it may still post another; from then on it is what it was.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.evidence import (
    MOST_BYTES,
    TAKEN_BYTES,
    Evidence,
    check_evidence,
    places_taken,
    seen,
    too_large,
    upload_prefix,
)
from chalicelib.domain.cases.quotas import of_forms
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import Page, Ports, Upload
from chalicelib.workflow.access import case_for
from chalicelib.workflow.threads import talks

Announced = tuple[Evidence, Upload]

# Read within one look, in bytes; what is left is taken in at the next. A Lambda reads this much in a second or two.
_LOOK_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was really uploaded, with an address to open it; none where it is refused."""

    evidence: Evidence
    url: str | None


def announce_evidence(
    ports: Ports,
    case_id: str,
    filename: str,
    content_type: str,
    size: int,
    actor: Actor,
    back: Callable[[str], str] | None = None,
    remember: Callable[[Announced], Answered] | None = None,
) -> Announced:
    """A place for one file, and how to post it there; `size` in bytes; browsers are led `back`, to what it makes of
    the file's id.

    Raises NotFound, Forbidden for who does not talk, Invalid `file_type_not_allowed`, `file_too_large`,
    `too_many_files`; the same as Refused for who announced too many in a day.
    """
    talks(actor)
    case = case_for(ports, case_id, actor)
    check_evidence(content_type, size, 0)
    files, there = _look(ports, case)
    ending = check_evidence(content_type, size, places_taken(files, actor.role, ports.now(), there))
    # Nobody can guess a key: it is a random id under a random id.
    evidence_id = ports.new_id()
    key = f"{upload_prefix(case.case_id)}{evidence_id}" + (f".{ending}" if ending else "")
    evidence = Evidence(
        evidence_id=evidence_id,
        case_id=case.case_id,
        at=ports.now(),
        by=actor,
        filename=filename,
        content_type=content_type,
        size=size,
        key=key,
    )
    # Browsers, which are led back, bring what is too large as well, and are told by us.
    most = TAKEN_BYTES if back else size
    upload = ports.files.upload(key, content_type, most, ports.now(), back(evidence_id) if back else None)
    made = (evidence, upload)
    quota = of_forms(case.order_id, case.case_id, actor, evidence.at)
    ports.store.commit(Change(evidence=evidence, quota=quota, answered=remember(made) if remember else None))
    return made


def evidence_of(ports: Ports, case_id: str, actor: Actor) -> Sequence[File]:
    """The files of a case that were really uploaded. Raises NotFound."""
    case = case_for(ports, case_id, actor)
    return [_file(ports, evidence) for evidence in _look(ports, case)[0] if evidence.seen_at]


def evidence_page(ports: Ports, case_id: str, actor: Actor, limit: int, cursor: str | None) -> Page[File]:
    """The same, page by page. Raises NotFound, Invalid `bad_cursor`."""
    _look(ports, case_for(ports, case_id, actor))
    page = ports.store.evidence_page(case_id, lambda evidence: evidence.seen_at is not None, limit=limit, cursor=cursor)
    return Page(items=[_file(ports, evidence) for evidence in page.items], next_cursor=page.next_cursor)


def _look(ports: Ports, case: Case) -> tuple[Sequence[Evidence], Collection[str]]:
    """All files that were announced, those that lie there taken in; and the keys that lie there, where one looked."""
    known = ports.store.evidence(case.case_id)
    if all(evidence.seen_at for evidence in known):
        return known, ()
    there = ports.files.present(upload_prefix(case.case_id))
    found, left = list(known), _LOOK_BYTES
    for place, evidence in enumerate(known):
        if evidence.seen_at is None and evidence.key in there and left > 0:
            size = there[evidence.key]
            if size > MOST_BYTES:
                found[place] = ports.store.see_evidence(too_large(evidence, size, ports.now()))
                continue
            left -= size
            found[place] = _take_in(ports, evidence)
    return found, there


def _take_in(ports: Ports, evidence: Evidence) -> Evidence:
    """Look at the bytes once and seal them. Where two look at once, what the first one sealed is what both see."""
    content = ports.files.read(evidence.key)
    if content is None:
        return evidence
    looked_at = seen(evidence, content, ports.now())
    if looked_at.shown and not ports.files.seal(evidence.sealed_key, evidence.content_type, content):
        sealed = ports.files.read(evidence.sealed_key)
        if sealed is None:
            raise Unavailable("s3")
        looked_at = seen(evidence, sealed, ports.now())
    return ports.store.see_evidence(looked_at)


def _file(ports: Ports, evidence: Evidence) -> File:
    there = evidence.shown and evidence.erased_at is None
    url = ports.files.download(evidence.sealed_key, evidence.filename, evidence.content_type) if there else None
    return File(evidence=evidence, url=url)
