"""Let the rows of a stage become small, once nobody means to roll back to a version before 0.3.0.

    AWS_REGION=ap-southeast-3 python -m infra.row_format --stage dev

Say it a day after the deployment of 0.3.0: until then rows are written as 0.2.0 can read them. From then on each row is
rewritten at its next write, and there is no way back. Said again, it changes nothing. A stack that 0.3.0 made writes
small rows from the beginning.
"""

import sys

from infra.stored import asking_which, store_of


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = asking_which(__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)
    store = store_of(given)
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
