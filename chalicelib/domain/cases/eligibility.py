"""Whether an order may be cancelled or returned right now, who must agree, by when, and what silence will mean."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.families import lone_gifts, torn_bundles, with_children
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.parcels import Group
from chalicelib.domain.orders.statuses import NOT_TRAVELLING, ON_ITS_WAY, PARCEL_LEFT
from chalicelib.domain.orders.statuses import OrderStatus as S
from chalicelib.domain.policies.policy import Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.spans import later

# The refusal of a request for pieces that do not stand alike.
MIXED = "mixed_standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`refusal` is a stable code, None where one may ask. Without `needs_seller` the asking itself cancels.

    `warnings` and `alternatives` are codes of texts.
    """

    refusal: str | None = None
    needs_seller: bool = False
    answer_by: datetime | None = None
    if_silent: Silence | None = None
    alternatives: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def eligible(self) -> bool:
        """Whether one may ask."""
        return self.refusal is None


def judge(
    order: Order,
    policy: Policy,
    kind: Kind,
    now: datetime,
    holidays: Collection[date] = (),
    wanted: Mapping[str, int] | None = None,
    groups: Sequence[Group] = (),
) -> Verdict:
    """The verdict for a buyer at `now` (UTC), for `wanted` quantities per line id (all that remains unless said), in
    the order as it is for them; `groups` where they do not stand alike.

    Pure: asking for options and asking itself share it.
    """
    refusal = _never_again(order) or _mixed(groups) or _torn_family(order, policy, kind, wanted)
    refusal = refusal or (
        _refused_return(order, policy, now, holidays, wanted)
        if kind is Kind.RETURN
        else _refused_cancellation(order, policy, wanted)
    )
    if refusal:
        return refusal
    free = policy.needs_nobody_at(order.standing)
    if kind is Kind.CANCELLATION and (free or policy.instant_until(order, now, holidays)):
        return Verdict()
    answer = policy.answer_at(order.standing, preorder=order.body.preorder is not None)
    if kind is Kind.RETURN and policy.returns:
        answer = policy.returns.answer
    if answer is None:
        return _no("policy_forbids", "contact_support")
    return Verdict(
        needs_seller=True,
        answer_by=later(now, answer.within, policy.zone, holidays),
        if_silent=answer.if_silent,
        alternatives=("return_after_delivery",) if order.standing in ON_ITS_WAY else (),
        warnings=_warnings(order, wanted),
    )


def return_until(order: Order, policy: Policy, holidays: Collection[date]) -> datetime | None:
    """Until when goods that were delivered may be returned; None where the policy knows no returns."""
    if policy.returns is None:
        return None
    return later(order.delivered_at or order.status_at, policy.returns.window, policy.zone, holidays)


def judge_seller(order: Order, groups: Sequence[Group] = ()) -> Verdict:
    """The verdict for a seller who cannot deliver: until the parcel leaves nobody need agree, and nothing is kept."""
    refusal = _never_again(order) or _mixed(groups)
    if refusal is None and order.standing in PARCEL_LEFT - NOT_TRAVELLING:
        refusal = _no("already_shipped", "contact_support")
    return refusal or Verdict()


def wanted_lines(order: Order, lines: Mapping[str, int] | None, policy: Policy) -> Mapping[str, int]:
    """The quantities asked for per line id, with what goes along; everything that remains where no lines are named.

    Raises Invalid `validation_failed` for lines that do not exist and for more than remains.
    """
    rest = order.remaining
    if lines is None:
        return rest
    named = with_children(order.body, order.gone, no_more_than(rest, lines), policy.gifts)
    return {line_id: min(count, rest.get(line_id, 0)) for line_id, count in named.items() if rest.get(line_id)}


