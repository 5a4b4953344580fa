"""The timeline's chain: what was written is found changed or not, and people's words can be taken out of it."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import Approve, Command, OrderMoved, Reject, ShippedBack
from chalicelib.domain.cases.events import digest_of
from chalicelib.domain.cases.soundness import Soundness, erased, examine, soundness_of
from chalicelib.domain.cases.timeline import IN_EVENTS, PERSONAL, SALTED, Entry, seal, words_in
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT, SYSTEM, a_context, an_act, an_asking, an_order
from tests.fakes import version_0_2_0

FINE = {Soundness.INTACT, Soundness.ERASED, Soundness.ORDER_ONLY}
PREVIOUS_RULE = "0.2.0"
unhurried = settings(deadline=None)


# --- chains ----------------------------------------------------------------------------------------------------------


def case_in(change: Change) -> tuple[Case, Entry]:
    assert change.case
    assert change.entry
    return change.case, change.entry


def a_refusal() -> tuple[list[Entry], Case]:
    """Budi asked, and was refused with a comment and a parcel's number."""
    case, asked = case_in(an_asking(comment="Salah ukuran, Budi Santoso"))
    no = Reject(reason_code=RefusingReason.ALREADY_SHIPPED, comment="Sudah dikirim", tracking_number="JNE-881")
    case, refused = case_in(advance(case, replace(an_act(no), door=Door.API, person="rina"), a_context()))
    return [asked, refused], case


def by_0_2_0(entry: Entry) -> Entry:
    """The entry as version 0.2.0 sealed it, and as it is read today."""
    sealed = version_0_2_0.seal(msgspec.convert(msgspec.to_builtins(entry), version_0_2_0.Entry))
    return msgspec.convert(msgspec.to_builtins(sealed), Entry)


def chain(*entries: Entry, rules: Sequence[str] = ()) -> list[Entry]:
    """The entries under one another, each sealed by its rule."""
    sealed: list[Entry] = []
    for number, entry in enumerate(entries):
        follows = replace(entry, seq=number + 1, previous=sealed[-1].hash if sealed else "")
        old = number < len(rules) and rules[number] == PREVIOUS_RULE
        sealed.append(by_0_2_0(follows) if old else seal(follows, "salt"))
    return sealed


def an_entry(**changes: Any) -> Entry:
    return Entry(
        **{
            "seq": 1,
            "at": NOW,
            "actor": BUDI,
            "command": Command.APPROVE,
            "came_from": State.AWAITING_SELLER,
            "state": State.CLOSED,
            "policy": "lazada v1",
            "decision_id": "d1",
            "outcome": Outcome.CANCELLED,
            **changes,
        }
    )


def found_in(entries: Sequence[Entry]) -> Soundness:
    return examine(entries, len(entries), entries[-1].hash).whole


def text_of(entries: Sequence[Entry]) -> str:
    return msgspec.json.encode(entries).decode()


# Each word is like no other text in an entry.
words = st.dictionaries(st.sampled_from(sorted(PERSONAL)), st.text("åbç7 ", max_size=5).map("~{}~".format))


@st.composite
def entries_said(draw: st.DrawFn) -> Entry:
    said = draw(words)
    facts: dict[str, Any] | None = draw(st.sampled_from([None, {}, {"refund_total": 150_000, "lines": {"1": 2}}]))
    among_facts = {name: said.pop(name) for name in list(said) if name not in Entry.__slots__}
    if among_facts:
        facts = {**(facts or {}), **among_facts}
    events = None
    if draw(st.booleans()):
        told = {name: among_facts.get(name, said.get(name)) for name in IN_EVENTS}
        events = {"case.closed": {"order_id": "o1"}, "return.shipped": {"order_id": "o1", **told}}
    return an_entry(facts=facts, events=events, decision_id=draw(st.sampled_from("de")), **said)


@st.composite
def chains(draw: st.DrawFn) -> list[Entry]:
    said = draw(st.lists(entries_said(), min_size=1, max_size=4))
    return chain(*said, rules=draw(st.lists(st.sampled_from([PREVIOUS_RULE, "0.3.0"]), max_size=4)))


@st.composite
def with_some_erased(draw: st.DrawFn) -> tuple[list[Entry], list[Entry]]:
    """A chain, and the same one with some words of some entries taken away."""
    sealed = draw(chains())
    return sealed, [erased(entry, draw(st.sets(st.sampled_from(sorted(PERSONAL))))) for entry in sealed]


# --- what is written -------------------------------------------------------------------------------------------------


