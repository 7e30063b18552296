"""Which shape holds each of many points: a table of small cells answers most at once.

The territory is cut into cells of some 110 m, 16 by 16 to a block. A cell names the one shape
that covers it, or the few whose borders cross it: only there is a polygon looked at. Time plays
no part: shapes never change, so one grid serves every day. Made by
``scripts/build_communes/cells.py`` from the shapes of the store.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cesp_geo.communes import planar, store
from cesp_geo.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int32]
    Flags = npt.NDArray[np.bool_]
    _Cells = tuple[Any, Numbers, Numbers, Numbers]

FILE = "grid.npz"
BLOCK = 16  # cells on each side of a block
NEAR = 128  # bit of a cell that has a border in it or in a cell around it
NO_SHAPE = 65535
_BATCH = 1 << 16  # points at a time: their columns stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Territory:
    """A rectangle of blocks: its south-west corner and the sides of a cell, in degrees."""

    west: float
    south: float
    east_step: float
    north_step: float
    columns: int
    rows: int

    @property
    def cells(self) -> tuple[int, int]:
        """Number of cells to the east and to the north."""
        return self.columns * BLOCK, self.rows * BLOCK


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells by block: a pattern of small numbers, and the palette that they choose from.

    A palette holds set numbers: up to ``shapes`` the number of the one shape there (0: none),
    above it a row of ``members``.
    """

    territories: tuple[Territory, ...]
    blocks: "Numbers"  # (n, 2): where the pattern and the palette of each block start
    patterns: "npt.NDArray[np.uint8]"
    palette: "Numbers"
    members: "npt.NDArray[np.uint16]"  # (n, k): shapes in order, 0 for the outside, padded
    shapes: int

    def shapes_at(self, lon: "Floats", lat: "Floats") -> "tuple[Numbers, Flags]":
        """Give the shape that holds each point, and whether a border may be within 100 m."""
        import numpy as np

        found, near = np.zeros(len(lon), np.int32), np.zeros(len(lon), bool)
        for at in range(0, len(lon), _BATCH):
            part = slice(at, at + _BATCH)
            x, y, sets = lon[part], lat[part], found[part]
            for which, block, column, row in self._cells(x, y):
                sets[which], near[part][which] = self._look(block, column, row)
        several = np.flatnonzero(found > self.shapes)
        # In order of sets, the same polygons are looked at one after the other.
        several = several[np.argsort(found[several])]
        choices = self.members[found[several] - self.shapes - 1]
        found[several] = self._settle(choices, lon[several], lat[several])
        return found, near

    def around(self, lon: "Floats", lat: "Floats") -> "tuple[npt.NDArray[np.intp], Numbers]":
        """Pairs of a point and a shape present in its cell or in the eight cells around it.

        The points must be near a border, as :meth:`shapes_at` says.
        """
        return self.pairs_of(self.sets_around(lon, lat))

    def sets_around(self, lon: "Floats", lat: "Floats") -> "Numbers":
        """Give the nine sets of shapes of the cell of each point and of those around it."""
        import numpy as np

        sets = np.zeros((len(lon), 9), np.int32)
        for which, block, column, row in self._cells(lon, lat):
            for place in range(9):
                east, north = column + place % 3 - 1, row + place // 3 - 1
                sets[which, place], _ = self._look(block, east, north)
        return sets

    def shapes_of_sets(self, sets: "Numbers") -> "Numbers":
        """Give the shapes present in some sets, some of them several times."""
        import numpy as np

        met = np.zeros(self.shapes + 1 + len(self.members), dtype=bool)
        met[sets] = True
        several = self.members[met[self.shapes + 1 :]]
        return np.concatenate(
            [np.flatnonzero(met[: self.shapes + 1]), several[several != NO_SHAPE]]
        )

    def kinds_of_sets(self, kinds: "npt.NDArray[Any]") -> "npt.NDArray[Any]":
        """Give, by set, the kind that all its shapes have (``kinds`` is by shape), else -9."""
        import numpy as np

        own = np.where(self.members == NO_SHAPE, self.members[:, :1], self.members)
        found = kinds[own]
        return np.concatenate(
            [kinds, np.where((found == found[:, :1]).all(axis=1), found[:, 0], -9)]
        )

    def pairs_of(self, sets: "Numbers") -> "tuple[npt.NDArray[np.intp], Numbers]":
        """Pairs of a row of sets and a shape in one of them; ``sets`` is sorted in place."""
        import numpy as np

        sets.sort(axis=1)
        point, rank = np.nonzero(np.diff(sets, axis=1, prepend=-1))
        found = sets[point, rank]
        several = found > self.shapes
        choices = self.members[found[several] - self.shapes - 1]
        kept = choices != NO_SHAPE
        pairs = np.concatenate(
            [
                point[~several] * (NO_SHAPE + 1) + found[~several],
                np.repeat(point[several], kept.sum(axis=1)) * (NO_SHAPE + 1) + choices[kept],
            ]
        )
        pairs.sort()
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        which, shape = pairs // (NO_SHAPE + 1), (pairs % (NO_SHAPE + 1)).astype(np.int32)
        return which[shape > 0], shape[shape > 0]

    def _cells(self, lon: "Floats", lat: "Floats") -> "Iterator[_Cells]":
        """For each territory: which points lie there, and their cells."""
        import numpy as np

        waiting: Any = slice(None)
        block = self.blocks
        for land in self.territories:
            width, height = land.cells
            x = (lon[waiting] - land.west) * (1 / land.east_step)
            y = (lat[waiting] - land.south) * (1 / land.north_step)
            inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            mine = block[: land.columns * land.rows].reshape(land.rows, land.columns, 2)
            if inside.all():
                yield waiting, mine, x.astype(np.int32), y.astype(np.int32)
                return
            which = np.arange(len(lon))[waiting]
            yield which[inside], mine, x[inside].astype(np.int32), y[inside].astype(np.int32)
            waiting, block = which[~inside], block[land.columns * land.rows :]

    def _look(
        self, blocks: "Numbers", column: "Numbers", row: "Numbers"
    ) -> "tuple[Numbers, Flags]":
        """Give the set of each cell, and whether a border may be within 100 m."""
        block = blocks[row >> 4, column >> 4]
        cell = self.patterns[block[:, 0] + ((row & 15) << 4 | (column & 15))]
        return self.palette[block[:, 1] + (cell & (NEAR - 1))], cell >= NEAR

    def _settle(self, choices: "npt.NDArray[np.uint16]", lon: "Floats", lat: "Floats") -> "Numbers":
        """Look at polygons: the first that covers the point has it, in order of numbers."""
        import numpy as np
        import shapely

        from cesp_geo.communes.locate import all_shapes

        open_air = choices[:, 0] == 0
        looks = (choices != NO_SHAPE).sum(axis=1) - ~open_air
        # Where the outside is no choice, the last one needs no look: the others were refused.
        last = choices[np.arange(len(choices)), looks - open_air]
        found = np.where(open_air, 0, last).astype(np.int32)
        waiting = np.arange(len(choices))
        for rank in range(choices.shape[1]):
            waiting = waiting[looks[waiting] > rank]
            shape = choices[waiting, rank].astype(np.int32)
            held = shapely.intersects_xy(
                all_shapes()[np.maximum(shape, 1) - 1], lon[waiting], lat[waiting]
            ) & (shape > 0)
            found[waiting[held]] = shape[held]
            waiting = waiting[~held]
        return found


