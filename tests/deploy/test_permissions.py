"""Each function may do what it does and nothing else: the policies against the calls that are really made."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.money.payout import AccountSealed
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.chargebacks import Chargeback, ChargebackState, ChargebackWord
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.ports import Ports
from chalicelib.edge.moving import order_row
from chalicelib.workflow import asking, decisions, inbox
from infra.sandbox import aws
from infra.sandbox.builders import BUDI, SELLER, a_policy, an_ask, an_order
from infra.sandbox.providers.street import street
from infra.sandbox.providers.till import Paid
from tests.deploy.calls import Permission, recorded
from tests.e2e import (
    test_all_the_ways,
    test_digests,
    test_http,
    test_inbox,
    test_jobs,
    test_mail_comes_back,
    test_payouts,
    test_reconciliations,
    test_search,
    test_seller_rules,
    test_silence,
    test_simulation_page,
    test_wallets,
    test_webhooks,
)
from tests.e2e.conftest import Marketplace, marketplace
from tests.e2e.every_operation import PNG
from tests.e2e.test_pages import Phone

POLICIES = Path(__file__).parent.parent.parent / ".chalice" / "policies"
CLOCK = dict.fromkeys(("version", "account", "region", "detail", "source", "time", "id", "resources"), "x")
TICK = {**CLOCK, "detail-type": "Scheduled Event"}

# What the Lambda service does in the function's name, whatever the function's own code does.
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
FAILURES: dict[str, set[Permission]] = {name: {("sqs:SendMessage", "Undelivered")} for name in ("on_mail", "sweep")}
# Told by the environment that the template gives, which the sandbox has not.
SECRETS: dict[str, set[Permission]] = {
    name: {("secretsmanager:GetSecretValue", "Secrets")}
    for name in ("api_handler", "enter", "tell_webhook", "on_mail", "reconcile", "refund_calls", "sweep", "webhooks")
}


class Down:
    """Step Functions, away."""

    def start(self, *_: object) -> None:
        raise Unavailable("step_functions")

    def answer(self, *_: object) -> bool:
        raise Unavailable("step_functions")


def evidence_is_fetched(market: Marketplace) -> None:
    case_id = market.ask(market.order("E-2"))["case_id"]
    photo = {"filename": "slip.png", "content_type": "image/png", "size": len(PNG)}
    key = market.buyer("POST", f"/v1/cases/{case_id}/evidence", photo).json["upload"]["fields"]["key"]
    boto3.client("s3").put_object(Bucket="batal-evidence", Key=key, Body=PNG)
    assert len(market.buyer("GET", f"/v1/cases/{case_id}/evidence").json["items"]) == 1


def a_seller(market: Marketplace) -> Phone:
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    return phone


def lost_wake_ups_are_repeated(market: Marketplace) -> None:
    """The sweep starts an execution whose start was lost, and answers a wait whose answer was lost."""
    ports: Ports = replace(market.world.ports, orchestrator=Down())
    for number, said in enumerate((None, Approve())):
        order_id = market.order(f"W-{number}")
        if said is None:
            asking.ask(ports, order_id, an_ask(), BUDI)
        else:
            case_id = market.ask(order_id)["case_id"]
            market.waits_in(case_id)
            decisions.say(ports, case_id, said, SELLER)
    market.world.clock.advance(91)
    tick(market, "sweep")


def the_sweep_does_everything(market: Marketplace) -> None:
    """Without Step Functions: silence that approves, mails, events, money."""
    for number in range(2):
        market.ask(market.order(f"S-{number}", platform="shopee"))
    tick(market, "sweep")
    market.world.clock.advance(25 * 3600)
    tick(market, "watch")
    tick(market, "sweep")


def a_digest_goes_out(market: Marketplace) -> None:
    market.seller("PUT", "/v1/sellers/toko-baju/policy", {"rules": [], "digest": "hourly"})
    market.ask(market.order("D-1"))
    tick(market, "sweep")
    market.world.clock.advance(3600)
    tick(market, "sweep")
    assert "digest" in {kind for _, kind in market.kinds_mailed()}


def a_provider_is_watched(market: Marketplace) -> None:
    market.say("seller", market.ask(market.order("P-1", tenders={"card": 150_000}))["case_id"], "approve")
    market.world.clock.advance(60 * 60)
    tick(market, "watch")


def old_jobs_are_forgotten(market: Marketplace) -> None:
    job = test_reconciliations.announced(market)
    market.world.clock.advance(3 * 3600)
    tick(market, "reconcile")
    assert test_reconciliations.job_of(market, job)["problem"]["code"] == "not_uploaded"
    market.world.clock.advance(92 * 86_400)
    test_reconciliations.announced(market)


def a_job_is_called_off(market: Marketplace) -> None:
    job = market.operator("POST", "/v1/imports", {"kind": "history"}).json
    assert market.operator("DELETE", f"/v1/jobs/{job['job_id']}").json["state"] == "failed"


def a_long_result_grows(market: Marketplace) -> None:
    """Part by part, as one of many megabytes does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.workflow.results.LEAST_PART", 400)
        patch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 400)
        market.order("L-1")
        job = market.operator("POST", "/v1/exports", {"kind": "orders"}).json
        tick(market, "reconcile")
    assert market.operator("GET", f"/v1/jobs/{job['job_id']}").json["state"] == "done"


