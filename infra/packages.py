"""The bucket that packages and templates are uploaded to, one for all stacks of an account and region."""

import json
from typing import Any

from botocore.exceptions import ClientError

# The rule of versions before 0.9.0, which threw packages away after 90 days.
_OLD_RULE = "old"


def bucket_of_packages(session: Any, app: str, account: str) -> str:
    """Its name; it is made where there is none. Packages stay: a stack that is rolled back asks for the one that it
    ran, however old, and a hundred of them cost two cents a month."""
    name, s3 = f"{app}-packages-{account}-{session.region_name}", session.client("s3")
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        where = {"CreateBucketConfiguration": {"LocationConstraint": session.region_name}}
        s3.create_bucket(Bucket=name, **({} if session.region_name == "us-east-1" else where))
        closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(_over_tls(session, name)))
    else:
        _let_packages_stay(s3, name)
    return name


def _let_packages_stay(s3: Any, bucket: str) -> None:
    try:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        return
    if [rule.get("ID") for rule in rules] == [_OLD_RULE]:
        s3.delete_bucket_lifecycle(Bucket=bucket)


def _over_tls(session: Any, bucket: str) -> dict[str, Any]:
    """A policy by which nobody reads or writes packages but over TLS."""
    arn = f"arn:{session.get_partition_for_region(session.region_name)}:s3:::{bucket}"
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    plain = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return {"Version": "2012-10-17", "Statement": [denied | plain]}
