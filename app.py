"""Batal's Chalice app: creates it and registers the blueprints, nothing else."""

from chalice.app import Chalice

from chalicelib.api import (
    cases,
    catalogue,
    days_off,
    decisions,
    events,
    evidence,
    figures,
    hand_overs,
    held,
    jobs,
    mail_stops,
    money,
    orders,
    people,
    policies,
    reconciliations,
    refunds,
    seller_rules,
    support,
    threads,
    webhooks,
)
from chalicelib.edge import authorizer
from chalicelib.edge.chalice_errors import speak_problem_json
from chalicelib.edge.correlation import carry_correlation
from chalicelib.edge.safe_headers import carry_safe_headers
from chalicelib.handlers import mail_events, state_machine, webhook_events
from chalicelib.pages import (
    ask,
    buyer,
    case_file,
    checkout,
    decision_link,
    finance,
    operations,
    seller,
    seller_odds,
    start,
)
from chalicelib.pages import cases as case_pages
from chalicelib.pages import contract as contract_page
from chalicelib.pages import days_off as days_off_page
from chalicelib.pages import evidence as evidence_pages
from chalicelib.pages import goodwill as goodwill_page
from chalicelib.pages import hand_overs as hand_over_page
from chalicelib.pages import jobs as job_pages
from chalicelib.pages import joining as joining_pages
from chalicelib.pages import mail_again as mail_again_page
from chalicelib.pages import payouts as payout_pages
from chalicelib.pages import policies as policy_pages
from chalicelib.pages import reconciliations as reconciliation_pages
from chalicelib.pages import seller_rules as seller_rules_page
from chalicelib.pages import simulations as simulation_pages
from chalicelib.pages import support as desk
from chalicelib.pages import threads as thread_pages
from chalicelib.pages import tracker as tracker_pages
from chalicelib.pages import waiting as waiting_page
from chalicelib.pages import webhooks as webhook_pages
from chalicelib.pages.unknown import speak_to_people

app = Chalice(app_name="batal")
# Whoever is registered first is around all others.
app.register_middleware(carry_correlation, "http")
app.register_middleware(carry_safe_headers, "http")
app.register_middleware(speak_problem_json, "http")
app.register_middleware(speak_to_people, "http")
for module in (
    authorizer,
    orders,
    cases,
    decisions,
    threads,
    evidence,
    money,
    catalogue,
    support,
    policies,
    refunds,
    days_off,
    seller_rules,
    reconciliations,
    jobs,
    people,
    figures,
    state_machine,
    mail_events,
    webhook_events,
    mail_stops,
    held,
    events,
    webhooks,
    hand_overs,
    start,
    hand_over_page,
    contract_page,
    buyer,
    ask,
    checkout,
    tracker_pages,
    case_pages,
    thread_pages,
    evidence_pages,
    case_file,
    seller,
    waiting_page,
    seller_odds,
    seller_rules_page,
    desk,
    operations,
    policy_pages,
    simulation_pages,
    webhook_pages,
    finance,
    reconciliation_pages,
    job_pages,
    days_off_page,
    decision_link,
    goodwill_page,
    payout_pages,
    mail_again_page,
    joining_pages,
):
    app.register_blueprint(module.bp)