def copied_and_erased(market: Marketplace, person: str) -> None:
    """Both jobs about a person (`<role>/<id>`), to their end."""
    for what in ("export", "erase"):
        assert market.operator("POST", f"/v1/people/{person}/{what}").status == 201
        tick(market, "reconcile")
        market.world.clock.advance(11 * 60)
        tick(market, "reconcile")
    assert market.operator("GET", "/v1/jobs").json["items"][0]["state"] == "done"


def a_buyer_is_erased(market: Marketplace) -> None:
    """One who showed a file, wrote, was paid out; a copy is made before."""
    evidence_is_fetched(market)
    order = market.world.ports.store.order("E-2")
    assert order
    (case_id,) = order.cases
    market.buyer("POST", f"/v1/cases/{case_id}/messages", {"text": "Budi"}, Idempotency_Key="k")
    market.say("seller", case_id, "reject", reason_code="already_shipped", tracking_number="JNE-1", comment="Maaf")
    market.ended(case_id)
    ports: Ports = market.world.ports
    ports.store.put_account(
        AccountSealed(
            case_id=case_id, account_id="a", fingerprint="f", sealed=b"s", kept_until=ports.now() + timedelta(days=1)
        )
    )
    market.later(2000)
    copied_and_erased(market, "buyer/budi")


def a_seller_is_erased(market: Marketplace) -> None:
    """One who made rules and a view of their own; a copy is made before."""
    case_id = market.ask(market.order("SOLD-1"))["case_id"]
    rules = {"rules": [{"name": "mine", "dry": True}], "return_address": "Jl. 1"}
    assert market.seller("PUT", "/v1/sellers/toko-baju/policy", rules).status == 200
    inbox.keep_view(market.world.ports, SELLER, "mine", {"q": "Budi"})
    market.say("seller", case_id, "reject", reason_code="already_shipped", tracking_number="JNE-1", comment="Maaf")
    market.ended(case_id)
    market.later(2000)
    copied_and_erased(market, "seller/toko-baju")
    found = market.world.ports.store.order("SOLD-1")
    assert found
    assert (found.body.seller.is_erased, found.body.buyer.is_erased) == (True, False)
    assert market.order("SOLD-1") == "SOLD-1", "the same push again is no other word"


def what_waits_moves_in(market: Marketplace) -> None:
    """An order with a chargeback that waits for people."""
    answers = test_jobs.imported(market, "orders", [a_disputed_order(market.world.ports)])
    assert [answer["fate"] for answer in answers] == ["new"]


def a_disputed_order(ports: Ports) -> Mapping[str, Any]:
    order = with_books(an_order(order_id="Q-1"), None)
    word = ChargebackWord(event_id="e", state=ChargebackState.OPENED, amount=1_000, at=ports.now())
    disputed = Chargeback(tender_id="wallet", state=word.state, amount=word.amount, words=(word,))
    assert order.books
    return order_row(replace(order, books=replace(order.books, chargebacks=(disputed,))))


def a_provider_is_asked(market: Marketplace) -> None:
    """And tells how it went."""
    tender = Tender(method=Method.CARD, amount=150_000, provider="stripe", references={"payment_intent": "pi_1"})
    case_id = market.ask(market.order("P-2", tenders=(tender,)))["case_id"]
    market.say("seller", case_id, "approve")
    market.all_goes_out(case_id)
    house = street()["stripe"]
    house.fake.till.pay(Paid(names=("pi_1",), amount=150_000, kind="card", at=market.world.clock()))
    for _ in range(5):
        tick(market, "refund_calls")
        for headers, raw in house.fake.letters():
            market.call("POST", "/v1/providers/stripe/notifications", raw, headers=dict(headers))
        market.later(3600)
    assert market.case(case_id)["outcome"] == "cancelled"


