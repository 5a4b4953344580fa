"""Book what came into wallets before there was a ledger, so that the ledger adds up to what wallets hold.

    AWS_REGION=ap-southeast-3 python -m infra.open_ledger --stage dev

Run it once, a day after the upgrade, with credentials that may read and write the stack's table of money. Each credit
of 0.1.0 to 0.4.0 becomes an opening entry of its own day; no balance changes. It reads the whole table once, may be
stopped, and may be run again: after a roll-back it books what the earlier version put into wallets meanwhile.
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
    given = parser.parse_args(arguments)
    if region := region_of(os.environ, given.region):
        os.environ["AWS_DEFAULT_REGION"] = region
    opened = DynamoStore(prefix=f"{APP}-{stage_named(given.stage).name}-").open_ledger()
    print(f"{opened} credits became opening entries; the ledger adds up to what wallets hold.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
