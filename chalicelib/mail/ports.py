"""What composing needs from the outside."""

from datetime import datetime
from typing import Protocol

from chalicelib.domain.cases.case import Case
from chalicelib.domain.parties import Role


class Links(Protocol):
    """Makes the absolute addresses that mails lead to."""

    def case(self, case_id: str) -> str:
        """A case's page."""

    def order(self, order_id: str) -> str:
        """An order's page."""

    def decision(self, case: Case) -> str:
        """The seller's signed link for the present wait."""

    def payout(self, case: Case) -> str:
        """The buyer's signed link for the account that they are asked for."""

    def digest(self, seller_id: str, at: datetime) -> str:
        """The seller's signed link to all that the digest of this moment asks about."""

    def seller(self, page: str) -> str:
        """A page of the seller's own."""

    def picture(self, url: str | None) -> str | None:
        """Where a picture of goods lies, if mails may show it; None where they may not."""

    def reply(self, case_id: str, role: Role) -> str | None:
        """The address whose mails become messages on the case; None where no domain receives any."""
