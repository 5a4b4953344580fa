"""Let customer service find the open cases from before 0.8.0 by what callers say: a phone, a name, a tracking number.

    AWS_REGION=ap-southeast-3 python -m infra.clues --stage dev

Say it once every function runs 0.8.0. It only has each of these cases promise it; the sweep keeps the promise within
minutes. It may be said again, also after it was broken off: cases that are found already are passed over. New cases
need none of this.
"""

import sys
from datetime import UTC, datetime

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.effects import NoteClues
from chalicelib.domain.cases.outbox import Pace, clued_anew
from chalicelib.domain.errors import Conflict
from chalicelib.domain.people.clues import NOTHING_NOTED
from chalicelib.domain.ports import LONGEST_PAGE, Filter, Store, every
from infra.stored import asking_which, store_of


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code: 1 where it has to be said again."""
    given = asking_which(__doc__).parse_args(arguments)
    store = store_of(given)
    missing = [case for case in open_cases(store) if not is_known(store, case)]
    promised = sum(promise_clues(store, case, datetime.now(UTC)) for case in missing)
    print(f"{promised} open cases will be found by what callers say.")
    if promised < len(missing):
        print(f"{len(missing) - promised} were written by others meanwhile. Say this again.")
    return 0 if promised == len(missing) else 1


def open_cases(store: Store) -> list[Case]:
    """All of them, state by state."""
    waiting = [state for state in State if state is not State.CLOSED]
    return [case for state in waiting for case in _cases(store, state)]


def is_known(store: Store, case: Case) -> bool:
    """Whether it is found by what callers say, or has promised it."""
    promised = any(isinstance(promise.effect, NoteClues) for promise in case.outbox)
    return promised or store.noted(case.case_id) != NOTHING_NOTED


def promise_clues(store: Store, case: Case, now: datetime) -> bool:
    """Have it promise that; False where somebody wrote it meanwhile."""
    try:
        store.commit(Change(case=clued_anew(case, now, Pace())))
    except Conflict:
        return False
    return True


def _cases(store: Store, state: State) -> list[Case]:
    return list(every(lambda cursor: store.cases(Filter(state=state), limit=LONGEST_PAGE, cursor=cursor)))


if __name__ == "__main__":
    sys.exit(main())
