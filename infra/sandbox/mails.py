"""The sandbox's post: every mail that was sent, a specimen of every kind, and what may come back of a mail."""

import json
from base64 import b64decode, b64encode
from email.message import EmailMessage
from html import escape
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import boto3
from chalice.app import Blueprint, Chalice, Response

from chalicelib import wiring
from chalicelib.domain.errors import NotFound
from chalicelib.edge.boundary import boundary, received
from chalicelib.locales import languages
from chalicelib.pages.page import FORM, address
from infra.sandbox.aws import SentMail, invoke, outbox
from infra.sandbox.digests import DIGESTS, digest_specimen
from infra.sandbox.page import html
from infra.sandbox.specimens import EVERY, specimen

_COMES_BACK = {
    "delivery": "It arrived",
    "late": "It is late",
    "bounce": "It came back",
    "complaint": "The reader calls it spam",
}
_told = count(1)
RECEIVED = "batal-received"


def mail_routes(app: Chalice) -> Blueprint:
    """The blueprint; what comes back of mails reaches `app`'s Lambda as SNS would bring it."""
    bp = Blueprint("infra.sandbox.mails")

    @bp.route("/sandbox/mails", methods=["GET"])
    @boundary
    def get_mails() -> Response:
        cards = [_sent(number, mail) for number, mail in enumerate(outbox())]
        kinds = f'<p><a href="{address("/sandbox/mails/kinds")}">Every kind of mail, in every language</a></p>'
        return html("Mails sent", kinds + ("".join(reversed(cards)) or "<p>No mail yet.</p>"))

    @bp.route("/sandbox/mails", methods=["POST"], content_types=[FORM])
    @boundary
    def post_mails() -> Response:
        given = {name: values[-1] for name, values in parse_qs(received(bp.current_request).body.decode()).items()}
        sent, number = outbox(), given.get("number", "")
        if not (number.isascii() and number.isdigit() and int(number[:9]) < len(sent)):
            raise NotFound("mail")
        what = given.get("what", "reply")
        notice = came_back(sent[int(number)], what) if what in _COMES_BACK else told_by_bucket(sent[int(number)], given)
        invoke(app, "on_mail", by_sns(json.dumps(notice)))
        return Response(body="", status_code=303, headers={"Location": address("/sandbox/mails")})

    @bp.route("/sandbox/mails/kinds", methods=["GET"])
    @boundary
    def get_kinds() -> Response:
        links = "".join(
            f'<li><a href="{address(f"/sandbox/mails/kinds/{number}")}">{escape(story)}</a> '
            f"<small>{escape(effect)}</small></li>"
            for number, (story, effect) in enumerate(EVERY)
        )
        links += "".join(
            f'<li><a href="{address("/sandbox/mails/digests/{}", str(number))}">{escape(story)}</a></li>'
            for number, story in enumerate(DIGESTS)
        )
        return html("Every kind of mail", f"<ul>{links}</ul>")

    @bp.route("/sandbox/mails/digests/{number}", methods=["GET"])
    @boundary
    def get_digest(number: str) -> Response:
        if not (number.isascii() and number.isdigit() and int(number[:9]) < len(DIGESTS)):
            raise NotFound("mail")
        story = list(DIGESTS)[int(number)]
        shown = "".join(
            _card(mail.subject, f"{mail.kind} &middot; {locale}", mail.html, mail.text)
            for locale in languages()
            for mail in [digest_specimen(story, locale, wiring.links())]
        )
        return html(story, shown)

    @bp.route("/sandbox/mails/kinds/{number}", methods=["GET"])
    @boundary
    def get_kind(number: str) -> Response:
        if not (number.isascii() and number.isdigit() and int(number[:9]) < len(EVERY)):
            raise NotFound("mail")
        story, effect = EVERY[int(number)]
        shown = "".join(
            _card(mail.subject, f"{mail.kind} &middot; {locale}", mail.html, mail.text)
            for locale in languages()
            for mail in [specimen(story, effect, locale, wiring.links())]
        )
        return html(f"{story}: {effect}", shown)

    return bp


def by_sns(message: str) -> dict[str, Any]:
    """The event by which SNS hands a message to a Lambda."""
    return {
        "Records": [{"EventSource": "aws:sns", "Sns": {"Subject": None, "Message": message, "MessageAttributes": {}}}]
    }


