"""Communes and points as values."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cesp_geo.dates import Period

KNOWN_SINCE = date(2005, 1, 1)
"""First day of the history of communes; before it, they are those of that day."""


class Commune(NamedTuple):
    """A commune (or municipal arrondissement) under one code, name and territory.

    Attributes
    ----------
    code : str
        INSEE code.
    name : str
    kind : str
        ``commune`` or ``arrondissement_municipal``.
    period : Period
        ``[from, to)`` of this record.
    departement : str
        Code of its département.
    region : str
        Present-day INSEE code of its région; an overseas collectivity is its own.
    elits : tuple of int
        The timeless parts that it consists of, sorted.
    parent : str or None
        Code of the commune of a municipal arrondissement.
    date_precision : str
        ``day``, or ``year`` where the change is known from yearly lists only (dated 1 January).
    """

    code: str
    name: str
    kind: str
    period: Period
    departement: str
    region: str
    elits: tuple[int, ...]
    parent: str | None = None
    date_precision: str = "day"


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a commune on a day.

    ``before`` and ``after`` are INSEE codes; ``reason`` is French: fusion, création de commune
    nouvelle, rétablissement, changement de nom, changement de code, transfert de département.
    """

    day: str
    reason: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Nearby:
    """Other parts near a point, and the distance to them in metres (geodesic)."""

    elits: tuple[int, ...]
    distance_m: float


@dataclass(frozen=True, slots=True)
class Location:
    """Where a point lies on a day.

    Attributes
    ----------
    lon, lat : float
        EPSG:4326 degrees.
    elits : tuple of int
        The part that holds the point; several where former communes are inseparable.
    communes : tuple of Commune
        The communes of the day that hold those parts.
    arrondissement : Commune or None
    border_distance_m : float
        Metres (geodesic) to the nearest border of that day's commune.
    on_border : bool
        Exactly on a border: the part with the lowest number is taken.
    near : tuple of Nearby
        Other parts within the positional accuracy of the shapes, nearest first.
    """

    lon: float
    lat: float
    elits: tuple[int, ...]
    communes: tuple[Commune, ...]
    arrondissement: Commune | None
    border_distance_m: float
    on_border: bool
    near: tuple[Nearby, ...]
