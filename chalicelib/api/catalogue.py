"""What anybody may read: health, the contract, the reasons."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.policies.reasons import ASKING, CATALOGUE_VERSION, RefusingReason
from chalicelib.edge.answer_types import HealthAnswer, ReasonsAnswer
from chalicelib.edge.route import ROUTES, Call, route
from chalicelib.edge.shapes import reason_shape
from chalicelib.locales import say

bp = Blueprint(__name__)


@route(bp, "GET", "/health")
def health(call: Call) -> HealthAnswer:
    """The API answers."""
    return {"status": "ok"}


@route(bp, "GET", "/openapi.json")
def contract(call: Call) -> Mapping[str, Any]:
    """This API as OpenAPI 3.1."""
    # Only whoever asks for the document pays for building it.
    from chalicelib.edge.contract import document

    return document(tuple(ROUTES.values()), wiring.settings().public_url)


@route(bp, "GET", "/v1/reasons")
def reasons(call: Call) -> ReasonsAnswer:
    """The catalogue: reasons to ask with their fault and statuses, and reasons to refuse."""
    locale = call.locale
    return {
        "version": CATALOGUE_VERSION,
        "items": [
            {
                **reason_shape(reason, locale),
                "kind": reason.kind,
                "role": reason.role,
                "statuses": sorted(reason.statuses),
            }
            for reason in ASKING
        ],
        "refusing": [{"code": code, "label": say(f"refusing_reason.{code}", locale)} for code in RefusingReason],
        "next_cursor": None,
    }
