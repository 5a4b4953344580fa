"""Simulated sellers whose true chances are known: what the benchmark of odds is measured on, and who answers in the
sandbox's year of history."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

# How likely a yes is on this platform, by where the order stands.
USUAL: Mapping[str, float] = {"processing": 0.82, "ready_to_ship": 0.38}


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerKind:
    """A kind of seller: how much likelier than usual a yes is once such a share (0 to 1) of the time is over, how many
    requests a month, and of how many of them nothing is heard before the deadline."""

    shift: Callable[[float], float]
    a_month: float
    silent: float = 0.03


KINDS: Mapping[str, SellerKind] = {
    "stable": SellerKind(shift=lambda over: 0.0, a_month=12),
    "changing": SellerKind(shift=lambda over: 0.12 if over < 0.5 else -0.3, a_month=12),
    "strict": SellerKind(shift=lambda over: -0.3, a_month=12),
    "lazy": SellerKind(shift=lambda over: 0.0, a_month=12, silent=0.4),
    "few cases": SellerKind(shift=lambda over: -0.1, a_month=0.5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to one shop of a kind, in a month counted from 0: how likely a yes is in truth, and what the seller
    does: nothing (`silent`), or yes or no after so many `seconds`."""

    kind: str
    shop: int
    month: int
    status: str
    true: float
    silent: bool
    yes: bool
    seconds: int | None


def requests(seed: int, months: int, shops: int) -> Iterator[Request]:
    """Every request of the simulated time to so many shops of each kind, by month; the same ones for the same seed."""
    chances = random.Random(seed)  # noqa: S311 - dice of a simulation
    for month in range(months):
        for name, kind in KINDS.items():
            for shop in range(shops):
                for status, usual in USUAL.items():
                    for _ in range(_poisson(chances, kind.a_month / len(USUAL))):
                        true = min(0.98, max(0.02, usual + kind.shift(month / months) + _own(seed, name, shop)))
                        silent, yes = chances.random() < kind.silent, chances.random() < true
                        seconds = None if silent else int(chances.lognormvariate(9.2, 1.1))
                        yield Request(
                            kind=name,
                            shop=shop,
                            month=month,
                            status=status,
                            true=true,
                            silent=silent,
                            yes=yes,
                            seconds=seconds,
                        )


def _own(seed: int, name: str, shop: int) -> float:
    """How far a shop lies from its kind."""
    return random.Random(f"{seed} {name} {shop}").uniform(-0.1, 0.1)  # noqa: S311 - dice of a simulation


def _poisson(chances: random.Random, mean: float) -> int:
    waited = 0.0
    for number in count():
        waited += chances.expovariate(1.0)
        if waited > mean:
            return number
    raise AssertionError
