"""The ground on which races are run: an emulator with atomic transactions, and sixteen contestants."""

import logging
from collections.abc import Iterator

import pytest

from tests.proofs.ministack import ministack
from tests.proofs.races import Ground, Ring


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ministack(tmp_path_factory.mktemp("ministack")) as address:
        made = Ground(address)
        yield made
        made.pool.shutdown(wait=False, cancel_futures=True)


@pytest.fixture
def ring(ground: Ground) -> Iterator[Ring]:
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    yield Ring(ground)
    logging.getLogger("chalicelib").setLevel(logging.NOTSET)