def test_an_untouched_timeline_is_intact() -> None:
    found, case = a_refusal()
    assert examine(found, 2, case.head).entries == {1: Soundness.INTACT, 2: Soundness.INTACT}
    assert examine(found, 2, case.head).whole is Soundness.INTACT


def test_any_edit_drop_swap_or_cut_tail_is_found() -> None:
    (first, second), case = a_refusal()
    for forged in (
        [second, first],
        [first],
        [second],
        [],
        [first, second, second],
        [replace(first, comment="edited"), second],
        [first, replace(second, outcome=Outcome.CANCELLED)],
        [first, replace(second, hash="0" * 64)],
    ):
        assert examine(forged, 2, case.head).whole is Soundness.TAMPERED


def test_the_hash_covers_no_word_that_people_typed() -> None:
    """Two chains that differ in their words alone differ in nothing but salted digests."""
    (asked, refused), _ = a_refusal()
    assert set(refused.digests or ()) == {"comment", "tracking_number", "person"}
    other = replace(refused, comment="lain", tracking_number="X", facts={**(refused.facts or {}), "person": "rudi"})
    assert other.hash == refused.hash == SALTED + refused.hash.removeprefix(SALTED)
    assert soundness_of(other) is Soundness.TAMPERED
    assert asked.hash.startswith(SALTED)


def test_what_a_note_says_cannot_be_guessed_from_what_others_see() -> None:
    case, _ = case_in(an_asking())
    _, entry = case_in(advance(case, an_act(Approve(note="ok"), SUPPORT), a_context()))
    bare = text_of([erased(entry)])
    for salt in ("", entry.decision_id, entry.hash):
        for guess in ("ok", f"{salt}:ok", json.dumps([salt, "note", "ok"], separators=(",", ":"))):
            assert hashlib.sha256(guess.encode()).hexdigest() not in bare


def test_equal_words_have_unequal_digests_everywhere() -> None:
    twice = chain(an_entry(comment="ok", note="ok"), an_entry(comment="ok"))
    digests = [digest for entry in twice for digest in (entry.digests or {}).values()]
    salts = [salt for entry in twice for salt in (entry.salts or {}).values()]
    assert (len(set(digests)), len(set(salts))) == (3, 3)
    assert all(len(bytes.fromhex(salt)) >= 16 for salt in salts)
    another = seal(an_entry(comment="ok"), "another salt")
    assert another.digests != twice[0].digests


def test_an_events_digest_does_not_tell_the_parcels_number() -> None:
    case, _ = case_in(an_asking())
    moved = OrderMoved(order_status=OrderStatus.SHIPPED, tracking_number="JNE-1")
    _, entry = case_in(advance(case, an_act(moved, SYSTEM), a_context()))
    payload = (entry.events or {})["case.parcel_moved"]
    assert payload["tracking_number"] == "JNE-1"
    assert digest_of(payload) not in text_of([entry])
    bare = erased(entry)
    assert "JNE-1" not in text_of([bare])
    assert soundness_of(bare) is Soundness.ERASED


def test_the_carrier_of_goods_on_their_way_back_is_said_and_can_be_erased() -> None:
    case, _ = case_in(
        an_asking(replace(an_order(status="delivered"), status_at=NOW), kind=Kind.RETURN, reason_code="damaged")
    )
    case, _ = case_in(advance(case, an_act(Approve()), a_context()))
    sent = ShippedBack(tracking_number="JNE-1", carrier="Kurir Pak Budi")
    case, entry = case_in(advance(case, an_act(sent, BUDI), a_context()))
    assert words_in(entry) == {"tracking_number": "JNE-1", "carrier": "Kurir Pak Budi"}
    bare = erased(entry)
    assert "Budi Santoso" not in text_of([bare])
    assert "Kurir" not in text_of([bare])
    assert soundness_of(bare) is Soundness.ERASED


# --- erasing ---------------------------------------------------------------------------------------------------------


@unhurried
@given(with_some_erased())
def test_whatever_is_erased_is_gone_and_the_chain_holds(both: tuple[list[Entry], list[Entry]]) -> None:
    whole, bare = both
    found = examine(bare, len(whole), whole[-1].hash)
    assert found.whole in FINE
    for before, after in zip(whole, bare, strict=True):
        assert after.hash == before.hash
        gone = words_in(before).keys() - words_in(after).keys()
        assert after.gone == gone
        for name in gone:
            kept = words_in(after).values()
            assert words_in(before)[name] in kept or words_in(before)[name] not in text_of([after])
            assert (before.salts or {}).get(name, "?") not in text_of([after])
        expected = Soundness.ERASED if before.is_salted else Soundness.ORDER_ONLY
        assert found.entries[after.seq] is (expected if gone else Soundness.INTACT)


