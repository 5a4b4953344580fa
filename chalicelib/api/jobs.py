"""Long work: imports and exports, and every job that somebody began."""

import msgspec
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.edge.answer_types import Listed
from chalicelib.edge.jobs import JOB, JobAnswer, job_shape
from chalicelib.edge.moving_bodies import ExportPost, ImportPost
from chalicelib.edge.queries import JobsQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.workflow import exporting, importing, jobs

bp = Blueprint(__name__)


@route(bp, "POST", "/v1/imports", roles=importing.IMPORTERS, status=201, made_at=JOB)
def post_import(call: Call, body: ImportPost) -> JobAnswer:
    """Announce orders, open cases or history of another house, and learn where to upload them as NDJSON; a few come at
    once. Nobody is told of what is taken in. It is worked on within a minute or two of the upload."""
    rows = b"".join(msgspec.json.encode(row) + b"\n" for row in body.rows) if body.rows else None
    job, upload = importing.begin(wiring.ports(), call.actor, body.kind, dry_run=body.dry_run, rows=rows)
    return job_shape(wiring.ports(), job, call.locale, upload)


@route(bp, "POST", "/v1/exports", roles=exporting.EXPORTERS, status=201, made_at=JOB)
def post_export(call: Call, body: ExportPost) -> JobAnswer:
    """Have orders, cases, whole case files, the ledger or events written down as NDJSON."""
    job = exporting.begin(wiring.ports(), call.actor, body.kind, body.since, body.until, body.currency)
    return job_shape(wiring.ports(), job, call.locale)


@route(bp, "GET", "/v1/jobs", roles=jobs.FOLLOWERS)
def list_jobs(call: Call, query: JobsQuery) -> Listed[JobAnswer]:
    """The caller's own jobs of the last 90 days, the newest first; operators see everybody's. A page may hold few, or
    none, and have a cursor all the same."""
    page = jobs.jobs_for(wiring.ports(), call.actor, query.limit, query.cursor, query.kind)
    return page_shape(page, lambda job: job_shape(wiring.ports(), job, call.locale))


@route(bp, "GET", JOB, roles=jobs.FOLLOWERS)
def get_job(call: Call, job_id: str) -> JobAnswer:
    """How far a job is, and where its result lies: for who began it, and for operators."""
    ports = wiring.ports()
    return job_shape(ports, jobs.job_for(ports, call.actor, job_id), call.locale)


@route(bp, "DELETE", JOB, roles=jobs.FOLLOWERS)
def delete_job(call: Call, job_id: str) -> JobAnswer:
    """Call a job off before its end; what it did stays done. One that has ended stays as it is."""
    ports = wiring.ports()
    return job_shape(ports, jobs.call_off(ports, call.actor, job_id), call.locale)
