"""The mail to whoever cares for a receiver of events that does not answer any more."""

from urllib.parse import urlsplit

from chalicelib.domain.cases.webhooks import OffWhy, Webhook
from chalicelib.domain.ports import Mail
from chalicelib.locales import say
from chalicelib.mail.notice import notice

KIND = "webhook_off"
# Engineers of every country read it.
_LANGUAGE = "en"


def compose_off(webhook: Webhook, *, page: str) -> Mail:
    """Which one, since when, why, and what to do; `page` is where operators see it. The address itself may hold a
    secret, so only its host is named."""

    def t(key: str, **facts: object) -> str:
        return say(f"mail.{key}", _LANGUAGE, **facts)

    host = urlsplit(webhook.url).hostname or ""
    return notice(
        t,
        to=webhook.contact,
        locale=_LANGUAGE,
        kind=KIND,
        subject=t("webhook_off.subject", host=host),
        lead=t(f"webhook_off.lead.{webhook.off or OffWhy.SILENT}", host=host),
        onward=t("webhook_off.next", page=page),
    )
