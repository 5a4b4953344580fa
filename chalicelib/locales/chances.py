"""A chance and a wait in words: never more precise than they are."""

from chalicelib.domain.policies.odds import Odds, UsualTime
from chalicelib.locales import say
from chalicelib.locales.formats import duration

# Percentages are said in steps of this many, since they are not known any better.
_STEP = 5


def likely(odds: Odds, locale: str) -> str | None:
    """The percentage and its interval in a sentence; None where too little is known for one."""
    if odds.probability is None or odds.low is None or odds.high is None:
        return None
    return say(
        "odds.likely", locale, percent=_percent(odds.probability), low=_percent(odds.low), high=_percent(odds.high)
    )


def rests_on(odds: Odds, locale: str) -> str:
    """What the chance rests on, in a sentence."""
    return say(f"odds.rests_on.{odds.scope}", locale, yes=odds.yes, cases=odds.cases)


def usually(wait: UsualTime, locale: str) -> str:
    """The usual wait in words."""
    lengths = {"half": wait.p50_seconds, "most": wait.p90_seconds}
    told = {name: duration(_about(seconds), locale) for name, seconds in lengths.items() if seconds is not None}
    alike = len(told) == len(lengths) and len(set(told.values())) == 1
    return say("usual_time.learned.most" if alike and wait.text == "usual_time.learned" else wait.text, locale, **told)


def _percent(chance: float) -> int:
    """From 5 to 95: nothing is certain."""
    return min(100 - _STEP, max(_STEP, _STEP * round(100 * chance / _STEP)))


def _about(seconds: int) -> int:
    """As people say it: up to the next quarter of an hour, hour or half day."""
    unit = 900 if seconds < 3_600 else 3_600 if seconds < 86_400 else 43_200
    return -(-seconds // unit) * unit
