"""The page on the ledger names every account, kind of entry and refusal, and its example is what happens."""

import re
from collections import Counter

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.money.ledger import LedgerAccount, Occasion
from chalicelib.domain.orders.body import Line
from chalicelib.domain.ports import DAYS_OF_LEDGER
from infra.sandbox.builders import a_case, a_context, a_policy, an_act, an_order
from tests.docs.pages import DOCS

PAGE = (DOCS / "ledger.md").read_text(encoding="utf-8")
GRANTED = re.compile(r"^\| a request is granted \(order of ([\d,]+): (.+?); no fee\).*$", re.MULTILINE)


def test_every_account_and_every_kind_of_entry_is_on_the_page() -> None:
    accounts = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert sorted(accounts) == sorted(LedgerAccount)
    assert [kind for kind in Occasion if f"`{kind}`" not in PAGE] == []
    assert [code for code in ("balance_too_low", "event_differs") if f"`{code}`" not in PAGE] == []
    assert f"at most {DAYS_OF_LEDGER} days" in PAGE


def test_the_example_is_what_a_yes_does() -> None:
    found = GRANTED.search(PAGE)
    assert found
    total, told = int(found[1].replace(",", "")), re.findall(r"(\w+) ([\d,]+)", found[2])
    tenders = {method: int(amount.replace(",", "")) for method, amount in told}
    assert sum(tenders.values()) == total
    policy = a_policy(fees={})
    shirt = Line(line_id="1", name="Kemeja", quantity=1, unit_price=total)
    order = an_order(tenders=tenders, lines=(shirt,))
    entry = advance(a_case(order, policy=policy), an_act(Approve()), a_context(policy, order=order)).ledger
    assert entry
    said = {name: int(amount.replace(",", "")) for name, amount in re.findall(r"`(\w+)` ([\d,]+)", found[0])}
    legs = Counter[str]()
    for leg in entry.legs:
        legs[leg.holding.account] += leg.amount
    assert legs == {**said, "seller_reversals": -said["seller_reversals"]}
