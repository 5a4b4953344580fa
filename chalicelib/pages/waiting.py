"""Behind the link in a digest: all that it asked about, each request with buttons of its own. As behind the link in a
single mail, opening it changes nothing, and who holds it may answer until each deadline (docs/rules.md R21)."""

from dataclasses import replace

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.awaited import Awaited, awaited_of
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.edge.commands import command_in
from chalicelib.edge.cors import READ
from chalicelib.links import DigestLink
from chalicelib.pages.link_cookies import is_whole, put_away, token_behind
from chalicelib.pages.page import FORM, Visit, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import access, decisions, digests
from chalicelib.workflow.committing import Remember

bp = Blueprint(__name__)


@bp.route("/waiting/{token}", methods=READ)
@page(bp)
def look(visit: Visit, token: str) -> Response:
    """All that the digest asked about, the most urgent first."""
    link = wiring.links().read_digest(token_behind(visit, token))
    return put_away(visit, "/waiting/{}", token) if is_whole(token) else _show(visit, token, link)


@bp.route("/waiting/{token}", methods=["POST"], content_types=[FORM])
@page(bp)
def approve(visit: Visit, token: str) -> Response:
    """One request was approved; for every other answer there is the request's own page."""
    link = wiring.links().read_digest(token_behind(visit, token))
    form, ports = visit.form(ours=False), wiring.ports()
    mine = [each for each in digests.asked_about(ports, link.seller_id, link.at) if each[0].case_id == form.get("case")]
    if not mine or form.get("answer") != "approve":
        raise Invalid("validation_failed")
    ((asked, case, _),) = mine
    if access.above_link(ports, case):
        return _show(visit, token, link, status=403)
    seller = replace(_seller_of(link), door=Door.LINK)

    def say(keep: Remember | None) -> Case:
        if not asked.is_open(case, ports.now()):
            raise CaseRefused("already_decided", case)
        return decisions.say(ports, case.case_id, command_in(Command.APPROVE, {}), seller, keep)

    try:
        key = key_in(visit, form, seller, by="link")
        return act_once(key, say, lambda case: f"/waiting/{token}?did={case.decision_id}")
    except CaseRefused as refused:
        return _show(visit, token, link, refused=refused.code, status=409)


def _seller_of(link: DigestLink) -> Actor:
    """Whom the digest was sent to: whoever holds it sees what that seller may see of these requests."""
    return Actor(role=Role.SELLER, id=link.seller_id)


def _show(visit: Visit, token: str, link: DigestLink, *, status: int = 200, refused: str | None = None) -> Response:
    ports, made = wiring.ports(), visit.query.get("did")
    asked = digests.asked_about(ports, link.seller_id, link.at)
    waiting = [(case, order, _page_of(case)) for each, case, order in asked if each.is_open(case, ports.now())]
    over = [(case, order) for each, case, order in asked if not each.is_open(case, ports.now())]
    answered = any(
        case.decision_id == made and case.decision and case.decision.by == _seller_of(link) for case, _ in over
    )
    return visit.page(
        "waiting.html.j2", status, token=token, waiting=waiting, over=over, refused=refused, answered=answered
    )


def _page_of(case: Case) -> str | None:
    """Where any answer can be given by link; None where it takes somebody who is signed in."""
    by_link = awaited_of(case, Role.SELLER) is Awaited.ANSWER and not access.above_link(wiring.ports(), case)
    return wiring.links().decision(case) if by_link else None
