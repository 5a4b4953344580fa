"""What outlives a stack: found by name, taken in by the next one, removed with its data."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from infra import kept as keeping
from infra.deploy import main
from infra.kept import Kept
from infra.packages import bucket_of_packages
from tests.deploy.conftest import REGION, account

KNOWN = {"AWS::StackName": "batal-dev", "AWS::AccountId": "123456789012", "AWS::Region": REGION}
SENDER = KNOWN | {"SenderEmail": "batal@example.com"}


@pytest.fixture
def aws() -> Iterator[Any]:
    with account(None):
        yield boto3.Session(region_name=REGION)


def left_behind(session: Any, *, protected: bool = False) -> None:
    """What a destroyed stack kept: some tables, files, the secret, the key."""
    for name, key in (("settings", "name"), ("cases", "case_id")):
        session.client("dynamodb").create_table(
            TableName=f"batal-dev-{name}",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=protected,
        )
    s3 = session.client("s3")
    bucket = f"batal-dev-looks-123456789012-{REGION}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="looks/1", Body=content)
    session.client("secretsmanager").create_secret(Name="batal-dev/secrets", SecretString="{}")
    kms = session.client("kms")
    key = kms.create_key(Description="Seals the accounts that refunds of batal-dev are paid out to, and nothing else.")
    kms.create_alias(AliasName="alias/batal-dev-accounts", TargetKeyId=key["KeyMetadata"]["KeyId"])


NAMES = {
    "batal-dev-cases",
    "batal-dev-settings",
    "alias/batal-dev-accounts",
    f"batal-dev-looks-123456789012-{REGION}",
    "batal-dev/secrets",
}


def test_everything_that_the_template_keeps_is_known_by_name(template: dict[str, Any]) -> None:
    kept = {
        name
        for name, each in template["Resources"].items()
        if each.get("DeletionPolicy") == "RetainExceptOnCreate" and each["Type"] != "AWS::KMS::Key"
    }
    assert {each.logical_id for each in keeping.lasting(SENDER)} == kept
    assert {each.logical_id for each in keeping.lasting(KNOWN)} == kept - {"Sender"}
    assert all("$" not in each.name for each in keeping.lasting(SENDER))


def test_what_a_stack_left_is_found_and_a_new_one_goes_by_it(aws: Any, template: dict[str, Any]) -> None:
    assert keeping.existing(aws, SENDER) == []
    left_behind(aws)
    aws.client("sesv2").create_email_identity(EmailIdentity="batal@example.com")
    left = keeping.existing(aws, SENDER)
    assert {each.name for each in left} == NAMES | {"batal@example.com"}
    said = keeping.told_by(aws, left)
    assert said.pop("AccountsKeyArn").startswith("arn:aws:kms:")
    assert said == {"CreateSecret": "false", "CreateSender": "false"}

    # CloudFormation takes in what has its name in plain letters and stays in any case.
    made = keeping.taking_in(template, left)["Resources"]
    for logical_id, named_by in (("Cases", "TableName"), ("Looks", "BucketName"), ("AccountsKeyName", "AliasName")):
        assert made[logical_id]["Properties"][named_by] in NAMES
        assert made[logical_id]["DeletionPolicy"] == "Retain"
    for logical_id in ("Orders", "Evidence", "Secrets", "Sender"):
        assert made[logical_id] == template["Resources"][logical_id]


def test_a_kept_table_without_an_index_is_not_taken_in_as_if_it_had_it(aws: Any, template: dict[str, Any]) -> None:
    left_behind(aws)
    (cases, settings) = (each for each in keeping.existing(aws, KNOWN) if each.is_table)
    assert "batal-dev-cases: desk" in keeping.strange(aws, template, [cases, settings])
    assert keeping.strange(aws, template, [settings]) == []


def test_data_goes_also_where_its_stack_is_gone(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["destroy", "--region", REGION, "--yes"]
    assert main([*command, "--data"]) == 1
    assert "nothing that one kept" in capsys.readouterr().err
    left_behind(aws)
    assert main(command) == 1
    told = capsys.readouterr().err
    assert all(name in told for name in NAMES)
    assert main([*command, "--data"]) == 0
    told = capsys.readouterr().out
    assert all(f" {name}\n" in told for name in NAMES)
    assert keeping.existing(aws, SENDER) == []
    (key,) = aws.client("kms").list_keys()["Keys"]
    assert aws.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_protected_tables_are_freed_by_hand(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    left_behind(aws, protected=True)
    assert main(["destroy", "--region", REGION, "--yes", "--data"]) == 1
    assert "--no-deletion-protection-enabled --table-name batal-dev-cases" in capsys.readouterr().err
    assert len(keeping.existing(aws, KNOWN)) == len(NAMES)


def test_a_key_of_ones_own_is_not_deleted_with_the_data(aws: Any) -> None:
    kms = aws.client("kms")
    key = kms.create_key(Description="the company's")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/batal-dev-accounts", TargetKeyId=key)
    keeping.remove(aws, Kept("AWS::KMS::Alias", "alias/batal-dev-accounts", "AccountsKeyName"))
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert keeping.existing(aws, KNOWN) == []


def test_packages_stay_also_in_buckets_of_earlier_versions(aws: Any) -> None:
    name, s3 = bucket_of_packages(aws, "batal", "123456789012"), aws.client("s3")
    old = {"ID": "old", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 90}}
    own = {**old, "ID": "ours", "Expiration": {"Days": 900}}
    for rules, left in (([old], []), ([old, own], ["old", "ours"])):
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
        assert bucket_of_packages(aws, "batal", "123456789012") == name
        try:
            found = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        except s3.exceptions.ClientError:
            found = []
        assert [each["ID"] for each in found] == left
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"][0]["Effect"] == "Deny"
