"""Taking cases: one person of customer service works on one case, and nobody decides beside them unawares."""

from itertools import islice

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.claiming import holder
from chalicelib.domain.cases.commands import Claim, Command
from chalicelib.domain.cases.step import act_of
from chalicelib.domain.cases.transitions import CaseRefused, may_ever
from chalicelib.domain.errors import Conflict, Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import PAGE, Filter, Ports, every
from chalicelib.workflow.committing import Remember, decide

# How far down its queue one search for work looks.
_LOOKS_AT = 500


def claim_next(ports: Ports, actor: Actor, note: str, remember: Remember | None = None) -> Case | None:
    """Take the most urgent case that nobody has and this person may decide; None where there is none. Two who ask at
    the same time get two cases: whoever comes second to one looks on. Raises Forbidden but for customer service."""
    if not may_ever(actor.role, Command.CLAIM):
        raise Forbidden(actor.role, Command.CLAIM)
    waiting = Filter(state=State.AWAITING_SUPPORT)
    queue = every(lambda cursor: ports.store.cases(waiting, limit=PAGE, cursor=cursor))
    for case in islice(queue, _LOOKS_AT):
        if is_free(ports, case, actor) and (mine := _claimed(ports, case, actor, note, remember)):
            return mine
    return None


def is_free(ports: Ports, case: Case, actor: Actor) -> bool:
    """Whether this person may take the case from nobody, and decide it: no deadline has passed, and theirs is not the
    first of two yeses already."""
    now = ports.now()
    in_time = case.deadline_at is None or now < case.deadline_at
    return case.state is State.AWAITING_SUPPORT and in_time and case.first_yes != actor.id and not holder(case, now)


def _claimed(ports: Ports, case: Case, actor: Actor, note: str, remember: Remember | None) -> Case | None:
    act = act_of(Claim(note=note), actor, ports.now(), ports.new_id(), ports.new_salt())
    try:
        after = decide(
            ports,
            case.case_id,
            act,
            remember,
            heard_already=lambda row: not is_free(ports, row, actor),
        )
    except (CaseRefused, Conflict):
        return None
    return after if after.decision_id == act.decision_id else None


def check_claim(ports: Ports, case: Case, actor: Actor) -> None:
    """Raises CaseRefused `claimed_by_colleague` where somebody else of customer service has the case."""
    has_it = holder(case, ports.now())
    if actor.role is Role.SUPPORT and has_it is not None and has_it != actor.id:
        raise CaseRefused("claimed_by_colleague", case, who=has_it)
