"""Polygons of the communes of a day: unions of shapes, a coverage by construction."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from cesp_geo.communes import store
from cesp_geo.communes.locate import all_shapes, shape_elits

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

    of_code = {item.code: item for item in store.communes(day)}
    geometries = all_shapes()
    rows = []
    for codes, fids in _groups(day).items():
        parts = geometries[np.array(fids) - 1]
        rows.append(
            {
                "code": "+".join(codes),
                "name": " / ".join(of_code[code].name for code in codes),
                "codes": codes,
                "resolved": len(codes) == 1,
                "geometry": parts[0] if len(parts) == 1 else shapely.coverage_union_all(parts),
            }
        )
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def _groups(day: date) -> Mapping[tuple[str, ...], list[int]]:
    """Gather the shapes of each commune; communes that share a shape are one group."""
    holder = {elit: item.code for item in store.communes(day) for elit in item.elits}
    # Before the history begins, some parts are in no commune that we know.
    held = {
        fid: codes
        for fid, elits in shape_elits().items()
        if (codes := {holder[elit] for elit in elits if elit in holder})
    }
    group: dict[str, tuple[str, ...]] = {}
    for codes in held.values():
        if len(codes) > 1:
            joined = tuple(sorted({own for code in codes for own in group.get(code, (code,))}))
            group |= dict.fromkeys(joined, joined)
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for fid, codes in held.items():
        code = next(iter(codes))
        found[group.get(code, (code,))].append(fid)
    return dict(sorted(found.items()))
