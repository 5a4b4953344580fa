"""What outlives a stack: tables, files, the secret, the key of accounts, the sender. Found by name, as the template
names it, taken in by the next stack, or removed with its data."""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from botocore.exceptions import ClientError

from infra.indexes import TABLE, indexes_of
from infra.stages import ROOT

_BUCKET = "AWS::S3::Bucket"
_SECRET, _ALIAS, IDENTITY = "AWS::SecretsManager::Secret", "AWS::KMS::Alias", "AWS::SES::EmailIdentity"
# By kind: the property that names it. A key has no name of its own; it goes by its alias.
_NAMED_BY: Mapping[str, str] = {
    TABLE: "TableName",
    _BUCKET: "BucketName",
    _SECRET: "Name",
    _ALIAS: "AliasName",
    IDENTITY: "EmailIdentity",
}
_TAKEN_IN = (TABLE, _BUCKET, _ALIAS)
_ABSENT = ("404", "NoSuchBucket", "NotFoundException", "ResourceNotFoundException")


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """One of them: its kind, its name in the account, and what the template calls it."""

    kind: str
    name: str
    logical_id: str

    @property
    def is_table(self) -> bool:
        """Whether it holds what was decided."""
        return self.kind == TABLE

    @property
    def is_taken_in(self) -> bool:
        """Whether CloudFormation takes it into a new stack by its name alone."""
        return self.kind in _TAKEN_IN

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class _Names(yaml.SafeLoader):  # type: ignore[misc]
    """Reads the template for names: `!Sub` and `!Ref` of plain text, and of nothing else."""


def _text(_: Any, tag: str, node: Any) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        return None
    return f"${{{node.value}}}" if tag == "Ref" else str(node.value)


_Names.add_multi_constructor("!", _text)


@cache
def _templates() -> tuple[Kept, ...]:
    text = (ROOT / "infra" / "resources.yaml").read_text("utf-8")
    declared: Mapping[str, Mapping[str, Any]] = yaml.load(text, _Names)["Resources"]  # noqa: S506 - a SafeLoader
    return tuple(
        Kept(each["Type"], each["Properties"][_NAMED_BY[each["Type"]]], logical_id)
        for logical_id, each in declared.items()
        if each.get("DeletionPolicy") == "RetainExceptOnCreate" and each["Type"] in _NAMED_BY
    )


def lasting(known: Mapping[str, str]) -> list[Kept]:
    """Everything that a stack keeps, by what is known of it: `AWS::StackName`, `AWS::AccountId`, `AWS::Region`, and
    `SenderEmail`, without which the sender is left out."""
    found = []
    for each in _templates():
        name = each.name
        for what, value in known.items():
            name = name.replace(f"${{{what}}}", value)
        if "${" not in name:
            found.append(Kept(each.kind, name, each.logical_id))
    return sorted(found)


def existing(session: Any, known: Mapping[str, str]) -> list[Kept]:
    """Those of them that are there."""
    return existing_in(session, lasting(known))


def existing_in(session: Any, kept: Iterable[Kept], region: str | None = None) -> list[Kept]:
    """Those that are there, in the session's region or another."""
    return [each for each in kept if _looked_up(session, each, region) is not None]


def _looked_up(session: Any, kept: Kept, region: str | None = None) -> Mapping[str, Any] | None:
    service, look = _LOOKS[kept.kind]
    try:
        found: Mapping[str, Any] = look(session.client(service, region_name=region), kept.name)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    return None if found.get("DeletedDate") else found


_LOOKS: Mapping[str, tuple[str, Callable[[Any, str], Mapping[str, Any]]]] = {
    TABLE: ("dynamodb", lambda client, name: client.describe_table(TableName=name)),
    _BUCKET: ("s3", lambda client, name: client.head_bucket(Bucket=name)),
    _SECRET: ("secretsmanager", lambda client, name: client.describe_secret(SecretId=name)),
    _ALIAS: ("kms", lambda client, name: client.describe_key(KeyId=name)),
    IDENTITY: ("sesv2", lambda client, name: client.get_email_identity(EmailIdentity=name)),
}


