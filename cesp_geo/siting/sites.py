"""A table of sites, whatever names its place: the same rows, with their answers."""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cesp_geo.communes import name_key
from cesp_geo.dates import checked_day, parse_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.siting.bulk import COLUMNS, Found, Points, Texts
from cesp_geo.siting.check import default_catalogue
from cesp_geo.siting.survey import Answers
from cesp_geo.zonings.catalogue import Catalogue

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

TITLES = {
    "lon": ("lon", "longitude", "x", "lng"),
    "lat": ("lat", "latitude", "y"),
    "place": (
        "lieu", "code", "code insee", "insee", "code commune", "codgeo", "commune", "qpv",
        "code qpv", "nom", "nom commune", "ville",
    ),
    "day": ("jour",),
}  # fmt: skip
_DAY = "Le jour manque ou n'est pas une date : écrivez par exemple 2024-03-15."


def check_sites(
    sites: Any,
    on: date | str | None = None,
    *,
    profession: str = "medecin",
    list_published_on: date | str | None = None,
    applied_on: date | str | None = None,
    known_on: date | str | None = None,
    border_distance: bool = False,
    catalogue: Catalogue | None = None,
) -> Any:
    """Say of each row of a table what :func:`~cesp_geo.siting.check.check_site` says of it.

    Parameters
    ----------
    sites : pandas.DataFrame, geopandas.GeoDataFrame or pyarrow.Table
        Points (a geometry, or columns ``lon`` and ``lat`` in EPSG:4326 degrees), or a column
        of codes, names or QPV codes (``code``, ``commune``, ``lieu``…). A column ``jour``
        gives each row its day.
    on : datetime.date or str, optional
        The day of all rows that have none of their own.
    profession, list_published_on, applied_on, known_on, catalogue
        As in :func:`~cesp_geo.siting.check.check_site`.
    border_distance : bool
        Also give the metres from each point to the border of its commune.

    Returns
    -------
    The same kind of table
        The same rows in the same order, with the columns of
        :data:`cesp_geo.siting.bulk.COLUMNS`; one whose name the table has already is added as
        ``…_cesp``. A row that cannot be placed has a ``raison``.

    Raises
    ------
    TableError
        If no column names a place, or neither ``on`` nor a column gives the day.

    Examples
    --------
    >>> import pandas as pd
    >>> sites = pd.DataFrame({"code": ["93008", "93029", "x"]})
    >>> check_sites(sites, "2013-06-01")["verdict"].tolist()[:2]
    ['eligible', 'not_eligible']
    """
    import pandas as pd

    frame = sites if isinstance(sites, pd.DataFrame) else sites.to_pandas()
    held = catalogue or default_catalogue()
    checker = _checker(
        held,
        frozenset(held.zonings),
        profession,
        _day(list_published_on),
        _day(applied_on),
        _day(known_on),
        border_distance,
    )
    added = checker.columns(frame, _day(on))
    if isinstance(sites, pd.DataFrame):
        return frame.assign(**added)
    return added_to(sites, added)


@lru_cache(maxsize=4)
def _checker(
    catalogue: Catalogue,
    held: frozenset[str],
    profession: str,
    list_published_on: date | None,
    applied_on: date | None,
    known_on: date | None,
    border_distance: bool,
) -> "Checker":
    """Keep what was judged for one table for the next; ``held`` tells a catalogue that grew."""
    del held
    return Checker(
        profession=profession,
        list_published_on=list_published_on,
        applied_on=applied_on,
        known_on=known_on,
        border_distance=border_distance,
        catalogue=catalogue,
    )


def added_to(table: "pa.Table", columns: dict[str, Any]) -> "pa.Table":
    """Add columns to an Arrow table; one of the same name is replaced."""
    import pyarrow as pa

    found = table
    for name, values in columns.items():
        kind = pa.float64() if name.startswith("distance_limite_m") else pa.string()
        column = pa.array(values, type=kind, from_pandas=True)
        if name in found.column_names:
            found = found.drop_columns([name])
        found = found.append_column(name, column)
    return found