def came_back(mail: SentMail, what: str) -> dict[str, Any]:
    """SES's notice about a mail: it arrived, is late, bounced for good, or its reader complained."""
    headers = [{"name": "X-Batal-Case", "value": mail.case_id}, {"name": "X-Batal-Effect", "value": mail.effect_id}]
    told_as, at = f"sandbox-{next(_told)}", wiring.now().isoformat()
    about = {"messageId": told_as, "timestamp": at, "destination": [mail.to], "headers": headers}
    recipient = [{"emailAddress": mail.to}]
    if what == "delivery":
        return {"eventType": "Delivery", "mail": about, "delivery": {"timestamp": at, "recipients": [mail.to]}}
    if what == "late":
        late = {"timestamp": at, "delayType": "MailboxFull", "delayedRecipients": recipient}
        return {"eventType": "DeliveryDelay", "mail": about, "deliveryDelay": late}
    if what == "bounce":
        bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipient}
        return {"eventType": "Bounce", "mail": about, "bounce": bounce}
    return {"eventType": "Complaint", "mail": about, "complaint": {"complainedRecipients": recipient}}


def told_by_bucket(mail: SentMail, given: dict[str, str]) -> dict[str, Any]:
    """The same as SES tells it by its S3 action: the answer lies in the bucket, the notice names its key."""
    notice = answered(mail, given)
    return into_bucket(notice, b64decode(notice["content"]))


def into_bucket(notice: dict[str, Any], raw: bytes) -> dict[str, Any]:
    """Lay a received mail into the bucket; the notice that tells of it."""
    key = f"mails/{notice['mail']['messageId']}"
    boto3.client("s3").put_object(Bucket=RECEIVED, Key=key, Body=raw)
    action = {"type": "S3", "bucketName": RECEIVED, "objectKeyPrefix": "mails/", "objectKey": key}
    told = {name: value for name, value in notice.items() if name != "content"}
    return told | {"receipt": notice["receipt"] | {"action": action}}


def answered(mail: SentMail, given: dict[str, str]) -> dict[str, Any]:
    """SES's notice about an answer to a mail, with the answered mail quoted below it, as mail programs do."""
    answer = EmailMessage()
    answer["From"], answer["To"] = given.get("from", mail.to), mail.reply_to
    answer["Subject"] = f"Re: {mail.subject}"
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    answer.set_content(f"{given.get('text', '')}\n\nOn Monday, Batal wrote:\n{quoted}\n")
    passed = {f"{name}Verdict": {"status": "PASS"} for name in ("spam", "virus", "spf", "dkim", "dmarc")}
    return {
        "notificationType": "Received",
        "mail": {"messageId": f"sandbox-{next(_told)}", "destination": [mail.reply_to]},
        "receipt": {"recipients": [mail.reply_to], **passed, "action": {"type": "SNS", "encoding": "BASE64"}},
        "content": b64encode(answer.as_bytes()).decode(),
    }


def _sent(number: int, mail: SentMail) -> str:
    to_form = f'<form method="post" action="{address("/sandbox/mails")}">'
    to_form += f'<input type="hidden" name="number" value="{number}">'
    back = "".join(
        f'{to_form}<button name="what" value="{what}">{words}</button></form>' for what, words in _COMES_BACK.items()
    )
    reply = f'{to_form}<label>Answer it <textarea name="text" rows="2" required></textarea></label>'
    reply += '<button name="what" value="reply">Send</button></form>'
    more = f"<details><summary>What may come back</summary>{reply}{back}</details>"
    return _card(mail.subject, f"To {escape(mail.to)} &middot; {escape(mail.kind)}", mail.html, mail.text, more)


def _card(subject: str, about: str, content: str, text: str, more: str = "") -> str:
    # Links in a mail open the page itself, not the little frame.
    framed = content.replace("<head>", '<head><base target="_top">', 1)
    return (
        f"<article><h2>{escape(subject)}</h2><p>{about}</p>"
        f'<iframe title="{escape(subject)}" sandbox="allow-popups allow-top-navigation-by-user-activation" '
        f'srcdoc="{escape(framed)}"></iframe><details><summary>Text</summary><pre>{escape(text)}</pre></details>'
        f"{more}</article>"
    )
