"""What the version before counted on a day, without its currency, goes on counting; and it reads what we count."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.change import Change, Granted
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.errors import Conflict
from infra.sandbox.builders import NOW, SUPPORT
from tests.contract.rows import answer, opened

TODAY = NOW.date()
KEY = {"key": {"S": f"granted#sari#{TODAY.isoformat()}"}}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoStore]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    with mock_aws():
        made = DynamoStore(prefix="t-")
        made.create_tables()
        yield made


def counted_before(store: DynamoStore, amount: int) -> None:
    """As the version before adds to the item of a day, which may be there already."""
    store.tables.connection.client.update_item(
        TableName="t-keys",
        Key=KEY,
        UpdateExpression="SET #e = :e ADD amount :a",
        ExpressionAttributeNames={"#e": "expires"},
        ExpressionAttributeValues={":e": {"N": "2000000000"}, ":a": {"N": str(amount)}},
    )


def granting(store: DynamoStore, number: int, worth: Money) -> Change:
    opened(store, f"c{number}", order_id=f"O-{number}")
    granted = Granted(person="sari", day=TODAY, worth=worth, seen=store.granted("sari", TODAY))
    return replace(answer(store, Approve(), f"c{number}", SUPPORT), granted=granted)


def sums(store: DynamoStore, *currencies: str) -> list[int]:
    return [store.granted("sari", TODAY).so_far(currency).amount for currency in currencies]


def test_what_was_counted_without_a_currency_counts_in_each(store: DynamoStore) -> None:
    counted_before(store, 20_000_000)
    assert sums(store, "IDR", "USD") == [20_000_000, 20_000_000]
    store.commit(granting(store, 1, Money(5_000, "USD")))
    assert sums(store, "IDR", "USD") == [20_000_000, 20_005_000]
    counted_before(store, 7)
    assert sums(store, "IDR", "USD") == [20_000_007, 20_005_007]


def test_a_function_of_the_version_before_reads_what_we_count_and_we_see_what_it_counts(store: DynamoStore) -> None:
    store.commit(granting(store, 1, Money(100, "IDR")))
    store.commit(granting(store, 2, Money(10, "USD")))
    item = store.tables.connection.client.get_item(TableName="t-keys", Key=KEY)["Item"]
    assert item["amount"] == {"N": "110"}
    third = granting(store, 3, Money(1, "IDR"))
    counted_before(store, 50)
    with pytest.raises(Conflict):
        store.commit(third)
