"""The seller's own rules: what they say yes to in advance, and how often they are told what waits."""

from dataclasses import replace
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from msgspec import Meta

from chalicelib import wiring
from chalicelib.domain.amounts import Money
from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.reasons import reasons_for
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.seller_rules import WHERE, SellerRule, SellerRules
from chalicelib.domain.policies.spans import Span
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_ADDRESS
from chalicelib.edge.reading import taken
from chalicelib.locales import has, say
from chalicelib.locales.amounts import read_amount
from chalicelib.pages.page import FORM, Form, Visit, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.pages.seller import seller
from chalicelib.workflow import seller_rules

bp = Blueprint(__name__)

_STATUSES = [status for status in OrderStatus if status in WHERE]
# Rules from before they named one were typed in it; where there is but one, nobody is asked.
_UNSAID = "IDR"
Hours = Annotated[int, Meta(ge=1, le=24 * 90)]


@bp.route("/seller/rules", methods=READ)
@page(bp)
def rules(visit: Visit) -> Response:
    """All rules, and a form for one more."""
    actor = seller(visit)
    return _show(visit, seller_rules.seller_rules(wiring.ports(), actor, actor.id))


@bp.route("/seller/rules", methods=["POST"], content_types=[FORM])
@page(bp)
def change(visit: Visit) -> Response:
    """Add a rule, or remove one, say where returned goods come to, or choose how often digests come. A rule that says
    something wrong is shown again with why."""
    actor, form = seller(visit), visit.form()
    now = seller_rules.seller_rules(wiring.ports(), actor, actor.id)

    def save() -> SellerRules:
        if form.get("what") == "address":
            address = form.text("return_address", LONGEST_ADDRESS) or ""
            return seller_rules.save_seller_rules(wiring.ports(), actor, actor.id, now.rules, address)
        if form.get("what") == "digest":
            rhythm = taken(form.get("digest", ""), Rhythm, typed=True, named="digest")
            return seller_rules.save_seller_rules(wiring.ports(), actor, actor.id, now.rules, digest=rhythm)
        kept = [rule for rule in now.rules if rule.name != form.get("name")]
        if form.get("what") != "remove":
            kept.append(rule_of(form))
        return seller_rules.save_seller_rules(wiring.ports(), actor, actor.id, kept)

    try:
        if form.get("what") not in ("remove", "address", "digest") and (most := _to_echo(form)) is not None:
            return _show(visit, now, typed=form, echo=most)
        kept_beside(key_in(visit, form, actor), save, lambda saved: str(saved.version))
    except (ValueError, Invalid) as wrong:
        return _show(visit, now, typed=form, problem=_words(visit, wrong), status=422)
    return _show(visit, seller_rules.seller_rules(wiring.ports(), actor, actor.id), kept=True)


def _to_echo(form: Form) -> Money | None:
    """The amount of a rule that would count, as it was understood; None once its seller has said that it is right.
    Raises as `rule_of`."""
    rule = rule_of(form)
    if rule.dry or rule.at_most is None or rule.currency is None:
        return None
    most = Money(rule.at_most, rule.currency)
    return None if form.get("sure") == _said(most) else most


def _said(most: Money) -> str:
    return f"{most.amount} {most.currency}"


def rule_of(form: Form) -> SellerRule:
    """The rule that was filled in. Raises ValueError where it cannot hold, Invalid for an amount that is none."""
    most, hours = form.get("at_most", "").strip(), form.get("within", "").strip()
    currency = form.get("currency", _UNSAID)
    rule = SellerRule(
        name=form.get("name", "").strip(),
        reasons=tuple(form.many.get("reasons", [])),
        statuses=tuple(status for status in _STATUSES if status in form.many.get("statuses", [])),
        at_most=read_amount(most, currency) if most else None,
        currency=currency if most else None,
        dry="dry" in form,
    )
    if not hours:
        return rule
    return replace(rule, within=Span(amount=taken(hours, Hours, typed=True, named="within"), unit="hours"))


def _words(visit: Visit, wrong: Exception) -> str:
    known = f"refusal.{wrong.code if isinstance(wrong, Invalid) else wrong}"
    return say(known, visit.locale) if has(known, visit.locale) else str(wrong)


def _show(visit: Visit, found: SellerRules, *, status: int = 200, **more: Any) -> Response:
    facts: dict[str, Any] = {"typed": Form({}, {}), "problem": None, "kept": False, "echo": None, **more}
    reasons = {reason.code: None for each in _STATUSES for reason in reasons_for(each)}
    return visit.page(
        "rules.html.j2",
        status,
        rules=found.rules,
        address=found.return_address,
        digest=found.digest,
        rhythms=list(Rhythm),
        statuses=_STATUSES,
        reasons=list(reasons),
        currencies=seller_rules.currencies(wiring.ports()),
        unsaid=_UNSAID,
        said=_said,
        **facts,
    )
