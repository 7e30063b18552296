"""Layers of polygons (GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GeoParquet, KML) as units."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.communes import name_key
from cesp_geo.errors import TableError, UnsafeFile
from cesp_geo.zonings.labels import read_label
from cesp_geo.zonings.readers.door import MOST_ROWS, kind_of
from cesp_geo.zonings.readers.tables import (
    OWN_COLUMNS,
    Reading,
    Row,
    best_column,
    names_units,
    own_row,
    units_in,
)

if TYPE_CHECKING:
    import geopandas

KINDS = ("gpkg", "shp", "json", "fgb", "parquet", "kml")
_DRIVERS = ("GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf", "KML", "LIBKML")
_BROKEN = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError)
_NAMED = ("nom", "name", "libelle", "lib", "unit name", "nom qpv", "zone")
_FRANCE = (-64.0, -22.0, 56.5, 51.6)


def read_layer(
    path: Path, columns: Mapping[str, str] | None = None, crs: str | None = None
) -> Reading:
    """Read the units, classes and perimeters of a layer.

    Polygons that bear a commune's code are that commune; those that bear a QPV's code, or none,
    become perimeters of their own.

    Parameters
    ----------
    path : pathlib.Path
    columns : mapping of str to str, optional
        Names of the source's columns for ``code``, ``classe``, ``nom``.
    crs : str, optional
        Coordinate system of a layer that does not say its own, such as ``EPSG:2154``.

    Returns
    -------
    Reading
        Geometries in EPSG:4326; what was repaired is among its notes.

    Raises
    ------
    UnsafeFile
        If the file is refused or damaged.
    TableError
        If it has no class, no coordinate system, or coordinates that cannot be in France.
    """
    frame = _placed(open_layer(path), path, crs)
    wanted = {key: name_key(value) for key, value in (columns or {}).items()}
    titles = {name_key(str(name)): str(name) for name in frame.columns if name != "geometry"}
    if missing := [columns[key] for key, name in wanted.items() if name not in titles]:  # type: ignore[index]
        raise TableError(
            f"{path.name} : colonne {', '.join(missing)} absente. Colonnes : "
            f"{', '.join(titles.values())}."
        )
    texts = {name: frame[name].map(_text).tolist() for name in titles.values()}
    grid = tuple((line, row) for line, row in enumerate(zip(*texts.values(), strict=True), 1))
    if set(texts) >= OWN_COLUMNS:
        reading = Reading("export de ce programme")
        for line, row in grid:
            cells = dict(zip(texts, row, strict=True))
            inside = cells["unit_type"] not in ("commune", "arrondissement_municipal")
            geometry = frame.geometry.iloc[line - 1] if inside else None
            reading.rows.append(own_row(line, cells, geometry))
        return reading
    order = list(texts)

    def find(key: str, fits: Any) -> str | None:
        if key in wanted:
            return titles[wanted[key]]
        index = best_column(grid, len(order), fits)
        return None if index is None else order[index]

    label = find("classe", lambda cell: read_label(cell) is not None)
    if label is None:
        raise TableError(
            f"{path.name} : aucune colonne de classes. Nommez-la avec --colonnes classe=…"
        )
    code = find("code", names_units)
    name = titles[wanted["nom"]] if "nom" in wanted else _titled(titles, {label, code})
    reading = Reading("couche de polygones")
    _repair(frame, reading)
    for line, geometry in enumerate(frame.geometry, 1):
        found = units_in(texts[code][line - 1]) if code else []
        title = texts[name][line - 1] if name else ""
        kind, unit = found[0] if found else ("zone", name_key(title).replace(" ", "-"))
        if not unit:
            unit = f"zone-{line}"
        perimeter = None if kind == "commune" else geometry
        raw = texts[label][line - 1]
        reading.rows.append(Row(line, kind, unit, title, raw, geometry=perimeter))
    return reading


def open_layer(path: Path) -> "geopandas.GeoDataFrame":
    """Open the first layer of a file, with the drivers that read only that file.

    Raises
    ------
    UnsafeFile
        If the file is refused or damaged.
    TableError
        If it has too many rows.
    """
    kind = kind_of(path)
    if kind not in KINDS:
        raise UnsafeFile(f"{path.name} n'est pas une couche.")
    # Set before GDAL loads: drivers that read other files than the one named.
    os.environ.setdefault("GDAL_SKIP", "VRT WMS WCS WMTS HTTP")
    os.environ.setdefault("OGR_SKIP", "OGR_VRT,WFS,OAPIF,CSW")
    import geopandas as gpd
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError
    from shapely.errors import ShapelyError

    try:
        with warnings.catch_warnings():
            # The library's words are in English.
            warnings.simplefilter("ignore", RuntimeWarning)
            if kind == "parquet":
                return gpd.read_parquet(path)
            info = pyogrio.read_info(path)
            if info["driver"] not in _DRIVERS:
                raise UnsafeFile(
                    f"{path.name} serait lu comme « {info['driver']} » : refusé par sécurité."
                )
            if info["features"] > MOST_ROWS:
                raise TableError(f"{path.name} a plus de {MOST_ROWS} objets. Découpez-le.")
            return gpd.read_file(path, engine="pyogrio")
    except (*_BROKEN, DataSourceError, DataLayerError, ShapelyError):
        raise UnsafeFile(
            f"Couche illisible ou abîmée : {path.name}. Enregistrez-la de nouveau avec un "
            "logiciel de cartes, ou redemandez le fichier."
        ) from None


def _placed(
    frame: "geopandas.GeoDataFrame", path: Path, crs: str | None
) -> "geopandas.GeoDataFrame":
    """Bring a layer to EPSG:4326, and refuse one that cannot be where it says."""
    import numpy as np
    import shapely

    if "geometry" not in frame.columns or frame.geometry.isna().all():
        raise TableError(f"{path.name} n'a aucun polygone.")
    if frame.crs is None:
        if crs is None:
            raise TableError(
                f"{path.name} ne dit pas son système de coordonnées. Indiquez-le, par exemple "
                "--crs EPSG:2154."
            )
        frame = frame.set_crs(crs)
    points = shapely.get_coordinates(frame.geometry.to_numpy())
    if not np.isfinite(points).all():
        raise TableError(f"{path.name} a des coordonnées infinies ou absentes. Corrigez la couche.")
    frame = frame.to_crs("EPSG:4326")
    west, south, east, north = frame.total_bounds
    if not np.isfinite([west, south, east, north]).all() or not (
        _FRANCE[0] <= west and east <= _FRANCE[2] and _FRANCE[1] <= south and north <= _FRANCE[3]
    ):
        raise TableError(
            f"{path.name} sort de France (longitudes {west:.2f} à {east:.2f}, latitudes "
            f"{south:.2f} à {north:.2f}). Le système de coordonnées est faux : corrigez-le."
        )
    middle = shapely.point_on_surface(frame.geometry.to_numpy())
    middle = middle[~shapely.is_missing(middle)]
    held = communes.locate_many(shapely.get_x(middle), shapely.get_y(middle), _latest())
    swapped = communes.locate_many(shapely.get_y(middle), shapely.get_x(middle), _latest())
    if not held.astype(bool).any():
        hint = (
            "longitudes et latitudes semblent échangées"
            if swapped.astype(bool).any()
            else "le système de coordonnées est sans doute faux"
        )
        raise TableError(f"{path.name} : aucun polygone n'est en France ; {hint}.")
    return frame


def _latest() -> Any:
    from datetime import date

    return date(communes.MILLESIMES[-1], 1, 1)


def _repair(frame: "geopandas.GeoDataFrame", reading: Reading) -> None:
    import shapely

    geometries = frame.geometry.to_numpy()
    wrong = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    if wrong.any():
        lines = ", ".join(str(line + 1) for line in wrong.nonzero()[0][:10])
        reading.notes.append(f"contours qui se croisent, réparés : objets {lines}.")
        frame["geometry"] = shapely.make_valid(geometries)


def _titled(titles: Mapping[str, str], taken: set[str | None]) -> str | None:
    return next((titles[key] for key in _NAMED if key in titles and titles[key] not in taken), None)


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def perimeters_file(units: Mapping[str, tuple[str, Any]]) -> bytes:
    """Make the GeoPackage of some perimeters; the same perimeters give the same bytes.

    Parameters
    ----------
    units : mapping of str to (str, shapely geometry)
        By unit code: unit type and geometry, EPSG:4326.
    """
    import tempfile

    import geopandas as gpd
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    codes = sorted(units)
    frame = gpd.GeoDataFrame(
        {"unit_type": [units[code][0] for code in codes], "unit_code": codes},
        geometry=[units[code][1] for code in codes],
        crs="EPSG:4326",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "perimeters.gpkg"
        pyogrio.write_dataframe(frame, path, layer="perimeters", driver="GPKG")
        return path.read_bytes()
