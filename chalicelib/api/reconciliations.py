"""Reconciliations: settlement files held against what Batal expects, as jobs."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.edge.answer_types import Listed
from chalicelib.edge.bodies import ReconciliationPost
from chalicelib.edge.jobs import JOB, ReconciliationAnswer, reconciliation_shape
from chalicelib.edge.queries import PageQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.workflow import reconciliations

bp = Blueprint(__name__)


@route(bp, "POST", "/v1/reconciliations", roles=reconciliations.RECONCILERS, status=201, made_at=JOB)
def post_reconciliation(call: Call, body: ReconciliationPost) -> ReconciliationAnswer:
    """Announce a settlement file, and learn where to upload it. It is worked on within a minute or two of that."""
    ports = wiring.ports()
    job, upload = reconciliations.begin(ports, call.actor, body.provider, body.name, body.since, body.until, body.zone)
    return reconciliation_shape(ports, job, call.locale, upload)


@route(bp, "GET", "/v1/reconciliations", roles=reconciliations.RECONCILERS)
def list_reconciliations(call: Call, query: PageQuery) -> Listed[ReconciliationAnswer]:
    """Everybody's of the last 90 days, the newest first."""
    ports = wiring.ports()
    page = reconciliations.reconciliations(ports, call.actor, query.limit, query.cursor)
    return page_shape(page, lambda job: reconciliation_shape(ports, job, call.locale))
