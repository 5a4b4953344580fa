"""`python -m infra.sandbox` in a process of its own, on a free port, as `make run` starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def started(port: int | str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PORT": str(port)}
    command = [sys.executable, "-m", "infra.sandbox"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def sandbox() -> Iterator[str]:
    """A served sandbox; gives its address."""
    port = free_port()
    process = started(port)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        print(process.communicate(timeout=20)[1], file=sys.stderr)


def wait_for(address: str, process: subprocess.Popen[str], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the sandbox did not come up")


def call(
    address: str, path: str, body: Any = None, token: str | None = None, method: str | None = None
) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text, status = answer.read().decode(), answer.status
    except urllib.error.HTTPError as refused:
        text, status = refused.read().decode(), refused.code
    return status, json.loads(text) if text.startswith("{") else text


def token(address: str, sub: str, role: str, **more: str) -> str:
    status, answer = call(address, "/sandbox/token", {"sub": sub, "role": role, **more})
    assert status == 201
    return str(answer["token"])