Segments = tuple["Floats", "Floats", "npt.NDArray[np.intp]"]
"""Starts and ends (longitudes, latitudes), and where those of each shape begin."""


def distances_m(
    lon: "Floats", lat: "Floats", shape: "npt.NDArray[Any]", of: "Segments | None" = None
) -> "Floats":
    """Distance in metres from each point to the border of its shape.

    Parameters
    ----------
    lon, lat : numpy.ndarray of float, shape (n,)
        EPSG:4326 degrees.
    shape : numpy.ndarray of int, shape (n,)
        Shape numbers.
    of : Segments, optional
        Those of other shapes than the communes', numbered from 1.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Geodesic metres, those of :func:`cesp_geo.communes.planar.metres_to` but for the last bits.
    """
    import numpy as np

    starts, ends, first = of or segments()
    found = np.empty(len(lon))
    for at in range(0, len(lon), _BATCH // 8):
        part = slice(at, at + _BATCH // 8)
        counts = first[shape[part]] - first[shape[part] - 1]
        at_pair = np.cumsum(counts) - counts
        pair = np.repeat(np.arange(len(counts)), counts)
        segment = np.arange(len(pair)) - (at_pair - first[shape[part] - 1])[pair]
        x, y = lon[part][pair], lat[part][pair]
        east, north = (scale[pair] for scale in _scales(lat[part]))
        ax, ay = (starts[0][segment] - x) * east, (starts[1][segment] - y) * north
        dx, dy = (ends[0][segment] - starts[0][segment]), (ends[1][segment] - starts[1][segment])
        dx, dy = dx * east, dy * north
        along = np.clip(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0, 1)
        ax += along * dx
        ay += along * dy
        found[part] = np.sqrt(np.minimum.reduceat(ax * ax + ay * ay, at_pair))
    return found


def _scales(lat: "Floats") -> "tuple[Floats, Floats]":
    """:func:`planar.degrees_to_metres` for many latitudes."""
    import numpy as np

    sine, cosine = np.sin(np.radians(lat)), np.cos(np.radians(lat))
    curve = 1 - planar.ECCENTRICITY2 * sine * sine
    east = np.radians(planar.EQUATOR_M / np.sqrt(curve)) * cosine
    return east, np.radians(planar.EQUATOR_M * (1 - planar.ECCENTRICITY2) / curve**1.5)


@cache
def segments() -> "Segments":
    """Give the segments of the borders of all shapes of the communes; see :func:`segments_of`."""
    from cesp_geo.communes.locate import all_shapes

    return segments_of(all_shapes())


def segments_of(shapes: "Any") -> "Segments":
    """Give the segments of the borders of some polygons, one after the other.

    Returns
    -------
    starts, ends : numpy.ndarray of float, shape (2, n)
        Longitudes and latitudes.
    first : numpy.ndarray of int, shape (shapes + 1,)
        Where the segments of each shape start; those of shape ``k`` at ``first[k - 1]``.
    """
    import numpy as np
    import shapely

    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    joined = of_point[1:] == of_point[:-1]
    shape = of_part[of_ring[of_point[1:][joined]]]
    first = np.searchsorted(shape, np.arange(len(shapes) + 1))
    return points[:-1][joined].T.copy(), points[1:][joined].T.copy(), first


@cache
def grid() -> Grid:
    """Open the grid that comes with the program.

    Raises
    ------
    DataError
        If it is missing, abridged or edited, or was made for other shapes.
    """
    import numpy as np

    path = store.checked(FILE)
    with np.load(path) as arrays:
        if str(arrays["made_for"]) != store.digest(store.FILE):
            raise DataError(
                f"La grille {path} a été faite pour d'autres contours. Refaites-la avec "
                "« python scripts/build_communes/cells.py », ou réinstallez le programme."
            )
        drawn, lengths = arrays["drawn"], arrays["lengths"].astype(np.int64)
        pattern = np.where(drawn, np.cumsum(drawn), 0) * BLOCK * BLOCK
        return Grid(
            tuple(
                Territory(west, south, east, north, int(columns), int(rows))
                for west, south, east, north, columns, rows in arrays["territories"].tolist()
            ),
            np.column_stack([pattern, np.cumsum(lengths) - lengths]).astype(np.int32),
            np.concatenate([np.zeros(BLOCK * BLOCK, np.uint8), arrays["patterns"].ravel()]),
            arrays["palette"],
            arrays["members"],
            int(arrays["shapes"]),
        )
