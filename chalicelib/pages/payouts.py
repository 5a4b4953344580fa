"""Where money goes that cannot go the way it came: the buyer says so in two steps, from the link in a mail or signed
in; customer service does for them. What was typed is shown whole before it counts, and masked ever after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.transitions import CaseRefused, may_ever
from chalicelib.domain.errors import BatalError, Forbidden, Invalid, Refused
from chalicelib.domain.money.payout import Account, bank_account, ewallet_account
from chalicelib.domain.orders.methods import CHANNELS, Method
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.links import PayoutLink, path
from chalicelib.mail.letter import how_far
from chalicelib.pages.link_cookies import is_whole, put_away, token_behind
from chalicelib.pages.notices import did
from chalicelib.pages.page import FORM, Form, Visit, named_in, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import access, payouts
from chalicelib.workflow.committing import Remember

bp = Blueprint(__name__)

WAYS = ("bank", "ewallet", "wallet")
_KNOWN: Mapping[str, list[str]] = {
    way: sorted((brand.name for brand in CHANNELS.values() if method in brand.methods), key=str.casefold)
    for way, method in (("bank", Method.BANK), ("ewallet", Method.EWALLET))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the form stands, for whom, and by which link they came, if by one."""

    address: str
    actor: Actor
    case: Case
    link: PayoutLink | None = None

    @property
    def is_used(self) -> bool:
        """Whether the link has had its answer."""
        refund = self.case.refund
        return self.link is not None and (refund is None or refund.turn != self.link.turn)

    @property
    def asks(self) -> bool:
        """Whether an account can be named here."""
        return self.case.refund is not None and bool(self.case.refund.without_way) and not self.is_used


@bp.route("/payout/{token}", methods=READ)
@page(bp)
def look_by_link(visit: Visit, token: str) -> Response:
    """The form behind the link in a mail. Opening it changes nothing: mail scanners open every link."""
    place = _by_link(visit, token)
    return put_away(visit, "/payout/{}", token) if is_whole(token) else _show(visit, place)


@bp.route("/payout/{token}", methods=["POST"], content_types=[FORM])
@page(bp)
def name_by_link(visit: Visit, token: str) -> Response:
    """The form was sent. Above the limit of links one has to be signed in."""
    place = _by_link(visit, token)
    if access.above_link(wiring.ports(), place.case):
        return _show(visit, place, status=403)
    return _named(visit, place, visit.form(ours=False))


@bp.route("/cases/{case_id}/payout", methods=READ)
@page(bp)
def look(visit: Visit, case_id: str) -> Response:
    """The form, for a buyer who is signed in, or for customer service."""
    return _show(visit, _signed_in(visit, case_id))


@bp.route("/cases/{case_id}/payout", methods=["POST"], content_types=[FORM])
@page(bp)
def name(visit: Visit, case_id: str) -> Response:
    """The form was sent."""
    place = _signed_in(visit, case_id)
    return _named(visit, place, visit.form())


def _by_link(visit: Visit, token: str) -> _Place:
    link = wiring.links().read_payout(token_behind(visit, token))
    actor = Actor(role=Role.BUYER, id=link.buyer_id)
    case = access.case_for(wiring.ports(), link.case_id, actor)
    return _Place(address=path("/payout/{}", token), actor=actor, case=case, link=link)


def _signed_in(visit: Visit, case_id: str) -> _Place:
    actor = visit.signed_in()
    if not may_ever(actor.role, Command.PAY_OUT):
        raise Forbidden(actor.role, Command.PAY_OUT)
    case = access.case_for(wiring.ports(), case_id, actor)
    return _Place(address=path("/cases/{}/payout", case_id), actor=actor, case=case)


def _named(visit: Visit, place: _Place, form: Form) -> Response:
    try:
        if form.get("change"):
            return _show(visit, place, typed=form, checking=False)
        account, note = _account_in(form), form.text("note")
        if place.actor.role is not Role.BUYER and not note:
            raise Invalid("note_required")
        if form.get("sure") != "yes":
            return _show(visit, place, typed=form, account=account, checking=True)
        return act_once(
            key_in(visit, form, place.actor, by="link" if place.link else "page"),
            lambda keep: _name(place, account, note, keep),
            lambda case: f"{place.address}?did={case.decision_id}",
        )
    except (Refused, Invalid) as refused:
        now = replace(place, case=access.case_for(wiring.ports(), place.case.case_id, place.actor))
        return _show(visit, now, typed=form, refused=refused, status=PROBLEMS[refused.code][0])


def _name(place: _Place, account: Account | None, note: str | None, keep: Remember | None) -> Case:
    if place.is_used:
        # Another account may be wanted by now; that has a link of its own.
        raise CaseRefused("no_account_wanted", place.case)
    speaker = replace(place.actor, door=Door.LINK) if place.link else place.actor
    return payouts.name_account(wiring.ports(), place.case.case_id, account, note, speaker, keep)


def _account_in(form: Form) -> Account | None:
    """What was filled in; None: into the wallet. Raises Invalid `validation_failed`."""
    match form.get("to"):
        case "bank":
            return bank_account(form.get("bank", ""), form.get("account_number", ""), form.get("holder", ""))
        case "ewallet":
            return ewallet_account(form.get("channel", ""), form.get("phone", ""), form.get("holder", ""))
        case "wallet":
            return None
        case _:
            raise Invalid("validation_failed", errors=[{"field": "to", "message": "which way is not said"}])


def _show(
    visit: Visit,
    place: _Place,
    *,
    typed: Form | None = None,
    account: Account | None = None,
    checking: bool = False,
    refused: BatalError | None = None,
    status: int = 200,
) -> Response:
    ports, case, actor = wiring.ports(), place.case, place.actor
    order = access.order_for(ports, case.order_id, actor)
    made = visit.query.get("did")
    entries = access.latest_entries(ports, case.case_id, actor).items if made else ()
    filled = typed or Form({}, {})
    chosen = filled.get("to") or visit.query.get("to")
    ways = WAYS if actor.role is Role.BUYER else WAYS[:2]
    return visit.page(
        "payout.html.j2",
        status,
        case=case,
        address=place.address,
        by_link=place.link is not None,
        asks=place.asks,
        done=did(made, entries, actor) is Command.PAY_OUT,
        too_dear=place.link is not None and access.above_link(ports, case),
        ways=ways,
        way=chosen if chosen in ways else ways[0],
        known=_KNOWN,
        typed=filled,
        checking=checking,
        account=account,
        refused=refused.code if refused else None,
        wrong=named_in(refused),
        seen=payouts.seen_in(case),
        stands=lambda part: how_far(case, part, order, actor.role, visit.locale, visit.zone, wiring.now()),
        staff=actor.role is not Role.BUYER,
    )
