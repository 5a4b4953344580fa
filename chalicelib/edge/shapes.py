"""What answers look like, as /openapi.json says: plain dictionaries of JSON values, texts in the caller's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chalicelib.domain.cases.asking import Options
from chalicelib.domain.cases.case import Case, Decision, Offer
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.goods import Goods
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry, without
from chalicelib.domain.figures.rating import counts_against_seller
from chalicelib.domain.money.books import accounts_of, books_of, due, given_by, names_of, unexplained
from chalicelib.domain.money.chargebacks import paid_as_well
from chalicelib.domain.money.explanation import explanation, paid_by
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Person
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import SEES_ALL, STAFF, Role
from chalicelib.domain.people.contacts import Contact
from chalicelib.domain.policies.odds import Odds
from chalicelib.domain.policies.reasons import Kind, Reason, wants_evidence
from chalicelib.domain.ports import Page
from chalicelib.edge.answer_types import (
    ActorAnswer,
    CaseAnswer,
    ChargebackAnswer,
    ContactsAnswer,
    DecisionAnswer,
    EntryAnswer,
    EvidenceAnswer,
    Explained,
    GoodsAnswer,
    IntervalAnswer,
    LineAnswer,
    Listed,
    MessageAnswer,
    MoneyAnswer,
    OfferAnswer,
    OptionsAnswer,
    OrderAnswer,
    PersonAnswer,
    QuoteAnswer,
    ReasonAnswer,
)
from chalicelib.edge.refunds import explained_refund, refund_shape
from chalicelib.locales import say
from chalicelib.locales.chances import rests_on, usually
from chalicelib.locales.explanations import why

T = TypeVar("T")
A = TypeVar("A")


def order_shape(order: Order) -> OrderAnswer:
    """An order: what the OMS said, with the status Batal knows and what it did to it."""
    body = order.body
    return {
        "order_id": body.order_id,
        "platform": body.platform,
        "version": body.version,
        "status": order.standing,
        "status_version": order.status_version,
        "buyer": _person(body.buyer),
        "seller": {**_person(body.seller), "shop_name": body.seller.shop_name},
        "placed_at": body.placed_at,
        "paid_at": body.paid_at,
        "delivered_at": order.delivered_at,
        "shipped_after_cancellation": order.late_parcel is not None,
        "currency": body.currency,
        "lines": [
            {
                "line_id": line.line_id,
                "sku": line.sku,
                "name": line.name,
                "category": line.category,
                "quantity": line.quantity,
                "cancelled_quantity": order.cancelled.get(line.line_id, 0),
                "returned_quantity": order.returned.get(line.line_id, 0),
                "unit_price": line.unit_price,
                "package": line.package,
                "discounts": line.discounts,
                "tax": line.tax,
                "shipping": line.shipping,
                "tax_included": line.tax_included,
                "parent_line_id": line.parent_line_id,
                "relation": line.relation,
                "quantities": line.quantities,
                "variant": line.variant,
                "image_url": line.image_url,
            }
            for line in body.lines
        ],
        "shipping_fee": body.shipping_fee,
        "service_fee": body.service_fee,
        "tax": body.tax,
        "discounts": body.discounts,
        "tenders": body.tenders,
        "fulfilment": body.fulfilment,
        "display_id": body.display_id,
        "payment_id": body.payment_id,
        "tax_included": body.tax_included,
        "charges": body.charges,
        "packages": order.parcels or body.packages,
        "refunds": body.refunds,
        "money": money_shape(order),
        "given_elsewhere": {tender_id: amount for tender_id, amount in order.given_elsewhere.items() if amount},
        "cancel_reason": body.cancel_reason,
        "shipping_service": body.shipping_service,
        "shipment_arranged_at": body.shipment_arranged_at,
        "preorder": body.preorder,
        "presentment": body.presentment,
        "tracking_number": order.tracking_number,
        "carrier": order.carrier,
        "open_case": order.open_case,
        "cases": order.cases,
        "attempts": order.attempts,
    }


def money_shape(order: Order) -> MoneyAnswer:
    """What is known of an order's money, tender by tender."""
    known = with_books(order, None)
    stays, given = due(known), given_by(known)
    return {
        "accounts": {
            tender_id: {
                "collected": account.collected,
                "due": stays.get(tender_id, 0),
                "taken": account.taken,
                "given": given[tender_id],
                "kept": account.kept,
            }
            for tender_id, account in accounts_of(known).items()
        },
        "unexplained": unexplained(known),
        "goodwill": books_of(known).goodwill,
    }


