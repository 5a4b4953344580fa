"""Answers that customer service need not type: texts in the buyer's language for the field of the comment. What is
typed already is never written over without asking."""

from collections.abc import Mapping

from chalicelib.domain.cases.case import Case
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.reasons import Kind
from chalicelib.locales import known, say
from chalicelib.pages.page import Form, Visit

ANSWERS = ("shipped", "used", "no_proof", "seller_right", "offer", "sorry")
# What can be said of one kind of request alone.
_ONLY_OF = {"shipped": Kind.CANCELLATION, "used": Kind.RETURN}
# The buttons that fill in: with a text where nothing is typed yet; with it instead of what is typed.
FILL, REPLACE = "template", "replace"


def answers_for(case: Case, order: Order) -> Mapping[str, str]:
    """Each answer that fits the case by its name, as the order's buyer reads it."""
    locale = known(order.body.buyer.locale)
    fitting = (name for name in ANSWERS if _ONLY_OF.get(name, case.kind) is case.kind)
    return {name: say(f"answer.{name}", locale, order_id=order.name_for_people) for name in fitting}


def asked_for(visit: Visit) -> Form:
    """The form in which an address asks for an answer; of what else the address says nothing is taken as typed."""
    return Form({FILL: visit.query.get(FILL, "")}, {})


def is_asked(form: Form) -> bool:
    """Whether a button for a prepared answer was pressed."""
    return (form.get(REPLACE) or form.get(FILL)) in ANSWERS


def filled_in(form: Form, case: Case, order: Order) -> tuple[Form, str] | None:
    """What was typed, with the answer that a button asked for as its comment, and the name of an answer that first has
    to be asked about, as something else is typed. None where no such button was pressed."""
    wanted = form.get(REPLACE) or form.get(FILL)
    text = answers_for(case, order).get(wanted or "")
    if wanted is None or text is None:
        return None
    rest = {name: words for name, words in form.items() if name not in (FILL, REPLACE)}
    if REPLACE not in form and rest.get("comment", "").strip() not in ("", text):
        return Form(rest, form.many), wanted
    return Form({**rest, "comment": text}, form.many), ""
