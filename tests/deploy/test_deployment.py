"""The deploy command's own code against moto's CloudFormation: everything is made, and a request passes through it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from chalice.test import Client

from chalicelib import wiring
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.dynamodb.desk import DESK
from chalicelib.adapters.dynamodb.settings import FORMAT
from chalicelib.adapters.dynamodb.tables import CURRENT, ROW
from chalicelib.domain.cases.change import Change
from chalicelib.domain.money.wallet import Credit
from infra import desk, open_ledger, row_format
from infra.deployment import Deployment
from infra.sandbox import tokens
from infra.sandbox.builders import a_body
from infra.stack import Stack, Stopped
from tests.contract.rows import opened
from tests.deploy.conftest import PARAMETERS
from tests.deploy.moto_cloudformation import unsupported


def made(deployment: Deployment) -> dict[str, str]:
    """Physical names by logical id."""
    pages = deployment.cloudformation.get_paginator("list_stack_resources").paginate(StackName=deployment.stack)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"] for p in pages for each in p["StackResourceSummaries"]
    }


def test_every_resource_of_the_template_is_made(deployment: Deployment, template: dict[str, Any]) -> None:
    assert unsupported == set()
    assert deployment.status() == "UPDATE_COMPLETE"
    assert set(made(deployment)) == set(template["Resources"])


def test_the_tables_are_the_ones_that_the_code_knows(deployment: Deployment) -> None:
    """Keys and indexes as the store itself would make them; a renamed table or index shows here."""
    client = boto3.client("dynamodb")
    DynamoStore(prefix="own-").create_tables()

    def shape(name: str) -> Any:
        table = client.describe_table(TableName=name)["Table"]
        indexes = {
            each["IndexName"]: (each["KeySchema"], each["Projection"]["ProjectionType"])
            for each in table.get("GlobalSecondaryIndexes", ())
        }
        return table["KeySchema"], indexes, table["BillingModeSummary"]["BillingMode"]

    for name in ("orders", "cases", "money", "settings", "keys"):
        assert shape(f"{deployment.stack}-{name}") == shape(f"own-{name}")
        told = client.describe_continuous_backups(TableName=f"{deployment.stack}-{name}")
        recovery = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    expiry = client.describe_time_to_live(TableName=f"{deployment.stack}-keys")["TimeToLiveDescription"]
    assert (expiry["AttributeName"], expiry["TimeToLiveStatus"]) == ("expires", "ENABLED")


def test_a_new_stack_writes_small_rows_and_an_old_one_once_it_is_told(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    said, store = ["--stage", "dev", "--yes"], DynamoStore(prefix=f"{deployment.stack}-")
    assert store.writes_small()
    assert row_format.main(said) == 0
    assert "already" in capsys.readouterr().out
    # As a stack of 0.2.0 has it.
    store.tables.setting(FORMAT, CURRENT).delete()
    deployment.deploy({"LogDays": "7"}, lambda: True, tmp_path)
    assert not DynamoStore(prefix=store.prefix).writes_small()
    assert row_format.main(said) == 0
    assert DynamoStore(prefix=store.prefix).writes_small()


def test_inboxes_are_read_from_their_index_once_a_command_has_seen_it_and_named_open_cases(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DynamoStore(prefix=f"{deployment.stack}-")
    assert store.reads_desk(), "a new stack has its indexes from the beginning"
    # As a stack of 0.6.0 has it.
    store.tables.setting(DESK, CURRENT).delete()
    case = opened(store, "desk-1", order_id="DESK-1").case
    assert case
    assert store.put_card(replace(case, words=None))
    with monkeypatch.context() as patch:
        patch.setattr(desk, "is_active", lambda store: False)
        assert desk.main(["--stage", "dev"]) == 1
    assert not DynamoStore(prefix=store.prefix).reads_desk(), "an index that is not there is not read"
    for named in (1, 0):
        assert desk.main(["--stage", "dev"]) == 0
        assert f"{named} open cases" in capsys.readouterr().out.splitlines()[-2]
    assert DynamoStore(prefix=store.prefix).reads_desk()
    row = store.tables.case.get(case.case_id, ROW)
    assert row.card
    assert case.words
    assert case.words.buyer in row.card


def test_what_came_into_wallets_before_there_was_a_ledger_is_booked_by_a_command(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    store, now = DynamoStore(prefix=f"{deployment.stack}-"), datetime(2026, 11, 23, tzinfo=UTC)
    credit = Credit(
        buyer_id="budi",
        currency="IDR",
        amount=5,
        refund_id="rf_1",
        part="wallet",
        case_id="c1",
        order_id="o1",
        at=now,
    )
    store.commit(Change(credits=(credit,)))
    for credits in (1, 0):
        assert open_ledger.main(["--stage", "dev"]) == 0
        assert capsys.readouterr().out.startswith(f"{credits} credits became opening entries")
    assert [entry.refund_id for entry in store.ledger("IDR", now, now + timedelta(days=1)).items] == ["rf_1"]


def test_the_functions_know_where_people_reach_them(deployment: Deployment) -> None:
    names = made(deployment)
    for function in ("APIHandler", "Enter", "Sweep", "OnMail"):
        environment = boto3.client("lambda").get_function_configuration(FunctionName=names[function])["Environment"]
        assert environment["Variables"]["PUBLIC_URL"] == f"https://{PARAMETERS['DomainName']}"


def test_deploying_again_changes_nothing(deployment: Deployment, tmp_path: Any) -> None:
    before = made(deployment)
    deployment.deploy({}, lambda: True, tmp_path)
    assert made(deployment) == before


def test_without_a_yes_nothing_is_changed(deployment: Deployment, tmp_path: Any) -> None:
    with pytest.raises(Stopped, match=r"Nothing was changed"):
        deployment.deploy({"LogDays": "30"}, lambda: False, tmp_path)


def test_an_unknown_parameter_is_named(deployment: Deployment, tmp_path: Any) -> None:
    with pytest.raises(Stopped, match="NoSuchThing"):
        deployment.deploy({"NoSuchThing": "1"}, lambda: True, tmp_path)


@pytest.fixture
def environment(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The API function's own environment, as it was deployed."""
    name = made(deployment)["APIHandler"]
    configured = boto3.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    for key, value in {**configured, "JWT_JWKS": json.dumps(tokens.jwks()), "JWT_ISSUER": "sandbox"}.items():
        monkeypatch.setenv(key, value)
    wiring.reset()
    yield
    wiring.reset()


