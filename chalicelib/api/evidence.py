"""Evidence files."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.parties import TALKS
from chalicelib.edge.answer_types import EvidenceAnswer, Listed, UploadAnswer
from chalicelib.edge.bodies import EvidencePost
from chalicelib.edge.queries import PageQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import evidence_shape, page_shape
from chalicelib.workflow import evidence

bp = Blueprint(__name__)

_OF_CASE = "/v1/cases/{case_id}/evidence"


@route(bp, "GET", _OF_CASE, roles=TALKS)
def list_evidence(call: Call, case_id: str, query: PageQuery) -> Listed[EvidenceAnswer]:
    """The files of a case that were really uploaded."""
    page = evidence.evidence_page(wiring.ports(), case_id, call.actor, query.limit, query.cursor)
    return page_shape(page, _shown)


@route(bp, "POST", _OF_CASE, roles=TALKS, status=201, made_at=_OF_CASE)
def post_evidence(call: Call, case_id: str, body: EvidencePost) -> EvidenceAnswer:
    """Announce a file, and learn where to upload it."""
    return call.once(
        lambda keep: evidence.announce_evidence(
            wiring.ports(), case_id, body.filename, body.content_type, body.size, call.actor, remember=keep
        ),
        _announced,
    )


def _shown(file: evidence.File) -> EvidenceAnswer:
    shape = evidence_shape(file.evidence)
    return {**shape, "url": file.url} if file.url else shape


def _announced(made: evidence.Announced) -> EvidenceAnswer:
    announced, upload = made
    where: UploadAnswer = {
        "method": "POST",
        "url": upload.url,
        "fields": upload.fields,
        "expires_at": upload.expires_at,
    }
    return {**evidence_shape(announced), "upload": where}
