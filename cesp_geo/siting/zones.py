"""The zone that contains a place on a day, at the level at which projects compete.

The level is a choice; by default it is the unit that the zoning in force designates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import judge
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import Designation, Zoning
from cesp_geo.zonings.track import Focus, reading_codes

LEVELS: Mapping[str, str] = {
    "auto": "unité que le zonage en vigueur désigne",
    "commune": "commune",
    "tvs": "territoire de vie-santé",
    "qpv": "quartier prioritaire",
    "departement": "département",
}


_MOST_NAMED = 5
_BY_COMMUNE = " Ou choisissez --zone commune."


@dataclass(frozen=True, slots=True, order=True)
class Zone:
    """A zone in which projects compete: ``level`` is a key of :data:`LEVELS`, never ``auto``."""

    level: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Unzoned:
    """Why no zone can be named, in French; ``possible`` are those it may be.

    ``choice`` is the other level that would do, where the level can be chosen.
    """

    reason: str
    possible: tuple[Zone, ...] = ()
    choice: str = ""


@lru_cache(maxsize=131072)
def zone_of(
    elits: tuple[int, ...],
    foci: tuple[Focus, ...],
    on: date,
    level: str,
    catalogue: Catalogue,
    profession: str = "medecin",
    known_on: date | None = None,
) -> Zone | Unzoned:
    """Give the zone that contains a place on a day.

    Parameters
    ----------
    elits : tuple of int
        The parts of the place.
    foci : tuple of Focus
        What is asked about inside them; see :class:`~cesp_geo.siting.place.Place`.
    on : datetime.date
    level : str
        A key of :data:`LEVELS`.
    catalogue : Catalogue
    profession : str
    known_on : datetime.date, optional

    Returns
    -------
    Zone or Unzoned
        Unzoned where the parts lie in several zones, or the table that would tell is not
        loaded.

    Examples
    --------
    >>> bobigny = communes.find("Bobigny", date(2013, 6, 1))
    >>> zone_of(bobigny.elits, (Focus(),), date(2013, 6, 1), "auto", Catalogue.load())
    Zone(level='commune', code='93008', name='Bobigny')
    """
    found = dict.fromkeys(
        _of_part(elit, focus, on, level, catalogue, profession, known_on)
        for elit in elits
        for focus in foci
    )
    zones = tuple(item for item in found if isinstance(item, Zone))
    if len(found) == 1:
        return next(iter(found))
    if zones:
        names = ", ".join(f"{zone.name} ({zone.code})" for zone in zones[:_MOST_NAMED])
        names += f" et {len(zones) - _MOST_NAMED} autres" if len(zones) > _MOST_NAMED else ""
        return Unzoned(
            f"le lieu de la fiche peut être dans plusieurs zones : {names}. Donnez le point exact "
            "(lon, lat) ou la commune actuelle.",
            zones,
        )
    return next(iter(found))


def _of_part(
    elit: int,
    focus: Focus,
    on: date,
    level: str,
    catalogue: Catalogue,
    profession: str,
    known_on: date | None,
) -> Zone | Unzoned:
    commune = communes.commune_on(elit, on)
    if commune is None:
        return Unzoned("le lieu n'appartient à aucune commune ce jour-là.")
    if level == "commune":
        return _commune(elit, commune, on)
    if level == "departement":
        name = communes.departements().get(commune.departement, commune.departement)
        return Zone("departement", commune.departement, name)
    track = catalogue.track(elit, profession, known_on, focus)
    spells = judge(track, question_for(on, profession)).on
    zonings = {catalogue.zonings.get(spell.given_by) if spell else None for spell in spells}
    zoning = zonings.pop() if len(zonings) == 1 else None
    if level == "qpv":
        return _quarter(zoning, focus)
    if zoning is None:
        return Unzoned(
            "le contenu du zonage en vigueur ce jour-là n'est pas chargé : importez-le.",
            choice=_BY_COMMUNE,
        )
    if level == "tvs":
        return _tvs(zoning, elit, commune)
    return _designated(zoning, focus, elit, commune, on)


def _designated(
    zoning: Zoning, focus: Focus, elit: int, commune: Commune, on: date
) -> Zone | Unzoned:
    """The unit that a zoning designates: quarter, territoire de vie-santé, else commune."""
    inside = _subunits(zoning, focus)
    if len(inside) == 1:
        return _subunit(inside[0])
    if inside:
        names = ", ".join(f"{item.unit_name} ({item.unit_code})" for item in inside)
        return Unzoned(f"le point est dans plusieurs quartiers classés : {names}.")
    read = (zoning.by_commune.get(code) for code in reading_codes(zoning, elit, commune))
    if (item := next(filter(None, read), None)) and item.designated_by == "tvs":
        return _tvs(zoning, elit, commune)
    return _commune(elit, commune, on)


def _commune(elit: int, commune: Commune, on: date) -> Zone:
    unit = communes.arrondissement_on(elit, on) or commune
    return Zone("commune", unit.code, unit.name)


def _subunits(zoning: Zoning, focus: Focus) -> list[Designation]:
    codes = {code for zoning_id, code in focus.inside if zoning_id == zoning.id}
    if focus.subunit:
        codes.add(focus.subunit)
    return [zoning.by_subunit[code] for code in sorted(codes) if code in zoning.by_subunit]


def _subunit(item: Designation) -> Zone:
    return Zone(item.unit_type, item.unit_code, item.unit_name or item.unit_code)


def _quarter(zoning: Zoning | None, focus: Focus) -> Zone | Unzoned:
    inside = _subunits(zoning, focus) if zoning else []
    if len(inside) == 1:
        return _subunit(inside[0])
    if focus.subunit:
        return Zone("qpv", focus.subunit, focus.subunit)
    return Unzoned(
        "le quartier (QPV) n'est pas connu : donnez son code, ou un point et les périmètres du "
        "zonage."
    )


def _tvs(zoning: Zoning, elit: int, commune: Commune) -> Zone | Unzoned:
    for code in reading_codes(zoning, elit, commune):
        item = zoning.by_commune.get(code)
        if item and (item.tvs_code or item.tvs_name):
            return Zone("tvs", item.tvs_code or item.tvs_name, item.tvs_name or item.tvs_code)
    return Unzoned(
        f"le zonage en vigueur ({zoning.id}) ne dit pas le territoire de vie-santé de "
        f"{commune.name} : importez la table qui le donne.",
        choice=_BY_COMMUNE,
    )
