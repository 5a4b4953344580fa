"""What people fill in on a case's page, and how it is understood."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Approve, Command, MakeOffer, Said
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.cases.steps.kept_goods import check_for_keeping
from chalicelib.domain.cases.steps.reckoning import reckoned
from chalicelib.edge.bodies import Text, Words
from chalicelib.edge.commands import command_in
from chalicelib.edge.reading import taken
from chalicelib.locales.amounts import read_amount
from chalicelib.pages.page import Form
from chalicelib.pages.pieces import fields_of, named, pieces_in

MOST_DAYS = 14
# Ticked by who decides although a colleague has the case.
TAKES_OVER = "takes_over"


class OfferForm(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What a seller would rather have: `what` is `fee` or `partial_refund`, then with an amount as people type it, or
    an alternative."""

    what: Text = "fee"
    fee: Text = ""
    partial_refund: Text = ""
    comment: Words | None = None
    note: Words | None = None


class ExtendForm(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """More time, in days after the deadline."""

    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)]
    note: Words | None = None


def said(form: Form, command: Command, case: Case) -> Said:
    """What was filled in. People type an amount of money as they write it, and ask for days rather than for a moment.

    Raises Invalid as `command_in`.
    """
    asks = fields_of(case.lines) if command in (Command.APPROVE, Command.CONTEST_GOODS) else ()
    echoed = command is Command.OFFER or any(field in form for field in ("deduction", *asks))
    fields = form.filled(*asks, TAKES_OVER, *(("sure",) if echoed else ()))
    if command is Command.OFFER:
        offer = taken(fields, OfferForm, typed=True)
        fields = {"comment": offer.comment, "note": offer.note}
        if offer.what == "fee":
            fields["fee"] = read_amount(offer.fee, case.quote.currency)
        elif offer.what == "partial_refund":
            fields["partial_refund"] = read_amount(offer.partial_refund, case.quote.currency)
        else:
            fields["alternative"] = offer.what
    if command in (Command.APPROVE, Command.CONTEST_GOODS):
        fields["lines"] = named(pieces_in(form, case.lines))
    if command is Command.APPROVE and "deduction" in form:
        # The form that asks for less says how much, also where that is nothing.
        less = fields.get("deduction")
        fields["deduction"] = read_amount(less, case.quote.currency) if less else 0
    if command is Command.APPROVE and (fee := fields.pop("fee", None)):
        fields["fee"] = read_amount(fee, case.quote.currency)
    if command is Command.EXTEND:
        more = taken(fields, ExtendForm, typed=True)
        until = (case.deadline_at or wiring.now()) + timedelta(days=more.days)
        fields = {"until": until, "note": more.note}
    return command_in(command, fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What was typed, as it was understood, before it counts: how much is kept, and how much then goes back to the
    buyer, in minor units. `text` is the end of its text's name, and `typed` the amount that is said again."""

    action: str
    kept: int
    rest: int
    text: str

    @property
    def typed(self) -> int:
        """The amount that was typed."""
        return self.rest if self.text == "partial_refund" else self.kept


def echo_of(said: Said, case: Case, context: Callable[[], StepContext]) -> Echo | None:
    """What to show before it counts; None where no money was typed that could count. `context` has the order, and is
    read where it is needed.

    Raises Invalid as the deciding itself does.
    """
    full = case.full_quote.refund_total
    match said:
        case MakeOffer(fee=int(fee)) if 0 < fee <= full:
            return Echo(action="offer", kept=fee, rest=full - fee, text="offer")
        case MakeOffer(partial_refund=int(amount)):
            check_for_keeping(case, amount, context())
            return Echo(action="offer", kept=0, rest=amount, text="partial_refund")
        case Approve() if said.reckons and case.goods:
            less = reckoned(case, said, context(), wiring.now()).quote.refund_total
            return Echo(action="approve", kept=full - less, rest=less, text="approve")
    return None
