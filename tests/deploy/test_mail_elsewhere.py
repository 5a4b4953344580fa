"""Mail by another region's SES, where the stack's own has none: a part of the template, as a stack there."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.aws import clients
from infra.build import Package
from infra.deployment import Deployment
from infra.mail_elsewhere import mail_alone, without_mail
from infra.stack import Stopped
from tests.deploy.conftest import DEV, REGION, account

ELSEWHERE = "ap-southeast-3"
WANTED = {
    "SenderEmail": "first@example.com",
    "MailRegion": ELSEWHERE,
    "ReplyDomain": "reply.example.com",
    "KeepData": "false",
}


def senders(region: str) -> list[str]:
    found = boto3.client("sesv2", region_name=region).list_email_identities()["EmailIdentities"]
    return [each["IdentityName"] for each in found]


def test_all_of_ses_is_in_the_other_region_and_its_notices_come_over_the_border(
    package: Package, tmp_path: Path
) -> None:
    told: list[str] = []
    with account(package):
        stack = Deployment(boto3.Session(region_name=REGION), DEV, say=told.append)
        stack.deploy(WANTED, lambda: True, tmp_path)
        assert (senders(REGION), senders(ELSEWHERE)) == ([], ["first@example.com"])
        there = boto3.client("sesv2", region_name=ELSEWHERE)
        assert there.list_configuration_sets()["ConfigurationSets"] == ["batal-dev"]
        functions = boto3.client("lambda", region_name=REGION)
        (name,) = (
            each["FunctionName"] for each in functions.list_functions()["Functions"] if "OnMail" in each["FunctionName"]
        )
        function = functions.get_function_configuration(FunctionName=name)
        variables = function["Environment"]["Variables"]
        assert (variables["MAIL_REGION"], variables["MAIL_CONFIGURATION"]) == (ELSEWHERE, "batal-dev")
        notices = boto3.client("sns", region_name=ELSEWHERE).list_subscriptions()["Subscriptions"]
        topic = f"arn:aws:sns:{ELSEWHERE}:123456789012:batal-dev-mail"
        assert [(each["TopicArn"], each["Endpoint"]) for each in notices] == [(topic, function["FunctionArn"])]
        policy = functions.get_policy(FunctionName=name)["Policy"]
        assert topic in policy
        assert f"sns.{ELSEWHERE}.amazonaws.com" in policy
        (rule,) = boto3.client("ses", region_name=ELSEWHERE).describe_receipt_rule_set(RuleSetName="batal-dev")["Rules"]
        assert rule["Name"] == "batal-dev-answers"

        # Once more: nothing of it is made twice, and all of it goes, the sender with the data alone.
        stack.deploy({"LogDays": "14"}, lambda: True, tmp_path)
        stack.destroy(data=False)
        assert senders(ELSEWHERE) == ["first@example.com"]
        assert f"kept AWS::SES::EmailIdentity first@example.com in {ELSEWHERE}" in told
        with pytest.raises(ClientError, match="does not exist"):
            boto3.client("cloudformation", region_name=ELSEWHERE).describe_stacks(StackName="batal-dev-mail")


def test_the_stacks_own_region_is_none_elsewhere(tmp_path: Path) -> None:
    with account(None):
        stack = Deployment(boto3.Session(region_name=REGION), DEV, say=lambda _: None)
        with pytest.raises(Stopped, match="the stack's own region"):
            stack.deploy(WANTED | {"MailRegion": REGION}, lambda: True, tmp_path)


def test_neither_part_names_what_the_other_one_has(template: dict[str, Any]) -> None:
    here = without_mail(template, "batal-dev")
    there = mail_alone(template, "batal-dev", "arn:function", "the-bucket")
    for part in (here, there):
        dangling = references(part["Resources"]) | references(part.get("Outputs", {}))
        dangling -= part["Resources"].keys() | part["Parameters"].keys()
        assert {name for name in dangling if not name.startswith("AWS::")} == set()
    assert not [each for each in here["Resources"].values() if each["Type"].startswith("AWS::SES::")]
    (action,) = there["Resources"]["AnswersToCases"]["Properties"]["Rule"]["Actions"]
    assert action["S3Action"]["BucketName"] == "the-bucket"
    assert "AWS::StackName" not in repr(there["Resources"])


def references(what: Any) -> set[str]:
    """The names that a part of a template refers to."""
    if isinstance(what, list):
        return {name for each in what for name in references(each)}
    if not isinstance(what, dict):
        return set()
    found = {name for each in what.values() for name in references(each)}
    if "Ref" in what:
        found.add(what["Ref"])
    if "Fn::GetAtt" in what:
        found.add(what["Fn::GetAtt"][0] if isinstance(what["Fn::GetAtt"], list) else what["Fn::GetAtt"].split(".")[0])
    waits = what.get("DependsOn", ())
    return found | ({waits} if isinstance(waits, str) else set(waits))


def test_clients_are_of_the_region_that_is_said() -> None:
    assert clients("ap-southeast-3")("sesv2").meta.region_name == "ap-southeast-3"
