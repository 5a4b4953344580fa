"""Asking for long work, and following it: whoever began a job sees it, and operators see all. The work itself is done
in rounds (rounds.py)."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.errors import Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.jobs import CALLED_OFF, Job, JobKind, JobState, Transfer
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import PAGE, Page, Ports

# Who may ask for long work of some kind, and so follows it.
FOLLOWERS = frozenset({Role.OPERATOR, Role.FINANCE, Role.SYSTEM})
# Jobs that may be open at once.
MOST_OPEN = 20
# Erasures that may be open at once: they wait as long as a request of theirs goes on, and keep no other job from
# beginning.
MOST_ERASURES = 500
NDJSON = "application/x-ndjson"
# How often somebody who calls a job off tries to come between two writes of its worker.
_ATTEMPTS = 5


def new_id(ports: Ports, now: datetime) -> str:
    """The id of a new job: ids sort by time; their end cannot be guessed, and leads to nothing without the right
    role. Raises Refused `too_many_jobs`."""
    waiting = len(ports.store.open_jobs(JobKind.ERASURE))
    if len(ports.store.open_jobs()) - waiting >= MOST_OPEN or waiting >= MOST_ERASURES:
        raise Refused("too_many_jobs", at_most=MOST_OPEN)
    return f"{now:%Y%m%dT%H%M%S}-{ports.new_id()[:16]}"


def check_period(since: datetime, until: datetime) -> None:
    """Raises Invalid `validation_failed` where a period is empty."""
    if since >= until:
        raise Invalid("validation_failed", errors=[{"field": "since", "message": "must be before until"}])


def job_for(ports: Ports, actor: Actor, job_id: str) -> Job:
    """A job, for who began it and for operators. Raises NotFound for everybody else."""
    job = ports.store.job(job_id)
    if job is None or not _sees(actor, job):
        raise NotFound("job")
    return job


def jobs_for(
    ports: Ports, actor: Actor, limit: int = PAGE, cursor: str | None = None, kind: JobKind | None = None
) -> Page[Job]:
    """The jobs of the last 90 days that this caller sees, the newest first. Raises Forbidden, Invalid `bad_cursor`."""
    if actor.role not in FOLLOWERS:
        raise Forbidden(actor.role, "list_jobs")
    page = ports.store.jobs(kind=kind, limit=limit, cursor=cursor)
    return Page(items=[job for job in page.items if _sees(actor, job)], next_cursor=page.next_cursor)


def call_off(ports: Ports, actor: Actor, job_id: str) -> Job:
    """End a job before its end; what it did stays done. One that has ended is left as it is. Raises NotFound as
    job_for, Refused `conflict` where its worker kept writing first."""
    for _ in range(_ATTEMPTS):
        job = job_for(ports, actor, job_id)
        if job.state.ended:
            return job
        now = ports.now()
        ended = replace(
            job,
            state=JobState.FAILED,
            problem=CALLED_OFF,
            ended_at=now,
            updated_at=now,
            lease_until=None,
            rev=job.rev + 1,
        )
        if ports.store.put_job(ended):
            return ended
    raise Refused("conflict")


def result_url(ports: Ports, job: Job) -> str | None:
    """An address that gives the result as a file, for a short while; None as long as there is none."""
    if job.report is None:
        return None
    if isinstance(job, Transfer):
        return ports.files.download(job.report, f"{job.kind}-{job.job_id}.ndjson", NDJSON)
    return ports.files.download(job.report, f"findings-{job.job_id}.csv", "text/csv")


def _sees(actor: Actor, job: Job) -> bool:
    return actor.role is Role.OPERATOR or job.by == actor.plain
