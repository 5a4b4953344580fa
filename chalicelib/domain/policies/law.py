"""What the law leaves no policy to choose, with its source."""

from collections.abc import Collection
from datetime import timedelta

from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.policy import INDONESIA, Policy
from chalicelib.domain.policies.spans import Span

# Indonesia, PP 80/2019, article 69: a buyer may exchange goods, or cancel, within at least two working days after they
# received them.
LEAST_WORKING_DAYS = 2
# Two working days that begin on a Friday end on a Tuesday.
_LEAST_IN_CALENDAR = timedelta(days=4)


def check_law(policy: Policy) -> None:
    """Raises Invalid `validation_failed` for a profile of Indonesia, or of one of its zones, whose buyers would have
    less than two working days to send goods back. Other countries' profiles answer for themselves."""
    indonesian = policy.home == INDONESIA or policy.zone.is_indonesian
    if indonesian and policy.returns is not None and _is_short(policy.returns.window):
        message = "at least two working days, or four days (PP 80/2019, article 69)"
        raise Invalid("validation_failed", errors=[{"field": "returns.window", "message": message}])


def check_country(policy: Policy, known: Collection[str]) -> None:
    """Raises Invalid `validation_failed` where it goes without saying no longer whose holidays count: outside
    Indonesia's zones a profile names its country, one of these."""
    if policy.home not in known:
        message = f"whose public holidays count: one of {', '.join(sorted(known))}"
        raise Invalid("validation_failed", errors=[{"field": "country", "message": message}])


def _is_short(window: Span) -> bool:
    if window.unit == "working_days":
        return window.amount < LEAST_WORKING_DAYS
    seconds = {"seconds": 1, "hours": 3_600, "days": 86_400}[window.unit]
    return timedelta(seconds=window.amount * seconds) < _LEAST_IN_CALENDAR
