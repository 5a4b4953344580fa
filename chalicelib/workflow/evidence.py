"""The files of a case: announced, uploaded straight to the bucket, shown."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.evidence import MOST_BYTES, Evidence, check_evidence
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import Page, Ports, Upload
from chalicelib.workflow.access import case_for
from chalicelib.workflow.threads import talks

Announced = tuple[Evidence, Upload]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was really uploaded, with an address to open it."""

    evidence: Evidence
    url: str


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
    `too_many_files`.
    """
    talks(actor)
    case = case_for(ports, case_id, actor)
    ending = check_evidence(content_type, size, len(ports.store.evidence(case.case_id)))
    # Nobody can guess a key: it is a random id under a random id.
    evidence_id = ports.new_id()
    key = f"evidence/{case.case_id}/{evidence_id}.{ending}"
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
    upload = ports.files.upload(key, content_type, MOST_BYTES, ports.now(), back(evidence_id) if back else None)
    made = (evidence, upload)
    ports.store.commit(Change(evidence=evidence, answered=remember(made) if remember else None))
    return made


def evidence_of(ports: Ports, case_id: str, actor: Actor) -> Sequence[File]:
    """The files of a case that were really uploaded. Raises NotFound."""
    case = case_for(ports, case_id, actor)
    known = ports.store.evidence(case.case_id)
    there = _there(ports, case) if known else ()
    return [_file(ports, evidence) for evidence in known if evidence.key in there]


def evidence_page(ports: Ports, case_id: str, actor: Actor, limit: int, cursor: str | None) -> Page[File]:
    """The same, page by page. Raises NotFound, Invalid `bad_cursor`."""
    case = case_for(ports, case_id, actor)
    there = _there(ports, case)
    page = ports.store.evidence_page(case_id, lambda evidence: evidence.key in there, limit=limit, cursor=cursor)
    return Page(items=[_file(ports, evidence) for evidence in page.items], next_cursor=page.next_cursor)


def _there(ports: Ports, case: Case) -> Collection[str]:
    return ports.files.present(f"evidence/{case.case_id}/")


def _file(ports: Ports, evidence: Evidence) -> File:
    return File(evidence=evidence, url=ports.files.download(evidence.key, evidence.filename))
