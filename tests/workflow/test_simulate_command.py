"""Past cases are written down, and a policy is tried on them by a command."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.jobs import Exported
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import Answer, Fee, Policy, Silence
from chalicelib.domain.policies.spans import Span
from chalicelib.edge.past_cases import past_row, read_line
from chalicelib.workflow import asking, decisions, orders
from chalicelib.workflow.past_cases import pasts_of
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, NO, NOW, SELLER, SYSTEM, a_body, a_policy, an_ask
from infra.simulate import main
from tests.fakes.ports import Neighbourhood
from tests.workflow.moving_houses import empty_house, written

DAY = Answer(within=Span(amount=24, unit="hours"), if_silent=Silence.EXPIRE)


def a_plain_policy(version: int = 9, answer: Answer = DAY, **changes: Any) -> Policy:
    plain = a_policy(version=version, instant=(), **changes)
    return replace(plain, answers=dict.fromkeys(plain.answers, answer))


def lived() -> Neighbourhood:
    """Of three buyers one hears a yes after two hours, one a no after twenty, one nothing."""
    house = empty_house()
    house.store.put_policy(a_plain_policy())
    cases = []
    for number in range(3):
        body = a_body(order_id=f"O-{number}", buyer=BUDI.id, placed_at=NOW - timedelta(days=3))
        orders.upsert(house.ports, body, SYSTEM)
        cases.append(asking.ask(house.ports, f"O-{number}", an_ask(comment="Saya Budi Santoso"), BUDI).case_id)
    house.clock.advance(2 * 3600)
    decisions.say(house.ports, cases[0], Approve(), SELLER)
    house.clock.advance(18 * 3600)
    decisions.say(house.ports, cases[1], NO, SELLER)
    house.clock.advance(5 * 3600)
    sweep(house.ports)
    return house


def tried(tmp_path: Path, past: bytes, draft: Policy) -> tuple[int, dict[str, Any]]:
    data, policy, kept = tmp_path / "past.ndjson", tmp_path / "draft.json", tmp_path / "found.json"
    data.write_bytes(past)
    policy.write_bytes(msgspec.json.encode(draft))
    code = main([f"--policy={policy}", f"--data={data}", f"--json={kept}"])
    return code, json.loads(kept.read_text()) if kept.exists() else {}


def counts(found: dict[str, Any], when: str) -> dict[str, float]:
    return {way: each["mean"] for way, each in found[when]["ways"].items()}


def test_what_is_written_down_is_read_as_it_was_and_names_nobody() -> None:
    house = lived()
    lines = written(house, Exported.PAST).splitlines()
    policies: Sequence[Any] = [each for each in map(read_line, lines) if isinstance(each, Policy)]
    assert any((each.name, each.version) == ("lazada", 9) for each in policies)
    pasts = [past for order in house.store.order_rows.values() for _, past in pasts_of(house.ports, order) if past]
    assert len(pasts) == 3
    for past in pasts:
        line = msgspec.json.encode(past_row(past))
        assert read_line(line) == past
        assert line in lines
        for word in ("Budi", "Santoso", "@example.com", "+62", "Kemeja"):
            assert word not in line.decode()


def test_the_same_policy_changes_nothing(tmp_path: Path) -> None:
    code, found = tried(tmp_path, written(lived(), Exported.PAST), a_plain_policy(10))
    assert code == 0
    assert (found["cases"], found["unexplained"], found["unsure"]) == (3, 0, 0)
    assert counts(found, "before") == counts(found, "after") == {"approved": 1, "rejected": 1, "expired": 1}
    assert found["changed"] == {}


def test_a_draft_says_which_cases_it_changes_and_why(tmp_path: Path) -> None:
    quick = Answer(within=Span(amount=6, unit="hours"), if_silent=Silence.APPROVE)
    fees = {OrderStatus.PROCESSING: Fee(flat=10_000)}
    _, found = tried(tmp_path, written(lived(), Exported.PAST), a_plain_policy(10, quick, fees=fees))
    assert found["bases"] == {"told": 1, "estimated": 1, "rules": 1}
    after = found["after"]["ways"]
    assert after["approved"] == {"mean": 1, "below": 0, "above": 0, "spread": 0}
    # Who was refused after twenty hours is granted by silence after six, unless the seller hurries.
    assert after["approved_by_silence"] == {"mean": 2, "below": 1, "above": 0, "spread": 0}
    assert {why: each["mean"] for why, each in found["changed"].items()} == {"money": 1, "sooner": 1, "silence": 1}
    (example,) = found["examples"]["silence"]
    assert (example["was"], example["becomes"], example["refund_becomes"]) == (
        "expired",
        "approved_by_silence",
        140_000,
    )


def test_lines_that_say_nothing_are_counted_and_files_that_say_nothing_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    past = written(lived(), Exported.PAST)
    code, found = tried(tmp_path, past + b'{"format": "batal-past/1"}\n{"format"\n\n', a_plain_policy(10))
    assert (code, found["cases"]) == (0, 3)
    assert "2 lines could not be read" in capsys.readouterr().err
    code, _ = tried(tmp_path, b'{"format": "batal-case/1"}\n', a_plain_policy(10))
    assert code == 2
    nobody = tmp_path / "missing.json"
    assert main([f"--policy={nobody}", f"--data={nobody}"]) == 2


def test_a_lever_is_moved_until_the_target_is_reached_and_no_further(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, policy = tmp_path / "past.ndjson", tmp_path / "draft.json"
    data.write_bytes(written(lived(), Exported.PAST))
    policy.write_bytes(msgspec.json.encode(a_plain_policy(10)))
    assert main([f"--policy={policy}", f"--data={data}", "--suggest=answer_time 100 13 2"]) == 0
    told = capsys.readouterr().out
    # Answers came after 2 and 20 hours: until 18 hours all is over by then, but more changes the less time there is.
    rows = {line.split()[0]: line for line in told.splitlines() if line.strip()[:1].isdigit()}
    assert "reaches it" in rows["12"]
    assert "reaches it" not in rows["18"]
    assert "suggested: 12 h" in told
    assert main([f"--policy={policy}", f"--data={data}", "--suggest=instant_window 100 1 2"]) == 0
    assert "no step reaches it" in capsys.readouterr().out
