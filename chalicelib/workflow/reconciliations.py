"""Asking for a reconciliation: a place for the file, and what became of it. The work is done in rounds
(reconciliation_rounds.py)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.errors import Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Page, Ports, Upload
from chalicelib.domain.reconciliation.jobs import Job
from chalicelib.domain.reconciliation.moments import zone_of

RECONCILERS = frozenset({Role.OPERATOR, Role.FINANCE})
# Of a file that is posted; packed it may hold several times as much.
MOST_BYTES = 256 * 1024 * 1024
# Jobs that may be open at once.
MOST_OPEN = 20
# A period where nobody says one.
PERIOD = timedelta(days=31)
# What browsers and programs say that the file is; what it really is, its content tells.
CONTENT_TYPE = "application/octet-stream"


def begin(
    ports: Ports,
    actor: Actor,
    provider: str,
    filename: str,
    since: datetime | None = None,
    until: datetime | None = None,
    zone: str | None = None,
    back: Callable[[str], str] | None = None,
) -> tuple[Job, Upload]:
    """A new job, and how its file is posted; browsers are led `back`, to what it makes of the job's id. The period is
    from `since` on and before `until`, unless said the PERIOD before now.

    Raises Forbidden but for operators and finance, Invalid `unknown_zone`, `validation_failed` where the period is
    empty, Refused `too_many_jobs`.
    """
    _may(actor)
    if zone is not None:
        zone_of(zone)
    now = ports.now()
    until = until or now
    since = since or until - PERIOD
    if since >= until:
        raise Invalid("validation_failed", errors=[{"field": "since", "message": "must be before until"}])
    if len(ports.store.open_jobs()) >= MOST_OPEN:
        raise Refused("too_many_jobs", at_most=MOST_OPEN)
    # Ids sort by time; their end cannot be guessed, and leads to nothing without the right role.
    job_id = f"{now:%Y%m%dT%H%M%S}-{ports.new_id()[:16]}"
    job = Job(
        job_id=job_id,
        by=actor.plain,
        provider=provider,
        filename=filename,
        since=since,
        until=until,
        zone=zone,
        began_at=now,
        upload_by=now,
    )
    upload = ports.files.upload(job.file, CONTENT_TYPE, MOST_BYTES, now, back(job_id) if back else None)
    job = replace(job, upload_by=upload.expires_at)
    ports.store.begin_job(job)
    return job, upload


def reconciliations(ports: Ports, actor: Actor, limit: int, cursor: str | None = None) -> Page[Job]:
    """Everybody's, the newest first. Raises Forbidden but for operators and finance, Invalid `bad_cursor`."""
    _may(actor)
    return ports.store.jobs(limit=limit, cursor=cursor)


def reconciliation(ports: Ports, actor: Actor, job_id: str) -> Job:
    """One, whoever began it. Raises Forbidden but for operators and finance, NotFound."""
    _may(actor)
    job = ports.store.job(job_id)
    if job is None:
        raise NotFound("job")
    return job


def job_of(ports: Ports, actor: Actor, job_id: str) -> Job:
    """A job, for who began it. Raises NotFound for everybody else."""
    job = ports.store.job(job_id)
    if job is None or job.by != actor.plain:
        raise NotFound("job")
    return job


def report_url(ports: Ports, job: Job) -> str | None:
    """An address that gives all findings as a file, for a short while; None as long as there are none."""
    return ports.files.download(job.report, f"findings-{job.job_id}.csv", "text/csv") if job.report else None


def first_findings(ports: Ports, job: Job) -> Sequence[Sequence[Any]]:
    """The first findings that need somebody, as rows of the report; empty once they are kept no more."""
    content = ports.files.read(job.first) if job.first else None
    rows: Sequence[Sequence[Any]] = json.loads(content) if content else []
    return rows


def _may(actor: Actor) -> None:
    if actor.role not in RECONCILERS:
        raise Forbidden(actor.role, "reconcile")
