"""Text tables and workbooks as plain grids of text, with their line numbers."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cesp_geo.errors import TableError, UnsafeFile
from cesp_geo.zonings.readers.door import MOST_CELL, MOST_ROWS, kind_of

_MERGE = re.compile(rb'<mergeCell[^>]*ref="([A-Z0-9:]+)"')
_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[^<]*</f>(?:<v ?/>|<v></v>|</c>)')
_BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, LookupError, TypeError,
    AttributeError, SyntaxError,
)  # fmt: skip
_MOST_MERGES = 1_000_000
_END = "\ue000"


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its name and its rows of cells, each with its line number in the file."""

    name: str
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


def read_grids(path: Path, *, typed: bool = False) -> tuple[Grid, ...]:
    """Read every sheet of a text table (one) or workbook.

    Cells are texts; ``typed`` keeps the numbers, booleans and days of a workbook.

    Encodings: UTF-8 with or without BOM, UTF-16, else Windows-1252. Separators: ``;``, ``,``
    or tab. Formulas are read as their last value; merged cells repeat theirs.

    Raises
    ------
    UnsafeFile
        If the file is refused at the door.
    TableError
        If it has too many rows or cells too long.
    """
    kind = kind_of(path)
    if kind == "text":
        return (_text(path),)
    if kind == "xlsx":
        return tuple(_sheets(path, _typed if typed else _cell))
    raise TableError(f"{path.name} n'est ni un tableau en texte ni un classeur xlsx.")


def _text(path: Path) -> Grid:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise UnsafeFile(f"{path.name} contient des caractères nuls. Redemandez le fichier.")
    sample = text[:20_000]
    delimiter = max((";", ",", "\t"), key=sample.count)
    csv.field_size_limit(10 * MOST_CELL)
    # A line of our own at the end: it is alone unless a quote is still open.
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, _checked(row, path, reader.line_num)))
            if len(rows) > MOST_ROWS:
                raise TableError(f"{path.name} a plus de {MOST_ROWS} lignes. Découpez-le.")
    except csv.Error:
        raise TableError(
            f"{path.name}, ligne {reader.line_num} : la ligne est illisible (une cellule trop "
            "longue, ou un guillemet qui n'est pas refermé). Corrigez-la."
        ) from None
    if rows.pop()[1] != (_END,):
        raise UnsafeFile(
            f"{path.name} se termine à l'intérieur de guillemets : il est sans doute coupé. "
            "Redemandez le fichier."
        )
    return Grid(path.stem, tuple(rows))


def _sheets(path: Path, read: Callable[[object], Any]) -> Iterator[Grid]:
    import warnings

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, data_only=True, read_only=True)
            for sheet in book.worksheets:
                rows = []
                merged = _merged(path, sheet)
                above: dict[tuple[int, int], Any] = {}
                for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                    if line > MOST_ROWS:
                        raise TableError(
                            f"{path.name}, feuille {sheet.title} : plus de {MOST_ROWS} lignes. "
                            "Supprimez les lignes vides."
                        )
                    cells = [read(value) for value in values]
                    for index in range(len(cells)):
                        first = merged.get((line, index))
                        if first == (line, index):
                            above[first] = cells[index]
                        elif first is not None:
                            cells[index] = above.get(first, "")
                    while cells and cells[-1] == "":
                        cells.pop()
                    if cells:
                        rows.append((line, _checked(cells, path, line)))
                yield Grid(sheet.title, tuple(rows))
            book.close()
    except (InvalidFileException, *_BROKEN):
        raise UnsafeFile(
            f"Classeur illisible ou abîmé : {path.name}. Enregistrez-le de nouveau, ou redemandez "
            "le fichier."
        ) from None


def _merged(path: Path, sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Give, for each cell of a merged range, the cell that holds its value (line, column)."""
    from openpyxl.utils import range_boundaries

    with zipfile.ZipFile(path) as packed:
        text = packed.read(sheet._worksheet_path.lstrip("/"))
    if formula := _FORMULA.search(text):
        raise TableError(
            f"{path.name}, feuille {sheet.title}, cellule {formula[1].decode()} : une formule "
            "n'a pas de valeur enregistrée. Remplacez-la par sa valeur."
        )
    found = {}
    for reference in _MERGE.findall(text)[:_MOST_MERGES]:
        left, top, right, bottom = range_boundaries(reference.decode())
        for line in range(top, bottom + 1):
            for column in range(left, right + 1):
                found[line, column - 1] = (top, left - 1)
        if len(found) > _MOST_MERGES:
            raise TableError(
                f"{path.name}, feuille {sheet.title} : trop de cellules fusionnées. "
                "Défusionnez-les."
            )
    return found


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "date"):
        return str(value.date().isoformat())
    return str(value).strip()


def _typed(value: object) -> object:
    return value if isinstance(value, (bool, int, float, date)) else _cell(value)


def _checked(row: list[Any], path: Path, line: int) -> tuple[Any, ...]:
    if any(len(cell) > MOST_CELL for cell in row if isinstance(cell, str)):
        raise TableError(
            f"{path.name}, ligne {line} : une cellule dépasse {MOST_CELL} caractères. "
            "Vérifiez le séparateur ou les guillemets."
        )
    return tuple(cell.strip() if isinstance(cell, str) else cell for cell in row)
