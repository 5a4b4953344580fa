"""What asking would lead to, as a buyer is told beforehand: codes of texts."""

from collections.abc import Mapping

from chalicelib.domain.cases.eligibility import Verdict
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.orders.body import Relation
from chalicelib.domain.orders.families import Gifts, gifts_that_stay
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import NOT_BEGUN
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.reasons import Kind, Reason


def steps_of(kind: Kind, verdict: Verdict, reason: Reason | None) -> tuple[str, ...]:
    """What happens from here, step by step; nothing where one may not ask."""
    if not verdict.eligible:
        return ()
    answer = "seller_answers" if verdict.needs_seller else "cancelled_at_once"
    photos = ("add_photos",) if reason and reason.evidence else ()
    comes_back = kind is Kind.RETURN and (reason is None or reason.goods_come_back)
    goods = ("send_goods_back", "seller_confirms") if comes_back else ()
    return ("choose_reason", "read_terms", "confirm", *photos, answer, *goods, "money_returns")


def what_goes_along(
    order: Order, wanted: Mapping[str, int], named: Mapping[str, int], policy: Policy, fault: Fault
) -> tuple[str, ...]:
    """What asking means for gifts and for the parts of bundles that were not named."""
    along = {
        line.relation for line in order.body.lines if named and wanted.get(line.line_id, 0) > named.get(line.line_id, 0)
    }
    told = [code for relation, code in _ALONG.items() if relation in along]
    stay = policy.gifts is Gifts.PRICE_KEPT and gifts_that_stay(order.body, order.gone, wanted)
    return (*told, *(("gift_price_is_kept" if fault is Fault.BUYER else "gift_stays",) if stay else ()))


_ALONG = {Relation.GIFT: "gift_goes_too", Relation.BUNDLE: "bundle_goes_too"}


def consequences_of(
    order: Order, kind: Kind, verdict: Verdict, offered: Quote, policy: Policy, reason: Reason | None
) -> tuple[str, ...]:
    """What asking means for the buyer, the money and the seller's rating; nothing where one may not ask."""
    if not verdict.eligible:
        return ()
    told = []
    if verdict.needs_seller and verdict.if_silent:
        told += ["seller_may_refuse", f"silence_{verdict.if_silent}"]
    told += ["fee_is_kept"] if offered.fees_total else ["nothing_is_kept"]
    if any(line.label == "charge_kept" for line in offered.lines):
        told.append("charge_is_not_refundable")
    if any(line.label == "promotion_lost" for line in offered.lines):
        told.append("promotion_is_lost")
    if kind is Kind.RETURN and reason and not reason.goods_come_back:
        told.append("nothing_to_send_back")
    elif kind is Kind.RETURN and policy.returns:
        fault = reason.fault if reason else Fault.BUYER
        told.append(f"way_back_paid_by_{policy.returns.way_back_paid_by(fault)}")
    if kind is Kind.CANCELLATION and order.standing not in NOT_BEGUN:
        told.append("counts_as_cancellation")
    return tuple(told)
