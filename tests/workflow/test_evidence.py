"""Evidence is seen once: afterwards it is what it was, and what may harm is never shown."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.evidence import MOST_BYTES, MOST_FILES, digest_of
from chalicelib.domain.cases.quotas import FORMS_A_DAY, MESSAGES_A_DAY
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Actor
from chalicelib.edge.case_file import case_file
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.evidence import File, announce_evidence, evidence_of
from chalicelib.workflow.threads import write_on_case
from infra.sandbox.builders import BUDI, SELLER, SUPPORT, an_ask
from infra.verify_case_file import faults
from tests.fakes.ports import Neighbourhood, Shelf, a_neighbourhood

PNG = b"\x89PNG\r\n\x1a\n a transfer slip"
HTML = b"<html><script>alert(1)</script>" + b"x" * 500_000


def asked(around: Neighbourhood) -> str:
    """A case that waits for its seller."""
    return ask(around.ports, around.push().order_id, an_ask(), BUDI).case_id


def form(around: Neighbourhood, case_id: str, actor: Actor = BUDI, size: int = MOST_BYTES) -> str:
    """The key under which an announced file may be posted."""
    return announce_evidence(around.ports, case_id, "slip.png", "image/png", size, actor)[0].key


def post(around: Neighbourhood, key: str, content: bytes) -> None:
    """What a browser does with the form, as often as it likes."""
    shelf = around.ports.files
    assert isinstance(shelf, Shelf)
    shelf.lying[key] = content


def opened(around: Neighbourhood, file: File) -> bytes | None:
    return around.ports.files.read(file.evidence.sealed_key)


def test_a_file_that_was_seen_cannot_be_replaced_by_posting_its_form_again() -> None:
    around = a_neighbourhood()
    case_id = asked(around)
    key = form(around, case_id)
    post(around, key, PNG)
    (file,) = evidence_of(around.ports, case_id, SELLER)
    post(around, key, HTML)
    for actor in (SELLER, BUDI):
        (again,) = evidence_of(around.ports, case_id, actor)
        assert (again.evidence, opened(around, again)) == (file.evidence, PNG)
        assert again.url
        assert again.url.startswith(f"https://files.example/sealed/{case_id}/")
        assert again.evidence.sha256 == hashlib.sha256(PNG).hexdigest()
        assert again.evidence.size == len(PNG)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (HTML, "file_type_not_allowed"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "file_type_not_allowed"),
        (b"", "file_type_not_allowed"),
        (b"\xff\xd8\xff a photo", "file_not_as_announced"),
        (PNG + bytes(1000), "file_too_large"),
    ],
)
def test_what_is_not_what_was_announced_is_shown_as_refused_and_never_served(content: bytes, why: str) -> None:
    around = a_neighbourhood()
    case_id = asked(around)
    key = form(around, case_id, size=len(HTML) if content == HTML else 900)
    post(around, key, content)
    (file,) = evidence_of(around.ports, case_id, SELLER)
    assert (file.evidence.refused, file.url, opened(around, file)) == (why, None, None)
    post(around, key, PNG)
    (again,) = evidence_of(around.ports, case_id, SELLER)
    assert again == file


def test_two_who_look_at_once_see_the_same_bytes() -> None:
    """One of them read the file before it was replaced, the other after it: what was sealed first counts for both."""
    around = a_neighbourhood()
    case_id = asked(around)
    key = form(around, case_id)
    post(around, key, PNG)
    shelf = around.ports.files
    assert isinstance(shelf, Shelf)

    class Slow(Shelf):
        """Between its reading and its sealing somebody else looks, and the uploader posts again in between."""

        def read(self, key: str) -> bytes | None:
            content = super().read(key)
            if key.startswith("evidence/"):
                self.lying[key] = PNG + b" another"
                evidence_of(around.ports, case_id, BUDI)
            return content

    (file,) = evidence_of(replace(around.ports, files=Slow(shelf.lying)), case_id, SELLER)
    (now,) = evidence_of(around.ports, case_id, BUDI)
    assert now.evidence == file.evidence
    assert hashlib.sha256(opened(around, now) or b"").hexdigest() == now.evidence.sha256


def test_the_decision_names_the_files_that_lay_there_and_its_chain_holds() -> None:
    around = a_neighbourhood()
    case_id = asked(around)
    for _ in range(2):
        post(around, form(around, case_id), PNG)
    files = [file.evidence for file in evidence_of(around.ports, case_id, BUDI)]
    post(around, form(around, case_id), HTML)
    evidence_of(around.ports, case_id, BUDI)
    case = say(around.ports, case_id, Approve(), SELLER)
    entries = around.store.timeline(case_id)
    assert entries[-1].facts
    assert entries[-1].facts["evidence"] == digest_of(files)
    assert digest_of(files) != digest_of(files[:1])
    assert examine(entries, case.entries, case.head).whole is Soundness.INTACT
    assert "evidence" not in (entries[0].facts or {})


def test_a_case_file_with_another_file_than_was_decided_by_is_found_out() -> None:
    around = a_neighbourhood()
    case_id = asked(around)
    post(around, form(around, case_id), PNG)
    evidence_of(around.ports, case_id, BUDI)
    say(around.ports, case_id, Approve(), SELLER)
    around.clock.advance(0.5)
    post(around, form(around, case_id), PNG + b"later")
    document = json.loads(json.dumps(case_file(around.ports, case_id, BUDI, "secret")))
    assert len(document["evidence"]) == 2
    assert faults(document) == []
    document["evidence"][0]["sha256"] = "0" * 64
    assert faults(document) == ["entry 2: the files are not those that lay there"]


def test_many_large_files_are_taken_in_look_by_look() -> None:
    """A look reads no more than a Lambda can in its time; what was not looked at yet is not shown."""
    around = a_neighbourhood()
    case_id = asked(around)
    for key in [form(around, case_id) for _ in range(6)]:
        post(around, key, PNG + bytes(MOST_BYTES - len(PNG)))
    assert [len(evidence_of(around.ports, case_id, BUDI)) for _ in range(3)] == [4, 6, 6]


def test_places_are_each_partys_own_and_come_back_when_their_form_was_not_used() -> None:
    around = a_neighbourhood()
    case_id = asked(around)
    keys = [form(around, case_id, SELLER) for _ in range(MOST_FILES)]
    with pytest.raises(Invalid) as refused:
        form(around, case_id, SELLER)
    assert refused.value.code == "too_many_files"
    form(around, case_id, BUDI)
    post(around, keys[0], PNG)
    post(around, keys[1], HTML)
    around.clock.advance(15 * 60)
    for _ in range(MOST_FILES - 2):
        form(around, case_id, SELLER)
    with pytest.raises(Invalid):
        form(around, case_id, SELLER)


def test_forms_that_are_never_used_come_to_their_end_for_the_day() -> None:
    around = a_neighbourhood()
    case_id = asked(around)
    for _ in range(FORMS_A_DAY // MOST_FILES):
        for _ in range(MOST_FILES):
            form(around, case_id, SELLER)
        around.clock.advance(15 * 60)
    with pytest.raises(Refused) as refused:
        form(around, case_id, SELLER)
    assert refused.value.code == "too_many_files"
    form(around, case_id, BUDI)
    around.clock.advance(24 * 3600)
    form(around, case_id, SELLER)


def test_messages_of_a_party_come_to_their_end_for_the_day_and_nobody_elses_with_them() -> None:
    around = a_neighbourhood()
    case_id = asked(around)
    for _ in range(MESSAGES_A_DAY):
        write_on_case(around.ports, case_id, "x", SELLER)
    with pytest.raises(Refused) as refused:
        write_on_case(around.ports, case_id, "x", SELLER)
    assert refused.value.code == "too_many_messages"
    again_at: Any = refused.value.details["again_at"]
    assert again_at == (around.clock.at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    write_on_case(around.ports, case_id, "x", BUDI)
    for _ in range(MESSAGES_A_DAY + 1):
        write_on_case(around.ports, case_id, "x", SUPPORT)
    around.clock.at = again_at
    write_on_case(around.ports, case_id, "x", SELLER)
