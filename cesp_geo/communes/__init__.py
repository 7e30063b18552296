"""Where: élits (parts that never split), communes in time, points.

Importing this room costs no more than SQLite: geometry libraries are imported by what needs
them.
"""

from typing import TYPE_CHECKING, Any

from cesp_geo.communes.lineage import counterparts, history, inhabitants
from cesp_geo.communes.locate import (
    locate,
    locate_many,
    neighbours,
    polygon,
    shapes_by_elit,
    shapes_of,
    shapes_of_many,
)
from cesp_geo.communes.model import KNOWN_SINCE, Change, Commune, Location, Nearby
from cesp_geo.communes.naming import name_key
from cesp_geo.communes.polygons import inseparable, shapes, stored_unions
from cesp_geo.communes.registry import ever, find, other_readings, suggest, with_postcode
from cesp_geo.communes.store import (
    arrondissement_on,
    by_code,
    commune_on,
    communes,
    departements,
    land_of,
    of_code,
    population,
    population_of,
    populations,
    postcodes,
    preload,
    quarters,
    region_of_departement,
    regions,
    tenures,
    unchanged_since,
)

if TYPE_CHECKING:
    MILLESIMES: tuple[int, ...]
    POSITIONAL_ACCURACY_M: float

__all__ = [
    "KNOWN_SINCE",
    "MILLESIMES",
    "POSITIONAL_ACCURACY_M",
    "Change",
    "Commune",
    "Location",
    "Nearby",
    "arrondissement_on",
    "by_code",
    "commune_on",
    "communes",
    "counterparts",
    "departements",
    "ever",
    "find",
    "history",
    "inhabitants",
    "inseparable",
    "land_of",
    "locate",
    "locate_many",
    "name_key",
    "neighbours",
    "of_code",
    "other_readings",
    "polygon",
    "population",
    "population_of",
    "populations",
    "postcodes",
    "preload",
    "quarters",
    "region_of_departement",
    "regions",
    "shapes",
    "shapes_by_elit",
    "shapes_of",
    "shapes_of_many",
    "stored_unions",
    "suggest",
    "tenures",
    "unchanged_since",
    "with_postcode",
]


def __getattr__(name: str) -> Any:
    """Read from the store, at first use, the years of its lists and its accuracy in metres."""
    from cesp_geo.communes import store

    if name == "MILLESIMES":
        return tuple(int(year) for year in store.metadata()["millesimes"].split())
    if name == "POSITIONAL_ACCURACY_M":
        return float(store.metadata()["positional_accuracy_m"])
    raise AttributeError(name)
