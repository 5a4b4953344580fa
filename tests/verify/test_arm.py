"""Packages for other Pythons on Arm: builds of their own, so they are not in the quick command."""

import json
import platform
import re
import zipfile
from pathlib import Path

import pytest

from infra.build import MACHINES, build, interpreter, strangers_to
from infra.stages import PYTHON, PYTHONS, Stage
from infra.watching import FUNCTIONS
from tests.deploy.test_package import RUNTIME, sizes, starts


@pytest.mark.parametrize("python", [each for each in PYTHONS if each != "3.11"])
def test_a_package_for_arm_holds_what_runs_there_and_bytecode_of_its_python(python: str, tmp_path: Path) -> None:
    made = build(Stage(name="dev", python=python, architecture="arm64"), tmp_path / "out")
    functions = [
        each["Properties"]
        for each in json.loads(made.template.read_text("utf-8"))["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    ]
    assert {(each["Runtime"], *each["Architectures"]) for each in functions} == {(f"python{python}", "arm64")}
    names = set(sizes(made.archive))
    # By what wheels call their files, and by what processors read in them.
    tag = python.replace(".", "")
    compiled = {name for name in names if name.endswith(".so")}
    assert f"msgspec/_core.cpython-{tag}-aarch64-linux-gnu.so" in compiled
    assert all(re.search(rf"\.(cpython-{tag}-aarch64-linux-gnu|abi3)\.so$", name) for name in compiled)
    with zipfile.ZipFile(made.archive) as archive:
        archive.extractall(tmp_path / "task")
    assert strangers_to("aarch64", tmp_path / "task") == []
    assert set(strangers_to("x86_64", tmp_path / "task")) == compiled
    # Bytecode fits one version of Python only: it is that one's, where there is an interpreter of it here.
    bytecode = {name for name in names if name.endswith(".pyc")}
    assert all(f".cpython-{tag}." in name for name in bytecode if "__pycache__/" in name)
    assert bool(bytecode) is bool(interpreter(python))


def test_the_same_source_starts_on_the_functions_python_here(tmp_path: Path) -> None:
    """As its package for this machine: what runs on Arm nobody can start here."""
    found = interpreter(PYTHON)
    if found is None:
        pytest.skip(f"no python{PYTHON} here")
    architecture = {machine: name for name, machine in MACHINES.items()}[platform.machine()]
    made = build(Stage(name="dev", python=PYTHON, architecture=architecture), tmp_path / "out")
    with zipfile.ZipFile(made.archive) as archive:
        archive.extractall(tmp_path / "task")
    runtime, installed = tmp_path / "runtime", Path(pytest.__file__).parent.parent
    runtime.mkdir()
    for name in RUNTIME:
        (runtime / name).symlink_to(installed / name)
    sam = json.loads(made.template.read_text("utf-8"))
    for function in FUNCTIONS:
        starts(function, sam, [tmp_path / "task", runtime], found)
