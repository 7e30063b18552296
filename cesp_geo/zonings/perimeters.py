"""The perimeters that versions bring (QPV, grands quartiers, free zones): which hold a point."""

from collections.abc import Iterable, Mapping
from typing import Any

from cesp_geo.communes.locate import metres
from cesp_geo.zonings.model import Zoning

Unit = tuple[str, str]
"""A zoning's id and the code of one of its units."""


def read_perimeters(zoning: Zoning) -> Mapping[str, Any]:
    """Give a version's perimeters by unit code (shapely geometries, EPSG:4326)."""
    from pyogrio.raw import read

    path = zoning.perimeters_path
    if path is None:
        return {}
    import shapely

    meta, _, geometries, fields = read(path, layer="perimeters", columns=["unit_code"])
    del meta
    return dict(zip(fields[0].tolist(), shapely.from_wkb(geometries), strict=True))


class PerimeterIndex:
    """Every loaded perimeter in one R-tree of three dimensions: longitude, latitude, day.

    A version's perimeters begin with its effect and stay: which version rules on a day is for
    the track to say.

    Parameters
    ----------
    zonings : iterable of Zoning
    """

    def __init__(self, zonings: Iterable[Zoning]) -> None:
        from rtree.index import Index, Property

        self._units: list[tuple[Unit, Any]] = []
        self._tree = Index(properties=Property(dimension=3), interleaved=True)
        for zoning in zonings:
            day = zoning.order.takes_effect.first.toordinal()
            for code, geometry in sorted(read_perimeters(zoning).items()):
                west, south, east, north = geometry.bounds
                self._tree.insert(len(self._units), (west, south, day, east, north, _LAST_DAY))
                self._units.append(((zoning.id, code), geometry))
        self.located = frozenset(unit for unit, _ in self._units)

    def covering(self, lon: float, lat: float) -> set[Unit]:
        """Give the units whose perimeter holds a point (EPSG:4326), borders included."""
        import shapely

        point = shapely.Point(lon, lat)
        return {unit for unit, geometry in self._around(lon, lat, 0) if geometry.covers(point)}

    def near(self, lon: float, lat: float, radius_m: float) -> set[Unit]:
        """Give the units whose perimeter's border is within some metres of a point."""
        return {
            unit
            for unit, geometry in self._around(lon, lat, radius_m)
            if metres(lon, lat, geometry.boundary) <= radius_m
        }

    def _around(self, lon: float, lat: float, radius_m: float) -> list[tuple[Unit, Any]]:
        import math

        north = radius_m / 110_000
        east = north / max(math.cos(math.radians(lat)), 0.01)
        box = (lon - east, lat - north, 0, lon + east, lat + north, _LAST_DAY)
        return [self._units[number] for number in sorted(self._tree.intersection(box))]


_LAST_DAY = 4_000_000
