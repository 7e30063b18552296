"""Tables as csv, xlsx or json: neutral cells, whole files, the same bytes each time."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo.errors import OutputError
from cesp_geo.outputs.files import neutralise, refuse_suffix, refused, writing

if TYPE_CHECKING:
    import xlsxwriter

SUFFIXES = (".csv", ".xlsx", ".json")
MOST_SHEET_ROWS = 1_048_575
"""Rows that a sheet of a workbook holds under its titles."""
_WIDEST = 60
_SAMPLE = 200
_MOST_HELD_ROWS = 100_000
"""More rows of a workbook are written one by one: in little memory, but a third slower."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of one sheet.

    Attributes
    ----------
    columns : sequence of str
    rows : sequence of sequence
        Text, numbers, days or None. A day is a date cell of a workbook, an ISO text elsewhere.
    coloured : str
        Name of the column whose cells are coloured by ``colours``, empty for none.
    colours : mapping of str to str
        Text of a cell to its colour, ``#rrggbb``; the text says the same as the colour.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    coloured: str = ""
    colours: Mapping[str, str] = field(default_factory=dict)


Sheets = Mapping[str, Table]


def write_tables(
    target: Path, sheets: Sheets, plain: Any = None, flat: Table | None = None
) -> None:
    """Write tables by the extension of the file.

    Parameters
    ----------
    target : pathlib.Path
        ``.csv`` (one table), ``.xlsx`` (a sheet each) or ``.json``.
    sheets : mapping of str to Table
    plain : optional
        What json carries, if richer than the tables.
    flat : Table, optional
        The table of a csv; the first of the sheets by default.

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "t.csv"
    >>> write_tables(target, {"Lieux": Table(("code",), [("=1+1",)])})
    >>> target.read_text(encoding="utf-8-sig").split()
    ['code', "'=1+1"]
    """
    refuse_suffix(target, SUFFIXES)
    suffix = target.suffix.lower()
    refuse_rows(target, max(len(table.rows) for table in sheets.values()))
    if suffix == ".xlsx":
        large = sum(len(table.rows) for table in sheets.values()) > _MOST_HELD_ROWS
        with workbook(target, large=large) as book:
            _fill_book(book, sheets)
        return
    with writing(target) as path:
        if suffix == ".json":
            found = plain if plain is not None else _objects(sheets)
            text = json.dumps(found, ensure_ascii=False, indent=2, default=date.isoformat)
            path.write_text(text + "\n", encoding="utf-8")
        else:
            _csv(path, flat or next(iter(sheets.values())))


@contextmanager
def workbook(target: Path, *, large: bool = False) -> "Iterator[xlsxwriter.Workbook]":
    """Give a workbook to fill, written whole or not at all; the same cells give the same bytes.

    Parameters
    ----------
    target : pathlib.Path
    large : bool
        Keep its rows in temporary files rather than in memory; they are then filled in order.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {
        "constant_memory": large,
        "in_memory": not large,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    content = io.BytesIO()
    try:
        with xlsxwriter.Workbook(content, options) as book:
            book.set_properties({"created": datetime(2026, 1, 1)})
            yield book
    except FileCreateError as error:
        raise refused(target, error.args[0]) from None
    # Its library leaves a broken archive open, and says so, where the disk is full.
    with writing(target) as path:
        path.write_bytes(content.getvalue())


def refuse_rows(target: Path, rows: int) -> None:
    """Refuse more rows than a workbook holds, rather than cut them off.

    Raises
    ------
    OutputError
    """
    if target.suffix.lower() == ".xlsx" and rows > MOST_SHEET_ROWS:
        raise OutputError(
            f"Un classeur .xlsx a au plus {MOST_SHEET_ROWS} lignes sous ses titres ; il en "
            f"faudrait {rows}. Choisissez une autre extension pour {target.name}."
        )


def _objects(sheets: Sheets) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        for name, table in sheets.items()
    }


def _csv(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(table.columns)
        for row in table.rows:
            writer.writerow([neutralise(cell) if isinstance(cell, str) else cell for cell in row])


def _fill_book(book: Any, sheets: Sheets) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#e8e8ef", "border": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
    shades: dict[str, Any] = {}
    for name, table in _named(sheets).items():
        for colour in table.colours.values():
            if colour not in shades:
                shades[colour] = book.add_format({"bg_color": colour})
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for index, width in enumerate(_widths(table)):
            sheet.set_column(index, index, width)
        sheet.write_row(0, 0, table.columns, bold)
        _fill(sheet, table, day)
        _colour(sheet, table, shades)
        sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)


def _named(sheets: Sheets) -> dict[str, Table]:
    """Names that a workbook takes: at most 31 characters, none of ``[]:*?/\\``, each once."""
    found: dict[str, Table] = {}
    for name, table in sheets.items():
        plain = "".join("-" if letter in "[]:*?/\\" else letter for letter in name)
        plain = plain.strip("'")[:31] or "Feuille"
        taken = {known.casefold() for known in found}
        number, short = 1, plain
        while short.casefold() in taken:
            number += 1
            short = f"{plain[:27]} {number}"
        found[short] = table
    return found


def _widths(table: Table) -> list[int]:
    shown = [table.columns, *table.rows[:_SAMPLE]]
    texts = zip(*([str(cell or "") for cell in row] for row in shown), strict=True)
    return [min(_WIDEST, max(map(len, column)) + 3) for column in texts]


def _colour(sheet: Any, table: Table, shades: Mapping[str, Any]) -> None:
    """Colour cells by what they say, also once a person has changed it."""
    if not table.coloured:
        return
    column = table.columns.index(table.coloured)
    for text, colour in table.colours.items():
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": f'"{text}"',
            "format": shades[colour],
        }
        sheet.conditional_format(1, column, max(len(table.rows), 1), column, rule)


def _fill(sheet: Any, table: Table, day: Any) -> None:
    for line, row in enumerate(table.rows, start=1):
        for index, cell in enumerate(row):
            if isinstance(cell, str):
                if cell:
                    sheet.write_string(line, index, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(line, index, cell, day)
            elif isinstance(cell, bool):
                sheet.write_boolean(line, index, cell)
            elif cell is not None:
                sheet.write_number(line, index, cell)
