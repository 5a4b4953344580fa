"""Let sellers' inboxes be read from the index `desk`, once AWS has built it.

    AWS_REGION=ap-southeast-3 python -m infra.desk --stage dev

Say it after the deployment of 0.7.0. Until then inboxes are read from the index of the release before, row by row; that
shows the same and costs more. It looks whether the index is there, gives open cases from before the names that their
cards show, and may be said again. A stack that 0.7.0 made reads it from the beginning. Nothing stands in the way of a
version before: that one reads the index `inbox`, which stays.
"""

import sys
from dataclasses import replace

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.dynamodb.desk import DESK
from chalicelib.domain.cases.card import words_of
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.ports import LONGEST_PAGE, Filter, every
from infra.stored import asking_which, store_of


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code: 1 where the index is not there yet."""
    given = asking_which(__doc__).parse_args(arguments)
    store = store_of(given)
    if not is_active(store):
        print("The index is not there yet. AWS builds it for some minutes after the deployment; say this again then.")
        return 1
    print(f"{name_open_cases(store)} open cases got the names that their cards show.")
    store.read_desk()
    print("From now on inboxes are read from the index.")
    return 0


def is_active(store: DynamoStore) -> bool:
    """Whether the index is there with all its rows."""
    told = store.tables.connection.client.describe_table(TableName=f"{store.prefix}cases")["Table"]
    # Moto tells no status of an index that was made with its table.
    known = {each["IndexName"]: each.get("IndexStatus", "ACTIVE") for each in told.get("GlobalSecondaryIndexes", ())}
    return known.get(DESK) == "ACTIVE"


def name_open_cases(store: DynamoStore) -> int:
    """Give cards to open cases that have none; how many that were. Whoever writes meanwhile comes first: then that one
    is shown from its row until this is said again."""
    waiting = (state for state in State if state is not State.CLOSED)
    return sum(_name(store, case) for state in waiting for case in _cases(store, state))


def _cases(store: DynamoStore, state: State) -> list[Case]:
    return list(every(lambda cursor: store.cases(Filter(state=state), limit=LONGEST_PAGE, cursor=cursor)))


def _name(store: DynamoStore, case: Case) -> bool:
    order = store.order(case.order_id) if case.words is None else None
    return order is not None and store.put_card(replace(case, words=words_of(order.body, case.lines)))


if __name__ == "__main__":
    sys.exit(main())
