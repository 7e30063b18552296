"""The impact of a zoning as files: csv, xlsx (with the nearest places and what to know), json."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.law import parameters
from cesp_geo.outputs.list_tables import SHADES, law_line
from cesp_geo.outputs.tables import Table, write_tables
from cesp_geo.siting.impact import Impact
from cesp_geo.siting.list_rule import list_parameters
from cesp_geo.siting.nearest import Alternative
from cesp_geo.siting.orders import name_order
from cesp_geo.siting.words import VERDICT_WORDS, kilometres
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS, ZONE_CLASSES

COLUMNS = (
    "ligne", "signataire", "lieu", "commune", "specialite", "avant", "apres", "classe_avant",
    "classe_apres", "touche", "arrete_apres", "couvert_jusqu_au", "installation_prevue",
    "dans_le_delai", "projet_stable", "effet", "alternatives",
    "remarque_alternatives", "raison", "a_verifier",
)  # fmt: skip
NEAREST_COLUMNS = (
    "ligne", "signataire", "lieu", "rang", "nom", "code", "departement", "region", "classe",
    "arrete", "population", "distance_km",
)  # fmt: skip
_YES = {True: "oui", False: "non", None: ""}


def write_impact(
    rows: Sequence[Impact],
    catalogue: Catalogue,
    on: date,
    profession: str,
    target: Path,
    remarks: Sequence[str] = (),
    known_on: date | None = None,
) -> None:
    """Write what a zoning does to each project, by the extension of the file.

    Parameters
    ----------
    rows : sequence of Impact
    catalogue : Catalogue
        Whose orders are named.
    on : datetime.date
        The day of effect.
    profession : str
    target : pathlib.Path
        ``.csv`` (the projects), ``.xlsx`` (also their nearest eligible places, a line each, and
        the rules applied) or ``.json``.
    remarks : sequence of str
        What else to know, in French.
    known_on : datetime.date, optional
        With what was recorded that day it was answered.

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.
    """
    nearest = [
        cells
        for row in rows
        for rank, item in enumerate(row.alternatives, start=1)
        for cells in [_nearest(row, rank, item, catalogue, profession)]
    ]
    sheets = {
        "Projets": Table(
            COLUMNS, [_cells(row, catalogue, profession, known_on) for row in rows], "apres", SHADES
        ),
        "Lieux éligibles proches": Table(NEAREST_COLUMNS, nearest),
        "À savoir": Table(
            ("quoi", "valeur"), _statements(rows, catalogue, on, profession, remarks, known_on)
        ),
    }
    write_tables(target, sheets, [plain(row) for row in rows])


def plain(row: Impact) -> dict[str, Any]:
    """Give a row with stable keys; days are ISO texts."""
    project = row.project
    return {
        "ligne": project.line,
        "signataire": project.signatory,
        "lieu": row.place_name or project.place,
        "commune": row.commune_code,
        "specialite": project.specialty,
        "avant": row.before,
        "apres": row.after,
        "classe_avant": row.zone_before,
        "classe_apres": row.zone_after,
        "touche": row.touched,
        "arrete_apres": " ; ".join(row.orders),
        "couvert_jusqu_au": row.covered_until and row.covered_until.isoformat(),
        "installation_prevue": project.planned_on and project.planned_on.isoformat(),
        "dans_le_delai": row.planned_within,
        "projet_stable": row.stable,
        "effet": row.effect,
        "alternatives": [
            {
                "code": item.code,
                "nom": item.name,
                "departement": item.departement,
                "classe": item.zone_class,
                "arrete": item.order_id,
                "population": item.population,
                "distance_m": item.distance_m,
            }
            for item in row.alternatives
        ],
        "remarque_alternatives": row.nearest_doubts,
        "raison": row.why,
        "a_verifier": "; ".join(row.checks),
    }


def _cells(row: Impact, catalogue: Catalogue, profession: str, known_on: date | None) -> list[Any]:
    project = row.project
    near = (
        f"{in_words(item)}, {order_of(item, catalogue, profession)}" for item in row.alternatives
    )
    return [
        project.line,
        project.signatory,
        row.place_name or project.place,
        row.commune_code,
        project.specialty,
        VERDICT_WORDS.get(row.before, row.before),
        VERDICT_WORDS.get(row.after, row.after),
        row.zone_before,
        row.zone_after,
        "indéterminé" if row.outcome == "undetermined" and row.after else _YES[row.touched],
        orders_of(row, catalogue, profession, known_on),
        row.covered_until,
        project.planned_on,
        _YES[row.planned_within],
        _YES[row.stable],
        row.effect,
        " ; ".join(near),
        row.nearest_doubts,
        row.why,
        "; ".join(row.checks),
    ]


def in_words(item: Alternative) -> str:
    """Give a place in French: name, class, distance and population."""
    people = item.population
    counted = "population inconnue" if people is None else f"{people:,} hab.".replace(",", "\u202f")
    return (
        f"{item.name} ({item.code}), {ZONE_CLASSES[item.zone_class]}, "
        f"{kilometres(item.distance_m)}, {counted}"
    )


def order_of(item: Alternative, catalogue: Catalogue, profession: str) -> str:
    """Name in French the order that makes a place eligible."""
    return name_order(catalogue.order(item.order_id, profession)).removeprefix("l'")


def orders_of(row: Impact, catalogue: Catalogue, profession: str, known_on: date | None) -> str:
    """Name in French the orders that change an answer, or else that rule the place."""
    return " et ".join(name_order(catalogue.order(key, profession, known_on)) for key in row.orders)


def _nearest(
    row: Impact, rank: int, item: Alternative, catalogue: Catalogue, profession: str
) -> list[Any]:
    return [
        row.project.line,
        row.project.signatory,
        row.place_name,
        rank,
        item.name,
        item.code,
        item.departement,
        communes.regions().get(item.region, ""),
        ZONE_CLASSES[item.zone_class],
        order_of(item, catalogue, profession),
        "inconnue" if item.population is None else item.population,
        round(item.distance_m / 1000, 1),
    ]


def _statements(
    rows: Sequence[Impact],
    catalogue: Catalogue,
    on: date,
    profession: str,
    remarks: Sequence[str],
    known_on: date | None,
) -> list[tuple[str, str]]:
    stable = (f"zone_perdue.duree.{profession}", "zone_perdue.effet")
    known = parameters("engagement")
    used = {key for row in rows for key in row.zonings}
    used |= {item.order_id for row in rows for item in row.alternatives}
    return [
        ("Effet le", french_day(on)),
        ("Profession", PROFESSIONS[profession]),
        ("Connu au", french_day(known_on or catalogue.last_recorded)),
        *(("Remarque", text) for text in remarks),
        ("Comparé à", "la veille"),
        *(("Liste nationale", law_line(item)) for item in list_parameters(on)),
        *(
            (f"Zone perdue, contrats à partir du {french_day(item.start)}", law_line(item))
            for name in stable
            if name in known
            for item in known[name].values
        ),
        (
            "Lieux éligibles proches",
            "Distance géodésique du lieu du projet (à défaut d'un point, de l'intérieur de sa "
            "commune) au point le plus proche du lieu éligible, sans traverser la mer.",
        ),
        *(
            (f"Zonage {item.id}", f"{item.title} ; sha256 {item.sha256}")
            for item in map(catalogue.zoning, sorted(used))
        ),
        ("Portée", "Ce tableau prépare une décision et n'en est pas une."),
    ]
