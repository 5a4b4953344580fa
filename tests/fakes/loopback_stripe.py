"""localstripe, a Stripe that others wrote, on 127.0.0.1 alone: its own command listens on every address. It keeps no
idempotency and gives back more than was paid, so it judges the shape of what is asked and how events are signed.

`python -m tests.fakes.loopback_stripe PORT` serves until it is ended.
"""

import sys
from importlib import import_module
from typing import Any

# As docs.stripe.com/api/refunds/create has them; localstripe knows no reason at all, and refuses what it does not know.
REASONS = (None, "duplicate", "fraudulent", "requested_by_customer")


def serve(port: int) -> None:
    """Serve on this port, and write nothing to the disk."""
    web, resources = import_module("aiohttp.web"), import_module("localstripe.resources")
    server: Any = import_module("localstripe.server")
    made = resources.Refund.__init__

    def with_reason(refund: Any, *args: Any, reason: str | None = None, **more: Any) -> None:
        if reason not in REASONS:
            raise import_module("localstripe.errors").UserError(400, "Bad request")
        made(refund, *args, **more)

    resources.Refund.__init__ = with_reason
    server.store.dump_to_disk = lambda: None
    web.run_app(server.app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
