"""What SES tells by SNS: mails that arrived, came back, never went out, are late; complaints, and answers to mails.
Runs without app.py.

Told at least once, in any order. What cannot be understood is noted and left: telling it again would not help.
"""

import base64
import binascii
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.cases.mail_fates import Fate
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.people.addresses import bare, plain
from chalicelib.domain.people.mail_stops import MailDelay, Why
from chalicelib.handlers.state_machine import logged
from chalicelib.links import ReplyAddress
from chalicelib.mail.reading import Read, read
from chalicelib.mail.untaken import write
from chalicelib.workflow import held, mail_stops, replies
from chalicelib.workflow.replies import NotTaken, Taken

# Of notices about a mail that went out: what became of it, and which part of the notice says when.
_FATES: Mapping[str, tuple[Fate, str]] = {
    "Delivery": (Fate.DELIVERED, "delivery"),
    "DeliveryDelay": (Fate.LATE, "deliveryDelay"),
    "Bounce": (Fate.CAME_BACK, "bounce"),
}

log = logging.getLogger(__name__)

bp = Blueprint(__name__)

# A mail in which anybody may have written anything into From is nobody's answer: these must say PASS, and of the two
# that DMARC stands on at least one.
_MUST_PASS, _ONE_PASSES = ("spam", "virus", "dmarc"), ("spf", "dkim")
# What the sender is not told: their words stand in the conversation already.
_SILENT = (NotTaken.REPEATED,)
# SES refuses by itself what stands on its list for us, or on the one that it keeps for everybody.
_LISTED = ("onaccountsuppressionlist", "suppressed")


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
    """Act on one notice, in either of SES's shapes. Only bounces that are permanent stop an address: a full mailbox may
    be emptied. A reader who takes our mail out of the spam folder (`not-spam`) wants it."""
    kind = str(told.get("eventType") or told.get("notificationType") or "").replace(" ", "")
    if kind == "Bounce" and told["bounce"]["bounceType"] == "Permanent":
        listed = str(told["bounce"].get("bounceSubType") or "").lower() in _LISTED
        _stop(told, _named(told["bounce"]["bouncedRecipients"]), Why.SUPPRESSED if listed else Why.BOUNCE)
    elif kind == "Complaint":
        named = _named(told["complaint"]["complainedRecipients"])
        if str(told["complaint"].get("complaintFeedbackType") or "").strip().lower() == "not-spam":
            mail_stops.wanted_again(wiring.ports(), _written_to(told, named))
        else:
            _stop(told, named, Why.COMPLAINT)
    elif kind in ("Reject", "RenderingFailure"):
        _never_sent(told, kind)
    elif kind == "DeliveryDelay":
        _late(told)
    elif kind == "Received":
        _answer(told)
    if kind in _FATES:
        _became(told, *_FATES[kind])


def _became(told: Mapping[str, Any], fate: Fate, part: str) -> None:
    """What the case's page says of the mail that asks. Whatever else a notice brings about is done by then."""
    headers, mail = _headers(told), told["mail"]
    case_id, effect = headers.get("x-batal-case"), headers.get("x-batal-effect")
    if case_id and effect:
        at = _moment(told[part].get("timestamp")) or wiring.now()
        mail_stops.became(wiring.ports(), case_id, effect, fate, at, _moment(mail.get("timestamp")))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _stop(told: Mapping[str, Any], named: Sequence[str], why: Why) -> None:
    mail_stops.stop(wiring.ports(), _written_to(told, named), why, _headers(told).get("x-batal-case"))


def _never_sent(told: Mapping[str, Any], kind: str) -> None:
    """SES took the mail, and then did not send it: what promised it waits for a person."""
    headers, mail_id = _headers(told), str(told["mail"]["messageId"])
    case_id, effect = headers.get("x-batal-case"), headers.get("x-batal-effect")
    if case_id and effect and held.not_sent(wiring.ports(), mail_id, case_id, effect):
        log.error("effect held", extra={"case_id": case_id, "effect": effect, "why": kind})
    else:
        log.warning("mail never sent", extra={"case_id": case_id, "effect": effect, "why": kind})


