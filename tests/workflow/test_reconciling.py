"""Whole files held against whole exports: every provider's, and files as programs really write them."""

import gzip
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.reconciliation.findings import Finding, Tally
from chalicelib.domain.reconciliation.providers import LAYOUTS
from chalicelib.workflow.reconciling import reconcile, text_of

SETTLEMENTS = Path(__file__).parent / "settlements"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
HEADER = "Order ID,Transaction ID,Refund Key,Transaction Type,Amount,Transaction Time\n"

Told = list[tuple[str, str, str | None, int | None, tuple[int, ...]]]


def run(
    expected: Iterable[str], settled: Iterable[str], provider: str = "midtrans", **more: Any
) -> tuple[list[Finding], Tally]:
    found = list[Finding]()
    tally = reconcile(expected, settled, LAYOUTS[provider], found.append, **{"until": NOW, **more})
    return found, tally


def told(findings: Sequence[Finding]) -> Told:
    """Findings in the order of the file: kind, why, the expected one's id, money, lines."""
    rows = [
        (each.kind.value, each.why, each.expected.id if each.expected else None, each.settled, each.numbers)
        for each in findings
    ]
    return sorted(rows, key=lambda row: (row[4], row[2] or ""))


def a_part(key: str = "k-1", **facts: Any) -> str:
    fields = {
        "id": f"rf_{key}",
        "kind": "refund",
        "provider": "midtrans",
        "order_id": f"O-{key}",
        "references": [key],
        "amount": 5000,
        "currency": "IDR",
        "due_by": "2026-11-20T00:00:00Z",
        "state": "pending",
    }
    return json.dumps({**fields, **facts}) + "\n"


def a_row(key: str = "k-1", amount: str = "5000.00", at: str = "2026-11-10 10:00:00") -> str:
    return f"O-{key},,{key},Refund,{amount},{at}\n"


@pytest.mark.parametrize(
    ("name", "findings"),
    [
        (
            "midtrans",
            [
                ("matched", "", "pay_O-1:gopay", 10000, (3,)),
                ("matched", "", "rf_1:gopay", -5000, (4,)),
                ("aside", "other", None, 20000, (5,)),
                ("aside", "other", None, 7000, (6,)),
            ],
        ),
        (
            "xendit",
            [
                ("matched", "", "pay_1", 10000, (2,)),
                ("aside", "fee", None, -150, (3,)),
                ("matched", "", "rf_1:ovo", -2500, (4,)),
                ("taken_back", "", "rf_2:bank", 0, (5, 6)),
                ("matched", "", "pay_4", 1250, (7,)),
            ],
        ),
        (
            "stripe",
            [
                ("matched", "", "pay_1", 100000, (2,)),
                ("matched", "", "rf_1:card", -25000, (3,)),
                ("taken_back", "", "rf_2:card", 0, (4, 5)),
                ("aside", "other", None, -1500, (6,)),
                ("aside", "fee", None, -200, (7,)),
            ],
        ),
        (
            "dana",
            [
                ("matched", "", "pay_1", 10000, (2,)),
                ("taken_back", "", "rf_1:dana", 0, (3, 4)),
                ("aside", "other", None, 100, (5,)),
                ("unreadable", "amount_unreadable: less than a minor unit", None, None, (6,)),
            ],
        ),
        (
            "dana_disbursements",
            [
                ("matched", "", "rf_1:ewallet", -5000, (2,)),
                ("matched", "", "rf_2:ewallet", 0, (3, 4)),
            ],
        ),
        (
            "oms",
            [
                ("matched", "", "pay_1", 10000, (2,)),
                ("matched", "", "pay_2", 1550, (3,)),
                ("matched", "", "rf_2:card", -550, (4,)),
                ("matched", "", "pay_3", 7000, (5,)),
            ],
        ),
    ],
)
def test_every_providers_file_is_read_as_its_provider_means_it(name: str, findings: Told) -> None:
    with (
        (SETTLEMENTS / f"{name}.expected.jsonl").open(encoding="utf-8") as expected,
        (SETTLEMENTS / f"{name}.csv").open(encoding="utf-8", newline="") as settled,
    ):
        found, _ = run(expected, settled, name.removesuffix("_disbursements"))
    assert told(found) == findings


def test_every_layout_has_a_source_and_a_file_in_these_tests() -> None:
    assert all(each.source for layouts in LAYOUTS.values() for each in layouts)
    layouts = sum(len(each) for each in LAYOUTS.values())
    assert len(list(SETTLEMENTS.glob("*.csv"))) == layouts


