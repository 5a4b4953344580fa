"""Give cases from before 0.7.0 a number that people can say, `BTL-` and nine signs.

    AWS_REGION=ap-southeast-3 python -m infra.references --stage dev

Say it once every function runs 0.8.0. Until then, and where it is never said, such a case shows its id as before. It
may be said again, also after it was broken off: each case has the same number every time. A version before 0.8.0 that
decides such a case forgets its number; say it again after a roll-back.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ports import LONGEST_PAGE, Filter, Store, every
from chalicelib.domain.reference import for_older, is_one
from infra.stored import asking_which, store_of


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code: 1 where it has to be said again."""
    given = asking_which(__doc__).parse_args(arguments)
    store, numbered, missed = store_of(given), 0, 0
    for case in older_cases(store):
        if number_case(store, case):
            numbered += 1
        else:
            missed += 1
    print(f"{numbered} older cases got a number that people can say.")
    if missed:
        print(f"{missed} were written by others meanwhile. Say this again.")
    return 1 if missed else 0


def older_cases(store: Store) -> Iterator[Case]:
    """Those that have no number yet, in every state."""
    for case in every(lambda cursor: store.cases(Filter(), limit=LONGEST_PAGE, cursor=cursor)):
        if not is_one(case.number):
            yield case


def number_case(store: Store, case: Case) -> bool:
    """Give it its number: first what leads from the number to the case, then the case itself. False where somebody
    wrote the case meanwhile. Nobody is told of it, and nothing is decided."""
    for reference in for_older(case.case_id):
        # A new case may have begun with that sign before 0.8.0.
        if store.case(reference) is None and store.keep_reference(reference, case.case_id) == case.case_id:
            break
    try:
        store.commit(Change(case=replace(case, reference=reference, rev=case.rev + 1)))
    except Conflict:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
