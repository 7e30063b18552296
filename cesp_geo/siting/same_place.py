"""Projects at one and the same place under older contracts: the national rule that decides.

Rule: décret n° 2010-735, art. 7-1, for contracts concluded before 2020-03-20: the DG ARS decides
on the professional projects within three months of the first letter of application.
"""

from collections.abc import Sequence
from datetime import date

from cesp_geo.communes.planar import metres_to
from cesp_geo.dates import add_months, french_day
from cesp_geo.law import parameter, parameters
from cesp_geo.siting.project import Project

SAME_PLACE_M = 50.0
"""Points nearer than this are one place: an address found by two geocoders, or its building."""

_DELAY = "conflit.meme_lieu.delai_mois"
_MOST_NAMED = 10


def under_old_contracts(project: Project) -> bool:
    """Say whether the day of the contract is known, and the national rule applies to it."""
    signed = project.contract_signed_on
    return signed is not None and parameter("engagement", _DELAY, signed) is not None


def same_places(projects: Sequence[Project]) -> tuple[tuple[Project, ...], ...]:
    """Give the sets of projects at one place, to which the national rule applies or may apply.

    Two points are one place within :data:`SAME_PLACE_M`; without a point, the commune or the
    quarter is.
    """
    found: list[list[Project]] = []
    for item in projects:
        if item.contract_signed_on is not None and not under_old_contracts(item):
            continue
        near = [held for held in found if any(_one_place(item, other) for other in held)]
        joined = [each for held in near for each in held]
        found = [held for held in found if held not in near] + [[*joined, item]]
    sets = (tuple(sorted(held, key=projects.index)) for held in found if len(held) > 1)
    return tuple(sorted(sets, key=lambda held: projects.index(held[0])))


def _one_place(one: Project, other: Project) -> bool:
    if one.point is None or other.point is None:
        return one.point == other.point and one.place_key == other.place_key
    return metres_to([(*other.point, *other.point)], *one.point) <= SAME_PLACE_M


def recall(projects: Sequence[Project]) -> str:
    """Recall the rule for one and the same place, in French, with its last day if known."""
    names = named([item.signatory for item in projects])
    applied = [item.applied_on for item in projects if item.applied_on]
    rule = parameters("engagement")[_DELAY].values[-1]
    assert isinstance(rule.until, date)
    signed = all(item.contract_signed_on for item in projects)
    until = f", si les contrats datent d'avant le {french_day(rule.until)}"
    text = (
        f"même lieu ({names}){'' if signed else until} : le directeur général de l'ARS se prononce "
        f"sur les projets professionnels dans les {rule.value} mois de la première lettre de "
        f"demande ({rule.reference})"
    )
    if not applied:
        return f"{text} ; le jour de cette lettre manque (demande_le)"
    first = min(applied)
    return f"{text}, soit au plus tard le {french_day(add_months(first, rule.value))}"


def named(names: Sequence[str]) -> str:
    """Join names, ten at most: a note on a crowded zone stays short.

    Examples
    --------
    >>> named([f"S{number}" for number in range(12)])
    'S0, S1, S2, S3, S4, S5, S6, S7, S8, S9 et 2 autres'
    """
    more = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if more < 1 else f"{shown} et {more} autre{'s' if more > 1 else ''}"
