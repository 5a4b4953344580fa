"""Subjects of mails: what happened or is to be done, of what, how much, by when, under which number; never like a
promotion."""

import re
from collections.abc import Mapping

from chalicelib.mail.letter import Letter
from chalicelib.mail.typed import first_words, one_line

# A subject is read at one look, on a phone.
_NAME, _WORDS = 40, 60
# What stands before many names of goods for whoever looks for a bargain: "[PROMO]", "(COD)".
_BAIT = re.compile(r"^(?:\s*(?:\[[^\]]*\]|【[^】]*】|\([^)]*\)))+\s*")


def subject(letter: Letter, key: str, *, money: int | None = None, **facts: str) -> str:
    """The text of this key with what a subject may name: the goods, what they bring (`money`, in minor units, unless it
    is what the request brings; 0 is not named), and the request's number."""
    worth = letter.case.quote.refund_total if money is None else money
    goods, amount = _goods(letter), letter.money(worth)
    about = ", ".join([goods, *([amount] if worth else [])])
    return letter.t(key, **{"goods": goods, "amount": amount, "about": about, "reference": letter.case.number, **facts})


def dated(letter: Letter, waits: Mapping[str, str] | None, key: str, *, money: int | None = None) -> str:
    """The same where it names the deadline of a wait; of one that is over already, that the request has moved on."""
    return subject(letter, key if waits else "reminder.over.subject", money=money, **(waits or {}))


def in_words(text: str) -> str:
    """How a message begins, for a subject; nothing in it is taken for an address of the web."""
    return first_words(unlinked(text), _WORDS)


def unlinked(text: str) -> str:
    """On one line, and nothing that mail programs would make a link of: people write here."""
    return " ".join(text.split()).replace("://", " : // ").replace("www.", "www ")


def _goods(letter: Letter) -> str:
    """The first of the goods, and how many others there are; the order where none is known."""
    (name, quantity, _), *more = letter.goods or [("", 0, None)]
    plain = first_words(_BAIT.sub("", name).replace("!", "") or name, _NAME)
    if not plain:
        return one_line(letter.case.name_for_people)
    return letter.t(f"goods.{'more' if more else 'one'}", quantity=quantity, name=plain, count=len(more))
