"""Conflicts as files: csv, xlsx (a sheet a zone in conflict), json. Ids only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cesp_geo.dates import french_day
from cesp_geo.outputs.tables import Table, write_tables
from cesp_geo.siting.conflicts import OUTCOME_WORDS, Group, Ranking
from cesp_geo.siting.project import Project
from cesp_geo.siting.verdict import program_version
from cesp_geo.siting.zones import LEVELS

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
ALONE = "seul de sa spécialité dans sa zone"
BEYOND = "installation prévue au-delà de l'horizon"
_SHADES = {
    OUTCOME_WORDS["compatible"]: "#d5ecd4",
    OUTCOME_WORDS["case_by_case"]: "#cfe3f5",
    OUTCOME_WORDS["priority"]: "#fdf0c4",
    OUTCOME_WORDS["tie"]: "#fbd9c4",
    OUTCOME_WORDS["undetermined"]: "#f0d9f2",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and of which files, so that an answer can be made again.

    Attributes
    ----------
    zone_level, profession : str
    horizon_months : int or None
    longest_gap_months : int
    known_on : datetime.date
    files : tuple of (str, str)
        Name and sha256 of each input.
    remarks : tuple of str
        What to know of the inputs, in French.
    """

    zone_level: str
    profession: str
    horizon_months: int | None
    longest_gap_months: int
    known_on: date
    files: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Say it in French, a line each."""
        horizon = f"{self.horizon_months} mois" if self.horizon_months else "aucun"
        return [
            f"Niveau des zones : {LEVELS[self.zone_level]} ; profession : {self.profession} ; "
            f"horizon : {horizon} ; écart signalé entre deux fiches : "
            f"{self.longest_gap_months} mois",
            f"D'après ce qui était enregistré le {french_day(self.known_on)}",
            *self.remarks,
        ]


def write_ranking(ranking: Ranking, target: Path, asked: Asked | None = None) -> None:
    """Write a ranking by the extension of its file (``.csv``, ``.xlsx``, ``.json``).

    Parameters
    ----------
    ranking : Ranking
    target : pathlib.Path
    asked : Asked, optional
        Written beside the ranking.

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
            ("ligne", "signataire", "lieu", "pourquoi", "origine"),
            [
                (item.line, item.signatory, item.place, why, item.where)
                for item, _, why in _unranked(ranking)
            ],
        ),
        "Avertissement": Table(("quoi",), [(text,) for text in warnings(ranking, asked)]),
    }  # fmt: skip
    for group in ranking.groups:
        name = f"{group.zone.code} {group.specialty}"
        sheets[name] = Table(COLUMNS, _rows(group), "issue", _SHADES)
    shown = {item for group in ranking.groups for item in group.maybe}
    flat = Table(
        COLUMNS,
        [*every, *(_flat(*found) for found in _unranked(ranking) if found[0] not in shown)],
    )
    write_tables(target, sheets, plain(ranking, asked), flat)


def warnings(ranking: Ranking, asked: Asked | None = None) -> list[str]:
    """State the day, what was asked, the rule, and what the ranking is not."""
    files = asked.files if asked else ()
    return [
        f"Projets ouverts le {french_day(ranking.on)}",
        *(asked.lines() if asked else ()),
        *(f"Fichier {name} : sha256 {digest}" for name, digest in files),
        f"Programme cesp-geo, version {program_version()}",
        *(f"{item.title} : {item.reference}" for item in ranking.law),
        "Ce classement prépare une décision : il n'en est pas une. Le référent décide au cas par "
        "cas ; les égalités ne sont jamais départagées par le programme.",
        *ranking.unused,
    ]


def _rows(group: Group) -> list[tuple[Any, ...]]:
    """A row a project; what is noted of the whole group stands on its first row."""
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
            "; ".join((*item.project.flags, *(group.notes if number == 0 else ()))),
        )
        for number, item in enumerate(group.standings)
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


def _unranked(ranking: Ranking) -> Iterator[tuple[Project, str, str]]:
    """Each project out of the groups: its state, and why, in French."""
    for item in ranking.undetermined:
        yield item, "indéterminé", item.problem
    for item in ranking.beyond:
        yield item, "au-delà de l'horizon", BEYOND
    for item in ranking.alone:
        yield item, "seul", ALONE


def _flat(item: Project, state: str, why: str) -> tuple[Any, ...]:
    undetermined = bool(item.problem)
    zone = (item.zone.level, item.zone.code, item.zone.name) if item.zone else ("",) * 3
    return (
        *zone, item.specialty or "", OUTCOME_WORDS["undetermined"] if undetermined else "",
        "undetermined" if undetermined else "", None, None, item.signatory, item.seniority_on,
        item.where, state, why, "", "; ".join(item.flags),
    )  # fmt: skip


def _iso(project: Project) -> str:
    return project.seniority_on.isoformat() if project.seniority_on else ""


def plain(ranking: Ranking, asked: Asked | None = None) -> dict[str, Any]:
    """Give a ranking with stable keys; days are ISO texts."""
    return {
        "on": ranking.on.isoformat(),
        "program_version": program_version(),
        "asked": {
            "zone_level": asked.zone_level,
            "profession": asked.profession,
            "horizon_months": asked.horizon_months,
            "longest_gap_months": asked.longest_gap_months,
            "known_on": asked.known_on.isoformat(),
            "files": [{"name": name, "sha256": digest} for name, digest in asked.files],
            "remarks": list(asked.remarks),
        }
        if asked
        else None,
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
                "maybe": [_project(item, item.problem) for item in group.maybe],
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
        "alone": [_project(item, ALONE) for item in ranking.alone],
        "beyond_horizon": [_project(item, BEYOND) for item in ranking.beyond],
        "undetermined": [_project(item, item.problem) for item in ranking.undetermined],
        "unused": list(ranking.unused),
        "warnings": warnings(ranking, asked),
    }


def _project(item: Project, reason: str) -> dict[str, Any]:
    return {
        "signatory": item.signatory,
        "line": item.line,
        "origin": item.where,
        "reason": reason,
    }
