"""ministack in a process of its own: an emulator that shares no code with moto, and whose transactions are atomic."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.sandbox.running import free_port, wait_for

SURROUNDINGS = {
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LAMBDA_EXECUTOR": "local",
    "LOG_LEVEL": "WARNING",
}


@contextmanager
def ministack(scratch: Path, program: Sequence[str] = ("-m", "ministack"), **more: str) -> Iterator[str]:
    """A served ministack; gives its address. It writes below `scratch`, and ends with the block."""
    port = free_port()
    environment = {**os.environ, **SURROUNDINGS, "GATEWAY_PORT": str(port), "TMPDIR": str(scratch), **more}
    with (scratch / "ministack.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *program],
            cwd=scratch,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/_ministack/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
