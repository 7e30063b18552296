"""Whom a new order touches: each project before and after, its cover, its alternatives.

Rules: code de l'éducation, art. L. 632-6 (three-year cover of the list); décrets 2010-735 and
2013-735, then art. R. 631-24-15 (zone lost after a stable project).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from cesp_geo.dates import add_years, french_day
from cesp_geo.errors import CespGeoError, UnknownPlace
from cesp_geo.law import parameter
from cesp_geo.siting.calendar import refuse_empty_day
from cesp_geo.siting.change import Change, Effect, change_of
from cesp_geo.siting.check import question_for
from cesp_geo.siting.nearest import Alternative, nearest_doubts, nearest_eligible
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.project import Project, project_of
from cesp_geo.siting.projects import projects_from_sheets
from cesp_geo.siting.sheets import SETTLED, WITHDRAWN, Sheet
from cesp_geo.siting.specialties import Unreadable, group_of, professions_of
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS

_CLOSED = {SETTLED: "installé : hors examen", WITHDRAWN: "retiré : hors examen"}


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of zoning does to one project.

    ``problem`` is the reason why it was not placed; the rest is then empty, and ``examined`` is
    False where there was nothing to examine. ``touched`` is None where it is not known whether
    the answer changes, and ``reason`` says why, or why it is not of the zoning asked. ``orders``
    are the ids of those that change the answer, or else that rule the place. ``checks`` is what
    the referent should look at: a day that contradicts another or is missing is there, and
    ``stable`` is then None. ``nearest_doubts`` is what the alternatives do not tell, in French:
    who may be nearer, and where none is. ``zonings`` are the ids of the versions used.
    """

    project: Project
    place_name: str = ""
    commune_code: str = ""
    before: str = ""
    after: str = ""
    zone_before: str | None = None
    zone_after: str | None = None
    touched: bool | None = None
    orders: tuple[str, ...] = ()
    reason: str = ""
    covered_until: date | None = None
    planned_within: bool | None = None
    stable: bool | None = None
    effect: str = ""
    alternatives: tuple[Alternative, ...] = ()
    nearest_doubts: str = ""
    problem: str = ""
    checks: tuple[str, ...] = ()
    zonings: tuple[str, ...] = ()
    examined: bool = True

    @property
    def outcome(self) -> str:
        """``touched``, ``unchanged``, ``undetermined`` or ``not_examined``."""
        if not self.examined:
            return "not_examined"
        return {True: "touched", False: "unchanged", None: "undetermined"}[self.touched]

    @property
    def why(self) -> str:
        """Why it was not placed, why its answer is not known or is another order's, in French."""
        return self.problem or self.reason


def open_projects(
    sheets: tuple[Sheet, ...],
    on: date,
    catalogue: Catalogue,
    profession: str,
    known_on: date | None,
    seen_on: date,
) -> list[Project]:
    """Give the projects as their last sheets say, whether before or after the day of effect.

    A sheet without its day is a project whose seniority is not known; one of a day to come tells
    nothing of the other projects. One that is settled or withdrawn is among them.

    Parameters
    ----------
    sheets : tuple of Sheet
    on : datetime.date
        Day of effect of the zoning.
    catalogue : Catalogue
    profession : str
    known_on : datetime.date or None
        Answer with what was recorded that day.
    seen_on : datetime.date
        Day on which the sheets are read.

    Returns
    -------
    list of Project
        By line.
    """
    dated = [item for item in sheets if item.sheet_on]
    last = max((day for item in dated if (day := item.sheet_on) and day <= seen_on), default=on)
    read_on: dict[str, date] = {}
    for item in dated:
        assert item.sheet_on is not None
        read_on[item.signatory] = max(
            on, last, item.sheet_on, read_on.get(item.signatory, date.min)
        )
    found = [
        project
        for day in sorted(set(read_on.values()))
        for project in projects_from_sheets(
            [item for item in dated if read_on[item.signatory] == day],
            day,
            catalogue,
            zone_level="commune",
            profession=profession,
            known_on=known_on,
            unchanged_until=on - timedelta(days=1),
        )
    ]
    alone = [
        _undated(item, on, catalogue, profession, known_on) for item in sheets if not item.sheet_on
    ]
    told = {item.signatory for item in (*found, *alone)}
    latest = sorted(dated, key=lambda item: (item.sheet_on or date.min, item.line))
    closed = {item.signatory: project_of(item) for item in latest if item.signatory not in told}
    return sorted([*found, *alone, *closed.values()], key=lambda item: item.line)


