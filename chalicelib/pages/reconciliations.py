"""For finance and operators: a settlement file is announced, uploaded, followed while it is compared, and reported."""

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import PAGE, Upload
from chalicelib.domain.reconciliation.findings import NEEDS_NOBODY
from chalicelib.domain.reconciliation.jobs import Reconciliation
from chalicelib.domain.reconciliation.providers import LAYOUTS
from chalicelib.domain.reconciliation.report import COLUMNS
from chalicelib.domain.zones import Zone
from chalicelib.edge.bodies import OUR_TIME, ReconciliationPost
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_CURSOR
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.reading import read_json
from chalicelib.pages.page import FORM, Form, Visit, page
from chalicelib.pages.pressing import kept_beside, key_in
from chalicelib.workflow import jobs, reconciliations

bp = Blueprint(__name__)

_DAY = timedelta(days=1)
Begun = tuple[Reconciliation, Upload]


@bp.route("/finance/reconciliations", methods=READ)
@page(bp)
def all_of_them(visit: Visit) -> Response:
    """What was asked for lately, and the form for another one."""
    return _show(visit, visit.signed_in())


@bp.route("/finance/reconciliations", methods=["POST"], content_types=[FORM])
@page(bp)
def announce(visit: Visit) -> Response:
    """The form that a browser posts straight to the bucket, which leads to the job."""
    actor, form = visit.signed_in(), visit.form()
    key = key_in(visit, form, actor)
    try:
        said = _said(form, visit.zone)
        told = kept_beside(key, lambda: _begun(actor, said), lambda made: msgspec.json.encode(made).decode())
    except (Invalid, Refused) as refused:
        if refused.code not in ("validation_failed", "unknown_zone", "day_not_understood", "too_many_jobs"):
            raise
        return _show(visit, actor, typed=form, problem=refused.code, status=PROBLEMS[refused.code][0])
    job, upload = msgspec.json.decode(told, type=Begun)
    bucket = urlsplit(upload.url)
    return visit.page(
        "settlement.html.j2",
        posts_to=f"{bucket.scheme}://{bucket.netloc}",
        job=job,
        upload=upload,
        most=reconciliations.MOST_BYTES,
    )


@bp.route("/finance/reconciliations/{job_id}", methods=READ)
@page(bp)
def one(visit: Visit, job_id: str) -> Response:
    """How far one is; once it is done, the report."""
    ports, actor = wiring.ports(), visit.signed_in()
    job = reconciliations.reconciliation(ports, actor, job_id)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in reconciliations.first_findings(ports, job)]
    return visit.page(
        "reconciliation.html.j2",
        job=job,
        last=job.until - timedelta(microseconds=1),
        rows=rows,
        differences=sum(each.count for each in job.sums if each.finding not in NEEDS_NOBODY),
        result=jobs.result_url(ports, job),
    )


@bp.route("/finance/reconciliations/{job_id}/progress", methods=READ)
@page(bp)
def progress(visit: Visit, job_id: str) -> Response:
    """How far one is, for its page to look at again and again."""
    return visit.page("progress.html.j2", job=reconciliations.reconciliation(wiring.ports(), visit.signed_in(), job_id))


def _begun(actor: Actor, said: ReconciliationPost) -> Begun:
    return reconciliations.begin(
        wiring.ports(),
        actor,
        said.provider,
        said.name,
        said.since,
        said.until,
        said.zone,
        back=lambda job_id: wiring.links().to(f"/finance/reconciliations/{job_id}"),
    )


def _said(form: Form, zone: Zone) -> ReconciliationPost:
    """What was filled in, as the API takes it; the last day counts as well. Raises Invalid as it does, and
    `day_not_understood`."""
    until = _day(form, "last", zone)
    said = {
        "provider": form.get("provider"),
        "name": form.get("name"),
        "zone": form.get("zone") or None,
        "since": _day(form, "first", zone),
        "until": until + _DAY if until else None,
    }
    return read_json(msgspec.json.encode(said), ReconciliationPost)


def _day(form: Form, field: str, zone: Zone) -> datetime | None:
    """Where a day begins in the zone that the page is read in; None where none was chosen."""
    typed = form.get(field, "")
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise Invalid("day_not_understood") from error
    if not OUR_TIME[0].date() <= day < OUR_TIME[1].date() - _DAY:
        raise Invalid("day_not_understood")
    return zone.begins(day)


def _show(
    visit: Visit, actor: Actor, *, typed: Form | None = None, problem: str | None = None, status: int = 200
) -> Response:
    cursor = visit.query.get("cursor", "")[:LONGEST_CURSOR] or None
    return visit.page(
        "reconciliations.html.j2",
        status,
        jobs=reconciliations.reconciliations(wiring.ports(), actor, PAGE, cursor),
        providers=list(LAYOUTS),
        today=wiring.now().astimezone(visit.zone.clock).date(),
        typed=typed or {},
        problem=problem,
    )
