"""Polygons of the communes of a day: unions of shapes, a coverage by construction."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from cesp_geo.communes import store
from cesp_geo.communes.locate import all_shapes, shapes_by_elit, shared_shapes, stored_shapes

if TYPE_CHECKING:
    import geopandas


@lru_cache(maxsize=4)
def shapes(day: date) -> "geopandas.GeoDataFrame":
    """Give the polygons of the communes of a day.

    Parameters
    ----------
    day : datetime.date

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; ``code``, ``name``, ``codes`` (tuple), ``resolved``, ``geometry``. Former
        communes whose polygons cannot be told apart form one row: ``resolved`` is False, code
        and name join theirs. Overseas collectivities have no polygon.

    Examples
    --------
    >>> frame = shapes(date(2024, 1, 1))
    >>> frame.crs.to_epsg(), int((~frame["resolved"]).sum())
    (4326, 0)
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    name = {item.code: item.name for item in store.communes(day)}
    geometries = all_shapes()
    groups = _groups(day)
    columns = {
        "code": ["+".join(codes) for codes in groups],
        "name": [" / ".join(name[code] for code in codes) for codes in groups],
        "codes": list(groups),
        "resolved": [len(codes) == 1 for codes in groups],
    }
    united = [
        shapely.coverage_union_all(geometries[np.array(fids) - 1])
        if len(fids) > 1
        else geometries[fids[0] - 1]
        for fids in groups.values()
    ]
    return gpd.GeoDataFrame(columns, geometry=united, crs="EPSG:4326")


def stored_unions(groups: Sequence[Sequence[int]]) -> list[bytes | None]:
    """Give the union of each group of shapes, ready to be written.

    Parameters
    ----------
    groups : sequence of sequence of int
        Numbers of shapes.

    Returns
    -------
    list of bytes or None
        WKB in EPSG:4326, as the store holds it where there is one shape; None for no shape.

    Examples
    --------
    >>> import shapely
    >>> one, none = stored_unions([[1], []])
    >>> shapely.from_wkb(one).geom_type, none
    ('MultiPolygon', None)
    """
    import shapely

    stored = stored_shapes()
    found = [stored[fids[0] - 1] if fids else None for fids in groups]
    several = [row for row, fids in enumerate(groups) if len(fids) > 1]
    parts = iter(shapely.from_wkb([stored[fid - 1] for row in several for fid in groups[row]]))
    united = [shapely.coverage_union_all(list(islice(parts, len(groups[row])))) for row in several]
    for row, shape in zip(several, shapely.to_wkb(united), strict=True):
        found[row] = shape
    return found


def _groups(day: date) -> Mapping[tuple[str, ...], Sequence[int]]:
    """Gather the shapes of each commune, by code; those that share a shape are one group."""
    shown, together = shapes_by_elit(), inseparable(day)
    found: dict[tuple[str, ...], list[int]] = {}
    for unit in store.communes(day):
        fids = [shown[elit] for elit in unit.elits if elit in shown]
        if fids:
            found.setdefault(together.get(unit.code) or (unit.code,), []).extend(fids)
    return {codes: fids if len(fids) == 1 else sorted({*fids}) for codes, fids in found.items()}


def inseparable(day: date) -> Mapping[str, tuple[str, ...]]:
    """Give the codes of each group of communes whose polygons cannot be told apart.

    Parameters
    ----------
    day : datetime.date

    Returns
    -------
    mapping of str to tuple of str
        The INSEE codes of the group, sorted, under each of them.

    Examples
    --------
    >>> inseparable(date(2024, 1, 1))
    {}
    """
    shared: dict[int, list[str]] = {}
    for fid, elit in shared_shapes():
        # Before the history begins, some parts are in no commune that we know.
        if unit := store.commune_on(elit, day):
            shared.setdefault(fid, []).append(unit.code)
    found: dict[str, tuple[str, ...]] = {}
    for codes in shared.values():
        group = tuple(sorted({own for code in codes for own in found.get(code, (code,))}))
        if len(group) > 1:
            found |= dict.fromkeys(group, group)
    return found
