"""From a grid to units and classes: columns are recognised by what their cells hold."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import name_key
from cesp_geo.dates import parse_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.zonings.labels import read_label
from cesp_geo.zonings.model import Designation
from cesp_geo.zonings.readers.grids import Grid, read_grids

_CODE = re.compile(r"(?:\d{4,5}|2[AB]\d{3})")
_CODES = re.compile(r"[\s,;/]+")
_SUBUNIT = re.compile(r"Q[NP]\w{6}")
_NATIONAL = {
    "zmed": "medecin",
    "zdent": "chirurgien-dentiste",
    "zide": "infirmier",
    "zmk": "masseur-kinesitherapeute",
    "zsf": "sage-femme",
    "zortho": "orthophoniste",
}
_NAMES = {
    "name": ("libelle", "lib", "com lib", "nom", "nom de commune", "commune", "nom du qpv"),
    "tvs_code": ("tvs code", "code du territoire de vie sante", "code tvs"),
    "tvs_name": ("tvs lib", "libtvs", "nom du territoire de vie sante", "tvs", "libelle tvs"),
    "postcode": ("code postal", "cp", "codes postaux"),
    "communes": (
        "communes",
        "com code",
        "code com",
        "code insee",
        "codes insee",
        "insee",
        "insee com",
        "code commune",
        "code communes",
        "codes communes",
        "code de la commune",
        "codes des communes",
        "code insee commune",
        "code insee de la commune",
        "depcom",
        "codgeo",
    ),
}
_TVS = {name_key(name) for name in (*_NAMES["tvs_code"], *_NAMES["tvs_name"])}
_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a source, with its class as written; a geometry is in EPSG:4326.

    ``own`` is the whole designation, where the file is one that this program wrote.
    """

    line: int
    unit_type: str
    code: str
    name: str
    raw_label: str
    profession: str | None = None
    dated: date | None = None
    region: str | None = None
    tvs_code: str = ""
    tvs_name: str = ""
    designated_by: str = ""
    commune_codes: tuple[str, ...] = ()
    geometry: Any = None
    own: Designation | None = None


@dataclass
class Reading:
    """What was understood of a file.

    ``problems`` are lines that could not be read, with their number and the mend.
    """

    shape: str
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    as_of: date | None = None

    @property
    def labels(self) -> Mapping[str, int]:
        """Raw labels and how often each occurs."""
        return Counter(row.raw_label for row in self.rows)


def read_table(path: Path, columns: Mapping[str, str] | None = None) -> Reading:
    """Read the units and classes of a text table or workbook.

    Parameters
    ----------
    path : pathlib.Path
    columns : mapping of str to str, optional
        Names of the source's columns for ``code``, ``classe``, ``nom``, ``code_postal``,
        ``communes`` (those in which a quarter lies).

    Returns
    -------
    Reading

    Raises
    ------
    UnsafeFile, TableError
        If the file is refused, or nothing in it looks like units and classes.
    """
    grids = read_grids(path)
    for grid in grids:
        header = _header_with(grid, {"zmed_niveau", "com_code"})
        if header is not None:
            return _national(grid, header)
        header = _header_with(grid, OWN_COLUMNS)
        if header is not None:
            names = grid.rows[header][1]
            reading = Reading("export de ce programme")
            for line, cells in grid.rows[header + 1 :]:
                reading.rows.append(own_row(line, dict(zip(names, cells, strict=False))))
            return reading
    reading = Reading("tableau")
    for grid in grids:
        _any_table(grid, columns or {}, reading)
    if not reading.rows and not reading.problems:
        raise TableError(
            f"{path.name} : aucune colonne de codes de communes (ou de QPV) à côté d'une colonne "
            "de classes. Nommez-les avec --colonnes code=…,classe=…"
        )
    return reading


OWN_COLUMNS = {"unit_type", "unit_code", "zone_class"}


