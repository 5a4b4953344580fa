"""An operator changes a policy in sentences: looks at it first, says why, and can go back."""

import json
import re
from typing import Any

import pytest

from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.ports import Ports
from chalicelib.workflow import policies
from infra.sandbox.builders import OPERATOR, a_policy
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import DrawnForm, forms_of
from tests.e2e.test_pages import Phone

PLACE = "/operations/policies/lazada"
FORM = f"{PLACE}/change"
WITHIN = "answers.placed.within.amount"


def omar(market: Marketplace, who: str = "omar") -> Phone:
    phone = Phone(market)
    phone.sign_in(who, "operator")
    return phone


def form_at(page: Answer, action: str, button: str = "") -> DrawnForm:
    return next(
        form
        for form in forms_of(page)
        if form.action == action and (not button or button in (value for _, value in form.buttons))
    )


def keep(phone: Phone, draft: Answer, **filled: str) -> Answer:
    return phone.press(PLACE, form_at(draft, PLACE, "keep").fields | {"what": "keep", "note": "Libur panjang"} | filled)


def version(market: Marketplace, number: int | None = None) -> Any:
    return market.operator("GET", f"/v1/policies/lazada{f'?version={number}' if number else ''}").json


def test_a_change_in_sentences_is_looked_at_explained_and_kept(market: Marketplace) -> None:
    phone = omar(market)
    draft = phone.submit(
        phone.open(FORM),
        FORM,
        **{WITHIN: "12", "answers.placed.within.unit": "hours", "fees.shipped.basis_points": "5"},
    )
    assert draft.status == 200
    assert "<del>Selama pesanan berstatus “Pesanan Baru”, penjual punya 1 hari kerja untuk menjawab." in draft.text
    assert "<ins>Selama pesanan berstatus “Pesanan Baru”, penjual punya 12 jam untuk menjawab." in draft.text
    # Of Rp200.000 for goods five percent are the Rp10.000 that a fee is at most; shipping and service stay kept.
    plain = draft.text.replace("\xa0", "")
    assert "<del>Rp196.000</del>" in plain
    assert "<ins>Rp190.000</ins>" in plain
    assert version(market)["version"] == 1, "looking changes nothing"

    kept = keep(phone, draft)
    assert kept.headers["location"] == f"{PLACE}?against=1"
    now = version(market)
    assert (now["version"], now["answers"]["placed"]["within"]) == (2, {"amount": 12, "unit": "hours"})
    assert now["fees"]["shipped"]["basis_points"] == 500
    assert (now["published"]["by"], now["published"]["note"]) == ("omar", "Libur panjang")
    shown = phone.open(kept.headers["location"]).text
    assert "Disimpan oleh omar" in shown
    assert "Libur panjang" in shown
    case_id = market.ask(market.order("NEW"))["case_id"]
    assert market.case(case_id)["policy"]["version"] in (1, 2)


def test_only_what_was_changed_changes(market: Marketplace) -> None:
    phone = omar(market)
    before = version(market)
    keep(phone, phone.submit(phone.open(FORM), FORM, max_attempts="4"))
    after = version(market)
    assert {name for name in after if after[name] != before[name]} == {"max_attempts", "published", "version"}
    same = phone.submit(phone.open(FORM), FORM)
    assert "Tidak ada perbedaan." in same.text
    assert 'value="keep"' not in same.text


def test_in_another_language_the_same_form_changes_nothing_by_itself(market: Marketplace) -> None:
    phone = omar(market)
    phone.open("/?lang=en")
    assert "There is no difference." in phone.submit(phone.open(FORM), FORM).text


