"""What moto's CloudFormation leaves out of tables: expiry and recovery, and every change to one that stands."""

from collections.abc import Callable
from typing import Any

import boto3
from moto.dynamodb.exceptions import MockValidationException

from infra.indexes import indexes_of


def made(go: Callable[[Any], Any], given: Any, _: str, region: str) -> Any:
    """moto drops expiry and recovery."""
    table, properties = go(given), given["Properties"]
    client = boto3.client("dynamodb", region_name=region)
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(TableName=table.name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    client.update_continuous_backups(
        TableName=table.name,
        PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"],
    )
    return table


def changed(original_resource: Any, cloudformation_json: Any, region_name: str, **_: Any) -> Any:
    """moto changes nothing. DynamoDB adds or removes one index at a time."""
    properties, name = cloudformation_json["Properties"], original_resource.name
    client = boto3.client("dynamodb", region_name=region_name)
    has = {
        each["IndexName"] for each in client.describe_table(TableName=name)["Table"].get("GlobalSecondaryIndexes", ())
    }
    wanted = indexes_of(cloudformation_json)
    changes = [{"Create": each} for index, each in wanted.items() if index not in has]
    changes += [{"Delete": {"IndexName": index}} for index in has - wanted.keys()]
    if len(changes) > 1:
        raise MockValidationException(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
        )
    client.update_table(
        TableName=name,
        DeletionProtectionEnabled=properties["DeletionProtectionEnabled"],
        **(
            {"AttributeDefinitions": properties["AttributeDefinitions"], "GlobalSecondaryIndexUpdates": changes}
            if changes
            else {}
        ),
    )
    return original_resource
