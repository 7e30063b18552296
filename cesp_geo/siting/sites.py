"""A table of sites, whatever names its place: the same rows, with their answers."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cesp_geo.errors import TableError
from cesp_geo.siting.bulk import COLUMNS, Found, Points, Shapes
from cesp_geo.siting.check import default_catalogue, opening_of
from cesp_geo.siting.site_columns import (
    arrow_columns,
    arrow_frame,
    columns_of,
    day_asked,
    days_of,
    free_titles,
    places_of,
)
from cesp_geo.siting.survey import Answers
from cesp_geo.siting.texts import Texts
from cesp_geo.zonings.catalogue import Catalogue

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


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
    held = catalogue or default_catalogue()
    checker = _checker(
        held,
        frozenset(held.zonings),
        profession,
        day_asked(list_published_on),
        day_asked(applied_on),
        day_asked(known_on),
        border_distance,
    )
    import pandas as pd

    if isinstance(sites, pd.DataFrame):
        return checker.frame(sites, day_asked(on))
    import pyarrow as pa

    if not isinstance(sites, pa.Table):
        if not hasattr(sites, "__arrow_c_stream__"):
            raise TableError(
                f"Ce n'est pas une table ({type(sites).__name__}). Donnez un DataFrame, un "
                "GeoDataFrame ou une table Arrow."
            )
        sites = pa.table(sites)
    return checker.table(sites, day_asked(on))


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
        opening_of(profession)
        self._catalogue = catalogue or default_catalogue()
        self._profession = profession
        self._list_day = list_published_on
        self._applied_on = applied_on
        self._known_on = known_on or self._catalogue.last_recorded
        self._border_distance = border_distance
        self._shapes = Shapes(self._catalogue, profession, self._known_on)
        self._points: dict[date, Points] = {}
        self._texts: dict[date, Texts] = {}

    def frame(self, frame: "pd.DataFrame", on: date | None) -> "pd.DataFrame":
        """Add the answers to a frame or a layer; a named index is read as a column."""
        named = [name for name in frame.index.names if name is not None]
        apart = [name for name in named if name not in frame.columns]
        read = frame.reset_index(apart) if apart else frame
        where = columns_of(read.columns, getattr(frame, "active_geometry_name", None))
        titles = free_titles(map(str, read.columns), self._names)
        columns = self._columns(read, where, on)
        return frame.assign(**{titles[name]: values for name, values in columns.items()})

    def table(self, table: "pa.Table", on: date | None) -> "pa.Table":
        """Add the answers to an Arrow table; its other columns are not looked at."""
        import pyarrow as pa

        where = arrow_columns(table.schema)
        titles = free_titles(table.column_names, self._names)
        columns = self._columns(arrow_frame(table, where.values()), where, on)
        for name, values in columns.items():
            kind = pa.float64() if name == "distance_limite_m" else pa.string()
            table = table.append_column(titles[name], pa.array(values, type=kind, from_pandas=True))
        return table

    @property
    def _names(self) -> tuple[str, ...]:
        return (*COLUMNS, "distance_limite_m") if self._border_distance else COLUMNS

    def _columns(
        self, frame: "pd.DataFrame", where: Mapping[str, str], on: date | None
    ) -> dict[str, Any]:
        import numpy as np

        if "day" not in where and on is None:
            raise TableError(
                "Le jour manque : donnez-le pour toutes les lignes, ou dans une colonne « jour »."
            )
        place = places_of(frame, where)
        if "day" not in where:
            assert on is not None
            return self._of_day(place, on).columns()
        days, kinds, reasons = days_of(frame[where["day"]], on)
        whole: dict[str, Any] = {
            name: np.full(len(frame), None if name in COLUMNS else np.nan) for name in self._names
        }
        for number, reason in enumerate(reasons, start=-len(reasons)):
            whole["raison"][days == number] = reason
        for number, day in enumerate(kinds):
            rows = np.flatnonzero(days == number)
            found = self._of_day(tuple(cells[rows] for cells in place), day).columns()
            for name, values in found.items():
                whole[name][rows] = values
        return whole

    def _of_day(self, place: tuple[Any, ...], day: date) -> Found:
        if len(place) == 2:
            if day not in self._points:
                self._points[day] = Points(self._answers(day), self._shapes)
            return self._points[day].find(*place, border_distance=self._border_distance)
        if day not in self._texts:
            self._texts[day] = Texts(self._answers(day))
        return self._texts[day].find(*place, border_distance=self._border_distance)

    def _answers(self, day: date) -> Answers:
        return Answers(
            self._catalogue,
            day,
            self._profession,
            list_published_on=self._list_day,
            applied_on=self._applied_on,
            known_on=self._known_on,
        )
