"""How much one person of customer service may grant alone: of one order, and on one day.

Limits of an order look at list price with all that is gone of it already; those of a day at what one person granted
then, order by order. Where no piece goes they look at what is given. A yes is whoever's it was: an offer that the buyer
accepts is granted by who made it.
"""

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Granted
from chalicelib.domain.cases.commands import AcceptOffer, Said
from chalicelib.domain.cases.step import Act, StepContext
from chalicelib.domain.money.books import books_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role


def answers_for(case: Case, said: Said, actor: Actor) -> Actor | None:
    """Whoever of customer service answers for it, if this is granted: who says so, or who offered what the buyer
    accepts; None where nobody of them does."""
    offered = case.offer.by if case.offer and isinstance(said, AcceptOffer) else None
    return next((each for each in (actor, offered) if each and each.role is Role.SUPPORT), None)


def at_stake(case: Case, order: Order | None) -> Money:
    """What limits of an order look at: the list price of what is asked for with all that is gone of the order, as known
    when it was asked, or as the order is told by now where that is more."""
    if order is None:
        return case.at_stake
    rest = order.remaining
    now = order.worth({line_id: min(count, rest.get(line_id, 0)) for line_id, count in case.lines.items()})
    return now if case.at_stake.is_within(now) else case.at_stake


def needs_second_person(case: Case, context: StepContext) -> bool:
    """Whether one person of customer service may not grant this alone: by its list price with all that is gone of the
    order already, by what they granted today, and always in a currency that the limits do not speak of."""
    if case.partial_refund_agreed is not None and context.order is not None:
        worth = Money(case.partial_refund_agreed, case.quote.currency)
        return gives_too_much(context.order, worth, context)
    policy, price = context.policy, case.list_price
    if policy.second_person_above is None:
        return False
    if policy.is_above(policy.second_person_above, at_stake(case, context.order)):
        return True
    most = policy.second_person_above_a_day
    return most is not None and policy.is_above(most, context.granted_today.so_far(price.currency) + price)


def gives_too_much(order: Order, worth: Money, context: StepContext) -> bool:
    """Whether one person of customer service may not give this of an order's money alone though no piece goes: with all
    goodwill of the order so far, by what they granted today, and always in a currency that the limits do not speak
    of."""
    policy, currency = context.policy, worth.currency
    if policy.second_person_above is None:
        return False
    if policy.is_above(policy.second_person_above, Money(books_of(order).goodwill, currency) + worth):
        return True
    most = policy.second_person_above_a_day
    return most is not None and policy.is_above(most, context.granted_today.so_far(currency) + worth)


def granted_by(before: Case | None, after: Case, act: Act[Said], context: StepContext) -> Granted | None:
    """What somebody of customer service has just granted."""
    who = answers_for(before, act.said, act.actor) if before else None
    if before is None or who is None or not after.is_granted:
        return None
    # The money of goods that are back is granted once more, unless it was they who agreed to the return.
    theirs = before.decision is not None and before.decision.by == who
    if before.is_granted and (theirs or before.refund is not None or after.refund is None):
        return None
    given = after.partial_refund_agreed
    worth = after.list_price if given is None else Money(given, after.quote.currency)
    return Granted(person=who.id, day=act.now.date(), worth=worth, seen=context.granted_today)
