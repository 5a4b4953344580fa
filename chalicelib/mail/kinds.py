"""What each kind of mail says, beyond what all mails say: its lead, its facts, what comes next.

Each function returns its template's context. Texts are keys, looked up when rendered; `Words` carries the reader's
language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.domain.case import Case, Role
from chalicelib.domain.deadline import Zone
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.transitions import Command
from chalicelib.locales import formats, say


class Links(Protocol):
    """Makes the addresses that mails lead to."""

    def case(self, case_id: str) -> str:
        """A case's page."""

    def decision(self, case: Case) -> str:
        """The seller's signed link for the present wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a kind of mail may draw on."""

    case: Case
    order: Order
    to: Role
    locale: str
    links: Links

    def t(self, key: str, **facts: object) -> str:
        """A text of the mails in the reader's language."""
        return say(f"mail.{key}", self.locale, **facts)

    def money(self, amount: int) -> str:
        """Minor units as money."""
        return formats.money(amount, self.case.quote.currency, self.locale)

    def deadline(self) -> str:
        """The case's present deadline, with its zone; a dash where none runs any more."""
        at = self.case.deadline_at
        return formats.moment(at, self.locale, Zone.WIB) if at else "-"

    def silence(self) -> str:
        """What silence will mean, as half a sentence."""
        return say(f"silence.{self.case.if_silent}", self.locale) if self.case.if_silent else ""


Context = Mapping[str, Any]


def request_received(letter: Letter) -> Context:
    """The buyer asked; the seller answers by the deadline."""
    facts = {"deadline": letter.deadline(), "silence": letter.silence()}
    return {
        "lead": letter.t("request_received.buyer.lead"),
        "next": letter.t("request_received.buyer.next", **facts),
        "rows": [*_reason(letter), *_amount(letter)],
    }


def decision_needed(letter: Letter) -> Context:
    """The seller is asked to answer, by a signed link."""
    facts = {"deadline": letter.deadline(), "silence": letter.silence()}
    return {
        "lead": letter.t("decision_needed.seller.lead"),
        "next": letter.t("decision_needed.seller.next", **facts),
        "rows": [*_reason(letter), *_comment(letter, letter.case.asked.comment), *_amount(letter)],
        "button": letter.t("decision_needed.seller.button"),
        "button_link": letter.links.decision(letter.case),
        "care": letter.t("decision_needed.seller.care"),
    }


def approved(letter: Letter) -> Context:
    """The order is cancelled; who agreed, and what goes back."""
    lead = letter.t(f"approved.{letter.to}.lead.{_who_agreed(letter.case)}")
    if letter.to is Role.SELLER:
        return {"lead": lead, "next": letter.t("approved.seller.next"), "rows": _reason(letter), "parts": []}
    total = letter.case.quote.refund_total
    key = "approved.buyer.next.money" if total else "approved.buyer.next.nothing"
    return {"lead": lead, "next": letter.t(key, amount=letter.money(total)), "rows": [], "parts": _parts(letter)}


def rejected(letter: Letter) -> Context:
    """The request was refused, and why; the order goes on."""
    decision = letter.case.decision
    who = Role.SUPPORT if decision and decision.by.role is Role.SUPPORT else Role.SELLER
    rows = []
    if decision and decision.reason_code:
        why = say(f"refusing_reason.{decision.reason_code}", letter.locale)
        rows = [(letter.t("reason"), why), *_comment(letter, decision.comment)]
        if decision.tracking_number:
            rows.append((letter.t("tracking"), one_line(decision.tracking_number)))
    return {
        "lead": letter.t(f"rejected.{letter.to}.lead.{who}"),
        "next": letter.t(f"rejected.{letter.to}.next"),
        "rows": rows,
    }


def expired(letter: Letter) -> Context:
    """Nobody answered, and that ends the request."""
    return {"lead": letter.t(f"expired.{letter.to}.lead"), "next": letter.t(f"expired.{letter.to}.next"), "rows": []}


def withdrawn(letter: Letter) -> Context:
    """The buyer took the request back."""
    return {"lead": letter.t(f"withdrawn.{letter.to}.lead"), "next": "", "rows": []}


def escalated(letter: Letter) -> Context:
    """Customer service decides: nobody answered, or the parcel moved."""
    why = "moved" if letter.case.moved_to else "silence"
    return {
        "lead": letter.t(f"escalated.{letter.to}.lead.{why}"),
        "next": letter.t("escalated.next", deadline=letter.deadline()),
        "rows": _reason(letter),
    }


def overtaken(letter: Letter) -> Context:
    """The parcel left, or the platform cancelled the order itself, before anybody decided."""
    why = "order" if letter.case.moved_to == OrderStatus.CANCELLED else "parcel"
    then = letter.t(f"overtaken.buyer.next.{why}") if letter.to is Role.BUYER else ""
    return {"lead": letter.t(f"overtaken.{letter.to}.lead.{why}"), "next": then, "rows": []}


def money_returned(letter: Letter) -> Context:
    """The money went back, part by part."""
    return {
        "lead": letter.t("money_returned.buyer.lead"),
        "next": letter.t("money_returned.buyer.next"),
        "rows": [],
        "parts": _parts(letter),
        "subject_facts": {"amount": letter.money(letter.case.quote.refund_total)},
    }


KINDS: Mapping[str, Callable[[Letter], Context]] = {
    kind.__name__: kind
    for kind in (
        request_received,
        decision_needed,
        approved,
        rejected,
        expired,
        withdrawn,
        escalated,
        overtaken,
        money_returned,
    )
}

# Controls, line breaks, bidirectional overrides and zero-width signs: in one line they only serve to deceive.
_DECEIVING = {
    *range(0x20),
    *range(0x7F, 0xA0),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xD800, 0xE000),
}
_PLAIN = dict.fromkeys(_DECEIVING, " ")


def one_line(text: str, most: int = 200) -> str:
    """What somebody typed, fit for one line of a mail: at most `most` characters, nothing that deceives."""
    return " ".join(text.translate(_PLAIN).split())[:most]


def _who_agreed(case: Case) -> str:
    decision = case.decision
    if decision is None or decision.command == Command.ASK:
        return "instant"
    if decision.command == Command.EXPIRE:
        return "silence"
    return str(decision.by.role)


def _reason(letter: Letter) -> list[tuple[str, str]]:
    code = letter.case.asked.reason_code
    return [(letter.t("reason"), say(f"reason.{code}", letter.locale))] if code else []


def _comment(letter: Letter, comment: str | None) -> list[tuple[str, str]]:
    return [(letter.t("comment"), one_line(comment, most=2000))] if comment else []


def _amount(letter: Letter) -> list[tuple[str, str]]:
    return [(letter.t("amount"), letter.money(letter.case.quote.refund_total))]


def _parts(letter: Letter) -> list[tuple[str, str, str]]:
    """Method, money, latest day of arrival."""
    refund = letter.case.refund
    return [
        (
            say(f"method.{part.method}", letter.locale),
            letter.money(part.amount),
            letter.t("arrives_by", day=formats.day(part.arrives_by, letter.locale, Zone.WIB)),
        )
        for part in (refund.parts if refund else ())
    ]
