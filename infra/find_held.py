"""List what version 0.1.0 gave up after an hour, so that operators see it at /operations/held and can send it.

    AWS_REGION=ap-southeast-3 python -m infra.find_held --stage dev

Run it once, an hour after the upgrade, with credentials that may read and write the stack's tables. It reads every case
once, changes none of them, and may be run again.
"""

import argparse
import os
import sys
from datetime import UTC, datetime

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.workflow.held import find_unlisted
from infra.deploy import region_of
from infra.deployment import APP
from infra.stages import stage_named


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--region")
    given = parser.parse_args(arguments)
    if region := region_of(os.environ, given.region):
        os.environ["AWS_DEFAULT_REGION"] = region
    store = DynamoStore(prefix=f"{APP}-{stage_named(given.stage).name}-")
    found = find_unlisted(store, datetime.now(UTC))
    print(f"{found} held effects are listed now; /operations/held shows them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
