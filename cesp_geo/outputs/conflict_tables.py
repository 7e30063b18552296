"""Conflicts as files: csv, xlsx (a sheet a zone in conflict), json. Ids only."""

from pathlib import Path
from typing import Any

from cesp_geo.dates import french_day
from cesp_geo.outputs.tables import Table, write_tables
from cesp_geo.siting.conflicts import OUTCOME_WORDS, Group, Ranking
from cesp_geo.siting.projects import Project

COLUMNS = (
    "niveau", "zone", "nom_zone", "specialite", "issue", "issue_code", "postes_ouverts", "rang",
    "signataire", "anciennete_depuis", "fiches", "place", "pourquoi", "decision", "a_verifier",
)  # fmt: skip
PLACE_WORDS = {
    "first": "peut s'installer",
    "tied": "à égalité",
    "after": "après les postes ouverts",
    "open": "nul n'est écarté",
    "authority": "le DG de l'ARS se prononce",
    "unknown": "rang à confirmer",
}
_SHADES = {
    OUTCOME_WORDS["compatible"]: "#d5ecd4",
    OUTCOME_WORDS["case_by_case"]: "#cfe3f5",
    OUTCOME_WORDS["priority"]: "#fdf0c4",
    OUTCOME_WORDS["tie"]: "#fbd9c4",
    OUTCOME_WORDS["undetermined"]: "#f0d9f2",
}


def write_ranking(ranking: Ranking, target: Path) -> None:
    """Write a ranking by the extension of its file (``.csv``, ``.xlsx``, ``.json``).

    Parameters
    ----------
    ranking : Ranking
    target : pathlib.Path

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.
    """
    every = [row for group in ranking.groups for row in _rows(group)]
    summary = [
        (
            group.zone.level, group.zone.code, group.zone.name, group.specialty,
            OUTCOME_WORDS[group.outcome], group.capacity, len(group.standings),
            "; ".join(item.project.signatory for item in group.standings), "; ".join(group.notes),
        )
        for group in ranking.groups
    ]  # fmt: skip
    sheets = {
        "Résumé": Table(
            ("niveau", "zone", "nom_zone", "specialite", "issue", "postes_ouverts", "projets",
             "signataires", "notes"),
            summary, "issue", _SHADES,
        ),
        "Projets non classés": Table(
            ("ligne", "signataire", "lieu", "pourquoi"),
            [
                *((item.line, item.signatory, item.place, item.problem)
                  for item in ranking.undetermined),
                *((item.line, item.signatory, item.place, "au-delà de l'horizon")
                  for item in ranking.beyond),
                *((item.line, item.signatory, item.place, "seul de sa spécialité dans sa zone")
                  for item in ranking.alone),
            ],
        ),
        "Avertissement": Table(("quoi",), [(text,) for text in warnings(ranking)]),
    }  # fmt: skip
    for group in ranking.groups:
        name = f"{group.zone.code} {group.specialty}"
        sheets[name] = Table(COLUMNS, _rows(group), "issue", _SHADES)
    flat = Table(COLUMNS, [*every, *(_unranked(item) for item in ranking.undetermined)])
    write_tables(target, sheets, plain(ranking), flat)


def warnings(ranking: Ranking) -> list[str]:
    """State the day, the rule, and what the ranking is not."""
    return [
        f"Projets ouverts le {french_day(ranking.on)}",
        *(f"{item.title} : {item.reference}" for item in ranking.law),
        "Ce classement prépare une décision : il n'en est pas une. Le référent décide au cas par "
        "cas ; les égalités ne sont jamais départagées par le programme.",
        *ranking.unused,
    ]


def _rows(group: Group) -> list[tuple[Any, ...]]:
    decided = "; ".join(
        f"{french_day(item.decided_on)} : {', '.join(item.signatories)} ({item.reason})"
        for item in group.decisions
    )
    rows: list[tuple[Any, ...]] = [
        (
            group.zone.level, group.zone.code, group.zone.name, group.specialty,
            OUTCOME_WORDS[group.outcome], group.outcome, group.capacity, item.rank,
            item.project.signatory, item.project.seniority_on,
            "; ".join(f"{day.isoformat()} ({where})" for _, day, where in item.project.proofs),
            PLACE_WORDS[item.place], item.why, decided,
            "; ".join((*item.project.flags, *group.notes)),
        )
        for item in group.standings
    ]  # fmt: skip
    rows += [
        (
            group.zone.level, group.zone.code, group.zone.name, group.specialty,
            OUTCOME_WORDS[group.outcome], group.outcome, group.capacity, None,
            item.signatory, "", "", "indéterminé", item.problem, decided, "; ".join(item.flags),
        )
        for item in group.maybe
    ]  # fmt: skip
    return rows


def _unranked(item: Project) -> tuple[Any, ...]:
    empty = ("",) * 3
    return (
        "", *empty, OUTCOME_WORDS["undetermined"], "undetermined", None, None, item.signatory, "",
        f"ligne {item.line}", "indéterminé", item.problem, "", "; ".join(item.flags),
    )  # fmt: skip


def _iso(project: Project) -> str:
    return project.seniority_on.isoformat() if project.seniority_on else ""


def plain(ranking: Ranking) -> dict[str, Any]:
    """Give a ranking with stable keys; days are ISO texts."""
    return {
        "on": ranking.on.isoformat(),
        "groups": [
            {
                "level": group.zone.level,
                "zone": group.zone.code,
                "name": group.zone.name,
                "specialty": group.specialty,
                "outcome": group.outcome,
                "capacity": group.capacity,
                "ranking": [
                    {
                        "rank": item.rank,
                        "signatory": item.project.signatory,
                        "line": item.project.line,
                        "seniority_on": _iso(item.project),
                        "sheets": [
                            {"line": line, "day": day.isoformat(), "origin": where}
                            for line, day, where in item.project.proofs
                        ],
                        "place": item.place,
                        "why": item.why,
                        "flags": list(item.project.flags),
                    }
                    for item in group.standings
                ],
                "maybe": [_problem(item) for item in group.maybe],
                "decisions": [
                    {
                        "day": item.decided_on.isoformat(),
                        "signatories": list(item.signatories),
                        "reason": item.reason,
                    }
                    for item in group.decisions
                ],
                "notes": list(group.notes),
            }
            for group in ranking.groups
        ],
        "alone": [item.signatory for item in ranking.alone],
        "beyond_horizon": [item.signatory for item in ranking.beyond],
        "undetermined": [_problem(item) for item in ranking.undetermined],
        "warnings": warnings(ranking),
    }


def _problem(item: Project) -> dict[str, Any]:
    return {"signatory": item.signatory, "line": item.line, "reason": item.problem}
