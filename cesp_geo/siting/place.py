"""What a person means by LIEU, on a day: a commune, a sub-unit of one, or a point."""

import re
from dataclasses import dataclass
from datetime import date

from cesp_geo import communes
from cesp_geo.communes import Commune, Nearby
from cesp_geo.dates import french_day
from cesp_geo.errors import UnknownPlace
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import UNIT_TYPES
from cesp_geo.zonings.perimeters import Unit
from cesp_geo.zonings.track import WHOLE, Focus

_POINT = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*")
_MOST_NAMED = 10
_QPV = re.compile(r"Q[NP]\w{6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it was on the day asked; every other day is asked of its élits.

    Attributes
    ----------
    unit_type, unit_code, unit_name : str
        The unit asked about; for a point, the commune that holds it.
    elits : tuple of int
        Parts that the place consists of, or (for a point in an inseparable group) any of
        which may hold it.
    communes : tuple of Commune
        The communes of the day that hold those parts.
    foci : tuple of Focus
        What is asked about inside them; several where a perimeter's border is near.
    lon, lat : float or None
        EPSG:4326 degrees, for a point.
    border_distance_m : float or None
        Metres from the point to the nearest border of the commune of that day.
    on_border : bool
    near : tuple of Nearby
        Other parts within the positional accuracy of the shapes.
    """

    unit_type: str
    unit_code: str
    unit_name: str
    elits: tuple[int, ...]
    communes: tuple[Commune, ...]
    foci: tuple[Focus, ...] = (WHOLE,)
    lon: float | None = None
    lat: float | None = None
    border_distance_m: float | None = None
    on_border: bool = False
    near: tuple[Nearby, ...] = ()

    @property
    def is_point(self) -> bool:
        """Whether the place is a point."""
        return self.lon is not None

    @property
    def communes_today(self) -> tuple[Commune, ...]:
        """The present-day communes that hold the place."""
        return tuple(dict.fromkeys(communes.tenures(elit)[-1] for elit in self.elits))


def resolve(
    text: str | tuple[float, float], on: date, catalogue: Catalogue, profession: str = "medecin"
) -> Place:
    """Read LIEU on a day.

    Parameters
    ----------
    text : str or tuple of float
        An INSEE code, a name (``"Saint-Denis (974)"`` where names repeat), a postcode and a
        name, ``"lat,lon"``, a QPV code; or a pair ``(lon, lat)`` in EPSG:4326 degrees.
    on : datetime.date
    catalogue : Catalogue
    profession : str

    Returns
    -------
    Place

    Raises
    ------
    PlaceError
        If there is no such place that day, or several.

    Examples
    --------
    >>> resolve("Bobigny", date(2013, 6, 1), Catalogue.load()).unit_code
    '93008'
    """
    if not isinstance(text, str):
        return _point(*text, on, catalogue)
    if match := _POINT.fullmatch(text):
        return _point(float(match[2]), float(match[1]), on, catalogue)
    code = text.strip().upper()
    if _QPV.fullmatch(code) or catalogue.designating(code, profession):
        return _subunit(code, on, catalogue, profession)
    commune = communes.find(text, on)
    return Place(commune.kind, commune.code, commune.name, commune.elits, (_holder(commune, on),))


def other_readings_words(text: str, on: date) -> str:
    """Say in French how five digits were read, where they are a postcode as well; else nothing.

    Examples
    --------
    >>> other_readings_words("93008", date(2024, 1, 1))
    ''
    """
    found = communes.other_readings(text, on)
    if not found:
        return ""
    names = [f"{item.name} (code {item.code})" for item in found[:_MOST_NAMED]]
    more = f" et {len(found) - _MOST_NAMED} autres" if len(found) > _MOST_NAMED else ""
    return (
        f"{text.strip()} est lu comme un code INSEE ; c'est aussi le code postal de "
        f"{', '.join(names)}{more}."
    )


def _holder(unit: Commune, on: date) -> Commune:
    return (unit.parent and communes.by_code(unit.parent, on)) or unit


def _point(lon: float, lat: float, on: date, catalogue: Catalogue) -> Place:
    location = communes.locate(lon, lat, on)
    if not location.communes:
        raise UnknownPlace(
            f"On ne sait pas quelle commune tenait ce point le {french_day(on)} : l'histoire des "
            f"communes est embarquée depuis {communes.KNOWN_SINCE.year}. Demandez un jour plus "
            "récent."
        )
    holder = location.communes[0]
    return Place(
        "commune",
        holder.code,
        holder.name,
        location.elits,
        location.communes,
        foci=_foci(lon, lat, catalogue),
        lon=lon,
        lat=lat,
        border_distance_m=location.border_distance_m,
        on_border=location.on_border,
        near=location.near,
    )


def _foci(lon: float, lat: float, catalogue: Catalogue) -> tuple[Focus, ...]:
    """The sub-units that hold a point, and those that may, their border being that near."""
    index = catalogue.perimeters
    if index is None:
        return (Focus(point=True),)
    inside = frozenset(index.covering(lon, lat))
    near = frozenset(index.near(lon, lat, communes.POSITIONAL_ACCURACY_M))
    return foci_of(inside, near, index.located)


def foci_of(
    inside: frozenset[Unit], near: frozenset[Unit], located: frozenset[Unit]
) -> tuple[Focus, ...]:
    """What is asked about a point inside some perimeters and near the border of others.

    Each border that is near may be crossed: the point is asked about on both sides.
    """
    return tuple(
        Focus(point=True, inside=held, located=located)
        for held in dict.fromkeys((inside, *(inside ^ {unit} for unit in sorted(near))))
    )


def _subunit(code: str, on: date, catalogue: Catalogue, profession: str) -> Place:
    versions = catalogue.designating(code, profession) or catalogue.designating(code)
    if not versions:
        raise UnknownPlace(
            f"Aucun zonage chargé ne classe l'unité {code}. Vérifiez le code, ou importez le "
            "zonage qui la classe avec « cesp-geo zonages importer »."
        )
    placed = [item for item in versions if item.by_subunit[code].commune_codes] or versions
    latest = max(placed, key=lambda item: (item.order.takes_effect.first, item.id))
    unit = latest.by_subunit[code]
    day = date(latest.millesime, 1, 1)
    then = [found for item in unit.commune_codes if (found := communes.by_code(item, day))]
    elits = tuple(sorted({elit for commune in then for elit in commune.elits}))
    if not elits:
        raise UnknownPlace(
            f"Le zonage {latest.id} classe {code} ({UNIT_TYPES[unit.unit_type]}) sans dire "
            "dans quelles communes il se trouve. Réimportez-le avec les codes des communes."
        )
    holders = [found for elit in elits if (found := communes.commune_on(elit, on))]
    return Place(
        unit.unit_type,
        code,
        unit.unit_name or code,
        elits,
        tuple(dict.fromkeys(holders)),
        foci=(Focus(subunit=code),),
    )
