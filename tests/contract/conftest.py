from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters.dynamodb import DynamoStore
from tests.fakes.memory_store import MemoryStore
from tests.proofs.figures import FULL
from tests.proofs.quick_moto import quick_dynamodb


@pytest.fixture(params=["memory", "moto", pytest.param("moto, plain rows", marks=pytest.mark.whole)])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Each store in turn: the fake, and the real one on moto, in both forms of its rows. In full on moto itself."""
    if request.param == "memory":
        yield MemoryStore()
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    with mock_aws(), nullcontext() if FULL else quick_dynamodb():
        made = DynamoStore(prefix="t-")
        made.create_tables() if request.param == "moto" else made.tables.create()
        yield made
