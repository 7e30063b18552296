"""Tables of sites as people have them: csv, xlsx, Parquet, GeoPackage, GeoJSON."""

from pathlib import Path
from typing import TYPE_CHECKING

from cesp_geo.errors import TableError
from cesp_geo.zonings.readers.door import damaged_parquet, kind_of
from cesp_geo.zonings.readers.grids import read_grids

if TYPE_CHECKING:
    import pandas as pd


def read_site_table(path: Path) -> "pd.DataFrame":
    """Read a table of sites; numbers, booleans and days of a workbook stay what they are.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    pandas.DataFrame or geopandas.GeoDataFrame

    Raises
    ------
    UnsafeFile, TableError
        If it is refused, damaged, or has no row under its titles.
    """
    import pandas as pd

    kind = kind_of(path)
    if kind in ("text", "xlsx"):
        grid = next((item for item in read_grids(path, typed=True) if len(item.rows) > 1), None)
        if grid is None:
            raise TableError(f"{path.name} n'a aucune ligne sous ses titres.")
        titles = [str(title) for title in grid.rows[0][1]]
        double = sorted({name for name in titles if titles.count(name) > 1})
        if double:
            raise TableError(f"{path.name} : la colonne « {double[0]} » est là deux fois.")
        width = len(titles)
        rows = [(*cells, *([""] * (width - len(cells))))[:width] for _, cells in grid.rows[1:]]
        frame = pd.DataFrame(rows, columns=titles, dtype=object)
        return frame if kind == "text" else frame.replace({"": None}).infer_objects()
    if kind == "parquet":
        return _parquet(path)
    from cesp_geo.zonings.readers.layers import open_layer

    layer: pd.DataFrame = open_layer(path)
    return layer


def _parquet(path: Path) -> "pd.DataFrame":
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cesp_geo.siting.site_columns import arrow_frame

    try:
        return arrow_frame(pq.read_table(path))
    except (pa.ArrowException, OSError):
        raise damaged_parquet(path) from None
