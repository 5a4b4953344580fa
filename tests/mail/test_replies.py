"""The corpus of answers by mail, written by somebody who had not seen the rules: each expectation is held."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.mail.reading import Read, read

FOLDER = Path(__file__).parent / "replies"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def taken(name: str) -> Read:
    return read((FOLDER / f"{name}.eml").read_bytes())


def joined(text: str) -> str:
    return " ".join(text.split())


def of_kind(*kinds: str) -> list[str]:
    return [name for name in NAMES if expected(name)["kind"] in kinds]


def test_the_corpus_is_whole() -> None:
    assert len(NAMES) == 26
    assert {path.stem for path in FOLDER.glob("*.json")} == set(NAMES)


@pytest.mark.parametrize("name", of_kind("reply", "forward", "new"))
def test_the_words_are_found_and_nothing_else(name: str) -> None:
    wanted, found = expected(name), taken(name)
    text = joined(found.text)
    for also in sorted(map(joined, wanted.get("also_fine", ())), key=len, reverse=True):
        text = joined(text.replace(also, ""))
    assert text == joined(wanted["words"] or "")
    assert all(joined(run) in joined(found.text) for run in wanted.get("runs", ()))
    assert not found.by_machine


@pytest.mark.parametrize("name", NAMES)
def test_the_sender_is_the_address_and_never_the_name(name: str) -> None:
    assert taken(name).sender == expected(name)["sender"]


@pytest.mark.parametrize("name", of_kind("reply", "forward", "new"))
def test_the_files_are_those_that_the_person_sent(name: str) -> None:
    found = taken(name)
    given = [{"filename": x.filename, "content_type": x.content_type, "size": len(x.content)} for x in found.files]
    assert given == expected(name)["attachments"]
    assert found.left_out == ()


@pytest.mark.parametrize("name", of_kind("auto_reply", "bounce"))
def test_what_a_machine_sent_is_known(name: str) -> None:
    assert taken(name).by_machine
