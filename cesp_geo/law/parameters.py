"""Dated parameters with their references, from the YAML files of this room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from cesp_geo.errors import LawError

REFORM = "reform"
"""End of a value: the region's first order under the 2017 reform takes effect."""

_CONFIDENCES = {
    "A": "texte lu à la source",
    "B": "source partielle ou secondaire",
    "I": "lecture du programme",
}
_VALUE_KEYS = {"from", "until", "value", "dated_by", "confidence", "reference", "href", "note"}


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of a parameter, from one day on.

    Attributes
    ----------
    id, title : str
        The parameter's.
    value : object
        ``None`` where no text was found.
    start : datetime.date
        First day of the value.
    until : datetime.date, ``"reform"`` or None
        First day without it; None means until the next value.
    dated_by : str
        ``day`` (the day asked) or ``application`` (the day of the application decides).
    confidence : str
        ``A`` text read in a primary source, ``B`` partial or secondary, ``I`` our inference.
    reference, href, note : str
        The text, its address (empty where none was found), what remains open.
    """

    id: str
    title: str
    value: Any
    start: date
    until: date | str | None
    dated_by: str
    confidence: str
    reference: str
    href: str
    note: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the law and its values in order of their days."""

    id: str
    title: str
    values: tuple[Dated, ...]
    purposes: tuple[str, ...] = ()

    def on(self, day: date) -> Dated | None:
        """Give the value of a day, or None where the law had none yet, or no more.

        A value that ends with the reform is given: the caller knows the region.
        """
        started = [value for value in self.values if value.start <= day]
        if not started:
            return None
        last = started[-1]
        return None if isinstance(last.until, date) and last.until <= day else last


@cache
def parameters(name: str) -> Mapping[str, Parameter]:
    """Read and check one file of parameters.

    Parameters
    ----------
    name : str
        ``classes``, ``cesp``, ``national_list``, ``engagement``, ``regions/53``…

    Returns
    -------
    mapping of str to Parameter

    Raises
    ------
    LawError
        If a value has no day, no reference or no degree of confidence.

    Examples
    --------
    >>> parameters("classes")["medecin.ZIP"].values[0].value
    True
    """
    import yaml

    source = files("cesp_geo.law").joinpath(f"{name}.yaml")
    if not source.is_file():
        raise LawError(f"Aucun paramètre de droit sous le nom « {name} ».")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load(source.read_text(encoding="utf-8"), Loader=loader)
    return {item.id: item for item in (checked(entry, name) for entry in entries)}


def checked(entry: Mapping[str, Any], where: str) -> Parameter:
    """Make a parameter of what a file says, or refuse it.

    Raises
    ------
    LawError
        If a value has no day, no reference or no degree of confidence.
    """
    for key in ("id", "title", "values"):
        if not entry.get(key):
            raise LawError(f"law/{where}.yaml : il manque « {key} » dans {dict(entry)}.")
    values = []
    for item in entry["values"]:
        place = f"law/{where}.yaml, {entry['id']}"
        if unknown := set(item) - _VALUE_KEYS:
            raise LawError(f"{place} : clé inconnue « {', '.join(sorted(unknown))} ».")
        if type(item.get("from")) is not date:
            raise LawError(f"{place} : une valeur n'a pas de jour (« from: AAAA-MM-JJ »).")
        if "value" not in item:
            raise LawError(f"{place} : le {item['from']} n'a pas de valeur (« value »).")
        if not item.get("reference"):
            raise LawError(f"{place} : la valeur du {item['from']} n'a pas de référence.")
        if item.get("confidence") not in _CONFIDENCES:
            raise LawError(f"{place} : « confidence » doit être A, B ou I.")
        until = item.get("until")
        if until not in (None, REFORM) and type(until) is not date:
            raise LawError(f"{place} : « until » doit être un jour ou « reform ».")
        if item.get("dated_by", "day") not in ("day", "application"):
            raise LawError(f"{place} : « dated_by » doit être « day » ou « application ».")
        values.append(
            Dated(
                id=entry["id"],
                title=entry["title"],
                value=item["value"],
                start=item["from"],
                until=until,
                dated_by=item.get("dated_by", "day"),
                confidence=item["confidence"],
                reference=item["reference"],
                href=item.get("href") or "",
                note=item.get("note") or "",
            )
        )
    if [value.start for value in values] != sorted({value.start for value in values}):
        raise LawError(f"law/{where}.yaml, {entry['id']} : jours en désordre ou répétés.")
    return Parameter(entry["id"], entry["title"], tuple(values), tuple(entry.get("purposes", ())))


def parameter(file: str, name: str, day: date) -> Dated | None:
    """Give the value of a parameter on a day, or None where it has none.

    Raises
    ------
    LawError
        If no such parameter exists.

    Examples
    --------
    >>> parameter("national_list", "liste.duree", date(2024, 3, 15)).value
    3
    >>> parameter("national_list", "liste.duree", date(2019, 7, 26)) is None
    True
    """
    try:
        found = parameters(file)[name]
    except KeyError:
        raise LawError(f"Aucun paramètre « {name} » dans law/{file}.yaml.") from None
    return found.on(day)


def class_parameter(profession: str, zone_class: str, region: str) -> Parameter | None:
    """Give the parameter that says whether a zone class counts, or None where no text does.

    Parameters
    ----------
    profession, zone_class : str
        Keys of :data:`~cesp_geo.zonings.model.PROFESSIONS` and
        :data:`~cesp_geo.zonings.model.ZONE_CLASSES`.
    region : str
        INSEE code of the region whose ARS decides.

    Returns
    -------
    Parameter or None

    Examples
    --------
    >>> class_parameter("medecin", "ZAR", "53").on(date(2025, 3, 1)).value
    True
    >>> class_parameter("medecin", "NC", "53") is None
    True
    """
    known = parameters("classes")
    general = f"{profession}.{zone_class}"
    return known.get(f"{general}.{region}") or known.get(general)


def conditions(region: str, purpose: str, day: date) -> tuple[Dated, ...]:
    """Give the conditions that a region adds, to be checked with its ARS, never computed.

    Parameters
    ----------
    region : str
        INSEE code; ``""`` for none.
    purpose : str
        ``installation``, ``remplacement`` or ``changement_de_lieu``.

    Examples
    --------
    >>> [item.id for item in conditions("53", "remplacement", date(2024, 1, 1))]
    ['ars.referent', 'bretagne.remplacement', 'bretagne.temps']
    """
    found = list(parameters("regions/00").values())
    if files("cesp_geo.law").joinpath(f"regions/{region}.yaml").is_file():
        found += parameters(f"regions/{region}").values()
    values = (item.on(day) for item in found if purpose in item.purposes)
    return tuple(value for value in values if value is not None)
