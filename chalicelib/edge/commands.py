"""From what a request carries to what it says to a case: one table for JSON, for forms and for many at once."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from chalicelib.domain.cases.choices import Alternative
from chalicelib.domain.cases.commands import SAYINGS, Ask, Command, RefundFailed, RefundSucceeded, Said
from chalicelib.domain.cases.eligibility import per_line
from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.edge.bodies import (
    AppealPost,
    ApprovePost,
    AskPost,
    CommentPost,
    ContestGoodsPost,
    ExtendPost,
    NotePost,
    OfferPost,
    ParcelPost,
    PartElsewherePost,
    PartNotePost,
    PartWentPost,
    RefundEventPost,
    RejectPost,
    RemarkPost,
    ReturnLabelPost,
    SettleParcelPost,
    ShippedBackPost,
)
from chalicelib.edge.reading import field_of, taken

# What a request carries that says it. Not here: what asks (`ask_of`) and what payment providers tell
# (`refund_word_of`, and of a part its route), each one body for several things; where money is paid out to
# (edge/payouts.py), which is sealed first; and what nobody says by a request of
# its own: silence, and an order that moves.
SHAPES: Mapping[Command, type[Struct]] = {
    Command.APPROVE: ApprovePost,
    Command.REJECT: RejectPost,
    Command.OFFER: OfferPost,
    Command.ACCEPT_OFFER: CommentPost,
    Command.DECLINE_OFFER: CommentPost,
    Command.WITHDRAW: CommentPost,
    Command.PARCEL_ANSWERED: ParcelPost,
    Command.EXTEND: ExtendPost,
    Command.CLAIM: NotePost,
    Command.CONFIRM: NotePost,
    Command.APPEAL: AppealPost,
    Command.REOPEN: NotePost,
    Command.SHIPPED_BACK: ShippedBackPost,
    Command.GOODS_RECEIVED: RemarkPost,
    Command.SETTLE_PARCEL: SettleParcelPost,
    Command.CONTEST_GOODS: ContestGoodsPost,
    Command.RETURN_LABEL: ReturnLabelPost,
    Command.RETRY_PART: PartNotePost,
    Command.REDIRECT_PART: PartElsewherePost,
    Command.RESOLVE_PART: PartWentPost,
}

# Where something of the catalogue is meant, or something must be said, the refusal has a code of its own.
_CODES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "reason_code": ("reason_not_allowed", {"allowed": list(RefusingReason)}),
    "alternative": ("alternative_not_allowed", {"allowed": list(Alternative)}),
    "comment": ("comment_required", {}),
    "note": ("note_required", {}),
    "tracking_number": ("tracking_number_required", {}),
}


def command_of(command: Command, given: Struct) -> Said:
    """The command that a parsed body says.

    Raises Invalid `reason_not_allowed`, `alternative_not_allowed` for what is not in the catalogue, `comment_required`
    for an appeal that says nothing.
    """
    try:
        said: Said = msgspec.convert(given, SAYINGS[command], from_attributes=True)
    except msgspec.ValidationError as error:
        raise _refusal(field_of(str(error)), given) from error
    return said


def command_in(command: Command, fields: Mapping[str, Any]) -> Said:
    """The command that loose fields say: those of a form, or of one of many decisions. None counts as not given.

    Raises Invalid as `command_of`, `tracking_number_required` for goods sent back without one, and `validation_failed`
    naming any other field that is missing, wrong, or not this command's.
    """
    given, shape = {name: value for name, value in fields.items() if value is not None}, SHAPES[command]
    for field in msgspec.structs.fields(shape):
        if field.required and field.name in _CODES and field.encode_name not in given:
            raise _refusal({"field": field.name}, None)
    return command_of(command, taken(given, shape))


def ask_of(kind: Kind, given: AskPost) -> Ask:
    """What a buyer, or somebody for them, asks. Raises Invalid `validation_failed` for a line named twice."""
    return Ask(
        kind=kind,
        reason_code=given.reason_code,
        comment=given.comment,
        channel=given.channel,
        accept_terms=given.accept_terms,
        lines=None if given.lines is None else per_line((each.line_id, each.quantity) for each in given.lines),
        quote_id=given.quote_id,
        on_behalf_of=given.on_behalf_of,
    )


def refund_word_of(given: RefundEventPost) -> RefundSucceeded | RefundFailed:
    """What a payment provider tells about a refund."""
    said = RefundSucceeded if given.status == "succeeded" else RefundFailed
    return said(event_id=given.event_id, amount=given.amount, at=given.at)


def _refusal(told: Mapping[str, str], given: Struct | None) -> Invalid:
    field = told["field"]
    if field not in _CODES:
        return Invalid("validation_failed", errors=[dict(told)])
    code, details = _CODES[field]
    value = getattr(given, field, None)
    return Invalid(code, **details, **({field: value} if value is not None else {}))
