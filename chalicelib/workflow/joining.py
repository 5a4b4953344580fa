"""Joining two conversations about one order, and finding what is joined."""

from collections.abc import Callable, Sequence
from itertools import islice

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import Join, Said, Separate
from chalicelib.domain.cases.joining import join, joined_with, separate
from chalicelib.domain.cases.step import act_of
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow.access import case_for
from chalicelib.workflow.committing import ATTEMPTS, Remember, commit, context_for

JOINERS = frozenset({Role.SUPPORT})
# Of an order with very many cases only the latest are looked at.
_LOOKS_AT = 20


def beside(ports: Ports, case: Case, order: Order | None = None) -> Sequence[Case]:
    """The other cases of its order between the same two people, the latest first. Most orders have none, and then only
    the order is read."""
    known = order or ports.store.order(case.order_id)
    ids = islice((each for each in reversed(known.cases if known else ()) if each != case.case_id), _LOOKS_AT)
    found = (ports.store.case(each) for each in ids)
    same = (case.buyer_id, case.seller_id)
    return [each for each in found if each and (each.buyer_id, each.seller_id) == same]


def joined_ids(ports: Ports, case: Case, order: Order | None = None) -> frozenset[str]:
    """The ids of the cases whose conversation is one with this case's."""
    return frozenset(each.case_id for each in joined_with(case, beside(ports, case, order)))


def join_into(ports: Ports, case_id: str, into: str, note: str, actor: Actor, remember: Remember | None = None) -> Case:
    """Let the conversation of a case go on in another case of its order. The timeline keeps who said so, and why.

    Raises Forbidden but for customer service, NotFound, Invalid `note_required`, CaseRefused `not_now` where they
    cannot be joined; Conflict where others kept writing first.
    """

    def change(case: Case) -> Change:
        others = beside(ports, case)
        meant = next((each for each in others if each.case_id == into), None)
        if meant is None:
            raise NotFound("case")
        act = act_of(Join(into=into, note=note), actor, ports.now(), ports.new_id(), ports.new_salt())
        return join(case, meant, others, act, context_for(ports, case))

    return _committed(ports, case_id, actor, Join, note, change, remember)


def take_apart(ports: Ports, case_id: str, note: str, actor: Actor, remember: Remember | None = None) -> Case:
    """Let a joined conversation go on by itself; what was written meanwhile stays where it is. Raises as join_into."""

    def change(case: Case) -> Change:
        act = act_of(Separate(note=note), actor, ports.now(), ports.new_id(), ports.new_salt())
        return separate(case, act, context_for(ports, case))

    return _committed(ports, case_id, actor, Separate, note, change, remember)


def _committed(
    ports: Ports,
    case_id: str,
    actor: Actor,
    said: type[Said],
    note: str,
    change_of: Callable[[Case], Change],
    remember: Remember | None,
) -> Case:
    if actor.role not in JOINERS:
        raise Forbidden(actor.role, said.command)
    if not note.strip():
        raise Invalid("note_required")
    for _ in range(ATTEMPTS):
        change = change_of(case_for(ports, case_id, actor))
        if commit(ports, change, remember) and change.case:
            return change.case
    raise Conflict("case")