def test_a_file_as_programs_write_it_is_read_all_the_same() -> None:
    plain = [HEADER, a_row(), a_row("k-2")]
    ways = {
        "a mark of byte order": ["\ufeff" + HEADER, *plain[1:]],
        "carriage returns": [each.replace("\n", "\r\n") for each in plain],
        "empty lines": ["\n", HEADER, "\r\n", plain[1], " , ,,,,\n", plain[2], "\n"],
        "another case": [HEADER.upper().replace(" ", "_"), *plain[1:]],
        "semicolons": [each.replace(",", ";") for each in plain],
        "a separator at the end": [HEADER, *(each.replace("\n", ",\n") for each in plain[1:])],
        "no end of the last line": [HEADER, plain[1], plain[2].rstrip()],
        "columns in another order": [",".join(reversed(each.rstrip().split(","))) + "\n" for each in plain],
        "quotation marks": [",".join(f'"{cell}"' for cell in each.rstrip().split(",")) + "\n" for each in plain],
        "JSON lines": [
            json.dumps(dict(zip(HEADER.rstrip().split(","), each.rstrip().split(","), strict=True))) + "\n"
            for each in plain[1:]
        ],
    }
    for way, lines in ways.items():
        found, tally = run(["\ufeff" + a_part(), "\n", a_part("k-2")], lines)
        assert [each.kind for each in found] == ["matched", "matched"], way
        assert tally.all_matched, way


@pytest.mark.parametrize(("written", "cents"), [("1.15", 115), ("4.35", 435), ("9999999999999.99", 10**15 - 1)])
def test_numbers_of_json_are_never_floats(written: str, cents: int) -> None:
    line = f'{{"order_id": "O-1", "amount": {written}, "currency": "USD", "at": "2026-11-10T00:00:00Z"}}\n'
    expected = a_part(amount=cents, currency="USD", kind="payment", order_id="O-1", due_by=None)
    found, _ = run([expected], [line], "oms")
    assert [(each.kind, each.settled) for each in found] == [("matched", cents)]


def test_a_point_in_a_number_of_json_is_never_between_thousands() -> None:
    line = '{"order_id": "O-1", "amount": 10.000, "currency": "IDR", "at": "2026-11-10T00:00:00Z"}\n'
    expected = a_part(amount=10, kind="payment", order_id="O-1", due_by=None)
    assert [each.kind.value for each in run([expected], [line], "oms")[0]] == ["matched"]
    assert [each.kind.value for each in run([expected], [line.replace("10.000", '"10.000"')], "oms")[0]] == [
        "unreadable"
    ]


@pytest.mark.parametrize("amount", ["1e300000", "1E-300000", "NaN", "Infinity", "true", "[1]", "1" * 5000])
def test_what_json_takes_for_a_number_and_nobody_for_an_amount_is_unreadable(amount: str) -> None:
    line = '{"order_id": "O-1", "amount": 1, "currency": "USD", "at": "2026-11-10T00:00:00Z"}\n'
    found, _ = run([], [line, line.replace('"amount": 1', f'"amount": {amount}')], "oms")
    assert [each.kind.value for each in found] == ["unknown", "unreadable"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (a_row(at=""), "moment: missing"),
        (a_row(at="10.11.2026"), "moment: not understood"),
        (a_row(at="0001-01-01 00:00:00"), "moment: not understood"),
        ("O-1,,k-1,Refund,5000\n", "5 cells where the header has 6"),
        ("O-1,,k-1,Refund,5,000,2026-11-10 10:00:00\n", "7 cells where the header has 6"),
        (a_row("k-\udcff"), "not UTF-8"),
        ("Total,,,,,\n", "moment: missing"),
    ],
)
def test_a_row_that_cannot_be_read_says_where_and_why_and_stops_nothing(row: str, why: str) -> None:
    found, tally = run([a_part()], [HEADER, row, a_row()])
    assert told(found) == [("unreadable", why, None, None, (2,)), ("matched", "", "rf_k-1", -5000, (3,))]
    assert not tally.all_matched


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ('"5.000,00"', "not an amount"),
        ("5.000", "it could have thousands or decimals"),
        ("5000.5", "less than a minor unit"),
        ("5e3", "not an amount"),
        ("٥٠٠٠", "not an amount"),
        ("", "not an amount"),
        ("9" * 31, "too long for an amount"),
    ],
)
def test_a_row_whose_amount_nobody_can_read_is_the_finding_of_what_it_names(amount: str, why: str) -> None:
    """Were it called missing, somebody would send it again."""
    unread = a_row(amount=amount)
    found, tally = run([a_part(), a_part("k-2"), a_part("k-3")], [HEADER, unread, a_row("k-2"), a_row("k-9", amount)])
    why = f"amount_unreadable: {why}"
    assert told(found) == [
        ("missing", "", "rf_k-3", None, ()),
        ("unreadable", why, "rf_k-1", None, (2,)),
        ("matched", "", "rf_k-2", -5000, (3,)),
        ("unreadable", why, None, None, (4,)),
    ]
    (named,) = [each for each in found if each.numbers == (2,)]
    assert (named.reference, named.currency, named.difference) == ("k-1", "IDR", None)
    assert not tally.all_matched
    # What another line settles is settled; the line that cannot be read stands beside it.
    found, _ = run([a_part()], [HEADER, unread, a_row()])
    assert told(found) == [("unreadable", why, None, None, (2,)), ("matched", "", "rf_k-1", -5000, (3,))]