class Checker:
    """Answers for tables one after the other: what is judged for one serves the next.

    Parameters
    ----------
    profession, list_published_on, applied_on, known_on, border_distance, catalogue
        As in :func:`check_sites`.
    """

    def __init__(
        self,
        *,
        profession: str = "medecin",
        list_published_on: date | None = None,
        applied_on: date | None = None,
        known_on: date | None = None,
        border_distance: bool = False,
        catalogue: Catalogue | None = None,
    ) -> None:
        from cesp_geo import communes

        communes.preload()
        self._catalogue = catalogue or default_catalogue()
        self._profession = profession
        self._list_day = list_published_on
        self._applied_on = applied_on
        self._known_on = known_on
        self._border_distance = border_distance
        self._points: dict[date, Points] = {}
        self._texts: dict[date, Texts] = {}

    def columns(self, frame: "pd.DataFrame", on: date | None) -> dict[str, Any]:
        """Give the columns to add to a table, in the order of its rows."""
        held = set(frame.columns)
        return {
            f"{name}_cesp" if name in held else name: values
            for name, values in self._columns(frame, on).items()
        }

    def _columns(self, frame: "pd.DataFrame", on: date | None) -> dict[str, Any]:
        import numpy as np

        where = columns_of(frame)
        if "day" not in where and on is None:
            raise TableError(
                "Le jour manque : donnez-le pour toutes les lignes, ou dans une colonne « jour »."
            )
        place = _places(frame, where)
        names = [*COLUMNS, *(["distance_limite_m"] if self._border_distance else [])]
        if "day" not in where:
            assert on is not None
            return self._of_day(place, on, slice(None)).columns()
        days, kinds = _days(frame[where["day"]], on)
        whole: dict[str, Any] = {
            name: np.full(len(frame), None, dtype=object)
            if name != "distance_limite_m"
            else np.full(len(frame), np.nan)
            for name in names
        }
        whole["raison"][:] = _DAY
        for number, day in enumerate(kinds):
            rows = np.flatnonzero(days == number)
            for name, values in self._of_day(place, day, rows).columns().items():
                whole[name][rows] = values
        return whole

    def _of_day(self, place: tuple[Any, ...], day: date, rows: Any) -> Found:
        answers_of = self._points if len(place) == 2 else self._texts
        if day not in answers_of:
            answers = Answers(
                self._catalogue,
                day,
                self._profession,
                list_published_on=self._list_day,
                applied_on=self._applied_on,
                known_on=self._known_on,
            )
            if len(place) == 2:
                self._points[day] = Points(answers)
            else:
                self._texts[day] = Texts(answers)
        if len(place) == 2:
            return self._points[day].find(
                place[0][rows], place[1][rows], border_distance=self._border_distance
            )
        return self._texts[day].find(place[0][rows])


def columns_of(frame: "pd.DataFrame") -> dict[str, str]:
    """Give the columns that name the point, the place and the day of each row.

    Raises
    ------
    TableError
        If none names a place.
    """
    titles: dict[str, str] = {}
    for name in frame.columns:
        titles.setdefault(name_key(str(name).replace("_", " ")), str(name))
    found = {
        kind: next(titles[title] for title in names if title in titles)
        for kind, names in TITLES.items()
        if any(title in titles for title in names)
    }
    placed = hasattr(frame, "geometry") or {"lon", "lat"} <= set(found) or "place" in found
    if not placed:
        raise TableError(
            "Aucune colonne ne dit le lieu. Donnez lon et lat, une géométrie, ou une colonne "
            f"code, commune ou lieu. Colonnes lues : {', '.join(map(str, frame.columns)) or '—'}."
        )
    return found


def _places(frame: "pd.DataFrame", where: dict[str, str]) -> tuple[Any, ...]:
    """Longitudes and latitudes; else the texts that name the places."""
    import numpy as np
    import pandas as pd

    if {"lon", "lat"} <= set(where):
        texts = (frame[where[axis]] for axis in ("lon", "lat"))
        return tuple(numbers(item) for item in texts)
    if "place" in where and not _is_geo(frame):
        values = frame[where["place"]].astype(object)
        return (values.where(values.notna(), None).map(_text).to_numpy(dtype=object),)
    geometry = frame.geometry
    if geometry.crs is None:
        raise TableError(
            "La couche ne dit pas son système de coordonnées. Enregistrez-la avec, par exemple "
            "EPSG:2154, ou donnez les colonnes lon et lat."
        )
    kinds = geometry.dropna().geom_type
    if not kinds.eq("Point").all():
        raise TableError(
            f"La géométrie doit être un point par ligne ; il y a {', '.join(sorted(set(kinds)))}."
        )
    points = geometry.to_crs("EPSG:4326")
    return tuple(np.asarray(pd.Series(axis), dtype=float) for axis in (points.x, points.y))


def _is_geo(frame: "pd.DataFrame") -> bool:
    import geopandas as gpd

    return isinstance(frame, gpd.GeoDataFrame)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def numbers(values: "pd.Series[Any]") -> Any:
    """Read a column of degrees, whose decimal mark may be a comma; nan where it is no number."""
    import numpy as np
    import pandas as pd

    if values.dtype == object or str(values.dtype).startswith(("str", "string")):
        values = values.astype(object).map(
            lambda cell: cell.replace(",", ".") if isinstance(cell, str) else cell
        )
    return np.asarray(pd.to_numeric(values, errors="coerce"), dtype=float)


def _days(values: "pd.Series[Any]", on: date | None) -> tuple[Any, list[date]]:
    """For each row the number of its day, -1 where it has none; and the days."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
    kinds: list[date] = []
    numbers = []
    for value in [*distinct.tolist(), None]:
        day = on if value is None or value == "" else _parsed(value)
        if day is None:
            numbers.append(-1)
            continue
        if day not in kinds:
            kinds.append(day)
        numbers.append(kinds.index(day))
    return np.array(numbers)[codes], kinds


def _parsed(value: Any) -> date | None:
    try:
        if hasattr(value, "date"):
            return checked_day(value.date())
        return checked_day(value) if isinstance(value, date) else parse_day(str(value))
    except DateError:
        return None


def _day(value: date | str | None) -> date | None:
    return parse_day(value) if isinstance(value, str) else value
