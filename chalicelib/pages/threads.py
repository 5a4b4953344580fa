"""What people write to each other and show: conversations, evidence, the case file to keep, help."""

from urllib.parse import urlsplit

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.support import contacts
from chalicelib.domain.cases.case import Actor, Role
from chalicelib.domain.cases.threads import MOST_BYTES, TYPES
from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.edge.case_file import case_file
from chalicelib.edge.cors import READ
from chalicelib.mail.to_support import write
from chalicelib.pages.page import FORM, Visit, address, go, page
from chalicelib.workflow import access, threads

bp = Blueprint(__name__)

_MOST = 4000
_CHANNELS = ("email", "chat", "phone")


@bp.route("/cases/{case_id}/messages", methods=["POST"], content_types=[FORM])
@page(bp)
def write_on_case(visit: Visit, case_id: str) -> Response:
    """Say something to the other parties."""
    actor = visit.signed_in()
    text = visit.form().text("text", _MOST)
    if text:
        threads.write_on_case(wiring.house(), case_id, text, actor)
    return go(f"/cases/{case_id}?done=written#messages")


@bp.route("/cases/{case_id}/thread", methods=READ)
@page(bp)
def case_thread(visit: Visit, case_id: str) -> Response:
    """The conversation alone, for a page that looks every two seconds."""
    actor = visit.signed_in()
    return visit.page("thread.html.j2", messages=threads.case_thread(wiring.house(), case_id, actor))


@bp.route("/orders/{order_id}/thread", methods=READ)
@page(bp)
def order_thread(visit: Visit, order_id: str) -> Response:
    """The same for the chat about an order."""
    actor = visit.signed_in()
    return visit.page("thread.html.j2", messages=threads.order_thread(wiring.house(), order_id, actor))


@bp.route("/orders/{order_id}/help", methods=READ)
@page(bp)
def get_help(visit: Visit, order_id: str) -> Response:
    """How to reach customer service: the chat, the directory, and the message written for the buyer."""
    actor = visit.signed_in()
    if actor.role is Role.SELLER:
        raise Forbidden(actor.role, "order_messages")
    order = access.order_for(wiring.house(), order_id, actor)
    reason = visit.query.get("reason", "")[:200].strip()
    about = {"order_id": order_id, "reason": reason, "name": order.body.buyer.name, "phone": order.body.buyer.phone}
    written = [write(channel, **about, locale=visit.locale) for channel in _CHANNELS] if reason else []
    return visit.page(
        "help.html.j2",
        order=order,
        messages=threads.order_thread(wiring.house(), order_id, actor),
        directory=contacts(wiring.house(), visit.locale),
        reason=reason,
        written=written,
    )


@bp.route("/orders/{order_id}/messages", methods=["POST"], content_types=[FORM])
@page(bp)
def write_on_order(visit: Visit, order_id: str) -> Response:
    """Ask customer service about an order."""
    actor = visit.signed_in()
    text = visit.form().text("text", _MOST)
    if text:
        threads.write_on_order(wiring.house(), order_id, text, actor)
    return go(f"/orders/{order_id}/help#messages")


@bp.route("/cases/{case_id}/evidence", methods=READ)
@page(bp)
def describe_evidence(visit: Visit, case_id: str) -> Response:
    """What the file is; the next page takes it."""
    actor = visit.signed_in()
    found = access.case_for(wiring.house(), case_id, actor)
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
    back = wiring.links().to(f"/cases/{case_id}?done=uploaded")
    filename = f"{name}.{TYPES.get(kind, '')}"
    evidence, upload = threads.announce_evidence(wiring.house(), case_id, filename, kind, MOST_BYTES, actor, back)
    bucket = urlsplit(upload.url)
    return visit.page(
        "evidence.html.j2",
        posts_to=f"{bucket.scheme}://{bucket.netloc}",
        case=access.case_for(wiring.house(), case_id, actor),
        kinds=list(TYPES),
        upload=upload,
        evidence=evidence,
    )


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
    found = access.case_for(wiring.house(), case_id, actor)
    return visit.page(
        "file.html.j2",
        case=found,
        order=access.order_for(wiring.house(), found.order_id, actor),
        entries=wiring.house().store.timeline(case_id),
        messages=threads.thread_of(wiring.house(), found, actor),
        files=threads.evidence_of(wiring.house(), case_id, actor),
        seal=document["seal"],
        json_address=address(f"/cases/{case_id}/file?as=json"),
    )


def _document(case_id: str, actor: Actor) -> dict[str, object]:
    return case_file(wiring.house(), case_id, actor, wiring.settings().link_secret)
