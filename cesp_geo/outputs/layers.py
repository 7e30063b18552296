"""Write a zoning layer in the formats of geographers."""

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cesp_geo.outputs.files import neutralise, refuse_suffix, writing

if TYPE_CHECKING:
    import geopandas

_DRIVERS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".shp": "ESRI Shapefile",
}


@contextmanager
def _same_bytes() -> Iterator[None]:
    """Let GDAL date a GeoPackage by no clock, so that the same layer gives the same bytes."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_layer(
    layer: "geopandas.GeoDataFrame", target: Path, name: str = "zonage", title: str = ""
) -> None:
    """Write a layer by the extension of its file.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
    target : pathlib.Path
        ``.gpkg``, ``.geojson``, ``.parquet``, ``.fgb``, ``.shp`` or ``.csv`` (without shapes).
    name : str
        Name of the layer inside a GeoPackage.
    title : str
        What a GeoPackage or a GeoJSON says of it.

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.
    """
    suffix = target.suffix.lower()
    refuse_suffix(target, (*_DRIVERS, ".parquet", ".csv"))
    with writing(target) as path:
        if suffix == ".csv":
            table = layer.drop(columns="geometry").map(
                lambda cell: neutralise(cell) if isinstance(cell, str) else cell
            )
            table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        elif suffix == ".parquet":
            layer.to_parquet(path, index=False)
        else:
            if suffix == ".geojson" and layer.crs is not None:
                layer = layer.to_crs("EPSG:4326")
            if suffix == ".shp":
                layer = layer.rename(columns={"commune_codes": "communes"})
            with warnings.catch_warnings(), _same_bytes():
                # Shapefile column names are cut to ten characters.
                warnings.simplefilter("ignore", RuntimeWarning)
                warnings.simplefilter("ignore", UserWarning)
                _to_file(layer, path, name, title)


def _to_file(layer: "geopandas.GeoDataFrame", path: Path, name: str, title: str) -> None:
    """Write with GDAL, and read back how much is there: it does not always say what failed."""
    from pyogrio import read_info

    try:
        driver = _DRIVERS[path.suffix.lower()]
        said = {"DESCRIPTION": title} if title and driver in ("GPKG", "GeoJSON") else {}
        layer.to_file(path, driver=driver, layer=name, engine="pyogrio", **said)
        whole = len(layer) == read_info(path, force_feature_count=True)["features"]
    except RuntimeError as error:
        raise OSError(f"{error}".split("\n", 1)[0]) from None
    if not whole:
        raise OSError(errno.ENOSPC, "")