def test_a_limit_that_is_emptied_is_none(market: Marketplace) -> None:
    phone = omar(market)
    draft = phone.submit(phone.open(FORM), FORM, second_person_above="", link_at_most="1,5 jt")
    keep(phone, draft)
    now = version(market)
    assert (now["second_person_above"], now["link_at_most"]) == (None, 1_500_000)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (WITHIN, "0", "Isi angka 1 sampai 100.000."),
        (WITHIN, "dua", "Isi angka 1 sampai 100.000."),
        (WITHIN, "-3", "Isi angka 1 sampai 100.000."),
        (WITHIN, "٣", "Isi angka 1 sampai 100.000."),
        ("fees.shipped.basis_points", "101", "Isi 0 sampai 100"),
        ("fees.shipped.basis_points", "1,234", "Isi 0 sampai 100"),
        ("fees.shipped.basis_points", "NaN", "Isi 0 sampai 100"),
        ("fees.shipped.flat", "banyak", "Jumlahnya kurang jelas."),
        ("fees.shipped.flat", "", "Jumlahnya kurang jelas."),
        ("offers.rounds", "1001", "Isi angka 0 sampai 1.000."),
        ("max_attempts", "0", "Isi angka 1 sampai 1.000."),
        ("offers.answer.if_silent", "approve", "Pilih salah satu."),
        ("parcel_moves", "", "Pilih salah satu."),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field_and_all_else_stays(
    market: Marketplace, field: str, typed: str, said: str
) -> None:
    phone = omar(market)
    before = version(market)
    page = phone.submit(phone.open(FORM), FORM, **{"frequent.requests": "77", field: typed})
    assert page.status == 422
    assert f'aria-describedby="wrong-{field}"' in page.text
    assert said in page.text.split(f'id="wrong-{field}"')[1][:200]
    again = form_at(page, FORM).fields
    assert again["frequent.requests"] == "77"
    if said != "Pilih salah satu.":
        assert again.get(field, "") == typed
    assert version(market) == before


def test_without_a_reason_nothing_is_kept_and_the_draft_is_still_there(market: Marketplace) -> None:
    phone = omar(market)
    draft = phone.submit(phone.open(FORM), FORM, max_attempts="4")
    refused = keep(phone, draft, note="  ")
    assert refused.status == 422
    assert "Tuliskan alasannya dengan singkat." in refused.text
    assert version(market)["version"] == 1
    keep(phone, refused)
    assert version(market)["max_attempts"] == 4


@pytest.mark.parametrize("by", ["look", "keep"])
def test_who_was_overtaken_keeps_what_was_typed_and_sees_both(market: Marketplace, by: str) -> None:
    slow, fast = omar(market), omar(market, "rina")
    drawn = slow.open(FORM)
    draft = slow.submit(drawn, FORM, max_attempts="7", **{WITHIN: "9"})
    keep(fast, fast.submit(fast.open(FORM), FORM, **{"offers.rounds": "5", WITHIN: "3"}), note="Lebih banyak tawaran")
    if by == "look":
        shown = slow.submit(drawn, FORM, max_attempts="7", **{WITHIN: "9"})
    else:
        shown = keep(slow, draft, note="Ramai")
        assert "Ramai</textarea>" in shown.text
    assert shown.status == 409
    assert "versi 1 diganti versi 2" in shown.text
    assert "Disimpan oleh rina" in shown.text
    assert "Lebih banyak tawaran" in shown.text
    assert "answers.placed.within.amount" in shown.text.split("Ini diubah di keduanya")[1][:200]
    assert version(market)["version"] == 2
    keep(slow, shown, note="Ramai")
    now = version(market)
    assert (now["version"], now["max_attempts"], now["offers"]["rounds"]) == (3, 7, 5)
    assert now["answers"]["placed"]["within"]["amount"] == 9


