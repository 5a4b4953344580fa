"""Accounts that buyers name where the way that money came by is shut: a virtual account, a window that is over, a card
that is gone. What a case keeps of one says where the money went, and no more; the account itself lies apart, sealed.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.methods import CHANNELS, Method, channel_of

# How often a buyer is asked for an account by itself; then a person has to look.
MOST_ASKED = 4

_SHOWN = 4
_NUMBER = re.compile(r"\d{5,20}")
_PHONE = re.compile(r"(?:\+|00)?\d{8,15}")
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A bank account, or an e-wallet by its phone number: `channel` is the bank or the brand, as methods.py codes it.
    Never logged, and stored sealed alone."""

    method: Method
    channel: str
    number: str = field(repr=False)
    holder: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKept:
    """What a case knows of an account: under which id it lies, its last digits, who holds it by their initials, and
    `fingerprint`, by which the same account is known again without being known."""

    account_id: str
    method: Method
    channel: str
    ending: str
    initials: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSealed:
    """An account as it is stored, beside the case that pays out to it, until `kept_until` (UTC)."""

    case_id: str
    account_id: str
    fingerprint: str
    sealed: bytes = field(repr=False)
    kept_until: datetime


def bank_account(bank: str, number: str, holder: str) -> Account:
    """A bank account as somebody typed it. Raises Invalid `validation_failed`, naming what is wrong."""
    return _account(Method.BANK, ("bank", bank), ("account_number", number), holder)


def ewallet_account(channel: str, phone: str, holder: str) -> Account:
    """An e-wallet as somebody typed it. Raises Invalid `validation_failed`, naming what is wrong."""
    return _account(Method.EWALLET, ("ewallet.channel", channel), ("ewallet.phone", phone), holder)


def _account(method: Method, channel: tuple[str, str], number: tuple[str, str], holder: str) -> Account:
    code, digits, name = _code(channel[1]), re.sub(r"[\s.()-]+", "", number[1]), " ".join(holder.split())
    right = _NUMBER if method is Method.BANK else _PHONE
    wrong = [
        *([(channel[0], "which one is not said")] if not code or len(code) > LONGEST_NAME else []),
        *([(number[0], "these are not its digits")] if not (digits.isascii() and right.fullmatch(digits)) else []),
        *([("holder", "a name is needed")] if not (name.isprintable() and _is_name(name)) else []),
    ]
    if wrong:
        raise Invalid("validation_failed", errors=[{"field": where, "message": why} for where, why in wrong])
    return Account(method=method, channel=code, number=digits, holder=name)


def _code(told: str) -> str:
    """`Bank BCA` is BCA, whether or not somebody listed it so."""
    code = channel_of(told)
    shorter = channel_of(code.removeprefix("bank"))
    return shorter if code not in CHANNELS and shorter in CHANNELS else code


def _is_name(name: str) -> bool:
    return len(name) <= LONGEST_NAME and any(each.isalpha() for each in name)


def kept_of(account: Account, account_id: str, fingerprint: str) -> AccountKept:
    """What a case keeps of it."""
    return AccountKept(
        account_id=account_id,
        method=account.method,
        channel=account.channel,
        ending=account.number[-_SHOWN:],
        initials=" ".join(f"{word[0]}***" for word in account.holder.split()),
        fingerprint=fingerprint,
    )


def masked(ending: str) -> str:
    """A number of which nobody needs to read more."""
    return f"***{ending}"


def identity_of(account: Account) -> str:
    """By what two accounts are one: phones are written in many ways."""
    number = _subscriber(account.number) if account.method is Method.EWALLET else account.number
    return f"{account.method}|{account.channel}|{number}"


def written_at_home(phone: str) -> str:
    """A phone number as one writes it in Indonesia: `0812...`."""
    return f"0{_subscriber(phone)}"


def _subscriber(phone: str) -> str:
    return re.sub(r"^(?:\+62|0062|62|0)", "", phone)
