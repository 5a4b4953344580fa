"""A settlement file as rows, whether it is CSV or JSON lines: its layout, its header, and what each row says."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.reconciliation.layouts import Layout, named
from chalicelib.domain.reconciliation.rows import RowReader, cells_of, reader_for
from chalicelib.domain.reconciliation.settled import Row, Unreadable, has_half_a_character

# Before their header exports may have a title, a page of it, or empty lines: so many lines, or signs, are looked at.
_LINES_BEFORE, _SIGNS_BEFORE = 1_000, 1_000_000
# A quotation mark that is never closed swallows the rows after it: no cell of a settlement has so many lines.
_LINES_IN_A_ROW = 10
# How a packed archive begins, which is what Excel's files are.
_ARCHIVE = "PK\3\4"
# Made once: that takes as long as reading a line does.
_DECODER = json.JSONDecoder(parse_float=Decimal)

Digits = Callable[[str], int]


def rows_of(texts: Iterable[str], layouts: Sequence[Layout], zone: str | None, digits: Digits) -> Iterator[Row]:
    """Every row of a settlement file, CSV or JSON lines, as a line or as what is wrong with it. Raises Invalid
    `empty_file`, `not_text`, `no_json_lines`, `no_header`, `column_twice`, `unknown_zone`."""
    lines = iter(texts)
    first = _first_of(lines)
    whole = chain(first, lines)
    begins = "".join(first).lstrip()
    if not begins:
        raise Invalid("empty_file") if next(lines, None) is None else _no_header(layouts, looked_at=len(first))
    if "\0" in begins or begins.startswith(_ARCHIVE):
        # A workbook; or two bytes for each sign, without the mark that says so.
        raise Invalid("not_text")
    if begins.startswith("["):
        raise Invalid("no_json_lines")
    if begins.startswith("{"):
        return _rows_of_json(whole, layouts, zone, digits)
    header, layout, separator = _header_in(first, layouts)
    return _rows_of_csv(csv.reader(whole, delimiter=separator), header, _reader(layout, header, zone, digits))


def _first_of(lines: Iterator[str]) -> list[str]:
    """As many lines as may come before a header, and the header; without the mark of byte order."""
    found, signs = list[str](), 0
    for line in islice(lines, _LINES_BEFORE):
        found.append(line if found else line.removeprefix("\ufeff"))
        signs += len(line)
        if signs > _SIGNS_BEFORE:
            break
    return found


def _rows_of_csv(sheet: Any, header: list[str], reader: RowReader) -> Iterator[Row]:
    headed = False
    while True:
        before = sheet.line_num
        try:
            cells = next(sheet)
        except StopIteration:
            return
        except csv.Error as wrong:
            if headed:
                yield Unreadable(before + 1, f"no row of CSV: {wrong}")
            continue
        if not headed:
            headed = cells == header
        elif sheet.line_num - before > _LINES_IN_A_ROW:
            lines = f"lines {before + 1} to {sheet.line_num}"
            yield Unreadable(before + 1, f"{lines} are one row: a quotation mark is never closed")
        elif any(cell.strip() for cell in cells):
            yield _read(reader, before + 1, cells)


def _header_in(first: Sequence[str], layouts: Sequence[Layout]) -> tuple[list[str], Layout, str]:
    for layout in layouts:
        for separator in layout.separators:
            try:
                for cells in csv.reader(first, delimiter=separator):
                    if cells and layout.fits(frozenset(map(named, cells))):
                        return cells, layout, separator
            except csv.Error:
                continue
    raise _no_header(layouts, looked_at=len(first))


def _rows_of_json(whole: Iterable[str], layouts: Sequence[Layout], zone: str | None, digits: Digits) -> Iterator[Row]:
    reader: RowReader | None = None
    number = 0
    columns: tuple[str, ...] = ()
    for number, text in enumerate(whole, start=1):
        if not text.strip():
            continue
        try:
            told = _DECODER.decode(text)
        except (ValueError, RecursionError):
            yield Unreadable(number, "not JSON")
            continue
        if not isinstance(told, dict):
            yield Unreadable(number, "not a JSON object")
            continue
        if reader is None:
            names = frozenset(map(named, told))
            layout = next((each for each in layouts if each.fits(names)), None)
            if layout is None:
                raise _no_header(layouts, looked_at=number)
            columns = layout.columns
            reader = _reader(layout, columns, zone, digits)
        try:
            cells = cells_of(told, columns)
        except ValueError as wrong:
            yield Unreadable(number, str(wrong))
            continue
        yield _read(reader, number, cells)
    if reader is None:
        raise _no_header(layouts, looked_at=number)


def _reader(layout: Layout, header: Sequence[str], zone: str | None, digits: Digits) -> RowReader:
    try:
        return reader_for(layout, header, zone, digits)
    except ValueError as wrong:
        raise Invalid("column_twice", problem=str(wrong)) from None


def _read(reader: RowReader, number: int, cells: Sequence[str]) -> Row:
    if has_half_a_character("".join(cells)):
        return Unreadable(number, "not UTF-8")
    return reader.read(number, cells)


def _no_header(layouts: Sequence[Layout], *, looked_at: int) -> Invalid:
    needs = [" or ".join(each.amount) for each in layouts]
    return Invalid("no_header", provider=layouts[0].provider, needs=needs, looked_at=looked_at)
