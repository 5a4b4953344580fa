"""For all tests: what botocore works out for every client and every call anew is worked out once a process, and AWS's
limits hold."""

from collections.abc import Iterator
from functools import cache

import botocore.session
import hypothesis
import moto.core.models
import pytest
from botocore.useragent import UserAgentString

from tests import strict_aws

# The descriptions of services: a fifth of all tests' time.
botocore.session.create_loader = cache(botocore.session.create_loader)
# Its name for itself: a twentieth.
UserAgentString.to_string = lambda self: "batal-tests"
# moto readies two thousand answers to `requests` each time it starts; nothing of ours calls AWS by `requests`.
moto.core.models.RESPONSES_METHODS = []


# A test says nothing about time; a busy machine takes longer over the first example, which imports what it needs.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

strict_aws.watch()


@pytest.fixture(autouse=True)
def _within_the_limits_of_aws() -> Iterator[None]:
    """What goes beyond a limit fails the test in which it did, even where the code swallowed AWS's refusal."""
    strict_aws.violations()
    yield
    assert strict_aws.violations() == []
