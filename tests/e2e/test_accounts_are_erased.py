"""Accounts that money was paid out to are kept for the law's ten years, and nobody reads one a moment longer."""

from datetime import timedelta
from typing import Any

import boto3
import pytest

from chalicelib.domain.cases.case import Case
from infra.stages import ROOT
from tests.e2e.test_payouts import ACCOUNT, GIVING_BACK, NUMBER, account, named, refund_without_way

pytestmark = pytest.mark.dynamodb

TEN_YEARS = timedelta(days=3653)


def rows_of(case: Case) -> list[dict[str, Any]]:
    """All that DynamoDB keeps of a case's account outside of the case itself: the account, sealed, and what leads from
    its fingerprint to the case."""
    kept = [part.account for part in case.refund.parts if part.account] if case.refund else []
    keys = {f"PAYOUT#{each.account_id}" for each in kept} | {each.fingerprint for each in kept}
    client = boto3.client("dynamodb")
    rows = [
        {**row, "table": name}
        for name in client.list_tables()["TableNames"]
        for row in client.scan(TableName=name)["Items"]
    ]
    return [row for row in rows if any(key in str(row.get("case_id", "")) + str(row.get("sk", "")) for key in keys)]


def test_an_account_ends_with_the_laws_time_and_what_is_left_still_reads(open_marketplace: Any) -> None:
    market = open_marketplace(**GIVING_BACK)
    case_id = refund_without_way(market)
    began = market.world.clock()
    assert named(market, case_id, ACCOUNT).status == 200
    other = refund_without_way(market, "VA-2")
    assert named(market, other, ACCOUNT).status == 200
    case = market.world.ports.store.case(case_id)
    rows = rows_of(case)
    # DynamoDB erases a row by its `expires`, wherever the table says that this is what it means.
    ends = (began + TEN_YEARS).timestamp()
    assert len(rows) == 3, "the account, and two cases under its fingerprint"
    assert all(ends - 1 <= float(row["expires"]["N"]) <= ends + 86_400 for row in rows)
    template = (ROOT / "infra" / "resources.yaml").read_text("utf-8")
    for table in {row["table"].rpartition("-")[2] for row in rows}:
        _, _, properties = template.partition(f"TableName: !Sub '${{AWS::StackName}}-{table}'")
        assert properties.lstrip().startswith("TimeToLiveSpecification: {AttributeName: expires, Enabled: true}")
    assert account(market, case_id, "system", "oms").json["account_number"] == NUMBER
    # DynamoDB may take days to erase: what is over is read by nobody, also not by whoever has to pay.
    market.later((TEN_YEARS + timedelta(days=1)).total_seconds())
    assert len(rows_of(case)) == 3
    assert account(market, case_id, "system", "oms").json["account_number"] == "***7890"
    # And once it is erased, what the case itself keeps is read as ever.
    client = boto3.client("dynamodb")
    for row in rows:
        client.delete_item(TableName=row["table"], Key={"case_id": row["case_id"], "sk": row["sk"]})
    for role, who in (("system", "oms"), ("buyer", "budi"), ("support", "sari"), ("operator", "omar")):
        seen = account(market, case_id, role, who)
        assert (seen.status, seen.json["account_number"], seen.json["holder"]) == (200, "***7890", "R*** S***")
