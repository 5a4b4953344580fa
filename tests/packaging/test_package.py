"""What is built can be deployed: Chalice packages it, and every Lambda it names starts from the package alone."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
TRAVELS = ("app.py", "chalicelib", ".chalice/config.json", ".chalice/policies", "requirements.txt")


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The template, and the package unpacked. Built from a copy, so that nothing is left in the checkout."""
    project, out = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("out")
    for name in TRAVELS:
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    command = [
        sys.executable,
        "-c",
        "from chalice.cli import main; raise SystemExit(main())",
        "package",
        "--stage",
        "dev",
    ]
    environment = {**os.environ, "AWS_DEFAULT_REGION": "ap-southeast-1", "PYTHONDONTWRITEBYTECODE": "1"}
    made = subprocess.run(
        [*command, str(out)], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    with zipfile.ZipFile(out / "deployment.zip") as package:
        package.extractall(out / "unpacked")
    return json.loads((out / "sam.json").read_text()), out / "unpacked"


def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def test_the_template_names_every_lambda_of_the_house(packaged: tuple[dict[str, Any], Path]) -> None:
    handlers = {each["Handler"] for each in functions(packaged[0]).values()}
    assert handlers == {
        "app.app",
        "chalicelib.handlers.authorizer.authorize",
        "chalicelib.handlers.machine.enter",
        "chalicelib.handlers.machine.expire",
        "chalicelib.handlers.machine.sweep",
        "chalicelib.handlers.mail_events.on_mail",
    }


def test_every_lambda_starts_from_the_package_alone(packaged: tuple[dict[str, Any], Path]) -> None:
    template, unpacked = packaged
    for properties in functions(template).values():
        module, _, name = properties["Handler"].rpartition(".")
        program = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import {module} as m; assert callable(m.{name})"
        # -I and -S: neither this checkout nor this environment's packages can help.
        started = subprocess.run(
            [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
        )
        assert started.returncode == 0, f"{properties['Handler']}: {started.stderr}"


def test_the_data_that_the_code_reads_travels_along(packaged: tuple[dict[str, Any], Path]) -> None:
    _, unpacked = packaged
    for name in (
        "domain/profiles/shopee.json",
        "locales/id.json",
        "mail/templates/layout.html.j2",
        "web/templates/decide.html.j2",
        "web/static/batal.css",
    ):
        assert (unpacked / "chalicelib" / name).is_file()
    assert not (unpacked / "infra").exists()
    assert not (unpacked / "tests").exists()
    assert not (unpacked / "boto3").exists()


def test_every_function_has_a_policy_of_its_own(packaged: tuple[dict[str, Any], Path]) -> None:
    policies = {
        properties["Handler"]: json.dumps(packaged[0]["Resources"][properties["Role"]["Fn::GetAtt"][0]]["Properties"])
        for properties in functions(packaged[0]).values()
    }
    assert len(set(policies.values())) == len(policies)
    assert not any('"dynamodb:*"' in policy or '"*:*"' in policy for policy in policies.values())
    assert "ses:SendEmail" not in policies["app.app"], "no decision waits for mail"
    assert "dynamodb" not in policies["chalicelib.handlers.authorizer.authorize"]
