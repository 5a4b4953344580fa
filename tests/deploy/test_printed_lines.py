"""README's and the runbook's deploy lines do, as printed, what they promise: shell, make and command, into moto."""

import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from chalicelib.edge.auth import actor_of_bearer
from chalicelib.settings import read
from infra.build import Package
from infra.deploy import main
from infra.sandbox import tokens
from infra.stages import ROOT
from tests.deploy.conftest import account
from tests.deploy.typing_at_a_shell import Arrived, typed

README = (ROOT / "README.md").read_text("utf-8")
RUNBOOK = (ROOT / "docs" / "operations.md").read_text("utf-8")
PRINTED_REGION = "ap-southeast-3"
KEYS = json.dumps(tokens.jwks()["keys"])
ISSUER = "https://id.example.com"

AWKWARD = [
    '{"keys": [{"kid": "a b", "n": "x=y"}]}',
    "a$b",
    "a$$b",
    "$(shell touch harmed)",
    "${HOME}",
    "`touch harmed`",
    "$(touch harmed)",
    "a#b",
    "a,b=c",
    'say "hi"',
    "it's",
    "back\\slash",
    "end\\",
    "100%",
    "a;b&c|d<e>f*g?h~i!j",
    "two\nlines",
    "-x",
    "ü 中",
    "",
]


def filled(text: str) -> str:
    """What is printed, with keys where `[...]` stands for them."""
    return text.replace('{"keys":[...]}', '{"keys":' + KEYS + "}")


def readme_blocks() -> list[str]:
    section = README.partition("## Into your AWS account")[2].partition("\n## ")[0]
    return re.findall(r"```\w*\n(.*?)```", section, re.DOTALL)


def runbook_lines(begin: str) -> list[str]:
    """Code in the runbook's text that begins so, in its order."""
    return re.findall(rf"`({begin}[^`]*)`", RUNBOOK)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person's own configuration, which knows the profile that README leaves open, in another country."""
    file = tmp_path_factory.mktemp("aws") / "config"
    file.write_text("[profile ...]\nregion = us-east-1\n")
    return file


@pytest.fixture(scope="module")
def aws(package: Package) -> Iterator[None]:
    with account(package):
        yield


def carried_out(run: Arrived, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command itself, with what arrived; somebody says yes."""
    with monkeypatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
            patch.delenv(name, raising=False)
            if name in run.environment:
                patch.setenv(name, run.environment[name])
        patch.setenv("AWS_CONFIG_FILE", str(profile))
        patch.setattr("sys.stdin", io.StringIO("y\n"))
        assert main(run.arguments) == 0


def parameters(region: str = PRINTED_REGION) -> dict[str, str]:
    (stack,) = boto3.client("cloudformation", region_name=region).describe_stacks(StackName="batal-dev")["Stacks"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}


def environment() -> dict[str, str]:
    client = boto3.client("lambda", region_name=PRINTED_REGION)
    (name,) = (
        each["FunctionName"] for each in client.list_functions()["Functions"] if "APIHandler" in each["FunctionName"]
    )
    found: dict[str, str] = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return found


@pytest.mark.usefixtures("aws")
def test_the_readmes_lines_deploy_where_they_say_and_tokens_are_verified(
    tmp_path: Path, profile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = typed("\n".join(map(filled, readme_blocks())), tmp_path)
    assert len(runs) >= 2
    for run in runs:
        carried_out(run, profile, monkeypatch)
    told = capsys.readouterr().out
    assert f"batal-dev in account 123456789012, region {PRINTED_REGION}?" in told, "before the question"
    assert json.loads(parameters()["JwtJwks"]) == tokens.jwks()
    settings = read(environment())
    assert settings.jwt_issuer == ISSUER
    budi = tokens.token("budi", "buyer", claims={"iss": ISSUER})
    assert actor_of_bearer(f"Bearer {budi}", settings).id == "budi"
    with pytest.raises(Exception, match="does not exist"):
        parameters("us-east-1")


@pytest.mark.usefixtures("aws")
def test_the_runbooks_lines_deploy(tmp_path: Path, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [*runbook_lines("make deploy "), *(f"make deploy {each}" for each in runbook_lines("SET="))]
    assert any("JwtJwks={" in line for line in lines)
    (tmp_path / "jwks.json").write_text(json.dumps(tokens.jwks()))
    for line in lines:
        script = filled(line).replace("@jwks.json", f"@{tmp_path}/jwks.json")
        (run,) = typed(script, tmp_path, AWS_REGION=PRINTED_REGION)
        carried_out(run, profile, monkeypatch)
    assert json.loads(parameters()["JwtJwks"]) == tokens.jwks()
    assert parameters()["ReplyDomain"] == "reply.example.com"


@pytest.mark.parametrize("value", AWKWARD)
def test_make_and_the_shell_leave_values_alone(value: str, tmp_path: Path) -> None:
    (run,) = typed(f"make deploy SET={shlex.quote(value)} SENDER={shlex.quote(value)}", tmp_path)
    assert f"--settings={value}" in run.arguments
    assert f"--sender={value}" in run.arguments
    (run,) = typed("make deploy", tmp_path, SET=value)
    assert f"--settings={value}" in run.arguments
    assert not (ROOT / "harmed").exists()


@pytest.mark.parametrize("said", ["no", "0", "", "false", "n"])
def test_a_no_is_no_yes(said: str, tmp_path: Path) -> None:
    (run,) = typed(f"make destroy STAGE=dev DATA={said} YES={said}", tmp_path)
    assert run.arguments == ["destroy", "--stage=dev"]


def test_a_yes_is_one(tmp_path: Path) -> None:
    (removal, deployment) = typed("make destroy STAGE=prod DATA=yes YES=1\nmake deploy YES=1", tmp_path)
    assert removal.arguments == ["destroy", "--stage=prod", "--data", "--yes"]
    assert deployment.arguments == ["deploy", "--stage=dev", "--sender=", "--settings=", "--yes"]
