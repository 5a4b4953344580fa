"""The files of a case: announced, uploaded straight to the bucket, shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.cases.evidence import MOST_BYTES, Evidence, check_evidence
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import Ports, Upload
from chalicelib.workflow.access import case_for


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was really uploaded, with an address to open it."""

    evidence: Evidence
    url: str


def announce_evidence(
    ports: Ports, case_id: str, filename: str, content_type: str, size: int, actor: Actor, back: str | None = None
) -> tuple[Evidence, Upload]:
    """A place for one file, and how to post it there; `size` in bytes; browsers are led `back` afterwards.

    Raises NotFound, Invalid `file_type_not_allowed`, `file_too_large`, `too_many_files`.
    """
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
    upload = ports.files.upload(key, content_type, MOST_BYTES, ports.now(), back)
    ports.store.put_evidence(evidence)
    return evidence, upload


def evidence_of(ports: Ports, case_id: str, actor: Actor) -> Sequence[File]:
    """The files of a case that were really uploaded. Raises NotFound."""
    case = case_for(ports, case_id, actor)
    known = ports.store.evidence(case.case_id)
    lying = ports.files.present(f"evidence/{case.case_id}/") if known else ()
    return [File(evidence=e, url=ports.files.download(e.key, e.filename)) for e in known if e.key in lying]
