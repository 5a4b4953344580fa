"""After a deploy words, files, answers, rules, policies and stops are read back, and hold. Values are typed by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.cases.case import Pending
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.seller_rules import SellerRule, SellerRules
from chalicelib.domain.policies.spans import Span
from chalicelib.workflow import mail_stops, seller_rules, threads
from chalicelib.workflow import policies as profiles
from infra.sandbox.builders import BUDI, OPERATOR, SELLER, SUPPORT, outbox_of
from tests.proofs.golden import after_deploy, file_of, restored
from tests.proofs.golden_moments import NO, YES, answer_by_mail, ask_over_http
from tests.proofs.over_http import request
from tests.proofs.scenarios import ORDER, ask
from tests.proofs.world import Laboratory


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


def test_what_people_wrote_is_still_there_to_read(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "messages and evidence")
    kept = [(each.text, each.by, each.case_id, each.at) for each in world.store.messages(ORDER)]
    assert kept == [
        ("Bisa dibatalkan?", BUDI, None, at(23, 3, 0)),
        ("Salah ukuran, maaf.", BUDI, "id2", at(23, 3, 0, 20)),
        ("Sudah dikemas?", SUPPORT, "id2", at(23, 3, 0, 30)),
    ]
    for_seller = [each.text for each in threads.latest_on_case(world.ports, case, SELLER).items]
    assert for_seller == ["Salah ukuran, maaf.", "Sudah dikemas?"]
    files = [(f.filename, f.content_type, f.size, f.by, f.key, f.at) for f in world.store.evidence(case.case_id)]
    assert files == [
        ("struk belanja.jpg", "image/jpeg", 48_213, BUDI, "evidence/id2/id6.jpg", at(23, 3, 0, 30)),
        ("foto.png", "image/png", 1_024, SELLER, "evidence/id2/id7.png", at(23, 3, 0, 31)),
    ]
    assert outbox_of(case)["3:mail:message:seller"] == Pending(next_at=at(23, 3, 2, 20))
    assert outbox_of(case)["4:mail:message:buyer"] == Pending(next_at=at(23, 3, 2, 30))


def test_a_message_from_before_any_case_is_adopted_by_the_case(lab: Laboratory) -> None:
    world = restored(lab, file_of("0.1.0-more")["a message before any case"])
    case = ask(world)
    assert [each.text for each in threads.latest_on_case(world.ports, case, BUDI).items] == ["Bisa dibatalkan?"]
    assert threads.latest_on_case(world.ports, case, SELLER).items == []


def test_a_mail_that_is_told_again_after_the_deploy_is_one_message(lab: Laboratory) -> None:
    world, _ = after_deploy(lab, "an answer by mail")
    assert answer_by_mail(world).message is None
    assert [(each.text, each.by) for each in world.store.messages(ORDER)] == [("Belum.", SELLER)]


def test_a_request_that_is_sent_again_after_the_deploy_gets_its_first_answer(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "an answered key")
    again = ask_over_http(world)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    told: dict[str, Any] = {"case_id": "id1", "state": "awaiting_seller", "channel": "web", "version": 1}
    assert again.body | told == again.body
    assert ask_over_http(world, comment="another").body["code"] == "idempotency_mismatch"
    assert ask_over_http(world, key="tap-2").body["code"] == "case_open"
    assert world.case(case.case_id) == case


def test_a_sellers_rules_hold_on(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "granted by a rule of the seller")
    cheap = SellerRule(
        name="Murah",
        reasons=("wrong_size", "changed_mind"),
        at_most=200_000,
        within=Span(amount=3, unit="days"),
    )
    dry = SellerRule(name="Semua mode", categories=("fashion",), dry=True)
    kept = seller_rules.seller_rules(world.ports, SELLER, "toko-baju")
    assert kept == SellerRules(version=1, rules=(cheap, dry))
    assert kept.rules[0].statuses == ("placed", "processing")
    assert (case.asked.by_rule, case.asked.dry_rule) == ("Murah", "Semua mode")
    world, watched = after_deploy(lab, "a dry rule of the seller")
    assert (watched.asked.by_rule, watched.asked.dry_rule) == (None, "Semua mode")
    NO(world)
    seller_rules.save_seller_rules(world.ports, SELLER, "toko-baju", [replace(cheap, currency="IDR")])
    assert seller_rules.seller_rules(world.ports, SELLER, "toko-baju").version == 2
    assert ask(world).asked.by_rule == "Murah"


def test_every_version_of_an_operators_policy_is_kept(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "an operator's own policy")
    policies = world.ports.policies
    assert (case.policy.name, case.policy.version, case.if_silent) == ("lazada", 2, "approve")
    silence = [{each.if_silent for each in policies.version("lazada", v).answers.values()} for v in (1, 2, 3)]
    assert silence == [{Silence.ESCALATE}, {Silence.APPROVE}, {Silence.EXPIRE}]
    assert policies.current("lazada").version == 3
    assert world.store.policy_names() == ["lazada"]
    assert profiles.next_version(world.ports, "lazada") == 4
    contacts = request(world, BUDI, "GET", "/v1/support/contacts").body["items"]
    told = [(each["channel"], each["address"], each["checked_at"], each["platform"]) for each in contacts]
    assert told == [("phone", "+62 21 500 123", "2026-11-20T00:00:00Z", "lazada")]


def test_a_stopped_address_gets_no_mail_until_it_is_lifted(lab: Laboratory) -> None:
    world, case = after_deploy(lab, "a mail stop")
    stop = world.store.mail_stops().items[0]
    assert (stop.address, stop.why, stop.at, stop.case_id) == ("Budi@example.com", "bounce", at(23, 3, 0), None)
    assert set(world.store.stopped({"budi@example.com", "toko-baju@example.com"})) == {"budi@example.com"}
    YES(world)
    world.pump()
    assert {effect for _, effect in world.outside.mails} == {"1:mail:decision_needed:seller", "2:mail:approved:seller"}
    mail_stops.lift(world.ports, OPERATOR, stop.stop_id)
    assert world.store.mail_stops().items == []
    threads.write_on_case(world.ports, case.case_id, "Sudah kami batalkan.", SELLER)
    world.clock.advance(130)
    world.sweep()
    assert [effect for _, effect in world.outside.mails if effect.endswith(":mail:message:buyer")] != []
