"""What operators govern: the policy profiles, version by version, and the figures of the whole house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.cases.case import Actor, Case, Role, State
from chalicelib.domain.errors import Conflict, Forbidden, NotFound, Refused
from chalicelib.domain.figures.figures import DAYS, Figures, figures
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.seller_rules import SellerRule, SellerRules
from chalicelib.domain.ports import Filter, House

_READERS = frozenset({Role.OPERATOR, Role.SUPPORT})
# How many rows a dashboard reads of each state; beyond it says "and more".
MOST = 500
_PAGE = 100


def policies(house: House, actor: Actor) -> Sequence[Policy]:
    """The current version of every profile. Raises Forbidden for parties."""
    _may_read(actor)
    return [_current(house, name) for name in house.policies.names()]


def policy(house: House, actor: Actor, name: str, version: int | None = None) -> Policy:
    """One version of a profile, the current one unless said. Raises Forbidden, NotFound."""
    _may_read(actor)
    try:
        return _current(house, name) if version is None else house.policies.version(name, version)
    except Refused as refused:
        raise NotFound("policy") from refused


def keep_policy(house: House, actor: Actor, draft: Policy) -> Policy:
    """Keep the next version of a profile and make it current; running cases keep the version they began with.

    Raises Forbidden for everyone but operators, Refused `superseded` where the draft's version is not the next one:
    somebody else changed the profile meanwhile.
    """
    if actor.role is not Role.OPERATOR:
        raise Forbidden(actor.role, "keep_policy")
    if draft.version != next_version(house, draft.name):
        raise Refused("superseded", next_version=next_version(house, draft.name))
    try:
        house.store.put_policy(draft)
    except Conflict as conflict:
        raise Refused("superseded", next_version=next_version(house, draft.name)) from conflict
    return draft


def next_version(house: House, name: str) -> int:
    """The version that a change of this profile must carry; 1 where there is none yet."""
    return _current(house, name).version + 1 if name in house.policies.names() else 1


def _current(house: House, name: str) -> Policy:
    """The current version as the store has it; what decides cases may lag behind a change by half a minute."""
    return house.store.policy(name, None) or house.policies.version(name, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The house at one look. Counts are of at most MOST rows each; `more` names the states that hold more."""

    open: Mapping[State, Sequence[Case]]
    more: frozenset[State]
    figures: Figures

    @property
    def due_soon(self) -> Sequence[Case]:
        """The open cases whose deadline comes first."""
        waiting = [case for cases in self.open.values() for case in cases if case.deadline_at]
        return sorted(waiting, key=lambda case: (case.deadline_at or case.updated_at, case.case_id))[:10]

    @property
    def stuck(self) -> Sequence[Case]:
        """Refunds that a provider owes beyond its time, or that failed."""
        return [case for case in self.open.get(State.REFUNDING, ()) if is_stuck(case)]

    @property
    def parked(self) -> Sequence[Case]:
        """Open cases with an effect that was tried in vain and waits for a person."""
        cases = [case for each in self.open.values() for case in each]
        return [case for case in cases if any(owed.parked for owed in case.owed.values())]


def is_stuck(case: Case) -> bool:
    """Whether a provider owes this refund beyond its time, or could not make it."""
    return case.refund is not None and (case.refund.overdue or case.refund.state == "failed")


def overview(house: House, actor: Actor) -> Overview:
    """How the house stands: what is open, and how the last two weeks ended. Raises Forbidden but for operators."""
    if actor.role is not Role.OPERATOR:
        raise Forbidden(actor.role, "see_overview")
    now = house.now()
    still_open: dict[State, list[Case]] = {
        state: read_cases(house, Filter(state=state)) for state in State if state is not State.CLOSED
    }
    closed = read_cases(house, Filter(state=State.CLOSED, updated_since=now - timedelta(days=DAYS)))
    all_of = [*(case for cases in still_open.values() for case in cases), *closed]
    return Overview(
        open=still_open,
        more=frozenset(state for state, cases in (*still_open.items(), (State.CLOSED, closed)) if len(cases) >= MOST),
        figures=figures(all_of, now),
    )


def figures_of_seller(house: House, actor: Actor, seller_id: str) -> Figures:
    """The figures of one seller's latest cases. Raises Forbidden, and NotFound for other sellers."""
    _own(actor, seller_id)
    return figures(read_cases(house, Filter(seller_id=seller_id)), house.now())


def seller_rules(house: House, actor: Actor, seller_id: str) -> SellerRules:
    """A seller's own rules. Raises Forbidden for buyers, and NotFound for other sellers."""
    _own(actor, seller_id)
    return house.store.seller_rules(seller_id)


def keep_seller_rules(house: House, actor: Actor, seller_id: str, rules: Sequence[SellerRule]) -> SellerRules:
    """Keep a seller's rules, all of them; they count for requests made from now on.

    Raises Forbidden but for the seller and operators, NotFound for other sellers, ValueError for too many.
    """
    _own(actor, seller_id)
    if actor.role is Role.SUPPORT:
        raise Forbidden(actor.role, "keep_rules")
    kept = SellerRules(version=house.store.seller_rules(seller_id).version + 1, rules=tuple(rules))
    house.store.put_seller_rules(seller_id, kept)
    return kept


def _own(actor: Actor, seller_id: str) -> None:
    if actor.role is Role.SELLER and actor.id != seller_id:
        raise NotFound("seller")
    if actor.role not in (Role.SELLER, Role.OPERATOR, Role.SUPPORT):
        raise Forbidden(actor.role, "see_seller")


def read_cases(house: House, wanted: Filter) -> list[Case]:
    """Cases that meet the filter, at most MOST."""
    cases: list[Case] = []
    cursor: str | None = None
    while len(cases) < MOST:
        page = house.store.cases(wanted, limit=_PAGE, cursor=cursor)
        cases += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    return cases[:MOST]


def _may_read(actor: Actor) -> None:
    if actor.role not in _READERS:
        raise Forbidden(actor.role, "see_policies")
