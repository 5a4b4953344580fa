"""The construct makes what the template says, with the code that CDK uploads. `make cdk` runs this."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from batal_construct import Batal

PACKAGE = Path(__file__).parents[2] / "build" / "package"
SAID = {"SenderEmail": "cancel@example.com", "JwtIssuer": "https://id.example.com"}


def a_stack(app: App) -> Stack:
    return Stack(app, "batal-prod", env=Environment(account="123456789012", region="ap-southeast-3"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("cdk")
    app = App(outdir=str(out))
    Batal(a_stack(app), "Batal", package=str(PACKAGE), parameters=SAID)
    app.synth()
    return dict(json.loads((out / "batal-prod.template.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return dict(json.loads((PACKAGE / "plain.json").read_text("utf-8")))


def test_every_resource_keeps_its_name_its_kind_and_what_outlives_the_stack(
    made: dict[str, Any], plain: dict[str, Any]
) -> None:
    assert made["Resources"].keys() - {"CDKMetadata"} == plain["Resources"].keys()
    for name, each in plain["Resources"].items():
        for what in ("Type", "Condition", "DeletionPolicy", "UpdateReplacePolicy"):
            assert made["Resources"][name].get(what) == each.get(what), (name, what)
    assert made["Outputs"].keys() >= plain["Outputs"].keys()


def test_every_function_runs_the_archive_that_is_uploaded(made: dict[str, Any]) -> None:
    functions = [each for each in made["Resources"].values() if each["Type"] == "AWS::Lambda::Function"]
    codes = {json.dumps(each["Properties"]["Code"], sort_keys=True) for each in functions}
    assert len(functions) > 5
    assert len(codes) == 1
    assert "cdk-hnb659fds-assets-123456789012-ap-southeast-3" in codes.pop()


def test_what_is_said_stands_in_the_template_and_the_rest_has_its_default(made: dict[str, Any]) -> None:
    variables = made["Resources"]["Enter"]["Properties"]["Environment"]["Variables"]
    assert variables["JWT_ISSUER"] == SAID["JwtIssuer"]
    assert variables["JWT_AUDIENCE"] == "batal"
    assert not made.get("Parameters", {}).keys() - {"BootstrapVersion"}


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        (SAID | {"Sender": "a@example.com"}, "no parameter Sender"),
        (SAID | {"MailRegion": "ap-southeast-1"}, "no parameter MailRegion"),
        ({"JwtIssuer": "https://id.example.com"}, "Say SenderEmail"),
    ],
)
def test_what_cannot_be_meant_is_refused(parameters: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Batal(a_stack(App()), "Batal", package=str(PACKAGE), parameters=parameters)
