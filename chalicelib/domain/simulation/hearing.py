"""What past cases teach of people, where nothing was learned before: of each platform, and of as many sellers as memory
is given for. The others are known by their platform."""

from dataclasses import dataclass, field

from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learned import NOTHING_HEARD, Heard, Month, Situation, month_of
from chalicelib.domain.simulation.past import GRANTED, PastCase, Way
from chalicelib.domain.waits import bucket_of

# Sellers of whom is remembered what they answered.
MOST_SELLERS = 2_000
_NO = frozenset({Way.REJECTED, Way.REJECTED_BY_SUPPORT, Way.EXPIRED, Way.SETTLED})

_Cells = dict[Fault, dict[int, Month]]


@dataclass(slots=True, kw_only=True)
class Hearing:
    """What was heard so far, by platform and by seller, of requests in a situation."""

    platforms: dict[tuple[str, Situation], _Cells] = field(default_factory=dict)
    sellers: dict[str, dict[Situation, _Cells]] = field(default_factory=dict)

    def note(self, past: PastCase) -> None:
        """Learn from a case that its seller was asked about; of others nothing is learned."""
        told = taught_by(past)
        if told is None:
            return
        situation, seller_id = situation_of(past), past.order.body.seller.id
        places = [self.platforms.setdefault((past.order.body.platform, situation), {})]
        if seller_id in self.sellers or len(self.sellers) < MOST_SELLERS:
            places.append(self.sellers.setdefault(seller_id, {}).setdefault(situation, {}))
        month = month_of(past.asked_at)
        for cells in places:
            cell = cells.setdefault(past.fault, {})
            cell[month] = cell.get(month, Month()) + told

    def heard(self, past: PastCase) -> Heard:
        """What was heard of requests like this one."""
        situation, body = situation_of(past), past.order.body
        platform = self.platforms.get((body.platform, situation))
        seller = self.sellers.get(body.seller.id, {}).get(situation)
        if platform is None and seller is None:
            return NOTHING_HEARD
        return Heard(seller=seller or {}, platform=platform or {})


def situation_of(past: PastCase) -> Situation:
    """What it has in common with requests like it."""
    return Situation(kind=past.kind, status=past.order.standing)


def taught_by(past: PastCase) -> Month | None:
    """What a past case teaches, as figures/lessons.py says of a case: a yes is what was granted in the end, a wait is
    the seller's own."""
    happened = past.happened
    if happened.at_once or past.asked_by is Role.SELLER or happened.left_at is None:
        return None
    bucket = {bucket_of(int((happened.left_at - past.asked_at).total_seconds())): 1}
    by_seller = happened.left_as is Role.SELLER
    return Month(
        yes=int(happened.way in GRANTED),
        no=int(happened.way in _NO),
        answered=bucket if by_seller else {},
        cut_off={} if by_seller else bucket,
    )
