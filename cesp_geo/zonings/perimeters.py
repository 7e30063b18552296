"""The perimeters that versions bring (QPV, grands quartiers, free zones): which hold a point."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.communes.arrays import distinct_rows, rows_of_sets
from cesp_geo.communes.locate import metres
from cesp_geo.zonings.cells import Cells
from cesp_geo.zonings.model import Zoning

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]

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
        self._sets: dict[tuple[int, ...], int] = {(): 0}

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

    @cached_property
    def shapes_around(self) -> "npt.NDArray[np.bool_]":
        """By shape number, whether a perimeter (or its border's surroundings) may reach it."""
        import numpy as np
        import shapely

        from cesp_geo.communes.locate import all_shapes

        tree = shapely.STRtree(all_shapes())
        bounds = shapely.bounds([geometry for _, geometry in self._units])
        reach = np.array([-0.005, -0.002, 0.005, 0.002])
        found = tree.query(shapely.box(*(bounds + reach).T), predicate="intersects")[1]
        flags = np.zeros(len(all_shapes()) + 1, dtype=bool)
        flags[found + 1] = True
        return flags

    def sets_of(
        self, lon: "npt.NDArray[np.float64]", lat: "npt.NDArray[np.float64]"
    ) -> "tuple[Numbers, Numbers, Numbers]":
        """Give the points in a perimeter or near its border, and which, as numbers of sets.

        Near is within the positional accuracy of the shapes.

        Parameters
        ----------
        lon, lat : numpy.ndarray of float, shape (n,)

        Returns
        -------
        rows, inside, near : numpy.ndarray of int, shape (m,)
            :meth:`units` gives the units of a set by its number.
        """
        import numpy as np
        import shapely

        from cesp_geo.communes.grid import distances_m

        rows, units = self._cells.pairs(lon, lat)
        reached = shapely.intersects_xy(self._reach[units], lon[rows], lat[rows])
        rows, units = rows[reached], units[reached]
        inside = shapely.intersects_xy(self._geometries[units], lon[rows], lat[rows])
        near = ~(inside & shapely.intersects_xy(self._depths[units], lon[rows], lat[rows]))
        if near.any():
            of = rows[near], units[near] + 1
            distances = distances_m(lon[of[0]], lat[of[0]], of[1], self._segments)
            near[near] = distances <= communes.POSITIONAL_ACCURACY_M
        touched = np.unique(rows[inside | near])
        return (
            touched,
            self._numbered(touched, rows[inside], units[inside]),
            self._numbered(touched, rows[near], units[near]),
        )

    def _numbered(self, touched: "Numbers", rows: "Numbers", units: "Numbers") -> "Numbers":
        import numpy as np

        held, sets = rows_of_sets(rows, units)
        found = np.zeros(len(touched), dtype=np.int64)
        if len(held):
            examples, kind = distinct_rows(list(sets.T))
            numbers = [
                self._sets.setdefault(tuple(one for one in found_set if one >= 0), len(self._sets))
                for found_set in sets[examples].tolist()
            ]
            found[np.searchsorted(touched, held)] = np.array(numbers)[kind]
        return found

    def units(self, number: int) -> frozenset[Unit]:
        """Give the units of a set that :meth:`sets_of` numbered."""
        return frozenset(self._units[one][0] for one in list(self._sets)[number])

    @cached_property
    def _geometries(self) -> Any:
        import numpy as np
        import shapely

        geometries = np.array([geometry for _, geometry in self._units], dtype=object)
        shapely.prepare(geometries)
        return geometries

    @cached_property
    def _reach(self) -> Any:
        """Where a perimeter may bear on a point: in it, or near its border."""
        import shapely

        reach = shapely.buffer(self._geometries, _beyond_accuracy())
        shapely.prepare(reach)
        return reach

    @cached_property
    def _cells(self) -> Cells:
        import shapely

        return Cells(shapely.bounds(self._reach))

    @cached_property
    def _depths(self) -> Any:
        """Where a point in a perimeter is far from its border."""
        import shapely

        depths = shapely.buffer(self._geometries, -_beyond_accuracy())
        shapely.prepare(depths)
        return depths

    @cached_property
    def _segments(self) -> Any:
        from cesp_geo.communes.grid import segments_of

        return segments_of(self._geometries)


def _beyond_accuracy() -> float:
    """Degrees that are more than the positional accuracy everywhere in France."""
    return communes.POSITIONAL_ACCURACY_M / _LEAST_DEGREE_M


_LEAST_DEGREE_M = 62_000  # of longitude, at 56° north
_LAST_DAY = 4_000_000
