"""Jobs, in the settings' table: a row each, and two lists of ids, of all jobs and of those that have not ended."""

from collections.abc import Sequence

from pynamodb.exceptions import PutError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.codec import dumped, loaded
from chalicelib.adapters.dynamodb.lists import cursor_of, key_of
from chalicelib.adapters.dynamodb.settings import SettingsTable, get, translated
from chalicelib.adapters.dynamodb.tables import CURRENT, JOBS, OPEN_JOBS, job_key
from chalicelib.domain.ports import JOBS_KEPT, PAGE, Page
from chalicelib.domain.reconciliation.jobs import Job

# Jobs that are forgotten when a new one begins.
_FORGOTTEN = 5


class JobTable(SettingsTable):
    """The part of the store that keeps them. Ids of jobs begin with the moment of their beginning."""

    def begin_job(self, job: Job) -> None:
        """Keep a new job, listed and open."""
        row, listed = self.tables.job, self.tables.setting
        with translated():
            with TransactWrite(connection=self.tables.connection) as transaction:
                transaction.save(row(job_key(job.job_id), CURRENT, body=dumped(job), rev=job.rev))
                transaction.save(listed(JOBS, job.job_id, body=""))
                transaction.save(listed(OPEN_JOBS, job.job_id, body=""))
            oldest = f"{job.began_at - JOBS_KEPT:%Y%m%d}"
            for old in listed.query(JOBS, listed.sk < oldest, limit=_FORGOTTEN):
                row(job_key(old.sk), CURRENT).delete()
                old.delete()

    def job(self, job_id: str) -> Job | None:
        """The job, or None."""
        row = get(self.tables.job, job_key(job_id), CURRENT)
        return loaded(row.body, Job) if row else None

    def put_job(self, job: Job) -> bool:
        """Write it where it is still at the revision before; one that has ended is open no more."""
        row = self.tables.job
        with translated():
            try:
                row(job_key(job.job_id), CURRENT, body=dumped(job), rev=job.rev).save(condition=row.rev == job.rev - 1)
            except PutError as error:
                if error.cause_response_code != "ConditionalCheckFailedException":
                    raise
                return False
            if job.state.ended:
                self.tables.setting(OPEN_JOBS, job.job_id).delete()
        return True

    def open_jobs(self) -> Sequence[str]:
        """The ids of jobs that have not ended, the oldest first; of one whose end was written and not yet struck here,
        the job itself knows."""
        with translated():
            return [row.sk for row in self.tables.setting.query(OPEN_JOBS)]

    def jobs(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Job]:
        """All jobs, the newest first."""
        listed, start = self.tables.setting, key_of(cursor, ("sk",))
        with translated():
            before = listed.sk < start["sk"] if start else None
            ids = [row.sk for row in listed.query(JOBS, before, limit=limit + 1, scan_index_forward=False)]
        found = [job for job_id in ids[:limit] if (job := self.job(job_id))]
        return Page(items=found, next_cursor=cursor_of({"sk": ids[limit - 1]}) if len(ids) > limit else None)

    def strike_job(self, job_id: str) -> None:
        """A job that has ended, or that is not there any more, is open no more."""
        with translated():
            self.tables.setting(OPEN_JOBS, job_id).delete()
