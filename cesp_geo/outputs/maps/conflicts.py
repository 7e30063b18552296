"""The map of competing projects."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import french_day
from cesp_geo.errors import CespGeoError, OutputError
from cesp_geo.outputs.maps.cards import Lines
from cesp_geo.outputs.maps.gathering import Gathering, Row, Shown, middle_of
from cesp_geo.outputs.maps.page import CespMap
from cesp_geo.outputs.maps.styles import OUTCOME_STYLES
from cesp_geo.siting.conflicts import OUTCOME_WORDS, Group, Ranking
from cesp_geo.siting.place import resolve
from cesp_geo.siting.project import Project
from cesp_geo.siting.survey import units_of
from cesp_geo.zonings.catalogue import Catalogue

_OUTCOMES = ("tie", "undetermined", "priority", "case_by_case", "compatible")


def conflict_map(
    ranking: Ranking,
    projects: Iterable[Project],
    catalogue: Catalogue,
    *,
    tiles: str | None = None,
) -> CespMap:
    """Draw the zones in which projects compete by outcome, and the projects by their ids.

    Parameters
    ----------
    ranking : Ranking
    projects : iterable of Project
        Those that were ranked.
    catalogue : Catalogue
        That of the ranking.
    tiles
        As for :func:`zoning_map`.

    Raises
    ------
    OutputError
        If no project can be placed.
    """
    placed = [item for item in projects if item.zone and item.place_key]
    homes = {item.place_key: _home(item, ranking.on, catalogue) for item in placed}
    by_commune: dict[str, list[Group]] = {}
    for group in ranking.groups:
        for code in {homes[item.project.place_key] for item in group.standings}:
            by_commune.setdefault(code, []).append(group)
        if group.zone.level == "departement":
            for unit in units_of(ranking.on):
                if unit.departement == group.zone.code:
                    by_commune.setdefault(unit.code, []).append(group)
    areas = {unit.departement for unit in units_of(ranking.on) if unit.code in set(homes.values())}
    units = [unit for unit in units_of(ranking.on) if unit.departement in areas]
    if not units:
        raise OutputError(
            "Aucun projet ne peut être placé sur la carte. Voyez les motifs dans la table "
            "(--sortie)."
        )
    standing = {
        item.project.signatory: (group, item)
        for group in ranking.groups
        for item in group.standings
    }
    day = ranking.on
    gathering = Gathering(
        units,
        OUTCOME_STYLES,
        day,
        [
            Row(item.signatory, f"projet {item.signatory}", home.departement, home.region)
            for item in placed
            if (home := communes.by_code(homes[item.place_key], day))
        ],
    )

    def of_unit(unit: Commune) -> Shown:
        groups = list(dict.fromkeys(by_commune.get(unit.code, [])))
        outcomes = [group.outcome for group in groups]
        worst = next((name for name in _OUTCOMES if name in outcomes), "none")
        lines = [line for group in groups for line in _group_lines(group)]
        return worst, lines, ", ".join(group.specialty for group in groups)

    projects_by_id = {item.signatory: item for item in placed}

    def why_of(signatory: str) -> str:
        _, ranked = standing.get(signatory, (None, None))
        return ranked.why if ranked else "seul de sa spécialité dans sa zone, ou hors classement"

    def of_project(row: Row) -> Shown:
        group, _ = standing.get(row.code, (None, None))
        item = projects_by_id[row.code]
        why = why_of(row.code)
        lines: Lines = [
            ("Zone", f"{item.zone.name} ({item.zone.code})" if item.zone else "inconnue"),
            ("Spécialité", item.specialty or "inconnue"),
            ("Pourquoi", why),
            *(("À vérifier", flag) for flag in item.flags),
        ]
        return group.outcome if group else "none", lines, why

    gathering.add_view(french_day(day), of_unit, of_project)
    return CespMap(
        gathering.data(
            f"Projets concurrents au {french_day(day)}",
            f"Conflits : {len(ranking.groups)} ; identifiants seulement",
            "Issue",
            [
                "Ce classement prépare une décision : le référent installation décide.",
                "Projets indéterminés, qui peuvent manquer sur la carte : "
                f"{len(ranking.undetermined)}.",
                *(f"{item.title} ({item.reference})" for item in ranking.law),
            ],
            points=_project_points(placed, homes, gathering, day, why_of),
        ),
        tiles,
    )


def _home(project: Project, on: date, catalogue: Catalogue) -> str:
    """The commune of a project on a day; that of its quarter where it names one."""
    if communes.by_code(project.place_key, on):
        return project.place_key
    try:
        return resolve(project.place, on, catalogue).communes[0].code
    except CespGeoError:
        return project.place_key


def _group_lines(group: Group) -> Lines:
    lines: Lines = [
        (group.specialty.capitalize(), f"{OUTCOME_WORDS[group.outcome]} ({group.zone.name})")
    ]
    lines += [(item.project.signatory, item.why) for item in group.standings]
    lines += [(item.signatory, f"indéterminé : {item.problem}") for item in group.maybe]
    lines += [("À savoir", note) for note in group.notes]
    return lines


def _project_points(
    projects: Sequence[Project],
    homes: dict[str, str],
    gathering: Gathering,
    on: date,
    why_of: Callable[[str], str],
) -> list[dict[str, Any]]:
    """One mark a commune: the id of its project, or the number of its projects."""
    rows = {row.code: number for number, row in enumerate(gathering.rows) if not row.members}
    inside: dict[str, list[Project]] = {}
    for item in sorted(projects, key=lambda each: each.signatory):
        if item.signatory in rows:
            inside.setdefault(homes[item.place_key], []).append(item)
    found = []
    for code, held in inside.items():
        if (middle := middle_of(code, on)) is None:
            continue
        ids = [item.signatory for item in held]
        several = {
            "name": f"{len(ids)} projets : {', '.join(ids)}",
            "label": str(len(ids)),
            "rows": [rows[each] for each in ids],
            "lines": [
                (item.signatory, f"{item.specialty or 'spécialité inconnue'} : "
                 f"{why_of(item.signatory)}")
                for item in held
            ],
        }  # fmt: skip
        single = {"name": ids[0], "row": rows[ids[0]]}
        found.append(
            {
                "lat": round(middle[1], 5),
                "lon": round(middle[0], 5),
                **(several if len(ids) > 1 else single),
            }
        )
    return found
