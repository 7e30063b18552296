"""A version as polygons: its table joined to the shapes of a day, and its own perimeters."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.communes.locate import shape, shapes_of
from cesp_geo.communes.model import Commune
from cesp_geo.errors import ZoningError
from cesp_geo.zonings.model import Designation, Zoning
from cesp_geo.zonings.track import reading_codes

if TYPE_CHECKING:
    import geopandas

COLUMNS = (
    "unit_type",
    "unit_code",
    "unit_name",
    "zone_class",
    "raw_label",
    "zone_label",
    "extent",
    "certainty",
    "commune_codes",
    "tvs_code",
    "tvs_name",
    "designated_by",
    "codes",
    "resolved",
    "geometry",
)


def zoning_layer(zoning: Zoning, day: date | None = None) -> "geopandas.GeoDataFrame":
    """Give a version as a polygon layer; see :meth:`Catalogue.layer`.

    Units whose polygon is not held (QPV without a perimeter, overseas collectivities) are rows
    without geometry.
    """
    import geopandas as gpd

    when = day or date(zoning.millesime, 1, 1)
    rows = [*_commune_rows(zoning, when), *_subunit_rows(zoning)]
    return gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry="geometry", crs="EPSG:4326")


def _row(item: Designation, geometry: Any, codes: tuple[str, ...]) -> dict[str, Any]:
    return {
        **{name: getattr(item, name) for name in COLUMNS if hasattr(item, name)},
        "commune_codes": " ".join(item.commune_codes),
        "codes": " ".join(codes),
        "resolved": len(codes) == 1,
        "geometry": geometry,
    }


def _commune_rows(zoning: Zoning, day: date) -> Iterator[dict[str, Any]]:
    """One row a designated commune of the day; a group that no border tells apart is one row."""
    import shapely

    read = date(zoning.millesime, 1, 1)
    units: dict[tuple[str, str], tuple[Designation, Commune, set[int]]] = {}
    for code, item in zoning.by_commune.items():
        then = communes.by_code(code, read)
        for elit in then.elits if then else ():
            holder = communes.commune_on(elit, day)
            if holder is None or code not in reading_codes(zoning, elit, holder):
                continue
            unit = communes.arrondissement_on(elit, day) or holder
            if item.unit_type == "commune":
                unit = holder
            units.setdefault((unit.code, code), (item, unit, set()))[2].add(elit)
    seen: set[tuple[int, ...]] = set()
    for item, unit, elits in units.values():
        fids = shapes_of(elits)
        if not fids:
            yield _row(item, None, (unit.code,))
            continue
        others = {
            holder.code
            for fid in fids
            for elit in _elits(fid)
            if (holder := communes.commune_on(elit, day)) is not None
        }
        codes = tuple(sorted({unit.code} | (others if unit.kind == "commune" else set())))
        if len(codes) > 1 and fids in seen:
            continue
        seen.add(fids)
        yield _row(item, shapely.coverage_union_all([shape(fid) for fid in fids]), codes)


def _elits(fid: int) -> tuple[int, ...]:
    from cesp_geo.communes.locate import shape_elits

    return shape_elits()[fid]


def _subunit_rows(zoning: Zoning) -> Iterator[dict[str, Any]]:
    held: Mapping[str, Any] = {}
    if zoning.perimeters_path:
        from cesp_geo.zonings.perimeters import read_perimeters

        held = read_perimeters(zoning)
    for code, item in zoning.by_subunit.items():
        yield _row(item, held.get(code), (code,))


def dissolved(layer: "geopandas.GeoDataFrame", by: str) -> "geopandas.GeoDataFrame":
    """Join the units of a layer by class, by TVS and class, or by département and class.

    What is to confirm, or holds for a part only, stays apart from what is sure.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        As :func:`zoning_layer` gives it.
    by : str
        ``classe``, ``tvs`` or ``departement``.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; the keys, ``zone_class``, ``certainty``, ``extent``, ``units`` (a number) and
        ``geometry``.

    Raises
    ------
    ZoningError
        If ``by`` is none of these, or no unit of the version says its TVS.
    """
    keys: dict[str, list[str]] = {
        "classe": [],
        "tvs": ["tvs_code", "tvs_name"],
        "departement": ["departement"],
    }
    if by not in keys:
        raise ZoningError(f"Regroupement inconnu : « {by} ». Choisissez parmi : {', '.join(keys)}.")
    if by == "tvs" and not layer["tvs_code"].any():
        raise ZoningError(
            "Aucune maille de cette version ne dit son territoire de vie-santé. Regroupez par "
            "classe ou par departement."
        )
    shown = layer[layer.geometry.notna()].copy()
    shown["departement"] = [
        code[:3] if code.startswith(("97", "98")) else code[:2] for code in shown["codes"]
    ]
    shown["units"] = 1
    grouping = [*keys[by], "zone_class", "certainty", "extent"]
    shown = shown[[*grouping, "units", "geometry"]]
    return shown.dissolve(by=grouping, aggfunc="sum", method="unary", as_index=False)