def test_who_is_overtaken_between_reading_and_writing_is_told_so_too(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = omar(market)
    draft = slow.submit(slow.open(FORM), FORM, max_attempts="7")
    kept = policies.publish_policy

    def too_late(ports: Ports, actor: Actor, wanted: Policy, note: str | None = None) -> Policy:
        monkeypatch.undo()
        kept(ports, OPERATOR, a_policy(version=2, extensions=9), "rina was faster")
        return kept(ports, actor, wanted, note)

    monkeypatch.setattr(policies, "publish_policy", too_late)
    shown = keep(slow, draft)
    assert shown.status == 409
    assert "rina was faster" in shown.text
    keep(slow, shown)
    assert (version(market)["max_attempts"], version(market)["extensions"]) == (7, 9)


def test_an_earlier_version_is_brought_back_as_a_new_one(market: Marketplace) -> None:
    phone = omar(market)
    first = version(market)
    keep(phone, phone.submit(phone.open(FORM), FORM, max_attempts="7"))
    history = phone.open(f"{PLACE}/history")
    assert "Bawaan Batal" in history.text
    assert "boleh mengajukan 7 kali" in history.text
    restoring = form_at(history, PLACE, "restore").fields
    draft = phone.press(PLACE, restoring | {"what": "restore"})
    assert "Kembali ke versi 1</textarea>" in draft.text
    assert version(market)["version"] == 2
    keep(phone, draft, note="Kembali ke versi 1")
    now = version(market)
    assert now["version"] == 3
    about = {"version", "published"}
    assert {name: value for name, value in now.items() if name not in about} == {
        name: value for name, value in first.items() if name not in about
    }
    assert version(market, 2)["max_attempts"] == 7, "what was is not rewritten"


def test_what_no_sentence_says_is_changed_as_json_and_shown_setting_by_setting(market: Marketplace) -> None:
    phone = omar(market)
    page = phone.open(PLACE)
    form = form_at(page, PLACE, "look")
    plain = json.loads(form.fields["source"])
    assert {"version", "published"}.isdisjoint(plain)
    plain |= {"excluded_categories": ["food"], "max_attempts": 6}
    draft = phone.press(PLACE, form.fields | {"source": json.dumps(plain), "what": "look"})
    assert "Pengaturan lain yang berubah" in draft.text
    unsaid = draft.text.split("Pengaturan lain yang berubah")[1].split("</table>")[0]
    assert re.findall(r"<code>([\w.]+)</code>", unsaid) == ["excluded_categories"]
    further = phone.press(FORM, form_at(draft, FORM, "edit").fields | {"what": "edit"})
    assert form_at(further, FORM).fields["max_attempts"] == "6"
    again = phone.submit(further, FORM, **{"frequent.requests": "9"})
    keep(phone, again)
    now = version(market)
    assert (now["excluded_categories"], now["max_attempts"], now["frequent"]["requests"]) == (["food"], 6, 9)


def test_nobody_says_for_another_who_made_a_version(market: Marketplace) -> None:
    body = version(market) | {"version": 2, "published": {"by": "rina", "at": "2026-01-01T00:00:00Z", "note": "saya"}}
    made = market.operator("PUT", "/v1/policies/lazada", body).json
    assert (made["published"]["by"], made["published"]["note"]) == ("omar", None)
    assert "Tanpa alasan: disimpan lewat API." in omar(market).open(PLACE).text


def test_customer_service_reads_policies_and_changes_none(market: Marketplace) -> None:
    sari = Phone(market)
    sari.sign_in("sari", "support")
    assert sari.open(PLACE).status == 200
    assert sari.open(f"{PLACE}/history").status == 200
    assert "/change" not in sari.open(PLACE).text
    assert sari.open(FORM).status == 403
    assert sari.open("/operations/policies/nobody").status == 404


@pytest.mark.parametrize("name", ["lazada", "shopee", "tiktok", "tokopedia"])
def test_every_shipped_policy_has_its_form_and_changes_nothing_untouched(market: Marketplace, name: str) -> None:
    phone = omar(market)
    place = f"/operations/policies/{name}/change"
    page = phone.open(place)
    assert page.status == 200
    assert "Tidak ada perbedaan." in phone.submit(page, place).text
