"""The operators' dashboard: what wants a look, what is open, and how some days went; each number with its list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import Generic, TypeVar

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.figures.comparison import Comparison
from chalicelib.domain.figures.counting import EVERYTHING, About, Subject
from chalicelib.domain.figures.figures import Figure, counted_in
from chalicelib.domain.figures.ranges import DateRange, asked_by_day, columns, compared_in, made_in, outcome_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor
from chalicelib.domain.people.mail_stops import MailDelay, MailStop
from chalicelib.domain.ports import LONGEST_PAGE, OPEN_REFUND, Filter, Held, Ports
from chalicelib.workflow import chargebacks, counted, held, mail_stops
from chalicelib.workflow.access import sees_seller
from chalicelib.workflow.figures import MOST, OVERSEERS, is_stuck, read_cases

# A deadline within so long is soon.
SOON = timedelta(hours=24)


class Concern(StrEnum):
    """What wants an operator's look, in the order in which it is shown."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    STUCK = "stuck"
    DISPUTED = "disputed"
    HELD = "held"
    STOPPED = "stopped"
    LATE = "late"


Wanting = Case | Order | Held | MailStop | MailDelay
T = TypeVar("T", bound=Wanting, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[T]):
    """What a number counts, as far as it was read; `more`: there may be more of it."""

    items: Sequence[T]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """How the service stands at one look; of each state at most MOST cases were read. `drawn`: how the requests of each
    day ended, or that they wait.

    `entire` says whether all requests of the range are among those that its figures are taken from, `before_known`
    whether those of the range before are, too.
    """

    open: Mapping[State, Listed[Case]]
    concerns: Mapping[Concern, Listed[Wanting]]
    dates: DateRange
    comparison: Comparison
    drawn: Sequence[tuple[date, Mapping[str, int]]]
    entire: bool
    before_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """The figures of a range of dates beside those before, and how the requests of each day ended, by the day on which
    they were made; `entire`: all of these are counted, not the latest MOST."""

    dates: DateRange
    comparison: Comparison
    by_day: Sequence[tuple[date, Mapping[str, int]]]
    entire: bool


def figures_in(ports: Ports, actor: Actor, dates: DateRange, seller_id: str | None = None) -> Dated:
    """The figures of a range of dates, of one seller or of the whole service. Raises Forbidden, and NotFound for other
    sellers."""
    if seller_id is None:
        _may_see(actor)
    else:
        sees_seller(actor, seller_id)
    subject = Subject(about=About.SELLER, name=seller_id) if seller_id else EVERYTHING
    known = counted.known_of(ports, subject, dates.before.since, dates.until)
    if known:
        by_day = [(day, tally.outcomes) for day, tally in sorted(known.asked_by_day(dates).items())]
        return Dated(dates=dates, comparison=known.compared_in(dates, ports.now()), by_day=by_day, entire=True)
    cases, entire, before_known = _of_lists(ports, actor, dates, seller_id)
    return Dated(
        dates=dates,
        comparison=compared_in(dates, cases, ports.now(), before_known=before_known),
        by_day=asked_by_day(dates, cases),
        entire=entire,
    )


def _of_lists(ports: Ports, actor: Actor, dates: DateRange, seller_id: str | None) -> tuple[Sequence[Case], bool, bool]:
    """The cases that a range may hold, until all is counted; whether all of the range are there, and of both."""
    if seller_id:
        mine = read_cases(ports, Filter(seller_id=seller_id))
        return mine, not _is_cut(mine), not _is_cut(mine)
    still_open = _open_cases(ports, actor)
    closed, entire, before_known = _closed_cases(ports, dates)
    whole = _is_whole(still_open)
    return [*_all_of(still_open), *closed], entire and whole, before_known and whole


def dashboard(ports: Ports, actor: Actor, dates: DateRange) -> Dashboard:
    """The dashboard with the figures of a range of dates. Raises Forbidden but for operators."""
    still_open = _open_cases(ports, actor)
    known = counted.known_of(ports, EVERYTHING, dates.before.since, dates.until)
    closed, entire, before_known = ((), True, True) if known else _closed_cases(ports, dates)
    cases, whole = [*_all_of(still_open), *closed], known is not None or _is_whole(still_open)
    return Dashboard(
        open={state: Listed(items=found, more=_is_cut(found)) for state, found in still_open.items()},
        concerns={concern: _concern(ports, actor, concern, still_open) for concern in Concern},
        dates=dates,
        comparison=known.compared_in(dates, ports.now())
        if known
        else compared_in(dates, cases, ports.now(), before_known=before_known and whole),
        drawn=known.columns(dates) if known else columns(dates, cases),
        entire=entire and whole,
        before_known=before_known and whole,
    )


