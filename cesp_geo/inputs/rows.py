"""Tables that people keep, as rows of text: forgiving titles, line numbers, no names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cesp_geo.communes.naming import name_key
from cesp_geo.dates import french_day, parse_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.zonings.readers.door import kind_of
from cesp_geo.zonings.readers.grids import Grid, read_grids

FIRST_DAY = date(2009, 7, 23)
"""The first day on which there can be a CESP (loi HPST, art. 46)."""

_TOP_ROWS = 10
_MOMENT = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?")
_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_SERIAL = re.compile(r"[34]\d{4}(?:\.0+)?")
_SERIAL_ZERO = date(1899, 12, 30)

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
    better, vaguer : tuple of str
        Titles that are more specific than its own, and those that are less than its synonyms: of
        several columns that fit, the most specific is read.
    choices : tuple of str
        The only values it may take; empty for any.
    free : bool
        Whether a value that is none of the choices is accepted too.
    is_day : bool
    required : bool
        Whether the table must have the column.
    need : str
        When a row must have it, in French, if the column is not required.
    """

    name: str
    text: str
    synonyms: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    is_day: bool = False
    required: bool = False
    better: tuple[str, ...] = ()
    vaguer: tuple[str, ...] = ()
    need: str = ""
    free: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: the cells of its known columns, empty where it has none.

    ``tab`` is the name of its sheet, where the workbook has several that were read.
    """

    line: int
    cells: Mapping[str, str]
    tab: str = ""

    @property
    def where(self) -> str:
        """Where it is, in French."""
        return f"onglet {self.tab}, ligne {self.line}" if self.tab else f"ligne {self.line}"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, and the titles of the columns and tabs that were not read."""

    rows: tuple[Row, ...]
    unread: tuple[str, ...] = ()
    unread_tabs: tuple[str, ...] = ()


def read_rows(path: Path, columns: Sequence[Column], *, refuse_names: bool = False) -> Rows:
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
    Rows

    Raises
    ------
    UnsafeFile
        If the file is refused at the door.
    TableError
        If a required column is missing, two columns fit equally well, or there is a column of
        names.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "capacites.csv"
    >>> _ = path.write_text("Zone;Capacité\\n93008;2\\n")
    >>> columns = (Column("zone", "", required=True), Column("capacite", "", required=True))
    >>> read_rows(path, columns).rows
    (Row(line=2, cells={'zone': '93008', 'capacite': '2'}, tab=''),)
    """
    grids = [grid for grid in _grids(path) if grid.rows]
    found: list[Row] = []
    unread: dict[str, None] = {}
    fitting = [(grid, at) for grid in grids if (at := _title_row(grid, columns)) is not None]
    for grid, at in fitting:
        titles = grid.rows[at][1]
        keys = [_key(title) for title in titles]
        named = [
            title
            for title in keys
            if not _NAMES.isdisjoint(title.split()) and not _NAMES_OF_PLACES.fullmatch(title)
        ]
        if named and refuse_names:
            raise TableError(
                f"{path.name} : la colonne « {named[0]} » porte des noms. Retirez-la, ou ajoutez "
                "--garder-noms (elle ne sera ni lue ni écrite)."
            )
        where = _where(keys, columns)
        for name, held in where.items():
            if len(held) > 1:
                both = " et ".join(f"« {titles[index]} »" for index in held)
                raise TableError(
                    f"{path.name} : deux colonnes peuvent être {name} : {both}. Retirez l'une, ou "
                    "renommez-la."
                )
        taken = {held[0] for held in where.values()}
        unread |= dict.fromkeys(
            title for index, title in enumerate(titles) if title and index not in taken
        )
        tab = grid.name if len(fitting) > 1 else ""
        for line, cells in grid.rows[at + 1 :]:
            read = {
                name: cells[held[0]] if held[0] < len(cells) else "" for name, held in where.items()
            }
            found.append(Row(line, read, tab))
    if not fitting:
        raise TableError(_missing(path, grids, columns))
    if not found:
        raise TableError(f"{path.name} n'a aucune ligne sous ses titres.")
    read_tabs = {grid.name for grid, _ in fitting}
    tabs = tuple(grid.name for grid in grids if grid.name not in read_tabs)
    return Rows(tuple(found), tuple(unread), tabs)


def _key(title: str) -> str:
    return name_key(title.replace("_", " "))


def _title_row(grid: Grid, columns: Sequence[Column]) -> int | None:
    """The first of the top rows that has the required columns, under narrower headings."""
    required = {item.name for item in columns if item.required}
    widest = 0
    for at, (_, cells) in enumerate(grid.rows[:_TOP_ROWS]):
        width = sum(map(bool, cells))
        if width > widest and required <= _where([_key(cell) for cell in cells], columns).keys():
            return at
        widest = max(widest, width)
    return None


def _where(keys: Sequence[str], columns: Sequence[Column]) -> dict[str, list[int]]:
    """By column, the titles that fit it best: one, or several that are equally good."""
    found = {}
    for column in columns:
        ranks = (*((name,) for name in column.better), (_key(column.name),), column.synonyms,
                 *((name,) for name in column.vaguer))  # fmt: skip
        held = ([at for at, key in enumerate(keys) if key in names] for names in ranks)
        if best := next(filter(None, held), None):
            found[column.name] = best
    return found


def _missing(path: Path, grids: Sequence[Grid], columns: Sequence[Column]) -> str:
    titles = grids[0].rows[0][1] if grids else ()
    where = _where([_key(item) for item in titles], columns)
    missing = [item.name for item in columns if item.required and item.name not in where]
    word = "les colonnes" if len(missing) > 1 else "la colonne"
    return (
        f"{path.name} : il manque {word} {', '.join(missing)} à la première ligne. "
        f"Titres lus : {', '.join(titles[:12]) or 'aucun'}."
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
    if moment := _MOMENT.fullmatch(text):
        text = moment[1]
    try:
        if _SHORT_YEAR.fullmatch(text):
            raise DateError(f"« {text} » n'a que deux chiffres d'année. Écrivez-en quatre.")
        if _SERIAL.fullmatch(text):
            day = _SERIAL_ZERO + timedelta(days=int(float(text)))
            raise DateError(
                f"« {text} » est un numéro de jour de tableur (sans doute le {french_day(day)}). "
                "Donnez à la colonne un format de date, puis enregistrez de nouveau."
            )
        day = parse_day(text)
    except DateError as error:
        raise DateError(f"{row.where}, {key} : {error}") from None
    if day < FIRST_DAY:
        raise DateError(
            f"{row.where}, {key} : le {french_day(day)} précède le CESP "
            f"({french_day(FIRST_DAY)}). Corrigez la date."
        )
    return day
