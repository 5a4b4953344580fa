"""What customer service sees on a case, and who of them decides: claims, both sides, prepared answers, a second person,
phones, and mails once more."""

import logging
from collections.abc import Callable

import pytest

from chalicelib.domain.people.mail_stops import Why
from chalicelib.workflow.mail_stops import stop
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import DrawnForm, forms_of
from tests.e2e.test_desk import SHIRT, escalated
from tests.e2e.test_one_press import phone_of
from tests.e2e.test_pages import Phone


def form_to(page: Answer, action: str) -> DrawnForm:
    return next(form for form in forms_of(page) if form.action.endswith(f"/{action}"))


def two_at_a_case(market: Marketplace, order_id: str) -> tuple[Phone, Phone, str]:
    case_id = escalated(market, order_id)
    market.say("support", case_id, "claim", note="saya tangani")
    return phone_of(market, "sari", "support"), phone_of(market, "rini", "support"), f"/cases/{case_id}"


def test_who_decides_beside_a_colleague_is_told_first_and_loses_no_word(market: Marketplace) -> None:
    sari, rini, case = two_at_a_case(market, "T-1")
    assert "Anda mengerjakan ini sejak" in sari.open(case).text
    page = rini.open(case)
    assert "sari mengerjakan ini sejak" in page.text
    typed = {"reason_code": "policy", "comment": "Sesuai aturan", "note": "dicek"}
    refused = rini.submit(page, f"{case}/reject", **typed)
    assert refused.status == 409
    assert "sedang ditangani orang lain" in refused.text
    kept = form_to(refused, "reject").fields
    assert {name: kept[name] for name in typed} == typed
    assert market.row(case.removeprefix("/cases/")).outcome is None
    done = rini.submit(refused, f"{case}/reject", takes_over="yes")
    assert done.status == 303
    assert market.row(case.removeprefix("/cases/")).outcome == "rejected"


def test_a_case_is_taken_over_with_a_note(market: Marketplace) -> None:
    sari, rini, case = two_at_a_case(market, "T-2")
    page = rini.open(case)
    assert rini.submit(page, f"{case}/claim").status == 422
    assert rini.submit(page, f"{case}/claim", note="sari pulang").status == 303
    assert "Anda mengerjakan ini sejak" in rini.open(case).text
    assert "rini mengerjakan ini sejak" in sari.open(case).text
    assert "sari pulang" in sari.open(case).text


def test_after_two_hours_without_an_act_anybody_may_decide(market: Marketplace) -> None:
    _, rini, case = two_at_a_case(market, "T-3")
    market.later(2 * 3600)
    page = rini.open(case)
    assert "mengerjakan ini" not in page.text
    assert "Belum ada yang menangani" in page.text
    done = rini.submit(page, f"{case}/reject", reason_code="policy", note="dicek")
    assert done.status == 303


def test_a_message_of_its_owner_makes_a_claim_last(market: Marketplace) -> None:
    sari, rini, case = two_at_a_case(market, "T-5")
    market.later(3600)
    assert sari.submit(sari.open(case), f"{case}/messages", text="Saya masih memeriksa").status == 303
    assert rini.submit(rini.open(case), f"{case}/messages", text="Baik").status == 303
    market.later(3600 + 60)
    assert "sari mengerjakan ini sejak" in rini.open(case).text
    market.later(3600)
    assert "mengerjakan ini" not in rini.open(case).text


def test_programs_decide_as_before(market: Marketplace) -> None:
    *_, case = two_at_a_case(market, "T-4")
    market.say("support", case.removeprefix("/cases/"), "reject", who="rini", reason_code="policy", note="x")


def test_both_sides_stand_beside_each_other_and_the_no_above_the_decision(market: Marketplace) -> None:
    case_id = escalated(market, "S-1")
    market.seller("POST", f"/v1/cases/{case_id}/messages", {"text": "Kainnya sudah dipotong"})
    page = phone_of(market, "sari", "support").open(f"/cases/{case_id}").text
    sides = page[page.index('id="sides"') : page.index('class="columns"')]
    buyer, _, seller = sides.partition('class="side seller"')
    assert "Saya salah pilih ukuran" in buyer
    assert "Bukan kesalahan toko" in seller
    assert "Kainnya sudah dipotong" in seller
    assert "Bukan kesalahan toko" not in buyer
    why = page[page.index('id="why-no"') : page.index('id="decide"')]
    for told in (
        "Penjual",
        "toko-baju",
        "Tidak sesuai kebijakan toko",
        "Bukan kesalahan toko",
        "peninjauan ulang",
    ):
        assert told in why
    for who, role in (("budi", "buyer"), ("toko-baju", "seller")):
        own = phone_of(market, who, role).open(f"/cases/{case_id}").text
        assert 'id="sides"' not in own
        assert 'id="why-no"' not in own
        assert "mail-again" not in own


