"""A whole checkout at once: the orders that were paid together, one reason for all, and a case for each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.asking import Options
from chalicelib.domain.cases.choices import Channel
from chalicelib.domain.errors import BatalError, Invalid
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.policies.reasons import Kind, Reason
from chalicelib.edge.bodies import AskPost
from chalicelib.edge.commands import ask_of
from chalicelib.edge.cors import READ
from chalicelib.edge.keys import Key
from chalicelib.edge.quotas import counting
from chalicelib.edge.reading import taken
from chalicelib.locales import formats
from chalicelib.pages.page import FORM, Form, Visit, page
from chalicelib.pages.pressing import kept_beside, key_in, made_once
from chalicelib.workflow import asking, checkouts

bp = Blueprint(__name__)

# A hidden field for each order that is asked for: the quote that was shown for it, and which order it is.
_WANTED, _BETWEEN = "wanted", " "
# Said where orders are cancelled for good, after that was shown.
_SURE = "sure"
# The reason that the quotes on the screen were worked out for; forms of before 0.8 named one reason only.
_QUOTED, _NO_REASON, _WHAT = "quoted", "-", "what"


@bp.route("/payments/{payment_id}", methods=READ)
@page(bp)
def checkout(visit: Visit, payment_id: str) -> Response:
    """Orders that were paid together, each with its money; choosing a reason shows the money for that reason. With
    `part=quote` these alone, for a page that is open."""
    actor = visit.signed_in()
    orders = checkouts.orders_of(wiring.ports(), payment_id, actor)
    return _shown(visit, payment_id, orders, actor, visit.query.get("reason_code"))


@bp.route("/payments/{payment_id}", methods=["POST"], content_types=[FORM])
@page(bp)
def cancel_together(visit: Visit, payment_id: str) -> Response:
    """Konfirmasi, for all that the form names: each gets its own case, and what could not be asked is said. Pressed
    twice it says what came of the first time."""
    actor = visit.signed_in()
    form = visit.form()
    orders = checkouts.orders_of(wiring.ports(), payment_id, actor)
    quotes, reason = _quotes_in(form), form.get("reason_code")
    if form.get(_WHAT) == "quote":
        return _shown(visit, payment_id, orders, actor, reason, typed=form)
    if problem := _problem(form, quotes):
        return _shown(visit, payment_id, orders, actor, reason, typed=form, problem=problem, status=422)
    for_good = [each for each in orders if each.order_id in quotes and _is_at_once(each, actor, form)]
    if for_good and form.get(_SURE) != "yes":
        return _shown(visit, payment_id, orders, actor, reason, typed=form, for_good=for_good)
    key = key_in(visit, form, actor)

    def ask_all() -> list[list[str]]:
        return [_asked(each, quotes[each.order_id], form, actor, key) for each in orders if each.order_id in quotes]

    # Each case is kept by its own commit, so that all of it may come twice without harm.
    outcomes = json.loads(kept_beside(key, ask_all, json.dumps))
    now = checkouts.orders_of(wiring.ports(), payment_id, actor)
    return _shown(visit, payment_id, now, actor, reason, outcomes=outcomes)


def _problem(form: Form, quotes: Mapping[str, str]) -> str | None:
    """Why nothing is asked for yet, as the name of a text."""
    if not form.get("reason_code"):
        return "page.checkout.reason_first"
    if form.get(_QUOTED, form["reason_code"]) != form["reason_code"] or not quotes:
        return "page.cancel.changed"
    try:
        form.text("comment")
    except Invalid as refused:
        return f"refusal.{refused.code}"
    return None if form.get("accept_terms") == "yes" else "refusal.terms_not_accepted"


def _shown(
    visit: Visit,
    payment_id: str,
    orders: Sequence[Order],
    actor: Actor,
    reason: str | None,
    *,
    outcomes: Sequence[Sequence[str]] = (),
    typed: Form | None = None,
    for_good: Sequence[Order] = (),
    problem: str | None = None,
    status: int = 200,
) -> Response:
    options = [_options(order, actor, reason) for order in orders]
    reasons = _reasons(options)
    eligible = [each for each in options if each.verdict.eligible]
    wanted = [each for each in eligible if _takes(each, reason)]
    alone = visit.query.get("part") == "quote"
    return visit.page(
        "checkout_quote.html.j2" if alone else "checkout.html.j2",
        status,
        payment_id=payment_id,
        each=list(zip(orders, options, strict=True)),
        asked={order_id: (case_id, refused) for order_id, case_id, refused in outcomes},
        reasons=reasons,
        chosen=reason if any(one.code == reason for one in reasons) else None,
        wanted=[f"{each.quote.quote_id}{_BETWEEN}{each.order_id}" for each in wanted],
        sums=_sums(visit, wanted),
        terms=eligible[0].terms_version if eligible else "",
        asks=bool(eligible) and not outcomes and not for_good,
        unsaid=_NO_REASON,
        problem=problem,
        typed=typed or Form({}, {}),
        for_good=for_good,
    )


def _is_at_once(order: Order, actor: Actor, form: Form) -> bool:
    """Whether asking cancels this order for good, as nobody has to agree."""
    verdict = _options(order, actor, form.get("reason_code")).verdict
    return verdict.eligible and not verdict.needs_seller


def _options(order: Order, actor: Actor, reason: str | None) -> Options:
    return asking.options(wiring.ports(), order.order_id, Kind.CANCELLATION, actor, reason)


def _reasons(options: Sequence[Options]) -> Sequence[Reason]:
    """Those that may be said of any of them, each once."""
    return list({reason.code: reason for each in options for reason in each.reasons}.values())


def _sums(visit: Visit, options: Sequence[Options]) -> list[str]:
    """What comes back in all, for each currency."""
    sums: dict[str, int] = {}
    for each in options:
        sums[each.quote.currency] = sums.get(each.quote.currency, 0) + each.quote.refund_total
    return [formats.money(amount, currency, visit.locale) for currency, amount in sums.items()]


def _takes(options: Options, reason: str | None) -> bool:
    return any(each.code == reason for each in options.reasons)


def _quotes_in(form: Form) -> dict[str, str]:
    """The quotes that were shown, by order id; a quote's id has no blank."""
    parted = (each.partition(_BETWEEN) for each in form.many.get(_WANTED, ()))
    return {order_id: quote_id for quote_id, _, order_id in parted}


def _asked(order: Order, quote_id: str, form: Form, actor: Actor, key: Key | None) -> list[str]:
    """What came of one: order, its case where it was asked for, else why not."""
    fields: dict[str, Any] = {
        **{name: text for name, text in form.filled(_WANTED).items() if name in ("reason_code", "comment")},
        "channel": Channel.WEB,
        "accept_terms": True,
        "quote_id": quote_id,
    }
    try:
        said = ask_of(Kind.CANCELLATION, taken(fields, AskPost))
        case_id = made_once(
            key.part(order.order_id) if key else None,
            counting(Counted.ASKS, actor, lambda keep: asking.ask(wiring.ports(), order.order_id, said, actor, keep)),
            lambda case: case.case_id,
        )
    except BatalError as refused:
        return [order.order_id, "", refused.code]
    return [order.order_id, case_id, ""]
