"""Mails about what the parties exchange on the way: offers, goods, messages, more time, a second look."""

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.effects import MailKind
from chalicelib.domain.orders.statuses import PARCEL_LEFT
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind
from chalicelib.locales import say
from chalicelib.mail.letter import Context, Letter, Rows, amount, appeal, explained, kind, parts, quoted, reason
from chalicelib.mail.subjects import dated, in_words, subject, unlinked
from chalicelib.mail.typed import first_words, one_line, prose


@kind(MailKind.OFFER_MADE)
def offer_made(letter: Letter) -> Context:
    """Cancelling against a fee, another way, or money back for goods that are kept, is offered by the seller or by
    customer service; the buyer is free to decline."""
    offer, keeps = letter.case.offer, _partial_refund(letter) is not None
    what = "alternative" if offer and offer.alternative else "partial_refund" if keeps else "fee"
    return {
        "subject": dated(
            letter, letter.waits(State.AWAITING_BUYER), "offer_made.buyer.subject", money=promised(letter)
        ),
        "lead": letter.t(f"offer_made.buyer.lead.{what}{'.support' if _by(letter) is Role.SUPPORT else ''}"),
        "next": [
            *offer_answered(letter),
            *([letter.t("offer_made.buyer.later")] if keeps else []),
        ],
        "rows": offered(letter),
        "said": quoted(f"comment.{_by(letter)}", offer.comment if offer else None),
    }


def offer_answered(letter: Letter) -> list[str]:
    """That an offer is free to be accepted or declined, by when, and what its buyer's silence means."""
    waits = letter.waits(State.AWAITING_BUYER)
    keeps = _partial_refund(letter) is not None
    return [letter.t(f"offer_made.buyer.next{'.partial_refund' if keeps else ''}", **waits)] if waits else []


@kind(MailKind.OFFER_DECLINED)
def offer_declined(letter: Letter) -> Context:
    """The buyer declined: the seller answers once more, or the case is over."""
    waits = letter.waits(State.AWAITING_SELLER)
    if letter.to is Role.BUYER:
        return {"lead": letter.t("offer_declined.buyer.lead"), "next": appeal(letter)}
    after = letter.t("offer_declined.seller.next", **waits) if waits else letter.t("offer_declined.seller.over")
    over = subject(letter, "offer_declined.seller.subject.over")
    return {
        "subject": dated(letter, waits, "offer_declined.seller.subject") if waits else over,
        "lead": letter.t("offer_declined.seller.lead"),
        "next": [after] if waits or not letter.case.open else [],
        "rows": offered(letter),
        "said": quoted("comment.buyer", letter.case.decision.comment if letter.case.decision else None),
    }


@kind(MailKind.SETTLED)
def settled(letter: Letter) -> Context:
    """Another way was agreed, or that the buyer keeps the goods and gets money back; the order goes on."""
    offer, back = letter.case.offer, _partial_refund(letter)
    if back is not None:
        return _kept_goods(letter, back)
    agreed = say(f"offer.{offer.alternative}", letter.locale) if offer and offer.alternative else ""
    return {
        "subject": subject(letter, f"settled.{letter.to}.subject", money=0),
        "lead": letter.t(f"settled.{letter.to}.lead", agreed=agreed),
        "said": quoted(f"comment.{_by(letter)}", offer.comment if offer else None),
    }


def _kept_goods(letter: Letter, back: int) -> Context:
    headline = subject(letter, f"settled.{letter.to}.subject", money=back)
    lead = letter.t(f"settled.{letter.to}.lead.partial_refund", amount=letter.money(back))
    said = quoted(f"comment.{_by(letter)}", letter.case.offer.comment if letter.case.offer else None)
    if letter.to is Role.SELLER:
        theirs = _by(letter) is Role.SELLER
        next_ = [letter.t("settled.seller.next.partial_refund")] if theirs else []
        return {"subject": headline, "lead": lead, "next": next_, "said": said}
    return {
        "subject": headline,
        "lead": lead,
        "next": [letter.t("offer_made.buyer.later")],
        "why": explained(letter),
        "said": said,
        "parts_lead": letter.t("money_returned.buyer.parts"),
        "parts": parts(letter),
    }


