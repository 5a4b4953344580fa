"""The whole case on one page, to print or to save."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.money.explanation import explanation, paid_by
from chalicelib.edge.boundary import json_of
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
    document = case_file(wiring.ports(), case_id, actor, wiring.settings().link_secret, visit.query.get("before"))
    if visit.query.get("as") == "json":
        headers: dict[str, str | list[str]] = {
            "Content-Type": "application/json",
            "Content-Disposition": f'attachment; filename="case-{document["case"]["reference"]}.json"',
        }
        return Response(body=json_of(document), headers=headers)
    found = access.case_for(wiring.ports(), case_id, actor)
    order = access.order_for(wiring.ports(), found.order_id, actor)
    return visit.page(
        "file.html.j2",
        case=found,
        order=order,
        reasons=explanation(found.quote, paid_by(order), found.refund),
        entries=access.latest_entries(wiring.ports(), case_id, actor, within=access.TO_PRINT),
        messages=threads.latest_on_case(wiring.ports(), found, actor, within=access.TO_PRINT),
        files=files.evidence_of(wiring.ports(), case_id, actor),
        seal=document["seal"],
        soundness=document["timeline"]["soundness"],
        json_address=address(f"/cases/{case_id}/file?as=json"),
        earlier=document["messages_earlier"],
    )
