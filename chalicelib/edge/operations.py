"""Every route of the API: what it does, who may call it, what it takes and gives.

A test fails when a route is missing here, or when nothing serves what is named here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.seller_rules import SellerRules
from chalicelib.edge import answer_types as answers
from chalicelib.edge import bodies

_PAGED = ("limit", "cursor")
_ALL, _PARTIES = "buyer, seller, support, operator, system", "buyer, seller, support"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route and method. `many` answers are lists; `signed` takes the marketplace's signature, too."""

    does: str
    roles: str
    gives: Any
    takes: Any = None
    status: int = 200
    many: bool = False
    query: Sequence[str] = ()
    signed: bool = False


def _action(does: str, roles: str, takes: Any, **more: Any) -> Operation:
    return Operation(does=does, roles=roles, takes=takes, gives=answers.CaseAnswer, **more)


_CASES = ("state", "outcome", "kind", "order_id", "seller_id", "buyer_id", "due_before", "updated_since", "sort")
_CASE = "/v1/cases/{case_id}"
_ORDER = "/v1/orders/{order_id}"
_REFUND = "/v1/refunds/{refund_id}"
_ASKERS = "buyer, seller, support, system"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/health"): Operation(does="The API answers.", roles="", gives=answers.HealthAnswer),
    ("GET", "/openapi.json"): Operation(does="This document.", roles="", gives=dict[str, Any]),
    ("GET", "/v1/reasons"): Operation(does="The catalogue of reasons.", roles="", gives=answers.ReasonsAnswer),
    ("PUT", _ORDER): Operation(
        does="Push a whole order; an older version changes nothing. 201 where it is new.",
        roles="system",
        takes=bodies.OrderPut,
        gives=answers.AppliedAnswer,
        signed=True,
    ),
    ("POST", f"{_ORDER}/status"): Operation(
        does="Push a change of status.",
        roles="system",
        takes=bodies.StatusPost,
        gives=answers.AppliedAnswer,
        signed=True,
    ),
    ("GET", "/v1/orders"): Operation(
        does="Own orders, newest first; staff name a buyer or a seller.",
        roles="buyer, seller, support, operator",
        gives=answers.OrderAnswer,
        many=True,
        query=("status", "buyer_id", "seller_id", *_PAGED),
    ),
    ("GET", _ORDER): Operation(does="One order.", roles=_ALL, gives=answers.OrderAnswer),
    ("GET", f"{_ORDER}/cancellation-options"): Operation(
        does="What the buyer should know before asking. Changes nothing; 200 also where one may not ask.",
        roles="buyer, support, operator, system",
        gives=answers.OptionsAnswer,
        query=("kind", "lines", "reason_code"),
    ),
    ("POST", f"{_ORDER}/cancellations"): _action("Ask to cancel.", _ASKERS, bodies.AskPost, status=201),
    ("POST", f"{_ORDER}/returns"): _action("Ask to return the goods.", _ASKERS, bodies.AskPost, status=201),
    ("GET", f"{_ORDER}/messages"): Operation(
        does="The chat about an order, with what was written on its cases.",
        roles="buyer, support, operator",
        gives=answers.MessageAnswer,
        many=True,
    ),
    ("POST", f"{_ORDER}/messages"): Operation(
        does="Write about an order; a case adopts it.",
        roles="buyer, support",
        takes=bodies.MessagePost,
        gives=answers.MessageAnswer,
        status=201,
    ),
    ("GET", "/v1/cases"): Operation(
        does="Cases that the caller may see.",
        roles=_ALL,
        gives=answers.CaseAnswer,
        many=True,
        query=(*_CASES, *_PAGED),
    ),
    ("GET", _CASE): Operation(does="One case.", roles=_ALL, gives=answers.CaseAnswer),
    ("GET", f"{_CASE}/timeline"): Operation(
        does="All that happened, oldest first.", roles=_ALL, gives=answers.EntryAnswer, many=True
    ),
    ("GET", f"{_CASE}/file"): Operation(does="The whole case, sealed.", roles=_ALL, gives=answers.CaseFileAnswer),
    ("POST", f"{_CASE}/approve"): _action("Say yes.", "seller, support", bodies.ApprovePost),
    ("POST", f"{_CASE}/reject"): _action("Say no, and why.", "seller, support", bodies.RejectPost),
    ("POST", f"{_CASE}/offer"): _action("Offer a fee or an alternative.", "seller, support", bodies.OfferPost),
    ("POST", f"{_CASE}/accept-offer"): _action("Agree to the offer.", "buyer", bodies.CommentPost),
    ("POST", f"{_CASE}/decline-offer"): _action("Decline the offer.", "buyer", bodies.CommentPost),
    ("POST", f"{_CASE}/withdraw"): _action("Take the request back.", "buyer", bodies.WithdrawPost),
    ("POST", f"{_CASE}/appeal"): _action("Ask customer service to look again.", "buyer", bodies.CommentPost),
    ("POST", f"{_CASE}/extend"): _action("Give more time.", "support", bodies.ExtendPost),
    ("POST", f"{_CASE}/claim"): _action("Take the case.", "support", bodies.NotePost),
    ("POST", f"{_CASE}/confirm"): _action("Agree as the second person.", "support", bodies.NotePost),
    ("POST", f"{_CASE}/reopen"): _action("Look again.", "support", bodies.NotePost),
    ("POST", f"{_CASE}/shipped-back"): _action("The goods are on their way back.", "buyer", bodies.ShippedBackPost),
    ("POST", f"{_CASE}/goods-received"): _action("The goods are back.", "seller, support", bodies.GoodsReceivedPost),
    ("POST", f"{_CASE}/parcel"): _action(
        "Answer the request to hold the parcel.", "system", bodies.ParcelPost, signed=True
    ),
    ("GET", f"{_CASE}/messages"): Operation(
        does="The thread of a case.", roles=_ALL, gives=answers.MessageAnswer, many=True
    ),
    ("POST", f"{_CASE}/messages"): Operation(
        does="Write on a case.", roles=_PARTIES, takes=bodies.MessagePost, gives=answers.MessageAnswer, status=201
    ),
    ("GET", f"{_CASE}/evidence"): Operation(
        does="The files of a case.", roles=_ALL, gives=answers.EvidenceAnswer, many=True
    ),
    ("POST", f"{_CASE}/evidence"): Operation(
        does="Announce a file, and learn where to upload it.",
        roles=_PARTIES,
        takes=bodies.EvidencePost,
        gives=answers.EvidenceAnswer,
        status=201,
    ),
    ("POST", "/v1/cases/bulk-decisions"): Operation(
        does="Many decisions, an answer for each in order.",
        roles="seller, support",
        takes=bodies.BulkPost,
        gives=answers.BulkItem,
        many=True,
    ),
    ("GET", _REFUND): Operation(does="One refund.", roles=_ALL, gives=answers.RefundAnswer),
    ("POST", f"{_REFUND}/events"): Operation(
        does="A payment provider's word; repeated and late words are harmless.",
        roles="system",
        takes=bodies.RefundEventPost,
        gives=answers.RefundAnswer,
        signed=True,
    ),
    ("GET", "/v1/wallets/{buyer_id}"): Operation(
        does="A buyer's built-in wallet.",
        roles="buyer, support, operator, system",
        gives=answers.WalletAnswer,
        query=("currency",),
    ),
    ("GET", "/v1/policies"): Operation(
        does="The current version of every policy profile.", roles="operator, support", gives=Policy, many=True
    ),
    ("GET", "/v1/policies/{name}"): Operation(
        does="One policy profile; `version` names an earlier one.",
        roles="operator, support",
        gives=Policy,
        query=("version",),
    ),
    ("PUT", "/v1/policies/{name}"): Operation(
        does="Keep the next version of a profile; running cases keep the version they began with.",
        roles="operator",
        takes=Policy,
        gives=Policy,
    ),
    ("GET", "/v1/sellers/{seller_id}/metrics"): Operation(
        does="Figures of one seller's latest cases.", roles="seller, operator, support", gives=answers.FiguresAnswer
    ),
    ("GET", "/v1/sellers/{seller_id}/policy"): Operation(
        does="The rules by which a seller says yes in advance.", roles="seller, operator, support", gives=SellerRules
    ),
    ("PUT", "/v1/sellers/{seller_id}/policy"): Operation(
        does="Keep all of a seller's rules; they count for requests made from now on.",
        roles="seller, operator",
        takes=bodies.SellerRulesPut,
        gives=SellerRules,
    ),
    ("GET", "/v1/metrics"): Operation(
        does="What is open, and how the last two weeks ended.", roles="operator", gives=answers.FiguresAnswer
    ),
    ("GET", "/v1/mail-stops"): Operation(
        does="Addresses that get no mail: it came back, or was called spam.",
        roles="operator, support",
        gives=answers.MailStopAnswer,
        many=True,
        query=_PAGED,
    ),
    ("DELETE", "/v1/mail-stops"): Operation(
        does="Let the address of stop `id` have mail again.",
        roles="operator",
        gives=answers.LiftedAnswer,
        query=("id",),
    ),
    ("GET", "/v1/support/contacts"): Operation(
        does="How to reach customer service.", roles="", gives=answers.ContactsAnswer
    ),
    ("PUT", "/v1/support/contacts"): Operation(
        does="Keep the directory.", roles="operator", takes=bodies.ContactsPut, gives=answers.ContactsAnswer
    ),
    ("POST", "/v1/support/messages"): Operation(
        does="The message to customer service, ready to copy.",
        roles=_ALL,
        takes=bodies.HelpPost,
        gives=answers.HelpAnswer,
    ),
}
