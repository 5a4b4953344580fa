"""Book what came into wallets before there was a ledger, so that the ledger adds up to what wallets hold.

    AWS_REGION=ap-southeast-3 python -m infra.open_ledger --stage dev

Run it once, a day after the upgrade, with credentials that may read and write the stack's table of money. Each credit
of 0.1.0 to 0.4.0 becomes an opening entry of its own day; no balance changes. It reads the whole table once, may be
stopped, and may be run again: after a roll-back it books what the earlier version put into wallets meanwhile.
"""

import sys

from infra.stored import asking_which, store_of


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    given = asking_which(__doc__).parse_args(arguments)
    opened = store_of(given).open_ledger()
    print(f"{opened} credits became opening entries; the ledger adds up to what wallets hold.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
