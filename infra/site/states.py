"""docs/states.md, made from the table of transitions."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.transitions import TABLE, Place, Transition

NAME = "states.md"

_HEAD = """# The states of a case

<!-- made by `python -m infra.site` from chalicelib/domain/cases/transitions.py -->

A case waits for one party at a time, and ends once, with one outcome. Begun it is by `ask`, which leads to
`awaiting_seller`, or at once to an end where nobody has to agree (an instant window, a rule of the seller's). Time is a
party, too: `expire` is said by the clock when a deadline has passed, never before. What is not in the table below is
refused (`not_now`, `already_decided`, `deadline_passed`); what a case takes from *you* right now stands in
`available_actions` of `GET /v1/cases/{id}`. Words are in the [glossary](glossary.md), reasons in [the rules](rules.md).

"""
_KEPT = "What leaves a case where it is (`extend`, `claim`, a part of a refund that went) is left out of the picture."


def page() -> str:
    """The whole page."""
    return f"{_HEAD}```mermaid\n{diagram()}\n```\n\n{_KEPT}\n\n" + "\n".join(map(_section, State))


def diagram() -> str:
    """The table as a state diagram: an arrow for each pair of states, with all that leads along it."""
    along: dict[tuple[State, State], list[Command]] = {}
    for (state, command), row in TABLE.items():
        for to in dict.fromkeys(_state(place) for place in row.to):
            if to is not state:
                along.setdefault((state, to), []).append(command)
    rows = [f"    {one} --> {other}: {'<br>'.join(said)}" for (one, other), said in sorted(along.items())]
    return "\n".join(["stateDiagram-v2", "    [*] --> awaiting_seller: ask", *rows, "    closed --> [*]"])


def _section(state: State) -> str:
    rows = [_row(command, row) for (of, command), row in TABLE.items() if of is state]
    return "\n".join([f"## `{state}`", "", "| what is said | by | leads to |", "|---|---|---|", *rows, ""])


def _row(command: Command, row: Transition) -> str:
    return f"| `{command}` | {_listed(sorted(row.by), '')} | {_listed(_in_order(row.to), '`')} |"


def _listed(words: Iterable[str], mark: str) -> str:
    return ", ".join(f"{mark}{word}{mark}" for word in words)


def _in_order(places: frozenset[Place]) -> Iterator[str]:
    """States first, then outcomes, each in the order of its own list."""
    return (place for place in (*State, *Outcome) if place in places)


def _state(place: Place) -> State:
    return place if isinstance(place, State) else State.CLOSED
