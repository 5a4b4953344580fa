"""For all tests: what botocore works out for every client and every call anew is worked out once a process, AWS's
limits hold, and every explanation of money adds up."""

import gc
import logging
from collections.abc import Iterator
from functools import cache

import botocore.session
import hypothesis
import moto.core.models
import pytest
from botocore.useragent import UserAgentString

from chalicelib.locales import explanations
from tests import sampling, strict_aws
from tests.proofs.figures import FULL

# The descriptions of services: a fifth of all tests' time.
botocore.session.create_loader = cache(botocore.session.create_loader)
# Its name for itself: a twentieth.
UserAgentString.to_string = lambda self: "batal-tests"
# moto readies two thousand answers to `requests` each time it starts; nothing of ours calls AWS by `requests`.
moto.core.models.RESPONSES_METHODS = []


# A test says nothing about time; a busy machine takes longer over the first example, which imports what it needs.
hypothesis.settings.register_profile("house", deadline=None, max_examples=100 if FULL else 25)
hypothesis.settings.load_profile("house")

strict_aws.watch()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The quick form, unless all is proved."""
    gone = set() if FULL else set(sampling.left_out(items))
    config.hook.pytest_deselected(items=list(gone))
    items[:] = [item for item in items if item not in gone]


def pytest_collection_finish() -> None:
    """Ten thousand tests and all libraries stay to the end: the garbage collector looks at them no more, and at what a
    test leaves less often."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def _within_the_limits_of_aws() -> Iterator[None]:
    """What goes beyond a limit fails the test in which it did, even where the code swallowed AWS's refusal."""
    strict_aws.violations()
    yield
    assert strict_aws.violations() == []


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[object] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == explanations.WRONG:
            self.wrong.append(vars(record))


@pytest.fixture(autouse=True)
def _explanations_add_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """An explanation that does not add up fails the test in which somebody asked for it, unless that is what it is
    about."""
    heard = _Heard()
    explanations.log.addHandler(heard)
    yield
    explanations.log.removeHandler(heard)
    assert bool(heard.wrong) is (request.node.get_closest_marker("wrong_explanations") is not None), heard.wrong
