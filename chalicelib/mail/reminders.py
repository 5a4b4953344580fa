"""What a reminder says: what is awaited of its reader, all that they need for it, by when, and what comes otherwise."""

from collections.abc import Callable, Mapping

from chalicelib.domain.cases.awaited import Awaited, awaited_of
from chalicelib.domain.cases.effects import MailKind
from chalicelib.mail.exchanges import offer_answered, offered, promised, way_back
from chalicelib.mail.letter import Context, Letter, amount, explained, kind, reason
from chalicelib.mail.subjects import dated, subject


@kind(MailKind.REMINDER)
def reminder(letter: Letter) -> Context:
    """The deadline draws near. One that comes when nobody waits for its reader any more says where the request is."""
    awaited = awaited_of(letter.case, letter.to)
    if awaited is None:
        return {"subject": subject(letter, "reminder.over.subject"), "lead": letter.t("reminder.over.lead")}
    money = promised(letter) if awaited is Awaited.OFFER else None
    return {
        "subject": dated(letter, letter.waits(), f"reminder.{awaited}.subject", money=money),
        "lead": letter.t(f"reminder.{awaited}.lead"),
        **_NEEDED[awaited](letter),
    }


def _answer(letter: Letter) -> Context:
    waits = letter.waits()
    return {
        "next": [letter.t("decision_needed.seller.next", **waits)] if waits else [],
        "rows": [*reason(letter), *amount(letter, "amount.if_approved")],
        "why": explained(letter),
        "button": letter.t("decision_needed.seller.button"),
        "button_link": letter.links.decision(letter.case),
        "care": letter.t("decision_needed.seller.care"),
    }


def _offer(letter: Letter) -> Context:
    return {"next": offer_answered(letter), "rows": offered(letter)}


def _send_goods(letter: Letter) -> Context:
    waits = letter.waits()
    return {
        "next": [letter.t("goods_awaited.buyer.next.return", **waits)] if waits else [],
        "rows": [*way_back(letter), *amount(letter)],
    }


def _check_goods(letter: Letter) -> Context:
    waits, goods = letter.waits(), letter.case.goods
    arrived = goods is not None and goods.arrived_at is not None
    text = "goods_arrived.seller.next" if arrived else f"goods_sent.seller.next.{letter.case.if_silent}"
    return {"next": [letter.t(text, **waits)] if waits else [], "rows": amount(letter)}


def _call_back(letter: Letter) -> Context:
    waits = letter.waits()
    return {
        "next": [letter.t("goods_awaited.seller.next.called_back", **waits)] if waits else [],
        "rows": amount(letter),
    }


_NEEDED: Mapping[Awaited, Callable[[Letter], Context]] = {
    Awaited.ANSWER: _answer,
    Awaited.OFFER: _offer,
    Awaited.SEND_GOODS: _send_goods,
    Awaited.CHECK_GOODS: _check_goods,
    Awaited.CALL_BACK: _call_back,
}
