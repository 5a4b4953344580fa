"""How often callers do something. Where that cannot be counted they are let through: a counter must not stand between a
buyer and their order."""

import logging

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.people.uses import Use
from chalicelib.domain.ports import Ports

log = logging.getLogger(__name__)


def has_one_left(ports: Ports, use: Use) -> bool:
    """Take one of a caller's uses; False where none is left."""
    try:
        left = ports.store.take(use)
    except Unavailable:
        log.warning("not counted: let through", extra={"counted": use.counted})
        return True
    if not left:
        log.warning("used up", extra={"counted": use.counted, "at_most": use.most})
    return left