def own_row(line: int, cells: Mapping[str, str], geometry: Any = None) -> Row:
    """Read a row of a layer that this program wrote: nothing of it is lost."""
    item = Designation(
        unit_type=cells["unit_type"],
        unit_code=cells["unit_code"],
        unit_name=cells.get("unit_name", ""),
        zone_class=cells["zone_class"],
        raw_label=cells.get("raw_label", ""),
        zone_label=cells.get("zone_label", ""),
        extent=cells.get("extent") or "whole",
        certainty=cells.get("certainty") or "confirmed",
        commune_codes=tuple((cells.get("commune_codes") or cells.get("communes", "")).split()),
        tvs_code=cells.get("tvs_code", ""),
        tvs_name=cells.get("tvs_name", ""),
        designated_by=cells.get("designated_by", ""),
    )
    kind = "commune" if not item.is_subunit else item.unit_type
    return Row(
        line, kind, item.unit_code, item.unit_name, item.raw_label, geometry=geometry, own=item
    )


def _header_with(grid: Grid, wanted: set[str]) -> int | None:
    for number, (_, cells) in enumerate(grid.rows[:20]):
        if wanted <= {cell.lower() for cell in cells}:
            return number
    return None


def _national(grid: Grid, header: int) -> Reading:
    """The DataSanté national table: six professions, a date of order each."""
    names = [cell.lower() for cell in grid.rows[header][1]]
    regions = {name_key(name): code for code, name in communes.regions().items()}
    reading = Reading("table nationale DataSanté")
    for line, cells in grid.rows[header + 1 :]:
        row = dict(zip(names, cells, strict=False))
        level, code = row.get("niveau", ""), row.get("code", "")
        reading.as_of = reading.as_of or _day(row.get("date_maj", ""))
        for prefix, profession in _NATIONAL.items():
            raw = row.get(f"{prefix}_niveau", "")
            if not raw:
                continue
            dated = _day(row.get(f"{prefix}_date_arrete", ""))
            region = regions.get(name_key(row.get("tvs_region", "")))
            if region is None or dated is None:
                reading.problems.append(
                    f"ligne {line} ({code}, {profession}) : région ou date d'arrêté illisible."
                )
                continue
            reading.rows.append(
                Row(
                    line,
                    "commune" if level == "COM" else _level(level, code),
                    code.zfill(5) if level == "COM" else code,
                    row.get("lib", ""),
                    raw,
                    profession,
                    dated,
                    region,
                    row.get("tvs_code", ""),
                    row.get("tvs_lib", ""),
                    commune_codes=() if level == "COM" else _split_codes(row.get("com_code", "")),
                )
            )
    return reading


def _level(level: str, code: str) -> str:
    return "qpv" if _SUBUNIT.fullmatch(code.upper()) or level == "QPV" else "grand_quartier"


def _day(text: str) -> date | None:
    try:
        return parse_day(text)
    except DateError:
        return None


def _any_table(grid: Grid, columns: Mapping[str, str], reading: Reading) -> None:
    """Any other table: the class and code columns are those whose cells read as such."""
    width = max((len(cells) for _, cells in grid.rows), default=0)
    tvs = False
    body = grid.rows[: min(len(grid.rows), 400)]
    named = {name_key(value): key for key, value in columns.items()}
    header = next(
        (
            number
            for number, (_, cells) in enumerate(body[:30])
            if named and set(named) <= {name_key(cell) for cell in cells}
        ),
        None,
    )
    if columns and header is None:
        return
    if header is not None:
        keys = [name_key(cell) for cell in body[header][1]]
        where = {named[key]: index for index, key in enumerate(keys) if key in named}
        label, code = where.get("classe"), where.get("code")
        name, postcode = where.get("nom"), where.get("code_postal")
        beside = where.get("communes")
        start = header + 1
    else:
        label = best_column(body, width, lambda cell: bool(cell) and read_label(cell) is not None)
        if label is None:
            return
        start = next(
            number for number, (_, cells) in enumerate(body) if _reads(cells, label, read_label)
        )
        data = body[start:]
        above = [name_key(cell) for cell in body[start - 1][1]] if start else []
        of_tvs = {index for index, title in enumerate(above) if title in _TVS}
        code = best_column(data, width, names_units, of_tvs)
        if code is None and of_tvs:
            code, tvs = best_column(data, width, names_units), True
        quarters = best_column(data, width, _names_quarters)
        code = code if quarters is None else quarters
        name = postcode = beside = None
    titles = [name_key(cell) for cell in body[start - 1][1]] if start else []
    name = name if name is not None else _titled(titles, "name")
    postcode = postcode if postcode is not None else _titled(titles, "postcode")
    beside = beside if beside is not None else _titled(titles, "communes")
    if code is not None and code == postcode:
        code = None
    if beside == code:
        beside = None
    if label is None or (code is None and (name is None or postcode is None)):
        return
    tvs_code, tvs_name = _tvs_columns(titles)

    def cell_of(cells: Sequence[str], index: int | None) -> str:
        return cells[index] if index is not None and index < len(cells) else ""

    for line, cells in grid.rows[start:]:
        raw, text = cell_of(cells, label), cell_of(cells, code)
        title = cell_of(cells, name)
        if code is None:
            text = _by_postcode(title, cell_of(cells, postcode), line, reading)
        around = [unit for unit in units_in(cell_of(cells, beside)) if unit[0] == "commune"]
        # In a table of quarters, a line without quarter is that of its commune.
        units = units_in(text) if text else around
        if not (text or units):
            continue
        if not units:
            reading.problems.append(
                f"ligne {line} : « {text} » n'est pas un code de commune ni de QPV."
            )
        inside = tuple(commune for _, commune in around)
        for unit_type, unit in units:
            reading.rows.append(
                Row(
                    line,
                    "tvs" if tvs else unit_type,
                    unit,
                    title,
                    raw,
                    tvs_code=cell_of(cells, tvs_code),
                    tvs_name=cell_of(cells, tvs_name),
                    commune_codes=inside if unit_type == "qpv" else (),
                )
            )