def _late(told: Mapping[str, Any]) -> None:
    delay = told["deliveryDelay"]
    mail_stops.delayed(
        wiring.ports(),
        MailDelay(
            mail_id=str(told["mail"]["messageId"]),
            at=datetime.fromisoformat(delay["timestamp"]).astimezone(UTC),
            why=str(delay.get("delayType") or "Undetermined"),
            case_id=_headers(told).get("x-batal-case"),
        ),
    )


def _headers(told: Mapping[str, Any]) -> Mapping[str, str]:
    return {each["name"].lower(): each["value"] for each in told["mail"].get("headers") or ()}


def _named(recipients: Sequence[Mapping[str, str]]) -> list[str]:
    return [each["emailAddress"] for each in recipients]


def _written_to(told: Mapping[str, Any], named: Sequence[str]) -> list[str]:
    """The addresses that we wrote to. A report names them as it likes (`<a@b>`, `"Budi" <a@b>`), or names where the
    mail was forwarded to: then all that we wrote to are meant."""
    ours = [address for each in told["mail"].get("destination") or () if (address := bare(each))]
    reported = [address for each in named if (address := bare(each))]
    if not ours:
        return reported
    theirs = {plain(address) for address in reported}
    return [address for address in ours if plain(address) in theirs] or ours


def _answer(told: Mapping[str, Any]) -> None:
    receipt, mail_id = told["receipt"], told["mail"]["messageId"]
    if not _verified(receipt):
        return
    places = [place for address in receipt["recipients"] if (place := _place(address)) is not None]
    if not places:
        return
    try:
        given = read(_content(told))
    except NotFound:
        log.error("received mail is gone", extra={"message_id": mail_id})
        return
    if given.by_machine or not given.sender:
        log.info("answer of a machine, or of nobody", extra={"machine": given.by_machine})
        return
    for number, to in enumerate(places):
        reply = replies.Reply(
            received_as=f"{mail_id}:{number}" if number else mail_id,
            case_id=to.case_id,
            role=to.role,
            sender=given.sender,
            text=given.text,
            files=given.files,
            left_out=given.left_out,
        )
        _say_what_became(to, given, replies.take_reply(wiring.ports(), reply))


def _verified(receipt: Mapping[str, Any]) -> bool:
    """Whether the sender is who they say. GRAY, PROCESSING_FAILED, FAIL and silence are no PASS."""
    verdicts = {name: (receipt.get(f"{name}Verdict") or {}).get("status") for name in (*_MUST_PASS, *_ONE_PASSES)}
    known = [verdicts[name] for name in _ONE_PASSES if verdicts[name]]
    passed = all(verdicts[name] == "PASS" for name in _MUST_PASS) and (not known or "PASS" in known)
    if not passed:
        log.warning("answer refused", extra={"verdicts": verdicts})
    return passed


def _place(address: str) -> ReplyAddress | None:
    try:
        return wiring.links().read_reply(address)
    except Invalid:
        return None


def _say_what_became(to: ReplyAddress, given: Read, taken: Taken) -> None:
    """Tell a verified sender what could not be taken. Strangers learn nothing of the case but that it is not theirs."""
    if taken.why is None or taken.why in _SILENT or not replies.may_tell(wiring.ports(), given.sender, to.case_id):
        return
    party = taken.party if taken.why is not NotTaken.STRANGER else None
    reader = taken.party.locale if taken.party else ""
    mail = write(
        taken.why,
        to=given.sender,
        locale=given.language if given.language and party is None else reader,
        case_id=to.case_id,
        links=wiring.links(),
        name=party.name if party else "",
        shown_case=party is not None,
        taken=taken.message is not None,
        left_out=taken.left_out,
    )
    log.info("sender told", extra={"case_id": to.case_id, "why": taken.why})
    replies.tell_sender(wiring.ports(), mail)


def _content(told: Mapping[str, Any]) -> bytes:
    """The mail itself: from the bucket, or, as earlier versions had it sent, from the notice.

    The bucket is our own whatever the notice says.
    """
    action: Mapping[str, Any] = told["receipt"].get("action") or {}
    if action.get("type") == "S3" or "content" not in told:
        return wiring.received().mail(str(action["objectKey"]))
    content: str = told["content"]
    if action.get("encoding") == "BASE64":
        try:
            return base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise ValueError("content") from error
    return content.encode()
