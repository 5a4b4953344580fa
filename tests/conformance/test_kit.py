"""The conformance kit is green where all is well, and names what is wrong where a fault was planted: in what stands
before a sandbox, or in an integrator."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.conformance.__main__ import main
from infra.conformance.calling import SandboxPeople
from infra.conformance.endings import ENDINGS
from infra.conformance.finding import Finding
from infra.conformance.receivers import Receiver, TheirBooks
from infra.conformance.run import a_run
from tests.conformance import between, integrators
from tests.proofs.figures import FULL, figure
from tests.sandbox.running import sandbox

# What every run of the tests plays; `make proofs` plays all of them.
SAMPLE = ("agreed-two-tenders", "silence-ends", "appeal-won", "refund-fails")
EXAMPLE = ("part", "goods-kept", "returned")
NAMES = tuple(ending.name for ending in ENDINGS)
RUN = "faulty"


@dataclass
class Report:
    """What a run found, and what it said."""

    findings: list[Finding] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def of(self, ending: str) -> set[tuple[str, str]]:
        return {(each.where, each.what) for each in self.findings if each.ending == ending}


def played(
    url: str,
    names: Sequence[str],
    *,
    seed: str | None = None,
    heard_by: tuple[Receiver | None, TheirBooks | None] = (None, None),
    real: bool = False,
) -> Report:
    """A run of these endings, in this order."""
    report, by_name = Report(), {ending.name: ending for ending in ENDINGS}
    run = a_run(url, report.lines.append, seed=seed, receiver=heard_by[0], books=heard_by[1], real=real)
    assert run.prepare() is None
    report.findings = run.play([by_name[name] for name in names])
    print(*report.lines, sep="\n")
    return report


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


@pytest.fixture(scope="module")
def faulty_deployment(address: str) -> Report:
    names = (*between.IN_LOGS, between.IN_WALLET, between.IN_ASKING, between.ON_BUS)
    with between.between(address, between.faulty(RUN)) as url:
        return played(url, names, seed=RUN)


@pytest.fixture(scope="module")
def faulty_integrator(address: str) -> Report:
    with integrators.integrator(integrators.FAULTY, trusts=True) as heard_by:
        return played(address, tuple(integrators.FAULTY), heard_by=heard_by)


def test_there_are_twenty_endings_and_more() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 20
    outcomes = {outcome for ending in ENDINGS for outcome in ending.outcomes}
    assert outcomes == {"cancelled", "returned", "rejected", "expired", "withdrawn", "overtaken", "settled"}


def test_a_sandbox_and_a_careful_integrator_agree_through_all_mischief(address: str) -> None:
    names = NAMES if FULL else SAMPLE
    with integrators.integrator() as heard_by:
        report = played(address, names, heard_by=heard_by)
    assert report.findings == []
    assert heard_by[0].posts > 2 * len(names)
    assert report.lines[-1] == f"All books agree after {len(names)} endings."
    figure("conformance", f"{len(names)} endings, {heard_by[0].posts} events posted; all books agree")


def test_the_marketplace_that_is_there_to_be_copied_agrees(address: str) -> None:
    with integrators.the_example() as heard_by:
        assert played(address, NAMES if FULL else EXAMPLE, heard_by=heard_by).findings == []


@pytest.mark.skipif(not FULL, reason="it waits for real; `make proofs` plays it")
def test_a_deployment_without_a_clock_is_played_by_a_policy_of_seconds(address: str) -> None:
    assert played(address, NAMES, real=True).findings == []


@pytest.mark.parametrize(
    ("ending", "where", "what"),
    [
        # a refund that is asked for twice, a release that is lost, numbers that are swapped, a case opened twice
        ("offer-accepted", "books filled by events", "money that you paid back, by tender"),
        ("refused", "books filled by events", "pieces that are held back, by line"),
        ("withdrawn", "the log", "events in the order of what they tell"),
        ("offer-declined", "the log", "requests that were opened"),
        (between.IN_WALLET, "Batal's answers", "credits in the buyer's wallet"),
        (between.ON_BUS, "the event bus", "what the log holds"),
    ],
)
def test_a_fault_of_a_deployment_is_found_and_named(
    faulty_deployment: Report, ending: str, where: str, what: str
) -> None:
    assert (where, what) in faulty_deployment.of(ending)
    assert any(line.startswith(f"KIT-{RUN}-{ending}: ") for line in faulty_deployment.lines)


def test_a_case_that_is_opened_by_each_of_two_calls_under_one_key_is_found(faulty_deployment: Report) -> None:
    found = next(each for each in faulty_deployment.findings if each.ending == between.IN_ASKING)
    assert "said again under the same key" in found.what
    assert faulty_deployment.lines[-1].endswith("in 7 of 7 endings.")


@pytest.mark.parametrize(
    ("ending", "what", "event"),
    [
        ("offer-accepted", "money that you paid back, by tender", "refund."),
        ("refused", "pieces that are held back, by line", "order.release_shipment"),
        ("offer-declined", "pieces that are held back, by line", "order.release_shipment"),
        ("appeal-lost", "requests and how they ended", "case.closed"),
    ],
)
def test_a_fault_of_an_integrator_is_found_and_the_event_is_named(
    faulty_integrator: Report, ending: str, what: str, event: str
) -> None:
    assert ("your books", what) in faulty_integrator.of(ending)
    found = next(each for each in faulty_integrator.findings if (each.ending, each.what) == (ending, what))
    assert found.event
    assert found.event["type"].startswith(event)


def test_a_receiver_that_trusts_anybody_is_found(faulty_integrator: Report) -> None:
    assert ("your receiver", "an event that was signed with another secret") in faulty_integrator.of("offer-accepted")


def test_answers_that_are_lost_on_the_way_change_nothing(address: str) -> None:
    with between.between(address, between.loses_every(7)) as url:
        assert played(url, ["part", "instant"]).findings == []


def test_the_command_says_what_it_needs_and_how_it_went(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([address, "--only", "no-such-ending"]) == 2
    assert "no such ending" in capsys.readouterr().err
    assert main([f"{address}/v1"]) == 2
    assert "TOKENS=" in capsys.readouterr().err
    assert main([f"{address}/", "--only", "instant"]) == 0
    assert "All books agree after 1 endings." in capsys.readouterr().out


def test_whoever_has_tokens_alone_says_that_it_is_no_production(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert a_run(address, print).prepare() is None
    people, place = SandboxPeople(address, buyer="kit-tokens"), tmp_path / "tokens.json"
    tokens = {role: people.token(role) for role in ("buyer", "seller", "support", "system")}
    asked = [address, "--only", "instant,part", "--tokens", str(place)]
    place.write_text(json.dumps(tokens))
    assert main(asked) == 2
    assert "not_production" in capsys.readouterr().err
    place.write_text(json.dumps({"not_production": True, "buyer": tokens["buyer"]}))
    assert main(asked) == 2
    assert "no token for seller, support, system" in capsys.readouterr().err
    place.write_text(json.dumps({"not_production": True, **tokens}))
    assert main(asked) == 0
    assert "taken to be in force" in capsys.readouterr().out
