"""The mails that SES received for us, as it laid them into their bucket: SNS alone carries none above 150 KB."""

from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws import Clients, unavailable
from chalicelib.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One private bucket, which forgets its mails after some days."""

    clients: Clients
    name: str

    def mail(self, key: str) -> bytes:
        """A mail's bytes. Raises NotFound for one that is not there (any more), Unavailable."""
        from botocore.exceptions import ClientError

        client: Any = self.clients("s3")
        with unavailable("s3"):
            try:
                found: bytes = client.get_object(Bucket=self.name, Key=key)["Body"].read()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                    raise NotFound("mail") from error
                raise
        return found
