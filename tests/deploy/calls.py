"""Which AWS calls each function really makes, as the permissions that they need."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib import wiring
from chalicelib.adapters.evidence import Bucket
from infra.sandbox import aws
from infra.sandbox.server import GatewayHandler

# An action, and what it is done to: a logical id of the template, an index or objects below it, or `*`.
Permission = tuple[str, str]

_IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


class Recorder:
    """Permissions by function, as calls were seen."""

    def __init__(self) -> None:
        self.needed: dict[str, set[Permission]] = {}
        self._at = threading.local()

    @property
    def function(self) -> str | None:
        """The function that this thread is in; calls of tests and of moto itself are nobody's."""
        return getattr(self._at, "function", None)

    def note(self, *permissions: Permission) -> None:
        """What this thread's function needs."""
        if self.function:
            self.needed.setdefault(self.function, set()).update(permissions)

    @contextmanager
    def within(self, function: str) -> Iterator[None]:
        """This thread is the function for a while."""
        before, self._at.function = self.function, function
        try:
            yield
        finally:
            self._at.function = before


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Every call that the app makes in sandboxes is noted while this lasts."""
    recorder = Recorder()
    make, invoke, handle = BaseClient._make_api_call, aws.invoke, GatewayHandler._generic_handle
    upload, download = Bucket.upload, Bucket.download

    def noted(client: Any, operation: str, params: dict[str, Any]) -> Any:
        if recorder.function:
            recorder.note(*permissions_of(client.meta.service_model.service_name, operation, params))
        return make(client, operation, params)

    def invoked(app: Any, name: str, event: Any) -> Any:
        # Lambdas share no memory: what another function has read already is nothing to this one.
        wiring.built_ports.cache_clear()
        with recorder.within(name):
            return invoke(app, name, event)

    def handled(handler: Any) -> None:
        with recorder.within("api_handler"):
            handle(handler)

    def uploading(bucket: Bucket, key: str, *args: Any, **more: Any) -> Any:
        recorder.note(("s3:PutObject", f"Evidence/{key.partition('/')[0]}/*"))
        return upload(bucket, key, *args, **more)

    def downloading(bucket: Bucket, key: str, *args: Any, **more: Any) -> Any:
        recorder.note(("s3:GetObject", f"Evidence/{key.partition('/')[0]}/*"))
        return download(bucket, key, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", noted)
        patch.setattr(aws, "invoke", invoked)
        # The server's methods were bound to the name when the class was made.
        for verb in ("GET", "PUT", "POST", "HEAD", "DELETE", "PATCH", "OPTIONS"):
            patch.setattr(GatewayHandler, f"do_{verb}", handled)
        patch.setattr(Bucket, "upload", uploading)
        patch.setattr(Bucket, "download", downloading)
        yield recorder


def permissions_of(service: str, operation: str, params: dict[str, Any]) -> list[Permission]:
    """What one call asks of IAM. Raises KeyError for a call that nobody has thought about."""
    if service == "dynamodb":
        return list(_on_tables(operation, params))
    if service == "s3" and operation in _ON_OBJECTS:
        on = "Evidence" if params["Bucket"] == "batal-evidence" else "Received"
        return [(f"s3:{_ON_OBJECTS[operation]}", f"{on}/{params['Key'].partition('/')[0]}/*")]
    return {
        ("stepfunctions", "StartExecution"): [("states:StartExecution", "Waiting")],
        ("stepfunctions", "SendTaskSuccess"): [("states:SendTaskSuccess", "*")],
        # With raw content SES asks for both actions, on the configuration set and on whichever identity was verified,
        # the sender's address or its domain.
        ("sesv2", "SendEmail"): [
            (f"ses:{action}", on)
            for action in ("SendEmail", "SendRawEmail")
            for on in ("Mailing", "identity/SenderEmail", "identity/Domain")
        ],
        ("lambda", "Invoke"): [("lambda:InvokeFunction", "TellWebhook")],
        ("events", "PutEvents"): [("events:PutEvents", "Events")],
        ("s3", "ListObjectsV2"): [("s3:ListBucket", "Evidence")],
        ("kms", "Encrypt"): [("kms:Encrypt", "AccountsKey")],
        ("kms", "Decrypt"): [("kms:Decrypt", "AccountsKey")],
    }[service, operation]


# What IAM calls the permission for each: to write a file in parts is to write it.
_ON_OBJECTS = {
    "GetObject": "GetObject",
    "PutObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
    "DeleteObject": "DeleteObject",
}


def _on_tables(operation: str, params: dict[str, Any]) -> Iterator[Permission]:
    if operation in ("BatchGetItem", "BatchWriteItem"):
        for table in params["RequestItems"]:
            yield f"dynamodb:{operation}", _table(table)
    elif operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            for kind, what in item.items():
                yield f"dynamodb:{_IN_TRANSACTIONS[kind]}", _table(what["TableName"])
    else:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield f"dynamodb:{operation}", _table(params["TableName"]) + index


def _table(name: str) -> str:
    return name.removeprefix("batal-").capitalize()