def _reads(cells: Sequence[str], index: int, read: Callable[[str], object]) -> bool:
    return index < len(cells) and bool(cells[index]) and read(cells[index]) is not None


def best_column(
    rows: Sequence[tuple[int, tuple[str, ...]]],
    width: int,
    fits: Callable[[str], bool],
    apart: Collection[int] = (),
) -> int | None:
    """The column with most fitting cells, if most of its cells fit from the first that does."""
    best, found = 0, None
    for index in range(width):
        if index in apart:
            continue
        cells = [cells[index] for _, cells in rows if index < len(cells) and cells[index]]
        fitting = [fits(cell) for cell in cells]
        if True not in fitting:
            continue
        after = fitting[fitting.index(True) :]
        if sum(after) > best and sum(after) >= _ENOUGH * len(after):
            best, found = sum(after), index
    return found


def names_units(text: str) -> bool:
    """Whether a cell names units that exist: postcodes and populations look like codes too."""
    units = units_in(text)
    return bool(units) and all(
        kind == "qpv" or bool(communes.of_code(code)) for kind, code in units
    )


def _names_quarters(text: str) -> bool:
    units = units_in(text)
    return bool(units) and all(kind == "qpv" for kind, _ in units)


def _titled(titles: Sequence[str], kind: str) -> int | None:
    wanted = {name_key(name) for name in _NAMES[kind]}
    return next((index for index, title in enumerate(titles) if title in wanted), None)


def _tvs_columns(titles: Sequence[str]) -> tuple[int | None, int | None]:
    """Columns of the code and the name of the TVS; « TVS » beside a name is the code."""
    code, name = _titled(titles, "tvs_code"), _titled(titles, "tvs_name")
    named = [index for index, title in enumerate(titles) if title in _TVS and index != code]
    bare = next((index for index in named if titles[index] == "tvs"), None)
    if code is None and bare is not None and len(named) > 1:
        return bare, next(index for index in named if index != bare)
    return code, name


def _split_codes(text: str) -> tuple[str, ...]:
    return tuple(item.zfill(5) for item in _CODES.split(text) if item)


def units_in(text: str) -> list[tuple[str, str]]:
    """The units that a cell names: one code, or several; a lost leading zero is restored."""
    found = []
    for item in _CODES.split(text.strip().upper()):
        if _SUBUNIT.fullmatch(item):
            found.append(("qpv", item))
        elif _CODE.fullmatch(item):
            found.append(("commune", item.zfill(5)))
        else:
            return []
    return found


def _by_postcode(name: str, postcode: str, line: int, reading: Reading) -> str:
    from cesp_geo.errors import PlaceError

    if not name or not postcode:
        return ""
    day = date(communes.MILLESIMES[-1], 1, 1)
    try:
        return communes.find(f"{postcode} {name}", day).code
    except PlaceError as error:
        reading.problems.append(f"ligne {line} : {error}")
        return ""
