"""The head of the order that a thread read last: who decides upon it at once need not have it read again for the write.

It may be old by then, so it is taken once, and what is written by it holds only while its revision stands. Whoever is
refused for that reads it as it is, and tries again (commit.py).
"""

import threading
import time

from chalicelib.adapters.dynamodb.tables import OrderRow

# Seconds. A decision follows its reading within fewer; what is older is more likely to be refused than to save a call.
_FRESH = 5.0


class LastHead(threading.local):
    """One for each store, and in it one for each thread."""

    _read: tuple[OrderRow, float] | None = None

    def keep(self, row: OrderRow) -> None:
        """This was read just now."""
        self._read = row, time.monotonic()

    def take(self, order_id: str) -> OrderRow | None:
        """What was read of this order just now, once; None where it has to be read."""
        read, self._read = self._read, None
        if read is None or read[0].order_id != order_id or time.monotonic() - read[1] > _FRESH:
            return None
        return read[0]
