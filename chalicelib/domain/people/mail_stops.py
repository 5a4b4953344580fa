"""Addresses that get no mail any more: mails to them came back, their reader called one spam, or the mail service
itself keeps them on a list (docs/rules.md R45). And mails that are late on their way, which stops nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.people.addresses import plain


class Why(StrEnum):
    """Why an address was stopped."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStop:
    """One stopped address. `case_id` is the case whose mail it was, where the mail said so."""

    address: str
    why: Why
    at: datetime
    case_id: str | None = None

    @property
    def stop_id(self) -> str:
        """Its name in addresses and logs, where the address itself must not be."""
        return stop_id(self.address)


# For how long it is remembered that mails were late.
DELAYS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDelay:
    """The mail service says that a mail has not arrived yet; it goes on trying. `why` is its own word for the cause,
    `mail_id` its own id of the mail. No address is kept."""

    mail_id: str
    at: datetime
    why: str
    case_id: str | None = None


def stop_id(address: str) -> str:
    """The stop of an address, however it is capitalised and its domain is written."""
    return hashlib.sha256(plain(address).encode()).hexdigest()[:32]
