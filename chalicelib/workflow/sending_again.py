"""A mail that did not reach its reader goes out once more, because somebody of customer service says so."""

from collections.abc import Sequence

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import DeliverAgain
from chalicelib.domain.cases.effects import Mail
from chalicelib.domain.cases.sending_again import may_go_again, send_again
from chalicelib.domain.cases.step import act_of
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, NotFound
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow.access import case_for
from chalicelib.workflow.committing import ATTEMPTS, Remember, commit, context_for
from chalicelib.workflow.mail_stops import Way, ways

SENDERS = frozenset({Role.SUPPORT})


def mails_of(case: Case) -> Sequence[Mail]:
    """The mails that may go out once more now: each tells its reader how the case stands."""
    return [Mail(kind, to) for to in (Role.BUYER, Role.SELLER) for kind in may_go_again(case, to)]


def mail_again(
    ports: Ports, case_id: str, mail: Mail, note: str, actor: Actor, remember: Remember | None = None
) -> Case:
    """Promise the mail once more; the sweep delivers it within a minute. The timeline keeps who said so, and why.

    Whom no mail reaches the marketplace tells, as with any mail. Raises Forbidden but for customer service, NotFound,
    Invalid `note_required`, CaseRefused `mail_stopped` where the reader's address is stopped, and as `send_again`;
    Conflict where others kept writing first.
    """
    if actor.role not in SENDERS:
        raise Forbidden(actor.role, "send_mail_again")
    if not note.strip():
        raise Invalid("note_required")
    for _ in range(ATTEMPTS):
        case = case_for(ports, case_id, actor)
        order = ports.store.order(case.order_id)
        if order is None:
            raise NotFound("order")
        if ways(ports, order)[mail.to] is Way.NOBODY:
            raise CaseRefused("mail_stopped", case)
        act = act_of(DeliverAgain(note=note), actor, ports.now(), ports.new_id(), ports.new_salt())
        change = send_again(case, mail, act, context_for(ports, case))
        if commit(ports, change, remember) and change.case:
            return change.case
    raise Conflict("case")