def a_payout_is_asked_for(market: Marketplace) -> None:
    """The account that the buyer named is read by whoever pays."""
    case_id = test_payouts.refund_without_way(market, "P-3")
    assert test_payouts.named(market, case_id, test_payouts.ACCOUNT).status == 200
    market.all_goes_out(case_id)
    for _ in range(4):
        tick(market, "refund_calls")
        market.later(24 * 3600)
    assert market.case(case_id)["outcome"] == "cancelled"


TELL_WEBHOOK = "batal-dev-tell_webhook"


def a_webhook_goes_through_everything(market: Marketplace) -> None:
    """Told, failed, tried out, given up, told again, switched off with a mail, removed."""
    with test_webhooks.receiver() as (url, took):
        made = market.operator("POST", "/v1/webhooks", {"url": url, "contact": "ops@example.com"}).json["webhook_id"]
        took.answers = 500
        case_id = market.say("seller", market.ask(market.order("H-1", tenders={"card": 150_000}))["case_id"], "approve")
        market.all_goes_out(case_id["case_id"])
        for _ in range(40):
            tick(market, "webhooks")
            market.later(4 * 3600)
        assert market.operator("GET", f"/v1/webhooks/{made}").json["state"] == "off"
        took.answers = 200
        market.operator("POST", f"/v1/webhooks/{made}/enable")
        market.operator("POST", f"/v1/webhooks/{made}/test")
        tick(market, "webhooks")
        market.operator("GET", f"/v1/webhooks/{made}/deliveries")
        # One that a receiver refuses for good, while it takes others.
        took.refuses = market.ask(market.order("H-2"))["case_id"]
        for number in range(24):
            market.ask(market.order(f"H-{3 + number}"))
            tick(market, "webhooks")
            market.later(4 * 3600)
        took.refuses = ""
        market.ask(market.order("H-99"))
        tick(market, "webhooks")
        assert market.operator("DELETE", f"/v1/webhooks/{made}").status == 200


def tick(market: Marketplace, name: str) -> None:
    answer, failed = aws.invoke(market.world.app, name, TICK)
    assert not failed, answer


# Between them they make every call that the app can make; what they leave out shows as a permission nobody uses.
WALKS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (test_http.test_get_and_head_never_write, {}),
    (test_all_the_ways.test_many_decisions_in_one_call_answer_one_by_one, {}),
    (test_mail_comes_back.test_files_of_a_mail_are_evidence_and_too_large_for_a_notice_of_sns, {}),
    (test_mail_comes_back.test_words_beside_a_file_that_cannot_be_taken_are_kept, {}),
    (test_mail_comes_back.test_a_reader_who_says_not_spam_gets_mail_again, {}),
    (
        lambda market: test_mail_comes_back.test_a_mail_that_comes_back_stops_the_address_and_flags_the_case(
            market, "bounce"
        ),
        {},
    ),
    (
        lambda market: test_mail_comes_back.test_a_mail_that_was_never_sent_is_held_once_and_can_go_out_again(
            market, "Reject"
        ),
        {},
    ),
    (test_mail_comes_back.test_a_late_mail_stops_nothing_and_operators_see_it, {}),
    (test_wallets.test_the_same_event_counts_once_and_is_answered_the_same, {}),
    (test_seller_rules.test_a_rule_grants_at_once_and_says_so_to_everyone, {}),
    (test_digests.with_digest, {}),
    (a_digest_goes_out, {"ORCHESTRATOR": "sweep"}),
    (lambda market: test_inbox.test_a_view_is_kept_under_its_name_until_it_is_forgotten(market, a_seller(market)), {}),
    (lambda market: test_search.test_a_case_is_found_by_whatever_a_caller_says(market, "support"), {}),
    (evidence_is_fetched, {}),
    (lost_wake_ups_are_repeated, {}),
    (a_provider_is_watched, {}),
    (a_provider_is_asked, {}),
    (a_payout_is_asked_for, {}),
    (
        lambda market: test_payouts.test_the_buyer_names_an_account_the_system_reads_it_to_pay_and_then_nobody_does(
            lambda **_: market
        ),
        test_payouts.GIVING_BACK,
    ),
    (test_reconciliations.test_a_file_is_announced_uploaded_compared_and_reported, {}),
    (old_jobs_are_forgotten, {}),
    (a_webhook_goes_through_everything, {"TELL_WEBHOOK_FUNCTION": TELL_WEBHOOK}),
    (test_jobs.test_a_file_is_uploaded_taken_in_and_answered_row_by_row, {}),
    (test_jobs.test_an_open_case_that_moved_in_is_answered_by_its_seller, {}),
    (test_jobs.test_everything_can_be_taken_out, {}),
    (test_simulation_page.test_a_job_says_what_a_draft_would_have_changed, {}),
    (a_job_is_called_off, {}),
    (a_long_result_grows, {}),
    (a_buyer_is_erased, {}),
    (a_seller_is_erased, {}),
    (what_waits_moves_in, {}),
    (the_sweep_does_everything, {"ORCHESTRATOR": "sweep", "policies": (a_policy("shopee", version=2),)}),
    (
        lambda market: test_silence.test_silence_approves_where_the_policy_says_so(lambda **_: market),
        {"policies": (test_silence.impatient("approve"),)},
    ),
]


