"""Which specialty group and profession a project belongs to: dated tables of the law's room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cesp_geo.communes import name_key
from cesp_geo.law import parameter, parameters


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why no group can be told, in French."""

    reason: str


@lru_cache(maxsize=4096)
def group_of(specialty: str | None, on: date) -> str | Unreadable:
    """Give the group of a specialty as people write it.

    Examples
    --------
    >>> group_of("Médecin généraliste", date(2024, 1, 1))
    'médecine générale'
    >>> group_of("", date(2024, 1, 1)).reason
    'la spécialité manque'
    """
    if not specialty:
        return Unreadable("la spécialité manque")
    known = _labels(on)
    key = name_key(specialty)
    if key in known:
        return known[key]
    from rapidfuzz import process

    near = process.extract(key, list(known), limit=3, score_cutoff=60)
    hint = ", ".join(dict.fromkeys(known[label] for label, *_ in near))
    return Unreadable(
        f"spécialité inconnue : « {specialty} »." + (f" Proches : {hint}." if hint else "")
    )


def professions_of(group: str, on: date) -> tuple[str, ...]:
    """Give the professions to which a specialty group belongs.

    Examples
    --------
    >>> professions_of("chirurgie dentaire", date(2024, 1, 1))
    ('chirurgien-dentiste',)
    """
    found = parameter("specialties", "specialite.professions", on)
    return tuple(found.value.get(group, ["medecin"])) if found else ()


@lru_cache(maxsize=32)
def _labels(on: date) -> Mapping[str, str]:
    found = parameter("specialties", "specialite.groupes", on)
    groups: Mapping[str, list[str]] = found.value if found else {}
    return {
        name_key(label): group for group, labels in groups.items() for label in (group, *labels)
    }


def groups() -> tuple[str, ...]:
    """Name the specialty groups of today's table, in its order."""
    return tuple(parameters("specialties")["specialite.groupes"].values[-1].value)
