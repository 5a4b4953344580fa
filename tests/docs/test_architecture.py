"""The pages on rules and architecture say what the code does: rooms, states, tables, and the figures of policies."""

import json
import re

from chalicelib.adapters.dynamodb import tables as models
from chalicelib.adapters.policies import CachedPolicies
from chalicelib.domain.cases.evidence import MOST_BYTES, MOST_FILES
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.orders.statuses import OrderStatus as S
from chalicelib.domain.policies.policy import Policy
from tests.docs.pages import DOCS, ROOT
from tests.fakes.memory_store import MemoryStore

ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
RULES = (DOCS / "rules.md").read_text(encoding="utf-8")


def rule(number: int) -> str:
    """The words of a rule, on one line."""
    found = re.search(rf"^\*\*R{number}\*\*(.*?)(?=^\*\*R|^## |\Z)", RULES, re.MULTILINE | re.DOTALL)
    assert found, number
    return " ".join(found[1].split())


def policy(name: str) -> Policy:
    """A shipped profile."""
    return CachedPolicies(store=MemoryStore()).current(name)


def test_every_layer_and_every_room_of_the_domain_is_named() -> None:
    layers = [path.name for path in (ROOT / "chalicelib").iterdir() if path.is_dir() and path.name[0] != "_"]
    assert [name for name in layers if f"`chalicelib/{name}/`" not in ARCHITECTURE] == []
    rooms = [path for path in (ROOT / "chalicelib/domain").iterdir() if path.name[0] not in "_."]
    assert [path.name for path in rooms if f"`{path.name}{'/' if path.is_dir() else ''}`" not in ARCHITECTURE] == []


def test_every_state_of_the_state_machine_is_named() -> None:
    machine = json.loads((ROOT / "infra/state_machine.asl.json").read_text(encoding="utf-8"))
    assert [state for state in machine["States"] if f"| `{state}` |" not in ARCHITECTURE] == []


def test_every_table_with_its_indexes_and_guard_fields_is_named() -> None:
    source = (ROOT / "chalicelib/adapters/dynamodb/tables.py").read_text(encoding="utf-8")
    names = {*re.findall(r'bound\(\w+, "(\w+)"\)', source), *re.findall(r'_index\("(\w+)"\)', source)}
    guards = ("open_case", "cases", "attempts", "return_attempts", "left", "cancelled", "returned")
    assert all(hasattr(models.OrderRow, name) for name in guards)
    assert len(names) > 8
    assert [name for name in (*names, *guards) if f"`{name}`" not in ARCHITECTURE] == []


def test_the_figures_of_the_outbox_are_the_services_own() -> None:
    pace = Pace()
    said = " ".join(ARCHITECTURE.split())
    assert f"**lease** of {pace.lease} seconds" in said
    assert f"grace of {pace.grace} seconds" in said
    assert f"After {pace.max_tries} tries" in said


def test_the_figures_of_the_rules_are_those_of_the_policies() -> None:
    lazada, shopee, tokopedia = (policy(name) for name in ("lazada", "shopee", "tokopedia"))
    frequent = lazada.frequent
    assert f"{frequent.requests} requests in {frequent.within.amount} days" in rule(13)
    times = {method: span.amount for method, span in shopee.refund_times.items()}
    for words in (
        f"wallet {times['wallet']} hours",
        f"paylater {times['paylater']} hours",
        f"vouchers and coins {times['voucher']} hours",
        f"virtual account {times['bank']} working days",
        f"card {times['card']} working days",
        f"e-wallets {times['ewallet']} working days",
        f"LinkAja {lazada.refund_times['ewallet'].channels['linkaja'].amount};",
        f"ShopeePay {shopee.refund_times['ewallet'].channels['shopeepay'].amount} hours",
        f"QRIS {times['qris']} working days",
        f"store credit {times['store_credit']} hours",
    ):
        assert words in rule(32)
    assert lazada.refund_check.amount == 3
    assert "three working days" in rule(33)
    assert f"{lazada.second_person_above:,} minor units" in rule(34)
    windows = [each.returns.window.amount for each in (lazada, shopee, tokopedia) if each.returns]
    assert "Lazada {}, Shopee {}, Tokopedia {}".format(*windows) in rule(37)
    assert f"{lazada.extend_at_most.amount} days at most" in rule(41)
    assert (lazada.support.within.amount, lazada.support.within.unit) == (2, "working_days")
    assert "two working days" in rule(41)
    assert lazada.appeal_within.amount == 3
    assert "within three days" in rule(42)
    assert f"at most {MOST_FILES} files of {MOST_BYTES // 1024 // 1024} MB" in rule(43)


def test_the_table_of_platforms_is_that_of_the_profiles() -> None:
    profiles = [policy(name) for name in ("lazada", "shopee", "tokopedia", "tiktok")]

    def cells(row: str) -> list[str]:
        found = re.search(rf"^\| {row} \|(.*)\|$", RULES, re.MULTILINE)
        assert found, row
        return [cell.strip() for cell in found[1].split("|")]

    assert [int(cell.split()[0]) for cell in cells("requests per order")] == [each.max_attempts for each in profiles]
    silences = {"approve": "approves", "expire": "expires", "escalate": "escalates"}
    for cell, each in zip(cells("silence"), profiles, strict=True):
        first, shipped = each.answers[S.PROCESSING].if_silent, each.answers[S.SHIPPED].if_silent
        assert cell.startswith(silences[first])
        assert ("when shipped" in cell) is (first is not shipped)
        assert silences[shipped] in cell
    moves = {"end": "ends the case", "continue": "the case goes on", "support": "customer service"}
    assert [cell[:-4] for cell in cells("a parcel that moves")] == [moves[each.parcel_moves] for each in profiles]
    back = {
        "on_approval": "on approval",
        "on_interception": "when it is intercepted",
        "on_receipt": "when the parcel is back",
    }
    told = cells("money of a shipped order goes back")
    assert [cell[:-4] for cell in told] == [back[each.money_back] for each in profiles]
    lazada, shopee, tokopedia, tiktok = (
        (each.answers[S.PROCESSING].within, each.answers[S.SHIPPED].within) for each in profiles
    )
    figures = [[int(number) for number in re.findall(r"\d+", cell)] for cell in cells("the seller answers within")]
    assert figures[0] == [span.amount for span in lazada]
    assert figures[1] == [shopee[0].amount]
    assert figures[2][0] * figures[2][1] == tokopedia[0].amount
    assert figures[3] == [tiktok[0].amount]
