"""Showing files: what it is, then the form that a browser posts straight to the bucket."""

from urllib.parse import urlsplit

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.evidence import ANY_TYPE, MOST_BYTES, MOST_FILES, TYPES
from chalicelib.domain.parties import TALKS
from chalicelib.edge.cors import READ
from chalicelib.locales import say
from chalicelib.pages.notices import did
from chalicelib.pages.page import FORM, Visit, page
from chalicelib.pages.pressing import made_once, words_of
from chalicelib.workflow import access
from chalicelib.workflow import evidence as files

bp = Blueprint(__name__)


@bp.route("/cases/{case_id}/evidence", methods=READ)
@page(bp)
def before_a_file(visit: Visit, case_id: str) -> Response:
    """The button that asks for a place: for who has just asked and whose reason wants photos, and for who comes by the
    address."""
    actor = visit.signed_in()
    found = access.case_for(wiring.ports(), case_id, actor)
    made = visit.query.get("did")
    entries = access.latest_entries(wiring.ports(), case_id, actor).items if made else ()
    just_asked = did(made, entries, actor) is Command.ASK
    return visit.page("evidence.html.j2", case=found, upload=None, just_asked=just_asked, made=made)


@bp.route("/cases/{case_id}/evidence", methods=["POST"], content_types=[FORM])
@page(bp)
def take_evidence(visit: Visit, case_id: str) -> Response:
    """The form that a browser posts straight to the bucket, which leads back to the case. What the file is nobody has
    to say: its bytes tell."""
    actor = visit.signed_in()
    form = visit.form()

    def back(evidence_id: str) -> str:
        return wiring.links().to(f"/cases/{case_id}?did={evidence_id}")

    place = made_once(
        words_of(visit, form, actor),
        lambda keep: files.announce_evidence(
            wiring.ports(), case_id, say(_NAMES[actor.role], visit.locale), ANY_TYPE, MOST_BYTES, actor, back, keep
        ),
        lambda made: msgspec.json.encode(made).decode(),
    )
    _, upload = msgspec.json.decode(place, type=files.Announced)
    bucket = urlsplit(upload.url)
    return visit.page(
        "evidence.html.j2",
        posts_to=f"{bucket.scheme}://{bucket.netloc}",
        case=access.case_for(wiring.ports(), case_id, actor),
        upload=upload,
        just_asked=False,
        made=None,
        types=list(TYPES),
        most=MOST_BYTES,
        most_files=MOST_FILES,
    )


# What a file is called, by who brought it.
_NAMES = {role: f"page.evidence.of.{role}" for role in TALKS}
