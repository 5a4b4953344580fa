"""Services that the sandbox can take away, and what the event bus was given: both seen where botocore calls."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from botocore.awsrequest import AWSResponse

from chalicelib.domain.cases.webhooks import Reply
from chalicelib.domain.ports import Event, Receivers


class Service(StrEnum):
    """What can go away. Providers are fakes that are told themselves how to behave."""

    MAIL = "mail"
    EVENTS = "events"
    STEP_FUNCTIONS = "step_functions"
    PROVIDERS = "providers"
    WEBHOOKS = "webhooks"


# What is refused while a service is away, and the error that AWS itself would tell: none that botocore tries again by
# itself, which would make every caller wait.
_REFUSALS: Mapping[str, tuple[Service, str]] = {
    "sesv2.SendEmail": (Service.MAIL, "SendingPausedException"),
    "eventbridge.PutEvents": (Service.EVENTS, "AccessDeniedException"),
    "sfn.StartExecution": (Service.STEP_FUNCTIONS, "AccessDeniedException"),
    "sfn.SendTaskSuccess": (Service.STEP_FUNCTIONS, "AccessDeniedException"),
}
_away: set[Service] = set()
_published: list[dict[str, Any]] = []


def watch(hooks: Any) -> None:
    """Have every client of a session asked here before it calls."""
    for call, (service, error) in _REFUSALS.items():
        hooks.register_first(f"before-call.{call}", partial(_refused, service, error))


def outage(services: Collection[Service], *, down: bool) -> Collection[Service]:
    """Take services away, or bring them back (all of them where none is named); what is away afterwards."""
    if down:
        _away.update(services)
    else:
        _away.difference_update(services or tuple(_away))
    return frozenset(_away)


@dataclass(frozen=True, slots=True)
class Reachable:
    """Receivers of webhooks, as long as the way to them is not away."""

    real: Receivers

    def check(self, url: str) -> None:
        """As the real one."""
        self.real.check(url)

    def secret(self, webhook_id: str, generation: int) -> str:
        """As the real one."""
        return self.real.secret(webhook_id, generation)

    def post(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Reply:
        """One attempt, which fails while webhooks are away."""
        if Service.WEBHOOKS in _away:
            return Reply(problem="not_reached")
        return self.real.post(url, secrets, message_id, body)


def events() -> list[dict[str, Any]]:
    """Everything that the event bus took, oldest first."""
    return list(_published)


def forget() -> None:
    """No outage, no events."""
    _away.clear()
    _published.clear()


def _refused(service: Service, error: str, params: Mapping[str, Any], **_: Any) -> tuple[AWSResponse, Any] | None:
    """What a service that is away answers. None lets the call go on; what the bus is given is noted."""
    if service in _away:
        told = {"Error": {"Code": error, "Message": f"{service} is away"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return AWSResponse(params["url"], 400, {}, None), told
    if service is Service.EVENTS:
        _published.extend(_event(entry) for entry in json.loads(params["body"])["Entries"])
    return None


def _event(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the bus was given, as webhooks and the log carry it; what it says beside that stays in `data`."""
    detail = json.loads(entry["Detail"])
    at = datetime.fromisoformat(detail["occurred_at"])
    told = Event(
        event_id=detail["event_id"],
        name=entry["DetailType"],
        at=at,
        detail=detail,
        seq=detail["seq"],
        correlation_id=detail.get("correlationid"),
    )
    return dict(told.envelope)
