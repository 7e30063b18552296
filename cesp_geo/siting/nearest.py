"""The nearest eligible places: true distances on the ellipsoid, and what is not known nearer."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.siting.check import check_site, question_for
from cesp_geo.siting.eligibility import ELIGIBLE, UNDETERMINED, judge
from cesp_geo.siting.orders import name_order
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.survey import units_of
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.perimeters import read_perimeters
from cesp_geo.zonings.track import Doubt, Focus

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.intp]

_FIRST_RADIUS, _LAST_RADIUS = 0.15, 20.0
"""Degrees around the place: where the search begins, and where it gives up."""

_LACKING = frozenset({Doubt.GAP, Doubt.NOT_COVERED})
_MOST_NAMED = 5


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
        Nearest first within each territory asked first, at most some 2,000 km away and never
        across the sea: the mainland, Corse and each overseas collectivity keep to themselves.
        Empty for a place without shape.

    Examples
    --------
    >>> catalogue = Catalogue.load()
    >>> paris = resolve("75020", date(2013, 6, 1), catalogue)
    >>> [item.name for item in nearest_eligible(paris, date(2013, 6, 1), catalogue, count=2)]
    ['Bagnolet', 'Romainville']
    """
    import numpy as np

    if (origin := _origin(place)) is None:
        return ()
    eligible, _ = _surveyed(catalogue, on, profession, known_on or catalogue.last_recorded)
    home = place.communes[0]
    rows = eligible.reachable_from(place)
    rank = np.array(
        [
            2 * (departement_first and unit.departement != home.departement)
            + (region_first and unit.region != home.region)
            for unit in map(eligible.units.__getitem__, rows)
        ],
        dtype=int,
    )
    found: list[Alternative] = []
    for territory in np.unique(rank):
        wanted = count - len(found)
        if wanted > 0:
            found += eligible.nearest(origin, rows[rank == territory], wanted)
    return tuple(found)


def nearest_doubts(
    place: Place,
    found: Sequence[Alternative],
    on: date,
    catalogue: Catalogue,
    profession: str = "medecin",
    *,
    region_first: bool = False,
    departement_first: bool = False,
    known_on: date | None = None,
) -> str:
    """Say in French what the nearest eligible places do not: who may be nearer, and where none is.

    Parameters
    ----------
    place : Place
    found : sequence of Alternative
        What :func:`nearest_eligible` gives for the same question.
    on, catalogue, profession, region_first, departement_first, known_on
        As for :func:`nearest_eligible`.

    Returns
    -------
    str
        Empty where there is nothing to say, or the place has no shape.
    """
    if (origin := _origin(place)) is None:
        return ""
    _, doubtful = _surveyed(catalogue, on, profession, known_on or catalogue.last_recorded)
    home = place.communes[0]
    none = "aucun lieu éligible n'est connu"
    texts = [] if found else [f"{none} sans traverser la mer"]
    if found and region_first and all(item.region != home.region for item in found):
        name = communes.regions().get(home.region, home.region)
        texts.append(f"{none} dans la région ({name})")
    if found and departement_first and all(i.departement != home.departement for i in found):
        name = communes.departements().get(home.departement, home.departement)
        texts.append(f"{none} dans le département ({name})")
    limit = min((item.distance_m for item in found), default=math.inf)
    nearer = doubtful.within(origin, doubtful.reachable_from(place), limit)
    if nearer:
        several = "s" if len(nearer) > 1 else ""
        where = f"commune{several} plus proche{several}" if found else f"commune{several}"
        verb, one = ("ont", "l'une d'elles") if several else ("a", "elle")
        texts.append(
            f"{len(nearer):,} {where} {verb} une éligibilité indéterminée".replace(",", "\u202f")
            + f"{_lacks(nearer, catalogue, profession, known_on)} : {one} peut être éligible"
        )
    return " ; ".join(texts)


def _lacks(
    units: Sequence[Alternative], catalogue: Catalogue, profession: str, known_on: date | None
) -> str:
    """Name the orders whose content is missing, those of the nearest units first."""
    ids = dict.fromkeys(item.order_id for item in units if item.order_id)
    names = [name_order(catalogue.order(key, profession, known_on)) for key in ids]
    if len(names) > _MOST_NAMED:
        names[_MOST_NAMED:] = [f"{len(names) - _MOST_NAMED} autres"]
    return f" (contenu manquant ou incomplet : {', '.join(names)})" if names else ""


