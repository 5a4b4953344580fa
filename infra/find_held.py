"""List what version 0.1.0 gave up after an hour, so that operators see it at /operations/held and can send it.

    AWS_REGION=ap-southeast-3 python -m infra.find_held --stage dev

Run it once, an hour after the upgrade, with credentials that may read and write the stack's tables. It reads every case
once, changes none of them, and may be run again.
"""

import sys
from datetime import UTC, datetime

from chalicelib.workflow.held import find_unlisted
from infra.stored import asking_which, store_of


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    given = asking_which(__doc__).parse_args(arguments)
    store = store_of(given)
    found = find_unlisted(store, datetime.now(UTC))
    print(f"{found} held effects are listed now; /operations/held shows them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
