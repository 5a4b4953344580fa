"""What the state machine's Lambdas do: enter a wait (or the end), and let silence speak when its timer fires."""

from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.domain.ports import Ports, Token
from chalicelib.workflow.committing import ticket
from chalicelib.workflow.decisions import expire
from chalicelib.workflow.delivering import deliver


def enter(ports: Ports, case_id: str, run: int, turn: int, token: str | None) -> dict[str, Any]:
    """Enter `turn` of `run`: deliver what is pending, remember the token, and answer it where the row has moved on.

    The order matters. The row is read again after the token is stored: a decision that committed before found no
    token and relies on this second look; one that commits after will find the token.
    """
    case = ports.store.case(case_id)
    if case is None:
        raise NotFound("case")
    if (case.run, case.turn) == (run, turn):
        case = deliver(ports, case, executing=True)
        if token is not None:
            ports.store.put_token(case_id, Token(run=run, turn=turn, token=token))
            case = ports.store.case(case_id) or case
    if token is not None and (case.run, case.turn) != (run, turn):
        ports.orchestrator.answer(Token(run=run, turn=turn, token=token), ticket(ports, case, run))
    return ticket(ports, case, run)


def time_out(ports: Ports, case_id: str, run: int, turn: int) -> dict[str, Any]:
    """The timer of a wait fired: silence speaks if the deadline has come. "Not yet" leads back to the wait."""
    case = ports.store.case(case_id)
    if case is None:
        raise NotFound("case")
    if (case.run, case.turn) == (run, turn) and case.open:
        case = expire(ports, case_id, wakes=False)
    return ticket(ports, case, run)
