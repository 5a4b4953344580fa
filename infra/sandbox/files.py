"""S3 as a browser meets it: takes posted forms as a presigned address allows, and gives files back."""

import base64
import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import boto3
from chalice.app import Blueprint, Response

BUCKET = "batal-evidence"


def file_routes() -> Blueprint:
    """The blueprint."""
    bp = Blueprint("infra.sandbox.files")

    @bp.route("/sandbox/files", methods=["POST"], content_types=["multipart/form-data"], cors=True)
    def post_file() -> Response:
        request = bp.current_request
        fields, content = _form(request.headers.get("content-type", ""), request.raw_body)  # type: ignore[arg-type]
        refused = _refused(fields, content)
        if refused:
            return Response(body=f"<Error><Code>{refused}</Code></Error>", status_code=403, headers=_XML)
        boto3.client("s3").put_object(
            Bucket=BUCKET, Key=fields["key"], Body=content or b"", ContentType=fields["Content-Type"]
        )
        back = fields.get("success_action_redirect")
        if back:
            return Response(body="", status_code=303, headers={"Location": back})
        return Response(body="", status_code=204, headers={"Content-Type": "text/plain"})

    @bp.route("/sandbox/files/sealed/{case_id}/{name}", methods=["GET"], cors=True)
    def get_file(case_id: str, name: str) -> Response:
        return _given(f"sealed/{case_id}/{name}")

    @bp.route("/sandbox/files/reconciliations/{job_id}/{name}", methods=["GET"], cors=True)
    def get_report(job_id: str, name: str) -> Response:
        return _given(f"reconciliations/{job_id}/{name}")

    @bp.route("/sandbox/files/jobs/{job_id}/{name}", methods=["GET"], cors=True)
    def get_result(job_id: str, name: str) -> Response:
        return _given(f"jobs/{job_id}/{name}")

    def _given(key: str) -> Response:
        client = boto3.client("s3")
        try:
            found = client.get_object(Bucket=BUCKET, Key=key)
        except client.exceptions.NoSuchKey:
            return Response(body="<Error><Code>NoSuchKey</Code></Error>", status_code=404, headers=_XML)
        headers: dict[str, Any] = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": "attachment",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(body=found["Body"].read(), headers=headers)

    return bp


_XML: dict[str, Any] = {"Content-Type": "application/xml"}


def _form(content_type: str, body: bytes) -> tuple[dict[str, str], bytes | None]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    fields: dict[str, str] = {}
    content: bytes | None = None
    for part in message_from_bytes(head + body, policy=policy.HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        value: Any = part.get_payload(decode=True)
        if name == "file":
            content = value
        else:
            fields[str(name)] = value.decode()
    return fields, content


def _refused(fields: dict[str, str], content: bytes | None) -> str | None:
    """What S3 checks of the policy that our own API signed."""
    if "policy" not in fields or content is None:
        return "AccessDenied"
    signed = json.loads(base64.b64decode(fields["policy"]))
    if datetime.now(UTC) > datetime.fromisoformat(signed["expiration"]):
        return "AccessDenied"
    for condition in signed["conditions"]:
        if isinstance(condition, list) and condition[0] == "content-length-range":
            if not condition[1] <= len(content) <= condition[2]:
                return "EntityTooLarge"
        elif isinstance(condition, dict):
            ((name, value),) = condition.items()
            if name != "bucket" and fields.get(name) != value:
                return "AccessDenied"
    return None
