"""A table as csv, xlsx or json: neutral cells, whole files, the same bytes each time."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cesp_geo.errors import OutputError
from cesp_geo.outputs.files import neutralise, writing

SUFFIXES = (".csv", ".xlsx", ".json")
Sheets = Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]
"""Name of each sheet to its columns and rows."""


def write_tables(target: Path, sheets: Sheets, plain: Any = None) -> None:
    """Write tables by the extension of the file.

    Parameters
    ----------
    target : pathlib.Path
        ``.csv`` (the first table), ``.xlsx`` (a sheet each) or ``.json``.
    sheets : mapping
    plain : optional
        What json carries, if richer than the tables.

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "t.csv"
    >>> write_tables(target, {"Lieux": (("code",), [("=1+1",)])})
    >>> target.read_text(encoding="utf-8-sig").split()
    ['code', "'=1+1"]
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(
            f"Extension inconnue : « {target.name} ». Choisissez {', '.join(SUFFIXES)}."
        )
    with writing(target) as path:
        if suffix == ".json":
            found = plain if plain is not None else _objects(sheets)
            text = json.dumps(found, ensure_ascii=False, indent=2)
            path.write_text(text + "\n", encoding="utf-8")
        elif suffix == ".csv":
            _csv(path, *next(iter(sheets.values())))
        else:
            _xlsx(path, sheets)


def _objects(sheets: Sheets) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(zip(columns, row, strict=True)) for row in rows]
        for name, (columns, rows) in sheets.items()
    }


def _csv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([neutralise(cell) if isinstance(cell, str) else cell for cell in row])


def _xlsx(path: Path, sheets: Sheets) -> None:
    from datetime import datetime

    import xlsxwriter

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})
        bold = book.add_format({"bold": True, "bg_color": "#e8e8ef", "border": 1})
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, columns, bold)
            for line, row in enumerate(rows, start=1):
                for index, cell in enumerate(row):
                    if isinstance(cell, str) and cell:
                        sheet.write_string(line, index, cell)
                    elif isinstance(cell, (int, float)):
                        sheet.write_number(line, index, cell)
            sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
            sheet.autofit()