@pytest.mark.usefixtures("environment")
def test_one_request_passes_through_the_deployed_configuration(deployment: Deployment) -> None:
    from app import app

    secrets = boto3.client("secretsmanager").get_secret_value(SecretId=f"{deployment.stack}/secrets")
    assert len(json.loads(secrets["SecretString"])["master"]) == 48
    assert len(wiring.settings().link_secret) == 64
    headers = {"Content-Type": "application/json"}
    with Client(app) as client:
        order = json.dumps(a_wire_order())
        oms = {**headers, "Authorization": f"Bearer {tokens.token('oms', 'system')}"}
        assert client.http.put("/v1/orders/LZD-1", headers=oms, body=order).status_code == 201
        budi = {**headers, "Authorization": f"Bearer {tokens.token('budi', 'buyer')}"}
        wish = json.dumps({"reason_code": "wrong_size", "channel": "app", "accept_terms": True})
        answer = client.http.post("/v1/orders/LZD-1/cancellations", headers=budi, body=wish)
        assert answer.status_code == 201, answer.body
    (execution,) = boto3.client("stepfunctions").list_executions(
        stateMachineArn=deployment.outputs()["StateMachineArn"]
    )["executions"]
    assert execution["name"] == f"{answer.json_body['case_id']}-1"


def a_wire_order() -> Any:
    import msgspec

    body = msgspec.to_builtins(a_body())
    return {name: value for name, value in body.items() if value is not None}


def test_protected_tables_do_not_go_by_mistake(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "parameters", lambda _: {**PARAMETERS, "KeepData": "true"})
    with pytest.raises(Stopped, match="protected"):
        deployment.destroy(data=True)
