"""A new beginning: no executions, no mails, real time, the seeded orders."""

from typing import Any

import boto3

from chalicelib.adapters.dynamodb.desk import DESK
from chalicelib.adapters.dynamodb.settings import FORMAT, SMALL
from chalicelib.domain.ports import Ports
from infra.sandbox.aws import forget_mails, stop_executions
from infra.sandbox.clock import SandboxClock
from infra.sandbox.files import BUCKET
from infra.sandbox.mails import RECEIVED
from infra.sandbox.providers import street
from infra.sandbox.seed import seed


def begin_anew(ports: Ports, clock: SandboxClock) -> None:
    """Back to the seeded state. Waits end first, so that nothing of the old world is delivered into the new one."""
    stop_executions()
    _empty_tables()
    _empty_buckets()
    forget_mails()
    street.forget()
    clock.put_back()
    ports.store.put_setting(FORMAT, {"version": SMALL})
    ports.store.put_setting(DESK, {"index": DESK})
    seed(ports)


def _empty_tables() -> None:
    client: Any = boto3.client("dynamodb")
    for table in client.list_tables()["TableNames"]:
        keys = [key["AttributeName"] for key in client.describe_table(TableName=table)["Table"]["KeySchema"]]
        while found := client.scan(TableName=table)["Items"]:
            for item in found:
                client.delete_item(TableName=table, Key={name: item[name] for name in keys})


def _empty_buckets() -> None:
    client: Any = boto3.client("s3")
    for bucket in (BUCKET, RECEIVED):
        for item in client.list_objects_v2(Bucket=bucket).get("Contents", ()):
            client.delete_object(Bucket=bucket, Key=item["Key"])