@unhurried
@given(chains())
def test_erasing_everything_leaves_no_word_and_erasing_again_changes_nothing(whole: list[Entry]) -> None:
    bare = [erased(entry) for entry in whole]
    assert all(not words_in(entry) and not entry.salts for entry in bare)
    assert "~" not in text_of(bare)
    assert [erased(entry) for entry in bare] == bare


def test_the_entry_of_an_earlier_version_keeps_its_place_but_its_content_is_not_verified_any_more() -> None:
    old, new = chain(an_entry(comment="Budi"), an_entry(comment="Budi"), rules=[PREVIOUS_RULE])
    bare = erased(old)
    assert (bare.comment, bare.hash, bare.erased) == (None, old.hash, ("comment",))
    found = examine([bare, new], 2, new.hash)
    assert found.entries == {1: Soundness.ORDER_ONLY, 2: Soundness.INTACT}
    assert found.whole is Soundness.ORDER_ONLY
    assert examine([replace(bare, seq=2), new], 2, new.hash).whole is Soundness.TAMPERED
    assert examine([new], 2, new.hash).whole is Soundness.TAMPERED


def test_an_earlier_versions_event_does_not_betray_the_number_either() -> None:
    payload = {"order_id": "o1", "tracking_number": "JNE-1", "carrier": "Kurir Pak Budi"}
    (old,) = chain(an_entry(tracking_number="JNE-1", events={"return.shipped": payload}), rules=[PREVIOUS_RULE])
    for names in (PERSONAL, {"carrier"}):
        bare = erased(old, names)
        assert ("JNE-1" in text_of([bare])) is ("tracking_number" not in names)
        assert "Budi" not in text_of([bare])
        assert digest_of(payload) not in text_of([bare])
        assert soundness_of(bare) is Soundness.ORDER_ONLY


# --- any other change ------------------------------------------------------------------------------------------------


@unhurried
@given(with_some_erased(), st.data())
def test_an_entry_that_is_dropped_doubled_or_moved_is_found(
    both: tuple[list[Entry], list[Entry]], data: st.DataObject
) -> None:
    whole, bare = both
    places = data.draw(st.lists(st.integers(0, len(bare) - 1), max_size=len(bare) + 1))
    assume(places != list(range(len(bare))))
    forged = [bare[place] for place in places]
    assert examine(forged, len(whole), whole[-1].hash).whole is Soundness.TAMPERED


