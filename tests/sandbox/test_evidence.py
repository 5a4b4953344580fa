"""Evidence as a browser brings it: announced, posted to the bucket, seen by the parties, saved with the case."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.running import call, sandbox, token

PNG = b"\x89PNG\r\n\x1a\n rest"
SLIP = {"filename": "bukti transfer.png", "content_type": "image/png", "size": len(PNG)}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


@pytest.fixture(scope="module")
def case(address: str) -> str:
    """The path of a case that Budi opened."""
    wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
    budi = token(address, "budi", "buyer")
    status, answer = call(address, "/v1/orders/LZD-1001/cancellations", wish, budi)
    assert status == 201
    return f"/v1/cases/{answer['case_id']}"


def posted(upload: Any, content: bytes) -> int:
    """What a browser does with an upload address; gives the status."""
    fields = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in upload["fields"].items()
    ]
    file = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + content + b"\r\n--cut--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=cut"}
    request = urllib.request.Request(upload["url"], b"".join(fields) + file, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def announced(address: str, case: str) -> Any:
    return call(address, f"{case}/evidence", SLIP, token(address, "budi", "buyer"))[1]["upload"]


def test_a_file_that_is_not_what_was_announced_is_not_taken(address: str, case: str) -> None:
    upload = announced(address, case)
    elsewhere = {**upload, "fields": {**upload["fields"], "key": "evidence/another.png"}}
    assert posted(elsewhere, PNG) == 403
    assert posted(upload, b"") == 403
    assert call(address, f"{case}/evidence", token=token(address, "budi", "buyer"))[1]["items"] == []


def test_the_conversation_and_the_proofs_are_kept_and_the_buyer_can_save_them(address: str, case: str) -> None:
    """docs/rules.md R43."""
    budi, seller = token(address, "budi", "buyer"), token(address, "toko", "seller", seller_id="toko-baju")
    call(address, f"{case}/messages", {"text": "Ini bukti transfernya."}, budi)
    call(address, f"{case}/messages", {"text": "Baik, saya cek."}, seller)
    assert posted(announced(address, case), PNG) == 204
    (file,) = call(address, f"{case}/evidence", token=seller)[1]["items"]
    assert file["filename"] == SLIP["filename"]
    as_browsers_ask = urllib.request.Request(file["url"], headers={"Accept": "text/html,*/*"})
    with urllib.request.urlopen(as_browsers_ask, timeout=10) as got:
        assert got.read() == PNG
    _, saved = call(address, f"{case}/file", token=budi)
    assert [each["text"] for each in saved["messages"]] == ["Ini bukti transfernya.", "Baik, saya cek."]
    assert [each["filename"] for each in saved["evidence"]] == [SLIP["filename"]]
