"""From a point to its part of the territory, and from there to the commune of a day.

The shapes are generalised: they declare a positional accuracy (100 m), and a point nearer
than that to a border is reported with what lies beyond it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from cesp_geo.communes import planar, store
from cesp_geo.communes.model import Location, Nearby
from cesp_geo.errors import OutsideTerritory

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cesp_geo.communes.grid import Segments


def accuracy_m() -> float:
    """Positional accuracy that the shapes declare, in metres."""
    return float(store.metadata()["positional_accuracy_m"])


def locate(lon: float, lat: float, day: date) -> Location:
    """Locate a point on a day.

    Parameters
    ----------
    lon, lat : float
        EPSG:4326 degrees.
    day : datetime.date

    Returns
    -------
    Location

    Raises
    ------
    OutsideTerritory
        At sea, abroad, or where a coordinate is no number; swapped coordinates are recognised.

    Examples
    --------
    >>> [item.name for item in locate(2.3610, 48.9635, date(2013, 6, 1)).communes]
    ['Pierrefitte-sur-Seine']
    >>> [item.code for item in locate(2.3610, 48.9635, date(2025, 6, 1)).communes]
    ['93066']
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise OutsideTerritory(
            f"Point impossible : latitude {lat}, longitude {lon}. Donnez des degrés décimaux, "
            "la latitude d'abord (par exemple 48.8566,2.3522)."
        )
    accuracy = accuracy_m()
    candidates = _around(lon, lat, accuracy)
    positions = {fid: planar.position(_rings(fid), lon, lat) for fid in candidates}
    holding = [fid for fid in candidates if positions[fid] >= 0]
    if not holding:
        raise OutsideTerritory(_outside(lon, lat, candidates))
    elits = _elits_of(holding[0])
    communes = tuple(
        dict.fromkeys(item for elit in elits if (item := store.commune_on(elit, day)) is not None)
    )
    near = [
        Nearby(_elits_of(fid), distance)
        for fid in candidates
        if fid != holding[0]
        and (distance := planar.metres_to(_outline((fid,)), lon, lat)) <= accuracy
    ]
    border = _outline(shapes_of(elit for item in communes for elit in item.elits))
    return Location(
        lon,
        lat,
        elits,
        communes,
        store.arrondissement_on(elits[0], day),
        round(planar.metres_to(border, lon, lat), 1),
        positions[holding[0]] == 0,
        tuple(sorted(near, key=lambda item: (item.distance_m, item.elits))),
    )


def locate_many(lon: "npt.ArrayLike", lat: "npt.ArrayLike", day: date) -> "npt.NDArray[np.object_]":
    """Locate many points on a day.

    Parameters
    ----------
    lon, lat : array_like of float, shape (n,)
        EPSG:4326 degrees.
    day : datetime.date

    Returns
    -------
    numpy.ndarray of object, shape (n,)
        Codes of the communes of the day; None outside the territory; several codes joined by
        ``+`` where former communes are inseparable.

    Examples
    --------
    >>> locate_many([2.4397, 0.0], [48.9068, 0.0], date(2013, 6, 1)).tolist()
    ['93008', None]
    """
    return codes_of_shapes(day)[locate_shapes(lon, lat)]


def locate_shapes(lon: "npt.ArrayLike", lat: "npt.ArrayLike") -> "npt.NDArray[np.int32]":
    """Give the number of the shape that holds each point, 0 outside; the lowest on a border."""
    import numpy as np

    from cesp_geo.communes.grid import grid

    columns = (np.ascontiguousarray(item, dtype=float) for item in (lon, lat))
    return grid().shapes_at(*columns)[0]


@lru_cache(maxsize=32)
def codes_of_shapes(day: date) -> "npt.NDArray[np.object_]":
    """Give, by shape number, the code of the commune of a day; None for number 0."""
    import numpy as np

    codes = np.empty(len(shape_elits()) + 1, dtype=object)
    holder = {elit: item.code for item in store.communes(day) for elit in item.elits}
    for fid, elits in shape_elits().items():
        found = sorted({holder[elit] for elit in elits if elit in holder})
        codes[fid] = "+".join(found) or None
    return codes