def _person(person: Person) -> PersonAnswer:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "locale": person.locale,
        "contact": person.contact,
        "zone": person.zone,
    }


def order_seen_by(role: Role, order: Order) -> OrderAnswer:
    """An order as this role may see it."""
    if role is Role.SELLER:
        return order_for_seller(order)
    if role is Role.BUYER:
        return order_for_buyer(order)
    answer = order_shape(order)
    return {**answer, "chargebacks": chargebacks_shape(order)} if role in SEES_ALL else answer


def chargebacks_shape(order: Order) -> list[ChargebackAnswer]:
    """What banks dispute, or disputed, of an order."""
    known = with_books(order, None)
    beyond, names = paid_as_well(known), names_of(known)
    return [
        {
            "tender_id": each.tender_id,
            "chargeback_id": each.chargeback_id,
            "state": each.state,
            "amount": each.amount,
            "due_by": each.due_by,
            "paid_as_well": sum(amount for holder, amount in beyond.items() if each.tender_id in names[holder]),
            "words": [
                {
                    "event_id": word.event_id,
                    "state": word.state,
                    "amount": word.amount,
                    "due_by": word.due_by,
                    "at": word.at,
                    "taken": word.taken,
                }
                for word in each.words
            ],
        }
        for each in books_of(known).chargebacks
    ]


def order_for_buyer(order: Order) -> OrderAnswer:
    """An order without what a buyer need not know: how to reach the seller beside the marketplace."""
    seller = order.body.seller
    return {
        **order_shape(order),
        "seller": {"id": seller.id, "name": seller.name, "shop_name": seller.shop_name},
    }


def order_for_seller(order: Order) -> OrderAnswer:
    """An order without what a seller need not know: how to reach the buyer, and by what providers know the payment."""
    return {
        **order_shape(order),
        "buyer": {"id": order.body.buyer.id, "name": order.body.buyer.name},
        "tenders": [replace(tender, reference=None, references=None) for tender in order.body.tenders],
    }


def options_shape(options: Options, locale: str) -> OptionsAnswer:
    """All that a buyer should know before asking."""
    verdict = options.verdict
    refusal = _told("refusal", [verdict.refusal] if verdict.refusal else [], locale)
    return {
        "order_id": options.order_id,
        "kind": options.kind,
        "eligible": verdict.eligible,
        "refusal": refusal[0] if refusal else None,
        "needs": "seller" if verdict.needs_seller else "none",
        "answer_by": verdict.answer_by,
        "if_silent": verdict.if_silent,
        "ships_by": options.ships_by,
        "odds": {
            "level": options.odds.level,
            "probability": None if options.odds.probability is None else round(options.odds.probability, 2),
            "interval": _interval(options.odds),
            "based_on": {"cases": options.odds.cases, "granted": options.odds.yes, "scope": options.odds.scope},
            "text": rests_on(options.odds, locale),
        },
        "usual_time": {
            "text": usually(options.usual_time, locale),
            "p50_seconds": options.usual_time.p50_seconds,
            "p90_seconds": options.usual_time.p90_seconds,
        },
        "steps": [say(f"step.{step}", locale) for step in options.steps],
        "consequences": _told("consequence", options.consequences, locale),
        "quote": {
            **quote_shape(options.quote, locale),
            "explanation": why(options.why, locale, options.order_id).sentences,
        },
        "reasons": [reason_shape(reason, locale) for reason in options.reasons],
        "alternatives": _told("alternative", verdict.alternatives, locale),
        "warnings": _told("warning", verdict.warnings, locale),
        "groups": [{"status": group.status, "lines": _lines(group.lines)} for group in options.groups],
        "terms": {"version": options.terms_version, "text": _terms(options, locale)},
        "policy": {"name": options.policy.name, "version": options.policy.version},
    }


def _interval(odds: Odds) -> IntervalAnswer | None:
    if odds.low is None or odds.high is None:
        return None
    return {"from": round(odds.low, 2), "to": round(odds.high, 2)}


def _terms(options: Options, locale: str) -> str:
    """The terms as they are accepted: those of a return speak of returning."""
    key = f"terms.{options.terms_version}"
    return say(f"{key}.return" if options.kind is Kind.RETURN else key, locale)


