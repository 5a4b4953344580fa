"""An operator tries a draft on past requests before keeping it, by the API and by its page."""

import re

from chalicelib.domain.simulation.suggesting import STEPS
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.e2e.test_policy_pages import FORM, PLACE, WITHIN, form_at, omar
from tests.e2e.test_reconciliations import a_minute_passes

QUICK = {"within": {"amount": 3, "unit": "hours"}, "if_silent": "approve"}


def unanswered(market: Marketplace) -> None:
    """A request that neither the seller nor customer service answered."""
    market.order("O-1")
    case_id = market.ask("O-1")["case_id"]
    market.expire(case_id)
    market.expire(case_id)


def test_a_job_says_what_a_draft_would_have_changed(market: Marketplace) -> None:
    unanswered(market)
    current = market.operator("GET", "/v1/policies/lazada").json
    draft = current | {"answers": dict.fromkeys(current["answers"], QUICK)}
    begun = market.operator("POST", "/v1/policies/lazada/simulate", draft)
    assert (begun.status, begun.json["kind"], begun.json["outlook"]["cases"]) == (201, "simulation", 0)
    a_minute_passes(market)
    told = market.operator("GET", f"/v1/jobs/{begun.json['job_id']}").json
    assert (told["state"], told["outlook"]["cases"], told["outlook"]["unexplained"]) == ("done", 1, 0)
    assert [each["why"] for each in told["outlook"]["changes"]] == ["silence"]
    assert market.operator("POST", "/v1/policies/nobodys/simulate", current | {"name": "nobodys"}).status == 404
    assert market.support("POST", "/v1/policies/lazada/simulate", draft).status == 403


def test_a_draft_is_tried_from_its_page_before_it_counts(market: Marketplace) -> None:
    unanswered(market)
    phone = omar(market)
    filled = {WITHIN.replace("placed", "processing"): "3", "answers.processing.if_silent": "approve"}
    draft = phone.submit(phone.open(FORM), FORM, **{"answers.processing.within.unit": "hours"}, **filled)
    place = f"{PLACE}/simulate"
    assert "Bandingkan dengan permintaan lama" in draft.text
    assert phone.press(place, form_at(draft, place).fields).status == 303
    a_minute_passes(market)
    (job,) = (each for each in market.operator("GET", "/v1/jobs").json["items"] if each["kind"] == "simulation")
    address = f"/operations/simulations/{job['job_id']}"
    assert address in phone.open("/operations/jobs").text
    assert "0 permintaan" not in phone.open(address).text
    told = phone.open(address).text
    assert "Disetujui tanpa jawaban" in told
    assert "Tanpa jawaban punya arti lain: 1" in told
    assert re.search(r"/cases/BTL-\w{9}", told)
    assert market.operator("GET", "/v1/policies/lazada").json["version"] == 1, "trying changes nothing"
    draft = phone.submit(phone.open(FORM), FORM, **{"answers.processing.within.unit": "hours"}, **filled)
    aim = form_at(draft, place, "answer_time").fields | {"suggest": "answer_time", "decided": "100", "within": "13"}
    assert phone.press(place, aim).status == 303
    a_minute_passes(market)
    both = {each["job_id"] for each in market.operator("GET", "/v1/jobs").json["items"] if each["kind"] == "simulation"}
    (other,) = both - {job["job_id"]}
    shown = phone.open(f"/operations/simulations/{other}").text
    assert "Target: 100% diputuskan dalam 13 jam" in shown
    assert "jam mencapai target" in shown
    assert shown.count('class="choice"') + shown.count('class="chosen"') == len(STEPS)
    sari = Phone(market)
    sari.sign_in("sari", "support")
    assert sari.open(address).status == 404