@lru_cache(maxsize=32)
def commune_outlines(day: date) -> "tuple[npt.NDArray[np.intp], Segments]":
    """Give the borders of the communes of a day that have several shapes.

    Returns
    -------
    number : numpy.ndarray of int
        By shape number, which border is that of its commune; 0 for that of the shape.
    segments : Segments
        The borders without those inside them, numbered from 1.
    """
    import numpy as np

    elits = {item.code: item.elits for item in store.communes(day)}
    held: dict[str, list[int]] = {}
    for fid, code in enumerate(codes_of_shapes(day).tolist()):
        if code and ("+" in code or len(elits[code]) > 1):
            held.setdefault(code, []).append(fid)
    number = np.zeros(len(shape_elits()) + 1, dtype=np.intp)
    outlines = [np.empty((0, 4))]
    for code, own in held.items():
        fids = shapes_of_unit(code, elits)
        if len(fids) > 1:
            number[own] = len(outlines)
            outlines.append(_outer_segments(fids))
    ends = np.concatenate(outlines).T
    return number, (ends[:2].copy(), ends[2:].copy(), np.cumsum([len(item) for item in outlines]))


@lru_cache(maxsize=8192)
def _outer_segments(fids: tuple[int, ...]) -> Any:
    """Starts and ends of the segments that one shape alone has among some."""
    import numpy as np

    from cesp_geo.communes.grid import segments

    starts, ends, first = segments()
    rows = np.concatenate([np.arange(first[fid - 1], first[fid]) for fid in fids])
    found = np.hstack([starts[:, rows].T, ends[:, rows].T])
    turned = (found[:, 0] > found[:, 2]) | (
        (found[:, 0] == found[:, 2]) & (found[:, 1] > found[:, 3])
    )
    found[turned] = found[turned][:, [2, 3, 0, 1]]
    kinds, counts = np.unique(found, axis=0, return_counts=True)
    return kinds[counts == 1]


