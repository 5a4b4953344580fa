"""The parcels of an order: where each stands, what that says of the whole, and where the pieces of a request stand."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.orders.body import OrderBody, Package, Pieces
from chalicelib.domain.orders.statuses import ARRIVED, MOVES, PARCEL_LEFT, OrderStatus, goes_on, place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A warehouse said that it is about to hand a parcel over (of the whole order, without a package): its pieces count
    as shipped from then on."""

    event_id: str
    at: datetime
    package_id: str | None = None


def of_lines(lines: Sequence[Pieces]) -> str:
    """The id of a parcel that nobody gave one, known by its lines."""
    named = "\n".join(sorted(pieces.line_id for pieces in lines))
    return f"={hashlib.blake2b(named.encode(), digest_size=8).hexdigest()}"


def told_of(known: Sequence[Package], told: Package) -> tuple[Package, ...]:
    """The parcels after a word about one of them. A word from further back moves nothing; what came along is kept."""
    before = next((each for each in known if each.package_id == told.package_id), None)
    if before is None:
        return (*known, told)
    moves = may_move(before.status, told.status, before.at, told.at)
    after = replace(
        before,
        status=told.status if moves else before.status,
        at=told.at if moves else before.at,
        # Of an older word what is in it is old as well.
        lines=(told.lines if moves or told.status is before.status else ()) or before.lines,
        version=told.version if told.version is not None else before.version,
        tracking_number=told.tracking_number or before.tracking_number,
        carrier=told.carrier or before.carrier,
    )
    return tuple(after if each is before else each for each in known)


def may_move(before: OrderStatus, after: OrderStatus, since: datetime | None, at: datetime | None) -> bool:
    """Whether a word moves what stands at `before` since then. To a later stage it always does; within one, where there
    is a way back as well, the later moment counts, and of two words of one moment the status that is told later."""
    if after not in MOVES[before]:
        return False
    if goes_on(before, after) or since is None or at is None:
        return True
    return (at, place_of(after)) > (since, place_of(before))


