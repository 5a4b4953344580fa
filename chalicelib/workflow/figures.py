"""The figures of the whole service, and of one seller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.figures.comparison import Comparison, compared
from chalicelib.domain.figures.counting import EVERYTHING, About, Subject, between, figures_of
from chalicelib.domain.figures.figures import DAYS, Figures, figures
from chalicelib.domain.figures.lessons import lesson_of
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.learned import MONTHS_KEPT, Month, Situation, learned, month_of
from chalicelib.domain.policies.odds import Odds, OddsScope, UsualTime, odds, usual_time
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.ports import LONGEST_PAGE, OPEN_REFUND, Filter, Ports, every
from chalicelib.workflow import counted
from chalicelib.workflow.access import sees_seller
from chalicelib.workflow.counted import Known

# How many rows a dashboard reads of each state; beyond it says "and more".
MOST = 500
# Who sees the whole service.
OVERSEERS = frozenset({Role.OPERATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The service at one look. Counts are of at most MOST rows each; `more` names the states that hold more; `reopened`
    are closed cases whose money has not gone."""

    open: Mapping[State, Sequence[Case]]
    more: frozenset[State]
    figures: Figures
    reopened: Sequence[Case] = ()

    @property
    def stuck(self) -> Sequence[Case]:
        """Refunds that a provider owes beyond its time, or of which a part failed or came back, however long ago their
        case was closed."""
        return [case for case in (*self.open.get(State.REFUNDING, ()), *self.reopened) if is_stuck(case)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerFigures:
    """A seller's figures, and how the last days compare; `entire`: of all their cases, not of the latest MOST."""

    all_known: Figures
    comparison: Comparison
    entire: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOdds:
    """What buyers are told of a seller's answers in a situation."""

    situation: Situation
    odds: Odds
    usual_time: UsualTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A request, and what it adds to the odds."""

    case: Case
    told: Month

    @property
    def counted_as(self) -> str:
        """`yes`, `no`, `waits` for what is still open, `unanswered` for what adds to the wait alone."""
        if self.told.answers:
            return "yes" if self.told.yes else "no"
        return "waits" if self.told.waiting else "unanswered"


def is_stuck(case: Case) -> bool:
    """Whether a provider owes this refund beyond its time, or could not make it."""
    return case.refund is not None and (case.refund.overdue or case.refund.state == "failed")


def overview(ports: Ports, actor: Actor) -> Overview:
    """How the service stands: what is open, and how the last two weeks ended. Raises Forbidden but for operators."""
    if actor.role not in OVERSEERS:
        raise Forbidden(actor.role, "see_overview")
    now = ports.now()
    still_open: dict[State, list[Case]] = {
        state: read_cases(ports, Filter(state=state)) for state in State if state is not State.CLOSED
    }
    known = counted.known_of(ports, EVERYTHING, now - timedelta(days=DAYS), now)
    figures_now, closed = (_ended_lately(ports, known, now), ()) if known else _of_lists(ports, still_open, now)
    return Overview(
        open=still_open,
        more=frozenset(state for state, cases in (*still_open.items(), (State.CLOSED, closed)) if len(cases) >= MOST),
        figures=figures_now,
        reopened=read_cases(ports, Filter(state=State.CLOSED, refund=OPEN_REFUND)),
    )


def _ended_lately(ports: Ports, known: Known, now: datetime) -> Figures:
    """Of what ended in the last DAYS days, and of what waits."""
    lately = between(known.days, now - timedelta(days=DAYS), now + timedelta(hours=1), ended=True)
    return figures_of(lately, known.ended_by_day(now, DAYS, ports.zone), still_open=known.total.open)


def _of_lists(
    ports: Ports, still_open: Mapping[State, Sequence[Case]], now: datetime
) -> tuple[Figures, Sequence[Case]]:
    """The same from lists, as far as they were read, until all is counted."""
    closed = read_cases(ports, Filter(state=State.CLOSED, updated_since=now - timedelta(days=DAYS)))
    return figures([*(case for cases in still_open.values() for case in cases), *closed], now, ports.zone), closed


def figures_of_seller(ports: Ports, actor: Actor, seller_id: str) -> Figures:
    """The figures of all of a seller's cases. Raises Forbidden, and NotFound for other sellers."""
    return seller_figures(ports, actor, seller_id).all_known


def seller_figures(ports: Ports, actor: Actor, seller_id: str) -> SellerFigures:
    """The same, and how the last days compare with those before. Raises Forbidden, and NotFound for other sellers."""
    sees_seller(actor, seller_id)
    now = ports.now()
    known = counted.known_of(ports, Subject(about=About.SELLER, name=seller_id), now - timedelta(days=2 * DAYS), now)
    if known:
        return SellerFigures(
            all_known=figures_of(known.total, known.ended_by_day(now, DAYS, ports.zone)),
            comparison=known.compared(now, DAYS),
            entire=True,
        )
    cases = read_cases(ports, Filter(seller_id=seller_id))
    entire = len(cases) < MOST
    return SellerFigures(
        all_known=figures(cases, now, ports.zone),
        comparison=compared(cases, now, ports.zone, all_known=entire),
        entire=entire,
    )


def odds_of_seller(ports: Ports, actor: Actor, seller_id: str) -> Sequence[OwnOdds]:
    """What buyers are told by a seller's own answers, where there are most answers first, as it is told on the platform
    of their latest request; of a seller whom few asked, nothing. Raises Forbidden, and NotFound for other sellers."""
    sees_seller(actor, seller_id)
    found, latest = list[OwnOdds](), read_cases(ports, Filter(seller_id=seller_id), most=1)
    for situation in ports.store.lessons(Subject(about=About.SELLER, name=seller_id)) if latest else ():
        returning, platform = situation.kind is Kind.RETURN, latest[0].platform
        chance, wait = learned(
            odds(situation.status, instant=False, returning=returning),
            usual_time(situation.status, instant=False, returning=returning),
            ports.odds.heard(seller_id, platform, situation),
            None,
            ports.now(),
            ports.policies.current(platform).learning,
        )
        if chance.scope is OddsScope.SELLER:
            found.append(OwnOdds(situation=situation, odds=chance, usual_time=wait))
    return sorted(found, key=lambda each: (-each.odds.cases, each.situation.kind, each.situation.status))


def taught_by(ports: Ports, actor: Actor, seller_id: str, situation: Situation) -> Sequence[Taught]:
    """What of a seller's latest MOST requests is counted in the odds of a situation, the latest first: what they may
    look through where something seems wrong. Raises Forbidden, and NotFound for other sellers."""
    sees_seller(actor, seller_id)
    since = month_of(ports.now()) - MONTHS_KEPT
    lessons = ((case, lesson_of(case)) for case in read_cases(ports, Filter(seller_id=seller_id)))
    found = [
        Taught(case=case, told=each.told)
        for case, each in lessons
        if each and each.situation == situation and each.month >= since
    ]
    return sorted(found, key=lambda each: (each.case.created_at, each.case.case_id), reverse=True)


def read_cases(ports: Ports, wanted: Filter, most: int = MOST) -> list[Case]:
    """Cases that meet the filter, at most so many."""
    found = every(lambda cursor: ports.store.cases(wanted, limit=LONGEST_PAGE, cursor=cursor))
    return list(islice(found, most))