def _undated(
    sheet: Sheet, on: date, catalogue: Catalogue, profession: str, known_on: date | None
) -> Project:
    """The project of a sheet without its day, read on the day of effect, without seniority."""
    found = projects_from_sheets(
        [replace(sheet, sheet_on=on)],
        on,
        catalogue,
        zone_level="commune",
        profession=profession,
        known_on=known_on,
    )
    return replace(found[0], seniority_on=None, proofs=()) if found else project_of(sheet)


def impact(
    projects: Iterable[Project],
    catalogue: Catalogue,
    on: date,
    profession: str = "medecin",
    *,
    known_on: date | None = None,
    seen_on: date | None = None,
    zoning_id: str = "",
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
    seen_on : datetime.date, optional
        Day on which the sheets are read: a later one is remarked. That of ``known_on`` by
        default.
    zoning_id : str
        The version that takes effect: what another order of the day changes is not its doing.
    region_first, departement_first : bool
        Give first the alternatives of its région, or département.

    Returns
    -------
    tuple of Impact
        In the order of the projects; none is dropped.

    Raises
    ------
    LawError
        If the profession is unknown.
    DateError
        If no order is known that day anywhere.

    Examples
    --------
    >>> (row,) = impact([Project(2, "S1", "Bobigny")], Catalogue.load(), date(2012, 5, 24))
    >>> row.before, row.after
    ('undetermined', 'eligible')
    """
    question_for(on, profession)
    refuse_empty_day(catalogue, on, profession, known_on=known_on)
    seen = seen_on or known_on or catalogue.last_recorded
    effect = Effect(catalogue, on, profession, known_on, zoning_id)
    asked: dict[str, Any] = {
        "on": on,
        "catalogue": catalogue,
        "profession": profession,
        "known_on": known_on,
        "region_first": region_first,
        "departement_first": departement_first,
    }

    def search(place: Place) -> tuple[tuple[Alternative, ...], str]:
        found = nearest_eligible(place, **asked)
        return found, nearest_doubts(place, found, **asked)

    return tuple(_of(item, effect, seen, search) for item in projects)


def _of(
    project: Project,
    effect: Effect,
    seen: date,
    search: Callable[[Place], tuple[tuple[Alternative, ...], str]],
) -> Impact:
    on, profession = effect.on, effect.profession
    if project.problem and not project.possible_zones:
        return Impact(project, problem=project.problem, checks=project.flags)
    if closed := "" if project.problem else _CLOSED.get(project.status, ""):
        return Impact(project, problem=closed, checks=project.flags, examined=False)
    if stranger := _other_profession(project, on, profession):
        return Impact(project, problem=stranger, checks=project.flags, examined=False)
    try:
        if project.readings:
            return _contradictory(project, effect)
        place = _place(project, effect)
        change = change_of(place, _eve_of(place, project, effect), effect)
    except CespGeoError as error:
        return Impact(project, problem=str(error), checks=project.flags)
    before, after = change.before, change.after
    lost = change.touched is not False and before.verdict == "eligible"
    planned, until = project.planned_on, change.covered_until
    contradictions = tuple(_contradictions(project, on, seen, lost=lost))
    missing = tuple(_missing(project, profession)) if lost else ()
    stable = _stable(project, on, profession) if lost and not contradictions else None
    alternatives, doubts = ((), "") if after.verdict == "eligible" else search(place)
    return Impact(
        project,
        place.unit_name,
        _commune_code(place),
        before.verdict,
        after.verdict,
        before.zone_class,
        after.zone_class,
        change.touched,
        change.orders,
        change.reason,
        until,
        None if planned is None or not lost or until is None else planned <= until,
        stable,
        _effect(project, certain=after.verdict != "undetermined") if stable else "",
        alternatives,
        doubts,
        checks=(
            *project.flags,
            *filter(None, [project.problem]),
            *_unknown_specialty(project, on),
            *contradictions,
            *missing,
            *(_one_sheet(project) if stable else ()),
        ),
        zonings=change.zonings,
    )


def _contradictory(project: Project, effect: Effect) -> Impact:
    """A project whose sheets contradict each other: each reading is told, none is chosen."""
    told: list[tuple[Place, Change]] = []
    for text in project.readings:
        read = replace(project, place=text, place_key="")
        place = _place(read, effect)
        told.append((place, change_of(place, _eve_of(place, read, effect), effect)))
    names = [f"{place.unit_name} ({_commune_code(place)})" for place, _ in told]
    readings = " ; ".join(
        f"{name}, {VERDICT_WORDS[change.before.verdict]} → {VERDICT_WORDS[change.after.verdict]}"
        for name, (_, change) in zip(names, told, strict=True)
    )
    return Impact(
        project,
        " ou ".join(dict.fromkeys(names)),
        before="undetermined",
        after="undetermined",
        reason=f"{project.problem.rstrip('.')}. Lectures possibles : {readings}.",
        checks=project.flags,
        zonings=tuple(sorted({item for _, change in told for item in change.zonings})),
    )


def _commune_code(place: Place) -> str:
    quarter = place.unit_type == "arrondissement_municipal"
    return place.unit_code if quarter else place.communes[0].code


def _other_profession(project: Project, on: date, profession: str) -> str:
    """Why the zoning of a profession does not rule a project of this specialty."""
    group = group_of(project.specialty, on)
    if isinstance(group, Unreadable) or profession in (own := professions_of(group, on)):
        return ""
    names = " ou ".join(PROFESSIONS[item] for item in own)
    return (
        f"la spécialité « {project.specialty} » relève d'une autre profession ({names}) que celle "
        f"du zonage ({PROFESSIONS[profession]}) : hors examen"
    )


def _unknown_specialty(project: Project, on: date) -> Iterator[str]:
    group = group_of(project.specialty, on)
    if project.specialty and isinstance(group, Unreadable):
        yield group.reason


def _contradictions(project: Project, on: date, seen: date, *, lost: bool) -> Iterator[str]:
    """Days of a project that cannot all be true, in French."""
    last = project.proofs[-1].day if project.proofs else None
    signed, planned = project.contract_signed_on, project.planned_on
    if last and last > seen:
        yield f"fiche du {french_day(last)}, un jour à venir : à vérifier"
    if signed:
        contract = f"contrat signé le {french_day(signed)}"
        if last and signed > last:
            yield f"{contract}, après la dernière fiche ({french_day(last)}) : à vérifier"
        if signed > on:
            yield f"{contract}, après le jour d'effet ({french_day(on)}) : à vérifier"
    if planned:
        settling = f"installation prévue le {french_day(planned)}"
        if signed and planned < signed:
            yield f"{settling}, avant la signature du contrat ({french_day(signed)}) : à vérifier"
        if lost and planned < on:
            yield (
                f"{settling}, avant la perte de la classe ({french_day(on)}) : à vérifier, "
                "le zonage du jour de l'installation décide"
            )


def _missing(project: Project, profession: str) -> Iterator[str]:
    """Why it cannot be told whether a project was stable, and with what effect."""
    signed = project.contract_signed_on
    if signed is None:
        yield (
            "jour de signature du contrat inconnu : la durée exigée d'un projet stable et l'effet "
            "de la perte de la zone en dépendent"
        )
    elif _years(profession, signed) is None:
        yield (
            f"aucun texte connu sur la perte de la zone pour un contrat de "
            f"{PROFESSIONS[profession]} signé le {french_day(signed)}"
        )
    if project.unchanged_doubt:
        yield project.unchanged_doubt
    elif not (project.unchanged_since or project.proofs or project.problem):
        yield "jour de la fiche inconnu : depuis quand la zone du projet n'a pas changé en dépend"


def _one_sheet(project: Project) -> Iterator[str]:
    """Say that a stable project has a single proof."""
    since = project.unchanged_since
    if since and project.proofs and project.proofs[-1].day == since:
        yield f"projet stable d'après une seule fiche, celle du {french_day(since)} : à confirmer"


def _place(project: Project, effect: Effect) -> Place:
    """The place on a day: as written, else under the code that it bears since its sheet."""
    try:
        return resolve(project.place, effect.on, effect.catalogue, effect.profession)
    except UnknownPlace:
        if not project.place_key:
            raise
        return resolve(project.place_key, effect.on, effect.catalogue, effect.profession)


def _eve_of(place: Place, project: Project, effect: Effect) -> Place:
    """The same place as it was the day before (a name may have come with the day itself)."""
    point = (place.lon, place.lat) if place.lon is not None and place.lat is not None else None
    try:
        return resolve(point or project.place, effect.eve, effect.catalogue, effect.profession)
    except CespGeoError:
        return place


def _stable(project: Project, lost_on: date, profession: str) -> bool | None:
    """Whether the zone had stayed the same long enough on the day it was lost."""
    if project.unchanged_since is None or project.contract_signed_on is None:
        return None
    years = _years(profession, project.contract_signed_on)
    return None if years is None else add_years(project.unchanged_since, years) <= lost_on


def _years(profession: str, signed_on: date) -> int | None:
    found = parameter("engagement", f"zone_perdue.duree.{profession}", signed_on)
    return found.value if found else None


def _effect(project: Project, *, certain: bool) -> str:
    assert project.contract_signed_on is not None
    found = parameter("engagement", "zone_perdue.effet", project.contract_signed_on)
    premise = "" if certain else "si le lieu sort du zonage, "
    return f"{premise}{found.value} ({found.reference})" if found else ""
