"""Answers that customer service need not type: texts in the buyer's language for the field of the comment. What is
typed already is never written over without asking."""

from collections.abc import Mapping

from chalicelib.domain.orders.order import Order
from chalicelib.locales import known, say
from chalicelib.pages.page import Form, Visit

ANSWERS = ("shipped", "used", "no_proof", "seller_right", "offer", "sorry")
# The buttons that fill in: with a text where nothing is typed yet; with it instead of what is typed.
FILL, REPLACE = "template", "replace"


def answers_for(order: Order) -> Mapping[str, str]:
    """Each answer by its name, as this order's buyer reads it."""
    locale = known(order.body.buyer.locale)
    return {name: say(f"answer.{name}", locale, order_id=order.name_for_people) for name in ANSWERS}


def asked_for(visit: Visit) -> Form:
    """The form in which an address asks for an answer; of what else the address says nothing is taken as typed."""
    return Form({FILL: visit.query.get(FILL, "")}, {})


def filled_in(form: Form, order: Order) -> tuple[Form, str] | None:
    """What was typed, with the answer that a button asked for as its comment, and the name of an answer that first has
    to be asked about, as something else is typed. None where no such button was pressed."""
    wanted = form.get(REPLACE) or form.get(FILL)
    if wanted not in ANSWERS:
        return None
    text = answers_for(order)[wanted]
    rest = {name: words for name, words in form.items() if name not in (FILL, REPLACE)}
    if REPLACE not in form and rest.get("comment", "").strip() not in ("", text):
        return Form(rest, form.many), wanted
    return Form({**rest, "comment": text}, form.many), ""
