"""Who speaks: the six roles, and one of them by its id."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Who speaks. `system` is the marketplace's order and payment system, and Batal's own clock."""

    BUYER = "buyer"
    SELLER = "seller"
    SUPPORT = "support"
    OPERATOR = "operator"
    FINANCE = "finance"
    SYSTEM = "system"


# Whose everything is to see; to the parties of a case they are one house, whoever of them acts.
SEES_ALL = frozenset({Role.SUPPORT, Role.OPERATOR, Role.SYSTEM})

# Who works for the marketplace: which of them it was is told to no buyer and to no seller.
STAFF = frozenset({Role.SUPPORT, Role.OPERATOR, Role.FINANCE})

# Who has to do with orders and requests; finance has with money alone, and decides nothing.
SEES_ORDERS = frozenset(Role) - {Role.FINANCE}

# Who talks about orders and shows files: the parties, and customer service.
TALKS = frozenset({Role.BUYER, Role.SELLER, Role.SUPPORT})


class Door(StrEnum):
    """Through which door somebody spoke."""

    LINK = "link"
    PAGE = "page"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something. For a seller `id` is the seller's id, whoever of their staff acted.

    `person` is that employee, and `door` where they came in: known while somebody speaks, kept in the timeline alone.
    `name` is what whoever signed them in calls them: shown to themselves, kept nowhere.
    """

    role: Role
    id: str
    person: str | None = field(default=None, compare=False)
    door: Door | None = field(default=None, compare=False)
    name: str | None = field(default=None, compare=False)

    @property
    def plain(self) -> "Actor":
        """The actor as rows keep it."""
        return Actor(role=self.role, id=self.id)