def quote_shape(quote: Quote, locale: str) -> QuoteAnswer:
    """Money in minor units; every line names its rule."""
    return {
        "quote_id": quote.quote_id,
        "currency": quote.currency,
        "paid": quote.paid,
        "refund_total": quote.refund_total,
        "fees_total": quote.fees_total,
        "lines": [
            {
                "label": say(f"quote.{line.label}", locale, detail=line.detail or ""),
                "amount": line.amount,
                "rule": line.rule,
                "why": say(f"rule.{line.rule}", locale),
            }
            for line in quote.lines
        ],
        "tenders": quote.tenders,
    }


def reason_shape(reason: Reason, locale: str) -> ReasonAnswer:
    """A reason to choose."""
    return {
        "code": reason.code,
        "label": say(f"reason.{reason.code}", locale),
        "fault": reason.fault,
        "evidence": reason.evidence,
        "goods_come_back": reason.goods_come_back,
    }


def case_shape(case: Case, locale: str = "id", *, staff: bool = False) -> CaseAnswer:
    """A case, as every party may see it: support's notes stay inside, and who of support has it among staff."""
    answer: CaseAnswer = {
        "case_id": case.case_id,
        "reference": case.number,
        "kind": case.kind,
        "order_id": case.order_id,
        "display_id": case.display_id,
        "platform": case.platform,
        "buyer_id": case.buyer_id,
        "seller_id": case.seller_id,
        "state": case.state,
        "outcome": case.outcome,
        "waiting_for": case.waiting_for,
        "deadline_at": case.deadline_at,
        "if_silent": case.if_silent,
        "reason": {
            "code": case.asked.reason_code,
            "fault": case.asked.fault,
            "comment": case.asked.comment,
            "evidence": wants_evidence(case.asked.reason_code, case.kind),
            "goods_come_back": case.asked.goods_come_back,
        },
        "lines": _lines(case.lines),
        "channel": case.asked.channel,
        "terms_version": case.asked.terms_version,
        "quote": quote_shape(case.quote, locale),
        "offer": _offer(case.offer) if case.offer else None,
        "decision": _decision(case.decision) if case.decision else None,
        "refund": refund_shape(case, case.refund, staff=staff) if case.refund else None,
        "goods": _goods(case.goods) if case.goods else None,
        "way_back": case.way_back,
        "dismissed": _lines(case.dismissed),
        "parcel": case.parcel,
        "late_parcel": {"status": case.late_parcel, "way": case.late_parcel_way} if case.late_parcel else None,
        "needs_second_person": case.open and case.first_yes is not None,
        "buyer_asks_often": case.asked.often,
        "counts_against_seller": counts_against_seller(case),
        "on_behalf_of": case.asked.on_behalf_of,
        "policy": {"name": case.policy.name, "version": case.policy.version},
        "attempt": case.attempt,
        "run": case.run,
        "version": case.rev,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "closed_at": case.closed_at,
        "timeline": {"count": case.entries, "head": case.head},
    }
    if staff:
        answer["claimed_by"], answer["first_yes"] = case.claimed_by, case.first_yes
    return answer


def explained_case(case: Case, order: Order, locale: str = "id", *, staff: bool = False) -> CaseAnswer:
    """A case that is read by itself: its money explains itself. That is worked out for who reads it, and neither kept
    with an answer nor repeated down a list."""
    answer = case_shape(case, locale, staff=staff)
    answer["quote"]["explanation"] = why(explanation(case.quote, paid_by(order)), locale, case.case_id).sentences
    if case.refund:
        answer["refund"] = explained_refund(case, case.refund, order, locale, staff=staff)
    return answer


def _lines(quantities: Mapping[str, int]) -> list[LineAnswer]:
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in quantities.items()]


def _goods(goods: Goods) -> GoodsAnswer:
    contest = goods.contested
    return {
        "agreed_at": goods.agreed_at,
        "sent_at": goods.sent_at,
        "tracking_number": goods.tracking_number,
        "carrier": goods.carrier,
        "picked_up_at": goods.picked_up_at,
        "arrived_at": goods.arrived_at,
        "contested": {
            "fault": contest.fault,
            "at": contest.at,
            "lines": _lines(contest.lines),
            "comment": contest.comment,
        }
        if contest
        else None,
    }


