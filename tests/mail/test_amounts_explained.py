"""Mails that name a refund say why it is what it is, and what they say adds up: in the text and in the HTML."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chalicelib.domain.cases.effects import decode
from chalicelib.locales import languages
from chalicelib.locales.explanations import Amounts, read_back
from chalicelib.locales.written_amounts import amount_pattern, amount_written
from chalicelib.mail import compose
from infra.sandbox.builders import a_case, an_order
from infra.sandbox.specimens import EVERY
from tests.mail.conftest import LINKS, visible, written

HEADING = {"id": "Mengapa jumlah ini?", "en": "Why this amount?"}
NAMING = (
    "request_received",
    "decision_needed",
    "approved",
    "money_returned",
    "goods_awaited",
    "amended",
    "late_parcel",
)
EXPLAINING = [(story, effect) for story, effect in EVERY if effect.partition(":")[0] in NAMING]
# Another way brings no money back; goods that are kept do.
EXPLAINING += [(story, effect) for story, effect in EVERY if effect == "settled:buyer" and "money" in story]
# A seller who is reminded to answer decides by it.
EXPLAINING += [("a return is asked", "reminder:seller")]


def explained(text: str, locale: str) -> Amounts:
    """What a mail's text says below the heading, in the ways of payment also where they are listed with their days."""
    told = text.partition(f"{HEADING[locale]}\n")[2].partition("\n\n")[0]
    said = read_back("\n".join(line.removeprefix("- ") for line in told.split("\n")), "IDR", locale)
    return replace(said, ways=said.ways or listed(re.findall("^- (.+)", text, re.MULTILINE), locale))


def listed(lines: Sequence[str], locale: str) -> list[int]:
    """The amounts of ways of payment that are listed with their days."""
    amount = amount_pattern("IDR", locale)
    of_paid = f"(?: dari {amount} yang[^,]*| of the {amount} paid[^,]*)?"
    found = (re.match(f".+: ({amount}){of_paid}(?:, .+|$)", line) for line in lines)
    return [amount_written(each[1], "IDR", locale) for each in found if each]


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize(("story", "effect"), EXPLAINING)
def test_a_mail_that_names_a_refund_explains_it_and_adds_up(story: str, effect: str, locale: str) -> None:
    mail = written(story, effect, locale)
    said = explained(mail.text, locale)
    assert said.add_up
    assert said.total > 0
    # The amount that the mail speaks of elsewhere is that total.
    before = mail.text.partition(HEADING[locale])[0]
    assert str(said.total) in re.sub(r"[.]", "", mail.subject + before)
    # No amount stands twice: where the ways are listed with their days, the explanation leaves them out.
    assert mail.text.count(HEADING[locale]) == visible(mail.html)[0].count(HEADING[locale]) == 1


def test_those_are_all_mails_that_explain() -> None:
    others = [each for each in EVERY if each not in EXPLAINING]
    assert not [each for each in others if HEADING["id"] in written(*each, "id").text]


def test_a_part_says_of_how_much_it_is_one() -> None:
    mail = written("a part is deducted", "approved:buyer", "id")
    line = "Saldo: Rp300.000 dari Rp337.000 yang dibayar dengan cara ini, sudah masuk ke saldo Anda"
    assert f"- {line}\n" in mail.text
    assert line in visible(mail.html)[0].replace(" ,", ",")


def test_of_what_nobody_paid_the_mail_explains_nothing_but_its_request_does() -> None:
    order = an_order(status="unpaid", paid=False)
    assert HEADING["id"] not in compose(decode("1:mail:approved:buyer"), a_case(order), order, links=LINKS).text
    cash = an_order(tenders={"cod": 150_000}, paid=False)
    asked = compose(decode("1:mail:request_received:buyer"), a_case(cash), cash, links=LINKS)
    assert "Jadi tidak ada yang dikembalikan: Rp0." in asked.text
