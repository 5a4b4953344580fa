"""What each kind of mail says, beyond what all mails say: its lead, its facts, what comes next.

Each function returns its template's context; composing.py fills in what it leaves out. A mail is written when it is
paid, so the case may have moved on since it was promised: nothing here relies on a deadline or a decision still being
the one of that moment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain.case import Case, PartState, RefundPart, Role, State
from chalicelib.domain.deadline import Zone
from chalicelib.domain.order import PARCEL_LEFT, Order, OrderStatus
from chalicelib.domain.refunding import PAID_AT_ONCE
from chalicelib.domain.transitions import Command
from chalicelib.locales import formats, say
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

    def t(self, key: str, **facts: object) -> str:
        """A text of the mails in the reader's language."""
        return say(f"mail.{key}", self.locale, **facts)

    def money(self, amount: int) -> str:
        """Minor units as money."""
        return formats.money(amount, self.case.quote.currency, self.locale)

    def waits(self, state: State) -> dict[str, str] | None:
        """The deadline and what silence will mean, while the case still waits there."""
        case = self.case
        if case.state is not state or case.deadline_at is None or case.if_silent is None:
            return None
        return {
            "deadline": formats.moment(case.deadline_at, self.locale, Zone.WIB),
            "silence": say(f"silence.{case.if_silent}", self.locale),
        }


Context = Mapping[str, Any]
Rows = list[tuple[str, str]]


def request_received(letter: Letter) -> Context:
    """The buyer asked; the seller answers by the deadline."""
    waits = letter.waits(State.AWAITING_SELLER)
    return {
        "lead": letter.t(f"request_received.{letter.to}.lead"),
        "next": [letter.t("request_received.buyer.next", **waits)] if waits else [],
        "rows": [*_reason(letter), *_amount(letter, "amount.if_approved")],
    }


def decision_needed(letter: Letter) -> Context:
    """The seller is asked to answer, by a signed link."""
    waits = letter.waits(State.AWAITING_SELLER)
    where = "shipped" if letter.case.order_status in PARCEL_LEFT else "here"
    return {
        "lead": letter.t(f"decision_needed.{letter.to}.lead.{where}"),
        "next": [letter.t("decision_needed.seller.next", **waits)] if waits else [],
        "rows": [*_reason(letter), *_amount(letter, "amount.if_approved")],
        "said": _said("comment.buyer", letter.case.asked.comment),
        "button": letter.t("decision_needed.seller.button"),
        "button_link": letter.links.decision(letter.case),
        "care": letter.t("decision_needed.seller.care"),
    }


def approved(letter: Letter) -> Context:
    """The order is cancelled; who agreed, and what goes back."""
    lead = letter.t(f"approved.{letter.to}.lead.{_who_agreed(letter.case)}")
    said = _said(*_comment_of_decision(letter.case))
    total = letter.case.quote.refund_total
    if letter.to is Role.SELLER:
        where = "shipped" if letter.case.order_status in PARCEL_LEFT else "here"
        return {
            "subject": letter.t(f"approved.seller.subject.{where}", order_id=letter.case.order_id),
            "lead": lead,
            "next": [letter.t(f"approved.seller.next.{where}")],
            "rows": [*_reason(letter), *_amount(letter)],
            "said": said,
        }
    key = "approved.buyer.money" if total else "approved.buyer.nothing"
    return {
        "lead": lead,
        "rows": _kept(letter),
        "said": said,
        "parts_lead": letter.t(key, amount=letter.money(total)),
        "parts": _parts(letter),
    }


def rejected(letter: Letter) -> Context:
    """The request was refused, and why; the order goes on."""
    decision = letter.case.decision
    who = Role.SUPPORT if decision and decision.by.role is Role.SUPPORT else Role.SELLER
    rows = []
    if decision and decision.reason_code:
        rows.append((letter.t("reason_refused"), say(f"refusing_reason.{decision.reason_code}", letter.locale)))
    if decision and decision.tracking_number:
        rows.append((letter.t("tracking"), one_line(decision.tracking_number)))
    return {
        "lead": letter.t(f"rejected.{letter.to}.lead.{who}"),
        "next": [letter.t(f"rejected.{letter.to}.next")],
        "rows": rows,
        "said": _said(*_comment_of_decision(letter.case)),
    }