@kind(MailKind.GOODS_AWAITED)
def goods_awaited(letter: Letter) -> Context:
    """Granted, but first the goods come back: sent by the buyer, or called back on their way."""
    way = "return" if letter.case.kind is Kind.RETURN else "called_back"
    waits = letter.waits(State.AWAITING_GOODS)
    text = f"goods_awaited.{letter.to}.next.{way}"
    needs_deadline = (letter.to, way) in ((Role.BUYER, "return"), (Role.SELLER, "called_back"))
    own = f"goods_awaited.{letter.to}.subject"
    return {
        "subject": dated(letter, waits, own) if needs_deadline else subject(letter, own),
        "lead": letter.t(f"goods_awaited.{letter.to}.lead.{way}"),
        "next": [letter.t(text, **(waits or {}))] if waits or not needs_deadline else [],
        "rows": [*way_back(letter), *reason(letter), *amount(letter)],
        "why": explained(letter),
    }


@kind(MailKind.RETURN_LABEL)
def return_label(letter: Letter) -> Context:
    """What the buyer needs to send the goods back came later than the yes; a label is on the page."""
    waits = letter.waits(State.AWAITING_GOODS)
    return {
        "subject": dated(letter, waits, "return_label.buyer.subject"),
        "lead": letter.t("return_label.buyer.lead"),
        "next": [letter.t("return_label.buyer.next", **waits)] if waits else [],
        "rows": way_back(letter),
    }


@kind(MailKind.GOODS_SENT)
def goods_sent(letter: Letter) -> Context:
    """The buyer sent the goods; the seller looks at them once they arrive."""
    waits, goods, silence = letter.waits(State.AWAITING_GOODS), letter.case.goods, letter.case.if_silent
    rows: Rows = []
    if goods and goods.tracking_number:
        rows = [(letter.t("tracking"), one_line(" ".join(filter(None, (goods.carrier, goods.tracking_number)))))]
    return {
        "subject": dated(letter, waits, "goods_sent.seller.subject"),
        "lead": letter.t("goods_sent.seller.lead"),
        "next": [letter.t(f"goods_sent.seller.next.{silence}", **waits)] if waits else [],
        "rows": rows,
    }


@kind(MailKind.GOODS_ARRIVED)
def goods_arrived(letter: Letter) -> Context:
    """The carrier says that the goods are with the seller, who looks at them now."""
    waits = letter.waits(State.AWAITING_GOODS)
    return {
        "subject": dated(letter, waits, f"goods_arrived.{letter.to}.subject"),
        "lead": letter.t(f"goods_arrived.{letter.to}.lead"),
        "next": [letter.t(f"goods_arrived.{letter.to}.next", **waits)] if waits else [],
    }


@kind(MailKind.DEADLINE_EXTENDED)
def deadline_extended(letter: Letter) -> Context:
    """Customer service gave more time."""
    waits = letter.waits()
    return {
        "subject": dated(letter, waits, f"deadline_extended.{letter.to}.subject"),
        "lead": letter.t(f"deadline_extended.{letter.to}.lead"),
        "next": [letter.t("deadline_extended.next", **waits)] if waits else [],
    }


@kind(MailKind.AMENDED)
def amended(letter: Letter) -> Context:
    """The marketplace gave something back itself, so the request brings less."""
    return {
        "lead": letter.t(f"amended.{letter.to}.lead"),
        "rows": amount(letter, "amount.if_approved"),
        "why": explained(letter),
    }


