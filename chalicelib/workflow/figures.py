"""The figures of the whole service, and of one seller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.figures.comparison import Comparison, compared
from chalicelib.domain.figures.figures import DAYS, Figures, figures
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import LONGEST_PAGE, OPEN_REFUND, Filter, Ports, every
from chalicelib.workflow.access import sees_seller

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
    closed = read_cases(ports, Filter(state=State.CLOSED, updated_since=now - timedelta(days=DAYS)))
    all_of = [*(case for cases in still_open.values() for case in cases), *closed]
    return Overview(
        open=still_open,
        more=frozenset(state for state, cases in (*still_open.items(), (State.CLOSED, closed)) if len(cases) >= MOST),
        figures=figures(all_of, now, ports.zone),
        reopened=read_cases(ports, Filter(state=State.CLOSED, refund=OPEN_REFUND)),
    )


def figures_of_seller(ports: Ports, actor: Actor, seller_id: str) -> Figures:
    """The figures of one seller's latest cases. Raises Forbidden, and NotFound for other sellers."""
    sees_seller(actor, seller_id)
    return figures(read_cases(ports, Filter(seller_id=seller_id)), ports.now(), ports.zone)


def comparison_of_seller(ports: Ports, actor: Actor, seller_id: str) -> tuple[Figures, Comparison]:
    """The same, and how the last days compare with those before. Raises Forbidden, and NotFound for other sellers."""
    sees_seller(actor, seller_id)
    cases, now = read_cases(ports, Filter(seller_id=seller_id)), ports.now()
    return figures(cases, now, ports.zone), compared(cases, now, ports.zone, all_known=len(cases) < MOST)


def read_cases(ports: Ports, wanted: Filter, most: int = MOST) -> list[Case]:
    """Cases that meet the filter, at most so many."""
    found = every(lambda cursor: ports.store.cases(wanted, limit=LONGEST_PAGE, cursor=cursor))
    return list(islice(found, most))
