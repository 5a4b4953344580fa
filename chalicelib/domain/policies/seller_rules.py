"""Rules by which a seller says yes in advance (docs/rules.md R20). A rule can only grant: no machine refuses a person.

A granted request ends at once, as inside the instant window, but with the fees of the order's status. A dry rule only
notes on the case that it would have granted it, so that a seller can watch a rule before trusting it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.amounts import Money, is_currency
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus as S
from chalicelib.domain.policies.reasons import ASKING
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.spans import Span, later
from chalicelib.domain.zones import Zone

MOST_RULES = 20
# Once the parcel has left, somebody must look.
WHERE = frozenset({S.PLACED, S.PROCESSING, S.READY_TO_SHIP})


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerRule:
    """One rule; it holds where everything it names fits, and what is left empty fits always.

    reasons     the buyer's reason is one of these
    statuses    the order stands at one of these; never once the parcel has left
    categories  every article is of one of these
    at_most     the list price of these articles, with all that is gone of the order already, is no more than this, in
                minor units of its currency
    currency    of orders that it is for (ISO 4217), and of `at_most`; None: the one that the platform's limits speak of
    within      the order was placed no longer ago than this
    """

    name: str
    reasons: tuple[str, ...] = ()
    statuses: tuple[S, ...] = (S.PLACED, S.PROCESSING)
    categories: tuple[str, ...] = ()
    at_most: int | None = None
    currency: str | None = None
    within: Span | None = None
    dry: bool = False

    def __post_init__(self) -> None:
        """Refuse a rule that could never hold, or holds too far. Raises ValueError."""
        if not self.name.strip() or len(self.name) > 80:
            raise ValueError("a rule has a name of 1 to 80 characters")
        if not self.statuses or not set(self.statuses) <= WHERE:
            raise ValueError("a rule is for orders that have not left: placed, processing, ready_to_ship")
        unknown = set(self.reasons) - {reason.code for reason in ASKING}
        if unknown:
            raise ValueError(f"unknown reasons: {', '.join(sorted(unknown))}")
        if self.at_most is not None and self.at_most < 0:
            raise ValueError("at_most is an amount of zero or more")
        if self.currency is not None and not is_currency(self.currency):
            raise ValueError("a currency is three capital letters, as in ISO 4217")

    @property
    def names_no_currency(self) -> bool:
        """Whether it names an amount without its currency, as rules did before they could say it."""
        return self.at_most is not None and self.currency is None

    def holds(
        self,
        order: Order,
        wanted: Mapping[str, int],
        reason_code: str | None,
        now: datetime,
        holidays: Collection[date],
        zone: Zone,
        currency: str,
    ) -> bool:
        """Whether the rule grants a request for these lines of this order, made now for this reason; in the platform's
        `zone` working days are counted, and `currency` is the one that its limits speak of."""
        mine = self.currency or currency
        of = {line.category for line in order.body.lines if wanted.get(line.line_id)}
        return (
            (not self.reasons or reason_code in self.reasons)
            and order.standing in self.statuses
            and (not self.categories or of <= set(self.categories))
            and order.body.currency == mine
            and (self.at_most is None or order.worth(wanted).is_within(Money(self.at_most, mine)))
            and (self.within is None or now <= later(order.body.placed_at, self.within, zone, holidays))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerRules:
    """What a seller has said in advance: rules, tried in their order, where returned goods come to, where the order
    itself does not say so, and in which rhythm digests take the place of single mails. `version`
    rises with every change."""

    version: int = 0
    rules: tuple[SellerRule, ...] = ()
    return_address: str | None = None
    digest: Rhythm = Rhythm.SINGLE

    def __post_init__(self) -> None:
        """Refuse more than anybody can oversee. Raises ValueError."""
        if len(self.rules) > MOST_RULES:
            raise ValueError(f"at most {MOST_RULES} rules")

    def first_match(
        self,
        order: Order,
        wanted: Mapping[str, int],
        reason_code: str | None,
        now: datetime,
        holidays: Collection[date],
        zone: Zone,
        currency: str,
        *,
        dry: bool = False,
    ) -> SellerRule | None:
        """The first rule that holds, among those that count or among the dry ones."""
        fitting = (rule for rule in self.rules if rule.dry is dry)
        asked = (order, wanted, reason_code, now, holidays, zone, currency)
        return next((rule for rule in fitting if rule.holds(*asked)), None)


NO_RULES = SellerRules()
