"""The mail to whoever cares for a receiver of events that does not answer any more."""

from urllib.parse import urlsplit

from chalicelib.domain.cases.webhooks import OffWhy, Webhook
from chalicelib.domain.ports import Mail
from chalicelib.locales import say
from chalicelib.mail.composing import templates

KIND = "webhook_off"
# Engineers of every country read it.
_LANGUAGE = "en"


def compose_off(webhook: Webhook, *, page: str) -> Mail:
    """Which one, since when, why, and what to do; `page` is where operators see it. The address itself may hold a
    secret, so only its host is named."""

    def t(key: str, **facts: object) -> str:
        return say(f"mail.{key}", _LANGUAGE, **facts)

    host = urlsplit(webhook.url).hostname or ""
    subject = t("webhook_off.subject", host=host)
    shared = {
        "locale": _LANGUAGE,
        "t": t,
        "subject": subject,
        "name": "",
        "lead": t(f"webhook_off.lead.{webhook.off or OffWhy.SILENT}", host=host),
        "files": (),
        "next": t("webhook_off.next", page=page),
        "case_link": None,
        "sender": "Batal",
    }
    return Mail(
        to=webhook.contact,
        subject=subject,
        text=templates().get_template("untaken.txt.j2").render(shared).strip() + "\n",
        html=templates().get_template("untaken.html.j2").render(shared),
        kind=KIND,
        case_id="",
        effect_id="",
        locale=_LANGUAGE,
    )
