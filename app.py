"""Batal's Chalice app: creates it and registers the blueprints, nothing else."""

from chalice.app import Chalice

from chalicelib.api import cases, catalogue, decisions, mail_stops, money, orders, policies, support, threads
from chalicelib.edge import authorizer
from chalicelib.edge.chalice_errors import speak_problem_json
from chalicelib.handlers import mail_events, state_machine
from chalicelib.pages import buyer, decision_link, operations, seller, seller_rules, start
from chalicelib.pages import cases as case_pages
from chalicelib.pages import support as desk
from chalicelib.pages import threads as thread_pages

app = Chalice(app_name="batal")
app.register_middleware(speak_problem_json, "http")
for module in (
    authorizer,
    orders,
    cases,
    decisions,
    threads,
    money,
    catalogue,
    support,
    policies,
    state_machine,
    mail_events,
    mail_stops,
    start,
    buyer,
    case_pages,
    thread_pages,
    seller,
    seller_rules,
    desk,
    operations,
    decision_link,
):
    app.register_blueprint(module.bp)
