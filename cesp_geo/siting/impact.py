"""Whom a new order touches: each project before and after, its cover, its alternatives.

Rules: code de l'éducation, art. L. 632-6 (three-year cover of the list); décrets 2010-735 and
2013-735, then art. R. 631-24-15 (zone lost after a stable project).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from cesp_geo.dates import add_years
from cesp_geo.errors import CespGeoError, UnknownPlace
from cesp_geo.law import parameter
from cesp_geo.siting.check import check_site
from cesp_geo.siting.nearest import Alternative, nearest_eligible
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.projects import Project
from cesp_geo.siting.verdict import Verdict
from cesp_geo.zonings.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of zoning does to one project.

    ``problem`` is the reason why it could not be placed; the rest is then empty. ``checks`` is
    what the referent should look at: a project whose seniority is not known has its reason there.
    """

    project: Project
    place_name: str = ""
    commune_code: str = ""
    before: str = ""
    after: str = ""
    zone_before: str | None = None
    zone_after: str | None = None
    covered_until: date | None = None
    planned_within: bool | None = None
    stable: bool | None = None
    effect: str = ""
    alternatives: tuple[Alternative, ...] = ()
    problem: str = ""
    checks: tuple[str, ...] = ()

    @property
    def touched(self) -> bool:
        """Whether the answer changes."""
        return not self.problem and self.before != self.after


def impact(
    projects: Iterable[Project],
    catalogue: Catalogue,
    on: date,
    profession: str = "medecin",
    *,
    known_on: date | None = None,
    region_first: bool = False,
    departement_first: bool = False,
) -> tuple[Impact, ...]:
    """Say what the zoning that takes effect on a day does to each project.

    Parameters
    ----------
    projects : iterable of Project
    catalogue : Catalogue
    on : datetime.date
        The day of effect; it is compared with the day before.
    profession : str
    known_on : datetime.date, optional
        Answer with what was recorded that day.
    region_first, departement_first : bool
        Keep alternatives to those of the project.

    Returns
    -------
    tuple of Impact
        In the order of the projects; none is dropped.

    Examples
    --------
    >>> (row,) = impact([Project(2, "S1", "Bobigny")], Catalogue.load(), date(2012, 5, 24))
    >>> row.before, row.after
    ('undetermined', 'eligible')
    """
    check = partial(check_site, profession=profession, known_on=known_on, catalogue=catalogue)
    search = partial(
        nearest_eligible,
        on=on,
        catalogue=catalogue,
        profession=profession,
        known_on=known_on,
        region_first=region_first,
        departement_first=departement_first,
    )
    return tuple(_of(item, catalogue, on, profession, check, search) for item in projects)


def _of(
    project: Project,
    catalogue: Catalogue,
    on: date,
    profession: str,
    check: Callable[..., Verdict],
    search: Callable[[Place], tuple[Alternative, ...]],
) -> Impact:
    if project.problem and not project.possible_zones:
        return Impact(project, problem=project.problem, checks=project.flags)
    try:
        place = _place(project, on, catalogue, profession)
        eve = on - timedelta(days=1)
        then = _as_of(place, project, eve, catalogue, profession)
        before, after = check(then, on=eve), check(place, on=on)
    except CespGeoError as error:
        return Impact(project, problem=str(error), checks=project.flags)
    lost = before.verdict == "eligible" and after.verdict != "eligible"
    planned = project.planned_on
    quarter = place.unit_type == "arrondissement_municipal"
    until = after.maintainable_until
    stable = _stable(project, on, profession) if lost else None
    return Impact(
        project,
        place.unit_name,
        place.unit_code if quarter else place.communes[0].code,
        before.verdict,
        after.verdict,
        before.zone_class,
        after.zone_class,
        until if after.verdict != "eligible" else None,
        None if planned is None or not lost or until is None else planned <= until,
        stable,
        _effect(project, certain=after.verdict != "undetermined") if stable else "",
        () if after.verdict == "eligible" else search(place),
        checks=(*project.flags, *filter(None, [project.problem])),
    )


def _place(project: Project, on: date, catalogue: Catalogue, profession: str) -> Place:
    """The place on a day: as written, else under the code that it bears since its sheet."""
    try:
        return resolve(project.place, on, catalogue, profession)
    except UnknownPlace:
        if not project.place_key:
            raise
        return resolve(project.place_key, on, catalogue, profession)


def _as_of(
    place: Place, project: Project, eve: date, catalogue: Catalogue, profession: str
) -> Place | str | tuple[float, float]:
    """The same place as it was the day before (a name may have come with the day itself)."""
    if place.lon is not None and place.lat is not None:
        return place.lon, place.lat
    try:
        return resolve(project.place, eve, catalogue, profession)
    except CespGeoError:
        return place


def _stable(project: Project, lost_on: date, profession: str) -> bool | None:
    """Whether the zone had stayed the same long enough on the day it was lost."""
    if project.unchanged_since is None or project.contract_signed_on is None:
        return None
    years = parameter("engagement", f"zone_perdue.duree.{profession}", project.contract_signed_on)
    return None if years is None else add_years(project.unchanged_since, years.value) <= lost_on


def _effect(project: Project, *, certain: bool) -> str:
    assert project.contract_signed_on is not None
    found = parameter("engagement", "zone_perdue.effet", project.contract_signed_on)
    premise = "" if certain else "si le lieu sort du zonage, "
    return f"{premise}{found.value} ({found.reference})" if found else ""
