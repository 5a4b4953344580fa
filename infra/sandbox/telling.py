"""Webhooks in the sandbox: each receiver is told by a thread of its own, as on AWS by a function of its own."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

from chalicelib.domain.ports import Ports
from chalicelib.workflow.telling import tell_webhook, with_work

_EVERY = 1.0  # second


def tell_webhooks(ports: Ports) -> None:
    """Tell every receiver what there is for it, side by side."""
    found = with_work(ports)
    if found:
        with ThreadPoolExecutor(len(found)) as pool:
            list(pool.map(lambda webhook_id: tell_webhook(ports, webhook_id), found))


def tell_webhooks_for_ever(ports: Ports) -> None:
    """Every second, apart from the sweep: a receiver may let everybody wait for ten."""
    while True:
        time.sleep(_EVERY)
        try:
            tell_webhooks(ports)
        except Exception:
            logging.getLogger(__name__).exception("webhooks were not told; the next round tries again")
