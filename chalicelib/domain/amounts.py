"""Money: an amount with its currency. Amounts of two currencies are neither added nor compared: there is nothing by
which either could be done, and what may be no more than a limit in another currency is above it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# What a code of ISO 4217 looks like.
CURRENCY = r"[A-Z]{3}"


@dataclass(frozen=True, slots=True)
class Money:
    """So many minor units of a currency (ISO 4217)."""

    amount: int
    currency: str

    def __add__(self, more: "Money") -> "Money":
        """Both together. Raises ValueError where they are of two currencies."""
        if more.currency != self.currency:
            raise ValueError(f"{more.currency} is not added to {self.currency}")
        return Money(self.amount + more.amount, self.currency)

    def is_within(self, limit: "Money") -> bool:
        """Whether this is no more than the limit; in another currency it never is."""
        return self.currency == limit.currency and self.amount <= limit.amount


def by_currency(amounts: Iterable[Money]) -> dict[str, int]:
    """The sum of these amounts for each currency among them, in minor units."""
    sums: Counter[str] = Counter()
    for each in amounts:
        sums[each.currency] += each.amount
    return dict(sums)


def is_currency(text: str) -> bool:
    """Whether this can be the code of a currency."""
    return re.fullmatch(CURRENCY, text) is not None
