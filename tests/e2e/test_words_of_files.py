"""What is said to who sent a file that is not shown."""

import boto3
import pytest

from chalicelib import wiring
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"<svg xmlns='x'/>", "bukan foto maupun PDF"), (b"\xff\xd8\xff\xe0", "kirim ulang dengan jenis yang sesuai")],
)
def test_who_sent_a_file_that_is_not_shown_reads_why_where_they_arrive(
    market: Marketplace, content: bytes, why: str
) -> None:
    case_id: str = market.ask(market.order("FILE-1"))["case_id"]
    phone = Phone(market)
    phone.sign_in()
    place = f"/cases/{case_id}/evidence"
    form = phone.submit(phone.open(place), place, name="struk", content_type="image/png")
    drawn = next(each for each in forms_of(form) if "key" in each.fields)
    bucket = wiring.settings().evidence_bucket
    boto3.client("s3").put_object(Bucket=bucket, Key=drawn.fields["key"], Body=content)
    arrived = phone.open(market.path(drawn.fields["success_action_redirect"]))
    alert = arrived.text.partition('role="alert">')[2].partition("</p>")[0]
    assert alert.startswith("struk.png: tidak ditampilkan")
    assert why in alert
