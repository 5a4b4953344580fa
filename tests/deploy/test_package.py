"""What is uploaded: small, whole, the same each time, and every function starts from it alone."""

import ast
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.build import Package, build, strangers_to
from infra.stages import ROOT, Stage, stage_named
from infra.watching import FUNCTIONS
from tests.deploy.conftest import DEV

# Lambda's own runtime has these; here they stand in for it.
RUNTIME = ("botocore", "boto3", "jmespath", "s3transfer", "urllib3", "dateutil", "six.py")


@pytest.fixture(scope="module")
def unpacked(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(package.archive) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The libraries of Lambda's runtime, and no others of this environment."""
    folder, installed = tmp_path_factory.mktemp("runtime"), Path(pytest.__file__).parent.parent
    for name in RUNTIME:
        (folder / name).symlink_to(installed / name)
    return folder


def sizes(archive: Path) -> dict[str, int]:
    with zipfile.ZipFile(archive) as found:
        return {each.filename: each.compress_size for each in found.infolist()}


def test_the_package_stays_small(package: Package) -> None:
    # What shows the contract at /docs is no code: no function reads it at its start.
    mine = {name: size for name, size in sizes(package.archive).items() if "/pages/swagger/" not in name}
    cryptography = sum(size for name, size in mine.items() if name.startswith(("cryptography", "_cffi_backend")))
    assert sum(mine.values()) <= 9_700_000
    assert sum(mine.values()) - cryptography <= 4_800_000


@pytest.mark.whole
def test_the_same_sources_give_the_same_bytes(package: Package, tmp_path: Path) -> None:
    again = build(DEV, tmp_path)
    assert again.archive.read_bytes() == package.archive.read_bytes()
    assert again.template.read_bytes() == package.template.read_bytes()


def test_everything_is_compiled_and_nothing_travels_that_stays_here(package: Package) -> None:
    names = set(sizes(package.archive))
    ours = {name for name in names if name.endswith(".py")}
    assert all(name.startswith(("app.py", "chalicelib/")) for name in ours)
    for name in ours:
        folder, _, module = name.rpartition("/")
        cached = f"__pycache__/{module[:-3]}.{sys.implementation.cache_tag}.pyc"
        assert (f"{folder}/{cached}" if folder else cached) in names
    assert not [
        name for name in names if name.startswith(("tests/", "examples/", "infra/", "botocore/", "boto3/", "moto/"))
    ]
    for data in (
        "domain/policies/profiles/shopee.json",
        "locales/id.json",
        "mail/templates/layout.html.j2",
        "pages/static/batal.css",
    ):
        assert f"chalicelib/{data}" in names


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_starts_from_the_package_alone(
    unpacked: Path, runtime: Path, sam: dict[str, Any], function: str
) -> None:
    starts(function, sam, [unpacked, runtime], sys.executable)


def starts(function: str, sam: dict[str, Any], paths: Sequence[Path], python: str) -> None:
    """Whether a function's module is imported, and holds it."""
    module, _, name = sam["Resources"][function]["Properties"]["Handler"].rpartition(".")
    program = f"import sys; sys.path[:0] = {[*map(str, paths)]!r}; import {module} as m; assert callable(m.{name})"
    # -I and -S: neither this checkout nor this environment's packages can help.
    started = subprocess.run([python, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stderr


def imported_in(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, inside functions as well, and every name from it; not what only mypy sees."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (f"import {each.name}" for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"from {node.module} import {each.name}" for each in node.names)
        yield from imported_in(node)


def test_whatever_is_imported_anywhere_is_in_the_package(unpacked: Path, runtime: Path) -> None:
    sources = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    wanted = sorted({each for path in sources for each in imported_in(ast.parse(path.read_text(encoding="utf-8")))})
    assert "from babel.dates import format_date" in wanted
    program = f"""
import sys; sys.path[:0] = {[str(unpacked), str(runtime)]!r}
for line in {wanted!r}:
    try:
        exec(line)
    except ImportError as error:
        print(line, error)
"""
    told = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, ""), told.stderr


def test_what_is_imported_late_is_there_too(unpacked: Path, runtime: Path) -> None:
    program = f"""
import sys; sys.path[:0] = {[str(unpacked), str(runtime)]!r}
from datetime import UTC, datetime
from chalicelib.adapters.calendar import COUNTRIES, KnownDaysOff, public_days_off
from chalicelib.domain.zones import Zone
from chalicelib.locales import formats
from chalicelib.mail.composing import templates
import chalicelib.adapters.dynamodb, chalicelib.pages.page, itsdangerous, standardwebhooks
from joserfc import jwt
from joserfc.jwk import ECKey
key = ECKey.generate_key("P-256")
jwt.decode(jwt.encode({{"alg": "ES256"}}, {{"sub": "x"}}, key), key)
assert len(public_days_off(2026, "ID")) > 50
assert KnownDaysOff(store=None).public_days(2026, "en", "ID")[-1].name == "Christmas Day"
assert KnownDaysOff(store=None).public_days(2026, "en", "TH")[-1].name == "New Year's Eve"
assert all(KnownDaysOff(store=None).public_days(2026, "id", each) for each in COUNTRIES)
print(formats.money(150000, "IDR", "id"), formats.moment(datetime(2026, 11, 23, tzinfo=UTC), "en", Zone.WIB))
import zoneinfo; zoneinfo.reset_tzpath(to=())
print(formats.moment(datetime(2026, 11, 23, tzinfo=UTC), "en", Zone("America/New_York")))
templates().get_template("layout.html.j2")
from chalicelib.mail.reading import read
assert read(b"Content-Type: text/html\\r\\n\\r\\n<p>Halo</p>").text == "Halo"
"""
    told = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "Rp150.000 Monday, 23 November 2026 07:00 WIB",
        "Sunday, 22 November 2026 19:00 EST",  # by what the package brings: the machine's own zones are taken away
    ]


def test_html_is_read_only_where_an_answer_is(unpacked: Path, runtime: Path) -> None:
    program = (
        f"import sys; sys.path[:0] = {[str(unpacked), str(runtime)]!r}; import app; assert 'bs4' not in sys.modules"
    )
    started = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert started.returncode == 0, started.stderr


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9_.-]+)==(\S+)", line) for line in lines)
    return {each[1].lower(): each[2] for each in found if each}