def test_other_cases_of_both_are_counted_and_linked(market: Marketplace) -> None:
    before = [market.ask(market.order(f"O-{number}", lines=SHIRT))["case_id"] for number in range(6)]
    case_id = escalated(market, "O-9")
    page = phone_of(market, "sari", "support").open(f"/cases/{case_id}").text
    others = page[page.index('id="others"') :]
    assert "Dari pembeli ini: 6" in others
    assert sum(f"/cases/{each}" in others.partition("Di penjual ini")[0] for each in before) == 5
    assert f"/cases/{case_id}" not in others[: others.index("</section>")]


def test_a_prepared_answer_fills_an_empty_field_and_asks_before_it_replaces_words(
    market: Marketplace,
) -> None:
    case_id = escalated(market, "A-1")
    case, sari = f"/cases/{case_id}", phone_of(market, "sari", "support")
    page = sari.open(case)
    filled = sari.submit(page, f"{case}/reject", template="seller_right", note="dicek", reason_code="policy")
    fields = form_to(filled, "reject").fields
    assert fields["comment"].startswith("Kami sudah memeriksa keterangan Anda")
    assert (filled.status, fields["note"], fields["reason_code"]) == (200, "dicek", "policy")
    asked = sari.submit(page, f"{case}/reject", template="shipped", comment="kata saya")
    assert form_to(asked, "reject").fields["comment"] == "kata saya"
    assert ("replace", "shipped") in form_to(asked, "reject").buttons
    replaced = sari.submit(asked, f"{case}/reject", replace="shipped")
    assert form_to(replaced, "reject").fields["comment"].startswith("Maaf, paket pesanan A-1")
    by_address = sari.open(f"{case}?template=no_proof&comment=sisipan&note=sisipan")
    assert "sisipan" not in by_address.text.partition("<footer")[0]
    assert "bukti yang cukup" in form_to(by_address, "reject").fields["comment"]
    assert market.row(case_id).outcome is None, "nothing was decided meanwhile"
    done = sari.submit(filled, f"{case}/reject")
    assert done.status == 303
    decision = market.row(case_id).decision
    assert decision
    assert (decision.comment or "").startswith("Kami sudah memeriksa")