def expired(letter: Letter) -> Context:
    """Nobody answered, and that ends the request. Whose silence it was, the seller's or support's, is not said."""
    return {"lead": letter.t(f"expired.{letter.to}.lead"), "next": [letter.t(f"expired.{letter.to}.next")]}


def withdrawn(letter: Letter) -> Context:
    """The buyer took the request back."""
    return {"lead": letter.t(f"withdrawn.{letter.to}.lead")}


def escalated(letter: Letter) -> Context:
    """Customer service decides: nobody answered, or the parcel moved, or both."""
    waits = letter.waits(State.AWAITING_SUPPORT)
    return {
        "lead": letter.t(f"escalated.{letter.to}.lead.{_why_escalated(letter.case)}"),
        "next": [letter.t("escalated.next", **waits)] if waits else [],
        "rows": _reason(letter),
    }


def overtaken(letter: Letter) -> Context:
    """The parcel left, or the platform cancelled the order itself, before anybody decided."""
    moved = letter.case.moved_to
    why = "order" if moved == OrderStatus.CANCELLED else "parcel"
    tells = letter.to is Role.BUYER and moved != OrderStatus.COMPLETED  # completed: no return either (product.md 1.1)
    return {
        "lead": letter.t(f"overtaken.{letter.to}.lead.{why}"),
        "next": [letter.t(f"overtaken.buyer.next.{why}")] if tells else [],
    }


def money_returned(letter: Letter) -> Context:
    """The money went back, part by part."""
    amount = letter.money(letter.case.quote.refund_total)
    return {
        "subject": letter.t(f"money_returned.{letter.to}.subject", order_id=letter.case.order_id, amount=amount),
        "lead": letter.t(f"money_returned.{letter.to}.lead", amount=amount),
        "rows": _kept(letter),
        "parts_lead": letter.t("money_returned.buyer.parts"),
        "parts": _parts(letter),
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


def _who_agreed(case: Case) -> str:
    decision = case.decision
    if decision is None or decision.command == Command.ASK:
        return "instant"
    if decision.command == Command.EXPIRE:
        return "silence"
    return str(decision.by.role)


def _why_escalated(case: Case) -> str:
    """While support has not decided, the last decision still tells whether silence brought the case there."""
    if not case.moved_to:
        return "silence"
    still_there = case.state is State.AWAITING_SUPPORT and case.decision is not None
    return "both" if still_there and case.decision and case.decision.command == Command.EXPIRE else "moved"


def _comment_of_decision(case: Case) -> tuple[str, str | None]:
    """What was said along with the decision; a note of support's is among staff and never goes out."""
    decision = case.decision
    if decision is None or decision.by.role not in (Role.SELLER, Role.SUPPORT):
        return "comment", None
    return f"comment.{decision.by.role}", decision.comment


def _said(key: str, comment: str | None) -> tuple[str, list[str]] | None:
    lines = prose(comment or "")
    return (key, lines) if lines else None


def _reason(letter: Letter) -> Rows:
    code = letter.case.asked.reason_code
    return [(letter.t("reason"), say(f"reason.{code}", letter.locale))] if code else []


def _amount(letter: Letter, key: str = "amount") -> Rows:
    return [(letter.t(key), letter.money(letter.case.quote.refund_total)), *_kept(letter)]


def _kept(letter: Letter) -> Rows:
    fees = letter.case.quote.fees_total
    return [(letter.t("kept"), letter.money(fees))] if fees else []


def _parts(letter: Letter) -> list[tuple[str, str, str]]:
    """Method, money, and how far it has come."""
    refund = letter.case.refund
    return [
        (
            say(f"method.{part.method}", letter.locale),
            letter.money(part.amount),
            letter.t(f"part.{_how_far(part)}", day=_last_day(letter, part)),
        )
        for part in (refund.parts if refund else ())
    ]


def _how_far(part: RefundPart) -> str:
    if part.state is PartState.FAILED:
        return "failed"
    if part.state is PartState.PAID:
        return "in_wallet" if part.method in PAID_AT_ONCE else "sent"
    return "due"


def _last_day(letter: Letter, part: RefundPart) -> str:
    """Midnight ends the day before it: what arrives by Tuesday 00:00 arrives on Monday at the latest."""
    return formats.day(part.arrives_by - timedelta(microseconds=1), letter.locale, Zone.WIB)
