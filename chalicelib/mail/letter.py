"""What the kinds of mail draw on: the case, its order, the reader, and the facts that several kinds tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.cases.beside import NOTHING_BESIDE, Beside
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.effects import MailKind
from chalicelib.domain.cases.milestones import standing
from chalicelib.domain.money.chargebacks import waits_for
from chalicelib.domain.money.explanation import Explanation, explanation, paid_by
from chalicelib.domain.money.refund import RefundPart
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.zones import Zone
from chalicelib.locales import formats, has, say
from chalicelib.locales.explanations import Words, of_paid, why
from chalicelib.locales.tenders import paid_with
from chalicelib.mail.ports import Links
from chalicelib.mail.typed import one_line, prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a kind of mail may draw on."""

    case: Case
    order: Order
    to: Role
    locale: str
    links: Links
    home: Zone = Zone.WIB
    beside: Beside = NOTHING_BESIDE

    @property
    def zone(self) -> Zone:
        """The zone that its reader lives in; whoever's is not told reads the marketplace's time."""
        told = {Role.BUYER: self.order.body.buyer.zone, Role.SELLER: self.order.body.seller.zone}.get(self.to)
        return told or self.home

    @property
    def goods(self) -> list[tuple[str, int, str | None]]:
        """What the request is about: its name, how many, and where its picture lies, if that may be shown. Goodwill is
        about no piece: the order's goods say which order it is."""
        lines = self.order.body.lines
        about = {line.line_id: line.quantity for line in lines} if self.case.is_goodwill else self.case.lines
        return [
            (one_line(line.name), about[line.line_id], self.links.picture(line.image_url))
            for line in lines
            if line.line_id in about
        ]

    def t(self, key: str, **facts: object) -> str:
        """A text of the mails in the reader's language; returns, those of them without goods (and goodwill), and
        cancellations of a part have words of their own where they need them."""
        about = ["return."] if self.case.kind is Kind.RETURN else ["some."] if self.case.is_of_some else []
        if self.case.is_money_alone or self.case.is_goodwill or self.case.keeps_goods:
            about = ["money_alone.", *about]
        own = (f"mail.{each}{key}" for each in about)
        return say(next((each for each in own if has(each, self.locale)), f"mail.{key}"), self.locale, **facts)

    def money(self, amount: int) -> str:
        """Minor units as money."""
        return formats.money(amount, self.case.quote.currency, self.locale)

    def waits(self, *states: State) -> dict[str, str] | None:
        """The deadline, `by` as subjects say it, and what silence will mean, while the case still waits in one of
        these states (or anywhere)."""
        case = self.case
        if (states and case.state not in states) or case.deadline_at is None or case.if_silent is None:
            return None
        return {
            "deadline": formats.deadline(case.deadline_at, self.locale, self.zone),
            "by": formats.brief_deadline(case.deadline_at, self.locale, self.zone),
            "silence": say(f"silence.{case.if_silent}", self.locale),
        }


Context = Mapping[str, Any]
Rows = list[tuple[str, str]]

# What each kind of mail says, by the functions of kinds.py, exchanges.py and money.py.
KINDS: dict[MailKind, Callable[[Letter], Context]] = {}


def kind(which: MailKind) -> Callable[[Callable[[Letter], Context]], Callable[[Letter], Context]]:
    """Register a function as what a kind of mail says, in one place beside its words."""

    def registered(says: Callable[[Letter], Context]) -> Callable[[Letter], Context]:
        KINDS[which] = says
        return says

    return registered


def quoted(key: str, comment: str | None) -> tuple[str, list[str]] | None:
    lines = prose(comment or "")
    return (key, lines) if lines else None


def reason(letter: Letter) -> Rows:
    asked = letter.case.asked
    label = letter.t("reason.elsewhere" if letter.case.kind is Kind.CORRECTION else "reason")
    if asked.reason_code:
        return [(label, say(f"reason.{asked.reason_code}", letter.locale))]
    # Of a correction the comment is the platform's own word.
    return [(label, one_line(asked.comment))] if letter.case.kind is Kind.CORRECTION and asked.comment else []


def appeal(letter: Letter) -> list[str]:
    """How a buyer whom somebody, or nobody's word, refused asks for a second look, and until when."""
    until = letter.beside.appeal_until
    if until is None or letter.to is not Role.BUYER:
        return []
    return [letter.t("appeal", until=formats.deadline(until, letter.locale, letter.zone))]


def amount(letter: Letter, key: str | None = None) -> Rows:
    whose = "amount.buyer" if letter.to is Role.BUYER else "amount"
    return [(letter.t(key or whose), letter.money(letter.case.quote.refund_total))]


def explained(letter: Letter) -> Words:
    """Why the refund that a mail names comes to its total."""
    return why(_explanation(letter), letter.locale, letter.case.case_id)


def _explanation(letter: Letter) -> Explanation:
    return explanation(letter.case.quote, paid_by(letter.order), letter.case.refund)


def parts(letter: Letter) -> list[tuple[str, str, str]]:
    """Method, money with what it is a part of, and how far it has come."""
    refund, currency = letter.case.refund, letter.case.quote.currency
    if refund is None:
        return []
    ways = _explanation(letter).ways
    return [
        (
            paid_with(part.method, part.channel, letter.locale),
            of_paid(way, currency, letter.locale),
            how_far(letter.case, part, letter.order, letter.to, letter.locale, letter.zone),
        )
        for part, way in zip(refund.going, ways, strict=True)
    ]


def how_far(
    case: Case, part: RefundPart, order: Order, to: Role, locale: str, zone: Zone, now: datetime | None = None
) -> str:
    """How far a part of a case's refund has come, in words to its buyer or to somebody else. A mail, which is read at
    any time, knows no `now`: it calls nothing late."""
    stands = standing(case, part, waits=part.tender_id in waits_for(order), now=now)
    key = stands if to is Role.BUYER else f"{stands}.others"
    since = formats.day(part.report.at, locale, zone) if part.report else ""
    return say(f"mail.part.{key}", locale, day=last_day(part.arrives_by, locale, zone), since=since)


def last_day(arrives_by: datetime, locale: str, zone: Zone) -> str:
    """Midnight ends the day before it: what arrives by Tuesday 00:00 arrives on Monday at the latest."""
    return formats.day(arrives_by - timedelta(microseconds=1), locale, zone)
