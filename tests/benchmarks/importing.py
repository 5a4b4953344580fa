"""`python -m tests.benchmarks.importing`: what bringing in a file of orders takes, in time and memory.

Imports 10,000 and then `BATAL_IMPORT_ROWS` (100,000) orders, each in a process of its own, and prints rows a second,
peak memory, and the ratio of the peaks: memory that does not grow with the file is a ratio near 1. The bucket is a
folder, and the store keeps nothing, or its own memory would be what is measured; with `--keep` it keeps everything, as
the store in memory does.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.domain.cases.change import Change
from chalicelib.domain.jobs import Imported, Transfer
from chalicelib.domain.ports import Upload
from chalicelib.edge.moving import workers
from chalicelib.workflow import importing, results, rounds
from infra.sandbox.builders import SYSTEM
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import a_neighbourhood
from tests.workflow.moving_houses import an_order_row

FEW, MANY, AIM = 10_000, int(os.environ.get("BATAL_IMPORT_ROWS", "100000")), 1.3


class Forgetful(MemoryStore):
    """Keeps no order at all."""

    def commit(self, change: Change) -> None:
        if change.push is None:
            raise AssertionError("orders alone are brought in here")


class Folder:
    """A bucket on the disk."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def _at(self, key: str) -> Path:
        path = self.place / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def upload(self, key: str, content_type: str, most_bytes: int, now: datetime, back: str | None = None) -> Upload:
        return Upload(url="", fields={"key": key}, expires_at=now)

    def present(self, prefix: str) -> Mapping[str, int]:
        path = self._at(prefix)
        return {prefix: path.stat().st_size} if path.exists() else {}

    def read_range(self, key: str, start: int, length: int) -> bytes | None:
        with self._at(key).open("rb") as file:
            file.seek(start)
            return file.read(length)

    def lay(self, key: str, content_type: str, file: Path) -> None:
        self._at(key).write_bytes(file.read_bytes())

    def begin_parts(self, key: str, content_type: str) -> str:
        return f"{key}.parts"

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> None:
        self._at(f"{upload}/{number:06}").write_bytes(content)

    def end_parts(self, key: str, upload: str) -> None:
        with self._at(key).open("wb") as whole:
            for part in sorted((self.place / upload).iterdir()):
                whole.write(part.read_bytes())


def lines(size: int) -> Iterator[str]:
    """An order a line; every thousandth cannot be read."""
    for number in range(size):
        row = an_order_row(f"MKT-{number:09}")
        yield json.dumps({**row, "version": 0} if number % 1000 == 0 else row) + "\n"


def taken_in(size: int, *, keep: bool) -> None:
    """Bring in so many, and print seconds, KiB at the most, and what became of them."""
    # Parts of a result are as small as the file is short: what many rows show, a million would show with S3's own.
    setattr(results, "LEAST_PART", 256 * 1024)  # noqa: B010
    house: Any = a_neighbourhood(orchestrated=False, store=MemoryStore() if keep else Forgetful())
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place))
        object.__setattr__(house.ports, "files", folder)
        job, _ = importing.begin(house.ports, SYSTEM, Imported.ORDERS, dry_run=False)
        with folder._at(job.file).open("w", encoding="utf-8") as file:
            file.writelines(lines(size))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        rounds.go_on(house.ports, workers())
        seconds = time.monotonic() - began
        done = house.ports.store.job(job.job_id)
        assert isinstance(done, Transfer)
        assert (done.state, done.done, done.failed) == ("done", size, -(-size // 1000)), done
        with folder._at(done.result).open(encoding="utf-8") as answers:
            assert sum(1 for _ in answers) == size
    print(json.dumps([seconds, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))


def measured(size: int, *more: str) -> tuple[float, int]:
    """Seconds, and KiB at the most, in a process of its own."""
    command = (sys.executable, "-m", "tests.benchmarks.importing", "--one", str(size), *more)
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, before, peak = json.loads(told.stdout)
    print(
        f"{size:>10,} rows {seconds:8.1f} s {size / seconds:8,.0f} rows/s, "
        f"{before / 1024:6.1f} MiB before, {peak / 1024:6.1f} MiB at the most",
        flush=True,
    )
    return seconds, peak


def main(given: list[str]) -> int:
    """Measure; the exit code is 1 where many rows take more memory than the aim allows."""
    if given[:1] == ["--one"]:
        taken_in(int(given[1]), keep="--keep" in given)
        return 0
    (_, few), (_, many) = measured(FEW, *given), measured(MANY, *given)
    print(f"peak memory of {MANY:,} rows against {FEW:,}: {many / few:.2f} x; the aim is {AIM} x")
    return int(many > few * AIM)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
