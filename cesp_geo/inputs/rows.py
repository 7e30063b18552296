"""Tables that people keep, as rows of text: forgiving titles, line numbers, no names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cesp_geo.communes.naming import name_key
from cesp_geo.dates import french_day, parse_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.zonings.readers.door import kind_of
from cesp_geo.zonings.readers.grids import Grid, read_grids

FIRST_DAY = date(2009, 7, 23)
"""The first day on which there can be a CESP (loi HPST, art. 46)."""

_NAMES = {
    "nom", "noms", "prenom", "prenoms", "name", "names", "surname", "fullname", "firstname",
    "lastname", "identite", "patronyme", "patronymes", "patronymique", "etudiant", "etudiante",
    "etudiants", "interne", "internes",
}  # fmt: skip
"""Words by which a title is that of a column of persons' names."""

_NAMES_OF_PLACES = re.compile(
    r"nom (du |de la |de l |d )?(commune|communes|qpv|quartier|zone|lieu|site|tvs|"
    r"territoire|departement|region|etablissement|structure|bassin|canton|epci|service|specialite)"
    r"( .*)?|(?:commune|qpv|zone|lieu|tvs) nom"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table that people fill in.

    Attributes
    ----------
    name : str
        Its title in our templates.
    text : str
        What to write in it, in French.
    synonyms : tuple of str
        Other titles under which it is known, as :func:`~cesp_geo.communes.name_key` gives them.
    choices : tuple of str
        The only values it may take; empty for any.
    is_day : bool
    required : bool
        Whether the table must have the column.
    """

    name: str
    text: str
    synonyms: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    is_day: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: the cells of its known columns, empty where it has none."""

    line: int
    cells: Mapping[str, str]


def read_rows(
    path: Path, columns: Sequence[Column], *, refuse_names: bool = False
) -> tuple[Row, ...]:
    """Read the rows of a table (csv, xlsx, or the points of a GeoPackage layer).

    Every sheet of a workbook that has the required columns is read. The position of a point is
    given as the columns ``lon`` and ``lat``.

    Parameters
    ----------
    path : pathlib.Path
    columns : sequence of Column
    refuse_names : bool
        Refuse a table with a column of persons' names.

    Returns
    -------
    tuple of Row

    Raises
    ------
    UnsafeFile
        If the file is refused at the door.
    TableError
        If a required column is missing, or there is a column of names.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "capacites.csv"
    >>> _ = path.write_text("Zone;Capacité\\n93008;2\\n")
    >>> columns = (Column("zone", "", required=True), Column("capacite", "", required=True))
    >>> read_rows(path, columns)
    (Row(line=2, cells={'zone': '93008', 'capacite': '2'}),)
    """
    grids = [grid for grid in _grids(path) if grid.rows]
    found: list[Row] = []
    fitting = 0
    for grid in grids:
        titles = [name_key(title.replace("_", " ")) for title in grid.rows[0][1]]
        named = [
            title
            for title in titles
            if not _NAMES.isdisjoint(title.split()) and not _NAMES_OF_PLACES.fullmatch(title)
        ]
        where = _where(titles, columns)
        if any(item.required and item.name not in where for item in columns):
            continue
        if named and refuse_names:
            raise TableError(
                f"{path.name} : la colonne « {named[0]} » porte des noms. Retirez-la, ou ajoutez "
                "--garder-noms (elle ne sera ni lue ni écrite)."
            )
        fitting += 1
        for line, cells in grid.rows[1:]:
            found.append(
                Row(line, {key: cells[at] if at < len(cells) else "" for key, at in where.items()})
            )
    if not fitting:
        raise TableError(_missing(path, grids, columns))
    if not found:
        raise TableError(f"{path.name} n'a aucune ligne sous ses titres.")
    return tuple(found)


def _where(titles: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    found = {}
    for column in columns:
        names = (name_key(column.name.replace("_", " ")), *column.synonyms)
        at = next((titles.index(name) for name in names if name in titles), None)
        if at is not None:
            found[column.name] = at
    return found


def _missing(path: Path, grids: Sequence[Grid], columns: Sequence[Column]) -> str:
    read = ", ".join(grids[0].rows[0][1][:12]) if grids else ""
    where = _where([name_key(item.replace("_", " ")) for item in read.split(", ")], columns)
    missing = [item.name for item in columns if item.required and item.name not in where]
    word = "les colonnes" if len(missing) > 1 else "la colonne"
    return (
        f"{path.name} : il manque {word} {', '.join(missing)} à la première ligne. "
        f"Titres lus : {read or 'aucun'}."
    )


def _grids(path: Path) -> tuple[Grid, ...]:
    return (_points(path),) if kind_of(path) == "gpkg" else read_grids(path)


def _points(path: Path) -> Grid:
    """The first layer of a GeoPackage, its points as two more columns."""
    from cesp_geo.zonings.readers.layers import open_layer

    frame = open_layer(path)
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    texts = [["" if cell is None or cell != cell else _text(cell) for cell in frame[name]]
             for name in names]  # fmt: skip
    if "lon" not in names and frame.geometry.notna().any():
        points = frame.to_crs("EPSG:4326").geometry if frame.crs else frame.geometry
        if not points.dropna().geom_type.eq("Point").all():
            raise TableError(f"{path.name} : des points sont attendus, un par ligne.")
        names += ["lon", "lat"]
        for axis in (points.x, points.y):
            texts.append(["" if value != value else repr(float(value)) for value in axis])
    rows = [(line, row) for line, row in enumerate(zip(*texts, strict=True), start=1)]
    return Grid(path.stem, ((0, tuple(names)), *rows))


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.date().isoformat() if hasattr(cell, "date") else str(cell).strip()


def day_of(row: Row, key: str) -> date | None:
    """Read a day of a row; None where the cell is empty.

    Raises
    ------
    DateError
        If it is no day, or one before the CESP.
    """
    text = row.cells.get(key, "")
    if not text:
        return None
    try:
        day = parse_day(text)
    except DateError as error:
        raise DateError(f"ligne {row.line}, {key} : {error}") from None
    if day < FIRST_DAY:
        raise DateError(
            f"ligne {row.line}, {key} : le {french_day(day)} précède le CESP "
            f"({french_day(FIRST_DAY)}). Corrigez la date."
        )
    return day
