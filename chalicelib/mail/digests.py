"""The mail with all that waits for a seller: each request in a line, and one button to the page with theirs."""

from collections.abc import Sequence

from chalicelib.domain.cases.awaited import Awaited, awaited_of
from chalicelib.domain.cases.beside import NOTHING_BESIDE, Beside
from chalicelib.domain.cases.case import Case
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.people.digests import DigestTold, News
from chalicelib.domain.ports import Mail
from chalicelib.domain.zones import Zone
from chalicelib.locales import known, say
from chalicelib.mail.composing import headline, templates
from chalicelib.mail.letter import KINDS, Letter, reason
from chalicelib.mail.ports import Links
from chalicelib.mail.subjects import dated
from chalicelib.mail.typed import one_line

KIND = "digest"


def compose_digest(told: DigestTold, *, links: Links, sender_name: str = "Batal", zone: Zone = Zone.WIB) -> Mail:
    """A digest in its reader's language. Raises KeyError where there is nowhere to send it."""
    reader, locale = told.reader, known(told.reader.locale)
    if reader.mailbox is None:
        raise KeyError("mailbox")

    def t(key: str, **facts: object) -> str:
        return say(f"mail.{key}", locale, **facts)

    def letter(case: Case, order: Order, beside: Beside = NOTHING_BESIDE) -> Letter:
        return Letter(case=case, order=order, to=Role.SELLER, locale=locale, links=links, home=zone, beside=beside)

    waiting = [_waits(letter(case, order)) for case, order in told.waiting]
    news = [_happened(letter(each.case, each.order, each.beside), each) for each in told.news]
    lists = [(t(f"digest.{name}"), lines) for name, lines in (("waiting", waiting), ("news", news)) if lines]
    first = letter(*told.waiting[0]).waits() if told.waiting else None
    subject = (
        t(f"digest.about.{'waits' if len(waiting) > 1 else 'one'}", count=len(waiting), **first)
        if first
        else t("digest.about.news", count=len({each.case.case_id for each in told.news}))
    )
    inbox = links.seller("/seller")
    shared = {
        "locale": locale,
        "t": t,
        "subject": subject,
        "name": one_line(reader.name),
        "sender": one_line(sender_name),
        "lead": t("digest.lead.waits" if waiting else "digest.lead.news"),
        "lists": lists,
        "more": t("digest.more", count=told.more) if told.more else None,
        "button": t("digest.button.waits" if waiting else "digest.button.news"),
        "button_link": links.digest(told.seller_id, told.at) if waiting else inbox,
        "care": t("decision_needed.seller.care") if waiting else None,
        "choose_link": links.seller("/seller/rules"),
        "footer": t("digest.footer"),
    }
    return Mail(
        to=reader.mailbox,
        subject=subject,
        text=templates().get_template("digest.txt.j2").render(shared).strip() + "\n",
        html=templates().get_template("digest.html.j2").render(shared),
        kind=KIND,
        case_id="",
        effect_id="",
        locale=locale,
    )


def _waits(letter: Letter) -> tuple[str, str]:
    """What is to be done, of which goods, how much, by when; and what else one decides by."""
    awaited = awaited_of(letter.case, letter.to) or Awaited.ANSWER
    key = "decision_needed.seller.subject" if awaited is Awaited.ANSWER else f"digest.waits.{awaited}"
    return dated(letter, letter.waits(), key), _about(letter, [text for _, text in reason(letter)])


def _happened(letter: Letter, news: News) -> tuple[str, str]:
    """What the mail about it would have had as its subject."""
    kind = news.mail.kind
    return headline(letter, kind, KINDS[kind](letter)), _about(letter, [])


def _about(letter: Letter, more: Sequence[str]) -> str:
    return " · ".join([f"{letter.t('order')}: {one_line(letter.case.name_for_people)}", *more])