def test_of_what_failed_or_is_not_due_yet_an_amount_that_nobody_can_read_is_found_too() -> None:
    parts = [a_part(state="failed"), a_part("k-2", due_by="2026-12-20T00:00:00Z")]
    found, _ = run(parts, [HEADER, a_row(amount="5.000"), a_row("k-2", "5.000")])
    assert [(each.kind.value, each.expected and each.expected.id) for each in found] == [
        ("unreadable", "rf_k-1"),
        ("unreadable", "rf_k-2"),
    ]


def test_a_quotation_mark_that_is_never_closed_does_not_hide_the_rows_after_it() -> None:
    rows = [a_row().replace("k-1", '"k-1'), *(a_row(f"k-{number}") for number in range(2, 15))]
    found, _ = run([a_part()], [HEADER, *rows])
    unreadable = [each for each in found if each.kind == "unreadable"]
    assert [(each.numbers, each.why) for each in unreadable] == [
        ((2,), "lines 2 to 15 are one row: a quotation mark is never closed")
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense\n", "export: not JSON"),
        ("[]\n", "export: not an object"),
        (a_part("k-2", amount=0), "export: amount is a whole number of minor units above 0"),
        (a_part("k-2", amount=10.5), "export: 10.5 is no whole number of minor units"),
        (a_part("k-2", amount=True), "export: amount is a whole number of minor units above 0"),
        (a_part("k-2", kind="fee"), "export: kind is refund or payment"),
        (a_part("k-2", currency="Rp"), "export: currency is a code such as IDR"),
        (a_part("k-2", due_by="2026-11-20"), "export: due_by is a moment with its zone"),
        (a_part("k-2", order_id=None), "export: order_id is missing"),
        (a_part("k-2", references="k-2"), "export: references are a list of at most 20 texts"),
        (a_part("k-1"), "export: this id stood there before"),
    ],
)
def test_a_line_of_the_export_that_cannot_be_read_stops_nothing_either(line: str, why: str) -> None:
    found, _ = run([a_part(), line], [HEADER, a_row()])
    assert told(found) == [("matched", "", "rf_k-1", -5000, (2,)), ("unreadable", why, None, None, (2,))] or told(
        found
    ) == [("unreadable", why, None, None, (2,)), ("matched", "", "rf_k-1", -5000, (2,))]


