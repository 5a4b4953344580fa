"""What SES tells by SNS: mails that came back, complaints, and answers to mails. Runs without app.py.

Told at least once, in any order. What cannot be understood is noted and left: telling it again would not help.
"""

import base64
import binascii
import json
import logging
from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.people.mail_stops import Why
from chalicelib.handlers.state_machine import logged
from chalicelib.mail.reading import read
from chalicelib.workflow import mail_stops, replies

log = logging.getLogger(__name__)

bp = Blueprint(__name__)


# A plain function: the template subscribes it to the topic that it makes. Chalice wants topics to exist beforehand.
@bp.lambda_function(name="on_mail")
@logged
def on_mail(event: Mapping[str, Any], context: Any) -> None:
    """Notices of SES. Raises where our own tables do not answer, so that SNS tells them again."""
    for record in event["Records"]:
        try:
            hear(json.loads(record["Sns"]["Message"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("notice of SES not understood", extra={"why": type(error).__name__})


def hear(told: Mapping[str, Any]) -> None:
    """Act on one notice. Only bounces that are permanent stop an address: a full mailbox may be emptied."""
    kind = told.get("eventType") or told.get("notificationType")
    if kind == "Bounce" and told["bounce"]["bounceType"] == "Permanent":
        _stop(told, told["bounce"]["bouncedRecipients"], Why.BOUNCE)
    elif kind == "Complaint":
        _stop(told, told["complaint"]["complainedRecipients"], Why.COMPLAINT)
    elif kind == "Received":
        _answer(told)


def _stop(told: Mapping[str, Any], recipients: list[Mapping[str, str]], why: Why) -> None:
    headers = {each["name"].lower(): each["value"] for each in told["mail"].get("headers", ())}
    addresses = [each["emailAddress"] for each in recipients]
    mail_stops.stop(wiring.ports(), addresses, why, headers.get("x-batal-case"))


def _answer(told: Mapping[str, Any]) -> None:
    receipt, mail_id = told["receipt"], told["mail"]["messageId"]
    verdicts = {name: receipt.get(f"{name}Verdict", {}).get("status") for name in ("spam", "virus", "dmarc")}
    if "FAIL" in verdicts.values():
        log.warning("answer refused", extra={"verdicts": verdicts})
        return
    given = read(_content(told))
    if given.by_machine:
        return
    for address in receipt["recipients"]:
        try:
            to = wiring.links().read_reply(address)
        except Invalid:
            continue
        reply = replies.Reply(
            received_as=mail_id, case_id=to.case_id, role=to.role, sender=given.sender, text=given.text
        )
        replies.take_reply(wiring.ports(), reply)


def _content(told: Mapping[str, Any]) -> bytes:
    content: str = told["content"]
    if told["receipt"].get("action", {}).get("encoding") == "BASE64":
        try:
            return base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise ValueError("content") from error
    return content.encode()
