"""Files in S3: posted and fetched by presigned addresses; of evidence each is read once, to be sealed as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.aws import Clients, unavailable
from chalicelib.domain.cases.evidence import FORM_LASTS, MOST_BYTES
from chalicelib.domain.ports import Upload

# Seconds that an address is good for, to open a link at once.
_TO_OPEN = 300
# Bytes of a large file that are in memory at once.
_BIT = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One private bucket. `url` stands in for S3's own address where browsers reach the bucket elsewhere."""

    clients: Clients
    name: str
    url: str = ""

    def upload(self, key: str, content_type: str, most_bytes: int, now: datetime, back: str | None = None) -> Upload:
        """A way to post one file of that type, and no larger, under that key: S3 itself refuses anything else."""
        client: Any = self.clients("s3")
        fields = {"Content-Type": content_type, **({"success_action_redirect": back} if back else {})}
        with unavailable("s3"):
            given = client.generate_presigned_post(
                Bucket=self.name,
                Key=key,
                Fields=fields,
                Conditions=[
                    *({name: value} for name, value in fields.items()),
                    ["content-length-range", 1, most_bytes],
                ],
                ExpiresIn=int(FORM_LASTS.total_seconds()),
            )
        return Upload(url=self.url or given["url"], fields=given["fields"], expires_at=now + FORM_LASTS)

    def download(self, key: str, filename: str, content_type: str) -> str:
        """An address that gives the file for a short while, as a download: it is never shown within our pages."""
        if self.url:
            return f"{self.url}/{key}"
        client: Any = self.clients("s3")
        safe = "".join(x for x in filename if x.isascii() and (x.isalnum() or x in "._- ")) or "file"
        with unavailable("s3"):
            address: str = client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self.name,
                    "Key": key,
                    "ResponseContentDisposition": f'attachment; filename="{safe}"',
                    "ResponseContentType": content_type,
                },
                ExpiresIn=_TO_OPEN,
            )
        return address

    def present(self, prefix: str) -> Mapping[str, int]:
        """The keys under a prefix that really lie there, with their sizes in bytes."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            found = client.list_objects_v2(Bucket=self.name, Prefix=prefix)
        return {item["Key"]: int(item["Size"]) for item in found.get("Contents", ())}

    def read(self, key: str) -> bytes | None:
        """The bytes that lie there now, None where there are none; of more than a file may have, one more."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            try:
                content: bytes = client.get_object(Bucket=self.name, Key=key)["Body"].read(MOST_BYTES + 1)
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
                return None
        return content

    def seal(self, key: str, content_type: str, content: bytes) -> bool:
        """Lay a file where nothing lies yet; False where something does, or is being laid this very moment."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            try:
                client.put_object(Bucket=self.name, Key=key, Body=content, ContentType=content_type, IfNoneMatch="*")
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
                    raise
                return False
        return True

    def remove(self, key: str) -> None:
        """Let a file be gone; nothing where there is none."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            client.delete_object(Bucket=self.name, Key=key)

    def fetch(self, key: str, to: Path) -> bool:
        """Copy a file of any size onto the disk, bit by bit; False where there is none."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            try:
                body = client.get_object(Bucket=self.name, Key=key)["Body"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
                return False
            with to.open("wb") as file:
                for bit in body.iter_chunks(_BIT):
                    file.write(bit)
        return True

    def lay(self, key: str, content_type: str, file: Path) -> None:
        """Lay a file of any size from the disk, in the place of one that lies there."""
        client: Any = self.clients("s3")
        with unavailable("s3"), file.open("rb") as body:
            client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)

    def read_range(self, key: str, start: int, length: int) -> bytes | None:
        """At most so many bytes from `start` on; None where there is no file."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            try:
                found = client.get_object(Bucket=self.name, Key=key, Range=f"bytes={start}-{start + length - 1}")
                content: bytes = found["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] == "InvalidRange":
                    return b""
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
                return None
        return content

    def begin_parts(self, key: str, content_type: str) -> str:
        """Begin a file that is laid part by part."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            begun = client.create_multipart_upload(Bucket=self.name, Key=key, ContentType=content_type)
        upload: str = begun["UploadId"]
        return upload

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> None:
        """Lay a part, in the place of one that lies there."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            client.upload_part(Bucket=self.name, Key=key, UploadId=upload, PartNumber=number, Body=content)

    def end_parts(self, key: str, upload: str) -> None:
        """Make the parts one file. Whoever died right after that finds the upload gone, and the file there."""
        client: Any = self.clients("s3")
        with unavailable("s3"):
            try:
                pages = client.get_paginator("list_parts").paginate(Bucket=self.name, Key=key, UploadId=upload)
                parts = [
                    {"PartNumber": part["PartNumber"], "ETag": part["ETag"]}
                    for page in pages
                    for part in page.get("Parts", ())
                ]
                client.complete_multipart_upload(
                    Bucket=self.name, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchUpload" or key not in self.present(key):
                    raise
