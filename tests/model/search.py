"""A search through the relation in plain Python, breadth first: slow, but it needs no SPIN, and says the way."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from itertools import chain

from tests.model.promela import parameters
from tests.model.relation import IN_THE_END_NEVER, NEVER, STEPS, Rules, World

State = tuple[int, ...]
Move = tuple[str, Callable[[World], bool]]

_SIZES = [(each.name, len(getattr(World(), each.name))) for each in fields(World)]


def packed(world: World) -> State:
    """A world as one key."""
    return tuple(chain.from_iterable(getattr(world, name) for name, _ in _SIZES))


def unpacked(state: State) -> World:
    """And back."""
    world, at = World(), 0
    for name, size in _SIZES:
        setattr(world, name, list(state[at : at + size]))
        at += size
    return world


def moves(rules: Rules) -> list[Move]:
    """Each step with each of its parameters, by name."""
    return [
        (f"{step.__name__}({', '.join(map(str, given.values()))})", partial(step, r=rules, **given))
        for step in STEPS
        for given in parameters(step)
    ]


def successors(state: State, choices: list[Move]) -> Iterator[tuple[str, State]]:
    """What can happen next."""
    world = unpacked(state)
    for name, move in choices:
        if move(world):
            yield name, packed(world)
            world = unpacked(state)


def broken(world: World, *, ended: bool) -> list[str]:
    """What does not hold."""
    questions = NEVER + IN_THE_END_NEVER if ended else NEVER
    return [each.__name__ for each in questions if any(each(world, **given) for given in parameters(each))]


def search(rules: Rules, world: World, most: int = 10**9) -> tuple[int, list[str], list[str]]:
    """How many worlds there are, what is broken in one of them, and the shortest way there."""
    first = packed(world)
    came: dict[State, tuple[State, str] | None] = {first: None}
    waiting, choices = deque([first]), moves(rules)

    def way(state: State) -> list[str]:
        names, step = [], came[state]
        while step:
            names.append(step[1])
            step = came[step[0]]
        return names[::-1]

    while waiting and len(came) < most:
        state = waiting.popleft()
        found = list(successors(state, choices))
        if faults := broken(unpacked(state), ended=not found):
            return len(came), faults, way(state)
        for name, after in found:
            if after not in came:
                came[after] = (state, name)
                waiting.append(after)
    return len(came), [], []