@kind(MailKind.REOPENED)
def reopened(letter: Letter) -> Context:
    """Customer service looks again: the buyer appealed, or support itself reopened."""
    decision, waits = letter.case.decision, letter.waits(State.AWAITING_SUPPORT)
    how = "appeal" if decision and decision.command == Command.APPEAL else "reopen"
    comment = decision.comment if decision and how == "appeal" else None
    holds = letter.to is Role.SELLER and letter.case.open and letter.case.order_status not in PARCEL_LEFT
    return {
        "subject": subject(letter, f"reopened.{letter.to}.subject{'.hold' if holds else ''}"),
        "lead": letter.t(f"reopened.{letter.to}.lead.{how}"),
        "next": [
            *([letter.t("reopened.seller.hold")] if holds else []),
            *([letter.t("escalated.next", **waits)] if waits else []),
        ],
        "said": quoted("comment.buyer", comment),
    }


@kind(MailKind.MESSAGE)
def message(letter: Letter) -> Context:
    """Somebody wrote: who, and how it begins; the rest is read on the page."""
    wrote = letter.beside.message
    by = str(wrote.by.role) if wrote and wrote.by.role in _WRITERS else None
    words = in_words(wrote.text) if wrote and by else ""
    fallback = subject(letter, f"message.{letter.to}.subject")
    return {
        "subject": subject(letter, f"message.subject.{by}", words=words) if words else fallback,
        "lead": letter.t(f"message.{letter.to}.lead{f'.{by}' if by else ''}"),
        "next": [letter.t("message.next")],
        "said": quoted(f"comment.{by}", first_words(wrote.text)) if wrote and by else None,
    }


_WRITERS = (Role.BUYER, Role.SELLER, Role.SUPPORT)


def way_back(letter: Letter) -> Rows:
    """Where goods to be returned go, who pays for it, and what the carrier asks for."""
    way = letter.case.way_back
    if way is None:
        return []
    told = [
        ("address", way.address),
        ("paid_by", say(f"way_back.paid_by.{way.paid_by}", letter.locale)),
        ("carrier", way.carrier),
        ("pickup_code", way.pickup_code),
    ]
    return [
        (say(f"way_back.{name}", letter.locale), unlinked(", ".join(filter(None, prose(text)))))
        for name, text in told
        if text
    ]


def _by(letter: Letter) -> Role:
    """Who made the offer."""
    offer = letter.case.offer
    return offer.by.role if offer and offer.by else Role.SELLER


def _partial_refund(letter: Letter) -> int | None:
    """What goes back, in minor units, if the buyer keeps the goods; None where something else is offered."""
    return letter.case.offer.partial_refund if letter.case.offer else None


def promised(letter: Letter) -> int:
    """What comes back, in minor units, if the buyer accepts what is offered."""
    offer, whole = letter.case.offer, letter.case.quote.refund_total
    if offer is None or offer.alternative:
        return 0
    if offer.partial_refund is not None:
        return offer.partial_refund
    # Once accepted, the quote holds the fee already.
    return whole - (0 if offer.accepted else offer.fee or 0)


def offered(letter: Letter) -> Rows:
    """What is offered, as rows."""
    offer = letter.case.offer
    if offer is None:
        return []
    if offer.alternative:
        return [(letter.t("offer.alternative"), say(f"offer.{offer.alternative}", letter.locale))]
    if offer.partial_refund is not None:
        return [(letter.t("offer.partial_refund"), letter.money(offer.partial_refund))]
    rest = letter.money(promised(letter))
    return [(letter.t("offer.fee"), letter.money(offer.fee or 0)), (letter.t("offer.rest"), rest)]


@kind(MailKind.LATE_PARCEL)
def late_parcel(letter: Letter) -> Context:
    """A parcel left although its order was cancelled: the seller can stop it, if anybody can."""
    return {
        "lead": letter.t("late_parcel.seller.lead"),
        "next": [letter.t("late_parcel.seller.next")],
        "rows": amount(letter),
        "why": explained(letter),
    }


@kind(MailKind.PARCEL_SETTLED)
def parcel_settled(letter: Letter) -> Context:
    """What becomes of it, as customer service settled it."""
    way, money = letter.case.late_parcel_way, letter.money(letter.case.quote.refund_total)
    return {"lead": letter.t(f"parcel_settled.{letter.to}.lead.{way}", amount=money)}
