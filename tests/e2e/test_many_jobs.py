"""While as many jobs are under way as may be, none is begun, and whoever asks for one is told so."""

import pytest

from chalicelib.edge.jobs import JOB
from chalicelib.workflow.jobs import MOST_OPEN
from tests.e2e.conftest import Marketplace
from tests.e2e.contract import ROUTES
from tests.e2e.every_operation import REQUESTS
from tests.e2e.test_every_operation import sent

BEGUN = [(route.method, route.path) for route in ROUTES.values() if route.made_at == JOB]


@pytest.mark.parametrize(("method", "path"), BEGUN, ids=[f"{method} {path}" for method, path in BEGUN])
def test_while_many_jobs_are_under_way_each_that_begins_one_refuses_as_the_contract_says(
    market: Marketplace, method: str, path: str
) -> None:
    for _ in range(MOST_OPEN):
        assert market.operator("POST", "/v1/imports", {"kind": "orders"}).status == 201
    request = REQUESTS[method, path](market)
    refused = sent(market, method, path, request, request.who)
    assert (refused.status, refused.json["code"], refused.json["at_most"]) == (409, "too_many_jobs", MOST_OPEN)
    assert len(market.operator("GET", "/v1/jobs?limit=100").json["items"]) == MOST_OPEN
