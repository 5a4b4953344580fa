"""What a stack keeps: it is destroyed, deployed over, restored from a backup, and taken away with all that it kept.

One stack lives through these tests, in their order.
"""

from typing import Any

import boto3
import pytest

from infra.deploy import main
from tests.deploy.test_permissions import TICK
from tests.verify.conftest import SENDER, Deployed, address_of, keys, reached
from tests.verify.test_deployed import CANCELLED, GRACE

TABLES = [f"batal-dev-{name}" for name in ("cases", "keys", "money", "orders", "settings")]
CASES, ORDERS, MONEY = "batal-dev-cases", "batal-dev-orders", "batal-dev-money"


@pytest.fixture(scope="module")
def waiting(deployed: Deployed) -> str:
    """The case of an order whose seller has half a minute to answer."""
    policy = deployed.call("GET", "/v1/policies/lazada", role="operator", who="omar")[1]
    soon = {"within": {"amount": 30, "unit": "seconds"}, "if_silent": "approve"}
    draft = policy | {"version": policy["version"] + 1, "answers": dict.fromkeys(policy["answers"], soon)}
    draft |= {"name": "tokopedia"}
    assert deployed.call("PUT", "/v1/policies/tokopedia", draft, role="operator", who="omar")[0] == 200
    deployed.order("TKP-1", platform="tokopedia")
    return deployed.ask("TKP-1")


def secret() -> str:
    return str(boto3.client("secretsmanager").get_secret_value(SecretId="batal-dev/secrets")["SecretString"])


def deploy_over(emulator: str, capsys: pytest.CaptureFixture[str]) -> tuple[Deployed, str]:
    """The stack made anew over what is there, and what the command said."""
    assert main(["deploy", "--stage", "dev", "--sender", SENDER, "--yes", *keys()]) == 0
    told = capsys.readouterr().out
    assert main(["deploy", "--stage", "dev", "--yes", "--set", f"PublicUrl={address_of(emulator)}"]) == 0
    return reached(emulator), told


def test_tables_and_their_rows_stay_when_the_stack_goes_and_the_execution_that_waits_does_not_hold_it(
    deployed: Deployed, waiting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["destroy", "--stage", "dev", "--yes"]) == 0
    told = capsys.readouterr().out
    assert "Stopped 1 executions; their cases keep their deadlines." in told
    assert f"kept AWS::DynamoDB::Table {CASES}" in told
    assert sorted(boto3.client("dynamodb").list_tables()["TableNames"]) == TABLES
    assert boto3.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert boto3.client("lambda").list_functions()["Functions"] == []


def test_a_stack_that_is_deployed_over_it_takes_it_in_and_its_sweep_keeps_the_deadline(
    emulator: str, waiting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = secret()
    stack, told = deploy_over(emulator, capsys)
    assert f"Found, and to be taken in: AWS::DynamoDB::Table {CASES}" in told
    assert "Import  AWS::DynamoDB::Table" in told
    assert secret() == before

    def carried() -> Any:
        stack.invoke("Sweep", TICK)
        return stack.case(waiting)["outcome"]

    assert stack.until(carried, GRACE + 300) == "cancelled"
    stack.until(lambda: len(stack.mails(waiting, CANCELLED)) == 2)


def test_what_was_restored_from_a_backup_is_taken_in_with_all_that_a_backup_leaves_out(
    emulator: str, waiting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As docs/operations.md has it. The emulator keeps no points in time, so that the backup is a named one."""
    client = boto3.client("dynamodb")
    stack = reached(emulator)
    stack.order("LZD-KEPT")
    kept = stack.ask("LZD-KEPT")
    backups = {
        table: client.create_backup(TableName=table, BackupName="good")["BackupDetails"]["BackupArn"]
        for table in (CASES, ORDERS, MONEY)
    }
    stack.order("LZD-LOST")
    lost = stack.ask("LZD-LOST")
    assert main(["destroy", "--stage", "dev", "--yes"]) == 0
    for table, backup in backups.items():
        client.delete_table(TableName=table)
        client.restore_table_from_backup(TargetTableName=table, BackupArn=backup)
    for table in (CASES, MONEY, ORDERS):
        recovery = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    capsys.readouterr()

    stack, told = deploy_over(emulator, capsys)
    assert f"Found, and to be taken in: AWS::DynamoDB::Table {CASES}" in told
    for table in TABLES:
        recovery = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED", table
    expiry = client.describe_time_to_live(TableName=CASES)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert stack.call("GET", f"/v1/cases/{lost}", role="support", who="sari")[0] == 404
    assert stack.case(waiting)["outcome"] == "cancelled"
    status, case = stack.call("POST", f"/v1/cases/{kept}/approve", {}, role="seller", who="toko-baju")
    assert (status, case["outcome"]) == (200, "cancelled"), stack.logs()


def test_all_goes_with_its_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy", "--stage", "dev", "--yes", "--data"]) == 0
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []
    names = [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]]
    assert [name for name in names if "packages" not in name] == []
    assert boto3.client("secretsmanager").list_secrets()["SecretList"] == []
    capsys.readouterr()
    assert main(["destroy", "--stage", "dev", "--yes"]) == 1
    assert "nothing that one kept" in capsys.readouterr().err