def _origin(place: Place) -> Any:
    """The point of a place, else a point inside it; None for a place without shape."""
    import shapely

    if place.is_point:
        return shapely.Point(place.lon, place.lat)
    if not communes.shapes_of(place.elits):
        return None
    return shapely.point_on_surface(communes.polygon(place.elits))


@dataclass(frozen=True, slots=True)
class _Units:
    """Units, and an index of their shapes (EPSG:4326)."""

    units: tuple[Alternative, ...]
    tree: Any

    def reachable_from(self, place: Place) -> "Numbers":
        """Give the rows of those that are another place, on the same side of the sea."""
        import numpy as np

        home = place.communes[0]
        quarter = any(focus.subunit or focus.inside for focus in place.foci)
        own = {place.unit_code} if quarter else {place.unit_code, *(c.code for c in place.communes)}
        land = communes.land_of(home.region)
        return np.array(
            [
                row
                for row, unit in enumerate(self.units)
                if unit.code not in own and communes.land_of(unit.region) == land
            ],
            dtype=int,
        )

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

    def within(self, origin: Any, rows: "Numbers", metres: float) -> list[Alternative]:
        """Give those of some rows that are nearer than a distance, nearest first."""
        import numpy as np

        if math.isfinite(metres):
            # Twice the degrees of the equator: enough up to 60 degrees of latitude.
            ring = self.tree.query(origin.buffer(2 * metres / 110_500))
            rows = np.intersect1d(ring, rows)
        far = _metres(origin, self.tree.geometries[rows])
        order = np.argsort(far, kind="stable")
        return [self.units[rows[row]] for row in order if far[row] < metres]


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
def _surveyed(
    catalogue: Catalogue, on: date, profession: str, known_on: date
) -> tuple[_Units, _Units]:
    """The units eligible on a day, and the communes of which it is not known."""
    surveyed = list(_communes(catalogue, on, profession, known_on))
    return (
        _indexed(
            [
                *((unit, shape) for unit, shape, verdict in surveyed if verdict == ELIGIBLE),
                *_eligible_perimeters(catalogue, on, profession, known_on),
            ]
        ),
        _indexed([(unit, shape) for unit, shape, verdict in surveyed if verdict != ELIGIBLE]),
    )


def _indexed(found: Sequence[tuple[Alternative, Any]]) -> _Units:
    import numpy as np
    import shapely

    shapes = np.array([geometry for _, geometry in found], dtype=object)
    return _Units(tuple(unit for unit, _ in found), shapely.STRtree(shapes))


def _communes(
    catalogue: Catalogue, on: date, profession: str, known_on: date
) -> Iterator[tuple[Alternative, Any, str]]:
    """Every commune and arrondissement that is or may be eligible, outside its quarters.

    It is where all its parts are, and is not where none may be. That of which it is not known
    has the id of an order whose content is missing, if that is why.
    """
    frame = communes.shapes(on)
    shapes = dict(zip(frame["code"], frame.geometry, strict=True))
    question, focus = question_for(on, profession), Focus(point=True)
    for unit in units_of(on):
        answers = [
            judge(catalogue.track(elit, profession, known_on, focus), question)
            for elit in unit.elits
        ]
        possible = frozenset().union(*(answer.possible for answer in answers))
        if ELIGIBLE not in possible:
            continue
        geometry = shapes.get(unit.code)
        if geometry is None and unit.parent:
            geometry = communes.polygon(unit.elits)
        if geometry is None:
            continue
        spell = answers[0].on[0]
        if len(possible) == 1 and spell is not None:
            given = _unit(unit, unit.code, unit.name, spell.standing.zone_class, spell.given_by)
            yield given, geometry, ELIGIBLE
        else:
            unknown = (spell for answer in answers for spell in answer.unknowns if spell)
            lacking = (item.given_by for item in unknown if item.standing.doubts & _LACKING)
            given = _unit(unit, unit.code, unit.name, None, next(lacking, ""))
            yield given, geometry, UNDETERMINED


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
