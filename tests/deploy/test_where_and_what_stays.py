"""Where a deployment goes, and which value a parameter gets: the command line's, or else the stack's, or else the stage
file's, or else the template's default."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra import mail_rules
from infra.build import Package
from infra.deploy import main, region_of
from infra.deployment import Deployment
from infra.parameters import chosen, differences, known
from infra.sam import expanded
from infra.sandbox import tokens
from infra.stack import Stopped
from infra.stages import Stage
from tests.deploy.conftest import DEV, REGION, account

STAGE = Stage(name="dev", parameters={"LogDays": "7"})

# None of them a default, none what the stage file says.
EVERYTHING = {
    "SenderEmail": "batal@example.com",
    "CreateSender": "false",
    "CreateSecret": "false",
    "AccountsKeyArn": "",  # a stack keeps its key
    "FirstDeployment": "false",  # the command says it
    "DomainName": "cancel.example.com",
    "CertificateArn": "arn:aws:acm:ap-southeast-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
    "WebAclArn": "arn:aws:wafv2:ap-southeast-1:123456789012:regional/webacl/batal/1234abcd-12ab-34cd-56ef-1234567890ab",
    "ReplyDomain": "reply.example.com",
    "AlertEmail": "ops@example.com",
    "PublicUrl": "https://cancel.example.com",
    "Orchestrator": "sweep",
    "JwtJwks": json.dumps(tokens.jwks()),
    "JwtJwksUrl": "",  # the keys are given
    "JwtIssuer": "https://id.example.com",
    "JwtAudience": "orders",
    "OidcIssuer": "https://sign.example.com",
    "OidcClientId": "batal-pages",
    "Providers": "midtrans,stripe",
    "Quotas": "asks=40,bad_links=200",
    "Marketplace": "toko-kita",
    "Zone": "Asia/Bangkok",
    "Country": "TH",
    "ImageHosts": "img.example.com",
    "AlternativeLinks": "change_address=https://shop.example.com/o/{order_id}",
    "ReceiptRuleSet": "company-mail",
    "MailRegion": "ap-southeast-3",
    "RequestRate": "50",
    "RequestBurst": "80",
    "DetailedMetrics": "true",
    "AccessLog": "true",
    "SwitchedOff": "mails",
    "Retention": "words=2500",
    "KeepData": "false",
    "LogDays": "90",
    "EvidenceDays": "900",
    "AuditDays": "900",
    "AlertRefundAge": "30",
    "AlertCurrency": "USD",
    "AlertMoneyOnItsWay": "500000",
    "AlertMoneyFailed": "5000",
    "AlertMoneyHeld": "0",
    "SweepConcurrency": "2",
}


@pytest.mark.whole
def test_over_many_deploys_a_parameter_that_is_not_named_keeps_its_value(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    stage = replace(DEV, parameters={"LogDays": "7"})
    with account(package):
        boto3.client("ses", region_name=REGION).create_receipt_rule_set(RuleSetName=EVERYTHING["ReceiptRuleSet"])
        stack = Deployment(boto3.Session(region_name=REGION), stage, say=told.append)

        # 1: a new stack hears the stage file, and gets an address of its own.
        stack.deploy({"SenderEmail": "first@example.com"}, lambda: True, tmp_path)
        held, own = stack.parameters(), stack.outputs()["EndpointURL"].rstrip("/")
        assert set(held) == set(known())
        assert (held["SenderEmail"], held["LogDays"], held["EvidenceDays"]) == ("first@example.com", "7", "730")
        assert held["PublicUrl"] == own
        assert told[0] == f"Deploying batal-dev in account 123456789012, region {REGION}."
        assert "  LogDays = 7 (by the stage file)" in told
        assert "  SenderEmail = first@example.com (by the command line)" in told

        # 2: the command line changes every parameter, and says so before it asks.
        told.clear()
        shown: list[str] = []
        stack.deploy(EVERYTHING, lambda: shown.extend(told) or True, tmp_path)  # type: ignore[func-returns-value]
        assert stack.parameters() == EVERYTHING
        assert "  LogDays: 7 -> 90 (by the command line)" in shown
        assert sum(" -> " in line for line in shown) == len(EVERYTHING) - 3

        # 3: one parameter is named, and no other moves.
        told.clear()
        stack.deploy({"JwtAudience": "cancellations"}, lambda: True, tmp_path)
        assert stack.parameters() == {**EVERYTHING, "JwtAudience": "cancellations"}
        assert "  LogDays: 90 stays; the stage file's 7 comes by LogDays=@stage" in told

        # 4: an emptied address is API Gateway's own again.
        stack.deploy({"PublicUrl": ""}, lambda: True, tmp_path)
        assert stack.parameters() == {**EVERYTHING, "JwtAudience": "cancellations", "PublicUrl": own}

        # 5: what an earlier version let in, which looked at nothing, is told and stands in nobody's way.
        with monkeypatch.context() as patch:
            patch.setattr("infra.deployment.faults", lambda *_, **__: [])
            stack.deploy({"JwtJwks": "{keys:[{kty:RSA}]}"}, lambda: True, tmp_path)
        told.clear()
        stack.deploy({"LogDays": "30"}, lambda: True, tmp_path)
        assert any("what the stack has is wrong. JwtJwks" in line for line in told)
        assert stack.parameters()["LogDays"] == "30"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ('JwtJwks={"keys":[{"kty":"oct","k":"AAAA"}]}', "symmetric"),
        ("JwtJwks={keys:[{kty:RSA}]}", "no JSON"),
        ("PublicURL=https://cancel.example.com", "did you mean PublicUrl"),
        ("LogDays=8", "none of 1, 3"),
        ("AlertEmail=ops", "no e-mail address"),
        ("OidcClientId=batal", "they go together"),
        ("KeepData", "NAME=VALUE"),
        ("EvidenceDays=@stage", "does not name EvidenceDays"),
        ("JwtJwks=@no/such/file", "cannot be read"),
        ("SenderEmail=other@example.com", "given twice"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    settings: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sender = ["--sender", "me@example.com"]
    with account(None):
        assert main(["deploy", "--region", REGION, "--yes", *sender, "--settings", settings]) == 1
        assert boto3.client("s3").list_buckets()["Buckets"] == []
        assert boto3.client("cloudformation").describe_stacks()["Stacks"] == []
    assert why in capsys.readouterr().err


def test_who_may_say_comes_in_an_order() -> None:
    held = {"LogDays": "30", "EvidenceDays": "40", "KeepData": "false"}
    choices = chosen({"LogDays": "1", "AlertEmail": ""}, held, STAGE)
    assert {name: (each.value, each.by) for name, each in choices.items() if name.endswith("Days")} == {
        "LogDays": ("1", "the command line"),
        "EvidenceDays": ("40", "the stack"),
        "AuditDays": ("1827", "the template's default"),
    }
    assert chosen({}, {}, STAGE)["LogDays"].by == "the stage file"
    assert chosen({}, {}, STAGE)["KeepData"].by == "the template's default"
    assert "SenderEmail" not in chosen({}, {}, STAGE)


def test_a_parameter_that_the_template_dropped_does_not_stop_an_update() -> None:
    held = {"LogDays": "7", "Forgotten": "x"}
    assert "Forgotten" not in chosen({}, held, STAGE)
    assert "Forgotten: x goes; the template no longer knows it" in differences(chosen({}, held, STAGE), held, STAGE)


def test_a_stage_file_that_names_nothing_known_is_refused(tmp_path: Path) -> None:
    stage = Stage(name="dev", parameters={"LogDay": "7"})
    with account(None), pytest.raises(Stopped, match=r"LogDay.*stage file dev.json.*LogDays"):
        Deployment(boto3.Session(region_name=REGION), stage, say=lambda _: None).deploy({}, lambda: True, tmp_path)


def test_a_new_stack_needs_a_sender(tmp_path: Path) -> None:
    with account(None), pytest.raises(Stopped, match="Who sends the mails"):
        Deployment(boto3.Session(region_name=REGION), STAGE, say=lambda _: None).deploy({}, lambda: True, tmp_path)


# --- where


@pytest.mark.parametrize(
    ("environ", "asked", "region"),
    [
        ({}, None, None),
        ({"AWS_REGION": "ap-southeast-3"}, None, "ap-southeast-3"),
        ({"AWS_DEFAULT_REGION": "ap-southeast-3"}, None, "ap-southeast-3"),
        ({"AWS_REGION": "ap-southeast-3", "AWS_DEFAULT_REGION": "ap-southeast-3"}, None, "ap-southeast-3"),
        ({"AWS_REGION": "ap-southeast-3", "AWS_DEFAULT_REGION": ""}, None, "ap-southeast-3"),
        ({"AWS_REGION": "ap-southeast-3", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1", "eu-west-1"),
    ],
)
def test_the_region_is_the_one_asked_for_or_else_the_environments(
    environ: dict[str, str], asked: str | None, region: str | None
) -> None:
    assert region_of(environ, asked) == region


def test_two_regions_that_disagree_are_refused() -> None:
    with pytest.raises(Stopped, match=r"AWS_REGION=ap-southeast-3 and AWS_DEFAULT_REGION=us-east-1 disagree"):
        region_of({"AWS_REGION": "ap-southeast-3", "AWS_DEFAULT_REGION": "us-east-1"}, None)


@pytest.mark.parametrize(
    ("region", "why"),
    [("", "Which region"), ("ap-southeast3", "did you mean ap-southeast-3"), ("jakarta", "no region")],
)
@pytest.mark.parametrize("what", ["deploy", "destroy"])
def test_without_a_region_that_exists_nothing_is_done(
    what: str,
    region: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_REGION", region)
    assert main([what, "--yes"]) == 1
    assert why in capsys.readouterr().err


def test_a_region_without_mail_is_told_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "n")
    with account(None):
        main(["destroy", "--region", "ap-southeast-7", "--data"])
    told = capsys.readouterr().out
    assert "no SES in ap-southeast-7" in told
    assert "ap-southeast-3" in told


def test_a_region_that_receives_no_mail_says_what_works_there() -> None:
    told: list[str] = []
    with account(None):
        session = boto3.Session(region_name="ap-southeast-5")
        mail_rules.look(session, {"ReplyDomain": ""}, "batal-dev", told.append)
        assert told == []
        mail_rules.look(session, {"ReplyDomain": "reply.example.com"}, "batal-dev", told.append)
    (line,) = told
    assert "receives no mail in ap-southeast-5" in line
    assert "SET=ReplyDomain=" in line


def test_removing_asks_with_account_and_region(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "n")  # type: ignore[func-returns-value]
    with account(None):
        assert main(["destroy", "--region", REGION, "--data"]) == 1
    assert asked == [f"Remove batal-dev in account 123456789012, region {REGION}, and its data? [y/N] "]
    assert "Nothing was removed" in capsys.readouterr().err


def test_ctrl_c_at_the_question_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    with account(None):
        assert main(["destroy", "--region", REGION]) == 130
    assert "say the same again" in capsys.readouterr().err


def test_the_template_is_expanded_for_the_region_that_was_decided_on(
    sam: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for another one that the environment names: its partition would be written into roles."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    assert "aws-cn" not in json.dumps(expanded(sam, "b", "k", "ap-southeast-3"))


def test_a_switch_changes_one_parameter_of_the_running_stack_and_nothing_else(package: Package, tmp_path: Path) -> None:
    with account(package):
        stack = Deployment(boto3.Session(region_name=REGION), DEV, say=lambda _: None)
        with pytest.raises(Stopped, match="not there: nothing was switched"):
            stack.switch("mails")
        stack.deploy({"SenderEmail": "first@example.com"}, lambda: True, tmp_path)
        before = stack.parameters()
        assert stack.switch("mails,refunds")
        assert stack.parameters() == {**before, "SwitchedOff": "mails,refunds"}
        assert not stack.switch("mails,refunds"), "it is so already"
        with pytest.raises(Stopped, match="there are mails, refunds, writes"):
            stack.switch("mail")
        assert stack.switch("")
        assert stack.parameters() == before


def test_tables_are_protected_once_the_first_deployment_stands_and_not_while_it_may_fail(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try that failed could not remove them, nor could anybody deploy over it."""
    seen, told = list[tuple[str, str]](), list[str]()
    with account(package):
        stack = Deployment(boto3.Session(region_name=REGION), DEV, say=told.append)
        create = stack.cloudformation.create_change_set

        def noted(**asked: Any) -> Any:
            given = {each["ParameterKey"]: each["ParameterValue"] for each in asked["Parameters"]}
            seen.append((asked["ChangeSetType"], given["FirstDeployment"]))
            assert given["KeepData"] == "true"
            assert "ImportExistingResources" not in asked, "there is nothing to take in"
            return create(**asked)

        monkeypatch.setattr(stack.cloudformation, "create_change_set", noted)
        client = boto3.client("dynamodb", region_name=REGION)

        def protected(name: str) -> bool:
            return bool(client.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"])

        stack.deploy({"SenderEmail": "first@example.com", "KeepData": "true"}, lambda: True, tmp_path)
        assert seen == [("CREATE", "true"), ("UPDATE", "false")]
        assert stack.parameters()["FirstDeployment"] == "false"
        tables = client.list_tables()["TableNames"]
        assert len(tables) == 5
        assert all(protected(name) for name in tables)
        machine = stack.outputs()["StateMachineArn"]
        functions = boto3.client("stepfunctions", region_name=REGION)
        functions.start_execution(stateMachineArn=machine, name="c1-1", input="{}")
        stack.destroy(data=False)
        assert any("executions; their cases keep their deadlines" in line for line in told)
        assert {f"kept AWS::DynamoDB::Table {name}" for name in tables} <= set(told)
        assert client.list_tables()["TableNames"] == tables
        with pytest.raises(Stopped, match="--no-deletion-protection-enabled --table-name batal-dev-cases"):
            stack.destroy(data=True)


def test_packages_travel_over_tls_alone(package: Package, tmp_path: Path) -> None:
    with account(package):
        Deployment(boto3.Session(region_name=REGION), DEV, say=lambda _: None).deploy(
            {"SenderEmail": "first@example.com"}, lambda: True, tmp_path
        )
        s3 = boto3.client("s3", region_name=REGION)
        (bucket,) = (each["Name"] for each in s3.list_buckets()["Buckets"] if "packages" in each["Name"])
        (statement,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def test_our_rule_for_answers_joins_the_companys_rules_and_replaces_none(package: Package, tmp_path: Path) -> None:
    told: list[str] = []
    wanted = {"SenderEmail": "first@example.com", "ReplyDomain": "reply.example.com"}
    with account(package):
        ses = boto3.client("ses", region_name=REGION)
        ses.create_receipt_rule_set(RuleSetName="company-mail")
        ses.set_active_receipt_rule_set(RuleSetName="company-mail")
        stack = Deployment(boto3.Session(region_name=REGION), DEV, say=told.append)
        stack.deploy({**wanted, "ReceiptRuleSet": "company-mail"}, lambda: True, tmp_path)
        rules = ses.describe_receipt_rule_set(RuleSetName="company-mail")["Rules"]
        assert [rule["Name"] for rule in rules] == ["batal-dev-answers"]
        assert [each["Name"] for each in ses.list_receipt_rule_sets()["RuleSets"]] == ["company-mail"]
        assert not [line for line in told if "receipt rule set" in line]
        # Who forgot to say so is told before anything is applied.
        stack.deploy({"ReceiptRuleSet": ""}, lambda: told.append("asked") or True, tmp_path)  # type: ignore[func-returns-value]
        heeded = next(at for at, line in enumerate(told) if "SET=ReceiptRuleSet=company-mail" in line)
        assert heeded < told.index("asked")
