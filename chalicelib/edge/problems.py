"""Every way to say no over HTTP: one table from stable code to status and title (RFC 9457).

Used at three places: the boundary around views, API Gateway's own answers (unknown routes, refusals of the
authorizer), and the sandbox's local server.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib import wiring
from chalicelib.domain.cases.evidence import MOST_BYTES as MOST_FILE_BYTES
from chalicelib.domain.errors import BatalError
from chalicelib.locales.harmless import in_json

PROBLEM_JSON = "application/problem+json"

# code: (HTTP status, title)
PROBLEMS: Mapping[str, tuple[int, str]] = {
    # the request itself
    "malformed_json": (400, "The body is not valid JSON"),
    "bad_cursor": (400, "This cursor was not given out by us"),
    "unauthorized": (401, "A valid bearer token is needed, or a signature that holds where one counts"),
    "forbidden": (403, "Your role may never do this"),
    "request_blocked": (403, "A firewall in front of this service has stopped the request, which did not arrive"),
    "not_found": (404, "There is no such thing here"),
    "method_not_allowed": (405, "This address does not take this method"),
    "body_too_large": (413, "The body is larger than this address takes"),
    "unsupported_media_type": (415, "Send application/json"),
    "validation_failed": (422, "Some fields are missing or wrong"),
    "idempotency_mismatch": (
        422,
        "This Idempotency-Key (or webhook-id) came with another body before",
    ),
    "idempotency_in_progress": (409, "The first request with this Idempotency-Key is still under way"),
    "amounts_do_not_add_up": (422, "What was paid is not what the order adds up to"),
    "version_taken": (409, "This version said something else before"),
    "order_unknown_yet": (409, "Nobody told of this order yet: say it again once it is there"),
    "order_id_required": (422, "What is signed names its order: a signature covers no address"),
    "case_id_required": (422, "What is signed names its case: a signature covers no address"),
    "refund_id_required": (422, "What is signed names its refund: a signature covers no address"),
    "part_required": (422, "What is signed names its part of the refund: a signature covers no address"),
    "buyer_id_required": (422, "What is signed names its buyer: a signature covers no address"),
    "identity_changed": (422, "An order keeps its buyer, seller, platform and currency"),
    "other_marketplace": (422, "This deployment serves another marketplace"),
    "unknown_platform": (422, "There is no policy for this platform"),
    "terms_not_accepted": (422, "The terms must be accepted"),
    "reason_not_allowed": (422, "This reason cannot be given here"),
    "tracking_number_required": (422, "A parcel that has left has a tracking number"),
    "words_too_long": (422, "What was written is too long"),
    "note_required": (422, "Customer service must say why"),
    "amount_differs": (422, "The amount is not what is due"),
    "event_differs": (422, "This event came with something else before"),
    "refund_missing": (422, "This case has no refund"),
    "comment_required": (422, "Say why"),
    "amount_not_understood": (422, "The amount is not clear: write it like 20000, 20.000 or 1,5 jt"),
    "day_not_understood": (422, "The day is not clear: write it like 2026-12-31"),
    "day_off_incomplete": (422, "A day off has a name and what it rests on"),
    "day_gone": (422, "This day is over"),
    "offer_needs_one": (422, "An offer is a fee, an alternative or a partial refund, one of them"),
    "offer_missing": (422, "There is no offer"),
    "fee_too_high": (422, "A fee is above zero and at most what is due"),
    "partial_refund_not_allowed": (422, "There are no goods that the buyer has, or is to get"),
    "partial_refund_too_high": (422, "A partial refund is above zero and at most the money that is left of the order"),
    "alternative_not_allowed": (422, "This alternative cannot be offered here"),
    "until_not_allowed": (422, "The new deadline is not later, or later than policy allows"),
    "file_type_not_allowed": (422, "Evidence is a photo or a PDF"),
    "file_too_large": (422, f"Evidence is at most {MOST_FILE_BYTES // 1024**2} MiB"),
    "too_many_files": (422, "A case takes no more files of one party"),
    "too_many_messages": (429, "Enough was written for one day"),
    "too_many_requests": (429, "Too many requests came at once"),
    "message_incomplete": (422, "The order number and the reason are needed"),
    "link_invalid": (404, "This link is not one of ours"),
    "hand_over_used": (410, "This hand-over was used"),
    "hand_over_over": (410, "This hand-over is too old"),
    "link_without_deadline": (422, "There is nothing to decide"),
    # the order or the case stands in the way
    "already_cancelled": (409, "The order is cancelled already"),
    "already_delivered": (409, "The order was delivered: ask for a return instead"),
    "already_shipped": (409, "The parcel has left"),
    "not_delivered": (409, "The order was not delivered: ask to cancel it instead"),
    "return_window_over": (409, "The time to return the goods is over"),
    "packed_together": (409, "These goods are packed with others and go together"),
    "mixed_standing": (409, "Some of these goods have left and others have not: ask for them apart"),
    "bundle_goes_together": (409, "These goods are part of a bundle and go together"),
    "gift_goes_with_its_goods": (409, "A gift goes with the goods that it came with"),
    "order_completed": (409, "The order is completed"),
    "balance_too_low": (409, "The wallet holds less than this"),
    "case_open": (409, "The order has an open case"),
    "case_granted": (409, "These goods were cancelled: they must not leave"),
    "nothing_left": (409, "Everything in the order was cancelled or returned"),
    "extended_enough": (409, "This wait was made longer as often as policy allows"),
    "attempts_used_up": (409, "The order was asked to be cancelled as often as the platform allows"),
    "policy_forbids": (409, "The platform's policy does not allow this"),
    "quote_changed": (409, "The money is no longer what was shown"),
    "already_decided": (409, "The case has been decided"),
    "deadline_passed": (409, "The deadline has passed"),
    "superseded": (409, "Something later has taken its place"),
    "deduction_not_allowed": (422, "Only customer service can deduct, and only for goods that were sent back"),
    "fee_not_allowed": (422, "Only customer service takes less of a fee"),
    "deduction_too_high": (422, "The deduction is more than what would go back"),
    "return_address_not_allowed": (422, "No goods are to be sent back"),
    "label_empty": (422, "Say at least one thing that is new"),
    "no_reference": (422, "Nobody told by what the provider knows the payment"),
    "no_header": (422, "The file has no line that names its columns"),
    "empty_file": (422, "The file is empty"),
    "not_text": (422, "The file is no text that can be read"),
    "no_json_lines": (422, "The file is one JSON list instead of one object on each line"),
    "column_twice": (422, "The file names a column twice"),
    "unknown_zone": (422, "Nobody knows this time zone"),
    "nothing_expected": (422, "Nothing that can be read is expected"),
    # told of a job that failed, or of a row that it refused
    "not_uploaded": (409, "No file was uploaded"),
    "unreadable_file": (422, "The file is packed, and cannot be unpacked"),
    "too_many_lines": (422, "There are more lines than can be compared at once"),
    "too_large": (422, "The file is too large, or is no text with lines"),
    "took_too_long": (409, "The comparison took longer than a function may run"),
    "url_not_allowed": (422, "Events go to https addresses on the public internet only"),
    "too_many_webhooks": (409, "There are as many webhooks as there may be"),
    "too_many_waiting": (409, "So many events wait for this receiver already"),
    "gave_up": (409, "The work broke off several times"),
    "cancelled": (409, "Somebody called the job off"),
    "line_too_long": (422, "A line of the file is longer than a row may be"),
    "case_taken": (409, "This id is another order's case"),
    "timeline_broken": (422, "The timeline is not as it was written down"),
    "not_at_rest": (409, "Programs were still to hear of this case when it was written down"),
    "timeline_too_long": (422, "The timeline is too long to be taken in at once"),
    "too_many_jobs": (409, "So many jobs are under way already"),
    "too_many_rows": (422, "There are more rows than one call takes"),
    "not_reached": (503, "The time was not enough for this row: send it again"),
    "part_is_done": (409, "This part of the refund has gone, or goes another way"),
    "part_not_stuck": (409, "This part may still go the way it was sent: it goes another way once it has failed"),
    "no_account_wanted": (409, "No money of this refund needs an account"),
    "part_frozen": (409, "This part waits for a chargeback: the bank has not decided, or gave the money already"),
    "part_is_no_money": (409, "Vouchers and coins never become money"),
    "not_now": (409, "The case is not at this point"),
    "not_yet": (409, "The deadline has not come yet"),
    "offer_superseded": (409, "What was offered is not to be had any more: goods or money went another way"),
    "offers_used_up": (409, "No more offers can be made"),
    "nothing_to_confirm": (409, "Nobody has approved first"),
    "same_person": (409, "The second yes must be somebody else's"),
    "claimed_by_colleague": (409, "Somebody else of customer service has this case: take it over first"),
    "mail_stopped": (409, "The reader's address is stopped: no mail goes there"),
    "mail_under_way": (409, "This mail has not gone out yet"),
    "not_appealable": (409, "There is nothing to appeal against"),
    "appeal_too_late": (409, "The time to appeal is over"),
    "day_off_already": (409, "This day is a day off already"),
    "day_off_weekend": (409, "Saturday and Sunday are no working days"),
    "too_many_days_off": (409, "No more days off can be added"),
    "conflict": (409, "Many others wrote at the same time; please try again"),
    # us
    "internal_error": (500, "Something went wrong on our side"),
    "try_again": (503, "A part of the platform does not answer; nothing was changed"),
}


# API Gateway's own answers, by the name of its gateway response: the deployed template and the sandbox's server both
# speak by this table.
GATEWAY_RESPONSES: Mapping[str, str] = {
    "UNAUTHORIZED": "unauthorized",
    "ACCESS_DENIED": "unauthorized",
    "INVALID_API_KEY": "unauthorized",
    "MISSING_AUTHENTICATION_TOKEN": "not_found",
    "RESOURCE_NOT_FOUND": "not_found",
    "REQUEST_TOO_LARGE": "body_too_large",
    "UNSUPPORTED_MEDIA_TYPE": "unsupported_media_type",
    "BAD_REQUEST_BODY": "malformed_json",
    # Where the keys of tokens lie nobody answers: a deny would be remembered.
    "AUTHORIZER_FAILURE": "try_again",
    "THROTTLED": "too_many_requests",
    "QUOTA_EXCEEDED": "too_many_requests",
    "WAF_FILTERED": "request_blocked",
    "INTEGRATION_FAILURE": "internal_error",
    "INTEGRATION_TIMEOUT": "internal_error",  # it may have been done: the same under its key is safe
    "DEFAULT_5XX": "internal_error",
}


COME_AGAIN = 5  # seconds after which a caller who was sent away may come again
LATER = ("order_unknown_yet",)
SCHEME = "Bearer"  # in which the API wants to be told who calls (RFC 9110)


def problem(code: str, details: Mapping[str, Any] | None = None) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a problem document: who is to come again is told when, who is unknown how to say who
    they are. An unknown code is our mistake
    and becomes a 500."""
    known = code if code in PROBLEMS else "internal_error"
    status, title = PROBLEMS[known]
    document = {"type": f"urn:batal:problem:{known}", "title": title, "status": status, "code": known}
    document |= {"detail": _sentence(title, details or {}), **(details or {})}
    if number := wiring.correlation_id():
        document["correlation_id"] = number
    again = status in (429, 503) or known in LATER
    headers = {"Content-Type": PROBLEM_JSON} | ({"Retry-After": str(COME_AGAIN)} if again else {})
    headers |= {"WWW-Authenticate": SCHEME} if status == 401 else {}
    return status, headers, in_json(msgspec.json.encode(document, enc_hook=str).decode())


def problem_of(error: BatalError, case: Mapping[str, Any] | None = None) -> tuple[int, dict[str, str], str]:
    """The problem document of a refusal, with the case as it is now where there is one."""
    return problem(error.code, {**error.details, **({"case": case} if case else {})})


def _sentence(title: str, details: Mapping[str, Any]) -> str:
    plain = [f"{name}: {value}" for name, value in details.items() if isinstance(value, (str, int))]
    if isinstance(case := details.get("case"), Mapping) and (state := case.get("state")):
        plain.append(f"state: {state}")
    return f"{title} ({', '.join(plain)})." if plain else f"{title}."
