"""A person was erased: over HTTP and on the pages it is said kindly, and the rest of the case is there and verified."""

from collections.abc import Collection

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamodb.codec import entry_attributes, entry_of
from chalicelib.adapters.dynamodb.packing import CASES, packed, unpacked
from chalicelib.adapters.dynamodb.tables import entry_key
from chalicelib.domain.cases.soundness import erased
from infra.verify_case_file import faults, remarks
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

pytestmark = pytest.mark.dynamodb

WORDS = "Tolong, saya Budi Santoso"


def erase(case_id: str, seq: int, names: Collection[str]) -> None:
    """What a job that erases a person does to the row of an entry."""
    rows = wiring.ports().store.tables.entry  # type: ignore[attr-defined]
    entry = entry_of(rows.get(case_id, entry_key(seq), consistent_read=True))
    rows(case_id, entry_key(seq), **entry_attributes(erased(entry, names), small=True)).save()


def test_the_words_are_gone_and_the_file_says_so_in_both_languages(market: Marketplace) -> None:
    case_id = market.ask(market.order("E-1"), comment=WORDS)["case_id"]
    market.say("seller", case_id, "reject", reason_code="already_shipped", tracking_number="JNE-881", comment="Maaf")
    market.ended(case_id)
    phone, file = Phone(market), f"/v1/cases/{case_id}/file"
    phone.sign_in()
    assert "Asli: semua catatan" in phone.open(f"/cases/{case_id}/file").text
    erase(case_id, 1, {"comment"})
    erase(case_id, 2, {"tracking_number"})
    asked, refused = market.buyer("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert (asked["comment"], asked["erased"]) == (None, ["comment"])
    assert (refused["comment"], refused["tracking_number"], refused["erased"]) == ("Maaf", None, ["tracking_number"])
    document = market.buyer("GET", file).json
    assert (faults(document), document["timeline"]["soundness"]) == ([], "erased")
    assert "entry 1: erased: comment" in remarks(document)
    for language, said, mark in (
        ("id", "Sebagian kata yang ditulis orang sudah dihapus", "(dihapus untuk melindungi"),
        ("en", "Some words that people wrote were erased", "(erased to protect"),
    ):
        page = phone.open(f"/cases/{case_id}/file?lang={language}")
        assert said in page.text
        assert mark in page.text
        assert WORDS not in page.text.partition("<ol")[2]


def test_equal_words_of_two_cases_have_unequal_digests(market: Marketplace) -> None:
    rows = wiring.ports().store.tables.entry  # type: ignore[attr-defined]
    cases = [market.ask(market.order(order_id), comment=WORDS)["case_id"] for order_id in ("E-3", "E-4")]
    first, second = [entry_of(rows.get(case_id, entry_key(1), consistent_read=True)) for case_id in cases]
    assert first.digests
    assert second.digests
    assert first.digests["comment"] != second.digests["comment"]


def test_a_changed_row_is_said_to_be_no_longer_whole(market: Marketplace) -> None:
    case_id = market.ask(market.order("E-2"), comment=WORDS)["case_id"]
    rows = wiring.ports().store.tables.entry  # type: ignore[attr-defined]
    row = rows.get(case_id, entry_key(1), consistent_read=True)
    row.z = packed(unpacked(row.z).replace("Budi Santoso", "Ani"), CASES)
    row.save()
    phone = Phone(market)
    phone.sign_in()
    assert "Tidak asli" in phone.open(f"/cases/{case_id}/file").text
    document = market.buyer("GET", f"/v1/cases/{case_id}/file").json
    assert document["timeline"]["soundness"] == "tampered"
    assert faults(document) == ["entry 1: its comment is not what was hashed"]
