"""Jobs, in the settings' table: a row each, and for each kind two lists of ids, of all jobs and of those that have not
ended. The lists of reconciliations are read by versions that know no other kind, so no other kind stands in them."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.codec import dumped, loaded
from chalicelib.adapters.dynamodb.lists import cursor_of, key_of
from chalicelib.adapters.dynamodb.settings import SettingsTable, get, saved, translated
from chalicelib.adapters.dynamodb.tables import CURRENT, JOBS, OPEN_JOBS, job_key, jobs_list
from chalicelib.domain.jobs import Erasure, Export, Import, Job, JobKind, PersonExport, Retention
from chalicelib.domain.ports import JOBS_KEPT, PAGE, Page
from chalicelib.domain.reconciliation.jobs import Reconciliation
from chalicelib.domain.simulation.jobs import Simulation

# Jobs that are forgotten when a new one begins.
_FORGOTTEN = 5

_TYPES: Mapping[JobKind, type[Job]] = {
    JobKind.RECONCILIATION: Reconciliation,
    JobKind.IMPORT: Import,
    JobKind.EXPORT: Export,
    JobKind.ERASURE: Erasure,
    JobKind.PERSON_EXPORT: PersonExport,
    JobKind.RETENTION: Retention,
    JobKind.SIMULATION: Simulation,
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is read first of a row: rows from before there were kinds are of reconciliations."""

    kind: JobKind = JobKind.RECONCILIATION


class JobTable(SettingsTable):
    """The part of the store that keeps them. Ids of jobs begin with the moment of their beginning."""

    def begin_job(self, job: Job) -> None:
        """Keep a new job, listed and open."""
        row, listed, name = self.tables.job, self.tables.setting, jobs_list(JOBS, job.kind)
        with translated():
            with TransactWrite(connection=self.tables.connection) as transaction:
                transaction.save(row(job_key(job.job_id), CURRENT, body=dumped(job), rev=job.rev))
                transaction.save(listed(name, job.job_id, body=""))
                transaction.save(listed(jobs_list(OPEN_JOBS, job.kind), job.job_id, body=""))
            oldest = f"{job.began_at - JOBS_KEPT:%Y%m%d}"
            for old in listed.query(name, listed.sk < oldest, limit=_FORGOTTEN):
                row(job_key(old.sk), CURRENT).delete()
                old.delete()

    def job(self, job_id: str) -> Job | None:
        """The job, or None."""
        row = get(self.tables.job, job_key(job_id), CURRENT)
        return loaded(row.body, _TYPES[loaded(row.body, _Kept).kind]) if row else None

    def put_job(self, job: Job) -> bool:
        """Write it where it is still at the revision before; one that has ended is open no more."""
        row = self.tables.job
        if not saved(row(job_key(job.job_id), CURRENT, body=dumped(job), rev=job.rev), row.rev == job.rev - 1):
            return False
        if job.state.ended:
            with translated():
                self.tables.setting(jobs_list(OPEN_JOBS, job.kind), job.job_id).delete()
        return True

    def open_jobs(self, kind: JobKind | None = None) -> Sequence[str]:
        """The ids of jobs that have not ended, or of those of a kind, the oldest first; of one whose end was written
        and not yet struck here, the job itself knows."""
        listed = self.tables.setting
        with translated():
            kinds = [kind] if kind else JobKind
            return sorted(row.sk for row in chain(*(listed.query(jobs_list(OPEN_JOBS, each)) for each in kinds)))

    def jobs(self, *, kind: JobKind | None = None, limit: int = PAGE, cursor: str | None = None) -> Page[Job]:
        """All jobs, or those of a kind, the newest first."""
        start = key_of(cursor, ("sk",))
        with translated():
            lists = [
                self._listed(each, start["sk"] if start else None, limit + 1) for each in ([kind] if kind else JobKind)
            ]
            ids = list(islice(heapq.merge(*lists, reverse=True), limit + 1))
        found = [job for job_id in ids[:limit] if (job := self.job(job_id))]
        return Page(items=found, next_cursor=cursor_of({"sk": ids[limit - 1]}) if len(ids) > limit else None)

    def _listed(self, kind: JobKind, before: str | None, most: int) -> Iterator[str]:
        listed = self.tables.setting
        older = listed.sk < before if before else None
        rows = listed.query(jobs_list(JOBS, kind), older, limit=most, scan_index_forward=False)
        return (row.sk for row in rows)

    def strike_job(self, job_id: str) -> None:
        """A job that has ended, or that is not there any more, is open no more."""
        with translated():
            for kind in JobKind:
                self.tables.setting(jobs_list(OPEN_JOBS, kind), job_id).delete()
