"""For all tests: what botocore works out for every client and every call anew is worked out once a process."""

from functools import cache

import botocore.session
from botocore.useragent import UserAgentString

# The descriptions of services: a fifth of all tests' time.
botocore.session.create_loader = cache(botocore.session.create_loader)
# Its name for itself: a twentieth.
UserAgentString.to_string = lambda self: "batal-tests"  # type: ignore[method-assign]
