"""Chargebacks: told by the marketplace's systems, kept with the order, and heard by the cases whose money they concern.

The order is written first. From then on nothing is asked for by that tender, whatever a case knows of it: whoever asks
looks at the order (delivering.py, refund_calls.py). The cases follow, each by a commit of its own; a word that is told
again lets them follow where something came between, and so does the clock.
"""

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import ChargebackTold
from chalicelib.domain.cases.step import act_of
from chalicelib.domain.cases.steps.chargebacks import concerned, heard_as
from chalicelib.domain.errors import Forbidden, Refused
from chalicelib.domain.money.books import books_of
from chalicelib.domain.money.chargebacks import ChargebackOf, is_disputed, with_chargeback
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.chargebacks import ChargebackState
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Page, Ports
from chalicelib.workflow.committing import decide
from chalicelib.workflow.orders import News, fill_of, only_the_system, policy_context, take_in

# Who sees what banks want answered, order by order.
OVERSEERS = frozenset({Role.OPERATOR})
# Of these refunds wait, or do not go any more.
_CONCERN_REFUNDS = frozenset({ChargebackState.OPENED, ChargebackState.LOST})


def hear_of_chargeback(ports: Ports, order_id: str, told: ChargebackOf, actor: Actor) -> tuple[Order, News]:
    """Take in a word about a chargeback, and let the cases follow; the second value says whether it was news.

    No answer is kept along with the order: a word that comes again after a crash in between lets the cases follow.
    Raises Forbidden but for systems, NotFound, Invalid as with_chargeback; Conflict or Unavailable where it has to be
    told again.
    """
    only_the_system(actor)

    def heard(order: Order) -> Order | None:
        context = policy_context(ports, order)
        built_in = context is None or context.policy.built_in_wallet
        after = with_chargeback(with_books(order, fill_of(ports, order)), told, built_in_wallet=built_in)
        if after is not None and is_disputed(after):
            # Listed before the order says so: what is open is never missing.
            _list(ports, after)
        return after

    order, news = take_in(ports, order_id, actor, None, heard)
    _let_cases_follow(ports, ports.store.order(order_id) or order, told, actor)
    return ports.store.order(order_id) or order, news


def _let_cases_follow(ports: Ports, order: Order, told: ChargebackOf, actor: Actor) -> None:
    known = [each for each in books_of(order).chargebacks if each.tender_id == told.tender_id]
    if is_disputed(order):
        _list(ports, order)
    else:
        ports.store.unlist_chargeback(order.order_id)
    if not any(word.taken and word.state in _CONCERN_REFUNDS for each in known for word in each.words):
        return
    for case_id in order.cases:
        case = ports.store.case(case_id)
        if case and not _knows(case, order, told):
            _tell(ports, case, order, told, actor)


def open_chargebacks(ports: Ports, actor: Actor, limit: int, cursor: str | None = None) -> Page[Order]:
    """The orders about which a bank has not decided, those that have to be answered first before the others. Raises
    Forbidden but for operators."""
    if actor.role not in OVERSEERS:
        raise Forbidden(actor.role, "see_chargebacks")
    return ports.store.open_chargebacks(limit=limit, cursor=cursor)


def _tell(ports: Ports, case: Case, order: Order, told: ChargebackOf, actor: Actor) -> None:
    act = act_of(ChargebackTold(told=told), actor, ports.now(), ports.new_id(), ports.new_salt())
    try:
        decide(ports, case.case_id, act, read=case, heard_already=lambda now: _knows(now, order, told))
    except Refused:
        # Meanwhile nothing of it is open any more.
        return


def _knows(case: Case, order: Order, told: ChargebackOf) -> bool:
    """Whether a case has heard of it, or nothing of its money is concerned."""
    refund = case.refund
    return refund is None or refund.knows(heard_as(told.word.event_id)) or not concerned(refund, order, told.tender_id)


def _list(ports: Ports, order: Order) -> None:
    days = [each.due_by for each in books_of(order).chargebacks if each.is_undecided and each.due_by]
    ports.store.list_chargeback(order.order_id, min(days, default=None))
