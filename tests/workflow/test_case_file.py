"""The case file of people whose words were erased: it says so, and whoever checks it finds the rest as it was."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from chalicelib.adapters.dynamodb.codec import entry_attributes, entry_of, loaded
from chalicelib.adapters.dynamodb.tables import EntryRow
from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Approve, Command, MakeOffer
from chalicelib.domain.cases.soundness import Soundness, erased, examine
from chalicelib.domain.cases.timeline import NAMELESS, SALTED, Entry, rehashed, without, words_in
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.case_file import case_file
from chalicelib.edge.shapes import entry_shape
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from infra.sandbox.builders import BUDI, SELLER, SUPPORT, SYSTEM, an_ask
from infra.verify_case_file import faults, remarks
from tests.fakes import version_0_2_0
from tests.fakes.ports import Neighbourhood, a_neighbourhood

RINA = replace(SELLER, person="rina")
READERS = {Role.BUYER: BUDI, Role.SELLER: SELLER, Role.SUPPORT: SUPPORT}
NOTE = "Pak Budi menelepon"


@pytest.fixture
def around() -> Neighbourhood:
    """Budi asked, Rina of the seller offered, customer service approved."""
    around = a_neighbourhood()
    case = ask(around.ports, around.push().order_id, an_ask(comment="Maaf, Budi"), BUDI)
    say(around.ports, case.case_id, MakeOffer(fee=5_000, comment="Sudah dibungkus"), RINA)
    say(around.ports, case.case_id, Approve(note=NOTE), SUPPORT)
    return around


def file_for(around: Neighbourhood, actor: Actor) -> Any:
    (case_id,) = around.store.entry_rows
    return json.loads(json.dumps(case_file(around.ports, case_id, actor, "secret")))


def rows_of(around: Neighbourhood) -> dict[int, Entry]:
    (rows,) = around.store.entry_rows.values()
    return rows


def test_who_reads_the_file_finds_the_words_that_are_theirs_to_read(around: Neighbourhood) -> None:
    words = {role: json.dumps(file_for(around, actor)["timeline"]) for role, actor in READERS.items()}
    assert all("Sudah dibungkus" in text for text in words.values())
    assert [role for role, text in words.items() if NOTE in text] == [Role.SUPPORT]
    assert [role for role, text in words.items() if "rina" in text] == [Role.SELLER, Role.SUPPORT]
    for actor in READERS.values():
        document = file_for(around, actor)
        assert (faults(document, secret="secret"), document["timeline"]["soundness"]) == ([], "intact")
    assert remarks(file_for(around, BUDI)) == [
        "entry 2: not for this reader: person",
        "entry 3: not for this reader: note, person",
    ]


def test_who_of_customer_service_it_was_stands_in_their_own_file_alone_and_all_of_them_verify(
    around: Neighbourhood,
) -> None:
    for role, actor in READERS.items():
        document = file_for(around, actor)
        assert (SUPPORT.id in json.dumps(document["timeline"])) == (role is Role.SUPPORT)
        assert document["timeline"]["entries"][2]["actor"] == {"role": "support", "id": NAMELESS}
        document["timeline"]["entries"][2]["actor"]["role"] = "operator"
        assert faults(document) == ["entry 3: its content is not what was hashed"]
    shown = [entry_shape(rows_of(around)[3], role) for role in READERS]
    assert [each["actor"].get("id") for each in shown] == [None, None, SUPPORT.id]
    assert not any("person" in (each["facts"] or {}) for each in shown)
    rows_of(around)[3] = erased(rows_of(around)[3])
    assert entry_shape(rows_of(around)[3], Role.SUPPORT)["actor"]["id"] == SUPPORT.id, "they stay answerable"


def test_an_entry_of_an_earlier_version_that_names_them_is_told_to_a_party_without_that(around: Neighbourhood) -> None:
    case_id = next(iter(around.store.entry_rows))
    rows, case = rows_of(around), around.store.case(case_id)
    assert case
    before = without(rows[3], ("person",))
    digests = {name: digest for name, digest in (before.digests or {}).items() if name != "person"}
    salts = {name: salt for name, salt in (before.salts or {}).items() if name != "person"}
    rows[3] = rehashed(replace(before, actor=SUPPORT, digests=digests, salts=salts))
    around.store.case_rows[case_id] = replace(case, head=rows[3].hash)
    for actor in READERS.values():
        document = file_for(around, actor)
        assert (faults(document, secret="secret"), document["timeline"]["soundness"]) == ([], "intact")
    document = file_for(around, BUDI)
    assert SUPPORT.id not in json.dumps(document["timeline"])
    assert remarks(document)[1] == (
        "entry 3: not for this reader: actor, note; its place is verified, what else it says is not"
    )
    document["timeline"]["entries"][2]["hash"] = SALTED + "0" * 64
    assert "the last entry is not the row's head" in faults(document)
    document = file_for(around, BUDI)
    document["timeline"]["entries"][1] |= {"withheld": ["actor"], "command": "approve"}
    assert faults(document) == ["entry 2: its content is not what was hashed"], "only of the marketplace's people"


def test_an_erased_word_is_gone_from_the_file_and_the_rest_is_verified(around: Neighbourhood) -> None:
    rows = rows_of(around)
    rows[1], rows[3] = erased(rows[1]), erased(rows[3], {"note"})
    for actor in READERS.values():
        document = file_for(around, actor)
        assert (faults(document, secret="secret"), document["timeline"]["soundness"]) == ([], "erased")
        assert "Maaf, Budi" not in json.dumps(document["timeline"])
    document = file_for(around, SUPPORT)
    assert remarks(document) == ["entry 1: erased: comment", "entry 3: erased: note"]
    assert NOTE not in json.dumps(document["timeline"])
    document["timeline"]["entries"][0]["private"] = {"comment": {"text": "Marah", "salt": "0" * 32}}
    assert faults(document) == ["entry 1: its comment is not what was hashed"]


def test_an_entry_of_an_earlier_version_is_verified_until_it_is_erased_then_its_place_is(
    around: Neighbourhood,
) -> None:
    case_id = next(iter(around.store.entry_rows))
    rows, case = rows_of(around), around.store.case(case_id)
    assert case
    rows[4] = gone_on_by_0_2_0(rows[3])
    around.store.case_rows[case_id] = replace(case, entries=4, head=rows[4].hash)
    document = file_for(around, SUPPORT)
    assert (faults(document), document["timeline"]["soundness"]) == ([], "intact")
    rows[4] = erased(rows[4])
    document = file_for(around, SUPPORT)
    assert (faults(document, secret="secret"), document["timeline"]["soundness"]) == ([], "order_only")
    assert remarks(document) == [
        "entry 4: erased: comment, note; its place is verified, what else it says is not",
    ]
    document["timeline"]["entries"][3]["previous"] = "0" * 64
    assert faults(document) == ["entry 4: it does not follow the entry before it"]


def gone_on_by_0_2_0(last: Entry) -> Entry:
    """What 0.2.0 writes after an entry of ours, which it reads as it knows entries."""
    read = loaded(entry_attributes(last, small=False)["body"], version_0_2_0.Entry)
    assert (read.comment, read.note, read.facts) == (last.comment, last.note, last.facts)
    written = version_0_2_0.seal(
        version_0_2_0.Entry(
            seq=read.seq + 1,
            at=read.at,
            actor=SYSTEM,
            command=Command.ORDER_MOVED,
            came_from=read.state,
            state=State.CLOSED,
            policy=read.policy,
            decision_id="d4",
            comment="terlambat",
            note="dari gudang",
            previous=read.hash,
        )
    )
    return entry_of(EntryRow("c1", "T#000004", body=msgspec.json.encode(written).decode()))


def test_0_2_0_reads_our_words_and_goes_on_from_our_entries(around: Neighbourhood) -> None:
    """Its warm code still runs for minutes beside this version, and for longer after a roll-back."""
    rows = rows_of(around)
    for entry in (*rows.values(), erased(rows[3])):
        read = loaded(entry_attributes(entry, small=False)["body"], version_0_2_0.Entry)
        known = msgspec.to_builtins(entry)
        assert msgspec.to_builtins(read) == {
            name: value for name, value in known.items() if name in version_0_2_0.Entry.__slots__
        }
    mixed = [*rows.values(), gone_on_by_0_2_0(rows[3])]
    assert examine(mixed, 4, mixed[-1].hash).whole is Soundness.INTACT


@pytest.mark.parametrize("small", [False, True])
def test_the_row_of_an_entry_brings_back_all_of_it(around: Neighbourhood, small: bool) -> None:
    for entry in (*rows_of(around).values(), erased(rows_of(around)[1])):
        row = EntryRow("c1", "T#000001", **entry_attributes(entry, small=small))
        assert entry_of(row) == entry


def test_the_timeline_says_what_was_erased_and_hides_a_sellers_people_from_buyers(around: Neighbourhood) -> None:
    offered = rows_of(around)[2]
    assert set(words_in(offered)) == {"comment", "person"}
    told = {role: entry_shape(offered, role)["facts"] or {} for role in READERS}
    assert [role for role, facts in told.items() if facts.get("person") == "rina"] == [Role.SELLER, Role.SUPPORT]
    bare = entry_shape(erased(offered, {"comment"}), Role.BUYER)
    assert (bare["comment"], bare["erased"]) == (None, ["comment"])
