"""What refunds look like in answers: the types of the contract, and what fills them. Amounts are in minor units."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, Required, TypedDict

from msgspec import Meta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Announcement
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.money.chargebacks import waits_for
from chalicelib.domain.money.explanation import explanation, paid_by
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import NotTaken, PartState, Refund, RefundPart, Report, Told, WayOn
from chalicelib.domain.orders.books import FirstWish
from chalicelib.domain.orders.chargebacks import Chargeback, ChargebackState
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.reasons import GivenFor
from chalicelib.edge.moments import Moment
from chalicelib.locales.explanations import why

# What answers call the states of a refund and of its parts.
RefundWord = Annotated[str, Meta(extra_json_schema={"enum": ["pending", "succeeded", "failed", "stuck"]})]
PartWord = Annotated[str, Meta(extra_json_schema={"enum": sorted({state.word for state in PartState})})]


class ReportAnswer(TypedDict):
    """What was told of a part, and `not_taken` why it changed nothing, where it did not."""

    event_id: str
    part: str
    state: Told
    amount: int
    at: Moment
    reference: str | None
    code: str | None
    not_taken: NotTaken | None


class FirstYesAnswer(TypedDict):
    """What one person wants done with a part, until a second one says the same."""

    way: WayOn
    by: str
    reference: str | None


class FrozenAnswer(TypedDict):
    """The chargeback that a part waits for: how it stands, and (for staff) by when the bank wants its answer. One that
    was `lost` is waited for as long as nobody knows whether the part went as well."""

    state: ChargebackState
    due_by: Moment | None


class RefundPartAnswer(TypedDict):
    """What goes back of one tender. `part` is its name in the refund. `state`: due, sent, pending, succeeded, failed,
    reversed (it went, and came back), held (a person has to look), needs_account (its way is shut: the buyer was asked
    where it should go), redirected (another part goes in its place, which says so in `instead_of`), charged_back (the
    buyer's bank gave it instead). `account_ending` are the last digits of the account that it is paid out to, where it
    does not go the way it came. `provider` is whom Batal asks for it, null where the marketplace is told to. `frozen`,
    where one refund or case is read, names the chargeback that a part waits for which has not gone: nobody is asked for
    it, or asked again. `arrives_by` is the latest moment at which the buyer has it; of a part that did not go the one
    that was told last. `key` stands for the try that it is at."""

    part: str
    tender_id: str
    method: Method
    channel: str | None
    amount: int
    state: PartWord
    arrives_by: Moment
    tries: int
    key: str
    reference: str | None
    instead_of: str | None
    account_ending: str | None
    provider: str | None
    last_answer: ReportAnswer | None
    frozen: NotRequired[FrozenAnswer | None]
    first_yes: NotRequired[FirstYesAnswer | None]


class TakenAnswer(TypedDict):
    """How many words of a notification were about refunds of ours."""

    refunds: int


class RefundAnswer(TypedDict):
    """A refund and its parts. `state`: pending, succeeded, failed, stuck. `not_taken` are reports that changed nothing.
    `explanation` says in sentences how it comes to its total, and `to_book` (for staff, finance and systems) what
    others must book for it, where one refund is read."""

    refund_id: str
    state: RefundWord
    currency: str
    total: int
    parts: Sequence[RefundPartAnswer]
    not_taken: Sequence[ReportAnswer]
    explanation: NotRequired[Sequence[str]]
    to_book: NotRequired[Mapping[str, Any] | None]
    case_id: NotRequired[str]
    order_id: NotRequired[str]


class FirstWishAnswer(TypedDict):
    """What one person of customer service wants to give, until a second one says the same; `note` says why."""

    amount: int
    tender_id: str | None
    reason: GivenFor
    by: str
    note: str


class GoodwillAnswer(TypedDict, total=False):
    """The refund, as RefundAnswer has it; or, where a second person has to say the same before anything moves,
    `needs_second_person`, and what the first one wants."""

    order_id: Required[str]
    needs_second_person: Required[bool]
    first_yes: FirstWishAnswer | None
    case_id: str
    refund_id: str
    state: RefundWord
    currency: str
    total: int
    parts: Sequence[RefundPartAnswer]
    not_taken: Sequence[ReportAnswer]


def first_wish_shape(first: FirstWish | None) -> FirstWishAnswer | None:
    """What a first person wants to give."""
    if first is None:
        return None
    return {
        "amount": first.amount,
        "tender_id": first.tender_id,
        "reason": GivenFor(first.reason),
        "by": first.by,
        "note": first.note,
    }


def refund_shape(case: Case, refund: Refund, *, staff: bool = False) -> RefundAnswer:
    """A refund and its parts."""
    asked = not any(promise.effect == Announcement(EventName.REFUND_REQUESTED) for promise in case.outbox)
    return {
        "refund_id": refund.refund_id,
        "state": refund.word,
        "currency": refund.currency,
        "total": refund.total,
        "parts": [_part(refund, name, part, asked, staff) for name, part in refund.by_name.items()],
        "not_taken": [_report(report) for report in refund.not_taken],
    }


def explained_refund(case: Case, refund: Refund, order: Order, locale: str, *, staff: bool = False) -> RefundAnswer:
    """A refund that is read by itself, with the reasons for its total, and what its parts wait for."""
    of, waits = explanation(case.quote, paid_by(order), refund), waits_for(with_books(order, None))
    answer = refund_shape(case, refund, staff=staff)
    for part in answer["parts"]:
        open_now = part["part"] in refund.open_parts
        part["frozen"] = _frozen(waits.get(part["tender_id"]) if open_now else None, staff=staff)
    return {**answer, "explanation": why(of, locale, case.case_id).sentences}


def _frozen(chargeback: Chargeback | None, *, staff: bool) -> FrozenAnswer | None:
    if chargeback is None:
        return None
    return {"state": chargeback.state, "due_by": chargeback.due_by if staff else None}


def _part(refund: Refund, name: str, part: RefundPart, asked: bool, staff: bool) -> RefundPartAnswer:
    sent = part.state is PartState.DUE and asked and not part.withheld
    answer: RefundPartAnswer = {
        "part": name,
        "tender_id": part.tender_id,
        "method": part.method,
        "channel": part.channel,
        "amount": part.amount,
        "state": (PartState.SENT if sent else part.state).word,
        "arrives_by": part.arrives_by,
        "tries": part.tries,
        "key": refund.key_of(name),
        "reference": part.reference,
        "instead_of": part.instead_of,
        "provider": part.provider,
        "account_ending": part.account.ending if part.account else None,
        "last_answer": _report(part.report) if part.report else None,
    }
    if staff:
        first = part.first_yes
        answer["first_yes"] = {"way": first.way, "by": first.by, "reference": first.reference} if first else None
    return answer


def _report(report: Report) -> ReportAnswer:
    return {
        "event_id": report.event_id,
        "part": report.part,
        "state": report.told,
        "amount": report.amount,
        "at": report.at,
        "reference": report.reference,
        "code": report.code,
        "not_taken": report.not_taken,
    }
