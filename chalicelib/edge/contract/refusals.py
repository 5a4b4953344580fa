"""Which operation refuses with which codes: what follows from what it takes, and what its subject has of its own.

Every end-to-end test's answers are held against this (tests/e2e/contract.py): a code that is not here is a breach.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from chalicelib.domain.parties import Role
from chalicelib.edge.jobs import JOB
from chalicelib.edge.problems import COME_AGAIN, LATER, PROBLEM_JSON, PROBLEMS, SCHEME
from chalicelib.edge.route import Route

# Whatever is asked: API Gateway's own, and those of the boundary around all views.
_ALWAYS = ("body_too_large", "validation_failed", "too_many_requests", "internal_error", "try_again")

_SAID = ("not_now", "already_decided", "deadline_passed")
_ANSWERED = (*_SAID, "reason_not_allowed", "tracking_number_required")
_GRANTED = (
    *("return_address_not_allowed", "deduction_not_allowed", "deduction_too_high", "fee_not_allowed", "fee_too_high"),
    *("same_person", "partial_refund_not_allowed", "partial_refund_too_high", "offer_superseded", "offer_missing"),
)
_PARTIAL = ("partial_refund_not_allowed", "partial_refund_too_high")
_LINES = ("bundle_goes_together", "gift_goes_with_its_goods", "packed_together", "mixed_standing", "nothing_left")
_ASKED = (
    *_LINES,
    *("already_cancelled", "attempts_used_up", "policy_forbids", "case_open", "quote_changed", "terms_not_accepted"),
    *("reason_not_allowed", "superseded"),
)
_REOPENED = ("not_appealable", "case_open", "superseded", "already_cancelled")
_MOVED = (
    "part_is_done",
    "part_frozen",
    "part_not_stuck",
    "part_is_no_money",
    "same_person",
    "refund_missing",
    "not_now",
)

# By the operation's name.
_OWN: Mapping[str, tuple[str, ...]] = {
    "get_options": ("reason_not_allowed",),
    "post_cancellation": (*_ASKED, "already_delivered", "already_shipped", "order_completed"),
    "post_return": (*_ASKED, "not_delivered", "return_window_over"),
    "approve": (*_ANSWERED, *_GRANTED),
    "reject": _ANSWERED,
    "offer": (*_SAID, "offer_needs_one", "fee_too_high", "alternative_not_allowed", "offers_used_up", *_PARTIAL),
    "accept_offer": (*_SAID, "offer_missing", "offer_superseded", *_PARTIAL),
    "decline_offer": (*_SAID, "offer_missing"),
    "withdraw": _SAID,
    "appeal": (*_SAID, *_REOPENED, "appeal_too_late", "comment_required"),
    "extend": (*_SAID, "extended_enough", "until_not_allowed"),
    "claim": _SAID,
    "confirm": (*_SAID, *_GRANTED, "nothing_to_confirm"),
    "reopen": (*_SAID, *_REOPENED),
    "shipped_back": (*_SAID, "tracking_number_required"),
    "settle_parcel": _SAID,
    "goods_received": (*_SAID, "same_person"),
    "contest_goods": (*_SAID, "comment_required"),
    "return_label": (*_SAID, "label_empty"),
    "parcel": _SAID,
    "put_order": (
        "amounts_do_not_add_up",
        "version_taken",
        "identity_changed",
        "unknown_platform",
        "other_marketplace",
    ),
    "post_status": ("order_unknown_yet", "version_taken"),
    "post_payment": ("order_unknown_yet", "same_person"),
    "post_chargeback": ("order_unknown_yet", "event_differs"),
    "post_shipping_claim": ("order_unknown_yet", "case_open", "case_granted", "already_cancelled"),
    "post_goodwill": ("policy_forbids", "same_person"),
    "post_refund_event": ("not_now", "refund_missing", "amount_differs", "already_decided"),
    "post_part_event": ("not_now", "refund_missing", "already_decided"),
    "retry_part": _MOVED,
    "redirect_part": _MOVED,
    "resolve_part": _MOVED,
    "put_payout_account": (*_MOVED, "no_account_wanted"),
    "post_debit": ("event_differs", "balance_too_low"),
    "post_evidence": ("file_type_not_allowed", "file_too_large", "too_many_files"),
    "post_order_message": ("too_many_messages",),
    "post_case_message": ("too_many_messages",),
    "post_reconciliation": ("unknown_zone",),
    "put_policy": ("superseded", "policy_forbids"),
    "post_help_message": ("message_incomplete",),
    "post_batch": ("too_many_rows",),
    "post_webhook": ("too_many_webhooks", "url_not_allowed"),
    "replay_webhook": ("too_many_waiting",),
    "post_notification": ("unauthorized", "not_found", "no_reference"),
}

_MEANT_FOR: Mapping[int, str] = {
    400: "It cannot be read",
    401: "Nobody knows who calls",
    403: "This role may never do it",
    404: "There is no such thing, or it is not the caller's to see",
    409: "It cannot be done as things stand; a `case` that comes along is as it is now, in the language of "
    "`Accept-Language`",
    413: "It is too large",
    415: "It is no JSON",
    422: "Some of it is missing or wrong",
    429: "Too much at once: come again after `Retry-After` seconds",
    500: "Something is wrong on our side",
    503: "A part of the platform does not answer, nothing was changed: come again after `Retry-After` seconds",
}


def codes_of(route: Route) -> frozenset[str]:
    """All codes that this operation may refuse with."""
    found = {*_ALWAYS, *_OWN.get(route.name, ())}
    if route.roles:
        found |= {"unauthorized", "forbidden"}
    if "{" in route.path:
        found.add("not_found")
    if route.takes:
        found |= {"malformed_json", "unsupported_media_type"}
    if {"cursor", "after"} & set(route.query.__struct_fields__):
        found.add("bad_cursor")
    if route.keyed:
        found |= {"idempotency_mismatch", "idempotency_in_progress"}
    if route.signed:
        found |= {f"{name}_required" for name in route.places}
    if route.made_at == JOB:
        found.add("too_many_jobs")
    if "note" in getattr(route.takes, "__struct_fields__", ()):
        found.add("note_required")
    if route.method != "GET" and route.roles:
        found.add("conflict")
    if Role.SUPPORT in route.roles and "not_now" in found:
        found.add("claimed_by_colleague")
    return frozenset(found)


def responses_of(route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
    """The refusals of an operation, by status; those that never differ are said once."""
    for status, found in groupby(sorted(codes_of(route), key=_order), key=lambda code: PROBLEMS[code][0]):
        codes = tuple(found)
        shared = _SHARED.get((status, codes))
        yield str(status), {"$ref": f"#/components/responses/{shared}"} if shared else _response(status, codes)


def _order(code: str) -> tuple[int, str]:
    return PROBLEMS[code][0], code


def _response(status: int, codes: tuple[str, ...]) -> dict[str, Any]:
    said = "; ".join(f"`{code}`: {PROBLEMS[code][1]}" for code in codes)
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {PROBLEM_JSON: {"schema": schema, "example": _example(codes[0])}}
    made: dict[str, Any] = {"description": f"{_MEANT_FOR[status]}. {said}.", "content": content, "x-codes": list(codes)}
    headers: dict[str, Any] = {}
    if status == 401:
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}
    if status in (429, 503) or set(codes) & set(LATER):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    return {**made, "headers": headers} if headers else made


def _example(code: str) -> dict[str, Any]:
    status, title = PROBLEMS[code]
    return {"type": f"urn:batal:problem:{code}", "title": title, "status": status, "code": code, "detail": f"{title}."}


_SHARED: Mapping[tuple[int, tuple[str, ...]], str] = {
    (400, ("malformed_json",)): "Unreadable",
    (400, ("bad_cursor",)): "BadCursor",
    (401, ("unauthorized",)): "Unauthorized",
    (403, ("forbidden",)): "Forbidden",
    (404, ("not_found",)): "NotFound",
    (413, ("body_too_large",)): "TooLarge",
    (415, ("unsupported_media_type",)): "NoJson",
    (422, ("validation_failed",)): "Invalid",
    (422, ("idempotency_mismatch", "validation_failed")): "InvalidOrKeyTaken",
    (429, ("too_many_requests",)): "TooManyRequests",
    (500, ("internal_error",)): "InternalError",
    (503, ("try_again",)): "TryAgain",
}
RESPONSES: Mapping[str, Any] = {name: _response(*key) for key, name in _SHARED.items()}

HEADERS: Mapping[str, Any] = {
    "WWW-Authenticate": {
        "description": "How to say who calls. What the API's own function refuses, not its gateway, comes as "
        "`x-amzn-remapped-www-authenticate` from API Gateway.",
        "required": True,
        "schema": {"type": "string", "const": SCHEME},
    },
    "Retry-After": {
        "description": "After how many seconds to come again.",
        "schema": {"type": "integer", "minimum": 1},
        "example": COME_AGAIN,
    },
    "Location": {
        "description": "Where what was made can be found, as an absolute address.",
        "required": True,
        "schema": {"type": "string", "format": "uri"},
    },
    "X-Request-Id": {
        "description": "The number of this request: the caller's own, or one that was made.",
        "schema": {"type": "string"},
    },
    "Idempotent-Replayed": {
        "description": "The key was known: this is the first answer again, and nothing was done.",
        "schema": {"type": "string", "const": "true"},
    },
}


def problem_schema() -> dict[str, Any]:
    """A problem document (RFC 9457)."""
    field = {
        "type": "object",
        "properties": {
            "field": {"type": "string", "description": "Which field, by its path."},
            "message": {"type": "string", "description": "What is wrong with it, in English."},
        },
    }
    return {
        "title": "Problem",
        "type": "object",
        "description": "Why not (RFC 9457). `code` is stable; `x-codes` tells the HTTP status of each. What else is "
        "known of a refusal comes along as further members.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": sorted(PROBLEMS)},
            "correlation_id": {"type": "string", "description": "As in X-Request-Id: name it when you ask"},
            "errors": {"type": "array", "items": field},
            "case": {"$ref": "#/components/schemas/CaseAnswer"},
        },
        "required": ["type", "title", "status", "code"],
        "x-codes": {code: {"status": status, "title": title} for code, (status, title) in sorted(PROBLEMS.items())},
    }