def told_of_all(known: Sequence[Package], to: OrderStatus, at: datetime) -> tuple[Package, ...]:
    """The parcels after a word about the whole order, which is one about each of them, once it is about parcels."""
    if to not in PARCEL_LEFT or to is OrderStatus.PARTLY_SHIPPED:
        return tuple(known)
    return tuple(replace(each, status=to, at=at) if to in MOVES[each.status] else each for each in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """So many pieces of a line that stand alike, in one parcel or in none."""

    status: OrderStatus
    count: int
    package_id: str | None = None


Pools = Mapping[str, Sequence[Pool]]


def pools(
    parcels: Sequence[Package],
    body: OrderBody,
    base: OrderStatus,
    gone: Mapping[str, int],
    back: Mapping[str, int],
    *,
    leaving: bool = False,
) -> Pools:
    """Where the pieces of each line stand that are still there, the least advanced first; all that has not left counts
    as shipped where it is `leaving`. Where parcels hold more pieces than there are, as when one got another name, those
    count that came furthest.

    Of the `gone` pieces those that came `back` had come furthest, the others least far: nobody cancels what has left
    while something has not.
    """
    packed: dict[str, list[Pool]] = {line.line_id: [] for line in body.lines}
    for parcel in parcels:
        # What was cancelled elsewhere is gone (Order.gone), wherever it lay.
        if parcel.status is OrderStatus.CANCELLED:
            continue
        for pieces in parcel.lines:
            if pieces.line_id in packed:
                pool = Pool(status=parcel.status, count=pieces.quantity, package_id=parcel.package_id)
                packed[pieces.line_id].append(pool)
    found: dict[str, Sequence[Pool]] = {}
    for line in body.lines:
        mine = packed[line.line_id]
        rest = line.quantity - sum(pool.count for pool in mine)
        if not mine and line.quantities is not None:
            mine = [*_by_quantities(line.quantities.shipped, line.quantities.delivered)]
            rest -= sum(pool.count for pool in mine)
        if rest > 0:
            mine = [*mine, Pool(status=base, count=rest)]
        if leaving:
            mine = [x if x.status in PARCEL_LEFT else replace(x, status=OrderStatus.SHIPPED) for x in mine]
        came_back = min(back.get(line.line_id, 0), gone.get(line.line_id, 0))
        mine.sort(key=lambda pool: place_of(pool.status))
        mine = [*_without(mine, sum(pool.count for pool in mine) - line.quantity)]
        mine = [*_without(mine, gone.get(line.line_id, 0) - came_back)]
        found[line.line_id] = tuple(reversed([*_without(mine[::-1], came_back)]))
    return found


def claimed(parcels: Sequence[Package], claims: Sequence[Claim]) -> Sequence[Package]:
    """The parcels with those that are about to leave as if they had left."""
    packages = {claim.package_id for claim in claims}
    return [
        replace(each, status=OrderStatus.SHIPPED)
        if each.package_id in packages and each.status not in PARCEL_LEFT and each.status is not OrderStatus.CANCELLED
        else each
        for each in parcels
    ]


def all_claimed(claims: Sequence[Claim]) -> bool:
    """Whether all that there was is about to leave."""
    return any(claim.package_id is None for claim in claims)


def _by_quantities(shipped: int, delivered: int) -> Iterator[Pool]:
    if delivered:
        yield Pool(status=OrderStatus.DELIVERED, count=delivered)
    if shipped > delivered:
        yield Pool(status=OrderStatus.SHIPPED, count=shipped - delivered)


def _without(found: Sequence[Pool], count: int) -> Iterator[Pool]:
    for pool in found:
        taken = min(count, pool.count)
        count -= taken
        if pool.count > taken:
            yield replace(pool, count=pool.count - taken)


def status_by(found: Pools) -> OrderStatus | None:
    """The order's status as its parcels say it: the least advanced of them once all has left, partly shipped before.
    None where they say nothing of it."""
    all_of_them = [pool.status for line in found.values() for pool in line]
    left = [status for status in all_of_them if status in PARCEL_LEFT]
    if not left:
        return None
    if len(left) < len(all_of_them):
        return OrderStatus.PARTLY_SHIPPED
    return min(left, key=place_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pieces of a request that stand alike, per line id: not yet sent, on their way, or with the buyer."""

    status: OrderStatus
    lines: Mapping[str, int]


def groups_of(found: Pools, wanted: Mapping[str, int], *, arrived_first: bool = False) -> tuple[Group, ...]:
    """The wanted pieces in groups, the least advanced first. Of a line the least advanced pieces are meant, or, where
    goods are to come back, those that have arrived. The status of a group is the strictest of its pieces': that of the
    most advanced ones, but among those on their way that of the ones which may still arrive."""
    groups: dict[int, tuple[OrderStatus, dict[str, int]]] = {}
    for line_id, quantity in wanted.items():
        rest, mine = quantity, list(found.get(line_id, ()))
        if arrived_first:
            mine.sort(key=lambda pool: pool.status is not OrderStatus.DELIVERED)
        for pool in mine:
            taken = min(rest, pool.count)
            rest -= taken
            if taken:
                status, lines = groups.get(_stage(pool.status), (pool.status, {}))
                lines[line_id] = lines.get(line_id, 0) + taken
                strictest = min if _stage(pool.status) == _ON_THE_WAY else max
                groups[_stage(pool.status)] = (strictest(status, pool.status, key=place_of), lines)
    return tuple(Group(status=status, lines=lines) for _, (status, lines) in sorted(groups.items()))


_HERE, _ON_THE_WAY, _THERE = range(3)


def _stage(status: OrderStatus) -> int:
    if status in ARRIVED:
        return _THERE
    return _ON_THE_WAY if status in PARCEL_LEFT else _HERE
