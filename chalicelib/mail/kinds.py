"""What each kind of mail about a request and its answer says, beyond what all mails say.

Each function returns what fills the one layout of all mails; composing.py fills in what it leaves out. A mail is
written when it is sent, so the case may have moved on since it was promised: nothing here relies on a deadline or a
decision still being the one of that moment.
"""

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.corrections import LATE_MONEY
from chalicelib.domain.cases.effects import MailKind
from chalicelib.domain.cases.milestones import is_there
from chalicelib.domain.cases.steps.late_parcels import may_yet_arrive
from chalicelib.domain.money.explanation import paid_by
from chalicelib.domain.orders.statuses import PARCEL_LEFT, OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import Kind, wants_evidence
from chalicelib.locales import say
from chalicelib.mail.letter import Context, Letter, Rows, amount, appeal, explained, kind, parts, quoted, reason
from chalicelib.mail.subjects import dated, subject
from chalicelib.mail.typed import one_line


@kind(MailKind.REQUEST_RECEIVED)
def request_received(letter: Letter) -> Context:
    """The buyer asked; the seller answers by the deadline."""
    waits = letter.waits(State.AWAITING_SELLER)
    return {
        "lead": letter.t(f"request_received.{letter.to}.lead"),
        "next": [
            *([letter.t("request_received.buyer.photos")] if waits and _wants_photos(letter) else []),
            *([letter.t("request_received.buyer.next", **waits)] if waits else []),
        ],
        "rows": [*reason(letter), *amount(letter, "amount.if_approved")],
        "why": explained(letter),
    }


@kind(MailKind.DECISION_NEEDED)
def decision_needed(letter: Letter) -> Context:
    """The seller is asked to answer, by a signed link."""
    waits = letter.waits(State.AWAITING_SELLER)
    where = "shipped" if letter.case.order_status in PARCEL_LEFT else "here"
    return {
        "subject": dated(letter, waits, "decision_needed.seller.subject"),
        "lead": letter.t(f"decision_needed.{letter.to}.lead.{where}"),
        "next": [letter.t("decision_needed.seller.next", **waits)] if waits else [],
        "rows": [*reason(letter), *amount(letter, "amount.if_approved")],
        "why": explained(letter),
        "said": quoted("comment.buyer", letter.case.asked.comment),
        "button": letter.t("decision_needed.seller.button"),
        "button_link": letter.links.decision(letter.case),
        "care": letter.t("decision_needed.seller.care"),
    }


@kind(MailKind.APPROVED)
def approved(letter: Letter) -> Context:
    """The order is cancelled; who agreed, and what goes back."""
    who = _who_agreed(letter.case)
    lead = letter.t(f"approved.{letter.to}.lead.{who}", order_id=letter.case.name_for_people)
    words = quoted(*_comment_of_decision(letter.case))
    total = letter.case.quote.refund_total
    if letter.to is Role.SELLER:
        where = _where_goods_are(letter.case)
        after = "quick" if who == "quick" else where
        return {
            "subject": subject(letter, f"approved.seller.subject.{where}"),
            "lead": lead,
            "next": [letter.t(f"approved.seller.next.{after}")],
            "rows": [*reason(letter), *amount(letter), *_dismissed(letter)],
            "why": explained(letter),
            "said": words,
        }
    key = f"approved.buyer.money{'.there' if is_there(letter.case) else ''}" if total else "approved.buyer.nothing"
    special = "goodwill" if letter.case.is_goodwill else "late" if who == "late" else None if total else "nothing"
    named = f"approved.buyer.subject.{special}" if special else "approved.buyer.subject"
    then = ["goodwill"] if letter.case.is_goodwill else ["shipped"] if may_yet_arrive(letter.case) else []
    return {
        "subject": subject(letter, named),
        "lead": lead,
        "next": [letter.t(f"approved.buyer.next.{each}") for each in then],
        "rows": [*_why_elsewhere(letter), *_dismissed(letter)],
        # Of what nobody paid there is nothing to explain.
        "why": explained(letter) if paid_by(letter.order) else None,
        "said": words,
        "parts_lead": letter.t(key, amount=letter.money(total)),
        "parts": parts(letter),
    }


@kind(MailKind.REJECTED)
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
        "next": [letter.t(f"rejected.{letter.to}.next"), *appeal(letter)],
        "rows": rows,
        "said": quoted(*_comment_of_decision(letter.case)),
    }


@kind(MailKind.EXPIRED)
def expired(letter: Letter) -> Context:
    """Silence ended the request: the buyer's, who was offered something or had goods to send; or somebody else's, and
    whether it was the seller's or support's is not said."""
    ending = letter.case.ending or "expired"
    return {
        "lead": letter.t(f"{ending}.{letter.to}.lead"),
        "next": [letter.t(f"expired.{letter.to}.next"), *appeal(letter)],
    }


