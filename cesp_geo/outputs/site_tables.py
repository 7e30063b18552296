"""Checked sites as files, with the columns they came with."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo.errors import OutputError
from cesp_geo.outputs.files import writing
from cesp_geo.outputs.tables import Table, write_tables

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".xlsx", ".parquet", ".gpkg", ".geojson")


def check_suffix(target: Path) -> None:
    """Refuse a file whose extension is none of ours, before any work is done.

    Raises
    ------
    OutputError
    """
    if target.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"Extension inconnue : « {target.name} ». Choisissez {', '.join(SUFFIXES)}."
        )


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

    check_suffix(target)
    suffix = target.suffix.lower()
    is_layer = isinstance(frame, gpd.GeoDataFrame)
    if suffix in (".csv", ".xlsx"):
        if is_layer:
            points = frame.geometry.to_crs("EPSG:4326")
            frame = frame.drop(columns=frame.geometry.name).assign(lon=points.x, lat=points.y)
        columns = [str(name) for name in frame.columns]
        values = (frame[name].astype(object) for name in frame.columns)
        cells = ([_cell(cell) for cell in column.tolist()] for column in values)
        rows = list(zip(*cells, strict=True))
        write_tables(target, {"Sites": Table(columns, rows)})
        return
    if suffix == ".parquet":
        with writing(target) as path:
            frame.to_parquet(path, index=False)
        return
    if not is_layer:
        frame = _as_layer(frame)
    from cesp_geo.outputs.layers import write_layer

    write_layer(frame, target, "sites")


def _cell(cell: Any) -> Any:
    if cell is None or cell != cell:
        return None
    if hasattr(cell, "item"):
        cell = cell.item()
    return cell if isinstance(cell, (str, int, float)) else str(cell)


def _as_layer(frame: "pd.DataFrame") -> Any:
    import geopandas as gpd

    from cesp_geo.siting.sites import columns_of, numbers

    where = columns_of(frame)
    if not {"lon", "lat"} <= set(where):
        raise OutputError(
            "Ces sites n'ont pas de point : donnez lon et lat, ou écrivez un .csv, .xlsx ou "
            ".parquet."
        )
    points = gpd.points_from_xy(numbers(frame[where["lon"]]), numbers(frame[where["lat"]]))
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")
