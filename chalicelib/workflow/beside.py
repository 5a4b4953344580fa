"""Finding what a mail tells beside its case and its order, at the moment it is written."""

from chalicelib.domain.cases.beside import NOTHING_BESIDE, Beside
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Mail, MailKind, Promise
from chalicelib.domain.cases.steps.support import appeal_until, may_appeal_still
from chalicelib.domain.cases.threads import Message, may_read
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow.committing import context_for

# Mails that tell a buyer of a no, or of nobody's word.
_ENDINGS = frozenset({MailKind.REJECTED, MailKind.EXPIRED, MailKind.OFFER_DECLINED})


def beside(ports: Ports, promise: Promise, case: Case, order: Order) -> Beside:
    """What the promised mail tells beside them; nothing for most kinds, which are read for nothing more."""
    match promise.effect:
        case Mail(MailKind.MESSAGE, to):
            return Beside(message=_latest(ports, case, to))
        case Mail(kind, Role.BUYER) if kind in _ENDINGS and may_appeal_still(case, order):
            until = appeal_until(case, context_for(ports, case))
            return Beside(appeal_until=until if ports.now() < until else None)
        case _:
            return NOTHING_BESIDE


def _latest(ports: Ports, case: Case, to: Role) -> Message | None:
    """The latest of others that this party may read."""

    def theirs(message: Message) -> bool:
        return may_read(message, case, to) and message.by.role is not to and message.erased_at is None

    found = ports.store.messages_page(case.order_id, theirs, limit=1, newest_first=True).items
    return found[0] if found else None
