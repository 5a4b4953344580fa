"""Events on their way: told twice, late, in any order, and after an outage all at once. None is lost for good."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from infra.conformance.finding import Event


class Weather(StrEnum):
    """What happens to the events of an ending on their way."""

    TWICE = "told twice"
    SHUFFLED = "in any order"
    OUTAGE = "away until the end"


@dataclass
class Way:
    """The way of one order's events to whoever hears them."""

    weather: Weather
    dice: random.Random
    _kept: list[Event] = field(default_factory=list)
    _told: list[Event] = field(default_factory=list)

    def carries(self, new: Sequence[Event]) -> list[Event]:
        """What arrives now, once these were told."""
        self._kept += new
        if self.weather is Weather.OUTAGE:
            return []
        if self.weather is Weather.SHUFFLED:
            # The first of them comes last of all.
            arrives, self._kept = self._kept[1:], self._kept[:1]
            self.dice.shuffle(arrives)
        else:
            arrives, self._kept = [each for each in self._kept for _ in range(2)], []
        self._told += arrives
        return arrives

    def rest(self) -> list[Event]:
        """What arrives in the end: what is still missing, the latest first, and then all once more in any order, as
        when somebody replays it."""
        arrives = self._kept[::-1]
        again = list({event["id"]: event for event in [*self._told, *arrives]}.values())
        self.dice.shuffle(again)
        self._kept = []
        return [*arrives, *again]
