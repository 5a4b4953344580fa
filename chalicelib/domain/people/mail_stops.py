"""Addresses that get no mail any more: mails to them came back, or their reader called one spam (docs/rules.md R45)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.people.addresses import plain


class Why(StrEnum):
    """Why an address was stopped."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


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


def stop_id(address: str) -> str:
    """The stop of an address, however it is capitalised and its domain is written."""
    return hashlib.sha256(plain(address).encode()).hexdigest()[:32]
