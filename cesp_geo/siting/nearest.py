"""The nearest eligible places: true distances on the ellipsoid, nearest first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.siting.check import check_site, question_for
from cesp_geo.siting.eligibility import ELIGIBLE, judge
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.survey import units_of
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.perimeters import read_perimeters
from cesp_geo.zonings.track import Focus

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.intp]

_FIRST_RADIUS, _LAST_RADIUS = 0.15, 20.0
"""Degrees around the place: where the search begins, and where it gives up."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """An eligible commune, arrondissement or perimeter; its class, order and distance.

    ``distance_m`` is geodesic (WGS 84), from the place to the nearest point of the unit.
    """

    code: str
    name: str
    departement: str
    region: str
    zone_class: str
    order_id: str
    population: int | None
    distance_m: float = math.nan


def nearest_eligible(
    place: Place,
    on: date,
    catalogue: Catalogue,
    profession: str = "medecin",
    *,
    count: int = 5,
    region_first: bool = False,
    departement_first: bool = False,
    known_on: date | None = None,
) -> tuple[Alternative, ...]:
    """Give the units nearest to a place that are eligible on a day, for certain.

    Communes (outside their designated quarters), municipal arrondissements, and the quarters
    and other zones whose perimeter is loaded.

    Parameters
    ----------
    place : Place
        Its point, else a point inside its commune.
    on : datetime.date
    catalogue : Catalogue
    profession : str
    count : int
    region_first, departement_first : bool
        Give those of the place's région, or département, before the others.
    known_on : datetime.date, optional

    Returns
    -------
    tuple of Alternative
        Nearest first within each territory asked first. At most some 2,000 km away: another
        sea is no alternative. Empty for a place without shape.

    Examples
    --------
    >>> catalogue = Catalogue.load()
    >>> paris = resolve("75020", date(2013, 6, 1), catalogue)
    >>> [item.name for item in nearest_eligible(paris, date(2013, 6, 1), catalogue, count=2)]
    ['Bagnolet', 'Romainville']
    """
    import numpy as np
    import shapely

    if not (place.is_point or communes.shapes_of(place.elits)):
        return ()
    eligible = _eligible(catalogue, on, profession, known_on or catalogue.last_recorded)
    home = place.communes[0]
    quarter = any(focus.subunit or focus.inside for focus in place.foci)
    own = {place.unit_code} if quarter else {place.unit_code, *(c.code for c in place.communes)}
    origin = (
        shapely.Point(place.lon, place.lat)
        if place.is_point
        else shapely.point_on_surface(communes.polygon(place.elits))
    )
    rank = np.array(
        [
            -1
            if unit.code in own
            else 2 * (departement_first and unit.departement != home.departement)
            + (region_first and unit.region != home.region)
            for unit in eligible.units
        ],
        dtype=int,
    )
    found: list[Alternative] = []
    for territory in np.unique(rank[rank >= 0]):
        wanted = count - len(found)
        if wanted > 0:
            found += eligible.nearest(origin, np.flatnonzero(rank == territory), wanted)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Eligible:
    """Every unit eligible on a day, and an index of their shapes (EPSG:4326)."""

    units: tuple[Alternative, ...]
    tree: Any

    def nearest(self, origin: Any, rows: "Numbers", count: int) -> list[Alternative]:
        """Search ring by ring: a ring is enough once it holds as many as are wanted."""
        import numpy as np

        radius = _FIRST_RADIUS
        while True:
            inside = np.intersect1d(self.tree.query(origin.buffer(radius)), rows)
            metres = _metres(origin, self.tree.geometries[inside])
            order = np.lexsort((inside, metres))[:count]
            # Degrees of longitude are shortest to the north: what is nearer is in the ring.
            north = min(abs(origin.y) + radius, 89.0)
            certain = radius * 110_500 * math.cos(math.radians(north))
            whole = len(inside) == len(rows) or radius > _LAST_RADIUS
            if whole or (len(order) == count and metres[order[-1]] <= certain):
                return [
                    replace(self.units[inside[row]], distance_m=round(float(metres[row]), 1))
                    for row in order
                ]
            radius *= 2


def _metres(origin: Any, geometries: Any) -> "npt.NDArray[np.float64]":
    """Geodesic distances: those from the centre of an azimuthal equidistant projection."""
    import numpy as np
    import shapely
    from pyproj import Proj

    if not len(geometries):
        return np.zeros(0)
    plane = Proj(proj="aeqd", lon_0=origin.x, lat_0=origin.y, ellps="WGS84")
    flat = shapely.transform(
        geometries, lambda degrees: np.column_stack(plane(degrees[:, 0], degrees[:, 1]))
    )
    found: npt.NDArray[np.float64] = shapely.distance(flat, shapely.Point(0, 0))
    return found


@lru_cache(maxsize=8)
def _eligible(catalogue: Catalogue, on: date, profession: str, known_on: date) -> _Eligible:
    import numpy as np
    import shapely

    found = [
        *_eligible_communes(catalogue, on, profession, known_on),
        *_eligible_perimeters(catalogue, on, profession, known_on),
    ]
    shapes = np.array([geometry for _, geometry in found], dtype=object)
    return _Eligible(tuple(unit for unit, _ in found), shapely.STRtree(shapes))


def _eligible_communes(
    catalogue: Catalogue, on: date, profession: str, known_on: date
) -> Iterator[tuple[Alternative, Any]]:
    """Every commune and arrondissement all of whose parts are eligible, outside its quarters."""
    frame = communes.shapes(on)
    shapes = dict(zip(frame["code"], frame.geometry, strict=True))
    question, focus = question_for(on, profession), Focus(point=True)
    for unit in units_of(on):
        answers = [
            judge(catalogue.track(elit, profession, known_on, focus), question)
            for elit in unit.elits
        ]
        if any(answer.verdict != ELIGIBLE for answer in answers):
            continue
        geometry = shapes.get(unit.code)
        if geometry is None and unit.parent:
            geometry = communes.polygon(unit.elits)
        spell = answers[0].on[0]
        if geometry is not None and spell is not None:
            yield (
                _unit(unit, unit.code, unit.name, spell.standing.zone_class, spell.given_by),
                geometry,
            )


def _eligible_perimeters(
    catalogue: Catalogue, on: date, profession: str, known_on: date
) -> Iterator[tuple[Alternative, Any]]:
    """Every quarter or zone with a perimeter in the version that makes it eligible."""
    for zoning in catalogue.zonings.values():
        if zoning.profession != profession:
            continue
        for code, geometry in sorted(read_perimeters(zoning).items()):
            place = resolve(code, on, catalogue, profession)
            verdict = check_site(
                place, on=on, profession=profession, known_on=known_on, catalogue=catalogue
            )
            if verdict.verdict == ELIGIBLE and verdict.zoning_id == zoning.id:
                home = place.communes[0]
                yield (
                    _unit(home, code, place.unit_name, verdict.zone_class, zoning.id),
                    geometry,
                )


def _unit(
    home: Commune, code: str, name: str, zone_class: str | None, order_id: str
) -> Alternative:
    people = communes.population(code) if code == home.code else None
    return Alternative(
        code, name, home.departement, home.region, zone_class or "", order_id, people
    )
