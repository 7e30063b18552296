"""Follow-up tables as projects: forgiving titles, an id and never a name."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from cesp_geo.communes import name_key
from cesp_geo.dates import french_day, parse_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.siting.impact import Project, runs
from cesp_geo.zonings.readers.grids import read_grids

TITLES: Mapping[str, tuple[str, ...]] = {
    "signataire": ("signataire", "id", "identifiant", "id signataire"),
    "commune": ("commune", "lieu", "code commune", "code insee", "insee"),
    "qpv": ("qpv", "code qpv"),
    "lon": ("lon", "longitude", "x"),
    "lat": ("lat", "latitude", "y"),
    "specialite": ("specialite",),
    "installation_prevue": ("installation prevue", "date d installation", "installation"),
    "contrat_signe_le": ("contrat signe le", "date du contrat", "contrat"),
    "date_fiche": ("date fiche", "date de la fiche", "fiche du"),
}
_NAMES = {"nom", "prenom", "nom prenom", "nom et prenom", "name", "nom du signataire"}
_FIRST_DAY = date(2009, 7, 23)


def read_projects(path: Path, keep_names: bool = False) -> tuple[Project, ...]:
    """Read a follow-up table (csv or xlsx), one row a sheet.

    Raises
    ------
    TableError
        If a column is missing, a name is there, or a day is impossible.
    """
    grid = next((item for item in read_grids(path) if len(item.rows) > 1), None)
    if grid is None:
        raise TableError(f"{path.name} n'a aucune ligne sous ses titres.")
    where = _columns(path, grid.rows[0][1], keep_names)
    found, days = [], []
    for line, cells in grid.rows[1:]:
        row = {key: cells[at] if at < len(cells) else "" for key, at in where.items()}
        found.append(
            Project(
                line,
                row["signataire"] or f"ligne {line}",
                _place(row),
                _day(path, line, row, "installation_prevue"),
                row.get("specialite") or None,
                _day(path, line, row, "contrat_signe_le"),
            )
        )
        days.append(_day(path, line, row, "date_fiche"))
    return runs(found, days)


def _columns(path: Path, titles: Sequence[str], keep_names: bool) -> dict[str, int]:
    keys = [name_key(title.replace("_", " ")) for title in titles]
    named = sorted(set(keys) & _NAMES)
    if named and not keep_names:
        raise TableError(
            f"{path.name} : la colonne « {named[0]} » porte des noms. Retirez-la, ou ajoutez "
            "--garder-noms (elle ne sera ni lue ni écrite)."
        )
    where = {
        key: next(index for index, title in enumerate(keys) if title in names)
        for key, names in TITLES.items()
        if set(keys) & set(names)
    }
    if "signataire" not in where:
        raise TableError(
            f"{path.name} : il manque la colonne signataire. Colonnes lues : {', '.join(titles)}."
        )
    if not ({"commune", "qpv"} & set(where) or {"lon", "lat"} <= set(where)):
        raise TableError(f"{path.name} : il manque le lieu (commune, qpv, ou lon et lat).")
    return where


def _place(row: Mapping[str, str]) -> str:
    if row.get("lon") and row.get("lat"):
        return f"{row['lat'].replace(',', '.')},{row['lon'].replace(',', '.')}"
    return row.get("qpv") or row.get("commune", "")


def _day(path: Path, line: int, row: Mapping[str, str], key: str) -> date | None:
    if not row.get(key):
        return None
    try:
        day = parse_day(row[key])
    except DateError as error:
        raise TableError(f"{path.name}, ligne {line}, {key} : {error}") from None
    if day < _FIRST_DAY:
        raise TableError(
            f"{path.name}, ligne {line}, {key} : le {french_day(day)} précède le CESP "
            f"({french_day(_FIRST_DAY)}). Corrigez la date."
        )
    return day
