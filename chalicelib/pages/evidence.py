"""Showing files: what it is, then the form that a browser posts straight to the bucket."""

from urllib.parse import urlsplit

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.evidence import MOST_BYTES, TYPES
from chalicelib.domain.errors import Invalid
from chalicelib.edge.cors import READ
from chalicelib.pages.page import FORM, Visit, page
from chalicelib.pages.pressing import made_once, words_of
from chalicelib.workflow import access
from chalicelib.workflow import evidence as files

bp = Blueprint(__name__)


@bp.route("/cases/{case_id}/evidence", methods=READ)
@page(bp)
def describe_evidence(visit: Visit, case_id: str) -> Response:
    """What the file is; the next page takes it."""
    actor = visit.signed_in()
    found = access.case_for(wiring.ports(), case_id, actor)
    return visit.page("evidence.html.j2", case=found, kinds=list(TYPES), upload=None)


@bp.route("/cases/{case_id}/evidence", methods=["POST"], content_types=[FORM])
@page(bp)
def take_evidence(visit: Visit, case_id: str) -> Response:
    """The form that a browser posts straight to the bucket, which leads back to the case."""
    actor = visit.signed_in()
    form = visit.form()
    kind = form.get("content_type", "")
    name = "".join(sign for sign in form.get("name", "")[:100] if sign.isprintable() and sign not in "/\\")
    if not name:
        raise Invalid("validation_failed", errors=[{"field": "name", "message": "missing"}])
    filename = f"{name}.{TYPES.get(kind, '')}"

    def back(evidence_id: str) -> str:
        return wiring.links().to(f"/cases/{case_id}?did={evidence_id}")

    place = made_once(
        words_of(visit, form, actor),
        lambda keep: files.announce_evidence(wiring.ports(), case_id, filename, kind, MOST_BYTES, actor, back, keep),
        lambda made: msgspec.json.encode(made).decode(),
    )
    announced, upload = msgspec.json.decode(place, type=files.Announced)
    bucket = urlsplit(upload.url)
    return visit.page(
        "evidence.html.j2",
        posts_to=f"{bucket.scheme}://{bucket.netloc}",
        case=access.case_for(wiring.ports(), case_id, actor),
        kinds=list(TYPES),
        upload=upload,
        evidence=announced,
        most=MOST_BYTES,
    )
