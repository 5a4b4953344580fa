"""From a promised effect to a mail ready to send."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain.cases.awaited import Awaited, awaited_of
from chalicelib.domain.cases.beside import NOTHING_BESIDE, Beside
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Mail as MailEffect
from chalicelib.domain.cases.effects import MailKind, Promise, encode
from chalicelib.domain.cases.events import PersonTell
from chalicelib.domain.orders.body import Person
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.ports import Mail
from chalicelib.domain.zones import Zone
from chalicelib.locales import has, known, say
from chalicelib.locales.harmless import shown
from chalicelib.mail import exchanges, kinds, money, reminders  # noqa: F401 - the kinds register themselves
from chalicelib.mail.letter import KINDS, Context, Letter
from chalicelib.mail.ports import Links
from chalicelib.mail.subjects import subject
from chalicelib.mail.typed import one_line

if TYPE_CHECKING:
    from jinja2 import Environment

# EventBridge takes 256 KB, in JSON, where one character may be written as twelve.
_MOST_TOLD = 20_000

# What a kind may leave out of its context.
_NOTHING: Mapping[str, Any] = {
    "rows": [],
    "said": None,
    "parts_lead": None,
    "parts": [],
    "why": None,
    "next": [],
    "button": None,
    "button_link": None,
    "care": None,
}


def compose(
    promise: Promise,
    case: Case,
    order: Order,
    beside: Beside = NOTHING_BESIDE,
    *,
    links: Links,
    sender_name: str = "Batal",
    zone: Zone = Zone.WIB,
) -> Mail:
    """The mail that is promised, in its reader's language. Raises KeyError where no mail is, none for this role, or
    nowhere to send it."""
    reader, shared = _filled(
        promise, case, order, beside, links=links, sender_name=sender_name, zone=zone, by_mail=True
    )
    if reader.mailbox is None:
        raise KeyError("mailbox")
    return Mail(
        to=reader.mailbox,
        subject=shared["subject"],
        text=_as_text(shared),
        html=templates().get_template("layout.html.j2").render(shared),
        kind=shared["kind"],
        case_id=case.case_id,
        effect_id=encode(promise),
        locale=shared["locale"],
        reply_to=shared["reply_to"],
        thread=f"{case.case_id}.{shared['to']}",
    )


def tell(
    promise: Promise,
    case: Case,
    order: Order,
    beside: Beside = NOTHING_BESIDE,
    *,
    links: Links,
    sender_name: str = "Batal",
    zone: Zone = Zone.WIB,
) -> PersonTell:
    """What the marketplace is asked to tell the reader of the mail that is promised; what is too long for an event ends
    with the link. Raises KeyError where no mail is, or none for this role."""
    reader, shared = _filled(
        promise, case, order, beside, links=links, sender_name=sender_name, zone=zone, by_mail=False
    )
    text, link = _as_text(shared), shared["button_link"] or shared["case_link"]
    return PersonTell(
        role=shared["to"],
        person_id=reader.id,
        mail_kind=shared["kind"],
        locale=shared["locale"],
        subject=shared["subject"],
        text=text if len(text) <= _MOST_TOLD else _cut(text, link),
        link=link,
    )


def _cut(text: str, link: str) -> str:
    whole_lines = text[:_MOST_TOLD].rpartition("\n")[0]
    return f"{whole_lines}\n…\n\n{link}\n"


def _filled(
    promise: Promise,
    case: Case,
    order: Order,
    beside: Beside,
    *,
    links: Links,
    sender_name: str,
    zone: Zone,
    by_mail: bool,
) -> tuple[Person, dict[str, Any]]:
    """Whom a promised mail is for, and what fills the layout."""
    if not isinstance(promise.effect, MailEffect):
        raise KeyError(encode(promise))
    kind, to = promise.effect.kind, promise.effect.to
    reader = {Role.BUYER: order.body.buyer, Role.SELLER: order.body.seller}[to]
    locale = known(reader.locale)
    letter = Letter(case=case, order=order, to=to, locale=locale, links=links, beside=beside, home=zone)
    context = {**_NOTHING, **KINDS[kind](letter)}
    platform = _platform(case.platform, locale)
    return reader, {
        **context,
        "said": _own_words(context["said"], to),
        "locale": locale,
        "t": letter.t,
        "subject": headline(letter, kind, context),
        "name": one_line(reader.name),
        "sender": one_line(sender_name),
        "order_id": one_line(case.name_for_people),
        "case_id": case.number,
        "platform": platform,
        "lines": letter.goods,
        "case_link": links.case(case.case_id),
        "to_case": _to_case(letter),
        # An answer by mail is a message; who reads it as their decision would wait until silence decides.
        "decides": case.waiting_for is to,
        "reply_to": links.reply(case.case_id, to) if by_mail else None,
        "footer": letter.t("footer" if by_mail else "footer.told", case_id=case.number, platform=platform),
        "kind": str(kind),
        "to": str(to),
    }


def headline(letter: Letter, kind: MailKind, context: Context) -> str:
    """The subject of a mail of this kind, of which its function said this."""
    return one_line(context.get("subject") or subject(letter, f"{kind}.{letter.to}.subject"))


def _to_case(letter: Letter) -> str:
    """What the button to the case's page says: what is to be done there, where it is for this reader to do it."""
    awaited = awaited_of(letter.case, letter.to)
    return letter.t("to_case" if awaited in (None, Awaited.ANSWER) else f"awaited.{awaited}.button")


def _own_words(said: tuple[str, list[str]] | None, to: Role) -> tuple[str, list[str]] | None:
    """What is quoted in a mail: whoever wrote it reads that it is theirs."""
    return ("comment.you", said[1]) if said and said[0] == f"comment.{to}" else said


def _as_text(shared: Mapping[str, Any]) -> str:
    text: str = templates().get_template("layout.txt.j2").render(shared)
    return text.strip() + "\n"


def _platform(name: str, locale: str) -> str:
    key = f"platform.{name}"
    return say(key, locale) if has(key, locale) else one_line(name)


@cache
def templates() -> "Environment":
    """The templates of all mails."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("chalicelib.mail", "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
