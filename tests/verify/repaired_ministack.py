"""ministack, with what it has against our template mended: run as a program, it serves like ministack itself.

CloudFormation takes a bucket in that is there already (ImportExistingResources); ministack does so, too, but first
refuses the bucket's name as taken.
"""

from typing import Any

from ministack.app import main  # type: ignore[import-untyped]
from ministack.services.cloudformation import _change_sets, stacks  # type: ignore[import-untyped]


def _mended() -> None:
    look = stacks._validation_errors

    def looked(*given: Any, **more: Any) -> Any:
        taken_in = {name for each in _change_sets.values() for name in each.get("_import_existing") or ()}
        return [
            each for each in look(*given, **more) if not (each[2] == "NAME_CONFLICT_VALIDATION" and each[0] in taken_in)
        ]

    stacks._validation_errors = looked


if __name__ == "__main__":
    _mended()
    main()