@pytest.mark.parametrize(
    ("expected", "settled", "code"),
    [
        ([a_part()], [], "empty_file"),
        ([a_part()], ["\ufeff\n", *["  \n"] * 600], "empty_file"),
        ([a_part()], ["a,b,c\n", "1,2,3\n"], "no_header"),
        ([a_part()], ['{"a": 1}\n'], "no_header"),
        ([a_part()], ["O\0r\0d\0e\0r\0\n"], "not_text"),
        ([a_part()], ["PK\x03\x04\x14, as workbooks begin\n"], "not_text"),
        ([a_part()], [f"[{json.dumps({'order_id': 'O-1', 'amount': 1})}]\n"], "no_json_lines"),
        ([a_part()], ["\n"] * 1_000 + [HEADER, a_row()], "no_header"),
        ([a_part()], ["a title\n"] * 1_000 + [HEADER, a_row()], "no_header"),
        ([a_part()], [HEADER.replace("Transaction ID", "Amount"), a_row()], "column_twice"),
        (["nonsense\n", "more\n"], [HEADER, a_row()], "nothing_expected"),
    ],
)
def test_input_that_cannot_be_used_is_refused(expected: list[str], settled: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(expected, settled)
    assert refused.value.code == code


def test_a_header_is_found_behind_titles_and_empty_lines() -> None:
    for before in (
        ["\n"] * 100,
        ["Settlement report, November\n"] * 100,
        ['Toko,"Batal"\n', "\n"] * 400,
        [" , ,\n"] * 999,
    ):
        found, _ = run([a_part()], [*before, HEADER, a_row()])
        assert told(found) == [("matched", "", "rf_k-1", -5000, (len(before) + 2,))]


def test_what_was_looked_at_for_a_header_is_told() -> None:
    with pytest.raises(Invalid) as refused:
        run([a_part()], ["a title\n"] * 5)
    needs = ["Amount or Gross Amount or Transaction Amount"]
    assert refused.value.details == {"provider": "midtrans", "needs": needs, "looked_at": 5}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with its mark", "utf-16-be with its mark"]
)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("before", ["", "Laporan pencairan – Toko Batal\r\n\r\n"])
def test_text_is_read_whatever_bytes_it_is_written_in(encoding: str, packed: bool, before: str) -> None:
    text = before + HEADER.replace("\n", "\r\n") + a_row("k-ü").replace("\n", "\r\n")
    name, _, marked = encoding.partition(" ")
    raw = (f"\ufeff{text}" if marked else text).encode(name)
    with io.BufferedReader(io.BytesIO(gzip.compress(raw) if packed else raw)) as file:
        found, _ = run([a_part("k-ü")], text_of(file))
    assert [each.kind.value for each in found] == ["matched"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_two_bytes_for_each_sign_without_their_mark_are_refused_by_name(encoding: str) -> None:
    with io.BufferedReader(io.BytesIO((HEADER + a_row()).encode(encoding))) as file, pytest.raises(Invalid) as refused:
        run([a_part()], text_of(file))
    assert refused.value.code == "not_text"


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        run([a_part()], [HEADER, a_row()], zone="Mars/Olympus")
    assert refused.value.code == "unknown_zone"


def test_a_moment_without_a_zone_is_in_the_providers_or_in_the_one_that_is_named() -> None:
    rows = [HEADER, a_row(at="2026-11-20 06:59:59"), a_row("k-2", at="2026-11-20 07:00:01")]
    found, _ = run([a_part(), a_part("k-2")], rows)
    assert [each.kind for each in found] == ["matched", "late"]
    found, _ = run([a_part(), a_part("k-2")], rows, zone="Asia/Jayapura")
    assert [each.kind for each in found] == ["matched", "matched"]
    found, _ = run([a_part(), a_part("k-2")], rows, zone="UTC")
    assert [each.kind for each in found] == ["late", "late"]


def test_lines_outside_the_period_are_set_aside() -> None:
    rows = [HEADER, a_row(at="2026-10-31 23:59:59"), a_row(at="2026-11-01 00:00:00"), a_row(at="2026-12-01 07:00:00")]
    found, _ = run([a_part()], rows, since=datetime(2026, 10, 31, 17, tzinfo=UTC))
    assert [(each.kind.value, each.why, each.numbers) for each in found] == [
        ("aside", "outside_period", (2,)),
        ("aside", "outside_period", (4,)),
        ("matched", "", (3,)),
    ]


def test_what_another_provider_settles_is_no_part_of_it_but_for_the_marketplaces_own_file() -> None:
    both = [a_part(), a_part("k-2", provider="stripe")]
    found, _ = run(both, [HEADER, a_row()])
    assert [each.kind for each in found] == ["matched"]
    own = ["reference,amount,currency,at,type\n", "k-1,5000,IDR,2026-11-10,refund\n"]
    found, _ = run(both, own, "oms")
    assert [each.kind for each in found] == ["matched", "missing"]


def test_a_file_whose_lines_all_name_the_same_is_judged_without_being_held_in_memory() -> None:
    found, tally = run([a_part()], [HEADER, *(a_row() for _ in range(10_500))])
    assert tally.counts == {("matched", "IDR"): 1, ("doubled", "IDR"): 10_499}
    assert len({each.numbers for each in found}) == 10_500


def test_what_stands_where_there_is_no_reference_brings_nothing_together() -> None:
    parts = [a_part("k-1", references=["-", "k-1"]), a_part("k-2", references=["-", "k-2"], amount=700)]
    found, _ = run(parts, [HEADER, a_row("k-1"), "-,-,-,Refund,700,2026-11-10 10:00:00\n"])
    assert told(found) == [
        ("missing", "", "rf_k-2", None, ()),
        ("matched", "", "rf_k-1", -5000, (2,)),
        ("unknown", "", None, -700, (3,)),
    ]


def test_names_that_are_shared_over_several_hops_bring_one_group_together() -> None:
    chain = [a_part(f"k-{n}", references=[f"s-{n}", f"s-{n + 1}"], amount=n, id=f"rf_{n}") for n in (5, 3, 1, 4, 2)]
    line = a_row("s-3", amount="7")  # what 3 and 4 are, of which one alone carries s-4, and 2 carries s-3
    found, _ = run(chain, [HEADER, line.replace("O-s-3", "")])
    assert sorted((each.kind.value, each.settled) for each in found if each.settled is not None) == [
        ("wrong_amount", -7)
    ]
    found, _ = run(chain, [HEADER, a_row("s-3", amount="5").replace("O-s-3", "")])
    assert sorted((each.kind.value, each.settled) for each in found if each.settled is not None) == [
        ("matched", -3),
        ("matched", -2),
    ]
