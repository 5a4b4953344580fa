"""Long work in rounds of a schedule: reconciliations, imports, exports.

A round takes a job for the time of its lease and goes on with it as far as the time reaches; where the function dies, a
later one goes on from what was saved last. The end is written once: by whoever still has the job.
"""

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any, Generic, TypeVar

from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.jobs import Erasing, Job, JobKind, JobState, Retention
from chalicelib.domain.ports import Ports

log = logging.getLogger(__name__)

J = TypeVar("J", bound=Job)

# Longer than a function may run: who has a lease is at work, or dead.
LEASE = timedelta(minutes=16)
# A file that begins to come while its form is good may take this long.
_SLOW = timedelta(hours=1)
_MOST_TRIES = 3
# When a job that waits for something outside of it is looked at again.
LOOK_AGAIN = timedelta(minutes=10)
# Seconds that a round leaves itself, and what another job is begun for.
RESERVE, WORTH_IT = 20.0, 60.0

SecondsLeft = Callable[[], float]


class Lost(Exception):
    """Somebody else has the job."""


class Later(Exception):
    """The job waits for something outside of it, and is looked at again after a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What one call did: how many jobs it worked on, how many of them ended, and what it took away of people's, by the
    kind of job and by what it was."""

    seen: int = 0
    ended: int = 0
    erased: Mapping[JobKind, Mapping[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Work(Generic[J]):
    """A job that is ours as long as nobody else writes it."""

    ports: Ports
    job: J

    def save(self, **changes: Any) -> None:
        """Write the job, changed, and keep it for another lease. Raises Lost."""
        now = self.ports.now()
        changed = replace(self.job, **{"lease_until": now + LEASE, "updated_at": now, **changes}, rev=self.job.rev + 1)
        if not self.ports.store.put_job(changed):
            raise Lost
        self.job = changed

    def fail(self, problem: str, /, **details: object) -> None:
        """It ends here."""
        told = {name: str(value) for name, value in details.items()}
        self.save(state=JobState.FAILED, problem=problem, details=told, ended_at=self.ports.now(), lease_until=None)


# Goes on with a job; what it leaves open goes on in the next round. Raises Invalid where the job can come to nothing.
Worker = Callable[[Work[Any], SecondsLeft], None]


def go_on(ports: Ports, workers: Mapping[JobKind, Worker], seconds_left: SecondsLeft = lambda: inf) -> Rounds:
    """A round: go on with every open job that nobody works on, as far as the time reaches."""
    seen = ended = 0
    erased: dict[JobKind, Counter[str]] = {}
    for job_id in ports.store.open_jobs():
        if seconds_left() < WORTH_IT:
            break
        job = ports.store.job(job_id)
        if job is None or job.state.ended:
            ports.store.strike_job(job_id)
            continue
        work = Work(ports, job)
        try:
            if _taken(work):
                seen += 1
                _worked(work, workers[job.kind], seconds_left)
        except Lost:
            continue
        finally:
            if went := _gone(work.job) - _gone(job):
                erased.setdefault(job.kind, Counter()).update(went)
        ended += work.job.state.ended
    return Rounds(seen=seen, ended=ended, erased={kind: dict(went) for kind, went in erased.items()})


def _gone(job: Job) -> Counter[str]:
    """What a job took away so far; nothing where it only says what would go."""
    dry = isinstance(job, Retention) and job.dry_run
    return Counter(job.erased if isinstance(job, Erasing) and not dry else {})


def _taken(work: Work[Job]) -> bool:
    """Whether the job is ours now. Raises Lost where somebody was faster."""
    ports, job, now = work.ports, work.job, work.ports.now()
    if job.lease_until and job.lease_until > now:
        return False
    if job.state is JobState.WAITING and job.file not in ports.files.present(job.file):
        if now >= job.upload_by + _SLOW:
            work.fail("not_uploaded")
        return False
    if job.tries >= _MOST_TRIES:
        work.fail("gave_up")
        return False
    begins = JobState.COLLECTING if job.kind is JobKind.RECONCILIATION else JobState.WORKING
    work.save(state=begins if job.state is JobState.WAITING else job.state, tries=job.tries + 1)
    return True


def _worked(work: Work[Job], worker: Worker, seconds_left: SecondsLeft) -> None:
    try:
        worker(work, seconds_left)
        if not work.job.state.ended:
            # It goes on in the next round, which is no try in vain.
            work.save(lease_until=None, tries=0)
    except Invalid as wrong:
        work.fail(wrong.code, **wrong.details)
    except Lost:
        raise
    except Later:
        work.save(lease_until=work.ports.now() + LOOK_AGAIN, tries=0)
    except Unavailable as error:
        # Nobody's fault and no try in vain: it goes on when the service is back.
        log.warning("a job waits", extra={"job": work.job.job_id, "why": error.code})
        work.save(lease_until=None, tries=0)
    except Exception as error:
        log.exception("a job could not go on", extra={"job": work.job.job_id, "why": type(error).__name__})
        work.save(lease_until=None)


def lay_lines(ports: Ports, key: str, content_type: str, lines: Iterable[str]) -> None:
    """Lay a file of these lines, in the place of one that lies there."""
    lay(ports, key, content_type, (f"{line}\n".encode() for line in lines))


def lay(ports: Ports, key: str, content_type: str, pieces: Iterable[bytes]) -> None:
    """Lay a file of these pieces, in the place of one that lies there."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "lines"
        with file.open("wb") as out:
            out.writelines(pieces)
        ports.files.lay(key, content_type, file)
