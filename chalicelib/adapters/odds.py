"""What odds are learned from: a seller's is read each time, their platform's is kept for a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.domain.figures.counting import About, Place, Subject
from chalicelib.domain.policies.learned import Cells, Heard, Situation
from chalicelib.domain.ports import Store

# How long a Lambda may go on with what it knows of a platform, in seconds of real time: many requests change it little.
_FRESH = 300.0


@dataclass(slots=True, kw_only=True)
class CachedOdds:
    """Reads through: one item for a seller, and none for a platform that was asked for lately."""

    store: Store
    real_time: Callable[[], float] = time.monotonic
    _platforms: dict[Place, tuple[float, Cells]] = field(default_factory=dict)

    def heard(self, seller_id: str, platform: str, situation: Situation) -> Heard:
        """What became of requests in a situation, to this seller and on this platform."""
        seller = Place(subject=Subject(about=About.SELLER, name=seller_id), situation=situation)
        whole = Place(subject=Subject(about=About.PLATFORM, name=platform), situation=situation)
        read_at, known = self._platforms.get(whole, (float("-inf"), {}))
        if self.real_time() - read_at > _FRESH:
            known = self.store.learned(whole)
            self._platforms[whole] = (self.real_time(), known)
        return Heard(seller=self.store.learned(seller), platform=known)
