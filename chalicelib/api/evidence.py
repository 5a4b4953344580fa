"""Evidence files."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import EvidencePost
from chalicelib.edge.boundary import answer_json, boundary, call
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.shapes import evidence_shape
from chalicelib.workflow import evidence as files_of

bp = Blueprint(__name__)


@bp.route("/v1/cases/{case_id}/evidence", methods=[*READ, "POST"], authorizer=authorize, cors=CORS)
@boundary
def case_evidence(case_id: str) -> Response:
    """The files of a case; posting announces one and gets the address to upload it to."""
    this = call(bp.current_request)
    actor = this.actor()
    if this.request.method != "POST":
        files = files_of.evidence_of(wiring.ports(), case_id, actor)
        items = [evidence_shape(file.evidence) | {"url": file.url} for file in files]
        return answer_json(200, {"items": items, "next_cursor": None})
    given = this.read(EvidencePost)
    evidence, upload = files_of.announce_evidence(
        wiring.ports(), case_id, given.filename, given.content_type, given.size, actor
    )
    return answer_json(201, evidence_shape(evidence) | {"upload": {"method": "POST", **_upload(upload)}})


def _upload(upload: Any) -> dict[str, Any]:
    return {"url": upload.url, "fields": upload.fields, "expires_at": upload.expires_at}
