"""The result of a job, one file of lines that grows as the job goes on: parts of it lie there for good, and what is no
part yet lies apart, so that memory holds no more than a part and a crash loses nothing that was saved."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.jobs import Transfer
from chalicelib.domain.ports import LEAST_PART, Ports
from chalicelib.workflow.jobs import NDJSON
from chalicelib.workflow.rounds import lay


def grown(ports: Ports, job: Transfer, lines: bytes) -> Mapping[str, Any]:
    """What of the job changes once these lines follow its result, to be saved together with how far it is. Done again
    from the same job it is the same."""
    left, upload, parts = _tail(ports, job) + lines, job.upload, job.parts
    while len(left) >= LEAST_PART:
        upload = upload or ports.files.begin_parts(job.result, NDJSON)
        parts += 1
        ports.files.put_part(job.result, upload, parts, left[:LEAST_PART])
        left = left[LEAST_PART:]
    # Under a name of its own: what an earlier try left is what its row names.
    tail = f"{job.folder}tail-{job.rev:06}" if left else None
    if tail:
        lay(ports, tail, NDJSON, [left])
    return {"upload": upload, "parts": parts, "tail": tail}


def whole(ports: Ports, job: Transfer) -> str:
    """Make one file of the result; gives where it lies."""
    left = _tail(ports, job)
    if job.upload is None:
        lay(ports, job.result, NDJSON, [left])
        return job.result
    if left and job.result not in ports.files.present(job.result):
        ports.files.put_part(job.result, job.upload, job.parts + 1, left)
    ports.files.end_parts(job.result, job.upload)
    return job.result


def _tail(ports: Ports, job: Transfer) -> bytes:
    if job.tail is None:
        return b""
    found = ports.files.read_range(job.tail, 0, LEAST_PART)
    if found is None:
        raise AssertionError(f"{job.tail} is gone")
    return found
