"""Clients of AWS, made when first needed, and the one translation of their failures."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Unavailable

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.config import Config

Clients = Callable[[str], "BaseClient"]

# Addresses that S3 is reached by go to browsers. By itself botocore names the global host, which refuses what belongs
# to a region of after March 2019 and redirects the rest, where our page's form-action ends it; and in older regions it
# signs by version 2, which no bucket of after June 2020 takes.
_OF_SERVICE: Mapping[str, Mapping[str, Any]] = {
    "s3": {
        "signature_version": "s3v4",
        "s3": {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    },
}


def clients(region: str = "") -> Clients:
    """A source of clients of a region, each made once; empty: the session's own. The session is the default one, so
    hooks on it see every call."""

    @cache
    def client(service: str) -> Any:
        import boto3

        return boto3.client(service, region_name=region or None, config=_config(service))

    return client


@cache
def _config(service: str) -> "Config":
    from botocore.config import Config

    # Short patience: the caller is a person or a Lambda with a lease; what fails comes again.
    patience = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
    return patience.merge(Config(**_OF_SERVICE.get(service, {})))


@contextmanager
def unavailable(what: str, besides: Collection[str] = ()) -> Iterator[None]:
    """Turns failures of AWS into Unavailable, which leaves what was promised in the outbox; `besides` those of these
    codes, which speak of what was asked rather than of the service."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in besides:
            raise
        raise Unavailable(what) from error
