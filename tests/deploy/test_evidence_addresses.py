"""Where browsers post evidence and fetch it: signed for the bucket's own region, by the one signature that every region
takes, and let through by the bucket and by our pages. All of it is computed; no network is asked."""

import base64
import json
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from chalicelib.adapters.aws import clients
from chalicelib.adapters.evidence import Bucket
from chalicelib.domain.ports import Upload
from infra.sandbox import aws
from tests.e2e.conftest import marketplace
from tests.e2e.test_pages import Phone

NOW = datetime(2026, 11, 26, tzinfo=UTC)
_SESSION = boto3.Session()
# Each region that botocore knows S3 in, and the end of its hosts' names.
REGIONS = {
    region: _SESSION.client("s3", region_name=region).meta.endpoint_url.partition("amazonaws.")[2]
    for partition in ("aws", "aws-us-gov", "aws-cn")
    for region in _SESSION.get_available_regions("s3", partition_name=partition)
}

Addresses = Callable[[str], tuple[Upload, str]]


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> Addresses:
    """A way to post to a region's bucket and a way to fetch, as a Lambda there makes them."""

    def made(region: str) -> tuple[Upload, str]:
        # What Lambda sets, a role's credentials among it.
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.setenv(name, region)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.setenv(name, "role")
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        monkeypatch.setattr(socket, "getaddrinfo", _no_network)
        bucket = Bucket(clients=clients(), name=_bucket(region))
        return bucket.upload("evidence/c/f.png", "image/png", 1000, NOW), bucket.download(
            "sealed/c/f.png", "f.png", "image/png"
        )

    return made


def _no_network(*_: Any) -> None:
    raise AssertionError("an address was looked up")


def _bucket(region: str) -> str:
    return f"batal-dev-evidence-123456789012-{region}"


def _host(region: str) -> str:
    return f"{_bucket(region)}.s3.{region}.amazonaws.{REGIONS[region]}"


def test_the_regions_are_more_than_a_few_and_the_readmes_own_is_among_them() -> None:
    assert len(REGIONS) > 30
    assert {"ap-southeast-3", "us-east-1", "cn-north-1"} <= set(REGIONS)


@pytest.mark.parametrize("region", REGIONS)
def test_a_file_is_posted_to_the_regional_host_with_signature_version_4(region: str, addresses: Addresses) -> None:
    upload, _ = addresses(region)
    assert upload.url == f"https://{_host(region)}/"
    fields = upload.fields
    assert fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert fields["x-amz-credential"].split("/")[2:] == [region, "s3", "aws4_request"]
    assert fields["x-amz-security-token"] == "role"
    assert {"AWSAccessKeyId", "signature"} & set(fields) == set()  # the old one's
    # S3 refuses a field that its policy does not name.
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    named = {name for each in conditions if isinstance(each, dict) for name in each}
    assert set(fields) - {"policy", "x-amz-signature"} <= named
    assert {"bucket": _bucket(region)} in conditions


@pytest.mark.parametrize("region", REGIONS)
def test_a_file_is_fetched_from_the_regional_host_with_signature_version_4(region: str, addresses: Addresses) -> None:
    _, address = addresses(region)
    parts, query = urlsplit(address), parse_qs(urlsplit(address).query)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", _host(region), "/sealed/c/f.png")
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Credential"][0].split("/")[2:] == [region, "s3", "aws4_request"]
    assert query["X-Amz-SignedHeaders"] == ["host"]
    assert "Signature" not in query


def test_an_address_of_its_own_stands_in_for_s3s(addresses: Addresses) -> None:
    """Which browsers must be let to: the page takes it from the same answer."""
    addresses("ap-southeast-3")
    elsewhere = Bucket(clients=clients(), name="b", url="http://127.0.0.1:8000/sandbox/files")
    assert elsewhere.upload("k", "image/png", 1, NOW).url == "http://127.0.0.1:8000/sandbox/files"
    assert elsewhere.download("k", "f", "image/png").startswith("http://127.0.0.1:8000/sandbox/files/")


def test_the_bucket_lets_browsers_of_any_marketplace_post_and_fetch(template: dict[str, Any]) -> None:
    """As the API does: the address itself is what allows, and no cookie goes along."""
    (rule,) = template["Resources"]["Evidence"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"]
    assert set(rule["AllowedMethods"]) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("own", ["", "http://127.0.0.1:8000/sandbox/files"])
def test_the_page_lets_its_form_post_to_where_the_file_goes_and_nowhere_else(own: str) -> None:
    """S3 itself, or an address of its own, as in the sandbox. A browser drops a form that its page does not allow."""
    with marketplace(EVIDENCE_URL=own) as market:
        market.push("LZD-1001")
        phone = Phone(market)
        phone.sign_in()
        page = f"/cases/{market.ask('LZD-1001')['case_id']}/evidence"
        form = phone.submit(phone.open(page), page, content_type="image/png", name="slip")
    (action,) = re.findall(r'<form method="post" action="([^"]*)" enctype="multipart/form-data"[^>]*>', form.text)
    assert action == (own or f"https://batal-evidence.s3.{aws.REGION}.amazonaws.com/")
    (allowed,) = re.findall(r"form-action ([^;]*)", form.headers["content-security-policy"])
    assert allowed.split() == ["'self'", "{0.scheme}://{0.netloc}".format(urlsplit(action))]
