"""What is said to who sent a file that is not shown."""

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.cases.evidence import MOST_BYTES
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

PNG = b"\x89PNG\r\n\x1a\n"


def sent(market: Marketplace, content: bytes) -> str:
    """Budi presses the button on the case's page, chooses a file, and comes back to the case; gives that page."""
    case_id: str = market.ask(market.order("FILE-1"))["case_id"]
    phone = Phone(market)
    phone.sign_in()
    form = phone.submit(phone.open(f"/cases/{case_id}"), f"/cases/{case_id}/evidence")
    drawn = next(each for each in forms_of(form) if "key" in each.fields)
    bucket = wiring.settings().evidence_bucket
    boto3.client("s3").put_object(Bucket=bucket, Key=drawn.fields["key"], Body=content)
    return phone.open(market.path(drawn.fields["success_action_redirect"])).text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='x'/>", "bukan foto atau PDF"),
        (b"", "bukan foto atau PDF"),
        (PNG + b"x" * MOST_BYTES, "lebih besar"),
    ],
    ids=["no picture", "empty", "too large"],
)
def test_who_sent_a_file_that_is_not_shown_reads_why_where_they_arrive(
    market: Marketplace, content: bytes, why: str
) -> None:
    alert = sent(market, content).partition('role="alert">')[2].partition("</p>")[0]
    assert alert.startswith("Dari pembeli: tidak ditampilkan")
    assert why in alert


def test_what_a_file_is_its_bytes_tell(market: Marketplace) -> None:
    assert "Dari pembeli.png" in sent(market, PNG + b"x")
