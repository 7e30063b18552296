"""Checked sites as files, with the columns they came with."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo.errors import OutputError
from cesp_geo.outputs.files import refuse_suffix, writing
from cesp_geo.outputs.tables import Table, refuse_rows, write_tables

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".xlsx", ".parquet", ".gpkg", ".geojson")
_TYPES = {
    "integer": "Int64",
    "boolean": "boolean",
    "floating": "float",
    "mixed-integer-float": "float",
}
_FIRST_YEAR = 1900  # of the calendar of workbooks
_MOST_EXACT = 10**15  # whole numbers beyond it are rounded there


def check_target(target: Path, rows: int = 0) -> None:
    """Refuse a file that is none of ours or cannot hold some rows, before any work is done.

    Raises
    ------
    OutputError
    """
    refuse_suffix(target, SUFFIXES)
    refuse_rows(target, rows)


def write_sites(frame: "pd.DataFrame", target: Path) -> None:
    """Write checked sites by the extension of their file.

    A table without geometry becomes a layer of points by its columns ``lon`` and ``lat``; a
    layer becomes a table with them.

    Parameters
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
    target : pathlib.Path

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.
    """
    import geopandas as gpd

    check_target(target, len(frame))
    suffix = target.suffix.lower()
    is_layer = isinstance(frame, gpd.GeoDataFrame)
    if suffix in (".csv", ".xlsx"):
        if is_layer:
            points = frame.geometry.to_crs("EPSG:4326")
            frame = frame.drop(columns=frame.geometry.name).assign(lon=points.x, lat=points.y)
        columns = [str(name) for name in frame.columns]
        values = (frame[name].astype(object) for name in frame.columns)
        values = (column.where(column.notna(), None) for column in values)
        cells = ([_cell(cell) for cell in column.tolist()] for column in values)
        rows = list(zip(*cells, strict=True))
        write_tables(target, {"Sites": Table(columns, rows)})
        return
    loose = [name for name in frame.columns if frame[name].dtype == object]
    frame = frame.assign(**{name: _of_one_type(frame[name]) for name in loose})
    if suffix == ".parquet":
        with writing(target) as path:
            frame.to_parquet(path, index=False)
        return
    if not is_layer:
        frame = _as_layer(frame)
    from cesp_geo.outputs.layers import write_layer

    write_layer(frame, target, "sites")


def _cell(cell: Any) -> Any:
    """What a csv or a workbook can hold: a number that it would round becomes a text."""
    if hasattr(cell, "item"):
        cell = cell.item()
    if isinstance(cell, date):
        held = cell.year >= _FIRST_YEAR and getattr(cell, "tzinfo", None) is None
        return cell if held else cell.isoformat()
    if isinstance(cell, (int, float)) and not abs(cell) < _MOST_EXACT:
        return str(cell)
    return cell if cell is None or isinstance(cell, (str, int, float)) else str(cell)


def _of_one_type(column: Any) -> Any:
    """A column of cells of one type; of texts where a workbook had several."""
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in _TYPES:
        return column.astype(_TYPES[kind])
    whole = kind in ("string", "empty", "date", "datetime", "bytes")
    return column if whole else column.map(str, na_action="ignore")


def _as_layer(frame: "pd.DataFrame") -> Any:
    import geopandas as gpd

    from cesp_geo.siting.site_columns import columns_of, numbers

    where = columns_of(frame.columns)
    if not {"lon", "lat"} <= set(where):
        raise OutputError(
            "Ces sites n'ont pas de point : donnez lon et lat, ou écrivez un .csv, .xlsx ou "
            ".parquet."
        )
    points = gpd.points_from_xy(numbers(frame[where["lon"]]), numbers(frame[where["lat"]]))
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")
