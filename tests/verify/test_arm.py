"""The package for another Python on Arm: a build of its own, so it is not in the quick command."""

import json
from pathlib import Path

from infra.build import build, interpreter
from infra.stages import Stage
from tests.deploy.conftest import DEV
from tests.deploy.test_package import sizes


def test_another_python_on_arm_is_a_setting(tmp_path: Path) -> None:
    other = "3.12" if DEV.python == "3.13" else "3.13"
    made = build(Stage(name="dev", python=other, architecture="arm64"), tmp_path)
    functions = [
        each["Properties"]
        for each in json.loads(made.template.read_text("utf-8"))["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    ]
    assert {(each["Runtime"], *each["Architectures"]) for each in functions} == {(f"python{other}", "arm64")}
    names = set(sizes(made.archive))
    assert f"msgspec/_core.cpython-{other.replace('.', '')}-aarch64-linux-gnu.so" in names
    # Bytecode fits one version of Python only: it is that one's, where there is an interpreter of it here.
    compiled = {name for name in names if name.endswith(".pyc")}
    assert all(f".cpython-{other.replace('.', '')}." in name for name in compiled if "__pycache__/" in name)
    assert bool(compiled) is bool(interpreter(other))
