"""The laboratory in which calls go wrong, and the ground on which races are run: an emulator with atomic transactions,
and sixteen contestants."""

import logging
from collections.abc import Iterator

import pytest

from tests.proofs.ministack import ministack
from tests.proofs.races import Ground, Ring
from tests.proofs.world import Laboratory, laboratory


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    with laboratory() as made:
        yield made
    logging.getLogger("chalicelib").setLevel(logging.NOTSET)


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
