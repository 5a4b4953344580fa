"""What anybody may read: health, the contract, the reasons."""

from chalice.app import Blueprint, Response

from chalicelib.domain.policies.reasons import ASKING, CATALOGUE_VERSION, Reason, RefusingReason
from chalicelib.edge.boundary import answer_json, boundary, call
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.shapes import reason_shape
from chalicelib.locales import say

bp = Blueprint(__name__)


@bp.route("/health", methods=READ, cors=CORS)
@boundary
def health() -> Response:
    """The API answers."""
    return answer_json(200, {"status": "ok"})


@bp.route("/openapi.json", methods=READ, cors=CORS)
@boundary
def contract() -> Response:
    """This API as OpenAPI 3.1."""
    # Only whoever asks for the document pays for building it.
    from chalicelib.edge.contract import document

    return answer_json(200, document())


@bp.route("/v1/reasons", methods=READ, cors=CORS)
@boundary
def reasons() -> Response:
    """The catalogue: reasons to ask with their fault and statuses, and reasons to refuse."""
    locale = call(bp.current_request).locale
    return answer_json(
        200,
        {
            "version": CATALOGUE_VERSION,
            "items": [reason_shape(r, locale) | _where(r) for r in ASKING],
            "refusing": [{"code": code, "label": say(f"refusing_reason.{code}", locale)} for code in RefusingReason],
            "next_cursor": None,
        },
    )


def _where(reason: Reason) -> dict[str, object]:
    return {"kind": reason.kind, "role": reason.role, "statuses": sorted(reason.statuses)}