def _offer(offer: Offer) -> OfferAnswer:
    return {
        "fee": offer.fee,
        "alternative": offer.alternative,
        "partial_refund": offer.partial_refund,
        "comment": offer.comment,
        "by": offer.by.role if offer.by else None,
        "accepted": offer.accepted,
    }


def _decision(decision: Decision) -> DecisionAnswer:
    return {
        "command": decision.command,
        "by": decision.by.role,
        "at": decision.at,
        "reason_code": decision.reason_code,
        "comment": decision.comment,
        "tracking_number": decision.tracking_number,
    }


# Which words of a timeline are not for a reader: notes stay among staff, and a seller's people are no buyer's business.
KEPT_FROM: Mapping[Role, frozenset[str]] = {
    **dict.fromkeys(SEES_ALL, frozenset[str]()),
    Role.SELLER: frozenset({"note", "first_note"}),
    Role.BUYER: frozenset({"note", "first_note", "person"}),
}


def kept_from(role: Role, entry: Entry) -> frozenset[str]:
    """Which words of an entry are not for a reader: of the marketplace's people neither party reads who it was."""
    nameless = role not in SEES_ALL and entry.actor.role in STAFF
    return KEPT_FROM[role] | {"person"} if nameless else KEPT_FROM[role]


def entry_shape(entry: Entry, role: Role) -> EntryAnswer:
    """A timeline entry, as far as this role may read its words; `erased` names words that are gone for good."""
    gone, who, entry = entry.gone, entry.speaker, without(entry, kept_from(role, entry))
    of_staff = who.role in STAFF
    if of_staff:
        entry = without(entry, ("person",))  # which is who spoke
    answer: EntryAnswer = {
        "seq": entry.seq,
        "at": entry.at,
        "actor": {"role": who.role} if of_staff and role not in SEES_ALL else {"role": who.role, "id": who.id},
        "command": entry.command,
        "from": entry.came_from,
        "state": entry.state,
        "outcome": entry.outcome,
        "policy": entry.policy,
        "reason_code": entry.reason_code,
        "comment": entry.comment,
        "tracking_number": entry.tracking_number,
        "facts": entry.facts,
        "note": entry.note,
        "erased": sorted(gone - {"person"} if of_staff else gone),
    }
    if entry.correlation_id and role in SEES_ALL:
        answer["correlation_id"] = entry.correlation_id
    return answer


def message_shape(message: Message) -> MessageAnswer:
    """A message; who of customer service wrote it is nobody's business."""
    by: ActorAnswer = {"role": message.by.role, "id": None if message.by.role in SEES_ALL else message.by.id}
    return {"message_id": message.message_id, "at": message.at, "by": by, "text": message.text}


def evidence_shape(evidence: Evidence) -> EvidenceAnswer:
    """A file; its key stays inside."""
    answer: EvidenceAnswer = {
        "evidence_id": evidence.evidence_id,
        "at": evidence.at,
        "by": {"role": evidence.by.role},
        "filename": evidence.filename,
        "content_type": evidence.content_type,
        "size": evidence.size,
    }
    if evidence.seen_at and evidence.sha256:
        answer["seen_at"], answer["sha256"] = evidence.seen_at, evidence.sha256
    if evidence.refused:
        answer["refused"] = evidence.refused
    return answer


def contacts_shape(contacts: Sequence[Contact], locale: str) -> ContactsAnswer:
    """The directory of customer service, with the advice to verify it."""
    return {
        "items": [
            {
                "channel": contact.channel,
                "address": contact.address,
                "checked_at": contact.checked_at,
                "platform": contact.platform,
                "hours": contact.hours,
                "usual_time": say(f"help.usual_time.{contact.channel}", locale),
            }
            for contact in contacts
        ],
        "advice": say("help.verify", locale),
        "have_ready": [say(f"help.ready.{each}", locale) for each in ("order_number", "product", "reason")],
        "next_cursor": None,
    }


def page_shape(page: Page[T], shape: Callable[[T], A]) -> Listed[A]:
    """A list, with the cursor of what follows."""
    return {"items": [shape(item) for item in page.items], "next_cursor": page.next_cursor}


def _told(prefix: str, codes: Sequence[str], locale: str) -> list[Explained]:
    return [{"code": code, "message": say(f"{prefix}.{code}", locale)} for code in codes]
