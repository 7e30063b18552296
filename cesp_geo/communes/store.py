"""The embedded store: one read-only GeoPackage, opened once, read by small queries.

Source: INSEE COG and IGN ADMIN EXPRESS COG (Licence Ouverte 2.0), rebuilt by
``scripts/build_communes``.
"""

import hashlib
import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from cesp_geo.communes.model import Commune
from cesp_geo.dates import Period
from cesp_geo.errors import DataError

FILE = "communes.gpkg"
_COLUMNS = (
    'c.id, c.code, c.name, c.kind, c.parent, c.departement, c.region, c.start, c."end", '
    "c.date_precision"
)


@cache
def data_folder() -> Path:
    """The folder of the data that comes with the program (``data/`` of the source tree)."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent / "data"


def digest(name: str) -> str:
    """Sha256 that the manifest ``datapackage.json`` records for a data file of the communes."""
    path = data_folder() / "communes" / "datapackage.json"
    try:
        resources = json.loads(path.read_text(encoding="utf-8"))["resources"]
        hashes: dict[str, str] = {item["path"]: item["hash"] for item in resources}
        return hashes[name].removeprefix("sha256:")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"Manifeste des communes illisible : {path} ({error!r}). Réinstallez le programme."
        ) from None


def checked(name: str) -> Path:
    """Give the path of a data file of the communes, after checking it against its sha256.

    Raises
    ------
    DataError
        If it is missing, truncated or was edited.
    """
    path = data_folder() / "communes" / name
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"Données des communes illisibles : {path} ({error}). Réinstallez le programme."
        ) from None
    if found != digest(name):
        raise DataError(
            f"Données des communes abîmées ou modifiées : {path} (empreinte différente de celle "
            "du manifeste). Réinstallez le programme."
        )
    return path


@cache
def connection() -> sqlite3.Connection:
    """Open the store, after checking it against its sha256.

    Raises
    ------
    DataError
        If it is missing, truncated or was edited.
    """
    path = checked(FILE)
    return sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True, check_same_thread=False)


@cache
def metadata() -> Mapping[str, str]:
    """What the store says of itself: sources, accuracy, years."""
    return dict(connection().execute("SELECT key, value FROM metadata"))


def tenures(elit: int) -> tuple[Commune, ...]:
    """Give every commune that held an élit, in order of days.

    Examples
    --------
    >>> from cesp_geo.communes import find
    >>> [commune.name for commune in tenures(find("Freigné", date(2013, 6, 1)).elits[0])]
    ['Freigné', "Vallons-de-l'Erdre"]
    """
    if (found := _TENURES.get(elit)) is None:
        found = _TENURES[elit] = _tenures(elit, "commune")
    return found


def commune_on(elit: int, day: date) -> Commune | None:
    """Give the commune that held an élit on a day."""
    return _on(day, tenures(elit))


def _on(day: date, records: Sequence[Commune]) -> Commune | None:
    for item in records:
        if day in item.period:
            return item
    return None


def quarters(elit: int) -> tuple[Commune, ...]:
    """Give every municipal arrondissement that held an élit, in order of days."""
    return _quarters(elit) if elit in _quartered() else ()


@cache
def _quarters(elit: int) -> tuple[Commune, ...]:
    return _tenures(elit, "arrondissement_municipal")


def arrondissement_on(elit: int, day: date) -> Commune | None:
    """Give the municipal arrondissement that held an élit on a day (Paris, Lyon, Marseille)."""
    return _on(day, quarters(elit))


@lru_cache(maxsize=65536)
def by_code(code: str, day: date) -> Commune | None:
    """Give the commune or municipal arrondissement that bore a code on a day."""
    return _on(day, of_code(code))


@lru_cache(maxsize=65536)
def of_code(code: str) -> tuple[Commune, ...]:
    """Give every record of an INSEE code, in order of days."""
    if _BY_CODE:
        return _BY_CODE.get(code, ())
    return _records(f"SELECT {_COLUMNS} FROM communes c WHERE c.code = ? ORDER BY c.start", code)


@lru_cache(maxsize=64)
def communes(day: date, kind: str = "commune") -> tuple[Commune, ...]:
    """Give every commune (or municipal arrondissement) of a day, by code.

    Parameters
    ----------
    day : datetime.date
    kind : str
        ``commune`` or ``arrondissement_municipal``.

    Examples
    --------
    >>> sum(len(commune.region) == 2 for commune in communes(date(2012, 1, 1)))
    36700
    """
    return tuple(item for item in _all_records() if item.kind == kind and day in item.period)


def unchanged_since(day: date) -> date:
    """Give a day from which every commune has stayed what it is on a day.

    Examples
    --------
    >>> unchanged_since(date(2024, 11, 30))
    datetime.date(2024, 1, 1)
    """
    number = bisect_right(_changes(), day)
    return _changes()[number - 1] if number else day


@cache
def _changes() -> Sequence[date]:
    periods = [item.period for item in _all_records()]
    return sorted({item.start for item in periods} | {item.end for item in periods if item.end})


@cache
def _all_records() -> tuple[Commune, ...]:
    # Sorted here: SQLite would take twice as long to sort them all.
    found = _records(f"SELECT {_COLUMNS} FROM communes c")
    return tuple(sorted(found, key=attrgetter("code", "period.start")))


@cache
def preload() -> None:
    """Read all records at once, for work on the whole territory."""
    held: dict[int, tuple[Commune, ...]] = {}
    for item in sorted(_all_records(), key=attrgetter("period.start")):
        if item.kind == "commune":
            for elit in item.elits:
                held[elit] = (*held.get(elit, ()), item)
    _TENURES.update(held)
    by_code = groupby(_all_records(), key=attrgetter("code"))
    # Whole at once: other threads take a code that is missing there for an unknown one.
    _BY_CODE.update({code: tuple(items) for code, items in by_code})


_TENURES: dict[int, tuple[Commune, ...]] = {}
_BY_CODE: dict[str, tuple[Commune, ...]] = {}


@cache
def _quartered() -> frozenset[int]:
    found = connection().execute(
        "SELECT h.elit FROM holdings h JOIN communes c ON c.id = h.commune "
        "WHERE c.kind = 'arrondissement_municipal'"
    )
    return frozenset(elit for (elit,) in found)


def _tenures(elit: int, kind: str) -> tuple[Commune, ...]:
    return _records(
        f"SELECT {_COLUMNS} FROM communes c JOIN holdings h ON h.commune = c.id "
        "WHERE h.elit = ? AND c.kind = ? ORDER BY c.start",
        elit,
        kind,
    )


def _records(query: str, *values: object) -> tuple[Commune, ...]:
    found = connection().execute(query, values).fetchall()
    held = _elits_of([row[0] for row in found])
    return tuple(
        Commune(
            code,
            name,
            kind,
            _period(start, end),
            departement,
            region or departement,
            held[number],
            parent,
            precision,
        )
        for number, code, name, kind, parent, departement, region, start, end, precision in found
    )


@lru_cache(maxsize=4096)
def _period(start: str, end: str | None) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end) if end else None)


def _elits_of(numbers: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
    base = connection()
    found: dict[int, tuple[int, ...]] = {}
    pairs: Iterable[tuple[int, int]]
    if len(numbers) > 100:
        pairs = base.execute("SELECT commune, elit FROM holdings ORDER BY elit")
    else:
        marks = ",".join("?" * len(numbers))
        pairs = base.execute(
            f"SELECT commune, elit FROM holdings WHERE commune IN ({marks}) ORDER BY elit",
            numbers,
        )
    for number, elit in pairs:
        found[number] = (*found.get(number, ()), elit)
    return found


@cache
def regions() -> Mapping[str, str]:
    """Names of the present-day régions by INSEE code."""
    return dict(connection().execute("SELECT code, name FROM regions"))


@cache
def departements() -> Mapping[str, str]:
    """Names of the present-day départements by code."""
    return dict(connection().execute("SELECT code, name FROM departements"))


@cache
def region_of_departement() -> Mapping[str, str]:
    """Present-day région of each département, by code; a collectivity is its own."""
    found = connection().execute("SELECT code, region FROM departements")
    return {code: region or code for code, region in found}


_FIRST_OF_MAINLAND, _CORSE = "11", "94"
"""Codes of régions (INSEE): those overseas come before, and collectivities have three figures."""


def land_of(region: str) -> str:
    """Give the land of a région, where one goes without crossing the sea.

    Parameters
    ----------
    region : str
        Code of a present-day région, or of a collectivity.

    Returns
    -------
    str
        Empty for the mainland; Corse, each région and each collectivity overseas are their own.

    Examples
    --------
    >>> land_of("93"), land_of("94"), land_of("04")
    ('', '94', '04')
    """
    mainland = len(region) == 2 and region >= _FIRST_OF_MAINLAND and region != _CORSE
    return "" if mainland else region


@lru_cache(maxsize=65536)
def population(code: str, year: int | None = None) -> int | None:
    """Give the population of a commune in a millésime, the latest known by default.

    Source: INSEE, legal populations as the yearly lists of the COG carry them.

    Examples
    --------
    >>> population("93008", 2019)
    52337
    """
    found = connection().execute(
        "SELECT population FROM millesimes WHERE code = ? AND population IS NOT NULL "
        "AND (? IS NULL OR year = ?) ORDER BY year DESC LIMIT 1",
        (code, year, year),
    )
    row = found.fetchone()
    return row[0] if row else None


def population_of(commune: Commune) -> int | None:
    """Give the latest population counted on a 1 January on which a commune stood as it is.

    Examples
    --------
    >>> before, now = of_code("93066")
    >>> population_of(before), population_of(now)
    (115237, 149077)
    """
    start, end = commune.period.start, commune.period.end
    day, held = _last_count()
    if end is None and start <= day and (people := held.get(commune.code)):
        return people
    found = connection().execute(
        "SELECT population FROM millesimes WHERE code = ? AND population IS NOT NULL "
        "AND year || '-01-01' >= ? AND year || '-01-01' < ? ORDER BY year DESC LIMIT 1",
        (commune.code, start.isoformat(), end.isoformat() if end else "9999"),
    )
    row = found.fetchone()
    return row[0] if row else None


@cache
def _last_count() -> tuple[date, Mapping[str, int]]:
    """The last 1 January on which people were counted, and how many by INSEE code."""
    query = "SELECT max(year) FROM millesimes WHERE population IS NOT NULL"
    (year,) = connection().execute(query).fetchone()
    return date(year, 1, 1), populations(year)


@lru_cache(maxsize=4)
def populations(year: int) -> Mapping[str, int]:
    """Give every population of a millésime by INSEE code."""
    return dict(
        connection().execute(
            "SELECT code, population FROM millesimes WHERE year = ? AND population NOT NULL",
            (year,),
        )
    )


def postcodes(code: str) -> tuple[str, ...]:
    """Give the postcodes known for an INSEE code, in any millésime."""
    found = connection().execute(
        "SELECT postcode FROM postcodes WHERE code = ? ORDER BY postcode", (code,)
    )
    return tuple(postcode for (postcode,) in found)