def places_in(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for name, value in tree.items() if isinstance(tree, dict) else ():
        yield (*path, name)
        yield from places_in(value, (*path, name))


def forged(entry: Entry, data: st.DataObject) -> Entry:
    """The entry with something changed, taken away or added, anywhere in it."""
    tree: Any = copy.deepcopy(msgspec.to_builtins(entry))
    *path, last = data.draw(st.sampled_from(list(places_in(tree))), label="where")
    holder = tree
    for name in path:
        holder = holder[name]
    others = [
        None,
        "forged",
        "salt",
        {"forged": "yes"},
        ["comment"],
        7,
        *State,
        *Command,
        *Outcome,
        "2026-01-01T00:00:00Z",
    ]
    way = data.draw(st.sampled_from(["change", "take away", "add", "longer"]), label="way")
    if way == "take away":
        del holder[last]
    elif way == "add":
        new = data.draw(st.sampled_from(["forged", *sorted(PERSONAL), "events"]), label="new")
        holder[new] = data.draw(st.sampled_from(others), label="to")
    elif way == "longer" and isinstance(holder[last], str):
        holder[last] += data.draw(st.sampled_from(["0", " ", "x"]))
    else:
        holder[last] = data.draw(st.sampled_from(others), label="to")
    try:
        return msgspec.convert(tree, Entry)
    except msgspec.ValidationError:
        return entry


def is_allowed(before: Entry, after: Entry) -> bool:
    """No change; words that are gone with their salts; events that are kept no longer. What an earlier version stored
    of a speaker's door its hash does not cover, and no hash covers of which request an entry came."""
    after = replace(after, correlation_id=before.correlation_id)
    if not after.is_salted:
        after = replace(after, actor=after.actor.plain)
    kept: Mapping[str, Any] = {
        name: payload for name, payload in (before.events or {}).items() if name in (after.events or {})
    }
    plain = replace(before, events=kept or None)
    bare = erased(before, after.gone)
    same = {text_of([plain]), text_of([before]), text_of([bare]), text_of([erased(plain, after.gone)])}
    return text_of([replace(after, events=after.events or None)]) in same or text_of([after]) in same


@unhurried
@given(with_some_erased(), st.data())
def test_any_other_change_is_found(both: tuple[list[Entry], list[Entry]], data: st.DataObject) -> None:
    whole, bare = both
    place = data.draw(st.integers(0, len(bare) - 1), label="entry")
    after = forged(bare[place], data)
    assume(not is_allowed(bare[place], after))
    # What an earlier version wrote and somebody erased is not verified any more: only its place is.
    old = not after.is_salted and bool(after.erased) and after.hash == bare[place].hash
    entries = [*bare[:place], after, *bare[place + 1 :]]
    found = examine(entries, len(whole), whole[-1].hash)
    in_place = (after.seq, after.previous) == (bare[place].seq, bare[place].previous)
    assert found.whole is (Soundness.TAMPERED if not (old and in_place) else found.whole)


@unhurried
@given(chains(), st.data())
def test_an_entry_cannot_be_passed_off_as_one_of_an_earlier_version(whole: list[Entry], data: st.DataObject) -> None:
    """What excuses an erased old entry must not excuse a new one: its hash says what it is, and the next repeats it."""
    place = data.draw(st.integers(0, len(whole) - 1))
    assume(whole[place].is_salted)
    plain = replace(whole[place], digests=None, salts=None, erased=("comment",), outcome=Outcome.EXPIRED)
    for downgraded in (
        plain,
        replace(plain, hash=plain.hash.removeprefix(SALTED)),
        by_0_2_0(replace(plain, erased=None)),
    ):
        entries = [*whole[:place], downgraded, *whole[place + 1 :]]
        assert examine(entries, len(whole), whole[-1].hash).whole is Soundness.TAMPERED


def test_a_change_beside_the_chain_is_found_as_well() -> None:
    event = {"order_id": "o1", "tracking_number": "JNE-1"}
    said = an_entry(comment="ya", note="baik", tracking_number="JNE-1", events={"case.parcel_moved": event})
    (entry,) = chain(said)
    salts = entry.salts or {}
    for changed in (
        replace(entry, comment="tidak"),
        replace(entry, comment=entry.note, note=entry.comment),
        replace(entry, comment=None),
        replace(entry, salts={**salts, "comment": salts["note"]}),
        replace(entry, salts={**salts, "comment": f"{salts['comment']}00"}),
        replace(entry, salts={**salts, "person": salts["note"]}),
        replace(entry, salts={name: salt for name, salt in salts.items() if name != "comment"}),
        replace(entry, events={"case.parcel_moved": {**event, "order_id": "o2"}}),
        replace(entry, events={"case.parcel_moved": {**event, "tracking_number": "JNE-2"}}),
        replace(entry, events={"case.parcel_moved": {**event, "tracking_number": None}}),
        replace(entry, events={"case.parcel_moved": event, "case.closed": {"order_id": "o1"}}),
        replace(erased(entry), comment="tidak"),
        replace(erased(entry), erased=("comment",)),
        replace(erased(entry), events=entry.events),
        replace(erased(entry, {"comment"}), comment="ya"),
    ):
        assert soundness_of(changed) is Soundness.TAMPERED, changed


def test_the_end_of_a_long_timeline_is_examined_by_itself() -> None:
    whole = chain(*[an_entry(comment=str(number)) for number in range(4)])
    assert examine(whole[2:], 4, whole[-1].hash, left_out=2).entries == {3: Soundness.INTACT, 4: Soundness.INTACT}
    assert examine(whole[2:], 4, whole[-1].hash, left_out=2).whole is Soundness.INTACT
    assert examine(whole[1:], 4, whole[-1].hash, left_out=2).whole is Soundness.TAMPERED
    assert examine(whole[2:], 4, whole[-1].hash).whole is Soundness.TAMPERED


def test_an_event_never_tells_another_parcel_than_its_entry() -> None:
    with pytest.raises(AssertionError):
        seal(an_entry(tracking_number="JNE-1", events={"case.parcel_moved": {"tracking_number": "JNE-2"}}), "salt")


def test_time_and_speaker_are_covered() -> None:
    (entry,) = chain(an_entry())
    for changed in (
        replace(entry, at=NOW + timedelta(microseconds=1)),
        replace(entry, actor=SELLER),
        replace(entry, actor=Actor(role=Role.BUYER, id="ani")),
    ):
        assert soundness_of(changed) is Soundness.TAMPERED
    assert found_in([entry]) is Soundness.INTACT
