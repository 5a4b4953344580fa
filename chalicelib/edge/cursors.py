"""Places in the log as machines keep them: opaque, and signed, so that nobody reads on from a place that is none."""

from itsdangerous import BadData

from chalicelib import wiring
from chalicelib.domain.cases.log import Position
from chalicelib.domain.errors import Invalid

_PURPOSE = "batal.events"


def cursor_of(position: Position) -> str:
    """The cursor of a place."""
    return str(wiring.links().signer(_PURPOSE).dumps([position.pos, position.order_id, position.read]))


def position_in(cursor: str | None) -> Position | None:
    """The place of a cursor, None of none. Raises Invalid `bad_cursor` where we did not make it."""
    if cursor is None:
        return None
    try:
        pos, order_id, read = wiring.links().signer(_PURPOSE).loads(cursor)
    except (BadData, ValueError, TypeError) as error:
        raise Invalid("bad_cursor") from error
    return Position(pos=pos, order_id=order_id, read=read)
