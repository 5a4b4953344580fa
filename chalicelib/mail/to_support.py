"""The message that a buyer sends to customer service themselves: an e-mail, a line for a chat, words for a call."""

from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.people.help import Wanted
from chalicelib.locales import has, say
from chalicelib.mail.typed import one_line


def write(
    channel: str,
    *,
    order_id: str | None,
    reason: str | None,
    wanted: Wanted = Wanted.CANCELLATION,
    number: str | None = None,
    name: str | None = None,
    phone: str | None = None,
    locale: str = "id",
) -> dict[str, Any]:
    """Subject (for e-mails) and text, in `id` or `en`, for what is `wanted`; `number` is that of the latest request.

    Raises Invalid `message_incomplete` naming what is missing: without order number and reason nobody can help.
    """
    facts = {"order_id": one_line(order_id or ""), "reason": one_line(reason or "")}
    missing = [field for field, value in facts.items() if not value]
    if missing:
        raise Invalid("message_incomplete", missing=missing)
    facts["number"] = number or ""

    def words(what: str) -> str:
        own = f"help.{what}.{wanted.value}"
        if number and has(f"{own}.numbered", locale):
            own = f"{own}.numbered"
        return say(own if has(own, locale) else f"help.{what}", locale, **facts)

    who = one_line(name or "")
    signed = [line for line in (who, one_line(phone or "")) if line]
    if channel == "chat":
        return {"channel": channel, "subject": None, "text": words("chat")}
    opening = say(f"help.{channel}.opening.{'named' if who else 'nameless'}", locale, name=who)
    paragraphs = [
        opening,
        words(f"{channel}.request"),
        words("facts"),
        words(f"{channel}.ask"),
    ]
    if channel == "email":
        paragraphs.append("\n".join([say("help.email.closing", locale), *signed]))
    subject = words("email.subject") if channel == "email" else None
    return {"channel": channel, "subject": subject, "text": "\n\n".join(paragraphs)}