@kind(MailKind.WITHDRAWN)
def withdrawn(letter: Letter) -> Context:
    """The buyer took the request back."""
    return {"lead": letter.t(f"withdrawn.{letter.to}.lead")}


@kind(MailKind.ESCALATED)
def escalated(letter: Letter) -> Context:
    """Customer service decides: nobody answered, the parcel moved, an offer led nowhere, a second person must look."""
    waits, why = letter.waits(State.AWAITING_SUPPORT), _why_escalated(letter.case)
    contest = letter.case.goods.contested if letter.case.goods and why == "contested" else None
    # Where somebody has agreed already, customer service's silence ends nothing.
    after = "escalated.next.until_decided" if letter.case.if_silent is Silence.ESCALATE else "escalated.next"
    return {
        "lead": letter.t(f"escalated.{letter.to}.lead.{why}"),
        "next": [
            *([letter.t(f"escalated.{letter.to}.show")] if contest and waits else []),
            *([letter.t(after, **waits)] if waits else []),
        ],
        "rows": [
            *([(letter.t("contested"), say(f"goods_fault.{contest.fault}", letter.locale))] if contest else []),
            *reason(letter),
        ],
        "said": quoted("comment.seller", contest.comment) if contest else None,
    }


@kind(MailKind.OVERTAKEN)
def overtaken(letter: Letter) -> Context:
    """The parcel left, or the platform cancelled the order itself, before anybody decided."""
    moved = letter.case.moved_to
    why = "order" if moved == OrderStatus.CANCELLED else "parcel"
    tells = letter.to is Role.BUYER and moved != OrderStatus.COMPLETED  # completed: no return either (docs/rules.md R1)
    return {
        "subject": subject(letter, f"overtaken.subject.{why}"),
        "lead": letter.t(f"overtaken.{letter.to}.lead.{why}"),
        "next": [letter.t(f"overtaken.buyer.next.{why}")] if tells else [],
    }


def _wants_photos(letter: Letter) -> bool:
    return wants_evidence(letter.case.asked.reason_code, letter.case.kind)


def _where_goods_are(case: Case) -> str:
    """Where the goods are when an order is cancelled. Only who got them back says that they are back: what was called
    back may still be on its way when the order's system or customer service ends the wait."""
    if case.is_money_alone:
        return "money_alone"
    if case.goods is None:
        return "shipped" if case.order_status in PARCEL_LEFT else "here"
    if case.kind is Kind.RETURN:
        return "goods"
    return {"goods": "goods", "intercepted": "intercepted"}.get(_who_agreed(case), "called_back")


def _why_elsewhere(letter: Letter) -> Rows:
    """Why the platform cancelled an order that nobody had asked to cancel; who asked knows why."""
    return reason(letter) if _who_agreed(letter.case) == "elsewhere" else []


def _dismissed(letter: Letter) -> Rows:
    """The pieces that customer service does not count as returned."""
    dismissed = letter.case.dismissed
    lines = [line for line in letter.order.body.lines if line.line_id in dismissed]
    told = ", ".join(f"{dismissed[line.line_id]} x {one_line(line.name)}" for line in lines)
    return [(letter.t("dismissed"), told)] if told else []


def _who_agreed(case: Case) -> str:
    decision = case.decision
    if decision is None or decision.command == Command.ASK:
        if case.asked.by.role is Role.SELLER:
            return "cannot"
        return "rule" if case.asked.by_rule else "instant"
    if decision.command == Command.CORRECT:
        if case.is_goodwill:
            return str(case.asked.reason_code)
        return "late" if case.asked.reason_code == LATE_MONEY else "elsewhere"
    if decision.command == Command.PARCEL_ANSWERED:
        return "quick" if case.kind is Kind.RETURN else "intercepted"
    if case.dismissed or case.quote.deducted:
        return "partly"
    if decision.command == Command.GOODS_RECEIVED:
        return "goods"
    if decision.command == Command.EXPIRE:
        return "silence"
    if decision.command == Command.ORDER_MOVED:
        return "order"
    return str(decision.by.role)


def _why_escalated(case: Case) -> str:
    """While support has not decided, the last decision still tells what brought the case there."""
    decision = case.decision if case.state is State.AWAITING_SUPPORT else None
    if decision is None:
        return "moved" if case.moved_to else "looking"
    if case.first_yes:
        return "second"
    if case.goods and case.goods.contested:
        return "contested"
    if case.goods:
        return "goods"
    if decision.command == Command.DECLINE_OFFER:
        return "declined"
    if decision.command == Command.EXPIRE:
        if case.offer and case.offer.accepted is None:
            return "offer"
        return "both" if case.moved_to else "silence"
    return "moved" if case.moved_to else "looking"


def _comment_of_decision(case: Case) -> tuple[str, str | None]:
    """What was said along with the decision; a note of support's is among staff and never goes out."""
    decision = case.decision
    if decision is None or decision.by.role not in (Role.SELLER, Role.SUPPORT):
        return "comment", None
    return f"comment.{decision.by.role}", decision.comment