def no_more_than(most: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    """What is wanted, per line id. Raises Invalid `validation_failed` where it is nothing, or more than there is."""
    wrong = [line_id for line_id, quantity in wanted.items() if not 0 < quantity <= most.get(line_id, 0)]
    if wrong or not wanted:
        raise Invalid("validation_failed", errors=[{"field": f"lines.{x}", "message": "not that many"} for x in wrong])
    return dict(wanted)


def per_line(named: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Quantities per line id, from ids and quantities. Raises Invalid `validation_failed` where a line stands twice."""
    told = list(named)
    found = dict(told)
    if len(found) != len(told):
        raise Invalid("validation_failed", errors=[{"field": "lines", "message": "line_id must be unique"}])
    return found


def _never_again(order: Order) -> Verdict | None:
    if order.standing is S.CANCELLED:
        return _no("already_cancelled")
    if order.open_case:
        return _no("case_open", "see_case")
    return None if order.remaining else _no("nothing_left")


def _mixed(groups: Sequence[Group]) -> Verdict | None:
    """What has left and what has not are two requests: the one is negotiated, the other is not."""
    return _no(MIXED, "ask_apart") if groups else None


def _torn_family(order: Order, policy: Policy, kind: Kind, wanted: Mapping[str, int] | None) -> Verdict | None:
    """A bundle has one price, so it goes as one unless policy says otherwise. A gift goes with what it came with; one
    that arrived broken may be sent back alone."""
    if wanted is None:
        return None
    if not policy.bundles_may_be_split and torn_bundles(order.body, order.gone, wanted):
        return _no("bundle_goes_together", "whole_bundle")
    if kind is Kind.CANCELLATION and lone_gifts(order.body, order.gone, wanted):
        return _no("gift_goes_with_its_goods", "goods_of_the_gift")
    return None


def _refused_cancellation(order: Order, policy: Policy, wanted: Mapping[str, int] | None) -> Verdict | None:
    later_return = "return_after_delivery" if order.standing in ON_ITS_WAY else "contact_support"
    if order.standing is S.DELIVERED:
        return _no("already_delivered", "return")
    if order.standing is S.COMPLETED:
        return _no("order_completed", "contact_support")
    if order.attempts >= policy.max_attempts:
        return _no("attempts_used_up", later_return)
    if _excluded(order, policy, wanted):
        return _no("policy_forbids", "contact_support")
    if policy.packages_go_together and torn_packages(order, wanted):
        return Verdict(refusal="packed_together", alternatives=("whole_package",), warnings=("packed_together",))
    return None


def _refused_return(
    order: Order, policy: Policy, now: datetime, holidays: Collection[date], wanted: Mapping[str, int] | None
) -> Verdict | None:
    returns = policy.returns
    if order.standing is S.COMPLETED:
        return _no("return_window_over", "contact_support")
    if order.standing is not S.DELIVERED:
        return _no("not_delivered", "cancel")
    if returns is None or _excluded(order, policy, wanted):
        return _no("policy_forbids", "contact_support")
    until = return_until(order, policy, holidays)
    if until is not None and now >= until:
        return _no("return_window_over", "contact_support")
    if order.return_attempts >= returns.max_attempts:
        return _no("attempts_used_up", "contact_support")
    return None


def _excluded(order: Order, policy: Policy, wanted: Mapping[str, int] | None) -> bool:
    lines = order.remaining if wanted is None else wanted
    return any(x.category in policy.excluded_categories for x in order.body.lines if x.line_id in lines)


def torn_packages(order: Order, wanted: Mapping[str, int] | None) -> tuple[str, ...]:
    """Packages that are packed already and of which only a part is wanted."""
    if wanted is None or order.standing not in ON_ITS_WAY | {S.READY_TO_SHIP}:
        return ()
    names = {line.package: None for line in order.body.lines if line.package and line.line_id in wanted}
    rest = order.remaining
    stays = {line.package for line in order.body.lines if rest.get(line.line_id, 0) > wanted.get(line.line_id, 0)}
    return tuple(name for name in names if name in stays)


def _no(code: str, *alternatives: str) -> Verdict:
    return Verdict(refusal=code, alternatives=alternatives)


def _warnings(order: Order, wanted: Mapping[str, int] | None) -> tuple[str, ...]:
    warnings = []
    if order.standing is S.READY_TO_SHIP:
        warnings.append("parcel_is_packed")
    if order.standing in ON_ITS_WAY:
        warnings.append("parcel_is_travelling")
    if torn_packages(order, wanted):
        warnings.append("packed_together")
    return tuple(warnings)
