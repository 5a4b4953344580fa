"""What every kind of mail says to every reader in every language, held against its case: amounts, days, names, the
button, the next step."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.awaited import Awaited, awaited_of
from chalicelib.domain.cases.beside import Beside
from chalicelib.domain.cases.case import Case
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.zones import Zone
from chalicelib.locales import formats, say
from infra.sandbox.specimens import EVERY, STORIES, beside_of
from tests.mail.conftest import LINKS, visible, written

LOCALES = ("id", "en")
MONEY = re.compile(r"Rp([\d.]*\d)")
YEARS = re.compile(r"\b20\d\d\b")
# Mails that tell of something else than of what is awaited.
ASIDE = frozenset({"message", "amended"})


def within(what: Any) -> Iterator[Any]:
    """Every value in a tree of the domain's types."""
    if is_dataclass(what):
        for each in fields(what):
            yield from within(getattr(what, each.name))
    elif isinstance(what, dict):
        for value in what.values():
            yield from within(value)
    elif isinstance(what, (tuple, list, frozenset)):
        for value in what:
            yield from within(value)
    else:
        yield what


def amounts(case: Case, order: Order) -> set[int]:
    """Every amount of the case and its order, what lines come to, and what is left after a fee or is still to come."""
    found = {each for each in within((case, order)) if isinstance(each, int) and not isinstance(each, bool)}
    found |= {line.amount for line in order.body.lines}
    found |= {case.quote.refund_total, case.full_quote.refund_total, case.full_quote.paid}
    found |= {case.full_quote.refund_total - case.quote.refund_total}
    found |= {case.refund.total, case.refund.due} if case.refund else set()
    found |= {case.quote.refund_total - case.offer.fee} if case.offer and case.offer.fee else set()
    found |= {sum(part.amount for part in case.refund.parts if part.account is None)} if case.refund else set()
    return {abs(each) for each in found}


def days(case: Case, order: Order, beside: Beside, locale: str) -> set[str]:
    """Every day of theirs, as it is written; what ends at midnight ends on the day before."""
    moments = [each for each in within((case, order, beside)) if isinstance(each, datetime)]
    shifted = [each - timedelta(microseconds=1) for each in moments]
    return {formats.day(each, locale, Zone.WIB) for each in (*moments, *shifted)}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("story", "effect"), EVERY)
def test_what_a_mail_says_is_what_its_case_holds(story: str, effect: str, locale: str) -> None:
    case, order = STORIES[story][1](locale)
    role, mail = Role(effect.partition(":")[2]), written(story, effect, locale)
    reader, other = order.body.buyer, order.body.seller
    if role is Role.SELLER:
        reader, other = other, reader
    said = {int(each.replace(".", "")) for each in MONEY.findall(mail.text + mail.subject)}
    assert said <= amounts(case, order), said - amounts(case, order)
    known = days(case, order, beside_of(case, order), locale)
    assert len(YEARS.findall(mail.text)) == sum(mail.text.count(day) for day in known)
    assert mail.text.startswith(say("mail.greeting", locale, name=reader.name))
    assert mail.to == reader.mailbox
    assert other.mailbox
    assert other.mailbox not in mail.text + mail.html
    assert mail.html.count("background:#0a6152") == 1
    awaited = awaited_of(case, role)
    if awaited and mail.kind not in ASIDE:
        assert case.deadline_at
        assert formats.deadline(case.deadline_at, locale, Zone.WIB) in mail.text
        assert formats.brief_deadline(case.deadline_at, locale, Zone.WIB) in mail.subject
    if not awaited and mail.kind != "account_wanted":
        assert "signed-token" not in mail.text
    words, links = visible(mail.html)
    button = re.search(r'href="([^"]+)"[^>]*background:#0a6152[^>]*>([^<]+)<', mail.html)
    assert button
    if awaited is Awaited.ANSWER and mail.kind in ("decision_needed", "reminder"):
        assert button[1] == LINKS.decision(case)
    elif mail.kind == "account_wanted":
        assert button[1] == LINKS.payout(case)
    else:
        assert button[1] == LINKS.case(case.case_id)
        if awaited not in (None, Awaited.ANSWER):
            assert button[2] == say(f"mail.awaited.{awaited}.button", locale)
    assert button[2] in words
    assert LINKS.case(case.case_id) in links


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("story", "effect"), EVERY)
def test_no_mail_says_a_sentence_twice(story: str, effect: str, locale: str) -> None:
    """Beside the items that explain an amount: each of those names its rule."""
    lines = written(story, effect, locale).text.splitlines()
    text = "\n".join(line for line in lines if not line.startswith("- "))
    sentences = [each for each in re.split(r"(?<=[.?])\s+", text.replace("\n", " ")) if len(each.split()) > 4]
    assert len(sentences) == len(set(sentences)), [each for each in sentences if sentences.count(each) > 1]
