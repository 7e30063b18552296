"""The nearest eligible places: true distances on the ellipsoid, nearest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import ELIGIBLE, judge
from cesp_geo.siting.place import Place
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.track import Focus


@dataclass(frozen=True, slots=True)
class Alternative:
    """An eligible commune, its class and order, and its distance in metres (geodesic)."""

    code: str
    name: str
    departement: str
    region: str
    zone_class: str
    order_id: str
    population: int | None
    distance_m: float


def nearest_eligible(
    place: Place,
    on: date,
    catalogue: Catalogue,
    profession: str = "medecin",
    *,
    count: int = 5,
    same_region: bool = False,
    same_departement: bool = False,
    known_on: date | None = None,
) -> tuple[Alternative, ...]:
    """Give the communes nearest to a place that are eligible on a day, for certain.

    Parameters
    ----------
    place : Place
        Its point, else a point inside its commune.
    on : datetime.date
    catalogue : Catalogue
    profession : str
    count : int
    same_region, same_departement : bool
        Keep to those of the place.
    known_on : datetime.date, optional

    Returns
    -------
    tuple of Alternative
        Nearest first; distances from the place to the nearest point of each commune.
    """
    import shapely
    from pyproj import Geod

    eligible = _eligible(catalogue, on, profession, known_on or catalogue.last_recorded)
    home = place.communes[0]
    own = {item.code for item in place.communes}
    kept = {
        code: item
        for code, item in eligible.items()
        if code not in own
        and (not same_region or item.commune.region == home.region)
        and (not same_departement or item.commune.departement == home.departement)
    }
    frame = communes.shapes(on)
    origin = (
        shapely.Point(place.lon, place.lat)
        if place.is_point
        else shapely.point_on_surface(communes.polygon(place.elits))
    )
    geod = Geod(ellps="WGS84")
    names = frame["code"].to_numpy()
    geometries = frame.geometry.to_numpy()
    found: list[tuple[float, str]] = []
    radius = 0.15
    while True:
        rows = frame.sindex.query(origin.buffer(radius))
        found = []
        for row in rows:
            if names[row] in kept:
                near = shapely.shortest_line(origin, geometries[row])
                found.append((geod.geometry_length(near), names[row]))
        # Degrees are longest to the north: all within this many metres are in the ring.
        certain = radius * 111_000 * max(0.3, _cosine(origin.y))
        sure = sorted(item for item in found if item[0] <= certain)
        if len(sure) >= count or radius > 20:
            return tuple(
                _alternative(kept[code], distance)
                for distance, code in (sure or sorted(found))[:count]
            )
        radius *= 2


def _cosine(latitude: float) -> float:
    import math

    return math.cos(math.radians(latitude))


def _alternative(item: "_Eligible", distance: float) -> Alternative:
    commune = item.commune
    return Alternative(
        commune.code,
        commune.name,
        commune.departement,
        commune.region,
        item.zone_class,
        item.order_id,
        communes.population(commune.code),
        round(distance, 1),
    )


@dataclass(frozen=True, slots=True)
class _Eligible:
    commune: Commune
    zone_class: str
    order_id: str


@lru_cache(maxsize=8)
def _eligible(
    catalogue: Catalogue, on: date, profession: str, known_on: date
) -> Mapping[str, _Eligible]:
    """Every commune all of whose parts are eligible on a day, by code."""
    communes.preload()
    question: Any = question_for(on, profession)
    focus = Focus(point=True)
    found = {}
    for commune in communes.communes(on):
        answers = [
            judge(catalogue.track(elit, profession, known_on, focus), question)
            for elit in commune.elits
        ]
        if all(answer.verdict == ELIGIBLE for answer in answers):
            spell = answers[0].on[0]
            assert spell is not None
            found[commune.code] = _Eligible(
                commune, spell.standing.zone_class or "", spell.order_id
            )
    return found
