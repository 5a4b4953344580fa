"""The command `python -m infra.reconcile`: exit codes, report, what it reads and what it leaves alone."""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.domain.reconciliation.report import COLUMNS
from infra.reconcile import main
from infra.stages import ROOT

HEADER = "Order ID,Transaction ID,Refund Key,Transaction Type,Amount,Transaction Time\n"
ROW = "O-1,,k-1,Refund,5000.00,2026-11-10 10:00:00\n"
PART = {
    "id": "rf_1:card",
    "kind": "refund",
    "provider": "midtrans",
    "order_id": "O-1",
    "references": ["k-1"],
    "amount": 5000,
    "currency": "IDR",
    "due_by": "2026-11-20T00:00:00Z",
    "state": "pending",
}

Command = Callable[..., list[str]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The arguments of the command over a file and an export that are written down."""

    def written(settled: bytes | str = HEADER + ROW, expected: object = (PART,), *more: str) -> list[str]:
        assert isinstance(expected, tuple)
        (tmp_path / "expected.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in expected))
        raw = settled.encode() if isinstance(settled, str) else settled
        (tmp_path / "settled.csv").write_bytes(raw)
        told = ["--provider", "midtrans", "--expected", str(tmp_path / "expected.jsonl"), "--until", "2026-12-01"]
        return [*told, str(tmp_path / "settled.csv"), *more]

    return written


def rows_of(report: Path) -> list[dict[str, str]]:
    with report.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_exit_code_says_whether_all_matched(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command()) == 0
    matched = capsys.readouterr()
    assert [line.split() for line in matched.out.splitlines()] == [
        ["finding", "count", "currency", "settled", "expected"],
        ["matched", "1", "IDR", "-5,000", "-5,000"],
        ["together", "IDR", "-5,000", "-5,000"],
    ]
    assert matched.err == ""
    assert main(command(HEADER)) == 1
    assert "missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    "settled", ["", "a,b\n1,2\n", b"\x1f\x8bno gzip at all", gzip.compress(b"x" * 999, mtime=0)[:-9]]
)
def test_input_that_cannot_be_used_is_code_2_and_leaves_an_older_report_alone(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str], settled: bytes | str
) -> None:
    report = tmp_path / "report.csv"
    report.write_text("of yesterday")
    assert main(command(settled, (PART,), "--report", str(report))) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("This cannot be used: ")
    assert report.read_text() == "of yesterday"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["expected.jsonl", "report.csv", "settled.csv"]


@pytest.mark.parametrize(
    "more", [("--zone", "Mars"), ("--since", "soon"), ("--report", "SETTLED"), ("--provider", "nobody")]
)
def test_arguments_that_cannot_be_meant_are_code_2(command: Command, tmp_path: Path, more: tuple[str, str]) -> None:
    given = [str(tmp_path / "settled.csv") if each == "SETTLED" else each for each in more]
    with pytest.raises(SystemExit) as ended:
        main(command(HEADER + ROW, (PART,), *given))
    assert ended.value.code == 2
    assert (tmp_path / "settled.csv").read_text() == HEADER + ROW


def test_a_missing_file_is_code_2(command: Command) -> None:
    assert main([*command()[:-1], "/nowhere/at/all.csv"]) == 2


def test_packed_files_are_unpacked(command: Command) -> None:
    assert main(command(gzip.compress((HEADER + ROW).encode()))) == 0


@pytest.mark.parametrize("packed", [False, True])
def test_a_dash_reads_standard_input_and_nothing_draws_a_bar_there(command: Command, packed: bool) -> None:
    given = (HEADER + ROW).encode()
    arguments = [*command()[:-1], "-"]
    ran = subprocess.run(
        [sys.executable, "-m", "infra.reconcile", *arguments],
        input=gzip.compress(given, mtime=0) if packed else given,
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_terminal_gets_a_bar(command: Command) -> None:
    ours, theirs = os.openpty()
    arguments = command(HEADER + ROW * 6000)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "infra.reconcile", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            cwd=ROOT,
            check=False,
        )
        drawn = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert ran.returncode == 1
    assert "[##" in drawn
    assert "5,000 lines" in drawn
    assert "6,001 lines" in drawn


def test_the_report_has_a_row_for_each_finding_with_amounts_as_plain_numbers(command: Command, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    refused = "O-2,,k-2,Refund,half,2026-11-10 10:00:00\n"
    assert main(command(HEADER + ROW.replace("5000", "4000") + refused, (PART,), "--report", str(report))) == 1
    unreadable, wrong = rows_of(report)
    assert tuple(wrong) == COLUMNS
    assert {**wrong, "at": ""} == {
        "finding": "wrong_amount",
        "why": "",
        "expected_id": "rf_1:card",
        "order_id": "O-1",
        "kind": "refund",
        "reference": "k-1",
        "lines": "2",
        "currency": "IDR",
        "settled": "-4000",
        "expected_currency": "IDR",
        "expected": "-5000",
        "difference": "1000",
        "at": "",
        "due_by": "2026-11-20T00:00:00+00:00",
        "state": "pending",
    }
    assert (unreadable["finding"], unreadable["lines"], unreadable["settled"]) == ("unreadable", "3", "")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_nothing_in_a_report_is_a_formula(command: Command, tmp_path: Path, begins: str) -> None:
    report = tmp_path / "report.csv"
    evil = f"{begins}HYPERLINK(1)"
    row = f"O-9,,{evil};{evil},Refund,5000.00,2026-11-10 10:00:00\n"
    part = {**PART, "id": evil, "order_id": f"{evil}\t{evil}"}
    assert main(command(HEADER + row, (part,), "--report", str(report))) == 1
    unknown, missing = rows_of(report)
    assert unknown["reference"] == f"'{evil};'{evil}"
    assert (missing["expected_id"], missing["order_id"]) == (f"'{evil}", f"'{evil}\t'{evil}")
    numbers = ("settled", "expected", "difference")
    assert [unknown[name] for name in numbers] == ["-5000", "", "-5000"]
    words = [value for each in (unknown, missing) for name, value in each.items() if name not in numbers]
    assert not any(value.startswith(tuple("=+-@\t\r")) for value in words)


def test_since_and_until_are_moments_of_the_files_zone(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    late = ROW.replace("11-10 10", "11-30 23")
    early = ROW.replace("11-10 10", "11-30 00")
    day = ("--since", "2026-11-30", "--until", "2026-12-01")
    assert main(command(HEADER + late + early, (PART,), *day)) == 1
    assert "doubled" in capsys.readouterr().out
    assert main(command(HEADER + late, (PART,), *day, "--zone", "+14:00")) == 1
    assert "late" in capsys.readouterr().out
