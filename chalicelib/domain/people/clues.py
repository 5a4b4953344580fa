"""What a caller may say, so that customer service finds a case by it: a phone, an e-mail address, words of a name, a
tracking number, the order's number or the end of its id. Each is brought into one form, whoever writes it how."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Promise, encode
from chalicelib.domain.orders.body import Reach, is_masked
from chalicelib.domain.orders.order import Order
from chalicelib.domain.people.addresses import bare, plain
from chalicelib.domain.spelling import folded, is_of_words_unparted, typed

# For how long a case is found by what callers say: longer than anybody may appeal, or send goods back.
KEPT = timedelta(days=150)
# How much of the end of an order's id people read out.
ENDING = 6
# Nobody reads out less of a number, and no phone has fewer or more digits.
_SHORTEST_NUMBER, _PHONE = 4, range(6, 16)
# So many words of a name are noted, and looked for.
_MOST_WORDS = 6
_SHORTEST_WORD = 2

_PHONE_SIGNS = re.compile(r"\+?[\d\s().\-/\u2010-\u2015]+")


class ClueKind(StrEnum):
    """What sort of thing a caller says."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    TRACKING = "tracking"
    ORDER = "order"
    ENDING = "ending"


@dataclass(frozen=True, slots=True, order=True)
class Clue:
    """One thing that a caller may say, in its one form. It never leaves us but as its fingerprint."""

    kind: ClueKind
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand what was typed: a case is meant of which all these are noted."""

    kind: ClueKind
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """By which fingerprints a case is found.

    fingerprints  all that were ever begun to be noted: what has to go when somebody is erased
    begun         the last of them: while the promise `by` (its form as text) is pending, perhaps not noted yet
    """

    fingerprints: frozenset[str]
    begun: frozenset[str]
    by: str


NOTHING_NOTED = Noted(fingerprints=frozenset(), begun=frozenset(), by="")


def noting(noted: Noted, wanted: Collection[str], promise: Promise, case: Case) -> Noted | None:
    """What is to be noted so that the case is found by `wanted`, as `promise` says; None where it is already. What an
    attempt that broke off had begun is noted again."""
    name = encode(promise)
    unsure = noted.by == name or noted.by in {encode(each) for each in case.outbox}
    new = frozenset(wanted) - (noted.fingerprints - noted.begun if unsure else noted.fingerprints)
    return Noted(fingerprints=noted.fingerprints | new, begun=new, by=name) if new else None


def clues_of(order: Order, case: Case) -> frozenset[Clue]:
    """By what a caller of the buyer's side may find the case. What a platform hid is no clue."""
    return frozenset((*_of_order(order), *_of_tracking(case.tracking_numbers)))


def same_clues(one: Order, other: Order) -> bool:
    """Whether callers say the same of both: pushes that tell nothing new are the rule."""
    return frozenset(_of_order(one)) == frozenset(_of_order(other))


def readings(told: str) -> list[Reading]:
    """How what somebody typed may be meant. An e-mail address is nothing else."""
    if "@" in typed(told):
        address = email(told)
        return [Reading(ClueKind.EMAIL, (Clue(ClueKind.EMAIL, address),))] if address else []
    found = [Reading(clue.kind, (clue,)) for clue in _as_numbers(told)]
    names = [words for words in dict.fromkeys((name_words(told), _unparted(told))) if words]
    return found + [Reading(ClueKind.NAME, tuple(Clue(ClueKind.NAME, word) for word in words)) for words in names]


def phone(told: str) -> str | None:
    """A phone number in its one form, `8123456789` for `+62 812-345-6789`, `62812...` and `0812...`; None where it is
    none. Numbers of other countries keep their country's digits."""
    text = typed(told).strip()
    if not _PHONE_SIGNS.fullmatch(text):
        return None
    digits = "".join(str(unicodedata.digit(sign)) for sign in text if sign.isdigit())
    abroad = text.startswith("+") or digits.startswith("00")
    plain_digits = digits.removeprefix("00") if abroad else digits
    if abroad or not plain_digits.startswith("0"):
        plain_digits = plain_digits.removeprefix("62")
    national = plain_digits.lstrip("0")
    return national if len(national) in _PHONE else None


def email(told: str) -> str | None:
    """An e-mail address in its one form; None where it is none, or hidden."""
    address = bare(typed(told))
    return None if address is None or is_masked(address) else plain(address).casefold()


def name_words(told: str) -> tuple[str, ...]:
    """The words of a name, each once, without accents and in small letters. What is hidden is none, nor is a single
    letter, unless the name has nothing else."""
    words = dict.fromkeys(word for part in told.split() if not is_masked(part) for word in _folded_words(part) if word)
    long = [word for word in words if sum(map(str.isalpha, word)) >= _SHORTEST_WORD]
    return tuple(long or (words if all(map(str.isalpha, words)) else ()))[:_MOST_WORDS]


def _unparted(told: str) -> tuple[str, ...]:
    """A name of Han, kana or Hangul as one word: people write it with a blank, or without one."""
    parts = folded(told).split()
    letters = "".join(sign for sign in "".join(parts) if sign.isalnum())
    one_word = len(parts) > 1 and letters and all(map(is_of_words_unparted, letters))
    return (letters,) if one_word else ()


def number(told: str) -> str | None:
    """A number of an order or a parcel without what people write between its signs; None where it is too short, or has
    no digit."""
    signs = _signs(told)
    return signs if len(signs) >= _SHORTEST_NUMBER and any(sign.isdigit() for sign in signs) else None


def _signs(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def _folded_words(part: str) -> Iterator[str]:
    # "O'Brien" is one word, and so is "dr.": what stands between letters of a name is left out or divides by hyphens.
    for word in re.split(r"[-/,&+_\u2010-\u2015]+", folded(part)):
        yield "".join(sign for sign in word if sign.isalnum())


def _as_numbers(told: str) -> Iterator[Clue]:
    if (called := phone(told)) is not None:
        yield Clue(ClueKind.PHONE, called)
    if (signs := number(told)) is not None:
        yield Clue(ClueKind.TRACKING, signs)
        yield Clue(ClueKind.ORDER, signs)
    if len(ending := _signs(told)) == ENDING:
        yield Clue(ClueKind.ENDING, ending)


def _of_order(order: Order) -> Iterator[Clue]:
    body, buyer = order.body, order.body.buyer
    if buyer.phone and (called := phone(buyer.phone)):
        yield Clue(ClueKind.PHONE, called)
    if buyer.email and buyer.contact is not Reach.MASKED and (address := email(buyer.email)):
        yield Clue(ClueKind.EMAIL, address)
    yield from (Clue(ClueKind.NAME, word) for word in {*name_words(buyer.name), *_unparted(buyer.name)})
    if body.display_id and (known := number(body.display_id)):
        yield Clue(ClueKind.ORDER, known)
    for name in {body.order_id, body.name_for_people}:
        if len(signs := _signs(name)) > ENDING:
            yield Clue(ClueKind.ENDING, signs[-ENDING:])
    yield from _of_tracking((order.tracking_number, *(parcel.tracking_number for parcel in order.parcels)))


def _of_tracking(numbers: Collection[str | None]) -> Iterator[Clue]:
    for told in numbers:
        if told and (signs := number(told)):
            yield Clue(ClueKind.TRACKING, signs)
