"""The Lambdas that tell webhooks. They run without app.py.

`webhooks` looks every minute, and whenever something is published, for receivers to whom there is something to tell;
`tell_webhook` tells one of them. So one that is slow holds up no other.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.handlers.state_machine import logged
from chalicelib.workflow import telling

log = logging.getLogger(__name__)

bp = Blueprint(__name__)

# Seconds that a batch of attempts may take, two rounds of ten seconds, and the writes.
_LONGEST_BATCH = 30


@bp.schedule(Rate(1, unit=Rate.MINUTES), name="webhooks")
def webhooks(event: CloudWatchEvent) -> Mapping[str, Any]:
    """Every minute: who has something to be told."""
    function, found = wiring.settings().tell_webhook_function, telling.with_work(wiring.ports())
    for webhook_id in found:
        if function:
            wiring.elsewhere(function, {"webhook_id": webhook_id})
        else:
            tell_webhook({"webhook_id": webhook_id}, None)
    return {"seen": len(found)}


@bp.lambda_function(name="tell_webhook")
@logged
def tell_webhook(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Tell one receiver what there is."""

    def go_on() -> bool:
        return context is None or context.get_remaining_time_in_millis() > _LONGEST_BATCH * 1000

    handed = asdict(telling.tell_webhook(wiring.ports(), event["webhook_id"], go_on))
    if any(handed.values()):
        log.info("told", extra={"webhook_id": event["webhook_id"], **handed})
    return handed
