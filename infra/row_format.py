"""Let the rows of a stage become small, once nobody means to roll back to a version before 0.3.0.

    AWS_REGION=ap-southeast-3 python -m infra.row_format --stage dev

Say it a day after the deployment of 0.3.0: until then rows are written as 0.2.0 can read them. From then on each row is
rewritten at its next write, and there is no way back. Said again, it changes nothing. A stack that 0.3.0 made writes
small rows from the beginning.
"""

import argparse
import os
import sys

from chalicelib.adapters.dynamodb import DynamoStore
from infra.deploy import region_of
from infra.deployment import APP
from infra.stages import stage_named


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--region")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)
    if region := region_of(os.environ, given.region):
        os.environ["AWS_DEFAULT_REGION"] = region
    store = DynamoStore(prefix=f"{APP}-{stage_named(given.stage).name}-")
    if store.writes_small():
        print("Rows are written in the small form already.")
        return 0
    question = f"Write small rows into {store.prefix}* from now on? Versions before 0.3.0 cannot read them. [y/N] "
    if not (given.yes or input(question).strip().lower() in ("y", "yes")):
        print("Nothing was changed.")
        return 1
    store.write_small()
    print("From now on rows are written in the small form.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
