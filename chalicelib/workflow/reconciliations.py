"""Asking for a reconciliation: a place for the file, and what became of it. The work is done in rounds
(reconciliation_rounds.py)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.jobs import JobKind
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Page, Ports, Upload
from chalicelib.domain.reconciliation.jobs import Reconciliation
from chalicelib.domain.reconciliation.moments import zone_of
from chalicelib.workflow.jobs import check_period, new_id

RECONCILERS = frozenset({Role.OPERATOR, Role.FINANCE})
# Of a file that is posted; packed it may hold several times as much.
MOST_BYTES = 256 * 1024 * 1024
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
) -> tuple[Reconciliation, Upload]:
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
    check_period(since, until)
    job_id = new_id(ports, now)
    job = Reconciliation(
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


def reconciliations(ports: Ports, actor: Actor, limit: int, cursor: str | None = None) -> Page[Reconciliation]:
    """Everybody's, the newest first. Raises Forbidden but for operators and finance, Invalid `bad_cursor`."""
    _may(actor)
    page = ports.store.jobs(kind=JobKind.RECONCILIATION, limit=limit, cursor=cursor)
    return Page(items=[job for job in page.items if isinstance(job, Reconciliation)], next_cursor=page.next_cursor)


def reconciliation(ports: Ports, actor: Actor, job_id: str) -> Reconciliation:
    """One, whoever began it. Raises Forbidden but for operators and finance, NotFound."""
    _may(actor)
    job = ports.store.job(job_id)
    if not isinstance(job, Reconciliation):
        raise NotFound("job")
    return job


def first_findings(ports: Ports, job: Reconciliation) -> Sequence[Sequence[Any]]:
    """The first findings that need somebody, as rows of the report; empty once they are kept no more."""
    content = ports.files.read(job.first) if job.first else None
    rows: Sequence[Sequence[Any]] = json.loads(content) if content else []
    return rows


def _may(actor: Actor) -> None:
    if actor.role not in RECONCILERS:
        raise Forbidden(actor.role, "reconcile")