def concern(ports: Ports, actor: Actor, which: Concern) -> Listed[Wanting]:
    """All that is of one concern, what is most urgent first. Raises Forbidden but for operators."""
    return _concern(ports, actor, which, _open_cases(ports, actor))


def open_in(ports: Ports, actor: Actor, state: State) -> Listed[Case]:
    """The cases that stand in a state. Raises Forbidden but for operators."""
    _may_see(actor)
    found = read_cases(ports, Filter(state=state))
    return Listed(items=found, more=_is_cut(found))


def cases_of_figure(
    ports: Ports, actor: Actor, figure: Figure, dates: DateRange, ended: str | None = None
) -> Listed[Case]:
    """The cases that a figure of a range of dates counts, or is taken from, the latest first; only those that `ended`
    so, where that is said (WAITS: those that have not). Raises Forbidden but for operators."""
    still_open = _open_cases(ports, actor)
    closed, entire, _ = _closed_cases(ports, dates)
    made = made_in(dates, [*_all_of(still_open), *closed])
    counted = [case for case in counted_in(figure, made) if ended in (None, outcome_of(case))]
    counted.sort(key=lambda case: (case.created_at, case.case_id), reverse=True)
    return Listed(items=counted, more=not (entire and _is_whole(still_open)))


def orders_of(ports: Ports, cases: Sequence[Case]) -> Mapping[str, Order]:
    """The orders of these cases by their ids, as far as they are there."""
    found = {case.order_id: ports.store.order(case.order_id) for case in cases}
    return {order_id: order for order_id, order in found.items() if order}


def _open_cases(ports: Ports, actor: Actor) -> Mapping[State, Sequence[Case]]:
    _may_see(actor)
    return {state: read_cases(ports, Filter(state=state)) for state in State if state is not State.CLOSED}


def _closed_cases(ports: Ports, dates: DateRange) -> tuple[Sequence[Case], bool, bool]:
    """Closed cases that may be of the range or the one before; whether those of the range are all there, and whether
    those of both are. A case is not closed before it was begun, so the queue is read from where a range begins."""
    both = read_cases(ports, Filter(state=State.CLOSED, updated_since=dates.before.since))
    if not _is_cut(both):
        return both, True, True
    latest = read_cases(ports, Filter(state=State.CLOSED, updated_since=dates.since))
    return latest, not _is_cut(latest), False


def _concern(ports: Ports, actor: Actor, which: Concern, still_open: Mapping[State, Sequence[Case]]) -> Listed[Wanting]:
    match which:
        case Concern.OVERDUE | Concern.DUE_SOON:
            return _by_deadline(ports, which, still_open)
        case Concern.STUCK:
            money = read_cases(ports, Filter(refund=OPEN_REFUND))
            return Listed(items=[case for case in money if is_stuck(case)], more=_is_cut(money))
        case Concern.DISPUTED:
            disputed = chargebacks.open_chargebacks(ports, actor, LONGEST_PAGE)
            return Listed(items=disputed.items, more=disputed.next_cursor is not None)
        case Concern.HELD:
            waiting = held.held_effects(ports, actor, held.Which(), limit=LONGEST_PAGE)
            return Listed(items=waiting.items, more=waiting.next_cursor is not None)
        case Concern.STOPPED:
            stops = mail_stops.stops(ports, actor, limit=LONGEST_PAGE)
            return Listed(items=stops.items, more=stops.next_cursor is not None)
        case Concern.LATE:
            late = mail_stops.delays(ports, actor)
            return Listed(items=late, more=len(late) >= mail_stops.MOST_DELAYS)


def _by_deadline(ports: Ports, which: Concern, still_open: Mapping[State, Sequence[Case]]) -> Listed[Case]:
    now = ports.now()
    since, until = (None, now) if which is Concern.OVERDUE else (now, now + SOON)
    found = [
        case
        for case in _all_of(still_open)
        if case.deadline_at and (since is None or since < case.deadline_at) and case.deadline_at <= until
    ]
    # Each state is read by deadline, so what was not read is due later than all that was.
    cut = any(_is_cut(cases) and cases[-1] in found for cases in still_open.values())
    return Listed(items=sorted(found, key=lambda case: (case.deadline_at or now, case.case_id)), more=cut)


def _all_of(still_open: Mapping[State, Sequence[Case]]) -> Iterator[Case]:
    return chain.from_iterable(still_open.values())


def _is_whole(still_open: Mapping[State, Sequence[Case]]) -> bool:
    return not any(map(_is_cut, still_open.values()))


def _is_cut(found: Sequence[Case]) -> bool:
    return len(found) >= MOST


def _may_see(actor: Actor) -> None:
    if actor.role not in OVERSEERS:
        raise Forbidden(actor.role, "see_overview")
