"""What make does before it makes anything."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.stages import ROOT


def make(folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    """As somebody types it: `make test`, which may be running this, hands its own variables on."""
    handed_on = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}
    for names in re.findall(r"^export (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE):
        handed_on |= set(names.split())
    environment = {name: value for name, value in os.environ.items() if name not in handed_on}
    command = ["make", "--no-print-directory", *asked]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def test_an_environment_that_is_a_link_is_refused_before_anything_is_emptied(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    (elsewhere / "dear").write_text("kept")
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, here / name)
    (here / ".venv").symlink_to(elsewhere)
    refused = make(here, "check")
    assert refused.returncode != 0
    assert "symbolic link" in refused.stdout
    assert (elsewhere / "dear").read_text() == "kept"


def test_ctrl_c_while_the_environment_is_made_is_no_traceback(tmp_path: Path) -> None:
    """Where it ends tells nobody anything; that it ended does."""
    line = next(each for each in (ROOT / "Makefile").read_text("utf-8").splitlines() if each.startswith("VENV_QUIETLY"))
    program = line.partition(":= ")[2]
    (tmp_path / "venv.py").write_text("import signal, sys; print(sys.argv[1:]); signal.raise_signal(signal.SIGINT)")
    command = [sys.executable, "-u", "-c", program, "--clear", "here"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
    assert done.stdout == "['--clear', 'here']\n"


def test_every_target_is_in_the_readme() -> None:
    listed = make(ROOT, "help").stdout
    targets = {line.split()[1] for line in listed.splitlines() if line.strip()} - {"help"}
    assert len(targets) > 10
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [target for target in targets if f"`make {target}`" not in readme and f"make {target}" not in readme] == []


def test_files_to_reconcile_may_have_any_name(tmp_path: Path) -> None:
    for name, content in (("python", 'printf "%s\\n" "$@"'), ("ready", "")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{content}\n")
        (tmp_path / name).chmod(0o755)
    evil = f'a `touch {tmp_path}/1` $(shell touch {tmp_path}/2) "$HOME" it\'s; touch {tmp_path}/3'
    typed = [f"{name}={evil}" for name in ("FILE", "EXPECTED", "PROVIDER", "REPORT")]
    for given, report in ((typed, [f"--report={evil}"]), (typed[:3], [])):
        done = make(ROOT, f"BIN={tmp_path}", f"READY={tmp_path}/ready", "reconcile", *given)
        told = ["-m", "infra.reconcile", f"--provider={evil}", f"--expected={evil}", *report, evil]
        assert done.stdout.splitlines() == told
    assert sorted(each.name for each in tmp_path.iterdir()) == ["python", "ready"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ([], "http://127.0.0.1:8000"),
        (["PORT=8080"], "http://127.0.0.1:8080"),
        (["URL=https://x.example/api"], "https://x.example/api"),
    ],
)
def test_example_and_conformance_go_to_the_port_that_run_takes_or_to_any_address(
    tmp_path: Path, given: list[str], url: str
) -> None:
    (tmp_path / "python").write_text('#!/bin/sh\nprintf "%s\\n" "$*"\n')
    (tmp_path / "python").chmod(0o755)
    # Of its own: a file of the checkout may be older than requirements.txt, and an environment would be made first.
    (tmp_path / "ready").touch()
    done = make(ROOT, f"BIN={tmp_path}", f"READY={tmp_path}/ready", "example", "conformance", *given)
    assert done.stdout.splitlines() == [f"-m examples.marketplace --url {url}", f"-m infra.conformance {url}"]
