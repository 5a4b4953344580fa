"""Batal's Chalice app: creates it and registers the blueprints, nothing else."""

from chalice.app import Chalice

from chalicelib.handlers import (
    answers,
    authorizer,
    cases,
    catalogue,
    governance,
    help_desk,
    machine,
    mail_events,
    mail_stops,
    money,
    orders,
    threads,
)
from chalicelib.handlers.chalice_errors import speak_problem_json
from chalicelib.web import buyer, from_mail, operations, seller, seller_rules, start, support
from chalicelib.web import cases as case_pages
from chalicelib.web import threads as thread_pages

app = Chalice(app_name="batal")
app.register_middleware(speak_problem_json, "http")
for module in (
    authorizer,
    orders,
    cases,
    answers,
    threads,
    money,
    catalogue,
    help_desk,
    governance,
    machine,
    mail_events,
    mail_stops,
    start,
    buyer,
    case_pages,
    thread_pages,
    seller,
    seller_rules,
    support,
    operations,
    from_mail,
):
    app.register_blueprint(module.bp)
