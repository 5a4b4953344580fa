"""What long work looks like in answers: the types of the contract, and what fills them. Amounts are in minor units."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from chalicelib.domain.jobs import AboutPerson, Erasing, Erasure, Export, Import, Job, JobKind, JobState, Retention
from chalicelib.domain.ports import Ports, Upload
from chalicelib.domain.reconciliation.findings import FindingKind
from chalicelib.domain.reconciliation.jobs import Reconciliation, Sum
from chalicelib.domain.simulation.jobs import Simulation
from chalicelib.edge.answer_types import UploadAnswer
from chalicelib.edge.moments import Moment
from chalicelib.edge.simulations import OutlookAnswer, outlook_shape
from chalicelib.locales import has, say
from chalicelib.workflow.jobs import result_url


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


# Where a job is followed: whatever begins one says so.
JOB = "/v1/jobs/{job_id}"


class AnyJobAnswer(TypedDict):
    """Long work. `done` of `total` rows are worked on, and `failed` of them were refused; while a reconciliation
    collects what is expected, `done` are refunds that were read, of nobody knows how many. `message` says how it stands
    in words. Once it is done, `result_url` gives its result, for five minutes; ask again for a fresh address. `what`
    says what it is about, `upload` where its file goes where it has just begun."""

    job_id: str
    kind: JobKind
    what: str
    state: JobState
    done: int
    total: int | None
    failed: int
    message: str
    problem: JobProblemAnswer | None
    result_url: str | None
    by: str
    created_at: Moment
    updated_at: Moment
    began_at: Moment
    ended_at: Moment | None
    upload: NotRequired[UploadAnswer]


class ReconciliationAnswer(AnyJobAnswer):
    """A reconciliation; `findings` says what was found, and its result is a CSV of all of it."""

    provider: str
    name: str
    since: Moment
    until: Moment
    zone: str | None
    findings: Sequence[SumAnswer]


class JobAnswer(AnyJobAnswer):
    """The same of any kind: what only some kinds have stands there for those alone."""

    dry_run: NotRequired[bool]
    provider: NotRequired[str]
    name: NotRequired[str]
    since: NotRequired[Moment | None]
    until: NotRequired[Moment | None]
    zone: NotRequired[str | None]
    findings: NotRequired[Sequence[SumAnswer]]
    person: NotRequired[str]
    waits_for: NotRequired[int]
    erased: NotRequired[Mapping[str, int]]
    outlook: NotRequired[OutlookAnswer]


def job_shape(ports: Ports, job: Job, locale: str, upload: Upload | None = None) -> JobAnswer:
    """A job of any kind, with the address of its result, and of where its file goes."""
    answer: Any = _plain(ports, job, locale, upload)
    if isinstance(job, Reconciliation):
        answer = reconciliation_shape(ports, job, locale, upload)
    if isinstance(job, (Import, Retention)):
        answer["dry_run"] = job.dry_run
    if isinstance(job, Export):
        answer["since"], answer["until"] = job.since, job.until
    if isinstance(job, AboutPerson):
        answer["person"] = job.person
    if isinstance(job, Erasing):
        answer["waits_for"], answer["erased"] = job.waits_for, job.erased
    if isinstance(job, Simulation):
        answer["outlook"] = outlook_shape(job)
    made: JobAnswer = answer
    return made


def reconciliation_shape(
    ports: Ports, job: Reconciliation, locale: str, upload: Upload | None = None
) -> ReconciliationAnswer:
    """A reconciliation, likewise."""
    return {
        **_plain(ports, job, locale, upload),
        "provider": job.provider,
        "name": job.filename,
        "since": job.since,
        "until": job.until,
        "zone": job.zone,
        "findings": [_sum(each) for each in job.sums],
    }


def message_of(job: Job, locale: str) -> str:
    """How a job stands, in words."""
    if job.problem:
        key = f"refusal.{job.problem}"
        return say(key if has(key, locale) else "refusal.gave_up", locale)
    if isinstance(job, Erasure) and job.waits_for and not job.state.ended:
        return say("job.waits_for", locale, count=job.waits_for)
    if job.failed:
        return say("job.some_refused", locale, failed=job.failed, done=job.done)
    if job.state is JobState.DONE and job.kind is not JobKind.RECONCILIATION:
        return say("job.done", locale)
    return say(f"job_state.{job.state}", locale)


def what_of(job: Job) -> str:
    """What a job is about."""
    return job.of.value if isinstance(job, (Import, Export)) else job.kind.value


def _plain(ports: Ports, job: Job, locale: str, upload: Upload | None) -> AnyJobAnswer:
    answer: AnyJobAnswer = {
        "job_id": job.job_id,
        "kind": job.kind,
        "what": what_of(job),
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "failed": job.failed,
        "message": message_of(job, locale),
        "problem": {"code": job.problem, "details": job.details} if job.problem else None,
        "result_url": result_url(ports, job),
        "by": job.by.id,
        "created_at": job.began_at,
        "updated_at": job.changed_at,
        "began_at": job.began_at,
        "ended_at": job.ended_at,
    }
    if upload:
        answer["upload"] = {
            "method": "POST",
            "url": upload.url,
            "fields": upload.fields,
            "expires_at": upload.expires_at,
        }
    return answer


def _sum(each: Sum) -> SumAnswer:
    return {
        "finding": each.finding,
        "currency": each.currency,
        "count": each.count,
        "settled": each.settled,
        "expected": each.expected,
    }