def test_a_second_person_has_one_choice(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(policy=a_policy(version=2, second_person_above=20_000))
    case_id = escalated(market, "SP-1")
    case = f"/cases/{case_id}"
    sari, rini = phone_of(market, "sari", "support"), phone_of(market, "rini", "support")
    market.say("support", case_id, "claim", note="x")
    first = sari.submit(sari.open(case), f"{case}/approve", note="fotonya jelas")
    assert first.status == 303
    page = rini.open(case)
    actions = {form.action.rpartition("/")[2] for form in forms_of(page)}
    assert {"confirm", "reject"} <= actions
    assert not actions & {"approve", "offer"}
    assert "sari sudah setuju mengembalikan Rp50.000" in page.text
    assert "fotonya jelas" in page.text
    assert "1 dari 2 setuju" in rini.open("/support?tab=second").text
    done = rini.submit(page, f"{case}/confirm", note="setuju")
    assert done.status == 303, "that the first one took the case holds nobody up"
    assert market.row(case_id).outcome == "cancelled" or market.row(case_id).refund


def test_a_look_at_a_phone_is_logged_without_the_number(market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    case_id = escalated(market, "P-1")
    case, sari = f"/cases/{case_id}", phone_of(market, "sari", "support")
    assert "62811" not in sari.open(case).text
    with caplog.at_level(logging.INFO):
        page = sari.open(f"{case}?contact=buyer")
    assert 'href="tel:+62811111"' in page.text
    (told,) = [record for record in caplog.records if record.getMessage() == "contact looked up"]
    assert (vars(told)["by"], vars(told)["party"], vars(told)["case_id"]) == ("sari", "buyer", case_id)
    assert "62811" not in str(vars(told))
    for who, role in (("toko-baju", "seller"), ("omar", "operator")):
        assert "62811" not in phone_of(market, who, role).open(f"{case}?contact=buyer").text


def mailed(market: Marketplace, kind: str, to: str) -> int:
    return market.kinds_mailed().count((to, kind))


def test_a_mail_goes_out_once_more_for_each_press_and_the_timeline_keeps_who(market: Marketplace) -> None:
    case_id = market.ask(market.order("M-1", lines=SHIRT))["case_id"]
    market.waits_in(case_id)
    case, sari = f"/cases/{case_id}", phone_of(market, "sari", "support")
    page = sari.open(case)
    assert mailed(market, "decision_needed", "toko-baju") == 1
    form = form_to(page, "mail-again").fields | {"mail": "decision_needed seller", "note": "penjual kehilangan tautan"}
    pressed = [sari.press(f"{case}/mail-again", form) for _ in range(2)]
    assert [each.status for each in pressed] == [303, 303]
    assert "dikirim ulang dalam satu menit" in sari.open(pressed[0].headers["location"]).text
    for _ in range(2):
        market.later(61)
    assert mailed(market, "decision_needed", "toko-baju") == 2
    (entry,) = [each for each in market.world.ports.store.timeline(case_id) if each.command == "deliver_again"]
    assert (entry.speaker.id, entry.note) == ("sari", "penjual kehilangan tautan")
    assert (entry.facts or {})["effects"] == [f"{entry.seq}:mail:decision_needed:seller"]
    assert "penjual kehilangan tautan" in sari.open(case).text
    assert market.row(case_id).state == "awaiting_seller"


def test_a_mail_to_a_stopped_address_does_not_go_and_what_was_typed_stays(market: Marketplace) -> None:
    case_id = escalated(market, "M-2")
    order = market.world.ports.store.order("M-2")
    assert order
    assert order.body.buyer.email
    stop(market.world.ports, [order.body.buyer.email], Why.BOUNCE, case_id)
    case, sari = f"/cases/{case_id}", phone_of(market, "sari", "support")
    page = sari.open(case)
    assert f"{case}?contact=buyer" in page.text
    refused = sari.submit(page, f"{case}/mail-again", mail="reopened buyer", note="tidak dapat kabar")
    assert refused.status == 409
    assert "dihentikan" in refused.text
    assert form_to(refused, "mail-again").fields["note"] == "tidak dapat kabar"
    strange = sari.submit(page, f"{case}/mail-again", mail="approved buyer", note="x")
    assert strange.status == 409
    assert sari.submit(page, f"{case}/mail-again", mail="nonsense", note="x").status == 422
    assert sari.submit(page, f"{case}/mail-again", mail="reopened seller", note=" ").status == 422
    buyer = phone_of(market, "budi", "buyer")
    token = next(form.fields["form_token"] for form in forms_of(buyer.open(case)) if "form_token" in form.fields)
    assert (
        buyer.press(f"{case}/mail-again", {"form_token": token, "mail": "reopened seller", "note": "x"}).status == 403
    )


def test_what_was_typed_into_a_refused_form_stays(market: Marketplace) -> None:
    case_id = escalated(market, "K-1")
    case, sari = f"/cases/{case_id}", phone_of(market, "sari", "support")
    page = sari.open(case)
    refused = sari.submit(page, f"{case}/extend", days="9", note=" ")
    assert (refused.status, form_to(refused, "extend").fields["days"]) == (422, "9")
    offered = sari.submit(page, f"{case}/offer", what="fee", fee="banyak", comment="maaf", note="telepon")
    kept = form_to(offered, "offer").fields
    assert (offered.status, kept["fee"], kept["comment"], kept["note"]) == (422, "banyak", "maaf", "telepon")


def test_an_answer_about_the_other_kind_of_request_is_not_offered(market: Marketplace) -> None:
    """A return is not told that it cannot be cancelled, nor a cancellation that its goods were used."""
    phone = Phone(market)
    phone.sign_in("rini", "support")
    cancelling = str(market.ask(market.order("KIND-1"))["case_id"])
    market.order("KIND-2", status="shipped")
    market.status("KIND-2", "delivered")
    wish = {"reason_code": "damaged", "channel": "app", "accept_terms": True}
    returning = str(market.buyer("POST", "/v1/orders/KIND-2/returns", wish).json["case_id"])
    for case_id, offered, other in ((cancelling, "shipped", "used"), (returning, "used", "shipped")):
        page = phone.open(f"/cases/{case_id}").text
        assert f'name="template" value="{offered}"' in page
        assert f'value="{other}"' not in page
        assert "tidak bisa dibatalkan lagi" not in phone.open(f"/cases/{returning}?template=shipped").text
