"""Two minutes against a deployment: what is tried, what is taken away again, what the report says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import smoke
from infra.claims import CLAIMS
from infra.conformance import run as running
from infra.conformance.calling import SandboxPeople
from infra.conformance.run import a_run
from infra.stages import ROOT
from tests.sandbox.running import sandbox

ROLES = ("buyer", "seller", "support", "system", "operator")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence and what waits for real are left to a deployment; a sandbox has one process, which knows its policy at
    once."""
    monkeypatch.setattr(smoke, "PLAYED", ("agreed", "refund-fails"))
    monkeypatch.setattr(running, "_POLICY_SPREADS", 0)


@pytest.fixture
def tokens(address: str, tmp_path: Path) -> Path:
    people = SandboxPeople(address, buyer="smoke-buyer")
    file = tmp_path / "tokens.json"
    file.write_text(json.dumps({"not_production": True} | {role: people.token(role) for role in ROLES}))
    return file


def test_it_leaves_the_wallet_as_it_was_and_writes_a_report_without_tokens(
    address: str, tokens: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "report.json"
    assert smoke.main([address, "--tokens", str(tokens), "--report", str(place)]) == 0, capsys.readouterr().out
    text = place.read_text("utf-8")
    report = json.loads(text)
    assert report["well"] is True
    assert set(report["steps"]) == {"reached", "refused", "paths", "told", "played", "wallet put back"}
    assert report["steps"]["wallet put back"]["amount"] > 0
    shown = {each["name"]: each["shown"] for each in report["claims"]}
    assert shown["authorizer"] is True
    assert shown["webhook"] is False, "events go by https alone, and a sandbox has none"
    assert not [each for each in json.loads(tokens.read_text()).values() if str(each) in text and each is not True]
    wallet = a_run(address, print, tokens=json.loads(tokens.read_text())).batal
    assert smoke._balance(wallet) == 0


def test_what_does_not_go_well_is_named_and_the_rest_is_tried(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(smoke, "PLAYED", ())
    monkeypatch.setattr(smoke, "PATHS", ("a/b", ".."))
    place = tmp_path / "report.json"
    assert smoke.main([address, "--report", str(place)]) == 1
    report = json.loads(place.read_text("utf-8"))
    assert report["steps"]["paths"]["well"] is False
    assert report["steps"]["played"]["well"] is True
    assert "WRONG paths" in capsys.readouterr().out


def test_where_nobody_answers_nothing_is_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tokens.json"
    file.write_text('{"buyer": "x"}')
    assert smoke.main(["http://127.0.0.1:1", "--tokens", str(file)]) == 2
    assert "not_production" in capsys.readouterr().err


def test_every_claim_is_shown_by_a_step_or_by_hand_and_stands_in_the_runbook() -> None:
    assert all(bool(each.step) != bool(each.by_hand) for each in CLAIMS)
    assert len({each.name for each in CLAIMS}) == len(CLAIMS)
    runbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [each.name for each in CLAIMS if f"| `{each.name}` |" not in runbook] == []
