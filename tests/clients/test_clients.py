"""What reads our contract reads all of it: Spectral finds nothing, and clients that are made from it walk both
reference stories. `make clients` runs these and leaves the clients in tests/clients/generated."""

import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.swagger import FOLDER, packed
from tests.e2e.contract import document
from tests.sandbox.running import call, sandbox

HERE = Path(__file__).parent
MADE, TOOLS, PYTHON = HERE / "generated", HERE / "node_modules" / ".bin", HERE / ".venv" / "bin"


# NDJSON is lines of bytes to a generator that knows no such type.
CONFIG = """post_hooks: []
content_type_overrides:
  application/x-ndjson: application/octet-stream
"""


@pytest.fixture(scope="module")
def contract() -> Path:
    """The contract as a file."""
    MADE.mkdir(exist_ok=True)
    path, fresh = MADE / "openapi.json", MADE / f"{os.getpid()}.json"
    fresh.write_text(json.dumps(document()), encoding="utf-8")
    return fresh.rename(path)


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with sandbox() as address:
        yield address


@pytest.fixture
def address(served: str) -> str:
    """A sandbox as it is at first."""
    assert call(served, "/sandbox/reset", {})[0] < 300
    return served


def run(*command: str | Path, within: Path = HERE) -> str:
    done = subprocess.run([str(each) for each in command], cwd=within, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def test_spectral_finds_nothing(contract: Path) -> None:
    told = run(TOOLS / "spectral", "lint", contract, "--ruleset", HERE / "spectral.yaml", "--fail-severity", "hint")
    assert "No results with a severity of 'hint' or higher found!" in told


def test_the_python_client_walks_both_stories(contract: Path, address: str) -> None:
    made = MADE / "python" / "batal_client"
    made.parent.mkdir(exist_ok=True)
    config = MADE / "python" / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    told = run(
        *(PYTHON / "openapi-python-client", "generate", "--path", contract, "--output-path", made),
        *("--meta", "none", "--overwrite", "--config", config, "--fail-on-warning"),
    )
    assert "WARNING" not in told
    walked = subprocess.run(
        [str(PYTHON / "python"), str(HERE / "stories.py"), address],
        env={"PYTHONPATH": str(made.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert walked.returncode == 0, walked.stderr
    assert walked.stdout == "both stories, by the Python client\n"


def test_the_typescript_client_walks_both_stories(contract: Path, address: str) -> None:
    made = MADE / "typescript"
    made.mkdir(exist_ok=True)
    run(TOOLS / "openapi-typescript", contract, "-o", made / "schema.ts", "--default-non-nullable=false")
    (made / "stories.ts").write_text((HERE / "stories.ts").read_text("utf-8"), encoding="utf-8")
    strict = ("--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--outDir", made / "js")
    run(TOOLS / "tsc", *strict, made / "stories.ts", within=made)
    assert run("node", made / "js" / "stories.js", address) == "both stories, by the TypeScript client\n"


def test_what_shows_the_contract_is_what_its_makers_gave_out() -> None:
    made = packed(HERE / "node_modules" / "swagger-ui-dist")
    for name, content in made.items():
        kept = (FOLDER / name).read_bytes()
        assert (gzip.decompress(kept) == gzip.decompress(content)) if name.endswith(".gz") else kept == content, name
    assert set(made) == {each.name for each in FOLDER.iterdir()}
