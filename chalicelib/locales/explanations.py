"""Why a refund comes to its total, in sentences that a person can read aloud, and the way back: the amounts that such
sentences say, read from the text alone.

Whoever shows an explanation asks `why` for it, which reads back what it wrote before anybody else does: an explanation
that does not add up is never shown. In its place stands that we are looking into it, and an alarm rings
(infra/watching.py); the refund itself goes its way. Nothing of the money is logged.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from chalicelib.domain.money.explanation import Explanation, Remark, Way
from chalicelib.domain.money.value import QuoteLine
from chalicelib.locales import PLACEHOLDER, formats, known, say, texts
from chalicelib.locales.harmless import on_one_line
from chalicelib.locales.tenders import paid_with
from chalicelib.locales.written_amounts import amount_pattern, amount_written

log = logging.getLogger(__name__)

# What the alarm counts.
WRONG = "an explanation does not add up"
# Enough of an article's name, or of a way of payment's, to know it again.
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """An explanation in words: what counts and what does not, the total, by which ways it comes back (after a `lead`),
    and what is worth knowing of that; each a sentence or more, on one line."""

    items: Sequence[str]
    total: str
    lead: str = ""
    ways: Sequence[str] = ()
    remarks: Sequence[str] = ()

    @property
    def sentences(self) -> list[str]:
        """All of it, as it is read aloud."""
        return [*self.items, self.total, *([self.lead] if self.lead else []), *self.ways, *self.remarks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """The amounts that an explanation says, in minor units."""

    items: Sequence[int]
    total: int
    ways: Sequence[int]

    @property
    def add_up(self) -> bool:
        """Whether what counts and what does not comes to the total, and the ways of payment too."""
        return sum(self.items) == self.total == sum(self.ways)


def why(of: Explanation, locale: str, about: str) -> Words:
    """The explanation in words, read back and found right; where it is not, a word that it is being looked into, and an
    alarm. `about` is the id of the case or order, for who looks."""
    words = in_words(of, locale)
    try:
        said = read_back("\n".join(words.sentences), of.currency, locale)
    except ValueError:
        wrong = "unreadable"
    else:
        if said.add_up and said.total == of.total:
            return words
        wrong = "amounts"
    log.error(WRONG, extra={"about": about, "why": wrong, "locale": known(locale)})
    return Words(items=(), total=say("why.looked_into", locale))


def in_words(of: Explanation, locale: str) -> Words:
    """The explanation in words, unchecked."""

    def money(minor: int) -> str:
        return formats.money(minor, of.currency, locale)

    def item(line: QuoteLine) -> str:
        what = _plain(say(f"quote.{line.label}", locale, detail=line.detail or "")) or say("why.article", locale)
        key = "why.item.less" if line.amount < 0 else "why.item"
        return say(key, locale, what=what, amount=money(abs(line.amount)), why=say(f"rule.{line.rule}", locale))

    def way(each: Way) -> str:
        method = _plain(paid_with(each.method, each.channel, locale))
        return say("why.way", locale, method=method, amount=of_paid(each, of.currency, locale))

    return Words(
        items=[item(line) for line in of.lines],
        total=say("why.total" if of.total else "why.total.nothing", locale, amount=money(of.total)),
        lead=say("why.lead", locale) if of.ways else "",
        ways=[way(each) for each in of.ways],
        remarks=[say(f"why.remark.{remark}", locale) for remark in of.remarks],
    )


def of_paid(way: Way, currency: str, locale: str) -> str:
    """What comes back by a way of payment, and what it is a part of, where more was paid by it."""
    amount = formats.money(way.amount, currency, locale)
    if way.paid is None:
        return amount
    return say("why.of_paid", locale, amount=amount, paid=formats.money(way.paid, currency, locale))


def read_back(text: str, currency: str, locale: str) -> Amounts:
    """The amounts that the lines of an explanation say. Raises ValueError where a line is none of its sentences.

    Names cannot deceive it: amounts are looked for where our own words, which end each sentence, say that they stand.
    """
    forms = _forms(currency, known(locale))
    lines = text.split("\n")
    totals = [(number, found) for number, line in enumerate(lines) if (found := forms.total.fullmatch(line))]
    if not totals:
        raise ValueError("no total")
    number, found = totals[0]
    return Amounts(
        items=[forms.item_in(line) for line in lines[:number]],
        total=forms.minor(found["amount"] or found["nothing"]),
        ways=[forms.way_in(line) for line in lines[number + 1 :] if line not in forms.ours],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forms:
    """What sentences look like in one language, about one currency; `ours` are those that say no amount."""

    currency: str
    locale: str
    item: re.Pattern[str]
    less: re.Pattern[str]
    total: re.Pattern[str]
    way: re.Pattern[str]
    ours: frozenset[str]

    def minor(self, written: str) -> int:
        return amount_written(written, self.currency, self.locale)

    def item_in(self, line: str) -> int:
        if found := self.less.fullmatch(line):
            return -self.minor(found["amount"])
        if found := self.item.fullmatch(line):
            return self.minor(found["amount"])
        raise ValueError("neither an item nor the total")

    def way_in(self, line: str) -> int:
        if found := self.way.fullmatch(line):
            return self.minor(found["amount"] or found["part"])
        raise ValueError("no way of payment")


@cache
def _forms(currency: str, locale: str) -> _Forms:
    any_amount = amount_pattern(currency, locale)
    amount = f"(?P<amount>{any_amount})"
    rules = "|".join(re.escape(text) for key, text in texts(locale).items() if key.startswith("rule."))

    def form(key: str, **places: str) -> str:
        """A text as a pattern, with a pattern for each of its places."""
        ours = PLACEHOLDER.split(texts(locale)[key])
        return "".join(places[part] if number % 2 else re.escape(part) for number, part in enumerate(ours))

    part = form("why.of_paid", amount=f"(?P<part>{any_amount})", paid=any_amount)
    way = form("why.way", method=".+", amount=f"(?:{amount}|{part})")
    nothing = form("why.total.nothing", amount=f"(?P<nothing>{any_amount})")
    return _Forms(
        currency=currency,
        locale=locale,
        item=re.compile(form("why.item", what=".+", amount=amount, why=f"(?:{rules})")),
        less=re.compile(form("why.item.less", what=".+", amount=amount, why=f"(?:{rules})")),
        total=re.compile(f"{form('why.total', amount=amount)}|{nothing}"),
        way=re.compile(way),
        ours=frozenset([texts(locale)["why.lead"], *(texts(locale)[f"why.remark.{remark}"] for remark in Remark)]),
    )


def _plain(text: str) -> str:
    """On one line and without signs that nobody sees, which could turn an amount around; cut where it is long."""
    words = on_one_line(text)
    return words if len(words) <= _LONGEST_NAME else words[: _LONGEST_NAME - 1].rstrip() + "…"
