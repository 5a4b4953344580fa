"""The whole case on one page, to print or to save."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.parties import Actor
from chalicelib.edge.answer_types import CaseFileAnswer
from chalicelib.edge.case_file import case_file
from chalicelib.edge.cors import READ
from chalicelib.pages.page import Visit, address, page
from chalicelib.workflow import access, threads
from chalicelib.workflow import evidence as files

bp = Blueprint(__name__)


@bp.route("/cases/{case_id}/file", methods=READ)
@page(bp)
def printable(visit: Visit, case_id: str) -> Response:
    """The whole case on one page, to print or to keep."""
    actor = visit.signed_in()
    document = _document(case_id, actor)
    if visit.query.get("as") == "json":
        import msgspec

        headers: dict[str, str | list[str]] = {
            "Content-Type": "application/json",
            "Content-Disposition": f'attachment; filename="case-{case_id}.json"',
        }
        return Response(body=msgspec.json.encode(document).decode(), headers=headers)
    found = access.case_for(wiring.ports(), case_id, actor)
    return visit.page(
        "file.html.j2",
        case=found,
        order=access.order_for(wiring.ports(), found.order_id, actor),
        entries=access.timeline_for(wiring.ports(), case_id, actor),
        messages=threads.thread_of(wiring.ports(), found, actor),
        files=files.evidence_of(wiring.ports(), case_id, actor),
        seal=document["seal"],
        json_address=address(f"/cases/{case_id}/file?as=json"),
    )


def _document(case_id: str, actor: Actor) -> CaseFileAnswer:
    return case_file(wiring.ports(), case_id, actor, wiring.settings().link_secret)
