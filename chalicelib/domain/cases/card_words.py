"""The words of people that a case keeps for its card, and nowhere else, so that they can be taken out of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """The buyer's name, and what the goods are called. Both empty: they were erased, or nobody told them."""

    buyer: str = ""
    goods: str = ""