@pytest.fixture(scope="module")
def needed() -> dict[str, set[Permission]]:
    """What every function needs, from calls that were made."""
    with recorded() as recorder:
        for walk, settings in WALKS:
            with marketplace(**settings) as market:
                walk(market)
    functions = recorder.needed | {"authorize": set()}
    return {name: found | SECRETS.get(name, set()) | FAILURES.get(name, set()) for name, found in functions.items()}


def granted(function: str) -> set[Permission]:
    """What the function's policy allows, less its logs."""
    found = set()
    for statement in json.loads((POLICIES / f"{function}.json").read_text("utf-8"))["Statement"]:
        assert statement["Effect"] == "Allow"
        for on in _listed(statement["Resource"]):
            found |= {(action, _named(on)) for action in _listed(statement["Action"]) if action not in LOGS}
    return found


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _named(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    if "Ref" in resource:
        return str(resource["Ref"])
    if "Fn::If" in resource:
        return _named(resource["Fn::If"][1])
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    given = resource["Fn::Sub"]
    text: str = given if isinstance(given, str) else given[0]
    if text.endswith("/secrets-??????"):  # Secrets Manager ends every ARN with six characters of its own
        return "Secrets"
    if text.endswith("configuration-set/${AWS::StackName}"):
        return "Mailing"
    return re.sub(r"\$\{|(\.Arn)?\}", "", text.rpartition(":")[2])


NAMES = (
    "api_handler",
    "authorize",
    "enter",
    "expire",
    "tell_webhook",
    "on_mail",
    "reconcile",
    "refund_calls",
    "sweep",
    "watch",
    "webhooks",
)


def test_every_function_has_a_policy_and_every_policy_a_function() -> None:
    config = json.loads((POLICIES.parent / "config.json").read_text("utf-8"))
    assert {path.stem for path in POLICIES.glob("*.json")} == set(NAMES)
    named = {name: each["iam_policy_file"] for name, each in config["lambda_functions"].items()}
    assert named == {name: f"policies/{name}.json" for name in NAMES}


@pytest.mark.whole
@pytest.mark.parametrize("function", NAMES)
def test_a_policy_allows_what_its_function_does_and_nothing_else(
    needed: dict[str, set[Permission]], function: str
) -> None:
    allowed = granted(function)
    assert sorted(needed[function] - allowed) == [], "the policy is too narrow"
    assert sorted(allowed - needed[function]) == [], "the policy is too wide"


@pytest.mark.whole
@pytest.mark.parametrize("permission", [("dynamodb:GetItem", "Cases"), ("events:PutEvents", "Events")])
def test_a_missing_permission_and_one_too_many_are_seen(
    needed: dict[str, set[Permission]], permission: Permission
) -> None:
    """Deliberate faults in a policy that is right."""
    allowed = granted("enter")
    assert needed["enter"] - (allowed - {permission}) == {permission}
    assert (allowed | {("dynamodb:Scan", "Cases")}) - needed["enter"] == {("dynamodb:Scan", "Cases")}


@pytest.mark.parametrize("function", NAMES)
def test_no_policy_has_a_wildcard_but_where_iam_knows_no_resource(function: str) -> None:
    for action, on in granted(function):
        assert not action.endswith("*")
        assert on != "*" or action == "states:SendTaskSuccess"
