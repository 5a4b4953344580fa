"""Words of providers, read: amounts as they write them, moments, and documents that come signed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.providers import UNREADABLE

# Digits of an amount; none of ours has so many.
_LONGEST = 18


def minor_of(told: object, digits: int) -> int:
    """Minor units of an amount in major ones (`"5000.00"`, `5000`, `"5000"`); UNREADABLE where it is none, is not
    whole, or was not told."""
    if isinstance(told, bool) or not isinstance(told, (str, int, float)):
        return UNREADABLE
    try:
        minor = Decimal(str(told)).scaleb(digits)
    except ArithmeticError:
        return UNREADABLE
    is_amount = minor.is_finite() and minor.adjusted() < _LONGEST and minor == minor.to_integral_value()
    return int(minor) if is_amount and minor >= 0 else UNREADABLE


def moment_of(told: object, zone: tzinfo, otherwise: datetime) -> datetime:
    """A moment in UTC: of ISO 8601, with or without a zone and with up to nine digits of a second."""
    if not isinstance(told, str):
        return otherwise
    head, dot, tail = told.partition(".")
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    text = head + (dot + digits[:6].ljust(6, "0") + tail[len(digits) :] if dot else "")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def step_of(told: str) -> str:
    """An id as one step of a path. Raises Invalid `no_reference` for what would lead elsewhere."""
    if told in ("", ".", ".."):
        raise Invalid("no_reference")
    return quote(told, safe="")


def text_of(told: object) -> str | None:
    """A word or a number as text; None where it is neither, or empty."""
    if isinstance(told, bool) or not isinstance(told, (str, int)):
        return None
    return str(told) or None


def document_of(raw: bytes) -> Mapping[str, Any]:
    """A notification's JSON object. Raises Invalid `unauthorized`: what nobody can read, nobody signed."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Invalid("unauthorized") from error
    if not isinstance(found, dict):
        raise Invalid("unauthorized")
    return found


def currency_of(told: Mapping[str, Any]) -> str | None:
    """The currency that a refund or a payout of theirs says that it is in, in capitals; None where it says none."""
    word = text_of(told.get("currency"))
    return word.upper() if word else None


def is_in(told: Mapping[str, Any], currency: str) -> bool:
    """Whether a refund or a payout of theirs is money of this currency, or says none."""
    return currency_of(told) in (None, currency)


def header_of(headers: Mapping[str, str], name: str) -> str:
    """A header's value, however its name is written; empty where there is none."""
    return next((value for each, value in headers.items() if each.lower() == name), "")
