"""What a case's page says, held against the timeline and the refund: for every viewer, after every command."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.money.refund import PartState
from chalicelib.locales import has, say
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

_STEP = re.compile(r'<li class="(done|missed|now|ahead)"[^>]*>\s*<span>(.*?)</span>', re.DOTALL)
_ANSWERS = {"approve": "approved", "reject": "rejected", "offer": "offered"}


def untruths(market: Marketplace, row: Case, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What any of its pages says of a case that is not so."""
    for who, role in (("budi", "buyer"), ("toko-baju", "seller"), ("rini", "support")):
        phone = Phone(market)
        phone.sign_in(who, role)
        page = phone.open(f"/cases/{row.case_id}")
        if page.status != 200:
            yield f"{role}: {page.status}"
            continue
        yield from (
            f"{role}: {each}" for each in untruths_in(page.text, row, entries, {"support": "staff"}.get(role, role))
        )


def untruths_in(text: str, row: Case, entries: Sequence[Mapping[str, Any]], viewer: str) -> Iterator[str]:
    """The same of one page, as `viewer` has it."""
    steps = _STEP.findall(text.partition('class="tracker"')[2].partition("</ol>")[0])
    done, now = ([words for reach, words in steps if reach == wanted] for wanted in ("done", "now"))
    if not steps or steps[0][0] != "done":
        yield "nobody asked"
    by_seller = bool(entries) and entries[0]["command"] == "ask" and entries[0]["actor"]["role"] == "seller"
    if steps and (steps[0][1] == _words("asked_by_seller", viewer)) != by_seller:
        yield "somebody else asked"
    # Nobody is said to have answered who did not.
    for command, what in _ANSWERS.items():
        for by in ("seller", "support"):
            said = {_words(f"{what}.{by}", viewer), _words(f"{what}.{by}", "nobody")} & set(done)
            spoke = any(each["command"] in (command, "confirm") and each["actor"]["role"] == by for each in entries)
            if said and not spoke:
                yield f"{said} without a word of theirs"
            if _has_said(entries, command, by) and not said and command != "approve":
                yield f"{command} by {by} is not told"
    if row.outcome and say("page.case.refund_expected", "id") in text:
        yield "a case that ended promises money if it is granted"
    if row.outcome and not row.refund and say("page.case.no_refund", "id") not in text:
        yield "it is not said that no money comes back"
    agreed = row.offer.alternative if row.outcome is Outcome.SETTLED and row.offer else None
    if agreed and say(f"offer.{agreed}", "id") not in text:
        yield "what was agreed is not said"
    waited = {State.AWAITING_SELLER, State.AWAITING_BUYER, State.AWAITING_SUPPORT, State.AWAITING_GOODS}
    open_parts = [part for part in row.refund.going if part.state is not PartState.PAID] if row.refund else []
    if len(now) != (1 if row.state in waited else 0) + len(open_parts):
        yield f"it waits for {now} in {row.state} with {len(open_parts)} parts open"
    for part in row.refund.going if row.refund else ():
        # Of money that is there no day is promised any more.
        if (
            part.state is PartState.PAID
            and part.method in ("wallet", "bank", "virtual_account")
            and any("paling lambat" in words for words in done)
        ):
            yield "money that arrived is promised for a day"


def _has_said(entries: Sequence[Mapping[str, Any]], command: str, by: str) -> bool:
    return any(each["command"] == command and each["actor"]["role"] == by for each in entries)


def _words(what: str, viewer: str) -> str:
    own = f"page.case.way.{what}.{viewer}"
    return say(own if has(own, "id") else f"page.case.way.{what}", "id")