def shapes_of_unit(code: str, elits: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Give the shapes of the communes of a code (several joined by ``+``)."""
    shown = shapes_by_elit()
    return tuple(
        sorted({shown[elit] for one in code.split("+") for elit in elits[one] if elit in shown})
    )


def metres(lon: float, lat: float, geometry: Any) -> float:
    """Distance in metres from a point to a geometry in EPSG:4326, on the ellipsoid.

    Local approximation of the WGS 84 ellipsoid around the point: the error stays under 0.1 %
    up to 10 km.
    """
    import shapely

    east, north = planar.degrees_to_metres(lat)

    def flatten(xy: Any) -> Any:
        return (xy - (lon, lat)) * (east, north)

    return float(shapely.distance(shapely.transform(geometry, flatten), shapely.Point(0, 0)))


def _around(lon: float, lat: float, radius_m: float) -> list[int]:
    north = radius_m / 110_000
    east = north / max(math.cos(math.radians(lat)), 0.01)
    found = store.connection().execute(
        "SELECT id FROM rtree_contours_geom WHERE minx <= ? AND maxx >= ? AND miny <= ? "
        "AND maxy >= ? ORDER BY id",
        (lon + east, lon - east, lat + north, lat - north),
    )
    return [fid for (fid,) in found]


@lru_cache(maxsize=4096)
def shape(fid: int) -> Any:
    """Give one shape of the store (shapely geometry, EPSG:4326), prepared."""
    import shapely

    geometry = shapely.from_wkb(_wkb(_blob(fid)))
    shapely.prepare(geometry)
    return geometry


def _blob(fid: int) -> bytes:
    found = store.connection().execute("SELECT geom FROM contours WHERE fid = ?", (fid,))
    blob: bytes = found.fetchone()[0]
    return blob


@lru_cache(maxsize=4096)
def _rings(fid: int) -> tuple[planar.Ring, ...]:
    return planar.rings_of(_blob(fid))


@lru_cache(maxsize=1024)
def _outline(fids: tuple[int, ...]) -> tuple[planar.Segment, ...]:
    return planar.outline(_rings(fid) for fid in fids)


def _wkb(blob: bytes) -> bytes:
    return blob[_HEADER[blob[3]] :]


_HEADER = [8 + (0, 32, 48, 48, 64, 0, 0, 0)[(flags >> 1) & 7] for flags in range(256)]
"""Size of the GeoPackage header of a geometry by its flags: 8 bytes, then an envelope."""


@cache
def shape_elits() -> dict[int, tuple[int, ...]]:
    """Give the élits that each shape shows; more than one in an inseparable group."""
    found: dict[int, list[int]] = {}
    for fid, elit in store.connection().execute(
        "SELECT contour, id FROM elits WHERE contour NOTNULL ORDER BY contour, id"
    ):
        found.setdefault(fid, []).append(elit)
    return {fid: tuple(elits) for fid, elits in found.items()}


@cache
def shapes_by_elit() -> dict[int, int]:
    """Give the number of the shape that shows each élit."""
    return dict(store.connection().execute("SELECT id, contour FROM elits WHERE contour NOTNULL"))


def shared_shapes() -> list[tuple[int, int]]:
    """Give each shape that shows several élits with each of them (shape number, élit)."""
    return (
        store.connection()
        .execute(
            "SELECT contour, id FROM elits WHERE contour IN "
            "(SELECT contour FROM elits GROUP BY contour HAVING count(*) > 1) ORDER BY contour, id"
        )
        .fetchall()
    )


@lru_cache(maxsize=4096)
def _elits_of(fid: int) -> tuple[int, ...]:
    found = store.connection().execute("SELECT id FROM elits WHERE contour = ? ORDER BY id", (fid,))
    return tuple(elit for (elit,) in found)


def shapes_of(elits: Iterable[int]) -> tuple[int, ...]:
    """Give the numbers of the shapes that show some élits."""
    wanted = tuple(elits)
    marks = ",".join("?" * len(wanted))
    found = store.connection().execute(
        f"SELECT DISTINCT contour FROM elits WHERE id IN ({marks}) AND contour NOTNULL "
        "ORDER BY contour",
        wanted,
    )
    return tuple(fid for (fid,) in found)


def shapes_of_many(elits: Iterable[int]) -> tuple[int, ...]:
    """Give the numbers of the shapes that show any number of élits, in one reading."""
    wanted = frozenset(elits)
    return tuple(fid for fid, shown in shape_elits().items() if not wanted.isdisjoint(shown))


def polygon(elits: Iterable[int]) -> Any:
    """Give the union of the shapes of some élits (shapely geometry, EPSG:4326)."""
    import shapely

    return shapely.coverage_union_all([shape(fid) for fid in shapes_of(elits)])


def neighbours(elits: Sequence[int]) -> tuple[int, ...]:
    """Give the élits whose shapes touch those of some élits."""
    import shapely

    own = shapes_of(elits)
    whole = polygon(elits)
    west, south, east, north = shapely.bounds(whole)
    found = store.connection().execute(
        "SELECT id FROM rtree_contours_geom WHERE minx <= ? AND maxx >= ? AND miny <= ? "
        "AND maxy >= ? ORDER BY id",
        (east, west, north, south),
    )
    touching = [fid for (fid,) in found if fid not in own and shape(fid).intersects(whole)]
    return tuple(sorted(elit for fid in touching for elit in _elits_of(fid)))


@cache
def all_shapes() -> Any:
    """Give every shape, in order of numbers from 1 (numpy array of shapely geometries)."""
    import numpy as np
    import shapely

    return shapely.from_wkb(np.array(stored_shapes(), dtype=object))


@cache
def stored_shapes() -> list[bytes]:
    """Give every shape as the store holds it (WKB, EPSG:4326), in order of numbers from 1."""
    blobs = store.connection().execute("SELECT geom FROM contours ORDER BY fid")
    return [blob[_HEADER[blob[3]] :] for (blob,) in blobs]


def _outside(lon: float, lat: float, candidates: Sequence[int]) -> str:
    point = f"latitude {lat}, longitude {lon}"
    if candidates:
        distance, fid = min(
            (planar.metres_to(_outline((fid,)), lon, lat), fid) for fid in candidates
        )
        name = store.tenures(_elits_of(fid)[0])[-1].name
        return (
            f"Le point ({point}) n'est dans aucune commune ; la plus proche est {name}, à "
            f"{distance:.0f} m. Vérifiez le point, ou donnez la commune."
        )
    if any(planar.position(_rings(fid), lat, lon) >= 0 for fid in _around(lat, lon, 0)):
        return (
            f"Le point ({point}) n'est dans aucune commune, mais il y serait en échangeant les "
            f"deux nombres : écrivez la latitude d'abord, « {lon},{lat} »."
        )
    return (
        f"Le point ({point}) n'est dans aucune commune de France. Écrivez la latitude "
        "d'abord, en degrés décimaux."
    )