def test_lambda_gets_the_versions_that_the_tests_ran_with() -> None:
    lambdas, ours = pins("requirements-lambda.txt"), pins("requirements.txt")
    assert set(ours) <= set(lambdas)
    assert {name: lambdas[name] for name in ours} == ours
    from importlib.metadata import version

    assert {name: version(name) for name in lambdas} == lambdas


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_what_is_deployed_runs_on_python_313_and_arm_unless_a_stage_says_otherwise(name: str) -> None:
    stage = stage_named(name)
    assert (
        (stage.python, stage.architecture)
        == ("3.13", "arm64")
        == (Stage(name="x").python, Stage(name="x").architecture)
    )


def test_what_was_compiled_for_another_processor_is_named(tmp_path: Path) -> None:
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little")
    for name, machine in (("a.abi3.so", 62), ("b.so", 183), ("c.so.1", 183)):
        (tmp_path / name).write_bytes(head + machine.to_bytes(2, "little"))
    (tmp_path / "d.so").write_bytes(b"no library at all")
    (tmp_path / "e.py").write_text("")
    assert strangers_to("aarch64", tmp_path) == ["a.abi3.so", "d.so"]
    assert strangers_to("x86_64", tmp_path) == ["b.so", "c.so.1", "d.so"]


def test_a_machine_without_the_functions_python_is_told_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And packages all the same."""
    monkeypatch.setattr("infra.build.interpreter", lambda _: None)
    monkeypatch.setattr("infra.build._lay_out", lambda project, stage: project.mkdir(parents=True))
    ran: list[str] = []

    def run(*arguments: str, at: Path, by: str = sys.executable) -> None:
        ran.append(arguments[1])
        (tmp_path / "packaged").mkdir(exist_ok=True)
        (tmp_path / "packaged" / "sam.yaml").write_text("{}")

    monkeypatch.setattr("infra.build._run", run)
    monkeypatch.setattr("infra.build._finished", lambda sam, stage: sam)
    build(Stage(name="dev"), tmp_path)
    assert ran[-1] == "infra.bytecode"
    (line,) = capsys.readouterr().err.splitlines()
    assert "no python3.13 was found here, so the package holds no bytecode" in line
    assert "works all the same" in line
    assert "uv python install 3.13" in line


def test_a_stage_that_is_none_says_which_there_are() -> None:
    for name in ("production", "../dev", ""):
        with pytest.raises(ValueError, match=r"known are dev, prod"):
            stage_named(name)