def told_by(session: Any, kept: Iterable[Kept]) -> dict[str, str]:
    """What parameters of a new stack have to say, so that it goes by what is there and makes it not a second time."""
    said = {}
    for each in kept:
        if each.kind == _SECRET:
            said["CreateSecret"] = "false"
        elif each.kind == IDENTITY:
            said["CreateSender"] = "false"
        elif each.kind == _ALIAS:
            said["AccountsKeyArn"] = session.client("kms").describe_key(KeyId=each.name)["KeyMetadata"]["Arn"]
    return said


def taking_in(template: Mapping[str, Any], kept: Iterable[Kept]) -> dict[str, Any]:
    """The same template, which takes in what is there: CloudFormation finds it by a name in plain letters, and must not
    remove it where the stack does not come up."""
    made = deepcopy(dict(template))
    for each in kept:
        if each.is_taken_in:
            resource = made["Resources"][each.logical_id]
            resource["Properties"][_NAMED_BY[each.kind]] = each.name
            resource["DeletionPolicy"] = "Retain"
    return made


def strange(session: Any, template: Mapping[str, Any], kept: Iterable[Kept]) -> list[str]:
    """Tables whose indexes are not those of the template, and which: taken in so, CloudFormation would believe that
    they are."""
    lines = []
    for each in kept:
        if each.is_table:
            table = session.client("dynamodb").describe_table(TableName=each.name)["Table"]
            has = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())}
            wanted = indexes_of(template["Resources"][each.logical_id]).keys()
            lines += [f"{each.name}: {name}" for name in sorted(has ^ wanted)]
    return lines


def as_declared(session: Any, template: Mapping[str, Any], kept: Iterable[Kept], *, protected: bool) -> None:
    """Give tables that were taken in the rest of what the template declares. CloudFormation takes them as they are, and
    one that was restored from a backup has neither recovery nor expiry nor protection."""
    client = session.client("dynamodb")
    for each in kept:
        if not each.is_table:
            continue
        declared = template["Resources"][each.logical_id]["Properties"]
        client.update_continuous_backups(
            TableName=each.name, PointInTimeRecoverySpecification=declared["PointInTimeRecoverySpecification"]
        )
        if wanted := declared.get("TimeToLiveSpecification"):
            now = client.describe_time_to_live(TableName=each.name)["TimeToLiveDescription"]
            if now.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
                client.update_time_to_live(TableName=each.name, TimeToLiveSpecification=wanted)
        if client.describe_table(TableName=each.name)["Table"].get("DeletionProtectionEnabled", False) is not protected:
            client.update_table(TableName=each.name, DeletionProtectionEnabled=protected)


def protected(session: Any, kept: Iterable[Kept]) -> list[str]:
    """The names of tables that DynamoDB does not delete."""
    tables = [(each, _looked_up(session, each)) for each in kept if each.is_table]
    return [each.name for each, found in tables if found and found["Table"].get("DeletionProtectionEnabled")]


def remove(session: Any, kept: Kept, region: str | None = None) -> None:
    """Remove it with all that is in it; a sender may be in another region. A key is deleted by AWS after a week, and
    only where our template made it."""
    if kept.kind == TABLE:
        session.client("dynamodb").delete_table(TableName=kept.name)
    elif kept.kind == _BUCKET:
        bucket = session.resource("s3").Bucket(kept.name)
        bucket.object_versions.delete()
        bucket.delete()
    elif kept.kind == _SECRET:
        session.client("secretsmanager").delete_secret(SecretId=kept.name, ForceDeleteWithoutRecovery=True)
    elif kept.kind == _ALIAS:
        client = session.client("kms")
        key = client.describe_key(KeyId=kept.name)["KeyMetadata"]
        client.delete_alias(AliasName=kept.name)
        if key["Description"].startswith("Seals the accounts that refunds of"):
            client.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    else:
        session.client("sesv2", region_name=region).delete_email_identity(EmailIdentity=kept.name)
