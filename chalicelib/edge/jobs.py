"""What reconciliations look like in answers: the types of the contract, and what fills them. Amounts are in minor
units."""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

from chalicelib.domain.ports import Upload
from chalicelib.domain.reconciliation.findings import FindingKind
from chalicelib.domain.reconciliation.jobs import Job, JobState
from chalicelib.edge.answer_types import UploadAnswer
from chalicelib.edge.moments import Moment


class SumAnswer(TypedDict):
    """How many findings of a kind there are in a currency, and what they come to."""

    finding: FindingKind
    currency: str
    count: int
    settled: int
    expected: int


class JobProblemAnswer(TypedDict):
    """Why a job failed: a code, and what is known beside it."""

    code: str
    details: Mapping[str, str]


class JobAnswer(TypedDict):
    """A reconciliation. `done` of `total` lines are compared; while it collects what is expected, `done` are refunds
    that were read, of nobody knows how many. Once it is done, `findings` says what was found and `result_url` gives all
    of it as CSV, for five minutes; ask again for a fresh address. `upload` where it has just begun."""

    job_id: str
    what: Literal["reconciliation"]
    provider: str
    name: str
    since: Moment
    until: Moment
    zone: str | None
    began_at: Moment
    ended_at: Moment | None
    by: str
    state: JobState
    done: int
    total: int | None
    findings: Sequence[SumAnswer]
    problem: JobProblemAnswer | None
    result_url: str | None
    upload: NotRequired[UploadAnswer]


def job_shape(job: Job, result_url: str | None) -> JobAnswer:
    """A job, with the address of its result."""
    return {
        "job_id": job.job_id,
        "what": "reconciliation",
        "provider": job.provider,
        "name": job.filename,
        "since": job.since,
        "until": job.until,
        "zone": job.zone,
        "began_at": job.began_at,
        "ended_at": job.ended_at,
        "by": job.by.id,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "findings": [
            {
                "finding": each.finding,
                "currency": each.currency,
                "count": each.count,
                "settled": each.settled,
                "expected": each.expected,
            }
            for each in job.sums
        ],
        "problem": {"code": job.problem, "details": job.details} if job.problem else None,
        "result_url": result_url,
    }


def begun_shape(job: Job, upload: Upload) -> JobAnswer:
    """A job that has just begun, with where its file goes."""
    where: UploadAnswer = {
        "method": "POST",
        "url": upload.url,
        "fields": upload.fields,
        "expires_at": upload.expires_at,
    }
    return {**job_shape(job, None), "upload": where}
