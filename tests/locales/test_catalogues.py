"""Every code that the domain can emit has its words, in both languages()."""

import json
import re
from importlib import resources
from typing import Any

import pytest

from chalicelib.domain.cases import choices, commands, eligibility
from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.money import quote, value
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.odds import Level
from chalicelib.domain.policies.policy import Payer, Silence
from chalicelib.domain.policies.reasons import ASKING, RefusingReason
from chalicelib.domain.policies.terms import TERMS_VERSION
from chalicelib.locales import has, known, languages, say

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def catalogue(locale: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((resources.files("chalicelib.locales") / f"{locale}.json").read_text("utf-8"))
    return texts


def strings_in(*modules: Any) -> set[str]:
    """Every string constant of these modules: where codes are written down as literals."""
    import ast
    import inspect

    return {
        node.value
        for module in modules
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


CODES = [
    *(f"order_status.{each}" for each in OrderStatus),
    *(f"state.{each}" for each in State),
    *(f"outcome.{each}" for each in Outcome),
    *(f"odds.{each}" for each in Level),
    *(f"silence.{each}" for each in Silence),
    *(f"role.{each}" for each in Role),
    *(f"method.{each}" for each in Method),
    *(f"method.{each}.channel" for each in Method),
    *(f"command.{each}" for each in commands.Command),
    *(f"reason.{each.code}" for each in ASKING),
    *(f"refusing_reason.{each}" for each in RefusingReason),
    *(f"terms.{TERMS_VERSION}",),
    *(f"usual_time.{each}" for each in ("at_once", "within_a_day", "one_to_three_days", "does_not_apply")),
    *(
        f"step.{each}"
        for each in (
            "choose_reason",
            "read_terms",
            "confirm",
            "seller_answers",
            "cancelled_at_once",
            "send_goods_back",
            "seller_confirms",
            "money_returns",
        )
    ),
    *(f"consequence.silence_{each}" for each in Silence),
    *(
        f"consequence.{each}"
        for each in ("seller_may_refuse", "fee_is_kept", "nothing_is_kept", "counts_as_cancellation")
    ),
    *(f"consequence.way_back_paid_by_{each}" for each in Payer),
    *(f"way_back.paid_by.{each}" for each in Payer),
    *(f"goods_fault.{each}" for each in choices.GoodsFault),
    *(f"alternative.{each}" for each in ("return", "return_after_delivery", "contact_support", "see_case")),
    *(f"warning.{each}" for each in ("parcel_is_packed", "parcel_is_travelling", "packed_together")),
    *(f"alternative.{each}" for each in ("cancel", "whole_package")),
    *(f"offer.{each}" for each in choices.Alternative),
    *(
        f"quote.{each}"
        for each in (
            "goods",
            "shipping",
            "service_fee",
            "tax",
            "seller_discount",
            "platform_discount",
            "not_collected",
            "cancellation_fee",
            "shipping_kept",
            "service_fee_kept",
            "offered_fee",
        )
    ),
    *(
        f"rule.{each}"
        for each in (
            "goods_paid",
            "shipping_paid",
            "service_fee_paid",
            "tax_paid",
            "discount_was_not_paid",
            "only_what_was_collected",
            "cancellation_fee_by_status",
            "parcel_already_travelling",
            "service_fee_not_refundable",
            "fee_agreed_with_seller",
        )
    ),
    *(
        f"refusal.{each}"
        for each in (
            "already_cancelled",
            "already_delivered",
            "order_completed",
            "case_open",
            "attempts_used_up",
            "policy_forbids",
            "quote_changed",
            "terms_not_accepted",
            "reason_not_allowed",
            "tracking_number_required",
            "note_required",
            "already_decided",
            "deadline_passed",
            "superseded",
            "not_now",
            "not_yet",
            "link_invalid",
            "conflict",
            "try_again",
            "already_shipped",
            "not_delivered",
            "return_window_over",
            "packed_together",
            "offer_needs_one",
            "fee_too_high",
            "alternative_not_allowed",
            "offers_used_up",
            "until_not_allowed",
            "nothing_to_confirm",
            "same_person",
            "comment_required",
            "not_appealable",
            "appeal_too_late",
            "message_incomplete",
        )
    ),
]


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("key", CODES)
def test_every_code_of_the_domain_has_its_text(key: str, locale: str) -> None:
    assert has(key, locale)


def test_every_code_that_eligibility_and_the_quote_write_down_has_its_text() -> None:
    """Catches a new literal there that nobody wrote words for."""
    known = {key.partition(".")[2] for key in catalogue("id")}
    codes = {each for each in strings_in(eligibility, quote, value) if re.fullmatch(r"[a-z]+(_[a-z]+)+", each)}
    # One is for the integrator, in English alone; one is the name of a field.
    assert codes - known == {"validation_failed", "tender_id"}
    assert {"already_delivered", "parcel_is_packed", "goods_paid", "shipping_kept"} <= codes


@pytest.mark.parametrize("locale", languages())
def test_every_language_has_the_same_keys(locale: str) -> None:
    assert catalogue("id").keys() == catalogue(locale).keys()


@pytest.mark.parametrize("locale", languages())
def test_every_language_names_the_same_facts(locale: str) -> None:
    id_, there = catalogue("id"), catalogue(locale)
    differing = [key for key in id_ if set(PLACEHOLDER.findall(id_[key])) != set(PLACEHOLDER.findall(there[key]))]
    assert differing == []


@pytest.mark.parametrize("locale", languages())
def test_no_text_is_empty_or_has_a_brace_that_is_no_placeholder(locale: str) -> None:
    for key, text in catalogue(locale).items():
        assert text.strip() == text != "", key
        assert not re.search(r"[{}]", PLACEHOLDER.sub("", text)), key


@pytest.mark.parametrize("locale", languages())
def test_keys_stand_in_order_and_once(locale: str) -> None:
    raw = (resources.files("chalicelib.locales") / f"{locale}.json").read_text("utf-8")
    keys = [key for key, _ in json.loads(raw, object_pairs_hook=list)]
    assert keys == sorted(set(keys))


def test_order_statuses_carry_the_names_of_the_business() -> None:
    names = [say(f"order_status.{each}", "id") for each in ("placed", "processing", "ready_to_ship", "shipped")]
    assert names == ["Pesanan Baru", "Sedang Diproses", "Siap Dikirim", "Sedang Dikirim"]
    assert say("order_status.delivered", "id") == "Telah Diterima"
    assert say("order_status.cancelled", "id") == "Dibatalkan"


def test_a_missing_text_and_a_missing_fact_are_loud() -> None:
    with pytest.raises(KeyError, match=r"no\.such\.text"):
        say("no.such.text", "id")
    with pytest.raises(KeyError, match="name"):
        say("mail.greeting", "id")


def test_facts_that_a_text_does_not_name_are_left_out() -> None:
    assert say("quote.shipping", "en", detail="anything") == "Shipping"


def test_a_language_that_we_do_not_speak_is_answered_in_english_and_none_at_all_in_indonesian() -> None:
    assert say("role.buyer", "fr") == say("role.buyer", "ms-MY") == "Buyer"
    assert say("role.buyer", "") == say("role.buyer", "*") == "Pembeli"


@pytest.mark.parametrize("locale", ["id", "id_ID", "id-ID", "in_ID", "ID", "id_ID.UTF-8", "id@latin"])
def test_indonesian_is_known_however_it_is_written(locale: str) -> None:
    assert known(locale) == "id"


@pytest.mark.parametrize("locale", ["en", "en_US", "EN-gb", "en_US.UTF-8", "ms-MY", "zh_Hans_CN", "C", "indonesia?"])
def test_all_others_are_spoken_to_in_english(locale: str) -> None:
    assert known(locale) == "en"


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    assert say("mail.greeting", "id", name="{name.__class__} {0} %s {case_id}") == (
        "Halo {name.__class__} {0} %s {case_id},"
    )
