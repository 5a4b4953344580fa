"""A seller is erased: nothing of them is found anywhere, the buyer stays, every file still verifies, every sum still
adds up."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chalicelib.domain.cases.commands import Approve, GoodsReceived, MakeOffer, Reject
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.jobs import Erasure, Exported, JobState, PersonExport
from chalicelib.domain.orders.body import OrderBody, Seller
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import MailStop, Why
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.policies.seller_rules import SellerRule
from chalicelib.edge.case_file import case_file
from chalicelib.workflow import asking, decisions, erasing, exporting, inbox, orders, person_exports
from chalicelib.workflow.evidence import announce_evidence, evidence_of
from chalicelib.workflow.seller_rules import save_seller_rules
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.threads import write_on_case
from infra.sandbox.builders import BUDI, OPERATOR, SUPPORT, SYSTEM, a_body, an_ask
from infra.verify_case_file import faults, remarks
from tests.fakes.ports import Neighbourhood
from tests.proofs.a_life import PNG
from tests.workflow.moving_houses import as_it_is, empty_house, go_on, shelf
from tests.workflow.test_erasing import everything, rows_of, sums

SHOP = "s-4411"
NAME, EMAIL, PHONE, STREET = "Dewi Kartikasari", "dewi.k@rahasia.example", "+6281377788899", "Jalan Anggrek 9"
SOLD_BY = Seller(id=SHOP, name=NAME, email=EMAIL, phone=PHONE, shop_name=f"Toko {NAME}", return_address=STREET)
DEWI = Actor(role=Role.SELLER, id=SHOP, person="dewi-1", name=NAME)
SAID = f"Saya {NAME}, {STREET}, telepon 0813-7778-8899, {EMAIL}"
TRACES = ("dewi", "kartikasari", "rahasia", "81377788899", "anggrek")


def sold(order_id: str, **more: Any) -> OrderBody:
    return replace(a_body(order_id=order_id, **more), seller=SOLD_BY)


def settle(house: Neighbourhood) -> None:
    house.clock.advance(600)
    sweep(house.ports)


def a_shop() -> Neighbourhood:
    """She sells, makes rules, offers, writes, shows a photo, refuses; once more she grants, and takes goods back."""
    house = empty_house()
    ports = house.ports
    save_seller_rules(ports, DEWI, SHOP, [SellerRule(name=NAME, dry=True)], STREET)
    inbox.keep_view(ports, DEWI, f"{NAME}'s", {"q": NAME})
    orders.upsert(ports, sold("S-1"), SYSTEM)
    case_id = asking.ask(ports, "S-1", an_ask(comment=f"Halo {NAME}"), BUDI).case_id
    write_on_case(ports, case_id, SAID, DEWI)
    announced, _ = announce_evidence(ports, case_id, "dewi.png", "image/png", 10_000, DEWI)
    shelf(house).lying[announced.key] = PNG + NAME.encode()
    assert evidence_of(ports, case_id, SUPPORT)
    decisions.say(ports, case_id, Reject(reason_code=RefusingReason.ALREADY_PACKED, comment=SAID), DEWI)
    settle(house)
    orders.upsert(ports, sold("S-2"), SYSTEM)
    granted = asking.ask(ports, "S-2", an_ask(), BUDI).case_id
    decisions.say(ports, granted, MakeOffer(fee=1_000, comment=SAID), DEWI)
    decisions.say(ports, granted, Approve(note=f"{NAME} called from {PHONE}"), SUPPORT)
    settle(house)
    orders.upsert(ports, sold("S-3", status="delivered"), SYSTEM)
    back = asking.ask(ports, "S-3", an_ask(kind=Kind.RETURN, reason_code="damaged"), BUDI).case_id
    decisions.say(ports, back, Approve(return_address=f"{NAME}, {STREET}"), DEWI)
    ports.store.put_mail_stop(MailStop(address=EMAIL, why=Why.BOUNCE, at=ports.now(), case_id=case_id))
    for of in (Exported.ORDERS, Exported.CASES):
        exporting.begin(ports, OPERATOR, of)
    go_on(ports)
    return house


def left(places: Iterable[tuple[str, bytes | str]]) -> list[str]:
    found = []
    for place, content in places:
        text = (content.decode("utf-8", "replace") if isinstance(content, bytes) else content).casefold()
        bare = "".join(sign for sign in text if sign.isalnum())
        found += [f"{place}: {trace}" for trace in TRACES if trace in text or trace in bare]
    return found


def left_of_her(house: Neighbourhood) -> list[str]:
    tables = [each for name, rows in rows_of(house).items() for each in everything(rows, name)]
    return left([*tables, *((key, key) for key in shelf(house).lying), *shelf(house).lying.items()])


def erased(house: Neighbourhood, rounds: int = 3) -> Erasure:
    job = erasing.begin(house.ports, OPERATOR, SHOP, Role.SELLER)
    for _ in range(rounds):
        house.clock.advance(11 * 60)
        sweep(house.ports)
        go_on(house.ports)
    done = as_it_is(house, job)
    assert isinstance(done, Erasure)
    return done


def finished(house: Neighbourhood) -> None:
    """The goods are back, the last of her requests ends."""
    (case_id,) = house.store.order_rows["S-3"].cases
    decisions.say(house.ports, case_id, GoodsReceived(), DEWI)
    settle(house)


def test_an_erased_seller_is_found_nowhere_and_what_runs_is_finished_first() -> None:
    house = a_shop()
    assert left_of_her(house)
    waits = erased(house)
    assert (waits.state, waits.waits_for) == (JobState.WORKING, 1)
    assert house.store.order_rows["S-1"].body.seller.name == ""
    assert house.store.order_rows["S-3"].body.seller.name == NAME
    finished(house)
    before = sums(house)
    files = {case_id: house.store.timeline(case_id) for case_id in house.store.case_rows}
    done = erased(house)
    assert (done.job_id, done.state, done.problem) == (waits.job_id, JobState.DONE, None)
    assert left_of_her(house) == []
    assert {"orders", "cases", "entries", "messages", "files", "lines", "settings"} <= set(done.erased)
    assert sums(house) == before
    for case_id, entries in files.items():
        case = house.case(case_id)
        assert examine(house.store.timeline(case_id), case.entries, case.head).whole is Soundness.ERASED
        assert [entry.hash for entry in house.store.timeline(case_id)] == [entry.hash for entry in entries]
        for actor in (BUDI, DEWI, SUPPORT):
            document: Any = case_file(house.ports, case_id, actor, "secret")
            assert faults(document, case.head, "secret") == []
            assert remarks(document)
    # The buyer is none of hers.
    for order in house.store.order_rows.values():
        assert (order.body.buyer.name, order.body.buyer.email) == (a_body().buyer.name, a_body().buyer.email)
    assert any(house.store.clue_rows.values())


def test_the_search_finds_what_is_left_in_any_one_place() -> None:
    before, house = a_shop(), a_shop()
    finished(house)
    erased(house)
    assert left_of_her(house) == []
    tables = {name for name, rows in rows_of(before).items() if left(everything(rows, name))}
    assert {"order_rows", "case_rows", "entry_rows", "threads", "files", "stops"} <= tables
    for name in sorted(tables):
        clean = vars(house.store)[name]
        vars(house.store)[name] = vars(before.store)[name]
        assert left_of_her(house), name
        vars(house.store)[name] = clean


def test_an_order_system_that_goes_on_naming_her_brings_nobody_back_and_a_new_order_does() -> None:
    house = a_shop()
    finished(house)
    erased(house)
    for _ in range(2):
        orders.upsert(house.ports, sold("S-1", version=9), SYSTEM)
    house.clock.advance(600)
    sweep(house.ports)
    assert left_of_her(house) == []
    orders.upsert(house.ports, sold("S-4"), SYSTEM)
    assert house.store.order_rows["S-4"].body.seller.name == NAME


def test_a_seller_of_whom_little_was_ever_told_is_not_taken_for_one_who_was_erased() -> None:
    house = empty_house()
    quiet = Seller(id=SHOP, name="", contact=SOLD_BY.contact.NONE)
    orders.upsert(house.ports, replace(sold("S-1"), seller=quiet), SYSTEM)
    orders.upsert(house.ports, sold("S-1", version=2), SYSTEM)
    assert house.store.order_rows["S-1"].body.seller.name == NAME


def test_a_copy_for_a_seller_has_what_is_theirs_and_no_way_to_reach_a_buyer() -> None:
    house = a_shop()
    job = person_exports.begin(house.ports, OPERATOR, SHOP, Role.SELLER)
    go_on(house.ports)
    done = as_it_is(house, job)
    assert isinstance(done, PersonExport)
    assert (done.state, done.problem) == (JobState.DONE, None)
    assert done.report
    text = shelf(house).lying[done.report].decode()
    for theirs in (NAME, EMAIL, PHONE, STREET, "S-1", "S-2", "S-3", f"{NAME}'s"):
        assert theirs in text
    buyer = a_body().buyer
    assert buyer.email
    assert buyer.email not in text
    assert '"about":"wallet"' not in text


def test_a_buyer_of_the_same_id_is_somebody_else() -> None:
    house = a_shop()
    first = erasing.begin(house.ports, OPERATOR, SHOP, Role.SELLER)
    assert erasing.begin(house.ports, OPERATOR, SHOP).job_id != first.job_id
